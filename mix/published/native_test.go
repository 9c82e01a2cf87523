package published_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/published"
)

// nativeRows are rows of Tulu 3's components in the schemas of their data sets.
// %[1]d is the row's number, %[2]s an answer.
var nativeRows = map[string]string{
	"messages":                        `{"id":"%[1]d","messages":[{"role":"user","content":"q %[1]d"},{"role":"assistant","content":"%[2]s"}]}`,
	"message-tree":                    `{"message_tree_id":"%[1]d","tree_state":"ready_for_export","prompt":{"message_id":"%[1]d","text":"q %[1]d","role":"prompter","lang":"en","replies":[{"message_id":"a%[1]d","text":"%[2]s","role":"assistant","lang":"en","replies":[]}]}}`,
	"messages+prompt+category":        `{"prompt":"q %[1]d","prompt_id":"%[1]d","messages":[{"content":"q %[1]d","role":"user"},{"content":"%[2]s","role":"assistant"}],"category":"Chat"}`,
	"conversation+meta":               `{"conversation":[{"role":"user","content":"q %[1]d"},{"role":"assistant","content":"%[2]s"}],"model":"gpt-4-0314"}`,
	"pair:inputs/targets":             `{"inputs":"q %[1]d","targets":"%[2]s"}`,
	"messages+dataset":                `{"dataset":"science.sciriff","id":"%[1]d","messages":[{"role":"user","content":"q %[1]d"},{"role":"assistant","content":"%[2]s"}]}`,
	"pair:prompt/completion":          `{"prompt":"q %[1]d","completion":"%[2]s"}`,
	"messages+problem+solution":       `{"problem":"q %[1]d","solution":"s","messages":[{"content":"q %[1]d","role":"user"},{"content":"%[2]s","role":"assistant"}]}`,
	"pair:problem/generated_solution": `{"problem":"q %[1]d","generated_solution":"%[2]s","problem_source":"augmented_gsm8k"}`,
	"pair:instruction/response":       `{"instruction":"q %[1]d","response":"%[2]s"}`,
	"pair:prompt/response":            `{"id":"%[1]d","category":"c","subcategory":"s","prompt":"q %[1]d","response":"%[2]s"}`,
	"":                                `{"vanilla":"q %[1]d","adversarial":"","completion":"%[2]s"}`,
}

// Tulu 3 from files in the schemas of its components, in every second row of
// which there is something that its filters refuse.
func TestTulu3FromNativeSchemas(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	dir := t.TempDir()
	rows, _ := m.Numbers("rows")
	refused := map[string]string{ // what a filter drops, by replacing something
		"match model":          `gpt-4-0314|gpt-3.5-turbo`,
		"match dataset":        `science.sciriff|tulu_v2`,
		"match problem_source": `augmented_gsm8k|augmented_math`,
		"no_match":             "Yes.|I am ChatGPT.",
	}
	const scale = 500
	filtered := map[string]bool{}
	for i, c := range m.Components {
		var bad string
		for _, f := range c.Filters {
			for kind, swap := range refused {
				name, field, _ := strings.Cut(kind, " ")
				if f.Name == name && (field == "" || strings.Contains(string(f.Options), fmt.Sprintf("%q", field))) && bad == "" {
					bad, filtered[kind] = swap, true
				}
			}
		}
		var b strings.Builder
		form := nativeRows[c.Schema]
		require.NotEmpty(t, form, c.Schema)
		for k := range int(rows[i].Value)/scale + 2 {
			row := fmt.Sprintf(form, k, "Yes.")
			b.WriteString(row + "\n")
			if from, to, ok := strings.Cut(bad, "|"); ok {
				b.WriteString(strings.ReplaceAll(strings.ReplaceAll(row, from, to), "q ", "other ") + "\n")
			}
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, c.ID+".jsonl"), []byte(b.String()), 0o600))
	}
	assert.GreaterOrEqual(t, len(filtered), 3)

	out := filepath.Join(dir, "out")
	r, err := m.Recipe(&published.Options{Dir: dir, Total: 939_344 / scale, SkipFilters: []string{"decontaminate"}})
	require.NoError(t, err)
	r.Output = &mix.Output{Dir: out}
	run, err := mix.Run(t.Context(), r, nil)
	require.NoError(t, err)
	dropped := 0
	for i, p := range run.Parts {
		if n := p.Ledger.DroppedTotal(); n > 0 {
			dropped++
			assert.EqualValues(t, p.Ledger.Read/2, n, m.Components[i].ID)
		}
	}
	assert.Equal(t, 7, dropped, "oasst, no-robots, wildchat, flan, sciriff, openmath2-gsm8k, coconot")
	for _, w := range []string{"no-robots", "numina-tir"} {
		data, err := os.ReadFile(filepath.Join(out, "report.md"))
		require.NoError(t, err)
		assert.Contains(t, string(data), w+" (cc-by-nc-4.0)", "the report warns of it")
	}

	res, err := audit.Files(t.Context(), out, nil)
	require.NoError(t, err)
	v, err := m.VerifyAudit(res, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err())
}

// Hermes 3's table in tokens, from real sets of the kind.
func TestHermes3FromRealSets(t *testing.T) {
	shared := shareddata.Dir(t)
	paths := map[string]string{}
	for id, set := range map[string]string{
		"general-instructions": "stanford-alpaca/*.json", "domain-expert": "self-instruct-t0/*.jsonl", "math": "gsm8k/train.jsonl",
		"roleplaying": "oasst-trees/*", "coding": "gpteacher-codegen/*.json", "tool-use-agentic-rag": "glaive-toolcall-en/*",
		"content-generation": "dialogsum/*", "steering-and-alignment": "tulu3-sample/sft_sample.jsonl",
	} {
		paths[id] = filepath.Join(shared, filepath.FromSlash(set))
	}
	m := recipe(t, "hermes-3")
	r, err := m.Recipe(&published.Options{Paths: paths, Total: 300_000, TokenizerName: "cl100k_base", SkipFilters: []string{"*"}})
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "out")
	r.Output = &mix.Output{Dir: out}
	run, err := mix.Run(t.Context(), r, nil)
	require.NoError(t, err)
	tokens, _ := m.Numbers("tokens")
	for i, p := range run.Parts {
		assert.Positive(t, p.Output.Rows, p.Name)
		assert.InDelta(t, tokens[i].Value/393e6*300_000, float64(p.Output.Tokens), 4000, p.Name)
	}
	res, err := audit.Files(t.Context(), out, &audit.Options{Tokenizer: r.Tokenizer})
	require.NoError(t, err)
	v, err := m.VerifyAudit(res, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err(), v.String())
}

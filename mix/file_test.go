package mix_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

const wholeRecipe = `
name: everything
seed: 42
tokenizer: cl100k_base
unit: trainable_tokens
total: 5_000
max_epochs: 2
filters: [no_empty_turns, {max_tokens: 4096}, {any: [role_order, {not: no_refusals}]}]
dedup: content
bad_rows: {skip_ratio: 0.001, quarantine: true}
order: sequential
parts:
  - name: math
    share: 40%
    source: {path: "data/*.jsonl", schema: question_answer, max_row: 1000}
    labels: {category: math}
  - {name: thirds, share: 1/3, source: {path: b.jsonl}}
  - name: rest
    weight: 2.5
    max_epochs: 4
    source: {path: c.tsv, columns: {user: [Body, Question], assistant: Answer}, csv: {header: "yes"}}
    filters: [{label: {name: language, values: [en]}}]
output: {dir: out, format: parquet, as: messages, rows_per_shard: 100_000, provenance: true}
`

func TestParse(t *testing.T) {
	r, err := mix.Parse([]byte(wholeRecipe), "r.yaml")
	require.NoError(t, err)
	assert.Equal(t, "everything", r.Name)
	assert.Equal(t, datamix.TrainableTokens, r.Unit)
	assert.EqualValues(t, 5000, r.Total)
	assert.Equal(t, mix.Sequential, r.Order)
	assert.Equal(t, 0.4, r.Parts[0].Share.Float64())
	assert.Equal(t, "data/*.jsonl", r.Parts[0].From.Path)
	assert.Equal(t, "question_answer", r.Parts[0].From.Schema)
	assert.EqualValues(t, 1000, r.Parts[0].From.MaxRow)
	assert.Equal(t, 2.5, *r.Parts[2].Weight)
	assert.Equal(t, "max_tokens", r.FilterSpecs[1].Name)
	assert.Equal(t, "no_refusals", r.FilterSpecs[2].Inner[1].Inner[0].Name)
	assert.EqualValues(t, 100_000, r.Output.RowsPerShard)
	assert.True(t, r.Output.Provenance)

	text, err := json.Marshal(r)
	require.NoError(t, err)
	again, err := mix.Parse(text, "r.json")
	require.NoError(t, err, string(text))
	assert.Equal(t, r, again, "what is written is read again")
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for _, test := range []struct{ name, text, line, want string }{
		{"unknown key", "seed: 1\nparts:\n  - {name: a, shar: 40%}\n", "3", `parts[0]: unknown key "shar"; did you mean share?`},
		{"unknown key unlike any", "seed: 1\nparts:\n  - {name: a, proportion: 40%}\n", "3", `unknown key "proportion"; known are name, source, share, weight`},
		{"unknown key of a source", "parts:\n  - {name: a, all: true, source: {path: x, shema: y}}\n", "2", `unknown key "shema"; did you mean schema?`},
		{"wrong type", "seed: forty\nparts: []\n", "1", `seed: want a whole number such as 5000000 or 5_000_000, got "forty"`},
		{"negative seed", "\nseed: -1\nparts: []\n", "2", "want a whole number from 0, got -1"},
		{"large seed", "\nseed: 18446744073709551616\nparts: []\n", "2", "out of range"},
		{"fraction of a row", "parts:\n  - name: a\n    rows: 1.5\n", "3", `parts[0].rows: want a whole number such as 5000000 or 5_000_000, got "1.5"`},
		{"abbreviated number", "parts:\n  - name: a\n    tokens: 5M\n", "3", `got "5M"`},
		{"list for a number", "parts:\n  - name: a\n    epochs: [1]\n", "3", "want a number such as 0.5 or 1_000, got a list"},
		{"infinite", "parts:\n  - name: a\n    weight: .inf\n", "3", "want a number"},
		{"no truth", "parts:\n  - name: a\n    all: 5\n", "3", `want true or false, got "5"`},
		{"text for an object", "parts:\n  - name: a\n    source: x.jsonl\n", "3", `want keys with values, got "x.jsonl"`},
		{"object for a list", "parts:\n  a: {rows: 3}\n", "2", "parts: want a list, got keys with values"},
		{"list for a text", "name: [x]\nparts: []\n", "1", "want a text, got a list"},
		{"nested", "parts:\n  - name: g\n    share: 1\n    parts:\n      - name: b\n        wieght: 1\n", "6", `parts[0].parts[0]: unknown key "wieght"; did you mean weight?`},
		{"key twice", "seed: 1\nseed: 2\n", "2", "already defined"},
		{"two documents", "parts:\n  - {name: a, rows: 1}\n---\nseed: 1\n", "4", "a second document"},
		{"two quantities", "seed: 1\nparts:\n  - name: a\n    all: true\n  - name: b\n    rows: 3\n    share: 20%\n", "5", "share and rows"},
		{"no quantity", "parts:\n  - name: a\n", "2", "no quantity"},
		{"bad share", "parts:\n  - name: a\n    share: lots\n", "3", `parts[0].share: share "lots"`},
		{"share above 1", "parts:\n  - {name: a, share: 140%}\n", "2", "140%"},
		{"bad total", "\ntotal: many\nparts: []\n", "2", `total is "many", want a number of at least 0, or largest`},
		{"negative total", "total: -2\nparts: []\n", "1", "total is -2"},
		{"bad filter", "seed: 1\nfilters: [{a: 1, b: 2}]\nparts: []\n", "2", "names 2 filters"},
		{"bad dedup", "seed: 1\ndedup: sound\nparts:\n  - {name: a, all: true}\n", "2", "normalized"},
		{"bad order", "order: wild\nparts:\n  - {name: a, all: true}\n", "1", "known are interleaved, sequential, shuffled"},
		{"bad unit", "unit: words\nparts:\n  - {name: a, all: true}\n", "1", "known are rows, tokens"},
		{"bad ratio", "seed: 1\nbad_rows: {skip_ratio: 2}\nparts:\n  - {name: a, all: true}\n", "2", "skip_ratio (0 to 1)"},
		{"shares", "total: 5\n\nparts:\n  - {name: a, share: 1/3}\n  - {name: b, share: 1/3}\n", "4", "add up to 66.6667 %"},
		{"two bounds", "parts:\n  - {name: a, rows: 3, max: {rows: 3, tokens: 5}}\n", "2", "exactly one of rows, tokens, trainable_tokens"},
		{"weights of two kinds", "total: 3\nweights: {temperature: 2, unimax: 3}\nparts:\n  - {name: a}\n", "2", "exactly one of temperature, unimax"},
		{"no parts", "seed: 1\n", "", "no parts"},
		{"empty", "", "1", "it is empty"},
		{"no YAML", "{{{", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := mix.Parse([]byte(test.text), "r.yaml")
			require.ErrorIs(t, err, mix.ErrRecipe)
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "r.yaml")
			if test.line != "" {
				assert.ErrorContains(t, err, "r.yaml, line "+test.line+": ")
			}
		})
	}
}

func TestNumbersWithUnderscores(t *testing.T) {
	for _, text := range []string{
		"total: 5_000\nparts: [{name: a, rows: 1_000, max: {tokens: 2_000}}, {name: b, weight: 1_0.5, max_epochs: 1_0}]",
		`{"total": 5_000, "parts": [{"name": "a", "rows": 1_000, "max": {"tokens": 2_000}}, {"name": "b", "weight": 10.5, "max_epochs": 10}]}`,
		`{"total": "5_000", "parts": [{"name": "a", "rows": "1_000", "max": {"tokens": "2_000"}}, {"name": "b", "weight": 10.5, "max_epochs": 10}]}`,
	} {
		r, err := mix.Parse([]byte(text), "r")
		require.NoError(t, err, text)
		assert.EqualValues(t, 5000, r.Total)
		assert.EqualValues(t, 1000, *r.Parts[0].Rows)
		assert.EqualValues(t, 2000, *r.Parts[0].Max.Tokens)
		assert.Equal(t, 10.5, *r.Parts[1].Weight)
		assert.Equal(t, 10.0, r.Parts[1].MaxEpochs)
	}
	r, err := mix.Parse([]byte("base: &b {rows: 3}\n"), "r")
	require.Error(t, err, "%v", r)
	r, err = mix.Parse([]byte("max_epochs: &e 2\nparts:\n  - {name: a, rows: 3, labels: &l {license: mit}}\n  - {name: b, rows: 3, labels: *l, max_epochs: *e}\n"), "r")
	require.NoError(t, err)
	assert.Equal(t, "mit", r.Parts[1].Labels["license"])
	assert.Equal(t, 2.0, r.Parts[1].MaxEpochs)
}

func FuzzParse(f *testing.F) {
	f.Add(wholeRecipe)
	f.Add("parts:\n- {name: a, share: 2/3}")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := mix.Parse([]byte(text), "r")
		if err != nil {
			return
		}
		out, err := json.Marshal(r)
		require.NoError(t, err)
		_, err = mix.Parse(out, "r")
		require.NoError(t, err, string(out))
	})
}

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// TestNamesThatBuildDoesNotKnow holds that errors of what a recipe names say
// where it names it.
func TestNamesThatBuildDoesNotKnow(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "rows.jsonl", `{"text":"a"}`+"\n")
	for want, text := range map[string]string{
		`r.yaml, line 3: datamix/mix: bad recipe: part a: filter datamix: unknown name: "no_emty_turns"`:  "parts:\n  - name: a\n    filters: [no_emty_turns]\n    all: true\n    source: {path: rows.jsonl}\n",
		`r.yaml, line 1: datamix/mix: bad recipe: filter datamix: unknown name: "x"`:                      "filters: [x]\nparts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n",
		`r.yaml, line 6: datamix/mix: bad recipe: part g/a: source no/such.jsonl`:                         "parts:\n  - name: g\n    parts:\n      - name: a\n        all: true\n        source: {path: no/such.jsonl}\n",
		`r.yaml, line 1: datamix/mix: bad recipe: chat_template: it needs a tokenizer`:                    "chat_template: chatml\nparts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n",
		`r.yaml, line 1: datamix/mix: bad recipe: tokenizer: datamix/tokenize: unknown encoding "cl200k"`: "tokenizer: cl200k\nparts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n",
		`r.yaml, line 3: output: sink: unknown form "chatml"`:                                             "parts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\noutput: {dir: out, as: chatml}\n",
		`r.yaml, line 3: datamix/mix: bad recipe: output: unknown format "json"`:                          "parts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\noutput: {dir: out, format: json}\n",
		`unknown tree "worst", want best, top_k or all`:                                                   "parts:\n  - {name: a, all: true, source: {path: rows.jsonl, schema: oasst_tree, schema_options: {tree: worst}}}\noutput: {dir: out}\n",
	} {
		r, err := mix.Read(write(t, dir, "r.yaml", text))
		require.NoError(t, err, want)
		if r.Output == nil {
			r.Output = &mix.Output{Dir: "out"}
		}
		_, err = mix.Run(t.Context(), r, nil)
		assert.ErrorContains(t, err, want)
	}
}

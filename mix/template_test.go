package mix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

const (
	twoTurns    = `{"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."}]}` + "\n"
	withASystem = `{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why?"},{"role":"assistant","content":"So."}]}` + "\n"
)

// drawTemplate mixes all of two rows with a chat template.
func drawTemplate(t *testing.T, dir, template, more string) (datamix.Report, error) {
	path := write(t, dir, "r.yaml", "tokenizer: models/small\n"+more+"chat_template: "+template+"\nparts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n")
	r, err := mix.Read(path)
	require.NoError(t, err)
	if err := r.Build(nil); err != nil {
		return datamix.Report{}, err
	}
	require.NoError(t, r.Build(nil), "building twice changes nothing")
	m, err := mix.New(*r, nil)
	require.NoError(t, err)
	return datamix.Run(t.Context(), m, &memory{})
}

// memory is a sink that keeps nothing.
type memory struct{}

func (*memory) Write(context.Context, *datamix.Record) error { return nil }
func (*memory) Close() error                                 { return nil }

func TestChatTemplateOfARecipe(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "models/small/tokenizer_config.json", `{"eos_token": "</s>", "chat_template": "{% for m in messages %}{{ m.role[0] }}{{ m.content }}{{ eos_token }}{% endfor %}"}`)
	write(t, dir, "mine.jinja", "{% for m in messages %}{{ m.content }}.{% endfor %}")
	write(t, dir, "bad.jinja", "\n{% if %}")
	write(t, dir, "rows.jsonl", twoTurns)
	for _, test := range []struct {
		template         string
		total, trainable int64
		err              string
	}{
		{template: "chatml", total: int64(len("<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n")), trainable: int64(len("So.<|im_end|>"))},
		{template: "models/small", total: int64(len("uWhy?</s>aSo.</s>")), trainable: int64(len("So.</s>"))},
		{template: "models/small/tokenizer_config.json", total: int64(len("uWhy?</s>aSo.</s>")), trainable: int64(len("So.</s>"))},
		{template: "mine.jinja", total: int64(len("Why?.So..")), trainable: int64(len("So.."))},
		{template: "bad.jinja", err: "line 2"},
		{template: "missing.jinja", err: "missing.jinja: no such file"},
		{template: "chatlm", err: "nor is it the path"},
	} {
		t.Run(test.template, func(t *testing.T) {
			report, err := drawTemplate(t, dir, test.template, "unit: tokens\n")
			if test.err != "" {
				require.ErrorIs(t, err, mix.ErrRecipe)
				assert.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.total, report.Output.Tokens)
			assert.Equal(t, test.trainable, report.Output.Trainable)
			assert.Zero(t, report.Output.MaskFaults)
		})
	}
}

func TestRecordsThatTheTemplateRefusesAreBadRows(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "rows.jsonl", withASystem+twoTurns)
	_, err := drawTemplate(t, dir, "gemma", "")
	require.ErrorContains(t, err, "row 1")
	require.ErrorContains(t, err, "turn 1 (system)")
	report, err := drawTemplate(t, dir, "gemma", "bad_rows: {skip_at_most: 1}\n")
	require.NoError(t, err)
	assert.Equal(t, int64(1), report.Output.Rows)
}

func TestChatTemplateNeedsATokenizer(t *testing.T) {
	r, err := mix.Parse([]byte("chat_template: chatml\nparts:\n  - {name: a, all: true, source: {path: x.jsonl}}\n"), "r.yaml")
	require.NoError(t, err)
	require.ErrorContains(t, r.Build(nil), "needs a tokenizer")
	r, err = mix.Parse([]byte("chat_template: chatml\nparts:\n  - {name: a, all: true, source: {path: x.jsonl}}\n"), "r.yaml")
	require.NoError(t, err)
	r.Parts[0].Source = datamix.SourceFunc(func(context.Context) datamix.Seq { return func(func(*datamix.Record, error) bool) {} })
	_, err = mix.New(*r, nil)
	require.ErrorContains(t, err, "call Build first")
}

func TestMaskFaultsReachTheReport(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "rows.jsonl", twoTurns+withASystem)
	write(t, dir, "upper.jinja", "{% for m in messages %}{% generation %}{{ m.content | upper }}{% endgeneration %}{% endfor %}")
	report, err := drawTemplate(t, dir, "upper.jinja", "")
	require.NoError(t, err)
	assert.Equal(t, int64(2), report.Output.Rows)
	assert.Equal(t, int64(2), report.Output.MaskFaults)
	assert.Zero(t, report.Output.Trainable)
}

func TestTemplateOptionsOfARecipe(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "rows.jsonl", twoTurns)
	write(t, dir, "text.jsonl", `{"text":"Once."}`+"\n")
	write(t, dir, "dated.jinja", "{{ strftime_now('%d.%m.%Y') }}{% if thinking %}!{% endif %}{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}")
	count := func(more string) int64 {
		report, err := drawTemplate(t, dir, "dated.jinja", "unit: tokens\n"+more)
		require.NoError(t, err)
		return report.Output.Tokens
	}
	all := int64(len("26.07.2026<b>Why?<e>So.<e>"))
	assert.Equal(t, all, count("template_options: {date: 2026-07-26, bos: <b>, eos: <e>}\n"))
	assert.Equal(t, all, count("template_options: {date: \"2026-07-26T23:59:59Z\", bos: <b>, eos: <e>, variables: {thinking: false}}\n"))
	assert.Equal(t, all+1, count("template_options: {date: 2026-07-26, bos: <b>, eos: <e>, variables: {thinking: true, budget: 7, names: [a, b]}}\n"))

	_, err := drawTemplate(t, dir, "dated.jinja", "")
	require.ErrorContains(t, err, "give it a date")
	_, err = drawTemplate(t, dir, "dated.jinja", "template_options: {variables: {messages: 1}}\n")
	require.ErrorContains(t, err, "the variable messages is the record's")
	for file, want := range map[string]string{
		"template_options: {date: tomorrow}\nchat_template: chatml\n": "r, line 1: datamix/mix: bad recipe: template_options: the date \"tomorrow\"",
		"seed: 1\ntemplate_options: {bos: x}\n":                       "r, line 2: datamix/mix: bad recipe: template_options need a chat_template",
		"tokenizer_options: {parse_special: true}\n":                  "tokenizer_options need a tokenizer",
		"chat_template: chatml\ntemplate_options: {thinking: true}\n": "unknown key \"thinking\"; known are variables, date",
	} {
		_, err := mix.Parse([]byte(file+"parts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n"), "r")
		assert.ErrorContains(t, err, want)
	}
}

// TestCountingOptionsAreInTheCounts holds that options are part of what a tokenizer
// says of itself, and so of the key of the cache.
func TestCountingOptionsAreInTheCounts(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "t.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}")
	seen := map[string]string{}
	for _, options := range []string{
		"", "tokenizer_options: {parse_special: true}", "template_options: {variables: {a: 1}}", "template_options: {variables: {a: 2}}", "template_options: {date: 2026-07-26}",
		"template_options: {date: 2026-07-27}", "template_options: {bos: x}", "template_options: {eos: x}", "template_options: {text_arguments: true}", "template_options: {text_bos: true, bos: x}", "template_options: {text_eos: true}",
	} {
		path := write(t, dir, "r.yaml", "tokenizer: models/small\nchat_template: t.jinja\n"+options+"\nparts:\n  - {name: a, all: true, source: {path: rows.jsonl}}\n")
		r, err := mix.Read(path)
		require.NoError(t, err)
		require.NoError(t, r.Build(nil))
		spec, ok := datamix.Describe(r.Tokenizer)
		require.True(t, ok)
		text, err := json.Marshal(spec)
		require.NoError(t, err)
		assert.NotContains(t, seen, string(text), "%s and %s", options, seen[string(text)])
		seen[string(text)] = options
	}
}

func TestTokenizerOptionsOfARecipe(t *testing.T) {
	for options, want := range map[string]int{"": 7, "tokenizer_options: {parse_special: true}\n": 1} {
		for _, name := range []string{"cl100k_base", "gpt-4"} {
			r, err := mix.Parse([]byte("tokenizer: "+name+"\n"+options+"parts:\n  - {name: a, all: true, source: {path: template_test.go}}\n"), "r")
			require.NoError(t, err)
			require.NoError(t, r.Build(nil))
			assert.Equal(t, want, r.Tokenizer.Count("<|endoftext|>"), "%s of %s", options, name)
		}
	}
	r, err := mix.Parse([]byte("tokenizer: cl100k_base\ntokenizer_options: {add_special_tokens: true}\nparts:\n  - {name: a, all: true, source: {path: template_test.go}}\n"), "r")
	require.NoError(t, err)
	require.ErrorContains(t, r.Build(nil), "have no template")
}

// TestLimitsOfRenderedRecords holds the filters by tokens of a recipe with a chat
// template to the records as rendered.
func TestLimitsOfRenderedRecords(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	rendered := "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n"
	before := strings.Index(rendered, "So.")
	long := `{"messages":[{"role":"user","content":"` + strings.Repeat("Why? ", 1000) + `"},{"role":"assistant","content":"So."}]}` + "\n"
	silent := `{"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So.","weight":0}]}` + "\n"
	write(t, dir, "rows.jsonl", twoTurns+long+silent)
	for _, test := range []struct {
		filters string
		dropped map[datamix.Verdict]int64
	}{
		{fmt.Sprintf("[{max_tokens: %d}]", len(rendered)), map[datamix.Verdict]int64{"too_long": 1}},
		{fmt.Sprintf("[{max_tokens: %d}]", len(rendered)-1), map[datamix.Verdict]int64{"too_long": 3}},
		{fmt.Sprintf("[{min_tokens: %d}]", len(rendered)+1), map[datamix.Verdict]int64{"too_short": 2}},
		{fmt.Sprintf("[{trainable_within: %d}]", before+1), map[datamix.Verdict]int64{"nothing_trainable_within_limit": 2}},
		{fmt.Sprintf("[{trainable_within: %d}]", before), map[datamix.Verdict]int64{"nothing_trainable_within_limit": 3}},
		{fmt.Sprintf("[{max_tokens: %d}, {trainable_within: %d}]", len(rendered), before+1), map[datamix.Verdict]int64{"too_long": 1, "nothing_trainable_within_limit": 1}},
	} {
		report, err := drawTemplate(t, dir, "chatml", "filters: "+test.filters+"\n")
		require.NoError(t, err)
		assert.Equal(t, test.dropped, report.Ledger.Dropped, test.filters)
	}
}

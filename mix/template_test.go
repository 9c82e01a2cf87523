package mix_test

import (
	"context"
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

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
		{"unknown key", "seed: 1\nparts:\n  - {name: a, shar: 40%}\n", "[3:", `unknown field "shar"`},
		{"unknown key of a source", "parts:\n  - {name: a, all: true, source: {path: x, shema: y}}\n", "[2:", `unknown field "shema"`},
		{"wrong type", "seed: forty\nparts: []\n", "[1:", "seed"},
		{"key twice", "seed: 1\nseed: 2\n", "[2:", "already defined"},
		{"two quantities", "seed: 1\nparts:\n  - name: a\n    all: true\n  - name: b\n    rows: 3\n    share: 20%\n", "line 5", "share and rows"},
		{"no quantity", "parts:\n  - name: a\n", "line 2", "no quantity"},
		{"bad share", "parts:\n  - {name: a, share: lots}\n", "", `"lots"`},
		{"share above 1", "parts:\n  - {name: a, share: 140%}\n", "line 2", "140%"},
		{"bad total", "total: many\nparts: []\n", "", "many"},
		{"bad filter", "filters: [{a: 1, b: 2}]\nparts: []\n", "", "names 2 filters"},
		{"bad dedup", "dedup: sound\nparts:\n  - {name: a, all: true}\n", "", "normalized"},
		{"no parts", "seed: 1\n", "", "no parts"},
		{"empty", "", "", ""},
		{"no YAML", "{{{", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := mix.Parse([]byte(test.text), "r.yaml")
			require.ErrorIs(t, err, mix.ErrRecipe)
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, test.line)
			assert.ErrorContains(t, err, "r.yaml")
		})
	}
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

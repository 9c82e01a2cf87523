package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

// recipeOfSharedSets mixes thirteen real sets in ten schemas and five file
// formats. HEAD, DATA and EXTRA are filled in.
const recipeOfSharedSets = `
name: shared
seed: 7
tokenizer: cl100k_base
HEAD
max_epochs: 60
filters: [no_empty_turns, {max_tokens: 4096}]
dedup: content
bad_rows: {skip_ratio: 0.01, quarantine: true}
parts:
  - {name: alpaca, share: 20%, source: {path: "DATA/stanford-alpaca/*.json"}, labels: {license: cc-by-nc-4.0}}
  - {name: gsm8k, share: 20%, source: {path: "DATA/gsm8k/train.jsonl"}}
  - {name: codegen, share: 15%, source: {path: "DATA/gpteacher-codegen/*.json"}}
  - {name: trees, weight: 2, source: {path: "DATA/oasst-trees/*"}}
  - {name: tools, weight: 1, source: {path: "DATA/glaive-toolcall-en/*"}}
  - {name: tulu, weight: 1, source: {path: "DATA/tulu3-sample/sft_sample.jsonl"}}
  - {name: mgsm, share: 7%, source: {path: "DATA/mgsm/mgsm_[dz]*.tsv", columns: {user: col0, assistant: col1}}}
  - {name: t0, share: 8%, source: {path: "DATA/self-instruct-t0/*.jsonl"}}
  - {name: parts, weight: 1, source: {path: "DATA/v1-sft-demo/*.jsonl"}}
  - {name: instances, share: 1%, source: {path: "DATA/self-instruct/seed_tasks.jsonl"}}
  - {name: cocktails, share: 2%, source: {path: "DATA/cocktail-recipes/*.parquet", columns: {user: title, assistant: directions}}}
  - {name: truth, share: 2%, source: {path: "DATA/truthfulqa/*.csv", columns: {user: Question, assistant: Best Answer}}}
  - {name: tests, share: 3%, source: {path: "DATA/humaneval/*.gz", columns: {user: prompt, assistant: canonical_solution}}}
EXTRA
output: {dir: out, compression: zstd, provenance: true, rows_per_shard: 4000}
`

// shares of the parts of recipeOfSharedSets: the weights divide what is left.
var shares = map[string]float64{
	"alpaca": .20, "gsm8k": .20, "codegen": .15, "trees": .088, "tools": .044, "tulu": .044, "mgsm": .07,
	"t0": .08, "parts": .044, "instances": .01, "cocktails": .02, "truth": .02, "tests": .03,
}

// runShared runs the command on the recipe and returns the output folder.
func runShared(t *testing.T, head, extra string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	text := strings.NewReplacer("HEAD", head, "EXTRA", extra).Replace(recipeOfSharedSets)
	text = strings.ReplaceAll(text, "DATA", filepath.ToSlash(shareddata.Dir(t)))
	recipe := filepath.Join(dir, "recipe.yaml")
	require.NoError(t, os.WriteFile(recipe, []byte(text), 0o600))
	var stdout, stderr bytes.Buffer
	err := command(t.Context(), append([]string{"run", recipe}, flags...), &stdout, &stderr)
	require.NoError(t, err, stderr.String())
	assert.Contains(t, stdout.String(), "codegen")
	return filepath.Join(dir, "out")
}

// sums returns the SHA-256 of every file of a folder.
func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out[d.Name()] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	}))
	require.NotEmpty(t, out)
	return out
}

// written reads the shards of a folder back, counted.
func written(t *testing.T, dir string, tok datamix.Tokenizer) []*datamix.Record {
	t.Helper()
	var out []*datamix.Record
	src := datamix.Chain(source.Files(os.DirFS(dir), "train-*.jsonl.zst", nil), datamix.Count(tok))
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		out = append(out, r)
	}
	return out
}

// TestSharedSets is the main job: real sets in many schemas and formats go in,
// an exact mix comes out, whatever the unit.
func TestSharedSets(t *testing.T) {
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	for _, test := range []struct {
		unit  datamix.Unit
		total int64
	}{{datamix.Rows, 10_000}, {datamix.Tokens, 1_000_000}, {datamix.TrainableTokens, 400_000}} {
		t.Run(string(test.unit), func(t *testing.T) {
			head := fmt.Sprintf("unit: %s\ntotal: %d", test.unit, test.total)
			dir := runShared(t, head, "")
			want := sums(t, dir)
			for _, workers := range []string{"1", "2", "8"} {
				assert.Equal(t, want, sums(t, runShared(t, head, "", "-workers", workers)), "%s workers", workers)
			}
			before := runtime.GOMAXPROCS(1)
			one := sums(t, runShared(t, head, ""))
			runtime.GOMAXPROCS(before)
			assert.Equal(t, want, one, "GOMAXPROCS 1")
			checkPrefixes(t, written(t, dir, tok), test.unit, test.total)
			checkReport(t, dir, test.unit, test.total)
		})
	}
}

// checkPrefixes holds every prefix of the output against the shares.
func checkPrefixes(t *testing.T, rs []*datamix.Record, unit datamix.Unit, total int64) {
	t.Helper()
	longest := int64(0)
	for _, r := range rs {
		longest = max(longest, unit.Of(r.Counts()))
	}
	var sum int64
	at := map[string]int64{}
	for n, r := range rs {
		size := unit.Of(r.Counts())
		part := r.Label("source")
		require.Contains(t, shares, part)
		at[part] += size
		sum += size
		for part, share := range shares {
			off := float64(at[part]) - share*float64(sum)
			require.LessOrEqual(t, max(off, -off), float64(longest)+1e-6, "part %s after %d rows", part, n+1)
			if unit == datamix.Rows {
				require.Less(t, max(off, -off), 1+1e-9, "part %s after %d rows", part, n+1)
			}
		}
	}
	for part, share := range shares {
		off := float64(at[part]) - share*float64(total)
		assert.LessOrEqual(t, max(off, -off), float64(longest), part)
	}
}

// checkReport holds the ledgers of the report and the manifest together.
func checkReport(t *testing.T, dir string, unit datamix.Unit, total int64) {
	t.Helper()
	var report datamix.Report
	data, err := os.ReadFile(filepath.Join(dir, "report.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &report))
	require.Len(t, report.Parts, len(shares))
	require.NoError(t, report.Ledger.Check())
	var out datamix.Tally
	for _, p := range report.Parts {
		assert.NoError(t, p.Ledger.Check(), p.Name)
		assert.Equal(t, unit, p.Unit)
		assert.InDelta(t, shares[p.Name], p.Share, 1e-9, p.Name)
		out.Add(p.Output)
	}
	assert.Equal(t, report.Output, out)
	if unit == datamix.Rows {
		assert.Equal(t, total, out.Rows)
	}
	var manifest struct{ Rows int64 }
	data, err = os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &manifest))
	assert.Equal(t, out.Rows, manifest.Rows)
}

// TestAddingAPartLeavesTheOthersInOrder adds a part to the recipe: those whose
// quantity stays draw the same records in the same order.
func TestAddingAPartLeavesTheOthersInOrder(t *testing.T) {
	order := func(extra string) map[string][]string {
		tok, err := tokenize.Encoding("r50k_base")
		require.NoError(t, err)
		out := map[string][]string{}
		for _, r := range written(t, runShared(t, "unit: rows\ntotal: 5000", extra), tok) {
			f, ok := r.Field("provenance")
			require.True(t, ok)
			part := r.Label("source")
			out[part] = append(out[part], f.JSON())
		}
		return out
	}
	before := order("")
	after := order(`  - {name: bench, weight: 3, source: {path: "DATA/alpaca-demo/alpaca_en_demo.json"}}`)
	require.NotEmpty(t, after["bench"])
	for part, rows := range before {
		n := min(len(rows), len(after[part]))
		require.NotZero(t, n, part)
		if part == "alpaca" || part == "gsm8k" {
			require.Equal(t, len(rows), len(after[part]), "a share is absolute")
		}
		assert.Equal(t, rows[:n], after[part][:n], part)
	}
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "usage: mix COMMAND"},
		{[]string{"brew"}, `unknown command "brew"`},
		{[]string{"run"}, "mix run takes recipe.yaml, not 0 arguments"},
		{[]string{"plan", "a", "b"}, "not 2 arguments"},
		{[]string{"plan", "-nonsense"}, "-nonsense"},
	} {
		var stderr bytes.Buffer
		err := command(context.Background(), test.args, &bytes.Buffer{}, &stderr)
		require.ErrorIs(t, err, errUsage)
		assert.Contains(t, stderr.String(), test.want)
	}
	var stdout bytes.Buffer
	require.NoError(t, command(context.Background(), []string{"help"}, &stdout, &stdout))
	assert.Contains(t, stdout.String(), "mix run recipe.yaml")
}

func TestErrorsAreReadable(t *testing.T) {
	dir := t.TempDir()
	recipe := filepath.Join(dir, "r.yaml")
	for _, test := range []struct{ name, data, text, want string }{
		{"no recipe", "", "", "no such file"},
		{"missing data", "", "parts: [{name: a, all: true, source: {path: nowhere/x.jsonl}}]\noutput: {dir: out}", "part a: source nowhere/x.jsonl: no such file"},
		{"no file matches", "{}\n", "parts: [{name: a, all: true, source: {path: 'x*.csv'}}]\noutput: {dir: out}", "x*.csv"},
		{"no output", "{}\n", "parts: [{name: a, all: true, source: {path: data.jsonl}}]", "output: {dir: ...}"},
		{"unknown schema", "{\"alpha\": 1}\n", "parts: [{name: a, all: true, source: {path: data.jsonl}}]\noutput: {dir: out}", "alpha"},
		{"broken row", "{\"text\": \"a\"}\n{\"text\": \n", "parts: [{name: a, all: true, source: {path: data.jsonl}}]\noutput: {dir: out, as: text}", "data.jsonl, row 2"},
		{"no tokenizer", "{\"text\": \"a\"}\n", "unit: tokens\ntotal: 5\nparts: [{name: a, share: 100%, source: {path: data.jsonl}}]\noutput: {dir: out, as: text}", "tokenizer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "data.jsonl"), []byte(test.data), 0o600))
			path := recipe
			if test.text == "" {
				path = filepath.Join(dir, "none.yaml")
			} else {
				require.NoError(t, os.WriteFile(recipe, []byte(test.text), 0o600))
			}
			var out bytes.Buffer
			err := command(t.Context(), []string{"run", path}, &out, &out)
			require.ErrorContains(t, err, test.want)
			_, err = os.Stat(filepath.Join(dir, "out"))
			assert.ErrorIs(t, err, fs.ErrNotExist, "nothing is left behind")
		})
	}
}

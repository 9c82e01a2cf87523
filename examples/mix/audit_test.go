package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix/audit"
)

// call runs the command and returns what it prints.
func call(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = command(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), err
}

// mixed writes two small sets, a recipe and the mix of it, and returns the
// folder.
func mixed(t *testing.T, shares ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"a", "b"} {
		var b strings.Builder
		for i := range 100 {
			fmt.Fprintf(&b, `{"prompt":"%s %d","completion":"%s"}`+"\n", name, i, strings.TrimSpace(strings.Repeat("yes ", 1+i%5)))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl"), []byte(b.String()), 0o666))
	}
	writeRecipe(t, dir, "recipe.yaml", shares...)
	_, _, err := call(t, "run", filepath.Join(dir, "recipe.yaml"))
	require.NoError(t, err)
	return dir
}

func writeRecipe(t *testing.T, dir, name string, shares ...string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `
name: small
license: mit
seed: 1
tokenizer: cl100k_base
total: 100
parts:
  - {name: a, share: %s, source: {path: a.jsonl}, labels: {license: mit}}
  - {name: b, share: %s, source: {path: b.jsonl}, labels: {license: cc-by-nc-4.0}}
output: {dir: out, provenance: true}
`, shares[0], shares[1]), 0o666))
	return path
}

func TestRunWritesReports(t *testing.T) {
	dir := mixed(t, "40%", "60%")
	for name, want := range map[string]string{"report.html": "<svg", "report.md": "| a | rows | 40.00% | 40.00% |", "README.md": "license: mit", "report.txt": "40.00 %", "report.json": `"buckets"`} {
		data, err := os.ReadFile(filepath.Join(dir, "out", name))
		require.NoError(t, err)
		assert.Contains(t, string(data), want, name)
	}
	html, err := os.ReadFile(filepath.Join(dir, "out", "report.html"))
	require.NoError(t, err)
	assert.Contains(t, string(html), "Not for commercial use: b (cc-by-nc-4.0). The mix is declared as mit")
	assert.Contains(t, string(html), "total: 100", "the recipe")
}

func TestAuditCommand(t *testing.T) {
	dir := mixed(t, "40%", "60%")
	out := filepath.Join(dir, "out")
	stdout, _, err := call(t, "audit", "-recipe", filepath.Join(dir, "recipe.yaml"), "-tolerance", "0", out)
	require.NoError(t, err)
	assert.Contains(t, stdout, "40.00%  40.00%")

	stdout, _, err = call(t, "audit", out, "-recipe", writeRecipe(t, dir, "other.yaml", "50%", "50%"), "-tolerance", "5%")
	require.ErrorIs(t, err, errFailed)
	require.EqualError(t, err, "the set does not pass: findings that fail: 2")
	assert.Contains(t, stdout, "FAIL share: part a is 40.00% of the rows of the set, the recipe asks for 50.00%")
	_, _, err = call(t, "audit", out, "-recipe", filepath.Join(dir, "other.yaml"), "-tolerance", "0.1")
	require.NoError(t, err)

	for form, want := range map[string]string{"markdown": "## Shares", "html": "<!DOCTYPE html>", "norobots": "Share\n", "llama3": "Avg. # turns", "hermes3": "contribute", "tulu3": "Licence"} {
		stdout, _, err = call(t, "audit", "-form", form, "-tokenizer", "cl100k_base", out)
		require.NoError(t, err)
		assert.Contains(t, stdout, want, form)
	}
	stdout, _, err = call(t, "audit", "-form", "json", out)
	require.NoError(t, err)
	var res audit.Result
	require.NoError(t, json.Unmarshal([]byte(stdout), &res))
	assert.EqualValues(t, 100, res.Total.Rows)

	for _, args := range [][]string{{"-form", "poem", out}, {filepath.Join(dir, "absent")}, {"-tokenizer", "absent", out}, {"-recipe", filepath.Join(dir, "absent.yaml"), out}} {
		_, _, err = call(t, append([]string{"audit"}, args...)...)
		require.Error(t, err, args)
		require.NotErrorIs(t, err, errUsage)
		require.NotErrorIs(t, err, errFailed)
	}
	_, _, err = call(t, "audit", "-form", "llama3", out)
	require.EqualError(t, err, "the form llama3 counts tokens: give -tokenizer")

	odd := filepath.Join(dir, "odd.csv")
	require.NoError(t, os.WriteFile(odd, []byte("Body,Reply\nWhy?,Because\n"), 0o666))
	stdout, _, err = call(t, "audit", odd, "-columns", "{user: Body, assistant: Reply}")
	require.NoError(t, err)
	assert.Contains(t, stdout, "total      1")
	_, _, err = call(t, "audit", odd, "-columns", "{user: Body, answer: Reply}")
	require.ErrorIs(t, err, errUsage)
	_, stderr, err := call(t, "audit", "-tolerance", "much", out)
	require.ErrorIs(t, err, errUsage)
	assert.Contains(t, stderr, "want a number from 0 to 1, or a percentage")
}

func TestDiffCommand(t *testing.T) {
	dir := mixed(t, "40%", "60%")
	older, newer := filepath.Join(dir, "recipe.yaml"), writeRecipe(t, dir, "other.yaml", "50%", "50%")
	stdout, _, err := call(t, "diff", older, newer)
	require.ErrorIs(t, err, errDiffers)
	assert.Equal(t, "~ parts[a].share: 40% -> 50%\n~ parts[b].share: 60% -> 50%\n", stdout)
	_, _, err = call(t, "diff", older, older)
	require.NoError(t, err)

	_, _, err = call(t, "run", newer, "-out", filepath.Join(dir, "out2"))
	require.NoError(t, err)
	stdout, _, err = call(t, "diff", filepath.Join(dir, "out"), filepath.Join(dir, "out2"), "-examples", "1")
	require.ErrorIs(t, err, errDiffers)
	assert.Contains(t, stdout, "matched by provenance: 90 the same, 0 changed, 10 removed, 10 added")
	stdout, _, err = call(t, "diff", filepath.Join(dir, "out"), filepath.Join(dir, "out"), "-json")
	require.NoError(t, err)
	assert.Contains(t, stdout, `"same_order": true`)
	_, _, err = call(t, "diff", older, filepath.Join(dir, "out"))
	require.Error(t, err, "a recipe and a set")
}

func TestCardCommand(t *testing.T) {
	dir := mixed(t, "40%", "60%")
	out := filepath.Join(dir, "out")
	written, err := os.ReadFile(filepath.Join(out, "README.md"))
	require.NoError(t, err)
	stdout, _, err := call(t, "card", out, "-recipe", filepath.Join(dir, "recipe.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(written), stdout, "the same as the run wrote")

	stdout, _, err = call(t, "card", out, "-license", "cc-by-nc-4.0", "-title", "Mine")
	require.NoError(t, err)
	assert.Contains(t, stdout, "license: cc-by-nc-4.0")
	assert.Contains(t, stdout, "# Mine")
	assert.Contains(t, stdout, "dataset_info:")

	// Somebody else's set: what an audit finds.
	other := filepath.Join(dir, "other")
	require.NoError(t, os.Mkdir(other, 0o777))
	require.NoError(t, os.Rename(filepath.Join(dir, "a.jsonl"), filepath.Join(other, "a.jsonl")))
	_, _, err = call(t, "card", other, "-write", "-license", "mit")
	require.NoError(t, err)
	card, err := os.ReadFile(filepath.Join(other, "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(card), "100 rows")
	assert.Contains(t, string(card), "license: mit")
	_, _, err = call(t, "card", other, "-write")
	require.ErrorContains(t, err, "give -overwrite to replace it")
	_, _, err = call(t, "card", other, "-write", "-overwrite", "-title", "Again")
	require.NoError(t, err)
	_, _, err = call(t, "card", out, "-write", "-title", "Ours")
	require.NoError(t, err, "a card of a run")
	card, err = os.ReadFile(filepath.Join(out, "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(card), "# Ours")
	assert.Contains(t, string(card), "dataset_info:")
}

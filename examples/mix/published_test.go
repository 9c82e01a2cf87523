package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/published"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds a text against a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s; -update writes it anew", path)
}

// mixCommand runs a command line.
func mixCommand(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = command(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), err
}

func TestListAndShow(t *testing.T) {
	for name, args := range map[string][]string{
		"list.txt":            {"list"},
		"show-tulu-3-sft.txt": {"show", "tulu-3-sft"}, "show-hermes-3.txt": {"show", "hermes-3"},
		"show-llama-3-sft.txt": {"show", "llama-3-sft"}, "show-cosmopedia.txt": {"show", "cosmopedia-v0.1"},
		"recipe-no-robots.json": {"show", "-form", "recipe", "-total", "1_000", "no-robots"},
	} {
		out, _, err := mixCommand(t, args...)
		require.NoError(t, err, name)
		golden(t, filepath.Join("published", name), out)
	}
}

func TestShowRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		`published mixture "tulu-4"; known are cosmopedia-v0.1, `: {"show", "tulu-4"},
		"there is neither a published mixture nor a file":         {"show", "none.json"},
		`unknown form "yaml"; known are text, json, recipe`:       {"show", "-form", "yaml", "hermes-3"},
		"names filters that cannot be built":                      {"show", "-form", "recipe", "hermes-3"},
		"total is many, want a number":                            {"show", "-form", "recipe", "-total", "many", "no-robots"},
		`it has no component "poems"`:                             {"show", "-form", "recipe", "-leave-out", "chat,poems", "no-robots"},
		"there is neither":                                        {"verify", "none.json", "."},
		"none: ":                                                  {"verify", "hermes-3", "none"},
	} {
		_, _, err := mixCommand(t, args...)
		assert.ErrorContains(t, err, want, args)
	}
}

// A recipe that show writes is run, and what it writes is verified.
func TestRecipeIsRunAndVerified(t *testing.T) {
	dir := t.TempDir()
	m, err := published.Recipe("no-robots")
	require.NoError(t, err)
	rows, _ := m.Numbers("rows")
	for i, c := range m.Components {
		var b strings.Builder
		for k := range int(rows[i].Value)/10 + 5 {
			fmt.Fprintf(&b, `{"messages":[{"role":"user","content":"%s %d?"},{"role":"assistant","content":"Yes."}]}`+"\n", c.ID, k)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, c.ID+".jsonl"), []byte(b.String()), 0o600))
	}
	out := filepath.Join(dir, "out")
	recipe, warning, err := mixCommand(t, "show", "no-robots", "-form", "recipe", "-data", dir, "-total", "1000", "-out", out)
	require.NoError(t, err)
	assert.Empty(t, warning)
	_, err = mix.Parse([]byte(recipe), "recipe")
	require.NoError(t, err)
	file := filepath.Join(dir, "recipe.json")
	require.NoError(t, os.WriteFile(file, []byte(recipe), 0o600))
	_, _, err = mixCommand(t, "run", file)
	require.NoError(t, err)

	got, _, err := mixCommand(t, "verify", "no-robots", out)
	require.NoError(t, err)
	golden(t, "published/verify-holds.txt", got)

	// Against another mixture, in JSON.
	got, _, err = mixCommand(t, "verify", "losslessmegacode-v3-tiny", out, "-by", "source", "-form", "json")
	require.ErrorIs(t, err, published.ErrVerify)
	require.ErrorIs(t, err, errFailed)
	var v published.Verification
	require.NoError(t, json.Unmarshal([]byte(got), &v))
	assert.False(t, v.OK)
	assert.Len(t, v.Unknown, 9)

	// A mixture of one's own, changed: coding is now a tenth.
	text, _, err := mixCommand(t, "show", "no-robots", "-form", "json")
	require.NoError(t, err)
	own := filepath.Join(dir, "own.json")
	require.NoError(t, os.WriteFile(own, []byte(strings.NewReplacer(`"is": 350`, `"is": 1000`, `"value": 10000`, `"value": 11300`).Replace(text)), 0o600))
	got, _, err = mixCommand(t, "verify", own, out, "-by", "source")
	require.ErrorIs(t, err, published.ErrVerify)
	require.ErrorIs(t, err, errFailed)
	golden(t, "published/verify-off.txt", got)
}

func TestShowWritesRecipesBeforeTheDataIsThere(t *testing.T) {
	out, warning, err := mixCommand(t, "show", "smollm1-135m-360m", "-form", "recipe", "-total", "1000000", "-tokenizer", "gpt2")
	require.NoError(t, err)
	assert.Equal(t, "mix: no data yet for fineweb-edu-dedup, cosmopedia-v2, python-edu, open-web-math, stackoverflow\n", warning)
	r, err := mix.Parse([]byte(out), "recipe")
	require.NoError(t, err)
	assert.Equal(t, "data/python-edu", filepath.ToSlash(r.Parts[2].From.Path))
	assert.Equal(t, "gpt2", r.TokenizerName)
}

func TestShowWritesCurricula(t *testing.T) {
	out, _, err := mixCommand(t, "show", "smollm1-1.7b-stage1,smollm1-1.7b-stage2", "-form", "recipe")
	require.NoError(t, err)
	r, err := mix.Parse([]byte(out), "recipe")
	require.NoError(t, err)
	require.Len(t, r.Stages, 2)
	assert.Len(t, r.Parts, 7)
	assert.EqualValues(t, 629_145_600_000, r.Stages[0].Total)
	assert.Equal(t, mix.Weight(0.055), r.Stages[1].Parts[2].Quantity)
}

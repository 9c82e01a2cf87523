package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTulu3(t *testing.T) {
	var b strings.Builder
	recipe, err := open("")
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), &b, recipe, "odc-by"))
	for _, want := range []string{"Knowledge Recall", "CC-BY-NC-4.0", "Not for commercial use: writing", "Share-alike: safety", "No licence is given for: exam"} {
		assert.Contains(t, b.String(), want)
	}
}

func TestTulu3OfARecipe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.jsonl"), []byte(`{"prompt":"p","completion":"c"}`+"\n"), 0o666))
	path := filepath.Join(dir, "recipe.yaml")
	require.NoError(t, os.WriteFile(path, []byte("seed: 1\nparts:\n- {name: a, all: true, source: {path: a.jsonl}, labels: {category: Mine, license: mit}}\n"), 0o666))
	recipe, err := open(path)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, recipe, "mit"))
	assert.Contains(t, b.String(), "Mine      a        mit          1  100.00%")
	assert.NotContains(t, b.String(), "- ")
	_, err = open(filepath.Join(dir, "absent.yaml"))
	require.Error(t, err)
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLlama3Table(t *testing.T) {
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, "", "cl100k_base", false))
	for _, want := range []string{"Avg. # tokens in final response", "Reasoning and tools", "Long context", "Total"} {
		assert.Contains(t, b.String(), want)
	}
	b.Reset()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine.jsonl"), []byte(`{"prompt":"one two","completion":"three"}`+"\n"), 0o666))
	require.NoError(t, run(t.Context(), &b, dir, "cl100k_base", true))
	assert.Contains(t, b.String(), "| mine | 100.00% | 2.0 | 3.0 | 2.0 | 1.0 |")
	require.Error(t, run(t.Context(), &b, t.TempDir(), "cl100k_base", true))
}

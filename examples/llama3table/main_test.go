package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
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

// TestLlama3TableOfRealChats makes the table of chats that others have published.
func TestLlama3TableOfRealChats(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"glaive-toolcall-en", "oasst-trees", "reason-tool-use", "kto-messages"} {
		require.NoError(t, os.Symlink(filepath.Join(shareddata.Dir(t), name), filepath.Join(dir, name)))
	}
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, dir, "cl100k_base", false))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 6)
	for i, want := range []string{"Dataset", "glaive-toolcall-en", "kto-messages", "oasst-trees", "reason-tool-use", "Total"} {
		assert.True(t, strings.HasPrefix(lines[i], want), lines[i])
	}
}

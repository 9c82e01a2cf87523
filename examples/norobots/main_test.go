package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoRobots(t *testing.T) {
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, "", "task", 5_000))
	for _, want := range []string{"The set as it is", "Generation  2,280   45.6%", "Open QA       620   12.4%", "Extract        95    1.9%", "Total       5,000  100.0%"} {
		assert.Contains(t, b.String(), want)
	}
}

func TestNoRobotsOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"prompt":"p","completion":"c","category":"Chat"}`+"\n"), 0o666))
	var b strings.Builder
	err := run(t.Context(), &b, path, "category", 100)
	require.ErrorContains(t, err, "Generation", "a category without a row")
	assert.Contains(t, b.String(), "Chat       1  100.0%")
}

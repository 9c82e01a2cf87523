package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuickstart(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, out))
	for _, want := range []string{"chat", "instructions", "code", "math", "40.00 %", "duplicate 1", "empty_turn 1", "written to"} {
		assert.Contains(t, b.String(), want)
	}
	for _, name := range []string{"manifest.json", "report.json", "report.txt"} {
		_, err := os.Stat(filepath.Join(out, name))
		assert.NoError(t, err)
	}
	shards, err := filepath.Glob(filepath.Join(out, "train-*-of-*.jsonl"))
	require.NoError(t, err)
	assert.NotEmpty(t, shards)
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix"
)

func TestPlanAsTreeAndAsData(t *testing.T) {
	dir := t.TempDir()
	rows := strings.Repeat(`{"question":"What is this?","answer":"A row."}`+"\n", 40)
	for _, name := range []string{"a.jsonl", "b.jsonl", "c.jsonl"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(rows), 0o644))
	}
	recipe := filepath.Join(dir, "r.yaml")
	require.NoError(t, os.WriteFile(recipe, []byte("total: largest\nparts:\n"+
		"  - {name: a, share: 1/4, source: {path: a.jsonl}}\n"+
		"  - name: g\n    rest: true\n    parts:\n"+
		"      - {name: b, weight: 1, source: {path: b.jsonl}}\n"+
		"      - {name: c, weight: 2, source: {path: c.jsonl}}\n"), 0o644))
	var out, stderr strings.Builder
	require.NoError(t, command(t.Context(), []string{"plan", recipe}, &out, &stderr))
	assert.Contains(t, out.String(), "└─ c  weight 2")
	assert.Contains(t, out.String(), "max_epochs")
	out.Reset()
	require.NoError(t, command(t.Context(), []string{"plan", "-form", "json", recipe}, &out, &stderr))
	var p mix.Plan
	require.NoError(t, json.Unmarshal([]byte(out.String()), &p))
	assert.EqualValues(t, 80, p.Total)
	assert.EqualValues(t, []int64{20, 20, 40}, []int64{p.Parts[0].Rows, p.Parts[1].Rows, p.Parts[2].Rows})
	require.ErrorContains(t, command(t.Context(), []string{"plan", "-form", "xml", recipe}, &out, &stderr), "known are text, json")
}

func TestTheCacheSaysOfWhatUseItWas(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jsonl", "b.jsonl"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(`{"question":"What is this?","answer":"A row."}`+"\n"), 0o644))
	}
	recipe := filepath.Join(dir, "r.yaml")
	require.NoError(t, os.WriteFile(recipe, []byte("parts:\n"+
		"  - {name: a, all: true, source: {path: a.jsonl}}\n  - {name: b, all: true, source: {path: b.jsonl}}\n"), 0o644))
	cache := filepath.Join(dir, "cache")
	plan := func() string {
		_, stderr, err := call(t, "plan", "-cache", cache, recipe)
		require.NoError(t, err)
		return stderr
	}
	assert.Equal(t, "cache: 0 of 2 parts were there; measured: a, b\n", plan())
	assert.Equal(t, "cache: 2 of 2 parts were there\n", plan())
	files, err := filepath.Glob(filepath.Join(cache, "*.index"))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(files[0], 40))
	assert.Contains(t, plan(), "cache: 1 of 2 parts were there; measured: ")
	_, stderr, err := call(t, "plan", "-quiet", "-cache", cache, recipe)
	require.NoError(t, err)
	assert.Empty(t, stderr)
}

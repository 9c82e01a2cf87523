//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sink"
)

// binary builds the command.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mix")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// manyShards writes a set and a recipe that makes a shard of every thousand of
// its rows, and returns the recipe.
func manyShards(t *testing.T, dir, out string, rows int) string {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "rows.jsonl"))
	require.NoError(t, err)
	w := bufio.NewWriter(f)
	filler := strings.Repeat("words ", 60)
	for i := range rows {
		fmt.Fprintf(w, "{\"prompt\":\"p %d\",\"completion\":\"%s\"}\n", i, filler)
	}
	require.NoError(t, w.Flush())
	require.NoError(t, f.Close())
	recipe := filepath.Join(dir, "recipe.yaml")
	text := fmt.Sprintf("name: many\nseed: 1\nunit: rows\nparts:\n  - {name: rows, all: true, source: {path: rows.jsonl}}\noutput: {dir: %q, rows_per_shard: 1000}\n", out)
	require.NoError(t, os.WriteFile(recipe, []byte(text), 0o600))
	return recipe
}

// finals returns the names in a folder that do not say that they are temporary.
func finals(t *testing.T, dir string) (names []string, temporary int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, 0
	}
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".datamix-") {
			temporary++
		} else {
			names = append(names, e.Name())
		}
	}
	return names, temporary
}

// TestKilledRuns ends the command by signals while it writes its third shard:
// nothing has its final name, and the next run is not in the way of what was
// left.
func TestKilledRuns(t *testing.T) {
	mix := binary(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			recipe := manyShards(t, dir, out, 60_000)
			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), mix, "run", recipe)
			cmd.Stderr = &stderr
			require.NoError(t, cmd.Start())
			temporary := 0
			for start := time.Now(); temporary < 3 && time.Since(start) < time.Minute; time.Sleep(time.Millisecond) {
				_, temporary = finals(t, out)
			}
			require.GreaterOrEqual(t, temporary, 3, "the run must be writing when it is ended")
			require.NoError(t, cmd.Process.Signal(sig))
			require.Error(t, cmd.Wait())
			names, temporary := finals(t, out)
			assert.Empty(t, names)
			if sig == syscall.SIGKILL {
				assert.NotZero(t, temporary)
			} else {
				assert.Equal(t, 1, cmd.ProcessState.ExitCode())
				assert.Contains(t, stderr.String(), "interrupted; nothing was written under its final name")
				assert.NoDirExists(t, out, "it was made by the run")
			}
			again, err := exec.CommandContext(t.Context(), mix, "run", recipe).CombinedOutput()
			require.NoError(t, err, string(again))
			m, err := sink.ReadManifest(out)
			require.NoError(t, err)
			assert.EqualValues(t, 60_000, m.Rows)
			_, temporary = finals(t, out)
			assert.Zero(t, temporary)
		})
	}
}

// TestFullDisk writes to a file system with too little room. It takes the rights
// to mount one.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	require.NoError(t, os.Mkdir(small, 0o700))
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() { assert.NoError(t, exec.Command("umount", small).Run()) })
	recipe := manyShards(t, dir, filepath.Join(small, "out"), 20_000)
	var stdout, stderr bytes.Buffer
	err := command(t.Context(), []string{"run", recipe}, &stdout, &stderr)
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, small, "the error names the file")
	entries, err := os.ReadDir(small)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

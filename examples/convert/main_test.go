package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sink"
)

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	csv := filepath.Join(dir, "a.csv")
	require.NoError(t, os.WriteFile(csv, []byte("question,answer\nq,a\n"), 0o600))
	stdin := strings.NewReader("{\"prompt\":\"p\",\"completion\":\"c\"}\nbroken\n")
	for _, format := range []string{"jsonl", "parquet"} {
		var log bytes.Buffer
		out := filepath.Join(dir, format)
		_, err := stdin.Seek(0, 0)
		require.NoError(t, err)
		require.NoError(t, convert(t.Context(), options{out: out, format: format, as: "messages", bad: 1}, []string{csv, "-"}, stdin, &log))
		m, err := sink.ReadManifest(out)
		require.NoError(t, err)
		assert.EqualValues(t, 2, m.Rows)
		assert.Contains(t, log.String(), "2 rows in ")
	}
	err := convert(t.Context(), options{}, []string{"-"}, strings.NewReader("broken\n"), &bytes.Buffer{})
	require.Error(t, err)
	require.ErrorContains(t, convert(t.Context(), options{}, nil, nil, nil), "name the files to read")
	require.ErrorContains(t, convert(t.Context(), options{out: "x", format: "arrow"}, []string{"-"}, nil, nil), `unknown format "arrow"`)
}

package sink_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sink"
)

func TestCardGolden(t *testing.T) {
	for name, o := range map[string]sink.Options{
		"messages": {Provenance: true, Prefix: "val-1", SourceColumn: "the \"part\""},
		"alpaca":   {As: sink.FormAlpaca, Extra: sink.ExtraDrop, SourceColumn: sink.NoSource},
		"columns":  {Extra: sink.ExtraColumns, Compression: sink.Gzip},
	} {
		dir := t.TempDir()
		f := sink.JSONL(dir, &o)
		require.NoError(t, f.Write(t.Context(), plain(t)))
		require.NoError(t, f.Close())
		card, err := os.ReadFile(filepath.Join(dir, "README.md"))
		require.NoError(t, err)
		golden(t, filepath.Join("testdata", "card_"+name+".golden"), card)
	}
}

func TestCardOfSomebodyElseStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "README.md")
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o666))
	require.NoError(t, sink.JSONL(dir, nil).Close())
	assert.Equal(t, "mine", content(t, path))
	require.NoError(t, os.Remove(path))
	for _, prefix := range []string{"one", "two"} {
		require.NoError(t, sink.JSONL(dir, &sink.Options{Prefix: prefix, Overwrite: true}).Close())
		assert.Contains(t, content(t, path), "split: "+prefix, "a sink's own is replaced")
	}
}

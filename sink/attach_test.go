package sink_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// rows is an attachment that says how many rows there are.
func rows(name string) sink.Attachment {
	return sink.Attachment{Name: name, Render: func(c sink.Contents) ([]byte, error) {
		return fmt.Appendf(nil, "%d rows, report %t, %t", c.Manifest.Rows, c.Report != nil, len(c.CardHeader) > 0), nil
	}}
}

func TestAttachedFiles(t *testing.T) {
	dir := t.TempDir()
	f := sink.JSONL(dir, nil)
	f.Attach(rows("report.html"), rows("README.md"))
	require.NoError(t, f.Write(t.Context(), plain(t)))
	require.NoError(t, f.WriteReport(datamix.Report{}))
	require.NoError(t, f.Close())
	for _, name := range []string{"report.html", "README.md"} {
		assert.Equal(t, "1 rows, report true, true", content(t, filepath.Join(dir, name)))
	}
	m, err := sink.ReadManifest(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"report.json", "report.txt", "report.html", "README.md"}, m.Files)

	// README.md above is one of somebody else, since it lacks the header.
	again := sink.JSONL(dir, &sink.Options{Overwrite: true})
	again.Attach(rows("README.md"))
	require.NoError(t, again.Close())
	assert.Equal(t, "1 rows, report true, true", content(t, filepath.Join(dir, "README.md")), "stays")
	assert.NoFileExists(t, filepath.Join(dir, "report.html"), "a file of the last run goes with it")
}

func TestAttachedFilesFail(t *testing.T) {
	for _, name := range []string{"", "../x", "a/b", `a\b`, ".hidden", "manifest.json", "report.txt", "train-00000-of-00001.jsonl"} {
		f := sink.JSONL(filepath.Join(t.TempDir(), "out"), nil)
		f.Attach(rows(name))
		require.ErrorContains(t, f.Write(t.Context(), plain(t)), "cannot be attached", name)
	}
	dir := filepath.Join(t.TempDir(), "out")
	f := sink.JSONL(dir, nil)
	f.Attach(sink.Attachment{Name: "x.md", Render: func(sink.Contents) ([]byte, error) { return nil, errors.New("no ink") }})
	require.NoError(t, f.Write(t.Context(), plain(t)))
	require.EqualError(t, f.Close(), "sink: x.md: no ink")
	_, err := os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist, "nothing is left")
}

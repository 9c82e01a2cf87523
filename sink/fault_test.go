package sink

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// disk is a disk on which so many bytes fit, and whose files fail at Sync where
// that is asked for.
type disk struct {
	room    int
	noSync  bool
	written int
}

func (d *disk) create(path string) (handle, error) {
	f, err := createFile(path)
	return &fullFile{f, d}, err
}

type fullFile struct {
	handle
	disk *disk
}

func (f *fullFile) Write(p []byte) (int, error) {
	n := min(len(p), f.disk.room-f.disk.written)
	f.disk.written += n
	if _, err := f.handle.Write(p[:n]); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *fullFile) Sync() error {
	if f.disk.noSync {
		return syscall.EIO
	}
	return f.handle.Sync()
}

func list(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// fill writes until the sink refuses, and returns its error or that of Close.
func fill(t *testing.T, dst datamix.Sink) error {
	for i := range 400 {
		// Hard to compress, so that every format needs the room.
		h := datamix.HashText(string(rune(i)))
		r := datamix.NewChat(datamix.User(h.String()+strings.Repeat("x", i)), datamix.Assistant(h.String()))
		if err := dst.Write(t.Context(), r); err != nil {
			again := dst.Write(t.Context(), r)
			assert.Equal(t, err, again, "the error stays")
			assert.NoError(t, datamix.Abort(dst))
			return err
		}
	}
	return dst.Close()
}

func TestFullDisk(t *testing.T) {
	for _, compression := range []Compression{None, Gzip, Zstd} {
		for _, format := range []string{formatJSONL, formatParquet} {
			for _, room := range []int{0, 1, 700, 9000} {
				dir := filepath.Join(t.TempDir(), "out")
				f := newFolder(dir, format, &Options{Compression: compression, RowsPerShard: 100})
				d := &disk{room: room}
				f.create = d.create
				err := fill(t, f)
				require.ErrorIs(t, err, syscall.ENOSPC, "%s %s %d", format, compression, room)
				assert.ErrorContains(t, err, dir, "the error names the file")
				assert.ErrorContains(t, err, " bytes: no space left on device")
				assert.True(t, datamix.Final(err))
				assert.NoDirExists(t, dir)
			}
		}
	}
}

func TestFullDiskLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	old := JSONL(dir, nil)
	require.NoError(t, fill(t, old))
	before := list(t, dir)
	manifest, err := os.ReadFile(filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	size := 0
	for _, s := range must(ReadManifest(dir)).Shards {
		size += int(s.Bytes)
	}
	// Room for the shards, but not for the manifest.
	f := newFolder(dir, formatJSONL, &Options{Overwrite: true})
	f.create = (&disk{room: size + 10}).create
	require.ErrorIs(t, fill(t, f), syscall.ENOSPC)
	assert.Equal(t, before, list(t, dir))
	after, err := os.ReadFile(filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	assert.Equal(t, manifest, after)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestFailingSync(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := newFolder(dir, formatJSONL, nil)
	f.create = (&disk{room: 1 << 20, noSync: true}).create
	err := fill(t, f)
	require.ErrorIs(t, err, syscall.EIO)
	assert.NotContains(t, err.Error(), "\n", "one of many is told")
	assert.NoDirExists(t, dir)
	assert.Equal(t, err, f.Close(), "close repeats its error")
}

func TestFileOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	f := File(filepath.Join(dir, "out.jsonl.gz"), nil).(*file)
	f.create = (&disk{room: 100}).create
	err := fill(t, f)
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorContains(t, err, "after 100 bytes")
	assert.Empty(t, list(t, dir))
}

func TestQuarantineOnAFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	f := newFolder(dir, formatJSONL, nil)
	f.create = (&disk{room: 10}).create
	bad := &datamix.RecordError{Stage: "read", Err: fs.ErrInvalid}
	require.ErrorIs(t, f.Quarantine().Write(t.Context(), bad.Record()), syscall.ENOSPC)
	require.ErrorIs(t, f.Write(t.Context(), datamix.NewText("x")), syscall.ENOSPC, "the folder fails with it")
	require.ErrorIs(t, f.Close(), syscall.ENOSPC)
	assert.NotContains(t, list(t, dir), ManifestName)
}

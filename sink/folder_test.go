package sink_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// chats returns n records, with counts.
func chats(n int) []*datamix.Record {
	rs := make([]*datamix.Record, n)
	for i := range rs {
		rs[i] = datamix.NewChat(datamix.User(fmt.Sprintf("question %d", i)), datamix.Assistant(strings.Repeat("answer ", i%50)))
		rs[i].Origin = datamix.Origin{Source: "part", Path: "f.jsonl", Row: int64(i)}
		rs[i].SetCounts(datamix.Counts{Total: 10 + i, Trainable: i})
	}
	return rs
}

func write(t testing.TB, dst datamix.Sink, rs []*datamix.Record) {
	t.Helper()
	for _, r := range rs {
		require.NoError(t, dst.Write(t.Context(), r))
	}
}

// names returns what is in a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// content returns the text of a shard.
func content(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(path) {
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".zst":
		r, err = zstd.NewReader(f)
	}
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

// checkManifest compares the manifest with the files.
func checkManifest(t *testing.T, dir string, rows int64) sink.Manifest {
	t.Helper()
	m, err := sink.ReadManifest(dir)
	require.NoError(t, err)
	var sum sink.Manifest
	for _, s := range m.Shards {
		b, err := os.ReadFile(filepath.Join(dir, s.Name))
		require.NoError(t, err)
		hash := sha256.Sum256(b)
		assert.Equal(t, hex.EncodeToString(hash[:]), s.SHA256, s.Name)
		assert.EqualValues(t, len(b), s.Bytes)
		if m.Format == "jsonl" {
			assert.EqualValues(t, s.Rows, strings.Count(content(t, filepath.Join(dir, s.Name)), "\n"))
		}
		sum.Rows, sum.Tokens, sum.Trainable, sum.Bytes = sum.Rows+s.Rows, sum.Tokens+s.Tokens, sum.Trainable+s.Trainable, sum.Bytes+s.Bytes
	}
	assert.Equal(t, rows, m.Rows)
	assert.Equal(t, []int64{sum.Rows, sum.Tokens, sum.Trainable, sum.Bytes}, []int64{m.Rows, m.Tokens, m.Trainable, m.Bytes})
	return m
}

func TestFolderShards(t *testing.T) {
	for _, c := range []struct {
		compression sink.Compression
		suffix      string
		make        func(string, *sink.Options) *sink.Folder
	}{{"", ".jsonl", sink.JSONL}, {sink.Gzip, ".jsonl.gz", sink.JSONL}, {sink.Zstd, ".jsonl.zst", sink.JSONL}, {"", ".parquet", sink.Parquet}} {
		t.Run(c.suffix, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			f := c.make(dir, &sink.Options{RowsPerShard: 10, Compression: c.compression})
			assert.NoDirExists(t, dir, "nothing is touched before the first write")
			rs := chats(25)
			write(t, f, rs)
			for _, name := range names(t, dir) {
				assert.True(t, strings.HasPrefix(name, ".datamix-folder-"), name)
			}
			require.NoError(t, f.WriteReport(datamix.Report{Output: datamix.Tally{Rows: 25}}))
			require.NoError(t, f.Close())
			assert.Equal(t, []string{"README.md", "manifest.json", "report.json", "report.txt", "train-00000-of-00003" + c.suffix,
				"train-00001-of-00003" + c.suffix, "train-00002-of-00003" + c.suffix}, names(t, dir))
			m := checkManifest(t, dir, 25)
			assert.Equal(t, []int64{10, 10, 5}, []int64{m.Shards[0].Rows, m.Shards[1].Rows, m.Shards[2].Rows})
			assert.EqualValues(t, 25*10+24*25/2, m.Tokens)
			assert.EqualValues(t, 24*25/2, m.Trainable)
			assert.Error(t, f.Write(t.Context(), rs[0]), "write after close")
			assert.NoError(t, f.Close())
		})
	}
}

func TestFolderBytesPerShard(t *testing.T) {
	dir := t.TempDir()
	f := sink.JSONL(dir, &sink.Options{BytesPerShard: 1000, RowsPerShard: 8, Prefix: "val"})
	write(t, f, chats(40))
	require.NoError(t, f.Close())
	for i, s := range checkManifest(t, dir, 40).Shards {
		text := content(t, filepath.Join(dir, s.Name))
		last := text[:strings.LastIndex(text[:len(text)-1], "\n")+1]
		assert.Less(t, len(last), 1000, "the limit was reached by the last row only")
		assert.True(t, len(text) >= 1000 || s.Rows == 8 || i == len(names(t, dir))-3, "%s", s.Name)
		assert.True(t, strings.HasPrefix(s.Name, "val-"))
	}
}

func TestEmptyRun(t *testing.T) {
	for suffix, f := range map[string]func(string, *sink.Options) *sink.Folder{".jsonl": sink.JSONL, ".parquet": sink.Parquet} {
		dir := t.TempDir()
		require.NoError(t, f(dir, nil).Close())
		assert.Equal(t, []string{"README.md", "manifest.json", "train-00000-of-00001" + suffix}, names(t, dir))
		checkManifest(t, dir, 0)
	}
}

func TestFolderSameBytes(t *testing.T) {
	rs := chats(3000)
	for name, f := range map[string]func(dir string) *sink.Folder{
		"gzip":    func(dir string) *sink.Folder { return sink.JSONL(dir, &sink.Options{Compression: sink.Gzip}) },
		"zstd":    func(dir string) *sink.Folder { return sink.JSONL(dir, &sink.Options{Compression: sink.Zstd, Level: 9}) },
		"parquet": func(dir string) *sink.Folder { return sink.Parquet(dir, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var all []sink.Manifest
			for _, procs := range []int{1, 2, 7} {
				old := runtime.GOMAXPROCS(procs)
				dir := t.TempDir()
				dst := f(dir)
				write(t, dst, rs)
				err := dst.Close()
				runtime.GOMAXPROCS(old)
				require.NoError(t, err)
				all = append(all, checkManifest(t, dir, 3000))
			}
			assert.Equal(t, all[0], all[1])
			assert.Equal(t, all[0], all[2])
		})
	}
}

func TestFolderAbort(t *testing.T) {
	for name, f := range map[string]func(string, *sink.Options) *sink.Folder{"jsonl": sink.JSONL, "parquet": sink.Parquet} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			dst := f(dir, &sink.Options{RowsPerShard: 3})
			write(t, dst, chats(10))
			require.NoError(t, dst.Abort())
			assert.NoDirExists(t, dir, "a folder that the sink made goes")
			assert.Error(t, dst.Write(t.Context(), chats(1)[0]))
			require.NoError(t, dst.Abort())
			require.NoError(t, dst.Close())
			assert.NoDirExists(t, dir, "close after abort commits nothing")

			kept := t.TempDir()
			dst = f(kept, nil)
			write(t, dst, chats(1))
			require.NoError(t, dst.Abort())
			assert.Empty(t, names(t, kept))
		})
	}
}

func TestOverwrite(t *testing.T) {
	dir := t.TempDir()
	keep := filepath.Join(dir, "train-notes.txt")
	require.NoError(t, os.WriteFile(keep, []byte("mine"), 0o666))
	first := sink.JSONL(dir, &sink.Options{RowsPerShard: 2})
	write(t, first, chats(6))
	require.NoError(t, first.WriteReport(datamix.Report{}))
	require.NoError(t, first.Close())
	before := names(t, dir)

	refused := sink.JSONL(dir, nil)
	err := refused.Write(t.Context(), chats(1)[0])
	require.ErrorIs(t, err, fs.ErrExist)
	assert.ErrorContains(t, err, "overwrite")
	assert.True(t, datamix.Final(err))
	require.NoError(t, refused.Abort())
	require.ErrorIs(t, sink.JSONL(dir, nil).Close(), fs.ErrExist)
	assert.Equal(t, before, names(t, dir))

	again := sink.JSONL(dir, &sink.Options{Overwrite: true})
	write(t, again, chats(5))
	checkManifest(t, dir, 6)
	require.NoError(t, again.Abort())
	assert.Equal(t, before, names(t, dir), "an aborted run takes nothing away")

	other := sink.JSONL(dir, &sink.Options{Overwrite: true, Prefix: "new", Compression: sink.Zstd})
	write(t, other, chats(5))
	require.NoError(t, other.Close())
	assert.Equal(t, []string{"README.md", "manifest.json", "new-00000-of-00001.jsonl.zst", "train-notes.txt"}, names(t, dir))
	checkManifest(t, dir, 5)
}

func TestCheckTouchesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, sink.JSONL(dir, nil).Check())
	assert.NoDirExists(t, dir)
	require.ErrorContains(t, sink.JSONL(dir, &sink.Options{As: "poem"}).Check(), "unknown form")
	require.NoError(t, sink.JSONL(dir, nil).Close())
	require.ErrorIs(t, sink.JSONL(dir, nil).Check(), fs.ErrExist)
	again := sink.JSONL(dir, &sink.Options{Overwrite: true})
	require.NoError(t, again.Check())
	require.NoError(t, again.Close())
}

func TestLeftoversOfAKilledRun(t *testing.T) {
	dir := t.TempDir()
	killed := sink.JSONL(dir, &sink.Options{RowsPerShard: 2})
	write(t, killed, chats(5))
	assert.NotEmpty(t, names(t, dir))
	next := sink.Parquet(dir, nil)
	write(t, next, chats(1))
	require.NoError(t, next.Close())
	assert.Equal(t, []string{"README.md", "manifest.json", "train-00000-of-00001.parquet"}, names(t, dir))
}

func TestQuarantine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	bad := &datamix.RecordError{Stage: "read", Err: fs.ErrInvalid, Origin: datamix.Origin{Path: "a", Row: 1}, Raw: []byte("{\n")}

	good := sink.JSONL(dir, nil)
	_ = good.Quarantine()
	require.NoError(t, good.Close())
	assert.NotContains(t, names(t, dir), sink.QuarantineName, "made on the first bad record only")

	aborted := sink.JSONL(dir, &sink.Options{Overwrite: true})
	require.NoError(t, aborted.Quarantine().Write(t.Context(), bad.Record()))
	write(t, aborted, chats(1))
	require.NoError(t, aborted.Quarantine().Close())
	require.NoError(t, aborted.Abort())
	assert.Equal(t, `{"part":"","path":"a","row":1,"offset":0,"stage":"read","error":"invalid argument","raw":"{\n"}`+"\n",
		content(t, filepath.Join(dir, sink.QuarantineName)), "kept when the run is aborted")

	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			_ = yield(nil, bad) && yield(chats(1)[0], nil) && yield(nil, bad)
		}
	})
	run := sink.JSONL(dir, &sink.Options{Overwrite: true})
	_, err := datamix.Run(t.Context(), datamix.Chain(src, datamix.OnError(datamix.Quarantine(run.Quarantine(), nil))), run)
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(content(t, filepath.Join(dir, sink.QuarantineName)), "\n"))
	checkManifest(t, dir, 1)

	clean := sink.JSONL(dir, &sink.Options{Overwrite: true})
	require.NoError(t, clean.Close())
	assert.NotContains(t, names(t, dir), sink.QuarantineName, "that of an earlier run goes")
}

package sink_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// pieces keeps what it is given with each Write, and fails at the given one.
type pieces struct {
	got    []string
	failAt int
}

var errPipe = errors.New("broken pipe")

func (p *pieces) Write(b []byte) (int, error) {
	if p.failAt > 0 && len(p.got) == p.failAt-1 {
		return 3, errPipe
	}
	p.got = append(p.got, string(b))
	return len(b), nil
}

func TestWriterWritesWholeLinesInLargePieces(t *testing.T) {
	p := &pieces{}
	w := sink.Writer(p, nil)
	write(t, w, chats(2000))
	assert.NotEmpty(t, p.got, "a full buffer is written before Close")
	require.NoError(t, w.Close())
	for i, piece := range p.got {
		assert.True(t, strings.HasSuffix(piece, "\n"), "piece %d", i)
		assert.True(t, i == len(p.got)-1 || len(piece) >= 32<<10, "piece %d", i)
	}
	assert.Equal(t, 2000, strings.Count(strings.Join(p.got, ""), "\n"))
	assert.Error(t, w.Write(t.Context(), chats(1)[0]))
}

func TestWriterFlushes(t *testing.T) {
	rec := httptest.NewRecorder()
	w := sink.Writer(rec, nil)
	write(t, w, chats(1))
	assert.False(t, rec.Flushed)
	require.NoError(t, w.Close())
	assert.True(t, rec.Flushed, "http.Flusher")

	var b bytes.Buffer
	w = sink.Writer(bufio.NewWriter(&b), nil)
	write(t, w, chats(1))
	require.NoError(t, datamix.Abort(w))
	assert.Equal(t, 1, strings.Count(b.String(), "\n"), "abort flushes what is whole")

	full := sink.Writer(bufio.NewWriterSize(&pieces{failAt: 1}, 1<<20), nil)
	write(t, full, chats(1))
	assert.ErrorIs(t, full.Close(), errPipe, "an error of Flush is one of the sink")
}

func TestWriterErrorStays(t *testing.T) {
	p := &pieces{failAt: 2}
	w := sink.Writer(p, nil)
	var err error
	for _, r := range chats(2000) {
		if err = w.Write(t.Context(), r); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, errPipe)
	assert.ErrorContains(t, err, "bytes")
	assert.True(t, datamix.Final(err))
	assert.Equal(t, err, w.Write(t.Context(), chats(1)[0]))
	assert.Equal(t, err, w.Close())
	assert.Len(t, p.got, 1)
}

func TestWriterAndFileOptionErrors(t *testing.T) {
	r := chats(1)[0]
	for want, o := range map[string]sink.Options{
		"not compressed": {Compression: sink.Gzip}, "no shards": {Prefix: "x"}, "overwrite": {Overwrite: true}, "unknown form": {As: "x"},
	} {
		assert.ErrorContains(t, sink.Writer(io.Discard, &o).Write(t.Context(), r), want)
	}
	dir := t.TempDir()
	for want, o := range map[string]sink.Options{
		"the name says compression gzip": {Compression: sink.Zstd}, "no shards": {RowsPerShard: 1}, "unknown form": {As: "x"}, "1 to 9": {Level: 12},
	} {
		f := sink.File(filepath.Join(dir, "a.jsonl.gz"), &o)
		err := f.Write(t.Context(), r)
		assert.ErrorContains(t, err, want)
		assert.Equal(t, err, f.Write(t.Context(), r))
		assert.ErrorContains(t, f.Close(), want)
	}
	assert.Empty(t, names(t, dir))
}

func TestFile(t *testing.T) {
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			f := sink.File(path, nil)
			write(t, f, chats(100))
			assert.NoFileExists(t, path)
			require.NoError(t, f.Close())
			require.NoError(t, f.Close())
			assert.Equal(t, 100, strings.Count(content(t, path), "\n"))
			assert.Error(t, f.Write(t.Context(), chats(1)[0]))

			assert.ErrorIs(t, sink.File(path, nil).Close(), fs.ErrExist)
			aborted := sink.File(path, &sink.Options{Overwrite: true})
			write(t, aborted, chats(1))
			require.NoError(t, datamix.Abort(aborted))
			assert.Equal(t, 100, strings.Count(content(t, path), "\n"))
			again := sink.File(path, &sink.Options{Overwrite: true})
			write(t, again, chats(1))
			require.NoError(t, again.Close())
			assert.Equal(t, 1, strings.Count(content(t, path), "\n"))
			assert.Equal(t, []string{name}, names(t, filepath.Dir(path)))
		})
	}
	assert.ErrorIs(t, sink.File(filepath.Join(t.TempDir(), "no", "a.jsonl"), nil).Close(), os.ErrNotExist)
}

// probe is a sink that tells what was done with it.
type probe struct {
	did  []string
	fail string
}

func (p *probe) do(what string) error {
	p.did = append(p.did, what)
	if p.fail == what {
		return errors.New("cannot " + what)
	}
	return nil
}

func (p *probe) Write(_ context.Context, _ *datamix.Record) error { return p.do("write") }
func (p *probe) Close() error                                     { return p.do("close") }
func (p *probe) Abort() error                                     { return p.do("abort") }
func (p *probe) WriteReport(datamix.Report) error                 { return p.do("report") }

func TestTee(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	folder, p := sink.JSONL(filepath.Join(dir, "out"), nil), &probe{}
	tee := sink.Tee(sink.Writer(&b, nil), folder, sink.File(filepath.Join(dir, "all.jsonl.gz"), nil), sink.Discard(), p)
	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for _, r := range chats(7) {
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	_, err := datamix.Run(t.Context(), src, tee)
	require.NoError(t, err)
	assert.Equal(t, b.String(), content(t, filepath.Join(dir, "all.jsonl.gz")))
	assert.Equal(t, b.String(), content(t, filepath.Join(dir, "out", "train-00000-of-00001.jsonl")))
	assert.FileExists(t, filepath.Join(dir, "out", "report.json"), "the report reaches sinks inside")
	assert.Equal(t, []string{"report", "close"}, p.did[7:])
}

func TestTeeReachesAllDespiteErrors(t *testing.T) {
	a, b := &probe{fail: "close"}, &probe{fail: "close"}
	err := sink.Tee(a, sink.Discard(), b).Close()
	assert.ErrorContains(t, err, "cannot close\ncannot close")
	a, b = &probe{fail: "abort"}, &probe{}
	assert.ErrorContains(t, datamix.Abort(sink.Tee(a, b)), "cannot abort")
	assert.Equal(t, []string{"abort"}, b.did)
	a, b = &probe{fail: "write"}, &probe{}
	assert.ErrorContains(t, sink.Tee(a, b).Write(t.Context(), chats(1)[0]), "cannot write")
	assert.Empty(t, b.did)
	assert.NoError(t, sink.Tee().Write(t.Context(), chats(1)[0]))
}

func TestDiscard(t *testing.T) {
	d := sink.Discard()
	write(t, d, chats(3))
	require.NoError(t, d.Close())
	assert.Error(t, d.Write(t.Context(), chats(1)[0]))
}

package source_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
	"github.com/datamix-go/datamix/source/sourcetest"
)

// files makes a file system of names and contents.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// read returns what a source yields: the responses of records, and errors.
func read(src datamix.Source) (texts []string, bad []*datamix.RecordError, final error) {
	for r, err := range src.Records(context.Background()) {
		var re *datamix.RecordError
		switch {
		case errors.As(err, &re):
			bad = append(bad, re)
		case err != nil:
			final = err
		default:
			texts = append(texts, r.Response())
		}
	}
	return texts, bad, final
}

// mixed is a set of files in all text formats, with bad rows and more than one
// block in some.
func mixed(t testing.TB) fstest.MapFS {
	var long strings.Builder
	for i := range 6000 {
		if i%1000 == 17 {
			long.WriteString("{\"text\": \"not closed\n\n")
			continue
		}
		fmt.Fprintf(&long, "{\"id\": %d, \"text\": \"%s %d\"}\n", i, strings.Repeat("word ", 20), i)
	}
	array := "[" + strings.Repeat(`{"prompt":"a","completion":"b"},`+"\n", 9000) + `{"prompt":"c"}]`
	return files("a.jsonl", long.String(), "b.jsonl.gz", gz(t, long.String()), "c.json", array,
		"d/e.csv", "prompt,completion\na,b\nc\nd,e\n", "d/f.tsv", "question\tanswer\nwhat\t\"it\n",
		"g.txt", strings.Repeat("a line\n", 30000), "empty.jsonl", "", "README.txt", "no data", ".hidden.jsonl", "no data")
}

func TestConformance(t *testing.T) {
	fsys := mixed(t)
	for _, workers := range []int{1, 3} {
		t.Run(fmt.Sprintf("files, %d workers", workers), func(t *testing.T) {
			sourcetest.Run(t, func() datamix.Source {
				return source.Files(fsys, ".", &source.Options{Workers: workers, Labels: map[string]string{"set": "mixed"}})
			})
		})
		t.Run(fmt.Sprintf("several records of a row, %d workers", workers), func(t *testing.T) {
			sourcetest.Run(t, func() datamix.Source {
				return source.Files(fsys, "{a.jsonl,c.json}", &source.Options{Workers: workers, Adapter: schema.Func(twins)})
			})
		})
		t.Run(fmt.Sprintf("reader, %d workers", workers), func(t *testing.T) {
			sourcetest.Run(t, func() datamix.Source {
				return source.Reader(bytes.NewReader(fsys["a.jsonl"].Data), "stdin", &source.Options{Workers: workers})
			})
		})
	}
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "c.json")
		require.NoError(t, os.WriteFile(path, fsys["c.json"].Data, 0o600))
		sourcetest.Run(t, func() datamix.Source { return source.File(path, nil) })
	})
}

// twins is an adapter that makes two records of a row.
func twins(r *datamix.Record, emit func(*datamix.Record)) error {
	if r.Origin.Row%500 == 3 {
		return errors.New("a row without twins")
	}
	for i := range 2 {
		c := r.Copy()
		c.Origin.Sub = i
		c.AdaptText(fmt.Sprintf("twin %d of %d", i, r.Origin.Row))
		emit(c)
	}
	return nil
}

func TestFilesOfAPattern(t *testing.T) {
	row := `{"text":"x"}`
	fsys := files("b/2.jsonl", row, "b/10.jsonl", row, "a.jsonl", row, "b/c/d/x.jsonl.gz", gz(t, row), "b/notes.txt", "x",
		"b/[odd].jsonl", row, "b/readme.md", "x", "b/LICENSE.txt", "x", "b/.git/x.json", row, "b/_old.jsonl", row)
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"a.jsonl", []string{"a.jsonl"}},
		{"./a.jsonl", []string{"a.jsonl"}},
		{"*.jsonl", []string{"a.jsonl"}},
		{"b/?.jsonl", []string{"b/2.jsonl"}},
		{"b/[0-9]*", []string{"b/10.jsonl", "b/2.jsonl"}},
		{"b/[odd].jsonl", []string{"b/[odd].jsonl"}},
		{"**/x.jsonl.gz", []string{"b/c/d/x.jsonl.gz"}},
		{"b/**/x.*", []string{"b/.git/x.json", "b/c/d/x.jsonl.gz"}},
		{"{a,b/2,none}.jsonl", []string{"a.jsonl", "b/2.jsonl"}},
		{"{b,b}/{2,1?}.jsonl", []string{"b/10.jsonl", "b/2.jsonl"}},
		{"b", []string{"b/10.jsonl", "b/2.jsonl", "b/[odd].jsonl", "b/c/d/x.jsonl.gz", "b/notes.txt"}},
		{".", []string{"a.jsonl", "b/10.jsonl", "b/2.jsonl", "b/[odd].jsonl", "b/c/d/x.jsonl.gz", "b/notes.txt"}},
	} {
		t.Run(c.pattern, func(t *testing.T) {
			got, err := source.Files(fsys, c.pattern, nil).Paths()
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for pattern, want := range map[string]string{
		"c.jsonl":   `no file fits "c.jsonl" (in "." there is "a.jsonl", "b/"): file does not exist`,
		"b/*.csv":   `no file fits "b/*.csv" (in "b" there is ".git/", "10.jsonl", "2.jsonl", "LICENSE.txt", "[odd].jsonl"`,
		"x/y/*.csv": `no file fits "x/y/*.csv" (in "." there is`,
		"b/[":       "syntax error in pattern",
		"b/.git/..": "", // the folder b
		"/b":        `no file fits "/b"`,
	} {
		_, err := source.Files(fsys, pattern, nil).Paths()
		if want == "" {
			require.NoError(t, err, pattern)
			continue
		}
		require.ErrorContains(t, err, want)
		_, _, final := read(source.Files(fsys, pattern, nil))
		require.ErrorContains(t, final, want)
	}
	_, err := source.Files(files("d/x.bin", "x"), "d", nil).Paths()
	require.ErrorContains(t, err, `the folder "d" has no data files (in "d" there is "x.bin")`)
}

func TestFilesOfTheOperatingSystem(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.jsonl")
	_, _, final := read(source.File(missing, nil))
	require.ErrorIs(t, final, fs.ErrNotExist)
	assert.Equal(t, 1, strings.Count(final.Error(), missing), "the path stands in the message once")
	_, _, final = read(source.File(dir, nil))
	require.ErrorContains(t, final, "is a folder: use Files with os.DirFS")

	path := filepath.Join(dir, "rows.zip")
	f, err := os.Create(path)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	for name, text := range map[string]string{"b.jsonl": `{"text":"2"}`, "a/x.csv": "prompt,completion\np,1\n", "readme.txt": "no"} {
		m, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(m, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	src := source.File(path, nil)
	texts, bad, final := read(src)
	require.NoError(t, final)
	assert.Empty(t, bad)
	assert.Equal(t, []string{"1", "2"}, texts)
	paths, err := src.Paths()
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.ToSlash(path) + "/a/x.csv", filepath.ToSlash(path) + "/b.jsonl"}, paths)

	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	texts, _, final = read(source.Files(archive, "*.jsonl", nil))
	require.NoError(t, final)
	assert.Equal(t, []string{"2"}, texts)
	require.NoError(t, archive.Close())

	_, _, final = read(source.Files(os.DirFS(dir), "rows.zip", nil))
	require.ErrorContains(t, final, "rows.zip: the file is a zip archive: open it with archive/zip")
}

// denied is a file system whose files cannot be opened.
type denied struct{ fs.FS }

func (d denied) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".jsonl") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestUnreadableFileIsFinal(t *testing.T) {
	_, _, final := read(source.Files(denied{files("a.json", `[{"text":"x"}]`, "b.jsonl", "")}, "*", nil))
	require.ErrorIs(t, final, fs.ErrPermission)
	require.EqualError(t, final, "open b.jsonl: permission denied")
}

// tracked counts the files that are open.
type tracked struct {
	fs.FS
	open, opened atomic.Int64
}

type trackedFile struct {
	fs.File
	t      *tracked
	closed atomic.Bool
}

func (t *tracked) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return f, nil
	}
	t.open.Add(1)
	t.opened.Add(1)
	return &trackedFile{File: f, t: t}, nil
}

func (f *trackedFile) Close() error {
	if !f.closed.Swap(true) {
		f.t.open.Add(-1)
	}
	return f.File.Close()
}

func TestFilesAreClosed(t *testing.T) {
	for _, workers := range []int{1, 2} {
		fsys := &tracked{FS: mixed(t)}
		src := source.Files(fsys, "{a,b,c}.*", &source.Options{Workers: workers})
		seq := src.Records(context.Background())
		assert.Zero(t, fsys.opened.Load(), "nothing is opened before the range")
		for _, stop := range []int{1, 100, 7000, 1 << 30} {
			n := 0
			for range seq {
				if n++; n == stop {
					break
				}
			}
			assert.Zero(t, fsys.open.Load(), "after %d of %d", stop, n)
		}
		assert.Panics(t, func() {
			for range seq {
				panic("in the loop")
			}
		})
		assert.Zero(t, fsys.open.Load(), "after a panic")
	}
}

func TestGoroutines(t *testing.T) {
	fsys := mixed(t)
	for _, c := range []struct {
		name, pattern string
		workers       int
		more          bool
	}{
		{"one worker", "a.jsonl", 1, false},
		{"a small file", "d/e.csv", 8, false},
		{"a large file", "a.jsonl", 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := false
			for range 50 { // workers may be through before the loop looks, or older goroutines still be ending
				before, most := runtime.NumGoroutine(), 0
				for range source.Files(fsys, c.pattern, &source.Options{Workers: c.workers}).Records(context.Background()) {
					most = max(most, runtime.NumGoroutine())
				}
				if seen = most > before; seen {
					break
				}
			}
			assert.Equal(t, c.more, seen)
		})
	}
}

func TestReader(t *testing.T) {
	t.Run("is read once", func(t *testing.T) {
		src := source.Reader(strings.NewReader("{\"text\":\"a\"}\n{\"text\":\"b\"}"), "stdin", nil)
		for r, err := range src.Records(context.Background()) {
			require.NoError(t, err)
			assert.Equal(t, "stdin:0", r.ID())
			break
		}
		_, _, final := read(src)
		require.ErrorIs(t, final, datamix.ErrConsumed)
	})
	for _, workers := range []int{1, 2} {
		t.Run(fmt.Sprintf("cancelling ends a read that waits, %d workers", workers), func(t *testing.T) {
			r, w := io.Pipe()
			ctx, cancel := context.WithCancelCause(context.Background())
			cause := errors.New("enough")
			go func() {
				_, _ = w.Write([]byte(`{"text":"a"}`))
				cancel(cause)
			}()
			var last error
			for _, err := range source.Reader(r, "pipe", &source.Options{Workers: workers}).Records(ctx) {
				last = err
			}
			require.ErrorIs(t, last, cause)
		})
	}
	t.Run("a break ends a read that waits", func(t *testing.T) {
		r, w := io.Pipe()
		go func() { _, _ = io.WriteString(w, strings.Repeat("{\"text\":\"a\"}\n", 100_000)) }()
		n := 0
		for _, err := range source.Reader(r, "pipe", &source.Options{Workers: 2}).Records(context.Background()) {
			require.NoError(t, err)
			if n++; n == 20_000 {
				break
			}
		}
		_, err := w.Write([]byte("x"))
		require.ErrorIs(t, err, io.ErrClosedPipe, "the reader is closed")
	})
	t.Run("a fault of the reader is final", func(t *testing.T) {
		r := io.MultiReader(strings.NewReader("{\"text\":\"a\"}\n{\"te"), iotestErr{})
		texts, bad, final := read(source.Reader(r, "net", nil))
		assert.Equal(t, []string{"a"}, texts)
		assert.Empty(t, bad)
		require.ErrorIs(t, final, errLine)
		require.ErrorContains(t, final, "net: ")
	})
}

var errLine = errors.New("line dropped")

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, errLine }

func TestRecords(t *testing.T) {
	a, b := datamix.NewText("a"), datamix.NewText("b")
	c := datamix.NewText("c")
	c.Origin = datamix.Origin{Path: "elsewhere", Row: 7}
	src := source.Records(a, b, c)
	sourcetest.Run(t, func() datamix.Source { return src })
	n, ok := datamix.Size(context.Background(), src)
	assert.True(t, ok)
	assert.EqualValues(t, 3, n)
	var ids []string
	for r, err := range src.Records(context.Background()) {
		require.NoError(t, err)
		ids = append(ids, r.ID())
		assert.NotSame(t, a, r)
	}
	assert.Equal(t, []string{":0", ":1", "elsewhere:7"}, ids)
	_, _, final := read(source.Records(a, nil))
	require.EqualError(t, final, "source records: record 1 is nil")
}

package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

// placesOf reads src to its end and returns its records with their places.
func placesOf(t *testing.T, src datamix.Source) (rs []*datamix.Record, at []datamix.Place) {
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		rs = append(rs, r)
		at = append(at, datamix.Place{Origin: r.Origin, Size: int64(r.RawSize())})
	}
	return rs, at
}

// requireSameRows reads all rows of src backwards, one by one, and holds them
// against what Records yields.
func requireSameRows(t *testing.T, src datamix.Source) {
	t.Helper()
	want, at := placesOf(t, src)
	rows, ok := datamix.Seek(t.Context(), src)
	require.True(t, ok)
	defer rows.Close()
	for _, p := range at {
		require.True(t, rows.Readable(p.Path), p.Path)
	}
	for i := len(at); i > 0; i -= min(i, 7) {
		part := at[max(0, i-7):i]
		got, err := rows.ReadRows(t.Context(), part, new(datamix.Arena))
		require.NoError(t, err)
		require.Len(t, got, len(part))
		for k, r := range got {
			w := want[max(0, i-7)+k]
			require.Equal(t, w.Origin, r.Origin)
			require.Equal(t, w.ContentHash(), r.ContentHash())
			wantRaw, _ := w.Raw()
			raw, _ := r.Raw()
			require.Equal(t, wantRaw, raw)
		}
	}
}

func TestSeekReadsWhatRecordsYields(t *testing.T) {
	fsys := fstest.MapFS{
		"a.jsonl": {Data: []byte("{\"prompt\":\"1\",\"completion\":\"a\"}\r\n\n{\"prompt\":\"2\",\"completion\":\"b\"}\n")},
		"b.json":  {Data: []byte("[ {\"question\":\"1\",\n\"answer\":\"a\"} ,\n{\"question\":\"2\",\"answer\":\"b\"}]")},
		"c.json":  {Data: []byte("{\"version\":1,\"data\":[{\"question\":\"1\",\"answer\":\"a\"},{\"question\":\"2\",\"answer\":\"b\"}]}")},
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, fsys))
	requireSameRows(t, source.Files(os.DirFS(dir), ".", nil))
	requireSameRows(t, source.File(filepath.Join(dir, "b.json"), nil))
	chain := datamix.Chain(source.Files(os.DirFS(dir), "a.jsonl", nil), datamix.Where(), datamix.OnError(datamix.SkipAtMost(0)))
	requireSameRows(t, chain)
	_, ok := datamix.Seek(t.Context(), datamix.Chain(chain, datamix.StepFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "", nil })))
	assert.False(t, ok, "a step may change records")
}

func TestSeekOverSharedData(t *testing.T) {
	for _, path := range []string{"gsm8k", "oasst-trees", "tulu3-sample", "stanford-alpaca", "v1-sft-demo", "reason-tool-use", "self-instruct"} {
		t.Run(path, func(t *testing.T) {
			src := source.Files(os.DirFS(shareddata.Dir(t)), path, nil)
			paths, err := src.Paths()
			require.NoError(t, err)
			rows, ok := src.Seek(t.Context())
			require.True(t, ok)
			defer rows.Close()
			for _, p := range paths {
				if rows.Readable(p) {
					requireSameRows(t, source.Files(os.DirFS(shareddata.Dir(t)), p, nil))
				}
			}
		})
	}
}

func TestSeekRefusesWhatItCannotDo(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprintln(w, `{"prompt":"1","completion":"a"}`)
	require.NoError(t, w.Close())
	dir := t.TempDir()
	for name, data := range map[string]string{
		"packed.jsonl": packed.String(), "mark.jsonl": "\xef\xbb\xbf{\"prompt\":\"1\",\"completion\":\"a\"}\n",
		"a.csv": "question,answer\n1,a\n", "empty.jsonl": "",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600))
		rows, ok := source.Files(os.DirFS(dir), name, nil).Seek(t.Context())
		require.True(t, ok)
		assert.False(t, rows.Readable(name), name)
		require.NoError(t, rows.Close())
	}
}

func TestSeekNoticesChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{\"prompt\":\"1\",\"completion\":\"a\"}\n{\"prompt\":\"2\",\"completion\":\"b\"}\n"), 0o600))
	src := source.File(path, nil)
	_, at := placesOf(t, src)
	require.NoError(t, os.WriteFile(path, []byte("{\"prompt\":\"long\",\"completion\":\"a\"}\n"), 0o600))
	rows, ok := src.Seek(t.Context())
	require.True(t, ok)
	defer rows.Close()
	for _, p := range at {
		_, err := rows.ReadRows(t.Context(), []datamix.Place{p}, nil)
		require.ErrorIs(t, err, datamix.ErrMoved)
	}
}

func TestIdentityFollowsTheFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jsonl")
	write := func(text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	id := func(o *source.Options) string {
		s, ok := datamix.Identity(t.Context(), source.Files(os.DirFS(dir), "*.jsonl", o))
		require.True(t, ok)
		return s
	}
	write("{\"text\":\"a\"}\n")
	first := id(nil)
	assert.Equal(t, first, id(&source.Options{Workers: 3}), "workers change nothing")
	assert.NotEqual(t, first, id(&source.Options{Schema: "text"}))
	st, err := os.Stat(path)
	require.NoError(t, err)
	write("{\"text\":\"b\"}\n")
	require.NoError(t, os.Chtimes(path, st.ModTime(), st.ModTime()))
	assert.NotEqual(t, first, id(nil), "another content of the same size and time")
	write("{\"text\":\"a\"}\n")
	require.NoError(t, os.Chtimes(path, st.ModTime(), st.ModTime()))
	assert.Equal(t, first, id(nil))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.jsonl"), []byte("{\"text\":\"c\"}\n"), 0o600))
	assert.NotEqual(t, first, id(nil), "one more file")

	adapter := schema.Func(func(r *datamix.Record, emit func(*datamix.Record)) error { emit(r); return nil })
	_, ok := datamix.Identity(t.Context(), source.Files(os.DirFS(dir), "*.jsonl", &source.Options{Adapter: adapter}))
	assert.False(t, ok, "a Go function without a name")
	one := id(&source.Options{Adapter: schema.Named("mine", 1, adapter)})
	assert.Equal(t, one, id(&source.Options{Adapter: schema.Named("mine", 1, adapter)}))
	assert.NotEqual(t, one, id(&source.Options{Adapter: schema.Named("mine", 2, adapter)}))
	assert.NotEqual(t, one, id(nil))

	mapped := source.Files(fstest.MapFS{"x.jsonl": {Data: []byte("{\"text\":\"a\"}\n")}}, "x.jsonl", nil)
	a, ok := mapped.Identity(t.Context())
	require.True(t, ok)
	b, _ := source.Files(fstest.MapFS{"x.jsonl": {Data: []byte("{\"text\":\"b\"}\n")}}, "x.jsonl", nil).Identity(t.Context())
	assert.NotEqual(t, a, b, "files without a time are hashed")
	_, ok = datamix.Identity(t.Context(), datamix.Chain(mapped, datamix.Where(datamix.FilterFunc(nil))))
	assert.False(t, ok, "a filter without a Spec")
	_, ok = datamix.Identity(t.Context(), source.Files(os.DirFS(dir), "no*", nil))
	assert.False(t, ok)
}

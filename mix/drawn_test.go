package mix_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/source"
)

// packed writes records that say the same as others here and there.
func packed(t *testing.T, dir, name string, n int) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for i := range n {
		_, err := fmt.Fprintf(w, "{\"prompt\":\"question %d of %s\",\"completion\":\"answer %d\"}\n", i*7%(n-20), name, i*7%(n-20))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl.gz"), b.Bytes(), 0o600))
}

// TestRecordsOfSourcesThatCannotSeekAreKept tells by the files of the cache, which
// are replaced where they were of no use, whether a source was read again.
func TestRecordsOfSourcesThatCannotSeekAreKept(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(t *testing.T, dir, cache string, r *mix.Recipe)
		replaced int // of the two files
		files    int
	}{
		"nothing": {func(*testing.T, string, string, *mix.Recipe) {}, 0, 2},
		"a share": {func(_ *testing.T, _, _ string, r *mix.Recipe) {
			r.Parts[0].Quantity, r.Parts[1].Quantity = mix.Share(.3), mix.Share(.7)
		}, 0, 2},
		"a larger share than is there": {func(_ *testing.T, _, _ string, r *mix.Recipe) {
			r.Parts[0].Quantity, r.Parts[1].Quantity = mix.Share(.05), mix.Share(.95)
			r.Total = 2500
		}, 1, 2},
		"another order": {func(_ *testing.T, _, _ string, r *mix.Recipe) { r.Order = mix.Shuffled }, 0, 2},
		"another seed":  {func(_ *testing.T, _, _ string, r *mix.Recipe) { r.Seed++ }, 2, 2},
		"all of a part": {func(_ *testing.T, _, _ string, r *mix.Recipe) {
			r.Parts[0].Quantity, r.Total = mix.All(), 0
			r.Parts[1].Quantity = mix.Epochs(2)
		}, 2, 2},
		"another name":      {func(_ *testing.T, _, _ string, r *mix.Recipe) { r.Parts[0].Name = "c" }, 0, 3},
		"another label":     {func(_ *testing.T, _, _ string, r *mix.Recipe) { r.Parts[0].Labels = map[string]string{"x": "y"} }, 0, 3},
		"no duplicates any": {func(_ *testing.T, _, _ string, r *mix.Recipe) { r.Dedup = "" }, 0, 4},
		"a touched file": {func(t *testing.T, dir, _ string, _ *mix.Recipe) {
			later := time.Now().Add(time.Hour)
			require.NoError(t, os.Chtimes(filepath.Join(dir, "a.jsonl.gz"), later, later))
		}, 0, 3},
		"a damaged file": {func(t *testing.T, _, cache string, _ *mix.Recipe) {
			for i, path := range drawnFiles(t, cache) {
				data, err := os.ReadFile(path)
				require.NoError(t, err)
				data[len(data)/2+i] ^= 1
				require.NoError(t, os.WriteFile(path, data, 0o600))
			}
		}, 2, 2},
		"a file cut short": {func(t *testing.T, _, cache string, _ *mix.Recipe) {
			files := drawnFiles(t, cache)
			require.NoError(t, os.Truncate(files[0], 1000))
			require.NoError(t, os.Truncate(files[1], 3))
		}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cache := t.TempDir(), t.TempDir()
			packed(t, dir, "a", 3000)
			packed(t, dir, "b", 3000)
			r := mix.Recipe{Seed: 1, Total: 1000, Dedup: "content", Parts: []mix.Part{
				{Name: "a", Quantity: mix.Share(.4), Source: source.Files(os.DirFS(dir), "a.jsonl.gz", nil)},
				{Name: "b", Quantity: mix.Share(.6), Source: source.Files(os.DirFS(dir), "b.jsonl.gz", nil)},
			}}
			draw := func(o *mix.Options) (out []string) {
				for r, err := range newMix(t, r, o).Records(t.Context()) {
					require.NoError(t, err)
					raw, _ := r.Raw()
					out = append(out, fmt.Sprint(r.Origin, r.Label("x"), r.Messages(), string(raw)))
				}
				return out
			}
			require.Equal(t, draw(nil), draw(&mix.Options{CacheDir: cache}))
			before := map[string]os.FileInfo{}
			for _, path := range drawnFiles(t, cache) {
				st, err := os.Stat(path)
				require.NoError(t, err)
				before[path] = st
			}
			require.Len(t, before, 2)
			c.change(t, dir, cache, &r)
			want := draw(nil)
			require.Equal(t, want, draw(&mix.Options{CacheDir: cache}))
			require.Equal(t, want, draw(&mix.Options{CacheDir: cache, Workers: 1, MemoryLimit: -1}))
			files, replaced := drawnFiles(t, cache), 0
			for _, path := range files {
				st, err := os.Stat(path)
				require.NoError(t, err)
				if old := before[path]; old != nil && !os.SameFile(old, st) {
					replaced++
				}
			}
			assert.Equal(t, c.replaced, replaced)
			assert.Len(t, files, c.files)
			hidden, err := filepath.Glob(filepath.Join(cache, ".*"))
			require.NoError(t, err)
			assert.Empty(t, hidden)
		})
	}
}

func drawnFiles(t *testing.T, cache string) []string {
	files, err := filepath.Glob(filepath.Join(cache, "*.drawn"))
	require.NoError(t, err)
	return files
}

package mix_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

// TestSameBytesWithAnyWorkers writes a mix of real sets, in formats that can seek
// and formats that cannot, and holds the hash of all that is written against
// other numbers of workers, processors and bytes of memory, with and without a
// cache. It is after dolma, whose samples depend on process ids, and HF datasets,
// whose stopping depends on workers.
func TestSameBytesWithAnyWorkers(t *testing.T) {
	data := os.DirFS(shareddata.Dir(t))
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	recipe := func(order mix.Order) mix.Recipe {
		r := mix.Recipe{Seed: 5, Unit: datamix.TrainableTokens, Total: 30_000, MaxEpochs: 20, Tokenizer: tok, Order: order,
			Dedup: filter.ByContent, Filters: []datamix.Filter{filter.NoEmptyTurns(), filter.MaxTokens(tok, 1000)}, OnError: datamix.SkipAtMost(100)}
		for _, p := range []struct {
			name string
			q    mix.Quantity
		}{{"gsm8k", mix.Share(.3)}, {"tulu3-sample", mix.Share(.3)}, {"oasst-trees", mix.Share(.2)}, {"dialogsum", mix.Share(.1)}, {"v1-sft-demo", mix.Share(.1)}} {
			r.Parts = append(r.Parts, mix.Part{Name: p.name, Source: source.Files(data, p.name, nil), Quantity: p.q})
		}
		return r
	}
	run := func(order mix.Order, o *mix.Options) string {
		dir := t.TempDir()
		m, err := mix.New(recipe(order), o)
		require.NoError(t, err)
		_, err = datamix.Run(t.Context(), m, sink.JSONL(filepath.Join(dir, "out"), &sink.Options{RowsPerShard: 100, Provenance: true}))
		require.NoError(t, err)
		h := sha256.New()
		require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(filepath.Join(dir, name))
			fmt.Fprintf(h, "%s %d\n%s", name, len(content), content)
			return err
		}))
		return fmt.Sprintf("%x", h.Sum(nil))
	}
	cache := t.TempDir()
	for _, order := range orders {
		want := run(order, &mix.Options{Workers: 1})
		for _, o := range []*mix.Options{{Workers: 2}, {Workers: 8, MemoryLimit: -1}, {CacheDir: cache}, {CacheDir: cache, Workers: 1}} {
			require.Equal(t, want, run(order, o), "%s, %+v", order, o)
		}
		for _, procs := range []int{1, 2} {
			before := runtime.GOMAXPROCS(procs)
			got := run(order, nil)
			runtime.GOMAXPROCS(before)
			require.Equal(t, want, got, "%s, GOMAXPROCS %d", order, procs)
		}
	}
}

package mix_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

// indexOf measures the one part of a recipe.
func indexOf(t testing.TB, part mix.Part, dedup filter.DedupKey) *mix.Index {
	t.Helper()
	part.Name, part.Quantity = "part", mix.All()
	m, err := mix.New(mix.Recipe{Parts: []mix.Part{part}, Dedup: dedup, OnError: datamix.SkipAtMost(1000)}, nil)
	require.NoError(t, err)
	x, err := m.Measure(t.Context(), "part")
	require.NoError(t, err)
	return x
}

func binary(t testing.TB, x *mix.Index) []byte {
	t.Helper()
	b, err := x.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestIndexHoldsWhatWasMeasured(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 20000} {
		g := &generated{name: "a", n: n, size: spread(300), bad: map[int]bool{3: true, 5000: true}}
		x := indexOf(t, mix.Part{Source: g}, filter.ByContent)
		require.NoError(t, x.Ledger.Check())
		var y mix.Index
		require.NoError(t, y.UnmarshalBinary(binary(t, x)))
		require.Equal(t, x.Len(), y.Len())
		assert.Equal(t, x.Ledger, y.Ledger)
		assert.Equal(t, x.Tally(), y.Tally())
		i := 0
		for r, err := range g.Records(t.Context()) {
			if err != nil {
				continue
			}
			for _, e := range []mix.Entry{x.At(i), y.At(i)} {
				require.Equal(t, r.Origin.Key(), e.Key)
				require.Equal(t, r.Counts(), e.Counts)
				require.Equal(t, 2, e.Turns)
				require.Equal(t, r.Origin.Path, e.Place.Path)
				require.Equal(t, r.Origin.Row, e.Place.Row)
			}
			i++
		}
		assert.Equal(t, binary(t, x), binary(t, &y))
	}
}

func TestDamagedIndexes(t *testing.T) {
	whole := binary(t, indexOf(t, mix.Part{Source: &generated{name: "a", n: 9000, size: spread(90)}}, ""))
	_, err := mix.ReadIndex(bytes.NewReader(whole))
	require.NoError(t, err)
	for _, n := range []int{0, 3, 17, 40, len(whole) / 2, len(whole) - 1} {
		_, err := mix.ReadIndex(bytes.NewReader(whole[:n]))
		require.ErrorIs(t, err, mix.ErrIndex, "%d bytes", n)
	}
	_, err = mix.ReadIndex(bytes.NewReader(append(bytes.Clone(whole), 0)))
	require.ErrorIs(t, err, mix.ErrIndex)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		damaged := bytes.Clone(whole)
		at := rng.IntN(len(damaged))
		damaged[at] ^= 1 << rng.IntN(8)
		_, err := mix.ReadIndex(bytes.NewReader(damaged))
		require.ErrorIs(t, err, mix.ErrIndex, "bit flipped in byte %d", at)
	}
}

func FuzzReadIndex(f *testing.F) {
	f.Add(binary(f, indexOf(f, mix.Part{Source: gen("a", 5)}, filter.ByContent)))
	f.Add(binary(f, indexOf(f, mix.Part{Source: gen("a", 40)}, "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := mix.ReadIndex(bytes.NewReader(data))
		if err != nil {
			require.ErrorIs(t, err, mix.ErrIndex)
			return
		}
		again := binary(t, x)
		y, err := mix.ReadIndex(bytes.NewReader(again))
		require.NoError(t, err)
		require.Equal(t, x.Tally(), y.Tally())
	})
}

// part yields the rows of a source from one to another.
func part(src datamix.Source, from, to int64) datamix.Source {
	return datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for r, err := range src.Records(ctx) {
				var bad *datamix.RecordError
				row := int64(-1)
				switch {
				case err == nil:
					row = r.Origin.Row
				case errors.As(err, &bad):
					row = bad.Origin.Row
				}
				if row >= from && row < to && !yield(r, err) {
					return
				}
			}
		}
	})
}

func TestMergedSlicesAreTheWhole(t *testing.T) {
	g := columned{&generated{name: "a", n: 10_000, size: spread(90), bad: map[int]bool{77: true, 9000: true}}}
	of := func(src datamix.Source) *mix.Index {
		odd := filter.Func("odd", func(r *datamix.Record) bool { return r.Origin.Row%3 != 1 })
		return indexOf(t, mix.Part{Source: src, Prefer: "score", Strata: "language", Filters: []datamix.Filter{odd}}, filter.ByContent)
	}
	whole := of(g)
	cuts := []int64{0, 1, 1, 4000, 8200, 10_000}
	var slices []*mix.Index
	for i := range len(cuts) - 1 {
		x, err := of(part(g, cuts[i], cuts[i+1])).OfSlice(mix.Slice{Number: i, Of: len(cuts) - 1})
		require.NoError(t, err)
		assert.False(t, x.Whole())
		slices = append(slices, x)
	}
	merge := func(xs ...*mix.Index) *mix.Index {
		m, err := mix.Merge(xs...)
		require.NoError(t, err)
		return m
	}
	want := binary(t, whole)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		rest := append([]*mix.Index(nil), slices...)
		for len(rest) > 1 { // in any order, any way bracketed
			i := rng.IntN(len(rest))
			x := rest[i]
			rest = append(rest[:i], rest[i+1:]...)
			k := rng.IntN(len(rest))
			rest[k] = merge(x, rest[k])
			var sent mix.Index // and over the wire
			require.NoError(t, sent.UnmarshalBinary(binary(t, rest[k])))
			rest[k] = &sent
		}
		require.True(t, rest[0].Whole())
		require.Equal(t, whole.Tally(), rest[0].Tally())
		require.Equal(t, want, binary(t, rest[0]))
	}
	_, err := mix.Merge(slices[0], slices[0])
	require.ErrorContains(t, err, "slice 0 of 5 is there twice")
	_, err = mix.Merge(slices[0], whole)
	require.ErrorContains(t, err, "of a whole part")
	_, err = whole.OfSlice(mix.Slice{Number: 2, Of: 2})
	require.Error(t, err)

	recipe := func() mix.Recipe {
		return mix.Recipe{Seed: 1, Total: 50, Dedup: filter.ByContent, OnError: datamix.SkipAtMost(1000), Parts: []mix.Part{
			{Name: "part", Source: g, Quantity: mix.Share(1), Prefer: "score", Strata: "language"}}}
	}
	r := recipe()
	r.Parts[0].Filters = []datamix.Filter{filter.Func("odd", func(r *datamix.Record) bool { return r.Origin.Row%3 != 1 })}
	assert.Equal(t, draw(t, r, nil), draw(t, recipe(), &mix.Options{Indexes: map[string]*mix.Index{"part": merge(slices...)}}),
		"a mix draws from indexes that were measured elsewhere")
	m, err := mix.New(recipe(), &mix.Options{Indexes: map[string]*mix.Index{"part": slices[0]}})
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.ErrorContains(t, err, "covers only some of its slices")
}

// cacheJob is a recipe over files, of which tests change the files and the
// recipe.
type cacheJob struct {
	dir, cache string
	recipe     mix.Recipe
	counted    *countingTokenizer
}

// countingTokenizer counts how often it is asked.
type countingTokenizer struct {
	*tokenize.Tokenizer
	mu sync.Mutex
	n  int
}

func (c *countingTokenizer) Count(text string) int {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.Tokenizer.Count(text)
}

func newCacheJob(t *testing.T) *cacheJob {
	j := &cacheJob{dir: t.TempDir(), cache: filepath.Join(t.TempDir(), "cache")}
	for _, name := range []string{"a", "b", "c"} {
		var b bytes.Buffer
		for i := range 300 {
			fmt.Fprintf(&b, "{\"prompt\":\"question %d of %s\",\"completion\":\"answer %d\"}\n", i%250, name, i%250)
		}
		require.NoError(t, os.WriteFile(filepath.Join(j.dir, name+".jsonl"), b.Bytes(), 0o600))
	}
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	j.counted = &countingTokenizer{Tokenizer: tok}
	part := func(name string, share float64) mix.Part {
		return mix.Part{Name: name, Source: source.Files(os.DirFS(j.dir), name+".jsonl", nil), Quantity: mix.Share(share)}
	}
	j.recipe = mix.Recipe{Seed: 1, Unit: datamix.Tokens, Total: 1000, Tokenizer: j.counted, Dedup: filter.ByContent,
		Filters: []datamix.Filter{filter.MinTokens(tok, 2)}, Parts: []mix.Part{part("a", .2), part("b", .3), part("c", .5)}}
	return j
}

// run returns what a run draws and how often it counted a text.
func (j *cacheJob) run(t *testing.T) ([]drawn, int) {
	t.Helper()
	j.counted.n = 0
	out := draw(t, j.recipe, &mix.Options{CacheDir: j.cache})
	n := j.counted.n
	require.Equal(t, out, draw(t, j.recipe, nil), "the same as without a cache")
	return out, n
}

func TestCacheMeasuresOnce(t *testing.T) {
	j := newCacheJob(t)
	_, all := j.run(t)
	require.Equal(t, 3*600, all, "each text of each record, once")
	_, again := j.run(t)
	assert.Zero(t, again)
	j.recipe.Seed, j.recipe.Total, j.recipe.Unit = 7, 300, datamix.Rows
	j.recipe.Parts[0].Quantity, j.recipe.Parts[2].Quantity = mix.Share(.4), mix.Share(.3)
	_, again = j.run(t)
	assert.Zero(t, again, "another seed, total, unit and share")
	j.recipe.Parts[0], j.recipe.Parts[2] = j.recipe.Parts[2], j.recipe.Parts[0]
	j.recipe.Parts[1].Name = "renamed"
	_, again = j.run(t)
	assert.Zero(t, again, "another order of parts and another name")
	j.recipe.Parts = j.recipe.Parts[:2]
	j.recipe.Parts[0].Quantity = mix.Share(.7)
	_, again = j.run(t)
	assert.Zero(t, again, "one part fewer")
}

func TestCacheNoticesWhatMatters(t *testing.T) {
	for name, change := range map[string]struct {
		do   func(t *testing.T, j *cacheJob)
		want int
	}{
		"a file grows": {func(t *testing.T, j *cacheJob) {
			f, err := os.OpenFile(filepath.Join(j.dir, "a.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.WriteString("{\"prompt\":\"new\",\"completion\":\"record\"}\n")
			require.NoError(t, errors.Join(err, f.Close()))
		}, 602},
		"a file of the same size": {func(t *testing.T, j *cacheJob) {
			path := filepath.Join(j.dir, "b.jsonl")
			st, err := os.Stat(path)
			require.NoError(t, err)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, bytes.Replace(data, []byte("question 7 "), []byte("question 8 "), 1), 0o600))
			require.NoError(t, os.Chtimes(path, st.ModTime(), st.ModTime()))
		}, 600},
		"a touched file": {func(t *testing.T, j *cacheJob) {
			later := time.Now().Add(time.Hour)
			require.NoError(t, os.Chtimes(filepath.Join(j.dir, "c.jsonl"), later, later))
		}, 600},
		"another filter of a part": {func(_ *testing.T, j *cacheJob) {
			j.recipe.Parts[0].Filters = []datamix.Filter{filter.NoEmptyTurns()}
		}, 600},
		"another option of a filter": {func(_ *testing.T, j *cacheJob) {
			j.recipe.Filters = []datamix.Filter{filter.MinTokens(j.counted.Tokenizer, 3)}
		}, 1800},
		"another tokenizer": {func(t *testing.T, j *cacheJob) {
			tok, err := tokenize.Encoding("o200k_base")
			require.NoError(t, err)
			j.counted.Tokenizer = tok
		}, 1800},
		"another key for duplicates": {func(_ *testing.T, j *cacheJob) { j.recipe.Dedup = filter.ByPrompt }, 1800},
		"another schema": {func(_ *testing.T, j *cacheJob) {
			j.recipe.Parts[2].Source = source.Files(os.DirFS(j.dir), "c.jsonl", &source.Options{Schema: "prompt_completion"})
		}, 600},
		"a filter without a Spec": {func(_ *testing.T, j *cacheJob) {
			j.recipe.Parts[0].Filters = []datamix.Filter{datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "", nil })}
		}, 600},
		"a damaged cache": {func(t *testing.T, j *cacheJob) {
			files, err := filepath.Glob(filepath.Join(j.cache, "*.index"))
			require.NoError(t, err)
			require.Len(t, files, 3)
			data, err := os.ReadFile(files[0])
			require.NoError(t, err)
			data[len(data)/4] ^= 4
			require.NoError(t, os.WriteFile(files[0], data, 0o600))
			require.NoError(t, os.Truncate(files[1], 100))
			require.NoError(t, os.WriteFile(files[2], []byte("datamix index 9\n and so on"), 0o600))
		}, 1800},
	} {
		t.Run(name, func(t *testing.T) {
			j := newCacheJob(t)
			j.run(t)
			change.do(t, j)
			_, n := j.run(t)
			assert.Equal(t, change.want, n)
			_, n = j.run(t)
			if name == "a filter without a Spec" {
				assert.Equal(t, 600, n, "never cached")
			} else {
				assert.Zero(t, n, "rebuilt")
			}
		})
	}
}

func TestCacheWithDuplicatesAcrossParts(t *testing.T) {
	j := newCacheJob(t)
	twin := j.recipe.Parts[0]
	twin.Name, twin.Quantity = "twin", mix.All()
	j.recipe.Parts = append(j.recipe.Parts, twin)
	j.recipe.Total = 0
	for i := range 3 {
		j.recipe.Parts[i].Quantity = mix.All()
	}
	j.run(t)
	plan := func() *mix.Plan {
		m, err := mix.New(j.recipe, &mix.Options{CacheDir: j.cache})
		require.NoError(t, err)
		p, err := m.Plan(t.Context())
		require.NoError(t, err)
		return p
	}
	p := plan()
	assert.EqualValues(t, 50, p.Parts[0].Ledger.Dropped["duplicate"])
	assert.EqualValues(t, 300, p.Parts[3].Ledger.Dropped["duplicate"], "all of the twin stand in part a")
	j.recipe.Parts[0], j.recipe.Parts[3] = j.recipe.Parts[3], j.recipe.Parts[0]
	j.counted.n = 0
	p = plan()
	assert.Zero(t, j.counted.n)
	assert.EqualValues(t, 50, p.Parts[0].Ledger.Dropped["duplicate"])
	assert.EqualValues(t, 300, p.Parts[3].Ledger.Dropped["duplicate"], "the first keeps them, whoever that is")
}

func TestDamagedDuplicates(t *testing.T) {
	one := func(j *cacheJob, pattern string) (path string, data []byte) {
		files, err := filepath.Glob(filepath.Join(j.cache, pattern))
		require.NoError(t, err)
		data, err = os.ReadFile(files[0])
		require.NoError(t, err)
		return files[0], data
	}
	for name, change := range map[string]struct {
		do   func(j *cacheJob)
		want int
	}{
		"duplicates gone": {func(j *cacheJob) {
			path, _ := one(j, "*.duplicates")
			require.NoError(t, os.Remove(path))
		}, 0},
		"duplicates damaged": {func(j *cacheJob) {
			path, data := one(j, "*.duplicates")
			data[len(data)/2] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o600))
		}, 0},
		"duplicates cut short": {func(j *cacheJob) {
			path, _ := one(j, "*.duplicates")
			require.NoError(t, os.Truncate(path, 20))
		}, 0},
		"hashes damaged that nobody needs": {func(j *cacheJob) {
			path, data := one(j, "*.index")
			data[len(data)-5] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o600))
		}, 0},
		"hashes damaged": {func(j *cacheJob) {
			path, data := one(j, "*.index")
			data[len(data)-5] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o600))
			j.recipe.Parts[0], j.recipe.Parts[1] = j.recipe.Parts[1], j.recipe.Parts[0]
		}, 600},
	} {
		t.Run(name, func(t *testing.T) {
			j := newCacheJob(t)
			j.run(t)
			change.do(j)
			_, n := j.run(t)
			assert.Equal(t, change.want, n)
			_, n = j.run(t)
			assert.Zero(t, n, "mended")
		})
	}
}

func TestCacheOfAMixThatIsAPart(t *testing.T) {
	j := newCacheJob(t)
	inner := j.recipe
	inner.Total = 900
	run := func() (out []drawn, counted int) {
		j.recipe.Parts = []mix.Part{{Name: "inner", Source: newMix(t, inner, nil), Quantity: mix.Share(.6)},
			{Name: "c", Source: inner.Parts[2].Source, Quantity: mix.Share(.4)}}
		j.recipe.Total = 200
		j.counted.n = 0
		out = draw(t, j.recipe, &mix.Options{CacheDir: j.cache})
		n := j.counted.n
		require.Equal(t, out, draw(t, j.recipe, nil))
		return out, n
	}
	first, all := run()
	require.Positive(t, all)
	again, inside := run()
	assert.Equal(t, first, again)
	assert.Less(t, inside, all, "the outer mix counts nothing; the inner one has no cache")
	inner.Seed++
	_, n := run()
	assert.Greater(t, n, inside, "another inner mix")
	inner.Filters = []datamix.Filter{filter.Func("any", func(*datamix.Record) bool { return true })}
	_, ok := datamix.Identity(t.Context(), newMix(t, inner, nil))
	assert.False(t, ok)
}

func TestMeasureFromTheCache(t *testing.T) {
	j := newCacheJob(t)
	measure := func(o *mix.Options) []byte {
		x, err := newMix(t, j.recipe, o).Measure(t.Context(), "b")
		require.NoError(t, err)
		return binary(t, x)
	}
	want := measure(nil)
	for range 2 {
		require.Equal(t, want, measure(&mix.Options{CacheDir: j.cache}), "with its hashes")
	}
	files, err := filepath.Glob(filepath.Join(j.cache, "*.index"))
	require.NoError(t, err)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, want, data)
	data[len(data)-1] ^= 1
	require.NoError(t, os.WriteFile(files[0], data, 0o600))
	require.Equal(t, want, measure(&mix.Options{CacheDir: j.cache}))
}

func TestCacheKeepsTheRulesForBadRows(t *testing.T) {
	j := newCacheJob(t)
	f, err := os.OpenFile(filepath.Join(j.dir, "b.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("no json\nnor this\n")
	require.NoError(t, errors.Join(err, f.Close()))
	plan := func(p datamix.ErrorPolicy) error {
		j.recipe.OnError = p
		m, err := mix.New(j.recipe, &mix.Options{CacheDir: j.cache})
		require.NoError(t, err)
		j.counted.n = 0
		_, err = m.Plan(t.Context())
		return err
	}
	require.NoError(t, plan(datamix.SkipAtMost(2)))
	require.NoError(t, plan(datamix.SkipAtMost(2)))
	assert.Zero(t, j.counted.n)
	require.ErrorIs(t, plan(datamix.SkipAtMost(1)), datamix.ErrTooManyErrors)
	require.Error(t, plan(nil))
	for range 2 {
		var bad countSink
		require.NoError(t, plan(datamix.Quarantine(&bad, nil)))
		assert.Equal(t, 2, bad.n, "a quarantine sees the bad rows in every run")
		assert.Equal(t, 600, j.counted.n, "and only the part that has any is measured for it")
	}
}

func TestCacheUnderConcurrentWriters(t *testing.T) {
	j := newCacheJob(t)
	want := draw(t, j.recipe, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := mix.New(j.recipe, &mix.Options{CacheDir: j.cache})
			if assert.NoError(t, err) {
				var out []drawn
				for r, err := range m.Records(context.Background()) {
					assert.NoError(t, err)
					out = append(out, drawn{r.Origin.Source, r.Origin.Row, r.Origin.Pass, r.Counts()})
				}
				assert.Equal(t, want, out)
			}
		})
	}
	wg.Wait()
	files, err := os.ReadDir(j.cache)
	require.NoError(t, err)
	assert.Len(t, files, 3+1, "the parts, their duplicates, and no temporary file")
}

func TestCacheFolderThatCannotBe(t *testing.T) {
	j := newCacheJob(t)
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	m, err := mix.New(j.recipe, &mix.Options{CacheDir: path})
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.ErrorContains(t, err, "cache")
	assert.Zero(t, j.counted.n, "known before the work")
}

// TestMemoryOfAnIndex holds the promise of at most 32 bytes a record.
func TestMemoryOfAnIndex(t *testing.T) {
	const n = 1 << 18
	before := heap()
	x := indexOf(t, mix.Part{Source: &generated{name: "a", n: n, size: spread(1000)}}, "")
	perRecord := float64(heap()-before) / n
	t.Logf("%.1f bytes a record", perRecord)
	assert.Less(t, perRecord, 32.0)
	runtime.KeepAlive(x)
}

func heap() int64 {
	for range 3 { // pools give up their memory at the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func ExampleMerge() {
	src := source.Records(datamix.NewText("one"), datamix.NewText("two"))
	m, err := mix.New(mix.Recipe{Parts: []mix.Part{{Name: "texts", Source: src, Quantity: mix.All()}}}, nil)
	if err != nil {
		panic(err)
	}
	x, err := m.Measure(context.Background(), "texts") // by a task, of its slice
	if err != nil {
		panic(err)
	}
	first, _ := x.OfSlice(mix.Slice{Number: 0, Of: 2})
	second, _ := x.OfSlice(mix.Slice{Number: 1, Of: 2})
	whole, err := mix.Merge(second, first)
	fmt.Println(whole.Len(), whole.Ledger.Read, whole.Whole(), err)
	// Output: 4 4 true <nil>
}

// TestIndexesAreNotChanged draws from given indexes that hold duplicates.
func TestIndexesAreNotChanged(t *testing.T) {
	j := newCacheJob(t)
	given := map[string]*mix.Index{}
	before := map[string][]byte{}
	for _, p := range j.recipe.Parts {
		x, err := newMix(t, j.recipe, nil).Measure(t.Context(), p.Name)
		require.NoError(t, err)
		given[p.Name], before[p.Name] = x, binary(t, x)
	}
	for range 2 {
		require.Equal(t, draw(t, j.recipe, nil), draw(t, j.recipe, &mix.Options{Indexes: given}))
	}
	for name, x := range given {
		assert.Equal(t, before[name], binary(t, x))
	}
}

package mix_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/source"
)

// drawRecipe has repeats, a part without records and parts of different sizes.
func drawRecipe(order mix.Order) mix.Recipe {
	return mix.Recipe{Seed: 11, Unit: datamix.Tokens, Total: 60_000, MaxEpochs: 3, Order: order, Parts: []mix.Part{
		{Name: "a", Source: &generated{name: "a", n: 3000, size: spread(30)}, Quantity: mix.Share(0.7)},
		{Name: "none", Source: gen("none", 0), Quantity: mix.Share(0)},
		{Name: "b", Source: &generated{name: "b", n: 150, size: spread(80)}, Quantity: mix.Share(0.25)},
		{Name: "c", Source: &generated{name: "c", n: 500, size: spread(20)}, Quantity: mix.Share(0.05)},
	}}
}

var orders = []mix.Order{mix.Interleaved, mix.Sequential, mix.Shuffled}

func newMix(t testing.TB, r mix.Recipe, o *mix.Options) *mix.Mix {
	t.Helper()
	m, err := mix.New(r, o)
	require.NoError(t, err)
	return m
}

func drawnOf(r *datamix.Record) drawn {
	return drawn{r.Origin.Source, r.Origin.Row, r.Origin.Pass, r.Counts()}
}

func collect(t testing.TB, src datamix.Source) (out []drawn) {
	t.Helper()
	for r, err := range src.Records(t.Context()) {
		if err != nil {
			require.NoError(t, err)
		}
		out = append(out, drawnOf(r))
	}
	return out
}

func TestShuffledHoldsTheSameRecordsInAnyOrder(t *testing.T) {
	want, got := draw(t, drawRecipe(mix.Interleaved), nil), draw(t, drawRecipe(mix.Shuffled), nil)
	assert.ElementsMatch(t, want, got)
	assert.NotEqual(t, want, got)
	assert.Equal(t, got, draw(t, drawRecipe(mix.Shuffled), &mix.Options{Workers: 1}))

	r := drawRecipe(mix.Shuffled)
	r.Parts = append([]mix.Part{{Name: "new", Source: gen("new", 50), Quantity: mix.Share(0)}}, r.Parts...)
	r.Parts[0].Quantity = mix.Rows(20)
	r.Parts[1].Quantity, r.Parts[3].Quantity, r.Parts[4].Quantity = mix.Weight(.7), mix.Weight(.25), mix.Weight(.05)
	r.Total += 40
	with := draw(t, r, nil)
	assert.Equal(t, got, slices.DeleteFunc(with, func(d drawn) bool { return d.part == "new" }), "a new part leaves the others in order")
}

// TestShuffledIsUniform counts where each record of a small mix comes over many
// seeds: chi-squared stays near its mean, the number of cells less the fixed sums.
func TestShuffledIsUniform(t *testing.T) {
	const n, seeds = 8, 1000
	var seen [n][n]float64
	for seed := range seeds {
		m := newMix(t, mix.Recipe{Seed: uint64(seed), Order: mix.Shuffled, Parts: []mix.Part{
			{Name: "a", Source: gen("a", 5), Quantity: mix.All()}, {Name: "b", Source: gen("b", 3), Quantity: mix.All()}}}, &mix.Options{Workers: 1})
		for at, d := range collect(t, m) {
			i := int(d.row)
			if d.part == "b" {
				i += 5
			}
			seen[i][at]++
		}
	}
	chi := 0.0
	for i := range seen {
		for _, k := range seen[i] {
			chi += (k - seeds/n) * (k - seeds/n) / (seeds / n)
		}
	}
	assert.InDelta(t, (n-1)*(n-1), chi, 5*9.9, "5 standard deviations of chi-squared with 49 degrees of freedom")
}

func TestRecordsByNumber(t *testing.T) {
	for _, order := range orders {
		for _, of := range []int{1, 3} {
			t.Run(fmt.Sprint(order, of), func(t *testing.T) {
				m, err := newMix(t, drawRecipe(order), nil).Shard(of-1, of)
				require.NoError(t, err)
				want := collect(t, m)
				v, err := m.Open(t.Context())
				require.NoError(t, err)
				defer v.Close()
				require.EqualValues(t, len(want), v.Len())
				for _, i := range []int{0, 1, len(want) - 1, len(want) / 2, 1023, 1024, 1025, 77, 0} {
					if i >= len(want) {
						continue
					}
					r, err := v.At(t.Context(), int64(i))
					require.NoError(t, err)
					require.Equal(t, want[i], drawnOf(r), "record %d", i)
				}
				for _, i := range []int64{-1, v.Len()} {
					_, err := v.At(t.Context(), i)
					require.ErrorContains(t, err, "there is no record")
				}
			})
		}
	}
}

func TestShardsAreDisjointAndMakeTheWhole(t *testing.T) {
	for _, order := range orders {
		for _, of := range []int{1, 3, 100} {
			t.Run(fmt.Sprint(order, of), func(t *testing.T) {
				m := newMix(t, drawRecipe(order), nil)
				whole := collect(t, m)
				n := len(whole)
				rows := counts(whole, datamix.Rows)
				seen := map[drawn]int{}
				for _, d := range whole {
					seen[d]++
				}
				for k := range of {
					s, err := m.Shard(k, of)
					require.NoError(t, err)
					out := collect(t, s)
					size, ok := s.Size(t.Context())
					require.True(t, ok)
					require.EqualValues(t, len(out), size)
					assert.InDelta(t, float64(n)/float64(of), len(out), 1)
					for _, d := range out {
						seen[d]--
					}
					if order == mix.Shuffled {
						continue
					}
					for name, r := range counts(out, datamix.Rows) {
						assert.InDelta(t, float64(rows[name])/float64(of), r, 1)
					}
				}
				for d, k := range seen {
					require.Zero(t, k, "%v", d)
				}
			})
		}
	}
	m := newMix(t, drawRecipe(""), nil)
	for _, k := range [][2]int{{0, 0}, {-1, 2}, {2, 2}} {
		_, err := m.Shard(k[0], k[1])
		require.ErrorIs(t, err, mix.ErrRecipe)
	}
}

// TestEveryPrefixOfAShardHoldsTheRatio is the promise of a mix, for a shard.
func TestEveryPrefixOfAShardHoldsTheRatio(t *testing.T) {
	m := newMix(t, mix.Recipe{Total: 3000, Parts: []mix.Part{
		{Name: "a", Source: gen("a", 5000), Quantity: mix.Share(0.5)}, {Name: "b", Source: gen("b", 5000), Quantity: mix.Share(0.25)},
		{Name: "c", Source: gen("c", 5000), Quantity: mix.Share(0.25)}}}, nil)
	for k := range 4 { // with n-th records of the whole, a shard of 2 would hold nothing but a
		s, err := m.Shard(k, 4)
		require.NoError(t, err)
		at := map[string]float64{}
		for n, d := range collect(t, s) {
			at[d.part]++
			for part, share := range map[string]float64{"a": .5, "b": .25, "c": .25} {
				require.Less(t, abs(at[part]-share*float64(n+1)), 1+1e-9)
			}
		}
	}
}

func TestReportsOfShardsAddUp(t *testing.T) {
	r := drawRecipe("")
	r.OnError = datamix.SkipAtMost(5)
	r.Parts[0].Source.(*generated).bad = map[int]bool{4: true}
	m := newMix(t, r, nil)
	want, err := datamix.Run(t.Context(), m, &countSink{})
	require.NoError(t, err)
	var sum datamix.Report
	for _, k := range []int{2, 0, 1} {
		s, err := m.Shard(k, 3)
		require.NoError(t, err)
		rep, err := datamix.Run(t.Context(), s, &countSink{})
		require.NoError(t, err)
		require.NoError(t, rep.Ledger.Check())
		for _, p := range rep.Parts {
			require.NoError(t, p.Ledger.Check(), p.Name)
		}
		require.NoError(t, sum.Merge(rep))
	}
	for i := range want.Parts {
		want.Parts[i].Epochs, sum.Parts[i].Epochs = 0, 0 // of what was planned, of what was written
	}
	assert.Equal(t, want, sum)
}

// TestSaveResumeSaveResume is after datasets #8308 (the second resume starts
// again), #8145 (records between batches are lost) and litData #694 (a resume
// after a full pass).
func TestSaveResumeSaveResume(t *testing.T) {
	for _, order := range orders {
		for _, of := range []int{1, 3} {
			t.Run(fmt.Sprint(order, of), func(t *testing.T) {
				mixed := func(workers int) *mix.Mix {
					m, err := newMix(t, drawRecipe(order), &mix.Options{Workers: workers}).Shard(0, of)
					require.NoError(t, err)
					return m
				}
				want := collect(t, mixed(2))
				c, err := mixed(2).Cursor(t.Context())
				require.NoError(t, err)
				var got []drawn
				for i, stop := range []int{1, 1, 127, 128, 129, 500, 1, 1 << 30} {
					n := 0
					for r, err := range c.Records(t.Context()) {
						require.NoError(t, err)
						got = append(got, drawnOf(r))
						if n++; n == stop {
							break
						}
					}
					saved, err := json.Marshal(c.State())
					require.NoError(t, err)
					var s mix.State
					require.NoError(t, json.Unmarshal(saved, &s))
					require.EqualValues(t, len(got), s.Rows)
					c, err = mixed(1+i).Resume(t.Context(), s, nil)
					require.NoError(t, err)
				}
				assert.Equal(t, want, got)
				for range c.Records(t.Context()) {
					require.Fail(t, "the mix is over")
				}
			})
		}
	}
}

func TestCursorGoesOnWithoutBeingSaved(t *testing.T) {
	m := newMix(t, drawRecipe(""), nil)
	want := collect(t, m)
	c, err := m.Cursor(t.Context())
	require.NoError(t, err)
	var got []drawn
	for len(got) < len(want) {
		for r, err := range c.Records(t.Context()) {
			require.NoError(t, err)
			got = append(got, drawnOf(r))
			if len(got)%700 == 0 {
				break
			}
		}
	}
	assert.Equal(t, want, got)
}

func TestStatesThatDoNotFit(t *testing.T) {
	m := newMix(t, drawRecipe(""), nil)
	c, err := m.Cursor(t.Context())
	require.NoError(t, err)
	for range c.Records(t.Context()) {
		if c.State().Rows == 50 {
			break
		}
	}
	s := c.State()
	other := drawRecipe("")
	other.Seed++
	_, err = newMix(t, other, nil).Resume(t.Context(), s, nil)
	require.ErrorIs(t, err, mix.ErrState)
	_, err = newMix(t, other, nil).Resume(t.Context(), s, &mix.ResumeOptions{NewRecipe: true})
	require.ErrorContains(t, err, "or the seed")
	changed := drawRecipe("")
	changed.Parts[0].Source = &generated{name: "a", n: 2999, size: spread(30)}
	_, err = newMix(t, changed, nil).Resume(t.Context(), s, nil)
	require.ErrorIs(t, err, mix.ErrState)
	shard, err := m.Shard(0, 2)
	require.NoError(t, err)
	_, err = shard.Resume(t.Context(), s, nil)
	require.ErrorContains(t, err, "shard")
	bad := c.State()
	bad.Rows++
	_, err = m.Resume(t.Context(), bad, nil)
	require.ErrorIs(t, err, mix.ErrState)
	for _, text := range []string{``, `{}`, `{"version":2}`, `{"version":1,"rows":-1}`, `{"version":1,"rows":1,"parts":[]}`,
		`{"version":1,"parts":[{"name":"a"},{"name":"a"}]}`, `{"version":1,"shard":{"number":3,"of":2}}`} {
		var s mix.State
		require.Error(t, json.Unmarshal([]byte(text), &s), text)
	}
}

// TestAppendedPartLeavesTheRestInOrder goes on with a part more.
func TestAppendedPartLeavesTheRestInOrder(t *testing.T) {
	recipe := func(more bool) mix.Recipe {
		r := mix.Recipe{Seed: 2, Total: 2000, Parts: []mix.Part{
			{Name: "a", Source: gen("a", 3000), Quantity: mix.Weight(3)}, {Name: "b", Source: gen("b", 3000), Quantity: mix.Weight(1)}}}
		if more {
			r.Total = 3000
			r.Parts = append(r.Parts, mix.Part{Name: "new", Source: gen("new", 3000), Quantity: mix.Weight(4)})
			r.Parts[0].Quantity = mix.Weight(4)
		}
		return r
	}
	of := func(ds []drawn, part string) (rows []int64) {
		for _, d := range ds {
			if d.part == part {
				rows = append(rows, d.row)
			}
		}
		return rows
	}
	whole := collect(t, newMix(t, recipe(true), nil))
	c, err := newMix(t, recipe(false), nil).Cursor(t.Context())
	require.NoError(t, err)
	var got []drawn
	for r, err := range c.Records(t.Context()) {
		require.NoError(t, err)
		if got = append(got, drawnOf(r)); len(got) == 777 {
			break
		}
	}
	_, err = newMix(t, recipe(true), nil).Resume(t.Context(), c.State(), nil)
	require.ErrorIs(t, err, mix.ErrState, "not by accident")
	c, err = newMix(t, recipe(true), nil).Resume(t.Context(), c.State(), &mix.ResumeOptions{NewRecipe: true})
	require.NoError(t, err)
	var rest []drawn
	for r, err := range c.Records(t.Context()) {
		require.NoError(t, err)
		rest = append(rest, drawnOf(r))
	}
	for _, part := range []string{"a", "b", "new"} {
		assert.Equal(t, of(whole, part), of(append(got, rest...), part), part)
	}
	share := float64(len(of(whole, "new"))) / float64(len(rest))
	n := 0.0
	for i, d := range rest {
		if d.part == "new" {
			n++
		}
		require.Less(t, abs(n-share*float64(i+1)), 1+1e-9, "what is left is interleaved evenly")
	}
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"version":1,"mix":"x","shard":{"number":1,"of":2},"rows":3,"parts":[{"name":"a","rows":3,"size":9,"last":{"path":"p","row":4}}]}`))
	r := drawRecipe("")
	m := newMix(f, r, nil)
	c, err := m.Cursor(context.Background())
	require.NoError(f, err)
	first, err := json.Marshal(c.State())
	require.NoError(f, err)
	f.Add(first)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s mix.State
		if json.Unmarshal(data, &s) != nil {
			return
		}
		again, err := json.Marshal(s)
		require.NoError(t, err)
		var u mix.State
		require.NoError(t, json.Unmarshal(again, &u))
		if c, err := m.Resume(t.Context(), s, nil); err == nil {
			for _, err := range c.Records(t.Context()) {
				require.NoError(t, err)
			}
		}
	})
}

// files writes n records as JSON Lines, plain and compressed.
func files(t testing.TB, dir, name string, n int) {
	t.Helper()
	var plain, packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range n {
		line := fmt.Sprintf("{\"prompt\":\"question %d of %s\",\"completion\":%q}\n", i, name, strings.Repeat("word ", i%40)+"end")
		plain.WriteString(line)
		_, err := z.Write([]byte(line))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl"), plain.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl.gz"), packed.Bytes(), 0o600))
}

// fileRecipe mixes files, plain ones that can be sought in or compressed ones.
func fileRecipe(dir, suffix string) mix.Recipe {
	part := func(name string, share float64) mix.Part {
		return mix.Part{Name: name, Source: source.Files(os.DirFS(dir), name+suffix, nil), Quantity: mix.Share(share), Labels: map[string]string{"category": name}}
	}
	return mix.Recipe{Seed: 3, Total: 900, MaxEpochs: 2, Parts: []mix.Part{part("a", .6), part("b", .3), part("c", .1)}}
}

func TestSeekingAndStoringGiveTheSameRecords(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"a", "b", "c"} {
		files(t, dir, name, 1000/(i+1)/(i+1))
	}
	rows := func(suffix string, o *mix.Options) (out []string) {
		for r, err := range newMix(t, fileRecipe(dir, suffix), o).Records(t.Context()) {
			require.NoError(t, err)
			raw, ok := r.Raw()
			require.True(t, ok)
			out = append(out, fmt.Sprint(r.Origin.Source, r.Origin.Row, r.Origin.Pass, r.Label("category"), r.Response(), string(raw)))
		}
		return out
	}
	sought := rows(".jsonl", nil)
	require.Len(t, sought, 900)
	seeks := 0
	for name := range 3 {
		src := source.Files(os.DirFS(dir), []string{"a", "b", "c"}[name]+".jsonl", nil)
		if _, ok := datamix.Seek(t.Context(), src); ok {
			seeks++
		}
	}
	require.Equal(t, 3, seeks)
	for _, workers := range []int{1, 2, 8} {
		for _, memory := range []int64{-1, 20_000, 1 << 30} {
			o := &mix.Options{Workers: workers, MemoryLimit: memory, TempDir: t.TempDir()}
			a, b := rows(".jsonl", o), rows(".jsonl.gz", o)
			require.Equal(t, sought, a)
			// The orders differ, since identities do: paths are others.
			slices.Sort(a)
			slices.Sort(b)
			require.Len(t, b, len(a))
		}
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "datamix-*.spool"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestDataThatChangesUnderADraw(t *testing.T) {
	for _, suffix := range []string{".jsonl", ".jsonl.gz"} {
		dir := t.TempDir()
		for _, name := range []string{"a", "b", "c"} {
			files(t, dir, name, 600)
		}
		m := newMix(t, fileRecipe(dir, suffix), nil)
		_, err := m.Plan(t.Context())
		require.NoError(t, err)
		if suffix == ".jsonl" { // the same length, other words
			data, err := os.ReadFile(filepath.Join(dir, "b.jsonl"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "b.jsonl"), bytes.ReplaceAll(data, []byte("word"), []byte("wird")), 0o600))
		} else {
			files(t, dir, "other", 600)
			require.NoError(t, os.Rename(filepath.Join(dir, "other.jsonl.gz"), filepath.Join(dir, "b.jsonl.gz")))
		}
		var last error
		for _, err := range m.Records(t.Context()) {
			last = err
		}
		require.ErrorContains(t, last, "part b: the data changed between measuring and writing", suffix)
	}
}

func TestDrawsEndEarly(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		files(t, dir, name, 600)
	}
	before := runtime.NumGoroutine()
	for _, suffix := range []string{".jsonl", ".jsonl.gz"} {
		m := newMix(t, fileRecipe(dir, suffix), &mix.Options{Workers: 4})
		for range m.Records(t.Context()) {
			break
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		cause := errors.New("enough")
		n := 0
		var last error
		for _, err := range m.Records(ctx) {
			if n++; n == 10 {
				cancel(cause)
			}
			last = err
		}
		require.ErrorIs(t, last, cause)
		assert.Less(t, n, 20)
		done := make(chan []drawn)
		for range 3 { // ranges at the same time
			go func() {
				var out []drawn
				for r, err := range m.Records(context.Background()) {
					if err != nil {
						break
					}
					out = append(out, drawnOf(r))
				}
				done <- out
			}()
		}
		first := <-done
		require.Len(t, first, 900)
		assert.Equal(t, first, <-done)
		assert.Equal(t, first, <-done)
		func() {
			defer func() { assert.Equal(t, "oh", recover()) }()
			for range m.Records(t.Context()) {
				panic("oh")
			}
		}()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before+1)
}

func TestTemporaryFileThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		files(t, dir, name, 600)
	}
	m := newMix(t, fileRecipe(dir, ".jsonl.gz"), &mix.Options{MemoryLimit: -1, TempDir: filepath.Join(dir, "missing")})
	var last error
	for _, err := range m.Records(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, "temporary file")
}

// TestPrefixesToTheLastRecord mixes many parts, most of which give but a few
// records, less or more than their share by up to half of one: every prefix is
// within the longest record of the ratio, also where one part after the other
// ends.
func TestPrefixesToTheLastRecord(t *testing.T) {
	const total = 500_000
	for _, k := range []int{3, 12, 40, 80} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%d parts, seed %d", k, seed), func(t *testing.T) {
				parts, shares, sum := make([]mix.Part, k), map[string]float64{}, 0.0
				for i := range parts {
					name := fmt.Sprintf("part %d", i)
					g := gen(name, 3000)
					g.size = func(i int) int { // mostly short, some very long
						x := datamix.Priority(seed, name, uint64(i))
						return 2 + int(x%100) + int(x>>32%20)*int(x>>40%4)*int(x>>50%2)*40
					}
					parts[i] = mix.Part{Name: name, Source: g, Quantity: mix.Weight(1 / float64(i+1)), MaxEpochs: 100}
					shares[name], sum = 1/float64(i+1), sum+1/float64(i+1)
				}
				out := draw(t, mix.Recipe{Seed: seed, Unit: datamix.Tokens, Total: total, Parts: parts}, nil)
				longest := 0
				for _, d := range out {
					longest = max(longest, d.size.Total)
				}
				at, all := map[string]float64{}, 0.0
				for n, d := range out {
					at[d.part] += float64(d.size.Total)
					all += float64(d.size.Total)
					for name, share := range shares {
						require.LessOrEqual(t, abs(at[name]-share/sum*all), float64(longest), "%s after %d rows", name, n+1)
					}
				}
			})
		}
	}
}

// TestMoreThanMemory draws more than is held in memory, of sources that cannot
// seek.
func TestMoreThanMemory(t *testing.T) {
	recipe := mix.Recipe{Seed: 5, Unit: datamix.Tokens, Total: 800_000, Parts: []mix.Part{
		{Name: "a", Source: &generated{name: "a", n: 60_000, size: spread(30)}, Quantity: mix.Share(0.7)},
		{Name: "b", Source: &generated{name: "b", n: 30_000, size: spread(30)}, Quantity: mix.Share(0.3)},
	}}
	for _, order := range []mix.Order{mix.Interleaved, mix.Sequential, mix.Shuffled} {
		recipe.Order = order
		large := newMix(t, recipe, &mix.Options{MemoryLimit: 1 << 30})
		small := newMix(t, recipe, &mix.Options{MemoryLimit: 4 << 20, TempDir: t.TempDir()})
		want := collect(t, large)
		require.True(t, slices.Equal(want, collect(t, small)), order)

		theirs, err := large.Shard(1, 3)
		require.NoError(t, err)
		ours, err := small.Shard(1, 3)
		require.NoError(t, err)
		require.True(t, slices.Equal(collect(t, theirs), collect(t, ours)), order)

		c, err := small.Cursor(t.Context())
		require.NoError(t, err)
		n := 0
		for r, err := range c.Records(t.Context()) {
			if err != nil || want[n] != drawnOf(r) {
				require.Fail(t, "another record", "%d: %v %v", n, err, r)
			}
			if n++; n == len(want)/2 {
				break
			}
		}
		c, err = newMix(t, recipe, &mix.Options{MemoryLimit: 4 << 20, Workers: 1}).Resume(t.Context(), c.State(), nil)
		require.NoError(t, err)
		require.True(t, slices.Equal(want[n:], collect(t, c)), order)
	}
}

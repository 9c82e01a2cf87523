package mix_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/source"
)

func newStream(t testing.TB, r mix.Recipe, o *mix.Options) *mix.Stream {
	t.Helper()
	s, err := mix.NewStream(r, o)
	require.NoError(t, err)
	return s
}

// even keeps every other record.
var even = filter.Func("even", func(r *datamix.Record) bool { return r.Origin.Row%2 == 0 })

// streamRecipe has parts of different sizes, filters, bad rows and a chain.
func streamRecipe() mix.Recipe {
	return mix.Recipe{Unit: datamix.Tokens, OnError: datamix.SkipAtMost(100), Parts: []mix.Part{
		{Name: "a", Source: &generated{name: "a", n: 40_000, size: spread(30), bad: map[int]bool{6: true, 900: true}}, Quantity: mix.Share(0.7), Filters: []datamix.Filter{even}},
		{Name: "b", Source: datamix.Chain(&generated{name: "b", n: 40_000, size: spread(80)}, datamix.Where(even)), Quantity: mix.Share(0.25)},
		{Name: "c", Source: gen("c", 100_000), Quantity: mix.Share(0.05)},
	}}
}

func take(t testing.TB, src datamix.Source, n int) (out []drawn) {
	t.Helper()
	if n == 0 {
		return nil
	}
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		if out = append(out, drawnOf(r)); len(out) == n {
			break
		}
	}
	return out
}

func TestStreamHoldsTheRatioAtEveryPrefix(t *testing.T) {
	out := take(t, newStream(t, streamRecipe(), nil), 20_000)
	require.Len(t, out, 20_000)
	at, sum := map[string]float64{}, 0.0
	row := map[string]int64{"a": -1, "b": -1, "c": -1}
	for n, d := range out {
		at[d.part] += float64(d.size.Total)
		sum += float64(d.size.Total)
		for part, share := range map[string]float64{"a": .7, "b": .25, "c": .05} {
			require.LessOrEqual(t, abs(at[part]-share*sum), 160.0, "part %s after %d records", part, n+1)
		}
		require.Greater(t, d.row, row[d.part], "in the order of the source")
		row[d.part] = d.row
		require.True(t, d.part == "c" || d.row%2 == 0, "filters run")
	}
}

// TestStreamSaveResumeSaveResume is after datasets #8308 and #8145, and
// LLaMA-Factory #6352 (hours to skip what was read): what is skipped is neither
// decoded nor filtered.
func TestStreamSaveResumeSaveResume(t *testing.T) {
	want := take(t, newStream(t, streamRecipe(), nil), 5000)
	s := newStream(t, streamRecipe(), nil)
	var got []drawn
	for i, n := range []int{1, 63, 64, 65, 1000, 1, 2000, 1806} {
		got = append(got, take(t, s, n)...)
		saved, err := json.Marshal(s.State())
		require.NoError(t, err)
		var state mix.State
		require.NoError(t, json.Unmarshal(saved, &state))
		require.EqualValues(t, len(got), state.Rows)
		s = newStream(t, streamRecipe(), &mix.Options{Workers: 1 + i%4})
		require.NoError(t, s.Resume(state, nil))
	}
	assert.Equal(t, want, got)
}

func TestStreamResumesInFiles(t *testing.T) {
	dir := t.TempDir()
	files(t, dir, "a", 500)
	files(t, dir, "b", 500)
	recipe := func() mix.Recipe {
		part := func(name, file string) mix.Part {
			return mix.Part{Name: name, Source: source.Files(os.DirFS(dir), file, nil), Quantity: mix.Weight(1)}
		}
		return mix.Recipe{Filters: []datamix.Filter{even}, Shortfall: mix.RepeatParts, Parts: []mix.Part{part("a", "a.jsonl"), part("b", "b.jsonl.gz")}}
	}
	want := take(t, newStream(t, recipe(), nil), 2000)
	assert.Equal(t, 3, want[1999].pass, "250 records a pass")
	s := newStream(t, recipe(), nil)
	var got []drawn
	for range 20 {
		got = append(got, take(t, s, 100)...)
		state := s.State()
		s = newStream(t, recipe(), nil)
		require.NoError(t, s.Resume(state, nil))
	}
	assert.Equal(t, want, got)
	files(t, dir, "a", 40)
	require.NoError(t, s.Resume(s.State(), nil))
	var last error
	for _, err := range s.Records(t.Context()) {
		last = err
		if err != nil {
			break
		}
	}
	require.ErrorIs(t, last, mix.ErrState, "the record that it stopped at is gone")
}

func TestStreamThatEnds(t *testing.T) {
	recipe := func(total mix.Total, s mix.Shortfall) mix.Recipe {
		return mix.Recipe{Total: total, Shortfall: s, Parts: []mix.Part{
			{Name: "a", Source: gen("a", 10), Quantity: mix.Share(0.5)}, {Name: "b", Source: gen("b", 100), Quantity: mix.Share(0.5)},
			{Name: "off", Source: gen("off", 3), Quantity: mix.Share(0)}}}
	}
	assert.Equal(t, map[string]int64{"a": 10, "b": 10}, counts(collect(t, newStream(t, recipe(0, ""), nil)), datamix.Rows), "as long as the ratio can be held")
	assert.Equal(t, map[string]int64{"a": 6, "b": 6}, counts(collect(t, newStream(t, recipe(12, ""), nil)), datamix.Rows))
	assert.Equal(t, map[string]int64{"a": 10, "b": 100}, counts(collect(t, newStream(t, recipe(0, mix.Redistribute), nil)), datamix.Rows))
	assert.Equal(t, map[string]int64{"a": 10, "b": 50}, counts(collect(t, newStream(t, recipe(60, mix.Redistribute), nil)), datamix.Rows))
	out := collect(t, newStream(t, recipe(60, mix.RepeatParts), nil))
	assert.Equal(t, map[string]int64{"a": 30, "b": 30}, counts(out, datamix.Rows))
	assert.Equal(t, 2, out[58].pass)

	s := newStream(t, recipe(60, ""), nil)
	var last error
	for _, err := range s.Records(t.Context()) {
		last = err
	}
	require.ErrorIs(t, last, mix.ErrInfeasible)
	require.ErrorContains(t, last, "part a ended after 10 records")

	empty := recipe(60, mix.RepeatParts)
	empty.Parts[0].Source = gen("a", 0)
	last = nil
	for _, err := range newStream(t, empty, nil).Records(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, "no record of it passes")
	state := newStream(t, recipe(0, mix.Redistribute), nil)
	take(t, state, 50)
	again := newStream(t, recipe(0, mix.Redistribute), nil)
	require.NoError(t, again.Resume(state.State(), nil))
	assert.Equal(t, map[string]int64{"b": 60}, counts(collect(t, again), datamix.Rows), "an ended part stays ended")
}

func TestStreamWithoutEnd(t *testing.T) {
	endless := func(name string) datamix.Source {
		return datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				for i := int64(0); ctx.Err() == nil; i++ {
					r := datamix.NewText(fmt.Sprint(name, i))
					r.Origin = datamix.Origin{Path: name, Row: i}
					if !yield(r, nil) {
						return
					}
				}
				yield(nil, context.Cause(ctx))
			}
		})
	}
	r := mix.Recipe{Parts: []mix.Part{{Name: "a", Source: endless("a"), Quantity: mix.Weight(2)}, {Name: "b", Source: endless("b"), Quantity: mix.Weight(1)}}}
	before := heap()
	stream := newStream(t, r, nil)
	got := map[string]int{}
	for r, err := range stream.Records(t.Context()) {
		require.NoError(t, err)
		if got[r.Origin.Source]++; stream.State().Rows == 200_000 {
			break
		}
	}
	assert.Equal(t, map[string]int{"a": 133_333, "b": 66_667}, got)
	assert.Less(t, heap()-before, int64(1<<20), "nothing is kept")

	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	cause := errors.New("enough")
	var last error
	for _, err := range newStream(t, r, nil).Records(ctx) {
		last = err
		cancel(cause)
	}
	require.ErrorIs(t, last, cause)
}

func TestStreamWithAPartMore(t *testing.T) {
	s := newStream(t, streamRecipe(), nil)
	before := take(t, s, 700)
	more := streamRecipe()
	more.Parts[0].Quantity = mix.Share(0.2)
	more.Parts = append([]mix.Part{{Name: "new", Source: gen("new", 50_000), Quantity: mix.Share(0.5)}}, more.Parts...)
	next := newStream(t, more, nil)
	require.ErrorIs(t, next.Resume(s.State(), nil), mix.ErrState)
	require.NoError(t, next.Resume(s.State(), &mix.ResumeOptions{NewRecipe: true}))
	after := take(t, next, 3000)
	at, sum := map[string]float64{}, 0.0
	for _, d := range after {
		at[d.part] += float64(d.size.Total)
		sum += float64(d.size.Total)
		for part, share := range map[string]float64{"new": .5, "a": .2, "b": .25, "c": .05} {
			require.LessOrEqual(t, abs(at[part]-share*sum), 160.0, "the new ratio holds from here on")
		}
	}
	rows := func(ds []drawn, part string) (out []int64) {
		for _, d := range ds {
			if d.part == part {
				out = append(out, d.row)
			}
		}
		return out
	}
	whole := take(t, newStream(t, streamRecipe(), nil), 20_000)
	for _, part := range []string{"a", "b", "c"} {
		got := rows(append(before[:len(before):len(before)], after...), part)
		assert.Equal(t, rows(whole, part)[:len(got)], got, part)
	}
	resumed := newStream(t, more, nil)
	require.NoError(t, resumed.Resume(next.State(), nil))
	assert.Equal(t, take(t, next, 500), take(t, resumed, 500))
}

func TestStreamAccountsForItsParts(t *testing.T) {
	s := newStream(t, streamRecipe(), nil)
	rep, err := datamix.Run(t.Context(), datamix.Chain(s, datamix.Draw(first(t, 1000))), &countSink{})
	require.NoError(t, err)
	require.NoError(t, rep.Ledger.Check())
	var rows int64
	for _, p := range s.Parts() {
		require.NoError(t, p.Ledger.Check(), p.Name)
		rows += p.Output.Rows
		if p.Name == "a" {
			assert.Positive(t, p.Ledger.Dropped["even"])
			assert.Positive(t, p.Ledger.Skipped)
		}
	}
	assert.GreaterOrEqual(t, rows, int64(1000))
}

func first(t testing.TB, n int64) datamix.Sampler {
	s, err := sample.Quota(sample.Rows(n), &sample.Options{First: true, OnePass: true})
	require.NoError(t, err)
	return s
}

func TestWhatAStreamCannotDo(t *testing.T) {
	a := func(q mix.Quantity) mix.Part { return mix.Part{Name: "a", Source: gen("a", 3), Quantity: q} }
	capped := a(mix.Weight(1))
	capped.MaxEpochs = 2
	preferring := a(mix.Weight(1))
	preferring.Prefer = "score"
	for want, r := range map[string]mix.Recipe{
		"no largest total":           {Total: mix.Largest, Parts: []mix.Part{a(mix.Weight(1))}},
		"filter.Dedup":               {Dedup: "content", Parts: []mix.Part{a(mix.Weight(1))}},
		"order shuffled needs a mix": {Order: mix.Shuffled, Parts: []mix.Part{a(mix.Weight(1))}},
		"a share or a weight":        {Parts: []mix.Part{a(mix.Rows(1))}},
		"max_epochs":                 {Parts: []mix.Part{capped}},
		"prefer and strata":          {Parts: []mix.Part{preferring}},
		"no groups":                  {Parts: []mix.Part{{Name: "g", Quantity: mix.Weight(1), Parts: []mix.Part{a(mix.Weight(1))}}}},
		"above 0":                    {Parts: []mix.Part{a(mix.Weight(0))}},
	} {
		_, err := mix.NewStream(r, nil)
		require.ErrorIs(t, err, mix.ErrRecipe, want)
		assert.ErrorContains(t, err, want)
	}
}

func ExampleNewStream() {
	news := source.Records(datamix.NewText("news 1"), datamix.NewText("news 2"), datamix.NewText("news 3"), datamix.NewText("news 4"))
	code := source.Records(datamix.NewText("code 1"), datamix.NewText("code 2"))
	s, err := mix.NewStream(mix.Recipe{Parts: []mix.Part{
		{Name: "news", Source: news, Quantity: mix.Weight(2)}, {Name: "code", Source: code, Quantity: mix.Weight(1)}}}, nil)
	if err != nil {
		panic(err)
	}
	for r := range s.Records(context.Background()) {
		fmt.Println(r.Text())
		if s.State().Rows == 3 {
			break // and go on another day, with Resume
		}
	}
	// Output:
	// news 1
	// code 1
	// news 2
}

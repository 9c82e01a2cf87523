package mix_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// generated is a source of n chats; record i has size(i) tokens, the half of
// them trainable.
type generated struct {
	name  string
	n     int
	size  func(i int) int
	bad   map[int]bool
	reads atomic.Int32
}

func (g *generated) Records(ctx context.Context) datamix.Seq {
	return g.Pick(ctx, func(datamix.Origin) bool { return true })
}

func (g *generated) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		g.reads.Add(1)
		for i := range g.n {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			o := datamix.Origin{Path: g.name, Row: int64(i)}
			if g.bad[i] {
				if !yield(nil, &datamix.RecordError{Stage: "read", Origin: o, Err: errors.New("bad row")}) {
					return
				}
				continue
			}
			if !want(o) {
				continue
			}
			text := fmt.Sprintf("%s %d", g.name, i)
			r := datamix.NewChat(datamix.User(text), datamix.Assistant("answer to "+text))
			r.Origin = o
			size := 2
			if g.size != nil {
				size = g.size(i)
			}
			r.SetCounts(datamix.Counts{Total: size, Context: size / 2, Final: size - size/2, Trainable: size / 2})
			if !yield(r, nil) {
				return
			}
		}
	}
}

func gen(name string, n int) *generated { return &generated{name: name, n: n} }

// spread gives sizes from 1 to 2*mean-1, in no order.
func spread(mean int) func(int) int {
	return func(i int) int {
		return 1 + int(datamix.Priority(1, "size", uint64(i))%uint64(2*mean-1))
	}
}

type drawn struct {
	part string
	row  int64
	pass int
	size datamix.Counts
}

func draw(t testing.TB, r mix.Recipe, o *mix.Options) []drawn {
	t.Helper()
	m, err := mix.New(r, o)
	require.NoError(t, err)
	var out []drawn
	for rec, err := range m.Records(t.Context()) {
		require.NoError(t, err)
		out = append(out, drawn{rec.Origin.Source, rec.Origin.Row, rec.Origin.Pass, rec.Counts()})
	}
	return out
}

func counts(ds []drawn, u datamix.Unit) map[string]int64 {
	m := map[string]int64{}
	for _, d := range ds {
		m[d.part] += u.Of(d.size)
	}
	return m
}

func TestExactByRows(t *testing.T) {
	out := draw(t, mix.Recipe{Seed: 1, Total: 1000, Parts: []mix.Part{
		{Name: "a", Source: gen("a", 5000), Quantity: mix.Share(0.333)},
		{Name: "b", Source: gen("b", 5000), Quantity: mix.Share(0.5)},
		{Name: "c", Source: gen("c", 5000), Quantity: mix.Share(0.167)},
	}}, nil)
	assert.Equal(t, map[string]int64{"a": 333, "b": 500, "c": 167}, counts(out, datamix.Rows))
	shares := map[string]float64{"a": 0.333, "b": 0.5, "c": 0.167}
	at := map[string]float64{}
	for n, d := range out {
		at[d.part]++
		for part, share := range shares {
			require.Less(t, abs(at[part]-share*float64(n+1)), 1.0+1e-9, "part %s after %d rows", part, n+1)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestExactByTokens(t *testing.T) {
	for _, unit := range []datamix.Unit{datamix.Tokens, datamix.TrainableTokens} {
		t.Run(string(unit), func(t *testing.T) {
			recipe := mix.Recipe{Seed: 7, Unit: unit, Total: 100_000, Parts: []mix.Part{
				{Name: "short", Source: &generated{name: "short", n: 30000, size: spread(20)}, Quantity: mix.Share(0.3)},
				{Name: "long", Source: &generated{name: "long", n: 1000, size: spread(700)}, Quantity: mix.Share(0.6)},
				{Name: "rare", Source: &generated{name: "rare", n: 1000, size: spread(100)}, Quantity: mix.Share(0.1)},
			}}
			out := draw(t, recipe, nil)
			got := counts(out, unit)
			longest := map[string]int64{}
			var all int64
			for _, d := range out {
				longest[d.part] = max(longest[d.part], unit.Of(d.size))
				all = max(all, unit.Of(d.size))
			}
			shares := map[string]float64{"short": 0.3, "long": 0.6, "rare": 0.1}
			for part, share := range shares {
				assert.LessOrEqual(t, abs(float64(got[part])-share*100_000), float64(longest[part])/2+1, part)
			}
			at := map[string]float64{}
			sum := 0.0
			for n, d := range out {
				at[d.part] += float64(unit.Of(d.size))
				sum += float64(unit.Of(d.size))
				for part, share := range shares {
					require.LessOrEqual(t, abs(at[part]-share*sum), float64(all)+1, "part %s after %d records", part, n+1)
				}
			}
		})
	}
}

func TestMegatronClamp(t *testing.T) {
	out := draw(t, mix.Recipe{Total: 10, Parts: []mix.Part{
		{Name: "small", Source: gen("small", 10), Quantity: mix.Weight(0.001)},
		{Name: "large", Source: gen("large", 10), Quantity: mix.Weight(0.999)},
	}}, nil)
	assert.Equal(t, map[string]int64{"large": 10}, counts(out, datamix.Rows), "a share of 0.01 rows is 0 rows, not 1")
}

func TestEmptyPart(t *testing.T) {
	for _, at := range []int{0, 2} {
		parts := []mix.Part{
			{Name: "a", Source: gen("a", 10), Quantity: mix.Weight(1)},
			{Name: "b", Source: gen("b", 10), Quantity: mix.Weight(1)},
		}
		empty := mix.Part{Name: "empty", Source: gen("empty", 0), Quantity: mix.Weight(1)}
		parts = append(parts[:at:at], append([]mix.Part{empty}, parts[at:]...)...)
		m, err := mix.New(mix.Recipe{Total: 9, Parts: parts}, nil)
		require.NoError(t, err)
		_, err = m.Plan(t.Context())
		var infeasible *mix.InfeasibleError
		require.ErrorAs(t, err, &infeasible)
		assert.Equal(t, "empty", infeasible.Part)
		assert.ErrorContains(t, err, "no record of it is left")

		for i := range parts {
			if parts[i].Name == "empty" {
				parts[i].Quantity = mix.All()
			}
		}
		assert.Equal(t, map[string]int64{"a": 5, "b": 4}, counts(draw(t, mix.Recipe{Total: 9, Parts: parts}, nil), datamix.Rows),
			"all of nothing is nothing, and nothing stands in for it")
	}
}

func TestWeightZero(t *testing.T) {
	out := draw(t, mix.Recipe{Total: mix.Largest, Parts: []mix.Part{
		{Name: "none", Source: gen("none", 3), Quantity: mix.Weight(0)},
		{Name: "a", Source: gen("a", 10), Quantity: mix.Weight(2)},
		{Name: "zero", Source: gen("zero", 0), Quantity: mix.Share(0)},
		{Name: "b", Source: gen("b", 10), Quantity: mix.Weight(1)},
	}}, nil)
	assert.Equal(t, map[string]int64{"a": 10, "b": 5}, counts(out, datamix.Rows))
}

func TestWholePartOnce(t *testing.T) {
	out := draw(t, mix.Recipe{Total: mix.Largest, Parts: []mix.Part{{Name: "a", Source: gen("a", 500), Quantity: mix.Share(1)}}}, nil)
	seen := map[int64]bool{}
	for _, d := range out {
		require.False(t, seen[d.row])
		seen[d.row] = true
	}
	assert.Len(t, seen, 500)
}

func TestOneRowAndOneEpochAreDifferent(t *testing.T) {
	one := draw(t, mix.Recipe{Parts: []mix.Part{{Name: "a", Source: gen("a", 50), Quantity: mix.Rows(1)}}}, nil)
	all := draw(t, mix.Recipe{Parts: []mix.Part{{Name: "a", Source: gen("a", 50), Quantity: mix.All()}}}, nil)
	assert.Len(t, one, 1)
	assert.Len(t, all, 50)
}

func TestNeverAnExtraEpoch(t *testing.T) {
	g := &generated{name: "a", n: 300, size: spread(50)}
	m, err := mix.New(mix.Recipe{Unit: datamix.Tokens, Total: mix.Largest, Parts: []mix.Part{{Name: "a", Source: g, Quantity: mix.Share(1)}}}, nil)
	require.NoError(t, err)
	plan, err := m.Plan(t.Context())
	require.NoError(t, err)
	once := plan.Parts[0].Available.Tokens
	assert.Equal(t, once, plan.Total)
	for _, total := range []int64{once, once - 1, once / 2, 1} {
		for _, d := range draw(t, mix.Recipe{Unit: datamix.Tokens, Total: mix.Total(total), MaxEpochs: 3, Parts: []mix.Part{{Name: "a", Source: g, Quantity: mix.Share(1)}}}, nil) {
			require.Zero(t, d.pass)
		}
	}
}

func TestRepeatsAreWholePassesInNewOrders(t *testing.T) {
	out := draw(t, mix.Recipe{Total: 250, MaxEpochs: 3, Parts: []mix.Part{{Name: "a", Source: gen("a", 100), Quantity: mix.Share(1)}}}, nil)
	require.Len(t, out, 250)
	passes := map[int][]int64{}
	for i, d := range out {
		require.Equal(t, i/100, d.pass)
		passes[d.pass] = append(passes[d.pass], d.row)
	}
	assert.ElementsMatch(t, passes[0], passes[1])
	assert.NotEqual(t, passes[0], passes[1])
	assert.Len(t, passes[2], 50)
}

func TestAddingAPartLeavesTheOthersInOrder(t *testing.T) {
	base := []mix.Part{
		{Name: "a", Source: gen("a", 500), Quantity: mix.Weight(1)},
		{Name: "b", Source: gen("b", 500), Quantity: mix.Weight(2)},
	}
	more := []mix.Part{{Name: "new", Source: gen("new", 500), Quantity: mix.Weight(1)}, base[1], base[0]}
	order := func(ds []drawn, part string) (rows []int64) {
		for _, d := range ds {
			if d.part == part {
				rows = append(rows, d.row)
			}
		}
		return rows
	}
	before := draw(t, mix.Recipe{Seed: 3, Total: 300, Parts: base}, nil)
	after := draw(t, mix.Recipe{Seed: 3, Total: 300, Parts: more}, nil)
	for _, part := range []string{"a", "b"} {
		x, y := order(before, part), order(after, part)
		require.NotEmpty(t, y)
		assert.Equal(t, x[:len(y)], y, "the smaller choice is the start of the larger one")
	}
}

func TestInfeasibleSaysWhatWouldHelp(t *testing.T) {
	parts := func(epochs float64) []mix.Part {
		return []mix.Part{
			{Name: "big", Source: gen("big", 10_000), Quantity: mix.Share(0.75)},
			{Name: "scarce", Source: gen("scarce", 100), Quantity: mix.Share(0.25), MaxEpochs: epochs},
		}
	}
	m, err := mix.New(mix.Recipe{Total: 1000, Parts: parts(0)}, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	var infeasible *mix.InfeasibleError
	require.ErrorAs(t, err, &infeasible)
	require.ErrorIs(t, err, mix.ErrInfeasible)
	assert.Equal(t, "scarce", infeasible.Part)
	assert.EqualValues(t, 250, infeasible.Need)
	assert.EqualValues(t, 402, infeasible.Nearest, "100.5 rows round to 100, since the first part gets the odd one")
	assert.ErrorContains(t, err, "max_epochs of 2.5 for this part would free it")

	assert.Len(t, draw(t, mix.Recipe{Total: mix.Total(infeasible.Nearest), Parts: parts(0)}, nil), 402)
	m, _ = mix.New(mix.Recipe{Total: 403, Parts: parts(0)}, nil)
	_, err = m.Plan(t.Context())
	require.Error(t, err, "the nearest total is the largest")
	assert.Len(t, draw(t, mix.Recipe{Total: 1000, Parts: parts(2.5)}, nil), 1000)
	assert.Len(t, draw(t, mix.Recipe{Total: mix.Largest, Parts: parts(0)}, nil), 402)
}

func TestRecipesThatContradictThemselves(t *testing.T) {
	a, b := gen("a", 10), gen("b", 10)
	for want, r := range map[string]mix.Recipe{
		"no parts":                    {},
		"no quantity":                 {Parts: []mix.Part{{Name: "a", Source: a}}},
		"rows and all":                {Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Quantity{Rows: mix.Rows(1).Rows, All: true}}}},
		"part has no name":            {Parts: []mix.Part{{Source: a, Quantity: mix.All()}}},
		"two parts are called":        {Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.All()}, {Name: "a", Source: b, Quantity: mix.All()}}},
		"has no source":               {Parts: []mix.Part{{Name: "a", Quantity: mix.All()}}},
		"no total":                    {Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}}},
		"add up to 110 %":             {Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(0.9)}, {Name: "b", Source: b, Quantity: mix.Share(0.2)}}},
		"add up to 90 %":              {Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(0.7)}, {Name: "b", Source: b, Quantity: mix.Share(0.2)}}},
		"leaves nothing":              {Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}, {Name: "b", Source: b, Quantity: mix.Rows(2)}}},
		"share is 150%":               {Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1.5)}}},
		"rows is -1":                  {Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Rows(-1)}}},
		"unknown unit":                {Unit: "words", Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}}},
		"unknown order":               {Order: "random", Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}}},
		"quantities of a add up to 4": {Total: 5, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Rows(4)}}},
		"take 4 rows, which a total of 3 does not hold": {Total: 3, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Rows(4)}, {Name: "b", Source: b, Quantity: mix.Weight(1)}}},
		"makes a total of 8":                            {Total: 9, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Rows(4)}, {Name: "b", Source: b, Quantity: mix.Share(0.5)}}},
	} {
		m, err := mix.New(r, nil)
		if err == nil {
			_, err = m.Plan(t.Context())
		}
		require.ErrorIs(t, err, mix.ErrRecipe, want)
		assert.ErrorContains(t, err, want)
	}
	assert.Len(t, draw(t, mix.Recipe{Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Rows(4)}, {Name: "b", Source: b, Quantity: mix.Share(0.5)}}}, nil), 8)
	assert.Len(t, draw(t, mix.Recipe{Total: 5, Parts: []mix.Part{
		{Name: "a", Source: a, Quantity: mix.Share(0.1)}, {Name: "b", Source: b, Quantity: mix.Share(0.2)}, {Name: "c", Source: gen("c", 9), Quantity: mix.Share(0.7)}}}, nil), 5,
		"0.1 + 0.2 + 0.7 is exactly 1")
}

func TestLedgerOfAMix(t *testing.T) {
	even := datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if r.Origin.Row%2 == 1 {
			return "odd", nil
		}
		return datamix.Keep, nil
	})
	a := gen("a", 100)
	a.bad = map[int]bool{4: true, 7: true}
	m, err := mix.New(mix.Recipe{Total: 60, Filters: []datamix.Filter{even}, OnError: datamix.SkipAtMost(5), Dedup: "content", Parts: []mix.Part{
		{Name: "a", Source: a, Quantity: mix.Weight(1)},
		{Name: "b", Source: gen("b", 100), Quantity: mix.Weight(1)},
		{Name: "again", Source: gen("b", 20), Quantity: mix.All()},
	}}, nil)
	require.NoError(t, err)
	var sink countSink
	told := map[string]map[datamix.Verdict]int64{"a": {}, "b": {}, "again": {}}
	rep, err := datamix.Run(datamix.WithObserver(t.Context(), &datamix.Observer{Drop: func(_ string, r *datamix.Record, why datamix.Verdict) {
		assert.NotEmpty(t, r.Messages(), "an observer sees the record")
		told[r.Origin.Source][why]++
	}}), m, &sink)
	require.NoError(t, err)
	require.NoError(t, rep.Ledger.Check())
	for _, p := range rep.Parts {
		if len(p.Ledger.Dropped) > 0 {
			assert.Equal(t, p.Ledger.Dropped, told[p.Name], p.Name)
		}
	}
	assert.Equal(t, datamix.Ledger{Read: 100, Kept: 30, Skipped: 2, Unused: 19, Dropped: map[datamix.Verdict]int64{"odd": 49}}, rep.Parts[0].Ledger)
	assert.Equal(t, datamix.Ledger{Read: 20, Dropped: map[datamix.Verdict]int64{"odd": 10, "duplicate": 10}}, rep.Parts[2].Ledger)
	assert.Equal(t, datamix.Ledger{Read: 220, Kept: 60, Skipped: 2, Unused: 39, Dropped: map[datamix.Verdict]int64{"odd": 109, "duplicate": 10}}, rep.Ledger)
	assert.EqualValues(t, 60, rep.Output.Rows)
	assert.EqualValues(t, 30, rep.Parts[1].Output.Rows)
	assert.Equal(t, 60, sink.n)
	for _, p := range rep.Parts {
		require.NoError(t, p.Ledger.Check(), p.Name)
	}
}

type countSink struct{ n int }

func (s *countSink) Write(context.Context, *datamix.Record) error { s.n++; return nil }
func (s *countSink) Close() error                                 { return nil }

func TestSameMixWithAnyWorkersAndMemory(t *testing.T) {
	recipe := mix.Recipe{Seed: 5, Unit: datamix.Tokens, Total: 20_000, MaxEpochs: 2, Parts: []mix.Part{
		{Name: "a", Source: &generated{name: "a", n: 900, size: spread(30)}, Quantity: mix.Share(0.9)},
		{Name: "b", Source: &generated{name: "b", n: 50, size: spread(30)}, Quantity: mix.Share(0.1)},
	}}
	want := draw(t, recipe, nil)
	for _, workers := range []int{1, 2, 8} {
		for _, memory := range []int64{-1, 1000, 1 << 30} {
			got := draw(t, recipe, &mix.Options{Workers: workers, MemoryLimit: memory, TempDir: t.TempDir()})
			assert.Equal(t, want, got, "%d workers, %d bytes", workers, memory)
		}
	}
	recipe.Seed = 6
	assert.NotEqual(t, want, draw(t, recipe, nil))
}

func TestReadsTwiceAndMeasuresOnce(t *testing.T) {
	a := gen("a", 100)
	m, err := mix.New(mix.Recipe{Total: 10, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}}}, nil)
	require.NoError(t, err)
	for range 3 {
		for _, err := range m.Records(t.Context()) {
			require.NoError(t, err)
		}
	}
	assert.EqualValues(t, 4, a.reads.Load(), "one measuring, three draws")
	n, ok := m.Size(t.Context())
	assert.True(t, ok)
	assert.EqualValues(t, 10, n)
}

func TestChangedDataIsAnError(t *testing.T) {
	a := gen("a", 100)
	m, err := mix.New(mix.Recipe{Total: 100, Parts: []mix.Part{{Name: "a", Source: a, Quantity: mix.Share(1)}}}, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.NoError(t, err)
	a.n = 90
	var last error
	for _, err := range m.Records(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, "part a: the data changed between measuring and writing")
	assert.True(t, strings.Contains(last.Error(), "10 of its records"), last.Error())
}

func TestBadRecordNamesItsPart(t *testing.T) {
	a := gen("a", 10)
	a.bad = map[int]bool{3: true}
	m, err := mix.New(mix.Recipe{Total: 5, Parts: []mix.Part{{Name: "math", Source: a, Quantity: mix.Share(1)}}}, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	assert.EqualError(t, err, "part math: a, row 4: read: bad row")
}

func TestMixOfMixes(t *testing.T) {
	inner, err := mix.New(mix.Recipe{Total: 30, Parts: []mix.Part{
		{Name: "x", Source: gen("x", 100), Quantity: mix.Weight(2)}, {Name: "y", Source: gen("y", 100), Quantity: mix.Weight(1)},
	}}, nil)
	require.NoError(t, err)
	out := draw(t, mix.Recipe{Total: 40, Parts: []mix.Part{
		{Name: "inner", Source: inner, Quantity: mix.Weight(1)}, {Name: "z", Source: gen("z", 100), Quantity: mix.Weight(1)},
	}}, nil)
	assert.Equal(t, map[string]int64{"inner": 20, "z": 20}, counts(out, datamix.Rows))
}

func TestSequential(t *testing.T) {
	out := draw(t, mix.Recipe{Order: mix.Sequential, Total: 10, Parts: []mix.Part{
		{Name: "a", Source: gen("a", 10), Quantity: mix.Weight(1)}, {Name: "b", Source: gen("b", 10), Quantity: mix.Weight(1)},
	}}, nil)
	for i, d := range out {
		assert.Equal(t, []string{"a", "b"}[i/5], d.part)
	}
}

package sample_test

import (
	"context"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

// must returns s, for samplers whose options are right.
func must(t testing.TB) func(s datamix.Sampler, err error) datamix.Sampler {
	return func(s datamix.Sampler, err error) datamix.Sampler {
		t.Helper()
		require.NoError(t, err)
		return s
	}
}

// rows returns the rows of a sequence without errors.
func rows(t testing.TB, seq datamix.Seq) []int {
	t.Helper()
	var out []int
	for r, err := range seq {
		require.NoError(t, err)
		out = append(out, int(r.Origin.Row))
	}
	return out
}

// firstError returns the first error of a sequence.
func firstError(seq datamix.Seq) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

func tokens(rows []int) (n int) {
	for _, row := range rows {
		n += sampletest.TokensOf(row)
	}
	return n
}

func TestUniformDrawsExactly(t *testing.T) {
	for _, c := range []struct {
		n      int
		amount sample.Amount
		want   int
	}{
		{100, sample.Rows(0), 0}, {100, sample.Rows(1), 1}, {100, sample.Rows(100), 100},
		{100, sample.Fraction(0), 0}, {100, sample.Fraction(1), 100}, {3, sample.Fraction(0.5), 2}, {5, sample.Fraction(0.5), 3},
		{7, sample.FractionOf(datamix.Rows, big.NewRat(1, 3)), 2}, {8, sample.FractionOf(datamix.Rows, big.NewRat(1, 3)), 3},
		{1000, sample.Fraction(0.29), 290}, // 0.29 * 1000 is below 290 in float64
	} {
		s := must(t)(sample.Uniform(c.amount, nil))
		got := rows(t, s.Sample(t.Context(), &sampletest.Input{N: c.n}))
		assert.Len(t, got, c.want, "%s of %d", c.amount, c.n)
		assert.True(t, slices.IsSorted(got))
	}
}

func TestModesDrawTheSame(t *testing.T) {
	in := &sampletest.Input{N: 500}
	two := rows(t, must(t)(sample.Uniform(sample.Rows(50), nil)).Sample(t.Context(), in))
	one := rows(t, must(t)(sample.Uniform(sample.Rows(50), &sample.Options{OnePass: true})).Sample(t.Context(), in))
	part := rows(t, must(t)(sample.Uniform(sample.Fraction(0.1), nil)).Sample(t.Context(), in))
	random := rows(t, must(t)(sample.Uniform(sample.Rows(50), &sample.Options{Order: sample.RandomOrder})).Sample(t.Context(), in))
	assert.Equal(t, two, one)
	assert.Equal(t, two, part)
	assert.False(t, slices.IsSorted(random))
	larger := rows(t, must(t)(sample.Uniform(sample.Rows(51), &sample.Options{Order: sample.RandomOrder})).Sample(t.Context(), in))
	assert.Equal(t, random, larger[:50], "the draw of 50 is part of the draw of 51")
	slices.Sort(random)
	assert.Equal(t, two, random)
	other := rows(t, must(t)(sample.Uniform(sample.Rows(50), &sample.Options{Seed: 1})).Sample(t.Context(), in))
	assert.NotEqual(t, two, other, "the seed does not matter")
}

// TestTheDrawIsStable pins what is drawn: a change is one of every mix that
// anybody has made.
func TestTheDrawIsStable(t *testing.T) {
	in := &sampletest.Input{N: 1000}
	assert.Equal(t, []int{18, 25, 214, 277, 285, 316, 353, 952}, rows(t, must(t)(sample.Uniform(sample.Rows(8), nil)).Sample(t.Context(), in)))
	assert.Equal(t, []int{983, 89, 407, 547, 742, 612, 424, 970}, rows(t, must(t)(sample.Shuffle(nil)).Sample(t.Context(), in))[:8])
}

func TestSingleUseSources(t *testing.T) {
	for name, c := range map[string]struct {
		s  datamix.Sampler
		ok bool
	}{
		"two passes":    {must(t)(sample.Uniform(sample.Rows(5), nil)), false},
		"fraction":      {must(t)(sample.Uniform(sample.Fraction(0.5), &sample.Options{Order: sample.RandomOrder})), false},
		"stratified":    {must(t)(sample.Stratified("category", sample.Rows(5), nil)), false},
		"source order":  {must(t)(sample.Repeat(2, &sample.RepeatOptions{Order: sample.SourceOrder})), false},
		"half, ordered": {must(t)(sample.Repeat(0.5, &sample.RepeatOptions{Order: sample.SourceOrder})), false},
		"one pass":      {must(t)(sample.Uniform(sample.Rows(5), &sample.Options{OnePass: true})), true},
		"random order":  {must(t)(sample.Quota(sample.Tokens(500), &sample.Options{Order: sample.RandomOrder})), true},
		"first":         {must(t)(sample.Quota(sample.Rows(5), &sample.Options{First: true})), true},
		"repeat":        {must(t)(sample.Repeat(2, nil)), true},
		"shuffle":       {must(t)(sample.Shuffle(nil)), true},
	} {
		err := firstError(c.s.Sample(t.Context(), &sampletest.Input{N: 20, SingleUse: true}))
		if c.ok {
			assert.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, datamix.ErrConsumed, name)
		assert.Regexp(t, "OnePass|RandomOrder", err.Error(), name)
	}
}

// changing is a source whose second pass is another than its first.
func changing(first, later datamix.Source) datamix.Source {
	n := 0
	return datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			if n++; n == 1 {
				first.Records(ctx)(yield)
			} else {
				later.Records(ctx)(yield)
			}
		}
	})
}

func TestAChangedSourceIsAnError(t *testing.T) {
	for name, s := range map[string]datamix.Sampler{
		"uniform": must(t)(sample.Uniform(sample.Rows(10), nil)),
		"repeat":  must(t)(sample.Repeat(2, &sample.RepeatOptions{Order: sample.SourceOrder})),
	} {
		first := &sampletest.Input{N: 50}
		for what, later := range map[string]datamix.Source{
			"shorter": &sampletest.Input{N: 5},
			"broken":  &sampletest.Input{N: 5, Fail: context.DeadlineExceeded},
		} {
			err := firstError(s.Sample(t.Context(), changing(first, later)))
			if what == "broken" {
				require.ErrorIs(t, err, context.DeadlineExceeded, "%s, %s", name, what)
			} else {
				require.ErrorIs(t, err, sample.ErrChanged, "%s, %s", name, what)
			}
		}
	}
	s := must(t)(sample.Uniform(sample.Rows(10), nil))
	err := firstError(s.Sample(t.Context(), changing(&sampletest.Input{N: 50}, &sampletest.Input{N: 50, Path: "other.jsonl"})))
	require.ErrorIs(t, err, sample.ErrChanged)
	assert.ErrorContains(t, err, "uniform")
	r := must(t)(sample.Repeat(2, &sample.RepeatOptions{Order: sample.SourceOrder}))
	require.ErrorIs(t, firstError(r.Sample(t.Context(), changing(&sampletest.Input{N: 5}, &sampletest.Input{N: 6}))), sample.ErrChanged, "longer")
}

func TestTooFewIsAnErrorUnlessUpTo(t *testing.T) {
	in := &sampletest.Input{N: 10}
	for _, o := range []sample.Options{{}, {OnePass: true}, {Order: sample.RandomOrder}, {First: true}} {
		for _, amount := range []sample.Amount{sample.Rows(11), sample.Tokens(1_000_000)} {
			o.UpTo = false
			err := firstError(must(t)(sample.Quota(amount, &o)).Sample(t.Context(), in))
			require.ErrorIs(t, err, sample.ErrTooFew, "%+v", o)
			assert.ErrorContains(t, err, amount.String())
			o.UpTo = true
			assert.Len(t, rows(t, must(t)(sample.Quota(amount, &o)).Sample(t.Context(), in)), 10, "%+v", o)
		}
	}
	s := must(t)(sample.Stratified("category", sample.Rows(11), nil))
	require.ErrorIs(t, firstError(s.Sample(t.Context(), in)), sample.ErrTooFew)
	s = must(t)(sample.Stratified("category", sample.Rows(11), &sample.Options{UpTo: true}))
	assert.Len(t, rows(t, s.Sample(t.Context(), in)), 10)
}

func TestQuotaMeetsTokensWithinHalfARecord(t *testing.T) {
	in := &sampletest.Input{N: 400}
	for target := 0; target < 30_000; target += 487 {
		for _, o := range []sample.Options{{}, {First: true}, {OnePass: true, Seed: 3}} {
			got := rows(t, must(t)(sample.Quota(sample.Tokens(int64(target)), &o)).Sample(t.Context(), in))
			assert.LessOrEqual(t, math.Abs(float64(tokens(got)-target)), 100.0, "target %d, %+v: half of the longest record is 100", target, o)
		}
	}
}

func TestQuotaRule(t *testing.T) {
	sized := func(sizes ...int) datamix.Source {
		return datamix.SourceFunc(func(context.Context) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				for i, n := range sizes {
					r := datamix.NewText("x")
					r.Origin.Row = int64(i)
					r.SetCounts(datamix.Counts{Total: n})
					if !yield(r, nil) {
						return
					}
				}
			}
		})
	}
	for _, c := range []struct {
		sizes  []int
		target int64
		want   int
	}{
		{[]int{10, 10, 10}, 20, 2}, {[]int{10, 10, 10}, 25, 3}, {[]int{10, 10, 10}, 24, 2}, {[]int{10, 10, 10}, 26, 3},
		{[]int{10, 10, 10}, 4, 0}, {[]int{10, 10, 10}, 5, 1}, {[]int{0, 0, 10}, 10, 3}, {[]int{10, 0, 0}, 10, 1}, {[]int{1, 100, 1}, 2, 1},
	} {
		s := must(t)(sample.Quota(sample.Tokens(c.target), &sample.Options{First: true}))
		assert.Len(t, rows(t, s.Sample(t.Context(), sized(c.sizes...))), c.want, "sizes %v, target %d", c.sizes, c.target)
	}
}

func TestUncountedRecordsAreAnError(t *testing.T) {
	for _, s := range []datamix.Sampler{
		must(t)(sample.Quota(sample.Tokens(10), nil)),
		must(t)(sample.Quota(sample.Tokens(10), &sample.Options{First: true})),
		must(t)(sample.Stratified("category", sample.TrainableTokens(10), nil)),
		must(t)(sample.Repeat(1.5, &sample.RepeatOptions{Unit: datamix.Tokens})),
	} {
		err := firstError(s.Sample(t.Context(), &sampletest.Input{N: 10, Uncounted: true}))
		require.ErrorIs(t, err, sample.ErrUncounted)
		assert.True(t, datamix.Final(err))
		assert.ErrorContains(t, err, sampletest.Path+":0")
	}
	assert.Len(t, rows(t, must(t)(sample.Uniform(sample.Rows(3), nil)).Sample(t.Context(), &sampletest.Input{N: 10, Uncounted: true})), 3)
}

func TestStratifiedKeepsTheRatio(t *testing.T) {
	const n = 1600
	strata := []string{"", "a", "b", "c", "d"}
	all := map[string][]int{}
	for row := range n {
		all[sampletest.Category(row)] = append(all[sampletest.Category(row)], row)
	}
	byLabel := func(rows []int) map[string][]int {
		m := map[string][]int{}
		for _, row := range rows {
			m[sampletest.Category(row)] = append(m[sampletest.Category(row)], row)
		}
		return m
	}
	for _, total := range []int64{0, 1, 5, 16, 100, 333, 1599, 1600} {
		sizes := make([]int64, len(strata))
		for i, v := range strata {
			sizes[i] = int64(len(all[v]))
		}
		quotas, err := sample.ApportionSizes(total, sizes)
		require.NoError(t, err)
		got := byLabel(rows(t, must(t)(sample.Stratified("category", sample.Rows(total), nil)).Sample(t.Context(), &sampletest.Input{N: n})))
		for i, v := range strata {
			assert.Len(t, got[v], int(quotas[i]), "%d rows, stratum %q", total, v)
		}
	}
	all5 := 0
	for _, v := range strata {
		all5 += tokens(all[v])
	}
	for _, target := range []int{1000, 20_000, all5 / 2, all5} {
		got := byLabel(rows(t, must(t)(sample.Stratified("category", sample.Tokens(int64(target)), nil)).Sample(t.Context(), &sampletest.Input{N: n})))
		for _, v := range strata {
			want := float64(target) * float64(tokens(all[v])) / float64(all5)
			assert.InDelta(t, want, tokens(got[v]), 101, "%d tokens, stratum %q", target, v)
		}
	}
}

func TestStratifiedBy(t *testing.T) {
	s := must(t)(sample.StratifiedBy(func(r *datamix.Record) string { return string(rune('0' + r.Origin.Row%2)) }, sample.Rows(10), nil))
	odd := 0
	for _, row := range rows(t, s.Sample(t.Context(), &sampletest.Input{N: 100})) {
		odd += row % 2
	}
	assert.Equal(t, 5, odd)
	_, described := datamix.Describe(s)
	assert.False(t, described)
}

func TestTakeReadsNoFurther(t *testing.T) {
	in := &sampletest.Input{N: 100}
	assert.Equal(t, []int{0, 1, 2}, rows(t, must(t)(sample.Take(3)).Sample(t.Context(), in)))
	assert.EqualValues(t, 3, in.Read())
	assert.Empty(t, rows(t, must(t)(sample.Take(0)).Sample(t.Context(), in)))
	assert.Len(t, rows(t, must(t)(sample.Take(1000)).Sample(t.Context(), in)), 100)
}

func TestMemoryLimits(t *testing.T) {
	in := &sampletest.Input{N: 200}
	for name, s := range map[string]datamix.Sampler{
		"shuffle":         must(t)(sample.Shuffle(&sample.ShuffleOptions{MaxBytes: 10_000})),
		"shuffle records": must(t)(sample.Shuffle(&sample.ShuffleOptions{MaxRecords: 199})),
		"shuffle buffer":  must(t)(sample.ShuffleBuffer(100, &sample.ShuffleOptions{MaxBytes: 10_000})),
		"repeat":          must(t)(sample.Repeat(2, &sample.RepeatOptions{MaxBytes: 10_000})),
		"uniform":         must(t)(sample.Uniform(sample.Rows(100), &sample.Options{OnePass: true, MaxBytes: 10_000})),
		"fraction":        must(t)(sample.Uniform(sample.Fraction(0.9), &sample.Options{Order: sample.RandomOrder, MaxBytes: 10_000})),
	} {
		require.ErrorIs(t, firstError(s.Sample(t.Context(), in)), sample.ErrTooLarge, name)
	}
	for name, s := range map[string]datamix.Sampler{
		"no limit":           must(t)(sample.Shuffle(&sample.ShuffleOptions{MaxBytes: -1})),
		"records fit":        must(t)(sample.Shuffle(&sample.ShuffleOptions{MaxRecords: 200})),
		"few kept":           must(t)(sample.Uniform(sample.Rows(10), &sample.Options{OnePass: true, MaxBytes: 10_000})),
		"nothing kept":       must(t)(sample.Uniform(sample.Rows(100), &sample.Options{MaxBytes: 1})),
		"a small window":     must(t)(sample.ShuffleBuffer(10, &sample.ShuffleOptions{MaxBytes: 10_000})),
		"one pass, in order": must(t)(sample.Repeat(1, &sample.RepeatOptions{FirstInOrder: true, MaxBytes: 1})),
	} {
		assert.NoError(t, firstError(s.Sample(t.Context(), in)), name)
	}
}

func TestBernoulli(t *testing.T) {
	kept := func(p float64, seed uint64) map[int]bool {
		f, err := sample.Bernoulli(p, seed)
		require.NoError(t, err)
		out := map[int]bool{}
		for r := range (&sampletest.Input{N: 10_000}).Records(t.Context()) {
			v, err := f.Check(t.Context(), r)
			require.NoError(t, err)
			if v == datamix.Keep {
				out[int(r.Origin.Row)] = true
			} else {
				assert.Equal(t, sample.NotSampled, v)
			}
		}
		return out
	}
	assert.Empty(t, kept(0, 1))
	assert.Len(t, kept(1, 1), 10_000)
	small, large := kept(0.1, 1), kept(0.5, 1)
	assert.InDelta(t, 1000, len(small), 4*30) // 4 standard deviations
	assert.InDelta(t, 5000, len(large), 4*50)
	for row := range small {
		require.True(t, large[row], "what is kept with 0.1 is kept with 0.5")
	}
	assert.NotEqual(t, small, kept(0.1, 2))
	for _, p := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		_, err := sample.Bernoulli(p, 0)
		require.ErrorContains(t, err, "probability")
	}
	var filters datamix.Registry[datamix.Filter]
	require.NoError(t, sample.RegisterFilters(&filters))
	f, _ := sample.Bernoulli(0.1, 7)
	spec, _ := datamix.Describe(f)
	again, err := filters.Build(spec)
	require.NoError(t, err)
	assert.Equal(t, f, again)
}

package sample_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

// TestTinyWeightGetsNothingOfTen is after Megatron-LM #705, where the weights
// 0.001 and 0.999 give the small source 1 row of 10.
func TestTinyWeightGetsNothingOfTen(t *testing.T) {
	quotas, err := sample.Apportion(10, rats(t, "0.001", "0.999"))
	require.NoError(t, err)
	require.Equal(t, []int64{0, 10}, quotas)
	src := interleave(t, sample.StopAtAll, part("s", float64(quotas[0]), 50), part("l", float64(quotas[1]), 10))
	assert.Equal(t, strings.Repeat("l", 10), names(t, src))
	endless := interleave(t, sample.StopAtFirst, part("s", 0.001, 50), part("l", 0.999, 5000))
	got := names(t, endless)
	for n := 1; n <= 3000; n++ {
		small := strings.Count(got[:n], "s")
		assert.InDelta(t, float64(n)*0.001, small, 1, "after %d", n)
	}
}

// TestEmptySource is after datasets #8626: an empty source, also after
// filtering, made another one's row come twice, or an index error.
func TestEmptySource(t *testing.T) {
	for _, place := range []string{"a", "c", "z"} { // before, between and after the others
		for _, n := range []int{0, 1} {
			empty := part(place, 1, n)
			if n == 1 {
				empty.Source = datamix.Chain(empty.Source, datamix.Where(rejectAll(t)))
			}
			src := interleave(t, sample.StopAtAll, part("b", 1, 3), empty, part("d", 1, 3))
			assert.Equal(t, "bdbdbd", names(t, src), "empty part %s", place)
			src = interleave(t, sample.StopAtFirst, part("b", 1, 3), empty, part("d", 1, 3))
			assert.Empty(t, names(t, src), "an empty part has ended before the first row")
		}
	}
	s := must(t)(sample.Repeat(3, nil))
	assert.Empty(t, rows(t, s.Sample(t.Context(), &sampletest.Input{})))
}

func rejectAll(t testing.TB) datamix.Filter {
	f, err := sample.Bernoulli(0, 0)
	require.NoError(t, err)
	return f
}

// TestWeightZeroIsLegal is after datasets #7147, where a probability of 0 never
// lets all_exhausted stop, and Grain, which rejects it.
func TestWeightZeroIsLegal(t *testing.T) {
	for _, stop := range []sample.Stop{sample.StopAtFirst, sample.StopAtAll, sample.StopWithError} {
		never := &sampletest.Input{N: 5}
		for _, name := range []string{"a", "z"} {
			src := interleave(t, stop, sample.Part{Name: name, Source: never}, part("b", 1, 3), part("d", 1, 3))
			assert.Equal(t, "bdbdbd", names(t, src), "%s %s", stop, name)
		}
		assert.Zero(t, never.Ranges(), "a part of weight 0 is not opened")
	}
}

// TestWeightOneKeepsEveryRowOnce is after LLaMA-Factory v1, whose bootstrap
// never shows about 37 % of the rows of a source with weight 1.
func TestWeightOneKeepsEveryRowOnce(t *testing.T) {
	want := make([]int, 1000)
	for i := range want {
		want[i] = i
	}
	in := &sampletest.Input{N: 1000}
	for _, s := range []datamix.Sampler{
		must(t)(sample.Uniform(sample.Fraction(1), nil)),
		must(t)(sample.Uniform(sample.Fraction(1), &sample.Options{Order: sample.RandomOrder})),
		must(t)(sample.Quota(sample.FractionOf(datamix.Tokens, big.NewRat(1, 1)), nil)),
		must(t)(sample.Stratified("category", sample.Fraction(1), nil)),
		must(t)(sample.Shuffle(nil)),
		must(t)(sample.ShuffleBuffer(7, nil)),
		must(t)(sample.Repeat(1, nil)),
	} {
		got := rows(t, s.Sample(t.Context(), in))
		slices.Sort(got)
		assert.Equal(t, want, got)
	}
	src := interleave(t, sample.StopAtFirst, part("a", 1, 1000))
	assert.Equal(t, want, rows(t, src.Records(t.Context())))
}

// TestOneRowIsNotOneWhole is after open-instruct #1434, where "1" is one row and
// "1.0" every row.
func TestOneRowIsNotOneWhole(t *testing.T) {
	in := &sampletest.Input{N: 10}
	assert.Len(t, rows(t, must(t)(sample.Uniform(sample.Rows(1), nil)).Sample(t.Context(), in)), 1)
	assert.Len(t, rows(t, must(t)(sample.Uniform(sample.Fraction(1), nil)).Sample(t.Context(), in)), 10)
}

// TestAddingAPartLeavesTheOthersAlone is after torchtitan, where a part that is
// put in gives all later ones another seed.
func TestAddingAPartLeavesTheOthersAlone(t *testing.T) {
	shuffled := func(name string) sample.Part {
		p := part(name, 1, 30)
		p.Source = datamix.Chain(p.Source, datamix.Draw(must(t)(sample.Uniform(sample.Rows(20), &sample.Options{Order: sample.RandomOrder}))))
		return p
	}
	order := func(src datamix.Source) map[string][]int64 {
		m := map[string][]int64{}
		for r, err := range src.Records(t.Context()) {
			require.NoError(t, err)
			m[r.Origin.Source] = append(m[r.Origin.Source], r.Origin.Row)
		}
		return m
	}
	two := order(interleave(t, sample.StopAtAll, shuffled("m"), shuffled("n")))
	three := order(interleave(t, sample.StopAtAll, shuffled("z"), shuffled("n"), shuffled("a"), shuffled("m")))
	assert.Equal(t, two["m"], three["m"])
	assert.Equal(t, two["n"], three["n"])
	assert.NotEqual(t, two["m"], two["n"], "parts are not shuffled alike")
}

// TestQuotaNeverEntersAnExtraEpoch is after OLMo-core #316: rounding made runs
// of a requested number of tokens slip into one more pass.
func TestQuotaNeverEntersAnExtraEpoch(t *testing.T) {
	const n = 97
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	total := int64(tokens(all))
	in := &sampletest.Input{N: n}
	for _, target := range []int64{total - 1, total} {
		got := rows(t, must(t)(sample.Quota(sample.Tokens(target), nil)).Sample(t.Context(), in))
		assert.LessOrEqual(t, len(got), n)
	}
	require.ErrorIs(t, firstError(must(t)(sample.Quota(sample.Tokens(total+1), nil)).Sample(t.Context(), in)), sample.ErrTooFew)
	for r, err := range must(t)(sample.Repeat(2, &sample.RepeatOptions{Unit: datamix.Tokens})).Sample(t.Context(), in) {
		require.NoError(t, err)
		require.Less(t, r.Origin.Pass, 2)
	}
}

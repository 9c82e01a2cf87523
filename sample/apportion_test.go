package sample_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sample"
)

func rats(t testing.TB, texts ...string) []*big.Rat {
	t.Helper()
	out := make([]*big.Rat, len(texts))
	for i, s := range texts {
		r, err := sample.ParseShare(s)
		require.NoError(t, err)
		out[i] = r
	}
	return out
}

func TestApportion(t *testing.T) {
	for _, c := range []struct {
		total   int64
		weights []string
		want    []int64
	}{
		{10, []string{"0.001", "0.999"}, []int64{0, 10}},
		{10, []string{"40%", "60%"}, []int64{4, 6}},
		{10, []string{"1", "1", "1"}, []int64{4, 3, 3}},
		{11, []string{"1", "1", "1"}, []int64{4, 4, 3}},
		{1, []string{"0.2", "0.3", "0.5"}, []int64{0, 0, 1}},
		{3, []string{"0", "1", "0", "1"}, []int64{0, 2, 0, 1}},
		{7, []string{"0.1", "0.2", "0.7"}, []int64{1, 1, 5}},
		{0, []string{"0.1", "0.9"}, []int64{0, 0}},
		{0, []string{"0", "0"}, []int64{0, 0}},
		{1 << 62, []string{"1/3", "2/3"}, []int64{1537228672809129301, 3074457345618258603}},
	} {
		got, err := sample.Apportion(c.total, rats(t, c.weights...))
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%d by %v", c.total, c.weights)
	}
}

// naive is largest remainder as a person would do it: one at a time to whoever
// is furthest below the exact quota, no one twice.
func naive(total int64, sizes []int64) []int64 {
	var sum int64
	for _, s := range sizes {
		sum += s
	}
	out := make([]int64, len(sizes))
	given := int64(0)
	for i, s := range sizes {
		out[i] = total * s / sum
		given += out[i]
	}
	for ; given < total; given++ {
		best := -1
		for i, s := range sizes {
			if out[i] == total*s/sum && (best < 0 || total*s%sum > total*sizes[best]%sum) {
				best = i
			}
		}
		out[best]++
	}
	return out
}

// TestAllocationsSumToTheTotal is after data-juicer, where the last source pays
// for all rounding, and levanter, where the largest gets it.
func TestAllocationsSumToTheTotal(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		sizes := make([]int64, 1+rng.IntN(12))
		weights := make([]*big.Rat, len(sizes))
		for i := range sizes {
			sizes[i] = rng.Int64N(1 << rng.UintN(20))
			weights[i] = big.NewRat(sizes[i], 1_000_003)
		}
		sizes[0]++
		weights[0] = big.NewRat(sizes[0], 1_000_003)
		var sum int64
		for _, s := range sizes {
			sum += s
		}
		total := rng.Int64N(sum + 1)
		want := naive(total, sizes)
		got, err := sample.ApportionSizes(total, sizes)
		require.NoError(t, err)
		require.Equal(t, want, got, "%d by %v", total, sizes)
		exact, err := sample.Apportion(total, weights)
		require.NoError(t, err)
		require.Equal(t, want, exact, "%d by %v, as fractions", total, sizes)
		var given int64
		for i, n := range got {
			given += n
			require.LessOrEqual(t, n, sizes[i])
		}
		require.Equal(t, total, given)
	}
}

func TestApportionSizesIsExactBeyond64Bits(t *testing.T) {
	got, err := sample.ApportionSizes(1<<62, []int64{1 << 61, 1 << 61, 3})
	require.NoError(t, err)
	assert.EqualValues(t, int64(1)<<62, got[0]+got[1]+got[2])
	want, err := sample.Apportion(1<<62, []*big.Rat{big.NewRat(1<<61, 1), big.NewRat(1<<61, 1), big.NewRat(3, 1)})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestApportionErrors(t *testing.T) {
	for name, call := range map[string]func() error{
		"total is negative":      func() error { _, err := sample.Apportion(-1, rats(t, "1")); return err },
		"weight 1 is missing":    func() error { _, err := sample.Apportion(1, []*big.Rat{big.NewRat(1, 1), nil}); return err },
		"weight 0 is":            func() error { _, err := sample.Apportion(1, []*big.Rat{big.NewRat(-1, 1)}); return err },
		"no weight is positive":  func() error { _, err := sample.Apportion(1, rats(t, "0", "0")); return err },
		"nothing to give":        func() error { _, err := sample.ApportionSizes(1, nil); return err },
		"size 1 is negative":     func() error { _, err := sample.ApportionSizes(1, []int64{1, -1}); return err },
		"sum to 2^63":            func() error { _, err := sample.ApportionSizes(1, []int64{1 << 62, 1 << 62}); return err },
		"weight 2 is missing or": func() error { _, err := sample.IntegerWeights([]*big.Rat{{}, {}, nil}); return err },
	} {
		assert.ErrorContains(t, call(), name)
	}
}

func TestIntegerWeights(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want []uint64
	}{
		{[]string{"0.1", "0.2", "0.7"}, []uint64{1, 2, 7}},
		{[]string{"2", "4"}, []uint64{1, 2}},
		{[]string{"1/3", "1/6", "0"}, []uint64{2, 1, 0}},
		{[]string{"0", "0"}, []uint64{0, 0}},
		{[]string{"12.4%", "87.6%"}, []uint64{31, 219}},
		{nil, []uint64{}},
	} {
		got, err := sample.IntegerWeights(rats(t, c.in...))
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%v", c.in)
	}
	got, err := sample.IntegerWeights(rats(t, "0.12345678901234567890123", "0.9"))
	require.NoError(t, err)
	assert.EqualValues(t, uint64(1)<<62, sum(got), "too long for 62 bits: parts of 2^62")
}

func FuzzApportionSizes(f *testing.F) {
	f.Add(int64(10), int64(1), int64(2), int64(3))
	f.Add(int64(1)<<62, int64(1)<<60, int64(5), int64(0))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		got, err := sample.ApportionSizes(total, []int64{a, b, c})
		if err != nil {
			return
		}
		want, err := sample.Apportion(total, []*big.Rat{big.NewRat(a, 1), big.NewRat(b, 1), big.NewRat(c, 1)})
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

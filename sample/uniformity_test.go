package sample_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

// chiSquare returns the statistic for counts that should be equal.
func chiSquare(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	want := float64(total) / float64(len(counts))
	var x float64
	for _, c := range counts {
		x += (float64(c) - want) * (float64(c) - want) / want
	}
	return x
}

// limit is a value that the statistic stays below with a probability of about
// 0.9999: the mean plus 4 standard deviations and a little for the skew. The
// seeds are fixed, so a test either always passes or never.
func limit(freedom int) float64 { return float64(freedom) + 4*math.Sqrt(2*float64(freedom)) + 8 }

func TestUniformIsUniform(t *testing.T) {
	counts := make([]int, 60)
	for seed := range uint64(2000) {
		s := must(t)(sample.Uniform(sample.Rows(12), &sample.Options{Seed: seed}))
		for _, row := range rows(t, s.Sample(t.Context(), &sampletest.Input{N: len(counts)})) {
			counts[row]++
		}
	}
	assert.Less(t, chiSquare(counts), limit(len(counts)-1))
}

// TestPermutationsAreUniform counts the 24 orders of 4 records.
func TestPermutationsAreUniform(t *testing.T) {
	for name, mk := range map[string]func(seed uint64) datamix.Sampler{
		"shuffle": func(seed uint64) datamix.Sampler { return must(t)(sample.Shuffle(&sample.ShuffleOptions{Seed: seed})) },
		"repeat":  func(seed uint64) datamix.Sampler { return must(t)(sample.Repeat(1, &sample.RepeatOptions{Seed: seed})) },
		"window": func(seed uint64) datamix.Sampler {
			return must(t)(sample.ShuffleBuffer(4, &sample.ShuffleOptions{Seed: seed}))
		},
		"uniform": func(seed uint64) datamix.Sampler {
			return must(t)(sample.Uniform(sample.Fraction(1), &sample.Options{Seed: seed, Order: sample.RandomOrder}))
		},
	} {
		orders := map[int]int{}
		for seed := range uint64(4800) {
			code := 0
			for _, row := range rows(t, mk(seed).Sample(t.Context(), &sampletest.Input{N: 4})) {
				code = code*4 + row
			}
			orders[code]++
		}
		var counts []int
		for _, n := range orders {
			counts = append(counts, n)
		}
		assert.Len(t, counts, 24, name)
		assert.Less(t, chiSquare(counts), limit(23), name)
	}
}

// TestPassesAreIndependent looks at where the first record of one pass stands in
// the next.
func TestPassesAreIndependent(t *testing.T) {
	const n = 20
	counts := make([]int, n)
	for seed := range uint64(3000) {
		got := rows(t, must(t)(sample.Repeat(2, &sample.RepeatOptions{Seed: seed})).Sample(t.Context(), &sampletest.Input{N: n}))
		counts[slices.Index(got[n:], got[0])]++
	}
	assert.Less(t, chiSquare(counts), limit(n-1))
}

// TestShuffleBufferMovesRecords measures how far records get.
func TestShuffleBufferMovesRecords(t *testing.T) {
	const n, window = 20_000, 500
	got := rows(t, must(t)(sample.ShuffleBuffer(window, nil)).Sample(t.Context(), &sampletest.Input{N: n}))
	var sum float64
	for at, row := range got {
		sum += math.Abs(float64(at - row))
	}
	assert.InDelta(t, window, sum/n, 0.35*window, "mean distance")
}

package sample_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sample"
)

func requireSumsToOne(t *testing.T, weights []*big.Rat) {
	t.Helper()
	total := new(big.Rat)
	for _, w := range weights {
		total.Add(total, w)
	}
	require.Equal(t, "1", total.RatString())
}

func TestTemperatureWeights(t *testing.T) {
	sizes := []int64{1_000_000, 10_000, 0, 1, 123_456_789_012, math.MaxInt64}
	for _, temperature := range []float64{0.25, 0.5, 1, 1 / 0.7, 2, 1 / 0.3, 5, 100} {
		weights, err := sample.TemperatureWeights(sizes, temperature)
		require.NoError(t, err)
		requireSumsToOne(t, weights)
		var total float64
		for _, n := range sizes {
			total += math.Pow(float64(n)/math.MaxInt64, 1/temperature)
		}
		for i, n := range sizes {
			want := math.Pow(float64(n)/math.MaxInt64, 1/temperature) / total
			got, _ := weights[i].Float64()
			assert.InDelta(t, want, got, 1e-15+want*1e-9, "size %d at temperature %v", n, temperature)
		}
	}
}

func TestTemperatureWeightsAtTheEnds(t *testing.T) {
	weights, err := sample.TemperatureWeights([]int64{30, 0, 10}, 1)
	require.NoError(t, err)
	assert.Equal(t, "[3/4 0/1 1/4]", join(weights))
	weights, err = sample.TemperatureWeights([]int64{30, 0, 10}, math.Inf(1))
	require.NoError(t, err)
	assert.Equal(t, "[1/2 0/1 1/2]", join(weights))
	weights, err = sample.TemperatureWeights([]int64{9, 4}, 2)
	require.NoError(t, err)
	got, _ := weights[0].Float64()
	assert.InDelta(t, 0.6, got, 1e-15, "roots 3 and 2")
	weights, err = sample.TemperatureWeights([]int64{9, 4}, 1e-6)
	require.NoError(t, err)
	assert.Equal(t, "[1/1 0/1]", join(weights))
	for _, bad := range []float64{0, -1, math.NaN()} {
		_, err := sample.TemperatureWeights([]int64{1}, bad)
		require.ErrorContains(t, err, "temperature")
	}
	_, err = sample.TemperatureWeights([]int64{0, 0}, 2)
	require.ErrorContains(t, err, "empty")
	_, err = sample.TemperatureWeights([]int64{1, -2}, 2)
	require.ErrorContains(t, err, "size 1 is negative")
}

func join(weights []*big.Rat) string {
	s := "["
	for i, w := range weights {
		if i > 0 {
			s += " "
		}
		s += w.String()
	}
	return s + "]"
}

func TestUniMaxWeights(t *testing.T) {
	for _, c := range []struct {
		sizes  []int64
		budget int64
		epochs float64
		want   string
	}{
		{[]int64{100, 100}, 50, 1, "[1/2 1/2]"},
		{[]int64{1000, 10}, 200, 4, "[4/5 1/5]"},            // 10 is capped at 40, the rest is 160
		{[]int64{1000, 10, 30}, 300, 2, "[11/15 1/15 1/5]"}, // 20, 60, 220
		{[]int64{1000, 10, 0}, 300, 2, "[14/15 1/15 0/1]"},
		{[]int64{300, 100}, 1000, 1.5, "[3/4 1/4]"}, // the budget is beyond every cap
		{[]int64{5, 5, 5}, 100, 0.5, "[1/3 1/3 1/3]"},
	} {
		got, err := sample.UniMaxWeights(c.sizes, c.budget, c.epochs)
		require.NoError(t, err)
		requireSumsToOne(t, got)
		assert.Equal(t, c.want, join(got), "%v, budget %d, %v epochs", c.sizes, c.budget, c.epochs)
	}
	for _, c := range []struct {
		budget int64
		epochs float64
	}{{0, 1}, {-1, 1}, {1, 0}, {1, -1}, {1, math.NaN()}} {
		_, err := sample.UniMaxWeights([]int64{1}, c.budget, c.epochs)
		assert.Error(t, err)
	}
}

// TestUniMaxAgainstAnotherImplementation compares with the numbers that the
// unimax-sampling package gives for the sizes in its documentation.
func TestUniMaxAgainstAnotherImplementation(t *testing.T) {
	got, err := sample.UniMaxWeights([]int64{179955884499, 184595788282, 42541080893, 10027573389, 549707867}, 250_000_000_000, 4)
	require.NoError(t, err)
	for i, want := range []float64{0.2769211666346667, 0.2769211666346667, 0.2769211666346667, 0.160441174224, 0.008795325872} {
		f, _ := got[i].Float64()
		assert.InDelta(t, want, f, 1e-14)
	}
}

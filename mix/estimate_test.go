package mix_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

func estimateRecipe(seed uint64) mix.Recipe {
	return mix.Recipe{Seed: seed, Unit: datamix.Tokens, Total: 1000, OnError: datamix.SkipAtMost(1000), Parts: []mix.Part{
		{Name: "large", Source: datamix.Chain(&generated{name: "large", n: 20_000, size: spread(300)}, datamix.Where(even)), Quantity: mix.Share(.7)},
		{Name: "small", Source: &generated{name: "small", n: 150, size: spread(300), bad: map[int]bool{3: true}}, Quantity: mix.Share(.3), Filters: []datamix.Filter{even}},
	}}
}

// TestEstimatesHoldTheTruth draws many samples: the intervals hold the true
// numbers about as often as they say.
func TestEstimatesHoldTheTruth(t *testing.T) {
	m := newMix(t, estimateRecipe(0), nil)
	plan, err := m.Plan(t.Context())
	require.NoError(t, err)
	truth := plan.Parts[0].Available
	const samples = 100
	var rows, tokens, trainable int
	holds := func(e mix.Estimate, x int64) int {
		if e.Low <= float64(x) && float64(x) <= e.High {
			return 1
		}
		return 0
	}
	for seed := range samples {
		e, err := newMix(t, estimateRecipe(uint64(seed)), &mix.Options{Workers: 1}).Estimate(t.Context(), &mix.EstimateOptions{Rows: 400, Confidence: 0.9})
		require.NoError(t, err)
		p := &e.Parts[0]
		require.EqualValues(t, 20_000, p.Read)
		require.InDelta(t, 300, p.Sampled, 150)
		rows += holds(p.Rows, truth.Rows)
		tokens += holds(p.Tokens, truth.Tokens)
		trainable += holds(p.Trainable, truth.Trainable)
		require.InDelta(t, float64(truth.Tokens), p.Tokens.Value, float64(truth.Tokens)/2)
	}
	for _, n := range []int{rows, tokens, trainable} {
		assert.InDelta(t, 0.9*samples, n, 4*3.0, "4 standard deviations")
	}
}

func TestEstimateOfASmallPartIsExact(t *testing.T) {
	m := newMix(t, estimateRecipe(1), nil)
	plan, err := m.Plan(t.Context())
	require.NoError(t, err)
	e, err := m.Estimate(t.Context(), nil)
	require.NoError(t, err)
	assert.InDelta(t, .95, e.Confidence, 0)
	p, truth := &e.Parts[1], plan.Parts[1].Available
	assert.EqualValues(t, 149, p.Sampled)
	for u, want := range map[datamix.Unit]int64{datamix.Rows: truth.Rows, datamix.Tokens: truth.Tokens, datamix.TrainableTokens: truth.Trainable} {
		assert.Equal(t, mix.Estimate{Value: float64(want), Low: float64(want), High: float64(want)}, p.In(u))
	}
	assert.Equal(t, mix.Estimate{Value: 74, Low: 74, High: 74}, p.Dropped["even"])
	assert.Contains(t, e.String(), "large")
	require.NotNil(t, e.Largest)
	r := estimateRecipe(1)
	r.Total = mix.Largest
	exact, err := newMix(t, r, nil).Plan(t.Context())
	require.NoError(t, err)
	assert.LessOrEqual(t, e.Largest.Low, float64(exact.Total))
	assert.GreaterOrEqual(t, e.Largest.High, float64(exact.Total))
	assert.Equal(t, "yes", e.Feasible())
	r.Total = mix.Total(exact.Total * 2)
	e, err = newMix(t, r, nil).Estimate(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "no", e.Feasible())
	_, err = m.Estimate(t.Context(), &mix.EstimateOptions{Confidence: 2})
	require.Error(t, err)
}

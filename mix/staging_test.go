package mix

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

// randomCurriculum returns a recipe of two or three stages over a few parts, one
// of them a group, with limits here and there.
func randomCurriculum(rng *rand.Rand) (*Recipe, []solve.Supply) {
	units := []datamix.Unit{datamix.Rows, datamix.Tokens, datamix.TrainableTokens}
	r := &Recipe{Unit: units[rng.IntN(3)], Total: Largest, MaxEpochs: []float64{1, 1.5, 2}[rng.IntN(3)],
		Shortfall: []Shortfall{ShortfallError, Redistribute}[rng.IntN(2)],
		Parts: []Part{{Name: "a"}, {Name: "b"}, {Name: "g", Unit: units[rng.IntN(3)], Parts: []Part{
			{Name: "c", Quantity: Weight(float64(1 + rng.IntN(3)))}, {Name: "d", Quantity: Weight(1)}}}}}
	limit := func() *Bound {
		n := 5 + rng.Int64N(60)
		return []*Bound{{Rows: &n}, {Tokens: &n}, nil, nil}[rng.IntN(4)]
	}
	r.Parts[0].Max, r.Parts[1].Min, r.Parts[2].Max = limit(), limit(), limit()
	var supplies []solve.Supply
	for range 4 {
		s := &supplytest.List{}
		for range 5 + rng.IntN(30) {
			n := 1 + rng.Int64N(6)
			s.Tokens, s.Trainable = append(s.Tokens, n), append(s.Trainable, 1+rng.Int64N(n))
		}
		supplies = append(supplies, s)
	}
	for i := range 2 + rng.IntN(2) {
		s := Stage{Name: string(rune('0' + i)), Parts: []StagePart{{Name: "a", Quantity: Weight(float64(1 + rng.IntN(3)))}}}
		if rng.IntN(2) == 0 {
			s.Parts = append(s.Parts, StagePart{Name: "b", Quantity: Share(0.25)})
		}
		if rng.IntN(2) == 0 {
			s.Parts = append(s.Parts, StagePart{Name: "g", Quantity: Weight(1)})
		}
		r.Stages = append(r.Stages, s)
	}
	for i := range r.Stages {
		r.Stages[i].Share = Share([][]float64{{0.7, 0.3}, {0.5, 0.3, 0.2}}[len(r.Stages)-2][i]).Share
	}
	return r, supplies
}

// TestLargestTotalOfStages holds the largest total that stages can share out
// against trying every total, and what each stage gives against its share of it.
func TestLargestTotalOfStages(t *testing.T) {
	solved := 0
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 5))
		r, supplies := randomCurriculum(rng)
		require.NoError(t, r.Check())
		got, err := r.planOver(supplies)
		best := Total(0)
		fixed := *r
		for total := Total(1); total < 600; total++ {
			fixed.Total = total
			if _, err := fixed.planOver(supplies); err == nil {
				best = total
			}
		}
		if err != nil {
			require.ErrorIs(t, err, ErrInfeasible, "seed %d", seed)
			require.Zero(t, best, "seed %d: %v", seed, err)
			continue
		}
		solved++
		require.EqualValues(t, best, got.Total, "seed %d", seed)
		fixed.Total = best
		same, err := fixed.planOver(supplies)
		require.NoError(t, err)
		require.Equal(t, same, got, "seed %d", seed)
	}
	require.Greater(t, solved, 50)
}

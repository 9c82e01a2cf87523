package solve

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

var units = []datamix.Unit{datamix.Rows, datamix.Tokens, datamix.TrainableTokens}

// TestGroupsInOtherUnits solves random trees with groups in units of their own,
// and holds what the documentation promises of each part.
func TestGroupsInOtherUnits(t *testing.T) {
	solved, refused := 0, 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 9))
		m := modes[rng.IntN(3)]
		passes := 1 + float64(rng.IntN(2))
		leaf := func(p *Part) {
			s := &supplytest.List{}
			for range 20 + rng.IntN(60) {
				n := 1 + rng.Int64N(20)
				s.Tokens, s.Trainable = append(s.Tokens, n), append(s.Trainable, 1+rng.Int64N(n))
			}
			p.Supply, p.MaxEpochs = s, passes
		}
		whole := &Part{Unit: units[rng.IntN(3)], Fills: m.fills}
		for i := range 2 + rng.IntN(2) {
			p := Part{Path: string(rune('a' + i)), Quantity: weight(float64(1 + rng.IntN(4)))}
			if rng.IntN(2) == 0 {
				p.Unit, p.Fills = units[rng.IntN(3)], m.fills
				for k := range 1 + rng.IntN(3) {
					kid := Part{Path: p.Path + "/" + string(rune('a'+k)), Quantity: weight(float64(1 + rng.IntN(4)))}
					leaf(&kid)
					p.Parts = append(p.Parts, kid)
				}
			} else {
				leaf(&p)
			}
			if rng.IntN(4) == 0 {
				p.Max = Bound{Amount: 20 + rng.Int64N(400), In: units[rng.IntN(3)]}
			} else if rng.IntN(4) == 0 {
				p.Min = Bound{Amount: rng.Int64N(100), In: units[rng.IntN(3)]}
			}
			whole.Parts = append(whole.Parts, p)
		}
		total := 20 + rng.Int64N(1500)
		s, err := Solve(whole, total)
		if err != nil {
			var infeasible *Infeasible
			require.True(t, errors.As(err, &infeasible), "seed %d: %v\n%s", seed, err, describe(whole))
			refused++
			if infeasible.Nearest == 0 {
				continue
			}
			if s, err = Solve(whole, infeasible.Nearest); err != nil {
				t.Fatalf("seed %d: the nearest total of %d: %v", seed, infeasible.Nearest, err)
			}
			if infeasible.Nearest > total {
				require.Equal(t, LimitMin, infeasible.Short[0].Limit, "seed %d: %v\n%s", seed, err, describe(whole))
			}
		}
		solved++
		holds(t, s, seed)
	}
	require.Greater(t, solved, 500)
	require.Greater(t, refused, 200)
}

// holds checks what a part is given: those in a group make its total, exactly
// in the ratio of their weights unless they stand in for each other, no leaf is
// above its max or below its min, no group by more than a record a part, and where units differ the total is within the longest records
// of the amount.
func holds(t *testing.T, s *Solution, seed uint64) {
	if bound := s.Part.Max; bound.In != "" {
		require.LessOrEqual(t, sizeIn(s, bound.In), bound.Amount+20*int64(len(s.Parts)), "seed %d", seed)
	}
	if bound := s.Part.Min; bound.In != "" {
		require.GreaterOrEqual(t, sizeIn(s, bound.In), bound.Amount-20*int64(len(s.Parts)), "seed %d", seed)
	}
	if len(s.Parts) == 0 {
		return
	}
	total, weights := int64(0), new(big.Rat)
	for i := range s.Parts {
		total += s.Parts[i].Amount
		weights.Add(weights, s.Parts[i].Part.Number)
		holds(t, &s.Parts[i], seed)
	}
	if s.In == s.Part.Unit {
		require.Equal(t, s.Amount, total)
	} else {
		require.InDelta(t, s.Amount, sizeIn(s, s.In), 40, "seed %d: %s", seed, s.Part.Path)
	}
	if s.Part.Fills {
		return
	}
	for i := range s.Parts {
		target := new(big.Rat).Quo(s.Parts[i].Part.Number, weights)
		exact, _ := target.Mul(target, new(big.Rat).SetInt64(total)).Float64()
		require.InDelta(t, exact, s.Parts[i].Amount, 1, "seed %d: %s", seed, s.Part.Path)
	}
}

// sizeIn is what a part's records hold.
func sizeIn(s *Solution, u datamix.Unit) (size int64) {
	if len(s.Parts) == 0 {
		return s.Part.Supply.Size(s.Rows, u)
	}
	for i := range s.Parts {
		size += sizeIn(&s.Parts[i], u)
	}
	return size
}

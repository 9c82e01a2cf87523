package mix

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// rowsOf is a supply of n records.
func rowsOf(name string, n int64, epochs float64) supply {
	return supply{name: name, available: datamix.Tally{Rows: n}, maxEpochs: epochs,
		sum: func(n int64, _, _ datamix.Unit) int64 { return n }}
}

func (s supply) capped() int64 { return s.cap(datamix.Rows) }

// TestSolverAgainstBruteForce holds the solver on small random recipes against
// trying every total: feasible ones are met exactly, infeasible ones refused
// with the largest total that is feasible.
func TestSolverAgainstBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	met, refused := 0, 0
	for range 3000 {
		r, parts := randomRecipe(rng)
		caps := make([]int64, len(parts))
		for i := range parts {
			caps[i] = parts[i].cap(datamix.Rows)
		}
		feasible := func(total int64) []int64 {
			quotas := hamilton(total, r, parts)
			for i, q := range quotas {
				if q > caps[i] {
					return nil
				}
			}
			return quotas
		}
		best := int64(0)
		for total := int64(1); total <= 400; total++ {
			if feasible(total) != nil {
				best = total
			}
		}
		what := fmt.Sprintf("%+v caps %v", describe(r), caps)

		r.Total = Largest
		got, err := solve(r, parts)
		if best == 0 {
			require.ErrorIs(t, err, ErrInfeasible, what)
		} else {
			require.NoError(t, err, what)
			require.Equal(t, feasible(best), got, what)
		}

		total := 1 + rng.Int64N(200)
		r.Total = Total(total)
		got, err = solve(r, parts)
		if want := feasible(total); want != nil {
			met++
			require.NoError(t, err, what)
			require.Equal(t, want, got, what)
			continue
		}
		refused++
		var infeasible *InfeasibleError
		require.True(t, errors.As(err, &infeasible), "%v %v", err, what)
		require.Equal(t, best, infeasible.Nearest, what)
		require.Equal(t, total, infeasible.Total)
		if infeasible.Available > 0 {
			epochs, _ := infeasible.epochs().Float64()
			require.GreaterOrEqual(t, rowsOf("", infeasible.Available, epochs).capped(), infeasible.Need, what)
		}
	}
	require.Greater(t, met, 500)
	require.Greater(t, refused, 500)
}

// randomRecipe returns weights that sum to 40, as shares in half of the cases,
// and parts with 0 to 100 rows.
func randomRecipe(rng *rand.Rand) (*Recipe, []supply) {
	n := 1 + rng.IntN(4)
	weights := make([]float64, n)
	left := 40
	for i := range weights {
		w := rng.IntN(left + 1)
		if i == n-1 {
			w = left
		}
		left -= w
		weights[i] = float64(w)
	}
	shares := rng.IntN(2) == 0
	r := &Recipe{Total: 1}
	var parts []supply
	for i, w := range weights {
		name := string(rune('a' + i))
		q := Weight(w)
		if shares {
			q = Share(w / 40)
		}
		r.Parts = append(r.Parts, Part{Name: name, Quantity: q})
		parts = append(parts, rowsOf(name, rng.Int64N(60), []float64{1, 1, 1.5, 2}[rng.IntN(4)]))
	}
	return r, parts
}

// hamilton is largest remainder by its definition, in fractions.
func hamilton(total int64, r *Recipe, parts []supply) []int64 {
	out := make([]int64, len(parts))
	rest := make([]*big.Rat, len(parts))
	left := total
	for i, p := range r.Parts {
		w := big.NewRat(1, 1)
		if p.Weight != nil {
			w.SetFrac64(int64(*p.Weight), 40)
		} else {
			w.Set(p.Share.rat())
		}
		quota := new(big.Rat).Mul(w, new(big.Rat).SetInt64(total))
		out[i] = floor(quota)
		rest[i] = quota.Sub(quota, new(big.Rat).SetInt64(out[i]))
		left -= out[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i].Cmp(rest[best]) > 0 {
				best = i
			}
		}
		out[best]++
		rest[best] = big.NewRat(-1, 1)
	}
	return out
}

func describe(r *Recipe) (out []string) {
	for _, p := range r.Parts {
		if p.Weight != nil {
			out = append(out, fmt.Sprint("weight ", *p.Weight))
		} else {
			out = append(out, fmt.Sprint("share ", p.Share))
		}
	}
	return out
}

func TestFixedQuantitiesAndWeights(t *testing.T) {
	parts := []supply{rowsOf("a", 30, 1), rowsOf("b", 100, 1), rowsOf("c", 100, 1), rowsOf("d", 7, 1)}
	recipe := func(total Total, qs ...Quantity) *Recipe {
		r := &Recipe{Total: total}
		for i, q := range qs {
			r.Parts = append(r.Parts, Part{Name: parts[i].name, Quantity: q})
		}
		return r
	}
	for _, test := range []struct {
		r    *Recipe
		want []int64
	}{
		{recipe(100, All(), Weight(1), Weight(1), Rows(5)), []int64{30, 33, 32, 5}},
		{recipe(100, All(), Share(0.5), Weight(1), Rows(5)), []int64{30, 50, 15, 5}},
		{recipe(0, All(), Share(0.5), Share(0.2), All()), []int64{30, 61, 25, 7}},
		{recipe(Largest, Rows(30), Weight(1), Weight(2), Rows(0)), []int64{30, 50, 100, 0}},
		{recipe(0, Rows(3), Rows(4), All(), Rows(0)), []int64{3, 4, 100, 0}},
	} {
		got, err := solve(test.r, parts)
		require.NoError(t, err, describeAll(test.r))
		require.Equal(t, test.want, got, describeAll(test.r))
	}
	_, err := solve(recipe(0, Rows(31), All(), All(), All()), parts)
	require.EqualError(t, err, "datamix/mix: infeasible: part a needs 31 rows, but has 30 in one pass and max_epochs is 1; max_epochs of 1.034 for this part would free it")
}

func describeAll(r *Recipe) string { return fmt.Sprintf("total %d: %+v", r.Total, r.Parts) }

package mix

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// thousandParts is a recipe of 1,000 parts with weights of many digits, flat or
// in groups of 32.
func thousandParts(grouped bool) (*Recipe, []supply) {
	rng := rand.New(rand.NewPCG(1, 2))
	r := &Recipe{Unit: datamix.Tokens, Total: 50_000_000, MaxEpochs: 4}
	var supplies []supply
	for i := range 1000 {
		p := Part{Name: fmt.Sprintf("part %d", i), Quantity: Weight(rng.Float64())}
		supplies = append(supplies, countSupply{rng.Int64N(2_000) + 500, 100})
		if !grouped {
			r.Parts = append(r.Parts, p)
			continue
		}
		if i%32 == 0 {
			r.Parts = append(r.Parts, Part{Name: fmt.Sprintf("group %d", i), Quantity: Weight(rng.Float64())})
		}
		g := &r.Parts[len(r.Parts)-1]
		g.Parts = append(g.Parts, p)
	}
	return r, supplies
}

// BenchmarkSolve solves recipes of 1,000 parts: a total that is feasible, the
// largest one, with others standing in for parts that are short, and with groups.
func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		name      string
		grouped   bool
		total     Total
		shortfall Shortfall
	}{
		{"feasible", false, 50_000_000, ""},
		{"largest", false, Largest, ""},
		{"redistribute", false, 400_000_000, Redistribute},
		{"groups", true, 1_000_000, ""},
		{"largest in groups", true, Largest, ""},
	} {
		r, supplies := thousandParts(c.grouped)
		r.Shortfall = c.shortfall
		require.NoError(b, r.Check())
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := solve(r, r.Parts, c.total, supplies); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package solve

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

// thousandParts is a tree of 1,000 parts with weights of many digits, flat or in
// groups of 32.
func thousandParts(grouped, fills bool) *Part {
	rng := rand.New(rand.NewPCG(1, 2))
	whole := &Part{Unit: datamix.Tokens, Fills: fills}
	for i := range 1000 {
		p := Part{Path: fmt.Sprintf("part %d", i), Quantity: weight(rng.Float64()), MaxEpochs: 4, Supply: supplytest.Same{Records: rng.Int64N(2_000) + 500, Tokens: 100}}
		if !grouped {
			whole.Parts = append(whole.Parts, p)
			continue
		}
		if i%32 == 0 {
			whole.Parts = append(whole.Parts, Part{Path: fmt.Sprintf("group %d", i), Quantity: weight(rng.Float64()), Unit: datamix.Tokens, Fills: fills})
		}
		g := &whole.Parts[len(whole.Parts)-1]
		g.Parts = append(g.Parts, p)
	}
	return whole
}

// BenchmarkSolve solves trees of 1,000 parts: a total that is feasible, the
// largest one, with others standing in for parts that are short, and with groups.
func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		name           string
		grouped, fills bool
		total          int64
	}{
		{"feasible", false, false, 50_000_000},
		{"largest", false, false, Largest},
		{"redistribute", false, true, 400_000_000},
		{"groups", true, false, 1_000_000},
		{"largest in groups", true, false, Largest},
	} {
		whole := thousandParts(c.grouped, c.fills)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Solve(whole, c.total); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

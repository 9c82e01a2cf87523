package mix

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

// TestDeckIsTheNaiveSupply holds the sums of a deck against adding up.
func TestDeckIsTheNaiveSupply(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		n := 1 + rng.IntN(1200)
		x := &Index{}
		for i := range n {
			f := facts{Entry: Entry{Place: datamix.Place{Origin: datamix.Origin{Row: int64(i)}}, Counts: datamix.Counts{Total: rng.IntN(9) * rng.IntN(40), Trainable: rng.IntN(3)}}}
			require.NoError(t, x.add(&f, &wants{}))
		}
		x.trim()
		p := &partIndex{Index: x, name: "p", available: x.Tally()}
		d := newDeck(p, 5, []float64{1, 0.3}[rng.IntN(2)])
		naive := &supplytest.List{}
		for pass := range 3 {
			for _, i := range d.order(pass, d.usable) {
				naive.Tokens = append(naive.Tokens, p.size(i, datamix.Tokens))
				naive.Trainable = append(naive.Trainable, p.size(i, datamix.TrainableTokens))
			}
		}
		for _, u := range []datamix.Unit{datamix.Rows, datamix.Tokens, datamix.TrainableTokens} {
			for range 30 {
				rows := rng.Int64N(3*d.usable + 1)
				require.Equal(t, naive.Size(rows, u), d.Size(rows, u), "%d rows in %s", rows, u)
				once := d.Once().In(u)
				if once == 0 {
					continue
				}
				// Within a pass; at its end the deck takes what is left of it, also
				// what has no size.
				amount := rng.Int64N(3 * once)
				if amount%once > 0 {
					require.Equal(t, naive.Rows(amount, u), d.Rows(amount, u), "amount %d in %s of %d a pass", amount, u, once)
				}
			}
		}
	}
}

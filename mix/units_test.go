package mix

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// listSupply is a supply of records with sizes, the same in every pass, without
// any thought of speed.
type listSupply struct{ tokens, trainable []int64 }

func (s *listSupply) of(u datamix.Unit) []int64 {
	if u == datamix.TrainableTokens {
		return s.trainable
	}
	return s.tokens
}

func (s *listSupply) once() datamix.Tally {
	t := datamix.Tally{Rows: int64(len(s.tokens))}
	for i := range s.tokens {
		t.Tokens += s.tokens[i]
		t.Trainable += s.trainable[i]
	}
	return t
}

func (s *listSupply) used(datamix.Unit) int64 { return 0 }

func (s *listSupply) size(rows int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return rows
	}
	var sum int64
	for i := range rows {
		sum += s.of(u)[i%int64(len(s.tokens))]
	}
	return sum
}

func (s *listSupply) rows(amount int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return amount
	}
	if s.once().In(u) == 0 {
		return 0
	}
	var rows, have int64
	for have < amount {
		next := have + s.of(u)[rows%int64(len(s.tokens))]
		if next-amount > amount-have {
			break
		}
		rows, have = rows+1, next
	}
	return rows
}

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
		naive := &listSupply{}
		for pass := range 3 {
			for _, i := range d.order(pass) {
				naive.tokens = append(naive.tokens, p.size(i, datamix.Tokens))
				naive.trainable = append(naive.trainable, p.size(i, datamix.TrainableTokens))
			}
		}
		for _, u := range []datamix.Unit{datamix.Rows, datamix.Tokens, datamix.TrainableTokens} {
			for range 30 {
				rows := rng.Int64N(3*d.usable + 1)
				require.Equal(t, naive.size(rows, u), d.size(rows, u), "%d rows in %s", rows, u)
				once := d.once().In(u)
				if once == 0 {
					continue
				}
				// Within a pass; at its end the deck takes what is left of it, also
				// what has no size.
				amount := rng.Int64N(3 * once)
				if amount%once > 0 {
					require.Equal(t, naive.rows(amount, u), d.rows(amount, u), "amount %d in %s of %d a pass", amount, u, once)
				}
			}
		}
	}
}

// TestGroupsInOtherUnits solves random recipes by tokens with groups by rows or
// trainable tokens, and holds what the documentation promises of each node.
func TestGroupsInOtherUnits(t *testing.T) {
	units := []datamix.Unit{"", datamix.Rows, datamix.Tokens, datamix.TrainableTokens}
	solved, refused := 0, 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 9))
		r := &Recipe{Unit: units[rng.IntN(4)], MaxEpochs: 1 + float64(rng.IntN(2)), Shortfall: []Shortfall{"", Redistribute, RepeatParts}[rng.IntN(3)]}
		var supplies []supply
		leaf := func() {
			s := &listSupply{}
			for range 20 + rng.IntN(60) {
				n := 1 + rng.Int64N(20)
				s.tokens, s.trainable = append(s.tokens, n), append(s.trainable, 1+rng.Int64N(n))
			}
			supplies = append(supplies, s)
		}
		for i := range 2 + rng.IntN(2) {
			p := Part{Name: string(rune('a' + i)), Quantity: Weight(float64(1 + rng.IntN(4)))}
			if rng.IntN(2) == 0 {
				p.Unit = units[rng.IntN(4)]
				for k := range 1 + rng.IntN(3) {
					p.Parts = append(p.Parts, Part{Name: string(rune('a' + k)), Quantity: Weight(float64(1 + rng.IntN(4)))})
					leaf()
				}
			} else {
				leaf()
			}
			if rng.IntN(4) == 0 {
				n := 20 + rng.Int64N(400)
				p.Max = &Bound{Tokens: &n}
			}
			r.Parts = append(r.Parts, p)
		}
		r.Total = Total(20 + rng.Int64N(1500))
		require.NoError(t, r.Check())
		s, err := solve(r, r.Parts, r.Total, supplies)
		if err != nil {
			var infeasible *InfeasibleError
			require.True(t, errors.As(err, &infeasible), "seed %d: %v\n%s", seed, err, describe(r, map[string]int64{}))
			refused++
			if infeasible.Nearest == 0 {
				continue
			}
			if s, err = solve(r, r.Parts, Total(infeasible.Nearest), supplies); err != nil {
				t.Fatalf("seed %d: the nearest total of %d: %v", seed, infeasible.Nearest, err)
			}
			require.LessOrEqual(t, infeasible.Nearest, int64(r.Total))
		}
		solved++
		holds(t, s, s.root, r.Shortfall, seed)
	}
	require.Greater(t, solved, 500)
	require.Greater(t, refused, 200)
}

// holds checks a solved node: its kids make its total, exactly in the ratio of
// their weights unless they stand in for each other, none is above its limit,
// and where units differ the total is within the longest records of the amount.
func holds(t *testing.T, s *solution, n *node, shortfall Shortfall, seed uint64) {
	amount := s.amounts[n]
	require.LessOrEqual(t, amount, n.high)
	if bound, u, ok := n.part.Max.get(); ok {
		require.LessOrEqual(t, n.convert(amount, u), bound+20*int64(max(1, len(n.kids))), "seed %d", seed)
	}
	if !n.group() {
		return
	}
	total, sum, weights := n.total(amount), int64(0), new(big.Rat)
	for _, k := range n.kids {
		sum += s.amounts[k]
		weights.Add(weights, rat(*k.part.Weight))
		holds(t, s, k, shortfall, seed)
	}
	require.Equal(t, total, sum)
	if n.unit != n.inner {
		require.InDelta(t, amount, n.inside(total, n.unit), 40, "seed %d: %s", seed, n.path)
	}
	for _, k := range n.kids {
		if shortfall != Redistribute {
			target := new(big.Rat).Quo(rat(*k.part.Weight), weights)
			exact, _ := target.Mul(target, new(big.Rat).SetInt64(total)).Float64()
			require.InDelta(t, exact, s.amounts[k], 1, "seed %d: %s", seed, k.path)
		}
	}
}

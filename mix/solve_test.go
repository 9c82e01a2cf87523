package mix

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// countSupply is a supply of n records that each hold the same.
type countSupply struct{ n, tokens int64 }

func (s countSupply) once() datamix.Tally {
	return datamix.Tally{Rows: s.n, Tokens: s.n * s.tokens, Trainable: s.n * s.tokens}
}

func (s countSupply) used(datamix.Unit) int64 { return 0 }

func (s countSupply) size(rows int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return rows
	}
	return rows * s.tokens
}

func (s countSupply) rows(amount int64, u datamix.Unit) int64 {
	if u == datamix.Rows || s.n == 0 {
		return amount * min(1, s.n)
	}
	return (2*amount + s.tokens) / (2 * s.tokens)
}

// brute solves small recipes by rows by the words of the documentation, with
// fractions and without any thought of speed.
type brute struct {
	r     *Recipe
	fills bool
	have  map[string]int64 // by path of a leaf
	known map[string][2]int64
}

// solve returns the amounts of the leaves below parts for a total, nil if it is
// not feasible.
func (b *brute) solve(parts []Part, path string, epochs float64, total int64, out map[string]int64) bool {
	given := int64(0)
	amounts := make([]int64, len(parts))
	shares, weights := new(big.Rat), new(big.Rat)
	for i := range parts {
		p := &parts[i]
		switch {
		case p.Share != nil:
			shares.Add(shares, p.Share.rat())
		case p.Weight != nil:
			weights.Add(weights, rat(*p.Weight))
		case p.Rest:
			weights.Add(weights, rat(1))
		default:
			amounts[i] = b.fixed(p, join(path, p.Name))
			given += amounts[i]
		}
	}
	one := big.NewRat(1, 1)
	left := new(big.Rat).Sub(one, shares)
	if weights.Sign() == 0 && left.Sign() > 0 {
		made := round(new(big.Rat).Quo(new(big.Rat).SetInt64(given), left))
		if total != made {
			return false
		}
	}
	targets := make([]*big.Rat, len(parts))
	of := total
	if b.fills { // the ratio is what counts, and there is one when nothing is to be shared out
		if given == 0 {
			of = max(total, 1)
		} else if shares.Sign() == 0 {
			of = max(total, given+1)
		}
	}
	for i := range parts {
		p := &parts[i]
		w := new(big.Rat)
		switch {
		case p.Share != nil:
			targets[i] = w.Mul(p.Share.rat(), new(big.Rat).SetInt64(of))
			continue
		case p.Weight != nil && weights.Sign() > 0:
			w.Quo(rat(*p.Weight), weights)
		case p.Rest:
			w.Quo(rat(1), weights)
		case p.Weight == nil:
			continue
		}
		rest := new(big.Rat).Mul(left, new(big.Rat).SetInt64(of))
		rest.Sub(rest, new(big.Rat).SetInt64(given))
		if rest.Sign() < 0 && !b.fills {
			return false
		}
		if rest.Sign() < 0 {
			rest.SetInt64(0)
		}
		targets[i] = w.Mul(w, rest)
	}
	if b.fills {
		if !b.fill(parts, path, epochs, total-given, targets, amounts) {
			return false
		}
	} else {
		sum := new(big.Rat)
		for _, t := range targets {
			if t != nil {
				sum.Add(sum, t)
			}
		}
		hamilton(round(sum), targets, amounts)
	}
	for i := range parts {
		p := &parts[i]
		if !b.give(p, join(path, p.Name), epochs, amounts[i], out) {
			return false
		}
	}
	return true
}

// give solves a part for an amount.
func (b *brute) give(p *Part, path string, epochs float64, amount int64, out map[string]int64) bool {
	if p.MaxEpochs > 0 {
		epochs = p.MaxEpochs
	}
	if p.Max != nil && amount > *p.Max.Rows || p.Min != nil && amount < *p.Min.Rows {
		return false
	}
	if p.group() {
		return b.solve(p.Parts, path, epochs, amount, out)
	}
	out[path] = amount
	return amount <= b.cap(path, epochs)
}

func (b *brute) cap(path string, epochs float64) int64 {
	if epochs == 0 && b.r.Shortfall == RepeatParts && b.have[path] > 0 {
		return 1 << 40
	}
	return floor(new(big.Rat).Mul(rat(max(epochs, 1)), new(big.Rat).SetInt64(b.have[path])))
}

func (b *brute) fixed(p *Part, path string) int64 {
	switch {
	case p.Rows != nil:
		return *p.Rows
	case p.All:
		return b.have[path]
	case p.Epochs != nil:
		return round(new(big.Rat).Mul(rat(*p.Epochs), new(big.Rat).SetInt64(b.have[path])))
	}
	panic("no quantity")
}

// reach is the range of amounts that a part can give when parts stand in for
// each other, found by trying.
func (b *brute) reach(p *Part, path string, epochs float64) (low, high int64) {
	if known, ok := b.known[path]; ok {
		return known[0], known[1]
	}
	defer func() { b.known[path] = [2]int64{low, high} }()
	low, high = -1, -1
	for n := int64(0); n <= bruteMost; n++ {
		if b.give(p, path, epochs, n, map[string]int64{}) {
			if low < 0 {
				low = n
			}
			high = n
		}
	}
	return low, high
}

// fill clamps what is out of bounds, first the side on which more is missing,
// and divides the rest again, until nothing is (the way in which CSS lays out
// flexible boxes).
func (b *brute) fill(parts []Part, path string, epochs float64, total int64, targets []*big.Rat, amounts []int64) bool {
	low, high := make([]int64, len(parts)), make([]int64, len(parts))
	open := make([]*big.Rat, len(parts))
	for i := range parts {
		if targets[i] == nil {
			continue
		}
		if low[i], high[i] = b.reach(&parts[i], join(path, parts[i].Name), epochs); low[i] < 0 {
			return false
		}
		if targets[i].Sign() > 0 {
			open[i] = targets[i]
		} else if amounts[i] = low[i]; high[i] > low[i] && parts[i].Weight != nil && *parts[i].Weight > 0 {
			panic("a weight without a target")
		}
	}
	for {
		left, sum := total, new(big.Rat)
		for i := range parts {
			if open[i] != nil {
				sum.Add(sum, open[i])
			} else if targets[i] != nil {
				left -= amounts[i]
			}
		}
		if sum.Sign() == 0 {
			return left == 0
		}
		if left < 0 {
			return false
		}
		off := new(big.Rat)
		now := make([]*big.Rat, len(parts))
		var under, over []int
		for i := range parts {
			if open[i] == nil {
				continue
			}
			now[i] = new(big.Rat).Quo(open[i], sum)
			now[i].Mul(now[i], new(big.Rat).SetInt64(left))
			switch l, h := new(big.Rat).SetInt64(low[i]), new(big.Rat).SetInt64(high[i]); {
			case now[i].Cmp(l) < 0:
				under = append(under, i)
				off.Add(off, l.Sub(l, now[i]))
			case now[i].Cmp(h) > 0:
				over = append(over, i)
				off.Add(off, h.Sub(h, now[i]))
			}
		}
		if len(under)+len(over) == 0 {
			given := make([]int64, len(parts))
			hamilton(left, now, given)
			for i := range parts {
				if open[i] != nil {
					amounts[i] = given[i]
				}
			}
			return true
		}
		if off.Sign() >= 0 {
			for _, i := range under {
				amounts[i], open[i] = low[i], nil
			}
		}
		if off.Sign() <= 0 {
			for _, i := range over {
				amounts[i], open[i] = high[i], nil
			}
		}
	}
}

// hamilton is largest remainder by its definition.
func hamilton(total int64, targets []*big.Rat, out []int64) {
	rest := make([]*big.Rat, len(targets))
	left := total
	for i, t := range targets {
		if t == nil {
			continue
		}
		out[i] = floor(t)
		rest[i] = new(big.Rat).Sub(t, new(big.Rat).SetInt64(out[i]))
		left -= out[i]
	}
	for ; left > 0; left-- {
		best := -1
		for i := range rest {
			if rest[i] != nil && (best < 0 || rest[i].Cmp(rest[best]) > 0) {
				best = i
			}
		}
		out[best]++
		rest[best] = nil
	}
}

// bruteMost is above every total that is feasible in the tests.
const bruteMost = 200

// randomTree returns parts that go together, and what there is of each leaf.
func randomTree(rng *rand.Rand, path string, depth int, have map[string]int64) []Part {
	parts := make([]Part, 1+rng.IntN(3))
	kind := rng.IntN(4) // shares; weights; shares and weights or rest; the same beside fixed ones
	left := 12
	for i := range parts {
		p := &parts[i]
		p.Name = string(rune('a' + i))
		last := i == len(parts)-1
		switch {
		case kind == 0:
			n := rng.IntN(left + 1)
			if last {
				n = left
			}
			left -= n
			p.Quantity = Quantity{Share: &Fraction{big.NewRat(int64(n), 12)}}
		case kind == 1:
			p.Quantity = Weight([]float64{0, 1, 1, 2, 0.5, 3}[rng.IntN(6)])
			if last {
				p.Quantity = Weight(1)
			}
		case last:
			p.Quantity = Rest()
		case kind == 3 && rng.IntN(2) == 0:
			p.Quantity = []Quantity{Rows(rng.Int64N(8)), All(), Epochs(0.5), Epochs(1)}[rng.IntN(4)]
		default:
			n := rng.IntN(left)
			left -= n
			p.Quantity = Quantity{Share: &Fraction{big.NewRat(int64(n), 12)}}
		}
		fixed := p.Rows != nil || p.All || p.Epochs != nil
		if !fixed && depth > 0 && rng.IntN(3) == 0 {
			p.Parts = randomTree(rng, join(path, p.Name), depth-1, have)
		} else {
			have[join(path, p.Name)] = rng.Int64N(18)
		}
		if !fixed && rng.IntN(4) == 0 {
			n := rng.Int64N(16)
			p.Max = &Bound{Rows: &n}
		}
		if !fixed && rng.IntN(6) == 0 {
			n := rng.Int64N(5)
			if p.Max == nil || n <= *p.Max.Rows {
				p.Min = &Bound{Rows: &n}
			}
		}
		if !fixed && rng.IntN(4) == 0 {
			p.MaxEpochs = []float64{1, 1.5, 2}[rng.IntN(3)]
		}
	}
	return parts
}

// TestSolverAgainstBruteForce holds the solver on small random recipes against
// trying every total: feasible ones are met exactly, infeasible ones refused
// with the largest total that is feasible, or the smallest where a min binds.
func TestSolverAgainstBruteForce(t *testing.T) {
	for _, shortfall := range []Shortfall{ShortfallError, Redistribute, RepeatParts} {
		t.Run(string(shortfall), func(t *testing.T) {
			n := 600
			if shortfall == Redistribute {
				n = 150
			}
			met, refused, freed := 0, 0, 0
			for seed := range n {
				m, r, f := againstBruteForce(t, rand.New(rand.NewPCG(uint64(seed), 2)), shortfall)
				met, refused, freed = met+m, refused+r, freed+f
			}
			t.Logf("%d met, %d refused, %d of them freed by what the error says", met, refused, freed)
			require.Greater(t, met, n/8)
			require.Greater(t, refused, n/8)
			require.Greater(t, freed, n/20)
		})
	}
}

func againstBruteForce(t *testing.T, rng *rand.Rand, shortfall Shortfall) (met, refused, freed int) {
	r := &Recipe{Total: 1, Shortfall: shortfall, MaxEpochs: []float64{0, 0, 1, 1.25}[rng.IntN(4)]}
	have := map[string]int64{}
	r.Parts = randomTree(rng, "", 2, have)
	if shortfall == Redistribute {
		plainTargets(r.Parts)
	}
	if r.Check() != nil {
		return
	}
	b := &brute{r: r, fills: shortfall == Redistribute, have: have, known: map[string][2]int64{}}
	var supplies []supply
	for _, leaf := range r.leaves() {
		supplies = append(supplies, countSupply{have[leaf.Name], 1})
	}
	feasible := func(total int64) map[string]int64 {
		out := map[string]int64{}
		if b.solve(r.Parts, "", r.MaxEpochs, total, out) {
			return out
		}
		return nil
	}
	best, least := int64(-1), int64(-1)
	for total := int64(0); total <= bruteMost; total++ {
		if feasible(total) != nil {
			if best = total; least < 0 {
				least = total
			}
		}
	}
	what := describe(r, have)

	total := 1 + rng.Int64N(50)
	p, err := solvedRows(r, Total(total), supplies)
	if want := feasible(total); want != nil {
		require.NoError(t, err, "total %d\n%s", total, what)
		require.Equal(t, want, p, "total %d\n%s", total, what)
		met++
	} else {
		require.Error(t, err, "total %d\n%s", total, what)
		refused++
		var infeasible *InfeasibleError
		if errors.As(err, &infeasible) && infeasible.Total > 0 && best < bruteMost {
			want := max(best, 0)
			if total < least {
				want = least
			}
			if least >= 0 || infeasible.Nearest <= bruteMost { // else there are only larger ones
				require.Equal(t, want, infeasible.Nearest, "total %d: %v\n%s", total, err, what)
			}
			require.NotEmpty(t, infeasible.Part, what)
		}
	}
	if best > 0 && best < bruteMost {
		p, err := solvedRows(r, Largest, supplies)
		require.NoError(t, err, what)
		require.Equal(t, feasible(best), p, "largest is %d\n%s", best, what)
	} else if best <= 0 {
		largest, err := solve(r, r.Parts, Largest, supplies)
		require.True(t, err != nil || largest.total > bruteMost, what)
	}
	if err != nil && free(r, total, supplies, err) {
		freed++
	}
	return met, refused, freed
}

// free applies what an error says would free a plan, until nothing is short any
// more; false where records or a min are what is missing.
func free(r *Recipe, total int64, supplies []supply, err error) bool {
	for range 20 {
		var infeasible *InfeasibleError
		if err == nil || !errors.As(err, &infeasible) {
			return err == nil
		}
		for _, s := range append(infeasible.Others, infeasible.Shortage) {
			if s.Limit == string(limitMin) || s.Limit == string(limitEmpty) || s.remedy() == "" {
				return false
			}
			p := find(r.Parts, s.Part)
			if s.Limit == string(limitMax) {
				p.Max = &Bound{Rows: &s.Need}
			}
			if s.Available > 0 && s.MaxEpochs > 0 && s.Need > epochsOf(s.MaxEpochs, s.Available) {
				p.MaxEpochs, _ = s.epochs().Float64()
			}
		}
		_, err = solvedRows(r, Total(total), supplies)
	}
	return false
}

func find(parts []Part, path string) *Part {
	name, rest, inside := strings.Cut(path, "/")
	for i := range parts {
		if p := &parts[i]; p.Name == name {
			if inside {
				return find(p.Parts, rest)
			}
			return p
		}
	}
	return nil
}

// plainTargets leaves out fixed quantities beside shares: what parts that stand
// in for each other do then has a test of its own.
func plainTargets(parts []Part) {
	shares := false
	for i := range parts {
		shares = shares || parts[i].Share != nil && parts[i].Share.rat().Sign() > 0
	}
	for i := range parts {
		if p := &parts[i]; shares && (p.Rows != nil || p.All || p.Epochs != nil) {
			p.Quantity = Rows(0)
		}
		plainTargets(parts[i].Parts)
	}
}

func solvedRows(r *Recipe, total Total, supplies []supply) (map[string]int64, error) {
	s, err := solve(r, r.Parts, total, supplies)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for n, amount := range s.amounts {
		if !n.group() {
			out[n.path] = amount
		}
	}
	return out, nil
}

func describe(r *Recipe, have map[string]int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "shortfall %s max_epochs %v\n", r.Shortfall, r.MaxEpochs)
	describeParts(&b, r.Parts, "", have)
	return b.String()
}

func describeParts(b *strings.Builder, parts []Part, path string, have map[string]int64) {
	for i := range parts {
		p := &parts[i]
		at := join(path, p.Name)
		n := &node{part: p, leaf: 0}
		if u, ok := p.ownUnit(); ok {
			n.fixed, n.unit = true, u
			n.want, _ = p.fixed()
		}
		fmt.Fprintf(b, "  %s: %s", at, n.quantity(&node{part: &Part{Weights: &Weights{}}}))
		if p.MaxEpochs > 0 {
			fmt.Fprintf(b, ", max_epochs %v", p.MaxEpochs)
		}
		if x, _, ok := p.Min.get(); ok {
			fmt.Fprintf(b, ", min %d", x)
		}
		if x, _, ok := p.Max.get(); ok {
			fmt.Fprintf(b, ", max %d", x)
		}
		if !p.group() {
			fmt.Fprintf(b, ", has %d", have[at])
		}
		b.WriteByte('\n')
		describeParts(b, p.Parts, at, have)
	}
}

func TestFixedQuantitiesAndWeights(t *testing.T) {
	have := []int64{30, 100, 100, 7}
	recipe := func(total Total, qs ...Quantity) *Recipe {
		r := &Recipe{Total: total}
		for i, q := range qs {
			r.Parts = append(r.Parts, Part{Name: string(rune('a' + i)), Quantity: q})
		}
		return r
	}
	var supplies []supply
	for _, n := range have {
		supplies = append(supplies, countSupply{n, 1})
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
		{recipe(90, Epochs(0.5), Rest(), Share(0.5), Epochs(1)), []int64{15, 23, 45, 7}},
	} {
		require.NoError(t, test.r.Check())
		got, err := solvedRows(test.r, test.r.Total, supplies)
		require.NoError(t, err, "%v", test.want)
		for i, n := range test.want {
			require.Equal(t, n, got[test.r.Parts[i].Name], "%v: %v", test.want, got)
		}
	}
	_, err := solvedRows(recipe(0, Rows(31), All(), All(), All()), 0, supplies)
	require.EqualError(t, err, "datamix/mix: infeasible: part a needs 31 rows, but has 30 in one pass and max_epochs is 1; max_epochs of 1.034 for this part would free it")
}

// TestTinyShares holds that a total is found where stepping to the very largest
// would take too long.
func TestTinyShares(t *testing.T) {
	r := &Recipe{Total: Largest, Parts: []Part{
		{Name: "tiny", Quantity: Quantity{Share: &Fraction{big.NewRat(1, 100_000_000)}}},
		{Name: "rest", Quantity: Rest()},
	}}
	supplies := []supply{countSupply{30, 1}, countSupply{1 << 40, 1}}
	got, err := solve(r, r.Parts, Largest, supplies)
	require.NoError(t, err)
	require.GreaterOrEqual(t, got.total, int64(3_000_000_000))
	require.Less(t, got.total, int64(3_100_000_000))
	_, err = solve(r, r.Parts, 3_100_000_001, supplies)
	var infeasible *InfeasibleError
	require.ErrorAs(t, err, &infeasible)
	require.Equal(t, got.total, infeasible.Nearest)
}

package solve

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

// brute solves small trees by rows by the words of the documentation, with
// fractions and without any thought of speed.
type brute struct {
	fills bool
	known map[string][2]int64
}

// solve finds the amounts of the leaves below parts for a total, false if it is
// not feasible.
func (b *brute) solve(parts []Part, total int64, out map[string]int64) bool {
	given := int64(0)
	amounts := make([]int64, len(parts))
	shares, weights := new(big.Rat), new(big.Rat)
	for i := range parts {
		switch p := &parts[i]; p.Kind {
		case Share:
			shares.Add(shares, p.Number)
		case Weight:
			weights.Add(weights, p.Number)
		default:
			amounts[i] = own(p)
			given += amounts[i]
		}
	}
	one := big.NewRat(1, 1)
	left := new(big.Rat).Sub(one, shares)
	if weights.Sign() == 0 && left.Sign() > 0 {
		made := Round(new(big.Rat).Quo(new(big.Rat).SetInt64(given), left))
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
		case p.Kind == Share:
			targets[i] = w.Mul(p.Number, new(big.Rat).SetInt64(of))
			continue
		case p.Kind == Weight && weights.Sign() > 0:
			w.Quo(p.Number, weights)
		case p.Kind != Weight:
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
		if !b.fill(parts, total-given, targets, amounts) {
			return false
		}
	} else {
		sum := new(big.Rat)
		for _, t := range targets {
			if t != nil {
				sum.Add(sum, t)
			}
		}
		hamilton(Round(sum), targets, amounts)
	}
	for i := range parts {
		if !b.give(&parts[i], amounts[i], out) {
			return false
		}
	}
	return true
}

// give solves a part for an amount.
func (b *brute) give(p *Part, amount int64, out map[string]int64) bool {
	if p.Max.In != "" && amount > max(0, p.Max.Amount-p.Max.Taken) || p.Min.In != "" && amount < p.Min.Amount-p.Min.Taken {
		return false
	}
	if len(p.Parts) > 0 {
		return b.solve(p.Parts, amount, out)
	}
	out[p.Path] = amount
	return amount <= most(p)
}

// most is what a leaf gives at most.
func most(p *Part) int64 {
	has := p.Supply.Once().Rows
	if p.MaxEpochs == 0 && has > 0 {
		return 1 << 40
	}
	return max(0, Floor(new(big.Rat).Mul(Decimal(p.MaxEpochs), new(big.Rat).SetInt64(has)))-p.Skip)
}

// own is the amount of a part that has one whatever the others have.
func own(p *Part) int64 {
	if p.Kind == Fixed {
		return p.Amount
	}
	return Round(new(big.Rat).Mul(p.Number, new(big.Rat).SetInt64(p.Supply.Once().Rows)))
}

// reach is the range of amounts that a part can give when parts stand in for
// each other, found by trying.
func (b *brute) reach(p *Part) (low, high int64) {
	if known, ok := b.known[p.Path]; ok {
		return known[0], known[1]
	}
	defer func() { b.known[p.Path] = [2]int64{low, high} }()
	low, high = -1, -1
	for n := int64(0); n <= bruteMost; n++ {
		if b.give(p, n, map[string]int64{}) {
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
func (b *brute) fill(parts []Part, total int64, targets []*big.Rat, amounts []int64) bool {
	low, high := make([]int64, len(parts)), make([]int64, len(parts))
	open := make([]*big.Rat, len(parts))
	for i := range parts {
		if targets[i] == nil {
			continue
		}
		if low[i], high[i] = b.reach(&parts[i]); low[i] < 0 {
			return false
		}
		if targets[i].Sign() > 0 {
			open[i] = targets[i]
		} else if amounts[i] = low[i]; high[i] > low[i] && parts[i].Kind == Weight && parts[i].Number.Sign() > 0 {
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
		out[i] = Floor(t)
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

// mode is what happens to parts that are short.
type mode struct {
	name          string
	fills, repeat bool
	later         bool // something is gone already
}

var modes = []mode{{name: "exact"}, {name: "filling up", fills: true}, {name: "repeating", repeat: true},
	{name: "a later stage", later: true}, {name: "a later stage that fills up", fills: true, later: true}}

// forest makes random trees.
type forest struct {
	rng *rand.Rand
	mode
	passes float64 // of leaves that have no limit of their own; 0 for none
}

// tree returns the whole of a random mix.
func (f *forest) tree() *Part {
	if f.passes = []float64{0, 0, 1, 1.25}[f.rng.IntN(4)]; f.passes == 0 && !f.repeat {
		f.passes = 1
	}
	whole := &Part{Unit: datamix.Rows, Fills: f.fills, Parts: f.parts("", 2, f.passes)}
	if f.fills {
		plainTargets(whole)
	}
	return whole
}

// parts returns parts that go together.
func (f *forest) parts(path string, depth int, passes float64) []Part {
	rng := f.rng
	parts := make([]Part, 1+rng.IntN(3))
	kind := rng.IntN(4) // shares; weights; shares and weights or rest; the same beside fixed ones
	left := 12
	share := func(n int) Quantity { return Quantity{Kind: Share, Number: big.NewRat(int64(n), 12)} }
	for i := range parts {
		p := &parts[i]
		p.Path = strings.TrimPrefix(path+"/"+string(rune('a'+i)), "/")
		last := i == len(parts)-1
		switch {
		case kind == 0:
			n := rng.IntN(left + 1)
			if last {
				n = left
			}
			left -= n
			p.Quantity = share(n)
		case kind == 1 && last:
			p.Quantity = weight(1)
		case kind == 1:
			p.Quantity = weight([]float64{0, 1, 1, 2, 0.5, 3}[rng.IntN(6)])
		case last:
			p.Quantity = weight(1)
		case kind == 3 && rng.IntN(2) == 0:
			p.Quantity = []Quantity{rows(rng.Int64N(8)), epochs(1), epochs(0.5)}[rng.IntN(3)]
		default:
			n := rng.IntN(left)
			left -= n
			p.Quantity = share(n)
		}
		if !p.fixed() && rng.IntN(4) == 0 {
			p.Max = Bound{Amount: rng.Int64N(16), In: datamix.Rows}
		}
		if n := rng.Int64N(5); !p.fixed() && rng.IntN(6) == 0 && (p.Max.In == "" || n <= p.Max.Amount) {
			p.Min = Bound{Amount: n, In: datamix.Rows}
		}
		p.MaxEpochs = passes
		if !p.fixed() && rng.IntN(4) == 0 {
			p.MaxEpochs = []float64{1, 1.5, 2}[rng.IntN(3)]
		}
		if p.Kind == Epochs && p.MaxEpochs > 0 {
			p.MaxEpochs = max(p.MaxEpochs, 1)
		}
		if !p.fixed() && depth > 0 && rng.IntN(3) == 0 {
			p.Parts = f.parts(p.Path, depth-1, p.MaxEpochs)
			p.Unit, p.Fills, p.MaxEpochs = datamix.Rows, f.fills, 0
		} else {
			p.Supply = supplytest.Same{Records: rng.Int64N(18), Tokens: 1}
			if f.later && rng.IntN(3) == 0 { // an earlier stage has had some
				p.Skip = rng.Int64N(10)
				p.Max.Taken, p.Min.Taken = p.Skip, p.Skip
			}
		}
	}
	return parts
}

func weight(x float64) Quantity { return Quantity{Kind: Weight, Number: Decimal(x)} }
func rows(n int64) Quantity     { return Quantity{Kind: Fixed, Amount: n, In: datamix.Rows} }
func epochs(x float64) Quantity { return Quantity{Kind: Epochs, Number: Decimal(x)} }

// plainTargets leaves out fixed quantities beside shares: what parts that stand
// in for each other do then has a test of its own.
func plainTargets(group *Part) {
	shares := false
	for i := range group.Parts {
		p := &group.Parts[i]
		shares = shares || p.Kind == Share && p.Number.Sign() > 0
	}
	for i := range group.Parts {
		if p := &group.Parts[i]; shares && p.fixed() {
			p.Quantity = rows(0)
		}
		plainTargets(&group.Parts[i])
	}
}

// TestAgainstBruteForce holds the solver on small random trees against trying
// every total: feasible ones are met exactly, infeasible ones refused with the
// largest total that is feasible, or the smallest where a min binds.
func TestAgainstBruteForce(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			n := 600
			if m.fills {
				n = 150
			}
			met, refused, freed := 0, 0, 0
			for seed := range n {
				m, r, f := againstBruteForce(t, &forest{rng: rand.New(rand.NewPCG(uint64(seed), 2)), mode: m})
				met, refused, freed = met+m, refused+r, freed+f
			}
			t.Logf("%d met, %d refused, %d of them freed by what the error says", met, refused, freed)
			require.Greater(t, met, n/12)
			require.Greater(t, refused, n/8)
			require.Greater(t, freed, n/20)
		})
	}
}

func againstBruteForce(t *testing.T, f *forest) (met, refused, freed int) {
	whole := f.tree()
	b := &brute{fills: f.fills, known: map[string][2]int64{}}
	feasible := func(total int64) map[string]int64 {
		out := map[string]int64{}
		if b.solve(whole.Parts, total, out) {
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
	what := describe(whole)

	total := 1 + f.rng.Int64N(50)
	p, err := solved(whole, total)
	if want := feasible(total); want != nil {
		require.NoError(t, err, "total %d\n%s", total, what)
		require.Equal(t, want, p, "total %d\n%s", total, what)
		met++
	} else {
		require.Error(t, err, "total %d\n%s", total, what)
		refused++
		var infeasible *Infeasible
		if errors.As(err, &infeasible) && infeasible.Total > 0 && best < bruteMost {
			want := max(best, 0)
			if total < least {
				want = least
			}
			if least >= 0 || infeasible.Nearest <= bruteMost { // else there are only larger ones
				require.Equal(t, want, infeasible.Nearest, "total %d: %v\n%s", total, err, what)
			}
			require.NotEmpty(t, infeasible.Short, what)
		}
	}
	if best > 0 && best < bruteMost {
		p, err := solved(whole, Largest)
		require.NoError(t, err, what)
		require.Equal(t, feasible(best), p, "largest is %d\n%s", best, what)
	} else if best <= 0 {
		largest, err := Solve(whole, Largest)
		require.True(t, err != nil || largest.Amount > bruteMost, what)
	}
	if err != nil && free(whole, total, err) {
		freed++
	}
	return met, refused, freed
}

// free applies what an error says would free a plan, until nothing is short any
// more; false where records or a min are what is missing.
func free(whole *Part, total int64, err error) bool {
	for range 20 {
		var infeasible *Infeasible
		if err == nil || !errors.As(err, &infeasible) {
			return err == nil
		}
		for _, s := range infeasible.Short {
			p, x := find(whole, s.Part), s.Epochs()
			if s.Limit == LimitMin || s.Limit == LimitEmpty || s.Limit != LimitMax && x == nil {
				return false
			}
			if s.Limit == LimitMax {
				p.Max.Amount = s.Need + s.Taken
			}
			if x != nil {
				p.MaxEpochs, _ = x.Float64()
			}
		}
		_, err = solved(whole, total)
	}
	return false
}

func find(p *Part, path string) *Part {
	for i := range p.Parts {
		if k := &p.Parts[i]; k.Path == path {
			return k
		} else if strings.HasPrefix(path, k.Path+"/") {
			return find(k, path)
		}
	}
	return nil
}

// solved returns the amounts of the leaves.
func solved(whole *Part, total int64) (map[string]int64, error) {
	s, err := Solve(whole, total)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	leafAmounts(s, out)
	return out, nil
}

func leafAmounts(s *Solution, out map[string]int64) {
	for i := range s.Parts {
		leafAmounts(&s.Parts[i], out)
	}
	if len(s.Parts) == 0 {
		out[s.Part.Path] = s.Amount
	}
}

// describe prints a tree for a message.
func describe(p *Part) string {
	var b strings.Builder
	for i := range p.Parts {
		k := &p.Parts[i]
		fmt.Fprintf(&b, "  %s: %v max_epochs %v min %v max %v", k.Path, k.Quantity, k.MaxEpochs, k.Min, k.Max)
		if k.Supply != nil {
			fmt.Fprintf(&b, " has %v, %d skipped", k.Supply.Once().Rows, k.Skip)
		}
		b.WriteString("\n" + describe(k))
	}
	return b.String()
}

package mix

import (
	"math"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// asked is a tree of a recipe's parts that is to be solved.
type asked struct {
	parts    []Part
	weights  *Weights
	total    Total
	supplies []solve.Supply // of the leaves, in their order

	// The following are of stages, nil for a mix without: how many of its first
	// records each leaf has given, what those of a part or group hold, and whether a
	// later stage has it too, which leaves its min to that.
	skip  map[string]int64
	taken func(path string, u datamix.Unit) int64
	later func(path string) bool
}

// solve gives every part of a tree its amount.
func (r *Recipe) solve(q *asked) (*solve.Solution, error) {
	top := &Part{Unit: r.unit(), MaxEpochs: r.MaxEpochs, MaxFraction: 1, Weights: q.weights, Parts: q.parts}
	b := &treeBuilder{repeat: r.Shortfall == RepeatParts, fills: r.Shortfall == Redistribute, asked: *q}
	whole := b.part(top, "", r.unit(), 0, 1)
	s, err := solve.Solve(&whole, int64(q.total))
	if err != nil {
		return nil, unsolved(err)
	}
	return s, nil
}

// treeBuilder tells the solver what a recipe asks for: everything that parts
// inherit is in them.
type treeBuilder struct {
	repeat, fills bool
	asked         // of whose supplies those are left that are not in the tree yet
}

// part makes the solver's part of a part and of those below it. unit, epochs and
// fraction are the unit, max_epochs and max_fraction around it.
func (b *treeBuilder) part(p *Part, path string, unit datamix.Unit, epochs, fraction float64) solve.Part {
	switch {
	case p.MaxEpochs > 0:
		epochs = p.MaxEpochs
	case p.Epochs != nil && (epochs > 0 || !b.repeat): // who asks for so many passes allows them
		epochs = max(epochs, 1, math.Ceil(*p.Epochs))
	}
	if p.MaxFraction > 0 {
		fraction = p.MaxFraction
	}
	out := solve.Part{Path: path, Quantity: p.asked(), Max: b.bound(p.Max, path)}
	if b.later == nil || !b.later(path) {
		out.Min = b.bound(p.Min, path)
	}
	if !p.group() {
		out.Supply, b.supplies = b.supplies[0], b.supplies[1:]
		out.Skip, out.MaxEpochs, out.Fraction = b.skip[path], epochs, fraction < 1
		if epochs == 0 && !b.repeat {
			out.MaxEpochs = 1
		}
		return out
	}
	if out.Unit = p.Unit; out.Unit == "" {
		out.Unit = unit
	}
	out.Fills = b.fills
	switch w := p.Weights; {
	case w == nil:
	case w.UniMax > 0:
		out.Fills, out.Temperature = true, math.Inf(1)
		if p.MaxEpochs == 0 {
			epochs = w.UniMax
		}
	default:
		out.Temperature = w.Temperature
	}
	for i := range p.Parts {
		k := &p.Parts[i]
		out.Parts = append(out.Parts, b.part(k, join(path, k.Name), out.Unit, epochs, fraction))
	}
	return out
}

// asked is the part's quantity as the solver knows it.
func (p *Part) asked() solve.Quantity {
	switch {
	case p.Share != nil:
		return solve.Quantity{Kind: solve.Share, Number: p.Share.rat()}
	case p.Weight != nil:
		return solve.Quantity{Kind: solve.Weight, Number: solve.Decimal(*p.Weight)}
	case p.Rest:
		return solve.Quantity{Kind: solve.Weight, Number: solve.Decimal(1)}
	case p.All:
		return solve.Quantity{Kind: solve.Epochs, Number: solve.Decimal(1)}
	case p.Epochs != nil:
		return solve.Quantity{Kind: solve.Epochs, Number: solve.Decimal(*p.Epochs)}
	case p.unquantified() && p.selfMade():
		return solve.Quantity{Kind: solve.Made}
	case p.unquantified():
		return solve.Quantity{Kind: solve.Computed}
	}
	n, u := p.fixed()
	return solve.Quantity{Kind: solve.Fixed, Amount: n, In: u}
}

// bound is a limit of a part or group, less what earlier stages have taken.
func (b *treeBuilder) bound(x *Bound, path string) solve.Bound {
	n, u, ok := x.get()
	out := solve.Bound{Amount: n, In: u}
	if ok && b.taken != nil {
		out.Taken = b.taken(path, u)
	}
	return out
}

package mix

import (
	"math"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// solve gives every part of a tree of the recipe's its amount over the supplies
// of its leaves, in their order. skip says how many of their first records
// earlier stages have taken, by path; nil for none.
func (r *Recipe) solve(parts []Part, total Total, supplies []solve.Supply, skip map[string]int64) (*solve.Solution, error) {
	top := &Part{Unit: r.unit(), MaxEpochs: r.MaxEpochs, MaxFraction: 1, Weights: r.Weights, Parts: parts}
	b := &treeBuilder{repeat: r.Shortfall == RepeatParts, fills: r.Shortfall == Redistribute, supplies: supplies, skip: skip}
	whole := b.part(top, "", r.unit(), 0, 1)
	s, err := solve.Solve(&whole, int64(total))
	if err != nil {
		return nil, unsolved(err)
	}
	return s, nil
}

// treeBuilder tells the solver what a recipe asks for: everything that parts
// inherit is in them.
type treeBuilder struct {
	repeat, fills bool
	supplies      []solve.Supply // of the leaves that are left
	skip          map[string]int64
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
	out := solve.Part{Path: path, Quantity: p.asked(), Min: p.Min.asked(), Max: p.Max.asked()}
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

func (b *Bound) asked() solve.Bound {
	n, u, _ := b.get()
	return solve.Bound{Amount: n, In: u}
}

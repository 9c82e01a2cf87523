package solve

import (
	"math/big"

	"github.com/samber/lo"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// node is a part in the solver: a leaf over a supply, or a group of nodes.
//
// A node's amount is counted in its unit: that of the shares around it, or of
// its own quantity. low and high are the least and the most that it can give.
// For a group not every amount between need be possible, because rounding inside
// may push a part over its limit; high and low themselves always are.
type node struct {
	part   *Part
	kids   []*node
	unit   datamix.Unit // of amounts
	supply later        // of leaves

	fixed     bool // it has an amount of its own: want
	want      int64
	given     int64  // what the fixed kids take of the group's total
	ratio     *ratio // of the others
	natural   bool   // the kids' own quantities make the total
	made      int64  // that total
	least     int64  // of the group's total
	most      int64
	low, high int64
	limit     string // what sets high
}

// What keeps a part from giving more, in the words of a recipe.
const (
	LimitEpochs   = "max_epochs"
	LimitFraction = "max_fraction"
	LimitMax      = "max"
	LimitMin      = "min"
	LimitParts    = "its parts"
	LimitEmpty    = "empty"
)

// newNode makes the node of a part and of those below it. unit is that of the
// shares around the part.
func newNode(p *Part, unit datamix.Unit) *node {
	n := &node{part: p, unit: p.unit(unit), fixed: p.fixed(), supply: later{p.Supply, p.Skip}}
	for i := range p.Parts {
		n.kids = append(n.kids, newNode(&p.Parts[i], p.Unit))
	}
	return n
}

func (n *node) group() bool { return len(n.kids) > 0 }

// name is how messages call the node.
func (n *node) name() string {
	switch {
	case n.part.Path == "":
		return "the recipe"
	case n.group():
		return "group " + n.part.Path
	}
	return "part " + n.part.Path
}

// available is one pass over all leaves below.
func (n *node) available() datamix.Tally {
	if !n.group() {
		return n.supply.Once()
	}
	var sum datamix.Tally
	for _, k := range n.kids {
		sum.Add(k.available())
	}
	return sum
}

// convert returns an amount of the node in another unit.
func (n *node) convert(amount int64, u datamix.Unit) int64 {
	switch {
	case n.unit == u || amount == 0:
		return amount
	case !n.group():
		return n.supply.size(n.supply.rows(amount, n.unit), u)
	}
	return n.inside(n.total(amount), u)
}

// inside returns the size of a group whose total is given, in a unit.
func (n *node) inside(total int64, u datamix.Unit) int64 {
	if n.part.Unit == u {
		return total
	}
	amounts, ok := n.divide(total)
	if !ok {
		return 0
	}
	var sum int64
	for i, k := range n.kids {
		sum += k.convert(amounts[i], u)
	}
	return sum
}

// total returns the total of a group that has an amount in its unit: where the
// units differ, the one whose size is nearest to the amount, and the smaller of
// two.
func (n *node) total(amount int64) int64 {
	if n.unit == n.part.Unit {
		return amount
	}
	size := func(total int64) int64 { return n.inside(total, n.unit) }
	low, high := n.least, n.most
	if size(high) <= amount {
		return high
	}
	for low+1 < high { // size(high) > amount
		if mid := low + (high-low)/2; size(mid) <= amount {
			low = mid
		} else {
			high = mid
		}
	}
	best := low
	if size(high)-amount < amount-size(low) {
		best = high
	}
	for best > n.least && !n.possible(best) {
		best--
	}
	return best
}

// divide shares out a group's total among its kids, false if it is too small
// for those with amounts of their own.
func (n *node) divide(total int64) ([]int64, bool) {
	if n.natural && total != n.made {
		return nil, false
	}
	var amounts []int64
	var ok bool
	if n.part.Fills {
		amounts, ok = n.fill(total)
	} else {
		amounts, ok = n.ratio.divide(total, n.given)
	}
	if !ok {
		return nil, false
	}
	for i, k := range n.kids {
		if k.fixed {
			amounts[i] = k.want
		}
	}
	return amounts, true
}

// fill is divide for a group in which others stand in for a kid that is short.
// Where shares and fixed quantities leave nothing for weights, these come after
// them.
func (n *node) fill(total int64) ([]int64, bool) {
	left := total - n.given
	weights, later, err := n.weights(total)
	if err != nil || left < 0 {
		return nil, false
	}
	low, high := make([]int64, len(n.kids)), make([]int64, len(n.kids))
	for i, k := range n.kids {
		if !k.fixed {
			low[i], high[i] = k.low, k.high
		}
	}
	if later != nil {
		var first int64
		for i, w := range weights {
			if w > 0 {
				first = min(first+high[i], MaxAmount)
			} else {
				first += low[i]
			}
		}
		if first < left {
			for i, w := range weights {
				if w > 0 {
					low[i] = high[i]
				}
			}
			weights = later
		}
	}
	return fill(left, weights, low, high)
}

// weights returns the targets of a total as weights, and, where those of kids
// with weights are nothing, their weights among themselves.
func (n *node) weights(total int64) (weights, later []uint64, err error) {
	q := n.ratio
	plain := n.given == 0 || !q.weights
	if !plain && lo.SomeBy(q.offset, func(w uint64) bool { return w > 0 }) {
		shares := false
		for i := range q.slope {
			shares = shares || q.slope[i] > 0 && q.offset[i] == 0
		}
		if !shares { // all have weights, and the ratio of these is that of what is left
			return q.offset, nil, nil
		}
		return n.mixedWeights(total)
	}
	return q.slope, nil, nil
}

// mixedWeights is weights for shares and weights beside fixed quantities: their
// ratio depends on the total.
func (n *node) mixedWeights(total int64) (weights, later []uint64, err error) {
	q := n.ratio
	targets := make([]*big.Rat, len(n.kids))
	none := false
	for i := range targets {
		x := new(big.Int).Mul(new(big.Int).SetUint64(q.slope[i]), big.NewInt(total))
		x.Sub(x, new(big.Int).Mul(new(big.Int).SetUint64(q.offset[i]), big.NewInt(n.given)))
		if x.Sign() < 0 {
			x.SetInt64(0)
		}
		none = none || x.Sign() == 0 && q.offset[i] > 0
		targets[i] = new(big.Rat).SetInt(x)
	}
	if none {
		later = q.offset
	}
	weights, err = sample.IntegerWeights(targets)
	return weights, later, err
}

// possible reports whether a group can be made with a total.
func (n *node) possible(total int64) bool {
	if total < n.least || total > n.most {
		return false
	}
	return n.fits(total)
}

// fits is possible without looking at least and most.
func (n *node) fits(total int64) bool {
	amounts, ok := n.divide(total)
	if !ok {
		return false
	}
	for i, k := range n.kids {
		if !k.fixed && !k.can(amounts[i]) {
			return false
		}
	}
	return true
}

// can reports whether the node can give an amount.
func (n *node) can(amount int64) bool {
	if amount < n.low || amount > n.high {
		return false
	}
	return !n.group() || n.unit != n.part.Unit || n.fits(amount)
}

package solve

import "github.com/datamix-go/datamix"

// leafRange sets low and high of a leaf.
func (n *node) leafRange() {
	once := n.supply.Once()
	n.high, n.limit = MaxAmount, ""
	switch {
	case once.In(n.unit) == 0:
		n.high, n.limit = 0, LimitEmpty
	case n.part.MaxEpochs > 0:
		n.high = max(0, EpochsOf(n.part.MaxEpochs, once.In(n.unit))-n.supply.used(n.unit))
		n.limit = LimitEpochs
		if n.part.Fraction {
			n.limit = LimitFraction
		}
	}
	if amount, u, ok := n.part.Max.get(); ok {
		if most := n.leafMost(amount, u); most < n.high {
			n.high, n.limit = most, LimitMax
		}
	}
	if amount, u, ok := n.part.Min.get(); ok {
		n.low = n.leafLeast(amount, u)
	}
}

// leafMost returns the largest amount, in the leaf's unit, for which it gives at
// most a bound in unit u.
func (n *node) leafMost(bound int64, u datamix.Unit) int64 {
	if n.supply.Once().In(u) == 0 {
		return MaxAmount
	}
	rows := n.supply.rows(bound, u)
	over := false
	for rows > 0 && n.supply.size(rows, u) > bound {
		over = true
		rows--
	}
	switch {
	case u != n.unit:
		return n.supply.size(rows, n.unit)
	case over: // the nearest to the bound is above it: what is nearer to the one before?
		return (n.supply.size(rows, u) + n.supply.size(rows+1, u) - 1) / 2
	}
	return bound
}

// leafLeast is leafMost for the smallest amount and at least a bound.
func (n *node) leafLeast(bound int64, u datamix.Unit) int64 {
	switch {
	case bound == 0:
		return 0
	case n.supply.Once().In(u) == 0:
		return MaxAmount
	}
	rows := n.supply.rows(bound, u)
	under := false
	for n.supply.size(rows, u) < bound {
		under = true
		rows++
	}
	switch {
	case u != n.unit:
		return n.supply.size(rows, n.unit)
	case under:
		return (n.supply.size(rows-1, u) + n.supply.size(rows, u) + 1) / 2
	}
	return bound
}

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
		if most := n.leafMost(max(0, amount-n.supply.used(u)), u); most < n.high {
			n.high, n.limit = most, LimitMax
		}
	}
	if amount, u, ok := n.part.Min.get(); ok {
		n.low = n.leafLeast(amount, u)
	}
}

// leafMost returns the amount, in the leaf's unit, of the most records whose size
// in unit u is at most a bound.
func (n *node) leafMost(bound int64, u datamix.Unit) int64 {
	switch {
	case u == n.unit:
		return bound
	case n.supply.Once().In(u) == 0:
		return MaxAmount
	}
	rows := n.supply.rows(bound, u)
	for rows > 0 && n.supply.size(rows, u) > bound {
		rows--
	}
	return n.supply.size(rows, n.unit)
}

// leafLeast is leafMost for the fewest records of at least a bound.
func (n *node) leafLeast(bound int64, u datamix.Unit) int64 {
	switch {
	case u == n.unit || bound == 0:
		return bound
	case n.supply.Once().In(u) == 0:
		return MaxAmount
	}
	rows := n.supply.rows(bound, u)
	for n.supply.size(rows, u) < bound {
		rows++
	}
	return n.supply.size(rows, n.unit)
}

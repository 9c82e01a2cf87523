package solve

import (
	"github.com/datamix-go/datamix"
)

// totals returns the least and the most that a group's total can be, both of
// them possible; least is above most if no total is.
func (n *node) totals() (least, most int64) {
	var r reach
	if n.part.Fills {
		least, most = n.given, n.given
		for i, k := range n.kids {
			if k.fixed {
				continue
			}
			if k.low > k.high {
				return 1, 0
			}
			least = min(MaxAmount, least+k.low)
			if n.ratio.slope[i] > 0 || n.ratio.offset[i] > 0 {
				most = min(MaxAmount, most+k.high)
			} else {
				most = min(MaxAmount, most+k.low)
			}
		}
		r = reach{least, most, least, most}
	} else {
		r = n.exactTotals()
	}
	return n.narrow(r)
}

// reach bounds the totals of a group: outside of least and most none is
// possible, between sureLeast and sureMost each is that rounding alone would
// forbid.
type reach struct{ least, most, sureLeast, sureMost int64 }

// exactTotals is totals before they are tried.
func (n *node) exactTotals() reach {
	least := n.ratio.least(n.given)
	r := reach{least, MaxAmount, least, MaxAmount}
	for i, k := range n.kids {
		if k.fixed {
			continue
		}
		if k.low > k.high || n.ratio.slope[i] == 0 && k.low > 0 {
			return reach{least: 1}
		}
		if k.high < MaxAmount {
			if most, sure, ok := n.ratio.atMost(i, k.high, n.given); ok {
				r.most, r.sureMost = min(r.most, most), min(r.sureMost, sure)
			}
		}
		if least, sure, ok := n.ratio.atLeast(i, k.low, n.given); ok {
			r.least, r.sureLeast = max(r.least, least), max(r.sureLeast, sure)
		}
	}
	return r
}

// narrow moves both bounds to the first totals that are possible. Where that
// takes too many steps it begins again where rounding does no harm.
func (n *node) narrow(r reach) (least, most int64) {
	least, most = r.least, r.most
	if most < MaxAmount {
		t, ok := n.scan(most, least, -1)
		if !ok && most-r.sureMost >= scanSteps {
			t, ok = n.scan(r.sureMost, least, -1)
		}
		if !ok {
			return 1, 0
		}
		most = t
	}
	if least > 0 {
		t, ok := n.scan(least, most, 1)
		if !ok && r.sureLeast-least >= scanSteps {
			t, ok = n.scan(r.sureLeast, most, 1)
		}
		if !ok {
			return 1, 0
		}
		least = t
	}
	return least, most
}

// bound applies a group's own Min and Max.
func (n *node) bound() {
	if n.least > n.most {
		return
	}
	least, most := n.least, n.most
	if amount, u, ok := n.part.Max.get(); ok {
		if t := n.last(func(t int64) bool { return n.inside(t, u) <= amount }); t < most {
			most, n.limit = t, LimitMax
		}
	}
	if amount, u, ok := n.part.Min.get(); ok {
		if t := n.last(func(t int64) bool { return n.inside(t, u) < amount }); t >= least {
			least = t + 1
		}
	}
	if least > most || n.natural {
		n.least, n.most = least, most
		return
	}
	n.least, n.most = n.narrow(reach{least, most, least, most})
}

// last returns the largest total in the group's range for which something
// holds that holds up to there; least-1 if there is none.
func (n *node) last(holds func(total int64) bool) int64 {
	low, high := n.least-1, n.most
	for low < high {
		if mid := high - (high-low)/2; holds(mid) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// scanSteps bounds the search for a total that rounding allows.
const scanSteps = 1 << 18

// scan returns the first total that is possible from one to another, in steps
// of 1 or -1.
func (n *node) scan(from, to, step int64) (int64, bool) {
	if (to-from)*step < 0 {
		return 0, false
	}
	groups := false
	for _, k := range n.kids {
		groups = groups || k.group() && !k.fixed
	}
	var s *scanner
	if !n.part.Fills {
		if s = newScanner(n, from); s == nil {
			return 0, false
		}
	}
	for t, steps := from, 0; steps < scanSteps && (to-t)*step >= 0; t, steps = t+step, steps+1 {
		if (s == nil || s.leavesFit()) && (s != nil && !groups || n.fits(t)) {
			return t, true
		}
		if s != nil {
			s.move(step)
		}
	}
	return 0, false
}

// scanner follows the division of a total as it moves by one, faster than
// dividing each.
type scanner struct {
	n     *node
	parts []int // those that are not fixed
	whole []int64
	rest  []uint64
	left  int64 // what the whole parts leave of the total
}

// newScanner returns nil for a total that cannot be divided.
func newScanner(n *node, total int64) *scanner {
	s := &scanner{n: n, left: total}
	if n.ratio.weights {
		s.left -= n.given
	}
	for i, k := range n.kids {
		t, ok := n.ratio.target(i, total, n.given)
		if !ok {
			return nil
		}
		if k.fixed {
			continue
		}
		s.parts = append(s.parts, i)
		s.whole, s.rest = append(s.whole, t.whole), append(s.rest, t.rest)
		s.left -= t.whole
	}
	return s
}

// leavesFit reports whether every part is within its bounds.
func (s *scanner) leavesFit() bool {
	for at, i := range s.parts {
		k := s.n.kids[i]
		whole := s.whole[at]
		if whole > k.high || whole < k.low-1 {
			return false
		}
		if whole == k.high || whole == k.low-1 {
			amount := whole
			if s.granted(at) {
				amount++
			}
			if amount > k.high || amount < k.low {
				return false
			}
		}
	}
	return true
}

// granted reports whether a part is among the largest remainders.
func (s *scanner) granted(at int) bool {
	var before int64
	for other, rest := range s.rest {
		if rest > s.rest[at] || rest == s.rest[at] && other < at {
			before++
		}
	}
	return before < s.left
}

// move adds 1 or -1 to the total.
func (s *scanner) move(step int64) {
	s.left += step
	unit := s.n.ratio.unit
	for at, i := range s.parts {
		slope := s.n.ratio.slope[i]
		switch {
		case step > 0:
			if s.rest[at] += slope; s.rest[at] >= unit {
				s.rest[at] -= unit
				s.whole[at]++
				s.left--
			}
		case s.rest[at] < slope:
			s.rest[at] += unit - slope
			s.whole[at]--
			s.left++
		default:
			s.rest[at] -= slope
		}
	}
}

// get returns what is left of the bound, and its unit; false for none.
func (b Bound) get() (int64, datamix.Unit, bool) { return max(0, b.Amount-b.Taken), b.In, b.In != "" }

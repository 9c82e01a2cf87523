package solve

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// Infeasible is the error of a total, or of a part's own amount, that cannot be
// met.
type Infeasible struct {
	// Short are the parts that are short, the shortest of what it should give
	// first; at least one.
	Short []Shortage
	// Total is the total that was asked for, Nearest the largest feasible one,
	// or, where a min binds, the smallest. Nearest is 0 if no total is feasible,
	// and both are 0 for a part with a quantity of its own.
	Total, Nearest int64
}

// Error names the first part that is short.
func (e *Infeasible) Error() string {
	s := &e.Short[0]
	return fmt.Sprintf("part %s is to give %s and can give %s (%s)", s.Part, Amount(s.Need, s.Unit), datamix.Thousands(s.Have), s.Limit)
}

// Shortage is one part that cannot give what it should.
type Shortage struct {
	// Part is the part's path.
	Part string
	// Unit is what the numbers are counted in.
	Unit datamix.Unit
	// Limit is what keeps it from giving more, or LimitMin.
	Limit string
	// Need is what is asked of the part, Have what it can give at most, and at
	// least where the limit is LimitMin.
	Need, Have int64
	// Taken is what was gone before, of the bound or of the passes, and is not in
	// Need and Have.
	Taken int64
	// Available is one pass, MaxEpochs how many there may be; both are 0 for
	// groups.
	Available int64
	MaxEpochs float64
}

// Epochs is the number of passes that would free the part, a decimal number
// rounded up to 4 digits so that the printed one works; nil where passes are not
// what it lacks.
func (s *Shortage) Epochs() *big.Rat {
	need := s.Need + s.Taken
	if s.Available <= 0 || s.MaxEpochs <= 0 || need <= EpochsOf(s.MaxEpochs, s.Available) {
		return nil
	}
	x := big.NewRat(need, s.Available)
	scale := big.NewRat(1, 1) // brings x to 1,000 to 9,999
	ten := big.NewRat(10, 1)
	for y := new(big.Rat).Set(x); y.Cmp(big.NewRat(1000, 1)) < 0; y.Mul(y, ten) {
		scale.Mul(scale, ten)
	}
	n := new(big.Rat).Mul(x, scale)
	digits := Floor(n)
	if !n.IsInt() {
		digits++
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt64(digits), scale)
}

// infeasible explains why the node cannot give an amount. total is what to say
// of a total, 0 for none.
func (n *node) infeasible(amount, total int64) error {
	short := n.shortages(amount)
	if len(short) == 0 {
		return n.tooSmall(amount)
	}
	// The shortest first; of those that are equally short, the first.
	slices.SortStableFunc(short, func(a, b Shortage) int {
		return compareProducts(uint64(a.Have), uint64(b.Need), uint64(b.Have), uint64(a.Need))
	})
	e := &Infeasible{Short: short, Total: total}
	if total > 0 && n.low <= n.high && n.most < MaxAmount {
		e.Nearest = n.most
	}
	if total > 0 && n.low <= n.high && total < n.least {
		e.Nearest = n.least
	}
	return e
}

// tooSmall says that a total is less than what the quantities of some kids and
// the shares beside them ask for.
func (n *node) tooSmall(total int64) error {
	var names []string
	for _, k := range n.kids {
		if k.fixed {
			names = append(names, k.part.Path)
		}
	}
	smallest := ""
	if n.least <= n.most {
		smallest = "; the smallest feasible total is " + datamix.Thousands(n.least)
	}
	return bad("%s: the quantities of %s take %s, which a total of %s does not hold beside the shares and weights%s",
		n.name(), strings.Join(names, ", "), Amount(n.given, n.part.Unit), datamix.Thousands(total), smallest)
}

// nothing explains why no total above 0 is possible.
func (n *node) nothing() error {
	for total := int64(1); total < MaxAmount; total *= 2 {
		if !n.possible(total) {
			if short := n.shortages(total); len(short) > 0 {
				return &Infeasible{Short: []Shortage{slices.MinFunc(short, func(a, b Shortage) int { return cmp.Compare(a.Have, b.Have) })}}
			}
		}
	}
	return bad("no total is possible: the parts' quantities leave nothing for the weights")
}

// shortages lists the parts below that cannot give what an amount of the node
// asks of them.
func (n *node) shortages(amount int64) []Shortage {
	s := Shortage{Part: n.part.Path, Unit: n.unit, Need: amount, Have: n.high, Limit: n.limit}
	if !n.group() {
		switch {
		case amount > n.high && n.limit == LimitMax:
			return []Shortage{n.beyond(amount, LimitMax, n.part.Max)}
		case amount > n.high:
			s.Available, s.MaxEpochs, s.Taken = n.supply.Once().In(n.unit), n.part.MaxEpochs, n.supply.used(n.unit)
		case amount < n.low:
			return []Shortage{n.beyond(amount, LimitMin, n.part.Min)}
		default:
			return nil
		}
		return []Shortage{s}
	}
	if own, u, ok := n.part.Max.get(); ok && n.sizeOf(amount, u) > own {
		return []Shortage{n.beyond(amount, LimitMax, n.part.Max)}
	}
	if own, u, ok := n.part.Min.get(); ok && n.sizeOf(amount, u) < own {
		return []Shortage{n.beyond(amount, LimitMin, n.part.Min)}
	}
	var out []Shortage
	if n.part.Fills {
		out = n.fillShortages(amount)
	} else if amounts, ok := n.ratio.divide(n.reach(amount), n.given); ok {
		for i, k := range n.kids {
			if !k.fixed && !k.can(amounts[i]) {
				out = append(out, k.shortages(amounts[i])...)
			}
		}
	} else if n.part.Path == "" {
		return nil
	}
	if len(out) == 0 { // by less than a record of another unit, or what its parts have of their own is more
		return n.nearly(amount)
	}
	return out
}

// nearly is the shortage of a group that can give what is less than a record
// away.
func (n *node) nearly(amount int64) []Shortage {
	s := Shortage{Part: n.part.Path, Unit: n.unit, Need: amount, Limit: LimitParts}
	switch {
	case amount > n.high && n.limit == LimitMax:
		s = n.beyond(amount, LimitMax, n.part.Max)
	case amount > n.high:
		s.Have = n.high
	case amount < n.low && n.part.Min.In != "":
		s = n.beyond(amount, LimitMin, n.part.Min)
	case amount < n.low:
		s.Have = n.low
	default:
		return nil
	}
	return []Shortage{s}
}

// beyond is the shortage of a part that is not to give what a bound allows. It is
// counted in the unit of the bound; passes may be short, too.
func (n *node) beyond(amount int64, limit string, b Bound) Shortage {
	have, u, _ := b.get()
	s := Shortage{Part: n.part.Path, Unit: u, Limit: limit, Have: have, Need: n.sizeOf(amount, u), Taken: b.Taken}
	if limit == LimitMax {
		s.Need = max(s.Need, have+1) // rounding to records may hide it
	} else {
		s.Need = min(s.Need, have-1)
	}
	if !n.group() && limit == LimitMax && b.Taken == n.supply.used(u) {
		s.Available, s.MaxEpochs = n.supply.Once().In(u), n.part.MaxEpochs
	}
	return s
}

// sizeOf is convert for an amount that may be out of reach.
func (n *node) sizeOf(amount int64, u datamix.Unit) int64 {
	switch {
	case u == n.unit:
		return amount
	case !n.group():
		return n.convert(amount, u)
	case u == n.part.Unit:
		return n.reach(amount)
	}
	return n.inside(n.reach(amount), u)
}

// reach is total for an amount that may be out of reach.
func (n *node) reach(amount int64) int64 {
	if n.unit == n.part.Unit {
		return amount
	}
	if n.least <= n.most && amount <= n.high {
		return n.total(amount)
	}
	total := max(n.most, 1)
	for total < MaxAmount && n.inside(total, n.unit) < amount {
		total *= 2
	}
	least, most := n.least, n.most
	n.least, n.most = 0, total
	defer func() { n.least, n.most = least, most }()
	low, high := int64(0), total
	for low < high {
		if mid := low + (high-low)/2; n.inside(mid, n.unit) < amount {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// fillShortages names one part of a group whose parts stand in for each other:
// of those that could give more, the one that gives most.
func (n *node) fillShortages(amount int64) []Shortage {
	missing := amount - n.high
	if amount < n.low {
		missing = amount - n.low
	}
	var worst *node
	for i, k := range n.kids {
		weight := n.ratio.slope[i] > 0 || n.ratio.offset[i] > 0
		if k.fixed || !weight || missing == 0 || missing < 0 && k.low == 0 {
			continue
		}
		if worst == nil || k.high > worst.high {
			worst = k
		}
	}
	if worst == nil {
		return nil
	}
	if missing < 0 {
		return worst.shortages(max(0, worst.low+missing))
	}
	return worst.shortages(worst.high + missing)
}

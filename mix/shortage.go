package mix

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// ErrInfeasible matches every *InfeasibleError.
var ErrInfeasible = errors.New("datamix/mix: infeasible")

// InfeasibleError says why a plan cannot be met and what would help.
type InfeasibleError struct {
	// Shortage is that of the part that binds: the one that is shortest of what
	// it should give.
	Shortage
	// Others are the shortages of other parts under the same plan.
	Others []Shortage
	// Total is the total that was asked for, Nearest the largest feasible one,
	// or, where a min binds, the smallest. Nearest is 0 if no total is feasible,
	// and both are 0 for a part with a quantity of its own.
	Total, Nearest int64
}

// Shortage is one part that cannot give what it should.
type Shortage struct {
	// Part is the part's path.
	Part string
	// Unit is what the numbers are counted in.
	Unit datamix.Unit
	// Limit is what keeps it from giving more, as a recipe calls it: max_epochs,
	// max_fraction or max; or min, where it should give less than that; or empty,
	// where no record is left.
	Limit string
	// Need is what the plan asks of the part, Have what it can give at most, and
	// at least where the limit is min.
	Need, Have int64
	// Available is one pass, MaxEpochs how many there may be; both are 0 for
	// groups.
	Available int64
	MaxEpochs float64
}

// Is makes errors.Is(err, ErrInfeasible) hold.
func (e *InfeasibleError) Is(target error) bool { return target == ErrInfeasible }

// Error explains the shortage.
func (e *InfeasibleError) Error() string {
	var b strings.Builder
	of := ""
	if e.Total > 0 {
		of = " of a total of " + datamix.Thousands(e.Total)
	}
	fmt.Fprintf(&b, "datamix/mix: infeasible: %s", e.explain(of))
	switch {
	case e.Total > 0 && e.Nearest > e.Total && e.Limit == string(limitMin):
		fmt.Fprintf(&b, "; the smallest feasible total is %s", datamix.Thousands(e.Nearest))
	case e.Total > 0 && e.Nearest > 0:
		fmt.Fprintf(&b, "; the largest feasible total is %s", datamix.Thousands(e.Nearest))
	case e.Total > 0:
		b.WriteString("; no total is feasible")
	}
	if remedy := e.remedy(); remedy != "" {
		fmt.Fprintf(&b, "; %s for this part would free it", remedy)
	}
	for i, o := range e.Others {
		if i == maxOthers {
			fmt.Fprintf(&b, "; and %d more parts", len(e.Others)-i)
			break
		}
		fmt.Fprintf(&b, "; %s", o.explain(""))
		if remedy := o.remedy(); remedy != "" {
			fmt.Fprintf(&b, " (%s)", remedy)
		}
	}
	return b.String()
}

// maxOthers is how many more parts a message speaks of.
const maxOthers = 3

// explain says what is short; of stands behind what is needed.
func (s *Shortage) explain(of string) string {
	need := amount(s.Need, s.Unit) + of
	switch limit(s.Limit) {
	case limitEmpty:
		return fmt.Sprintf("part %s needs %s, but no record of it is left after its filters", s.Part, need)
	case limitMin:
		return fmt.Sprintf("part %s is to give %s, less than its min of %s", s.Part, need, datamix.Thousands(s.Have))
	case limitMax:
		return fmt.Sprintf("part %s needs %s, but its max is %s", s.Part, need, datamix.Thousands(s.Have))
	case limitParts:
		return fmt.Sprintf("part %s needs %s, but its parts give at most %s", s.Part, need, datamix.Thousands(s.Have))
	}
	within := ""
	if limit(s.Limit) == limitFraction {
		within = " within max_fraction"
	}
	return fmt.Sprintf("part %s needs %s, but has %s in one pass%s and max_epochs is %v", s.Part, need, datamix.Thousands(s.Available), within, s.MaxEpochs)
}

// remedy is what would let the part give what it needs.
func (s *Shortage) remedy() string {
	var out []string
	if limit(s.Limit) == limitMax {
		out = append(out, "a max of "+datamix.Thousands(s.Need))
	}
	if s.Available > 0 && s.MaxEpochs > 0 && s.Need > epochsOf(s.MaxEpochs, s.Available) {
		epochs, _ := s.epochs().Float64()
		out = append(out, fmt.Sprintf("max_epochs of %v", epochs))
	}
	if limit(s.Limit) == limitMin {
		out = append(out, "a min of "+datamix.Thousands(s.Need))
	}
	return strings.Join(out, " and ")
}

// epochs is the cap that would free the part, a decimal number rounded up to
// 4 digits so that the printed one works.
func (s *Shortage) epochs() *big.Rat {
	x := big.NewRat(s.Need, s.Available)
	scale := big.NewRat(1, 1) // brings x to 1,000 to 9,999
	ten := big.NewRat(10, 1)
	for y := new(big.Rat).Set(x); y.Cmp(big.NewRat(1000, 1)) < 0; y.Mul(y, ten) {
		scale.Mul(scale, ten)
	}
	n := new(big.Rat).Mul(x, scale)
	digits := floor(n)
	if !n.IsInt() {
		digits++
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt64(digits), scale)
}

// epochsOf is how much so many passes give.
func epochsOf(epochs float64, once int64) int64 {
	return min(maxAmount, floor(new(big.Rat).Mul(rat(epochs), new(big.Rat).SetInt64(once))))
}

// infeasible explains why the node cannot give an amount. total is what to say
// of a total, 0 for none.
func (n *node) infeasible(amount, total int64) error {
	short := n.shortages(amount)
	if len(short) == 0 {
		return bad("%s: the total of %s is less than the fixed quantities and the shares, which leave nothing for the weights", n.name(), datamix.Thousands(amount))
	}
	// The shortest first; of those that are equally short, the first.
	slices.SortStableFunc(short, func(a, b Shortage) int {
		return compareProducts(uint64(a.Have), uint64(b.Need), uint64(b.Have), uint64(a.Need))
	})
	e := &InfeasibleError{Shortage: short[0], Others: short[1:], Total: total}
	if len(e.Others) == 0 {
		e.Others = nil
	}
	if total > 0 && n.low <= n.high && n.most < maxAmount {
		e.Nearest = n.most
	}
	if total > 0 && n.low <= n.high && total < n.least {
		e.Nearest = n.least
	}
	return e
}

// nothing explains why no total above 0 is possible.
func (n *node) nothing() error {
	for total := int64(1); total < maxAmount; total *= 2 {
		if !n.possible(total) {
			if short := n.shortages(total); len(short) > 0 {
				return &InfeasibleError{Shortage: slices.MinFunc(short, func(a, b Shortage) int { return cmp.Compare(a.Have, b.Have) })}
			}
		}
	}
	return bad("no total is possible: the parts' quantities leave nothing for the weights")
}

// shortages lists the parts below that cannot give what an amount of the node
// asks of them.
func (n *node) shortages(amount int64) []Shortage {
	s := Shortage{Part: n.path, Unit: n.unit, Need: amount, Have: n.high, Limit: string(n.limit)}
	if !n.group() {
		s.Available, s.MaxEpochs = n.supply.once().In(n.unit), n.epochs
		if !n.capped {
			s.MaxEpochs = 0
		}
		switch {
		case amount > n.high:
		case amount < n.low:
			s.Have, s.Limit = n.low, string(limitMin)
		default:
			return nil
		}
		return []Shortage{s}
	}
	if own, u, ok := n.part.Max.get(); ok && n.exceeds(amount, own, u) {
		s.Limit, s.Unit, s.Have, s.Need = string(limitMax), u, own, n.sizeOf(amount, u)
		return []Shortage{s}
	}
	if own, u, ok := n.part.Min.get(); ok && n.sizeOf(amount, u) < own {
		s.Limit, s.Unit, s.Have, s.Need = string(limitMin), u, own, n.sizeOf(amount, u)
		return []Shortage{s}
	}
	if n.fills {
		return n.fillShortages(amount)
	}
	amounts, ok := n.ratio.divide(n.reach(amount), n.given)
	if !ok {
		return nil
	}
	var out []Shortage
	for i, k := range n.kids {
		if !k.fixed && !k.can(amounts[i]) {
			out = append(out, k.shortages(amounts[i])...)
		}
	}
	if len(out) == 0 && n.path != "" && amount > n.high { // by less than a record of another unit
		s.Limit = string(limitParts)
		out = append(out, s)
	}
	return out
}

func (n *node) exceeds(amount, bound int64, u datamix.Unit) bool { return n.sizeOf(amount, u) > bound }

// sizeOf is convert for an amount that may be out of reach.
func (n *node) sizeOf(amount int64, u datamix.Unit) int64 {
	switch u {
	case n.unit:
		return amount
	case n.inner:
		return n.reach(amount)
	}
	return n.inside(n.reach(amount), u)
}

// reach is total for an amount that may be out of reach.
func (n *node) reach(amount int64) int64 {
	if n.unit == n.inner {
		return amount
	}
	if n.least <= n.most && amount <= n.high {
		return n.total(amount)
	}
	total := max(n.most, 1)
	for total < maxAmount && n.inside(total, n.unit) < amount {
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

// amount writes a number with its unit.
func amount(n int64, u datamix.Unit) string {
	return datamix.Thousands(n) + " " + strings.ReplaceAll(string(u), "_", " ")
}

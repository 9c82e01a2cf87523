package mix

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// InfeasibleError says why a plan cannot be met and what would help.
type InfeasibleError struct {
	// Part is the part that binds.
	Part string
	// Unit is what the numbers are counted in.
	Unit datamix.Unit
	// Need is what the plan asks of the part, Have what it can give: Available
	// in one pass times MaxEpochs.
	Need, Have, Available int64
	MaxEpochs             float64
	// Total is the total that was asked for, Nearest the largest feasible one;
	// both are 0 for a part with a quantity of its own.
	Total, Nearest int64
}

// Error explains the shortage.
func (e *InfeasibleError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "datamix/mix: infeasible: part %s needs %d %s", e.Part, e.Need, e.Unit)
	if e.Total > 0 {
		fmt.Fprintf(&b, " of a total of %d", e.Total)
	}
	if e.Available == 0 {
		fmt.Fprintf(&b, ", but no record of it is left after its filters")
		return b.String()
	}
	fmt.Fprintf(&b, ", but has %d in one pass and max_epochs is %v", e.Available, e.MaxEpochs)
	if e.Total > 0 {
		fmt.Fprintf(&b, "; the largest feasible total is %d %s", e.Nearest, e.Unit)
	}
	epochs, _ := e.epochs().Float64()
	fmt.Fprintf(&b, "; max_epochs of %v for this part would free it", epochs)
	return b.String()
}

// epochs is the cap that would free the part, a decimal number rounded up to
// 4 digits so that the printed one works.
func (e *InfeasibleError) epochs() *big.Rat {
	x := big.NewRat(e.Need, e.Available)
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

// demand is what a recipe asks for, in exact numbers.
type demand struct {
	share  []*big.Rat // per part; nil for parts without
	weight []*big.Rat
	shares *big.Rat // their sums
	weigh  *big.Rat
	fixed  bool // some part has a quantity of its own
}

func (r *Recipe) demand() (*demand, error) {
	if err := r.unsupported(); err != nil {
		return nil, err
	}
	n := len(r.leaves())
	d := &demand{share: make([]*big.Rat, n), weight: make([]*big.Rat, n), shares: new(big.Rat), weigh: new(big.Rat)}
	at := 0
	for i := range r.Parts {
		p := &r.Parts[i]
		switch {
		case p.Share != nil:
			d.shares.Add(d.shares, p.Share.rat())
			at = spread(p, p.Share.rat(), d.share, at)
		case p.Weight != nil:
			d.weigh.Add(d.weigh, rat(*p.Weight))
			at = spread(p, rat(*p.Weight), d.weight, at)
		case p.Rest:
			d.weigh.Add(d.weigh, rat(1))
			at = spread(p, rat(1), d.weight, at)
		default:
			d.fixed = true
			at = spread(p, nil, d.share, at)
		}
	}
	one := big.NewRat(1, 1)
	whole := d.shares.Cmp(one)
	proportional := d.shares.Sign() > 0 || d.weigh.Sign() > 0
	switch {
	case whole > 0:
		return nil, bad("the shares add up to %s %%, more than 100 %%", percent(d.shares))
	case whole < 0 && d.shares.Sign() > 0 && d.weigh.Sign() == 0 && !d.fixed:
		return nil, bad("the shares add up to %s %%; give the rest to a part with a weight", percent(d.shares))
	case whole == 0 && (d.weigh.Sign() > 0 || d.fixed):
		return nil, bad("the shares add up to 100 %%, which leaves nothing for the other parts")
	case r.Total == 0 && d.weigh.Sign() > 0, r.Total == 0 && proportional && !d.fixed:
		return nil, bad("it has no total; give a number of %s, or largest", r.unit())
	}
	return d, nil
}

// spread shares out a group's part of the mix among its leaves, from index at,
// and returns the index behind them.
func spread(p *Part, of *big.Rat, to []*big.Rat, at int) int {
	if !p.group() {
		to[at] = of
		return at + 1
	}
	shares, weights := new(big.Rat), new(big.Rat)
	for i := range p.Parts {
		switch c := &p.Parts[i]; {
		case c.Share != nil:
			shares.Add(shares, c.Share.rat())
		case c.Weight != nil:
			weights.Add(weights, rat(*c.Weight))
		}
	}
	left := shares.Sub(big.NewRat(1, 1), shares)
	for i := range p.Parts {
		c := &p.Parts[i]
		part := new(big.Rat)
		switch {
		case of == nil:
			part = nil
		case c.Share != nil:
			part.Mul(of, c.Share.rat())
		case c.Weight != nil && weights.Sign() > 0:
			part.Quo(rat(*c.Weight), weights)
			part.Mul(part, left).Mul(part, of)
		case c.Rest:
			part.Mul(left, of)
		}
		at = spread(c, part, to, at)
	}
	return at
}

func percent(x *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(new(big.Rat).Mul(x, big.NewRat(100, 1)).FloatString(4), "0"), ".")
}

// supply is what measuring found of one part.
type supply struct {
	name      string
	available datamix.Tally
	maxEpochs float64
	// sum returns the size in one unit of the first amount of the part in
	// another.
	sum func(amount int64, in, of datamix.Unit) int64
}

// cap is the most that the part can give.
func (s *supply) cap(u datamix.Unit) int64 {
	c := new(big.Rat).Mul(rat(s.maxEpochs), new(big.Rat).SetInt64(s.available.In(u)))
	return floor(c)
}

// solve gives every part its amount, in the recipe's unit, or for a fixed
// quantity in that quantity's. It is a pure function of its arguments.
func solve(r *Recipe, parts []supply) (amounts []int64, err error) {
	d, err := r.demand()
	if err != nil {
		return nil, err
	}
	u := r.unit()
	amounts = make([]int64, len(parts))
	leaves := r.leaves()
	var fixed int64 // all fixed quantities, in u
	for i := range parts {
		p := &leaves[i]
		if d.share[i] != nil || d.weight[i] != nil {
			continue
		}
		n, in := p.fixed()
		if p.All {
			n, in = parts[i].available.Rows, datamix.Rows
		}
		if have := parts[i].cap(in); n > have {
			return nil, &InfeasibleError{Part: p.Name, Unit: in, Need: n, Have: have,
				Available: parts[i].available.In(in), MaxEpochs: parts[i].maxEpochs}
		}
		amounts[i] = n
		if in == u && !p.All {
			fixed += n
		} else {
			fixed += parts[i].sum(n, in, u)
		}
	}
	s := &solver{unit: u, parts: parts, demand: d, fixed: fixed}
	total, err := s.total(r)
	if err != nil {
		return nil, err
	}
	proportional, err := s.amounts(total)
	if err != nil {
		return nil, err
	}
	for i, n := range proportional {
		if d.share[i] != nil || d.weight[i] != nil {
			amounts[i] = n
		}
	}
	return amounts, nil
}

// solver shares out a total among the parts with shares and weights.
type solver struct {
	unit   datamix.Unit
	parts  []supply
	demand *demand
	fixed  int64
}

// total is the size of the mix.
func (s *solver) total(r *Recipe) (int64, error) {
	d := s.demand
	proportional := d.shares.Sign() > 0 || d.weigh.Sign() > 0
	switch {
	case !proportional:
		if r.Total > 0 && int64(r.Total) != s.fixed {
			return 0, bad("total is %d %s, but the parts' quantities add up to %d", r.Total, s.unit, s.fixed)
		}
		return s.fixed, nil
	case d.weigh.Sign() == 0 && d.fixed:
		rest := new(big.Rat).Sub(big.NewRat(1, 1), d.shares)
		total := round(new(big.Rat).Quo(new(big.Rat).SetInt64(s.fixed), rest))
		if r.Total > 0 && int64(r.Total) != total {
			return 0, bad("total is %d %s, but the fixed quantities are %d %s and %s %% of the mix, which makes a total of %d",
				r.Total, s.unit, s.fixed, s.unit, percent(rest), total)
		}
		return total, nil
	case r.Total == Largest:
		return s.largest()
	}
	return int64(r.Total), nil
}

// targets returns the exact, fractional amounts of the proportional parts for a
// total, nil when it is too small for the fixed quantities.
func (s *solver) targets(total int64) []*big.Rat {
	d := s.demand
	t := new(big.Rat).SetInt64(total)
	left := new(big.Rat).Sub(t, new(big.Rat).SetInt64(s.fixed))
	left.Sub(left, new(big.Rat).Mul(t, d.shares))
	if left.Sign() < 0 && d.weigh.Sign() > 0 {
		return nil
	}
	out := make([]*big.Rat, len(s.parts))
	for i := range out {
		out[i] = new(big.Rat)
		switch {
		case d.share[i] != nil:
			out[i].Mul(t, d.share[i])
		case d.weight[i] != nil && d.weigh.Sign() > 0:
			out[i].Mul(left, new(big.Rat).Quo(d.weight[i], d.weigh))
		}
	}
	return out
}

// whole makes whole numbers of the targets: their sum is exactly what the fixed
// quantities leave of the total.
func (s *solver) whole(total int64) []int64 {
	targets := s.targets(total)
	if targets == nil {
		return nil
	}
	sum := new(big.Rat)
	for _, t := range targets {
		sum.Add(sum, t)
	}
	amounts, err := sample.Apportion(round(sum), targets)
	if err != nil {
		return nil
	}
	return amounts
}

// amounts gives each proportional part its amount, or says which part cannot
// give it.
func (s *solver) amounts(total int64) ([]int64, error) {
	amounts := s.whole(total)
	if amounts == nil {
		return nil, bad("the total of %d %s is less than the fixed quantities and shares, which leave nothing for the weights", total, s.unit)
	}
	worst := s.binding(amounts)
	if worst < 0 {
		return amounts, nil
	}
	nearest, err := s.largest()
	if err != nil {
		nearest = 0
	}
	p := &s.parts[worst]
	return nil, &InfeasibleError{Part: p.name, Unit: s.unit, Need: amounts[worst], Have: p.cap(s.unit),
		Available: p.available.In(s.unit), MaxEpochs: p.maxEpochs, Total: total, Nearest: nearest}
}

// binding returns the part that is shortest of what it should give, -1 when
// none is short.
func (s *solver) binding(amounts []int64) int {
	worst := -1
	var ratio *big.Rat
	for i, n := range amounts {
		have := s.parts[i].cap(s.unit)
		if n <= have || s.demand.share[i] == nil && s.demand.weight[i] == nil {
			continue
		}
		r := big.NewRat(have, n)
		if worst < 0 || r.Cmp(ratio) < 0 {
			worst, ratio = i, r
		}
	}
	return worst
}

// largest returns the largest total that every proportional part can give its
// amount of.
func (s *solver) largest() (int64, error) {
	d := s.demand
	// No total above the least of these is feasible: part i gets at least
	// floor(target), and the target grows with the total.
	var low, high *big.Rat
	at := -1
	for i := range s.parts {
		slope, offset := s.line(i)
		if slope == nil || slope.Sign() <= 0 {
			continue
		}
		have := new(big.Rat).SetInt64(s.parts[i].cap(s.unit))
		sure := new(big.Rat).Quo(new(big.Rat).Sub(have, offset), slope)
		most := new(big.Rat).Quo(new(big.Rat).Sub(have.Add(have, big.NewRat(1, 1)), offset), slope)
		if low == nil || sure.Cmp(low) < 0 {
			low, at = sure, i
		}
		if high == nil || most.Cmp(high) < 0 {
			high = most
		}
	}
	if low == nil {
		return s.fixed, nil
	}
	for total := floor(high); total > floor(low) && floor(high)-total < searchSteps; total-- {
		if amounts := s.whole(total); amounts != nil && s.binding(amounts) < 0 {
			return total, nil
		}
	}
	total := floor(low)
	if s.parts[at].available.In(s.unit) == 0 || total <= 0 || d.weigh.Sign() > 0 && s.targets(total) == nil {
		p := &s.parts[at]
		return 0, &InfeasibleError{Part: p.name, Unit: s.unit, Need: 1, Have: p.cap(s.unit),
			Available: p.available.In(s.unit), MaxEpochs: p.maxEpochs}
	}
	return total, nil
}

// searchSteps bounds the search for totals that only rounding makes feasible.
const searchSteps = 100_000

// line returns the target of part i as a function of the total: slope * total +
// offset; nil for a part that has a quantity of its own.
func (s *solver) line(i int) (slope, offset *big.Rat) {
	d := s.demand
	switch {
	case d.share[i] != nil:
		return d.share[i], new(big.Rat)
	case d.weight[i] != nil && d.weigh.Sign() > 0:
		part := new(big.Rat).Quo(d.weight[i], d.weigh)
		slope = new(big.Rat).Sub(big.NewRat(1, 1), d.shares)
		slope.Mul(slope, part)
		offset = new(big.Rat).Mul(new(big.Rat).SetInt64(-s.fixed), part)
		return slope, offset
	}
	return nil, nil
}

func floor(x *big.Rat) int64 {
	q := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: rounds down
	if !q.IsInt64() {
		return 1<<63 - 1
	}
	return q.Int64()
}

// round rounds half up.
func round(x *big.Rat) int64 { return floor(new(big.Rat).Add(x, big.NewRat(1, 2))) }

// unsupported returns an error for what the solver does not know yet.
func (r *Recipe) unsupported() error {
	if r.Shortfall != "" && r.Shortfall != ShortfallError || r.Weights != nil || len(r.Stages) > 0 {
		return bad("shortfall, weights and stages are not supported yet")
	}
	var walk func(parts []Part, inside bool) error
	walk = func(parts []Part, inside bool) error {
		for i := range parts {
			p := &parts[i]
			proportional := p.Share != nil || p.Weight != nil || p.Rest
			if p.Weights != nil || p.Min != nil || p.Max != nil || p.MaxFraction != 0 || p.Epochs != nil || !proportional && (inside || p.group()) || p.Unit != "" && p.Unit != r.unit() {
				return bad("part %s: groups with fixed quantities or another unit, computed weights, bounds and epochs are not supported yet", p.Name)
			}
			if err := walk(p.Parts, true); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(r.Parts, false)
}

package solve

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/datamix-go/datamix"
)

// Largest is the total that asks for the largest feasible one.
const Largest int64 = -1

// Solution is what a part is to give.
type Solution struct {
	// Part is the part.
	Part *Part
	// In is the unit of Amount and Target: that of the shares around the part, or
	// of its own quantity.
	In datamix.Unit
	// Target is what is asked of the part without bounds, Amount what it gives:
	// they differ where others stand in for a part that is short.
	Target, Amount int64
	// Rows is the number of records that it gives, and Size what they hold in the
	// unit of the whole.
	Rows, Size int64
	// Portion is the declared part of the group's total, 0 to 1; 0 for quantities
	// that declare none.
	Portion float64
	// Limit is what the part is at, one of the limits or empty. Full reports that
	// it has nothing left.
	Limit string
	Full  bool
	// Parts are as many as those of the part.
	Parts []Solution
}

// Solve gives every part its amount of a total of the whole. A total of 0 is for
// quantities that make it themselves. An error that is no *Infeasible says that
// the quantities contradict each other.
func Solve(whole *Part, total int64) (*Solution, error) {
	root := newNode(whole, whole.Unit)
	if err := root.prepare(); err != nil {
		return nil, err
	}
	t, err := root.choose(total)
	if err != nil {
		return nil, err
	}
	s := root.solution(t, t, whole.Unit)
	return &s, nil
}

// solution gives an amount to the node and those below it.
func (n *node) solution(amount, target int64, u datamix.Unit) Solution {
	s := Solution{Part: n.part, In: n.unit, Target: target, Amount: amount, Limit: n.at(amount), Full: amount > 0 && amount >= n.high}
	if !n.group() {
		s.Rows = n.supply.rows(amount, n.unit)
		s.Size = n.supply.size(s.Rows, u)
		return s
	}
	total := n.total(amount)
	amounts, ok := n.divide(total)
	if !ok { // a group that gives nothing
		amounts = make([]int64, len(n.kids))
	}
	targets := amounts
	if ok && n.part.Fills {
		if t, ok := n.ratio.divide(total, n.given); ok {
			targets = t
		}
	}
	for i, k := range n.kids {
		target := targets[i]
		if k.fixed {
			target = amounts[i]
		}
		kid := k.solution(amounts[i], target, u)
		kid.Portion = n.portion(i, amount)
		s.Parts = append(s.Parts, kid)
		s.Rows, s.Size = s.Rows+kid.Rows, s.Size+kid.Size
	}
	return s
}

// portion returns the declared part of a total that the i-th kid has.
func (n *node) portion(i int, total int64) float64 {
	k := n.kids[i]
	if k.part.Kind == Share {
		x, _ := k.part.Number.Float64()
		return x
	}
	t, ok := n.ratio.target(i, total, n.given)
	if k.fixed || !ok || total == 0 {
		return 0
	}
	return (float64(t.whole) + float64(t.rest)/float64(n.ratio.unit)) / float64(total)
}

// at names the limit that an amount is at.
func (n *node) at(amount int64) string {
	switch {
	case amount == 0:
		return ""
	case amount >= n.high:
		return n.limit
	case amount == n.low && n.low > 0:
		return LimitMin
	}
	return ""
}

// prepare finds out, from the leaves up, what each node can give.
func (n *node) prepare() error {
	if !n.group() {
		n.leafRange()
	} else if err := n.groupRange(); err != nil {
		return err
	}
	if !n.fixed {
		return nil
	}
	switch p := n.part; p.Kind {
	case Made:
		n.want = n.made
	case Epochs:
		n.want = Round(new(big.Rat).Mul(p.Number, new(big.Rat).SetInt64(n.available().Rows)))
		if n.limit == LimitEpochs && p.Number.Cmp(Decimal(p.MaxEpochs)) <= 0 && p.Skip == 0 {
			n.want = min(n.want, n.high) // 2.5 passes over 39 rows are 97 where max_epochs is 2.5
		}
	default:
		n.want = p.Amount
	}
	if !n.can(n.want) {
		return n.infeasible(n.want, 0)
	}
	return nil
}

// groupRange prepares the kids of a group and sets its range.
func (n *node) groupRange() error {
	for _, k := range n.kids {
		if err := k.prepare(); err != nil {
			return err
		}
		if k.fixed {
			n.given = min(MaxAmount, n.given+k.convert(k.want, n.part.Unit))
		}
	}
	if err := n.setRatio(); err != nil {
		return err
	}
	if n.natural {
		n.least, n.most = n.made, n.made
	} else {
		n.least, n.most = n.totals()
	}
	n.limit = LimitParts
	n.bound()
	n.low, n.high = n.least, n.most
	if n.unit != n.part.Unit && n.least <= n.most {
		n.low, n.high = n.inside(n.least, n.unit), MaxAmount
		if n.most < MaxAmount {
			n.high = n.inside(n.most, n.unit)
		}
	}
	return nil
}

// choose returns the total of the root.
func (n *node) choose(t int64) (int64, error) {
	switch {
	case n.natural:
		if t > 0 && t != n.made {
			return 0, bad("total is %d %s, but %s", t, n.part.Unit, n.explainMade())
		}
		t = n.made
	case t == Largest:
		if n.most >= MaxAmount {
			return 0, bad("there is no largest total: no part of the mix has a limit; give a number of %s", n.part.Unit)
		}
		if t = n.most; t <= 0 || n.least > n.most {
			return 0, n.nothing()
		}
	}
	if !n.possible(t) {
		return 0, n.infeasible(t, t)
	}
	return t, nil
}

// explainMade says how the quantities in a group make its total.
func (n *node) explainMade() string {
	var fixed []string
	for _, k := range n.kids {
		if k.fixed {
			fixed = append(fixed, k.part.Path)
		}
	}
	if n.made == n.given {
		return "the quantities of " + strings.Join(fixed, ", ") + " add up to " + Amount(n.made, n.part.Unit)
	}
	return "the quantities of " + strings.Join(fixed, ", ") + ", " + Amount(n.given, n.part.Unit) +
		", are what the shares leave, which makes a total of " + Amount(n.made, n.part.Unit)
}

// bad is an error about quantities that contradict each other.
func bad(format string, args ...any) error { return fmt.Errorf(format, args...) }

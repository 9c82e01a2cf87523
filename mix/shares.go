package mix

import (
	"fmt"
	"math/big"
)

// quantities sums up what the parts of a group ask for.
type quantities struct {
	shares                               *big.Rat
	fixed, weights, rest, computed, zero int // how many parts
}

func sumUp(parts []Part) quantities {
	q := quantities{shares: new(big.Rat)}
	for i := range parts {
		switch p := &parts[i]; {
		case p.Share != nil:
			q.shares.Add(q.shares, p.Share.rat())
		case p.Weight != nil && *p.Weight == 0:
			q.zero++
		case p.Weight != nil:
			q.weights++
		case p.Rest:
			q.rest++
		case p.unquantified() && !p.selfMade():
			q.computed++
		default:
			q.fixed++
		}
	}
	return q
}

// natural reports whether the quantities of the parts make the group's total.
func (q quantities) natural() bool {
	return q.weights+q.rest+q.computed == 0 && (q.fixed > 0 || q.shares.Sign() == 0)
}

// checkShares looks at how the quantities in a group, and those in groups below
// it, go together.
func checkShares(parts []Part, weights *Weights, group string, at []int) error {
	in := ""
	if group != "" {
		in = "group " + group + ": "
	}
	fail := func(format string, args ...any) error {
		return &misplaced{place(at), bad("%s%s", in, fmt.Sprintf(format, args...))}
	}
	q := sumUp(parts)
	whole := q.shares.Cmp(big.NewRat(1, 1))
	left := q.weights + q.rest + q.computed
	switch {
	case whole > 0:
		return fail("the shares add up to %s %%, more than 100 %%", percent(q.shares))
	case whole < 0 && q.shares.Sign() > 0 && left+q.fixed == 0:
		return fail("the shares add up to %s %%; give what is left to a part with a weight or rest: true", percent(q.shares))
	case whole == 0 && left+q.fixed > 0:
		return fail("the shares add up to 100 %%, which leaves nothing for the other parts")
	case q.rest > 1:
		return fail("%d parts take the rest; one can, or give them weights", q.rest)
	case q.rest > 0 && q.weights+q.computed > 0:
		return fail("one part takes the rest, which leaves nothing for the weights")
	case weights != nil && q.computed == 0:
		return fail("weights are computed for parts that have no quantity, and all have one")
	case weights != nil && q.weights > 0:
		return fail("weights are computed for the parts that have no quantity; the others cannot have a weight beside them")
	}
	for i := range parts {
		p := &parts[i]
		at := append(at[:len(at):len(at)], i)
		path := join(group, p.Name)
		if p.unquantified() && !p.selfMade() && weights == nil {
			return &misplaced{place(at), bad("part %s: it has no quantity; give it one of %s", path, quantityNames)}
		}
		if !p.group() {
			continue
		}
		if err := checkShares(p.Parts, p.Weights, path, at); err != nil {
			return err
		}
		if !p.unquantified() && sumUp(p.Parts).natural() {
			return &misplaced{place(at), bad("group %s: the quantities of its parts already say how much there is; leave out its own, or give one of its parts the rest", path)}
		}
	}
	return nil
}

// checkTotal looks for a total where one is needed.
func (r *Recipe) checkTotal(parts []Part, total int64) error {
	if total == 0 && !sumUp(parts).natural() {
		return bad("it has no total; give a number of %s, or largest", r.unit())
	}
	return nil
}

// selfMade reports whether the quantities inside a group say how much there is.
func (p *Part) selfMade() bool { return p.group() && p.Weights == nil && sumUp(p.Parts).natural() }

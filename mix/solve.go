package mix

import (
	"math"
	"math/big"
	"strings"

	"github.com/datamix-go/datamix"
)

// solve makes the tree of a recipe's parts over their supplies, in the order of
// leaves, and gives every node its amount. It is a pure function of its
// arguments.
func solve(r *Recipe, parts []Part, total Total, supplies []supply) (*solution, error) {
	root, err := newTree(r, parts, supplies)
	if err != nil {
		return nil, err
	}
	if err := root.prepare(r); err != nil {
		return nil, err
	}
	t, err := root.choose(total)
	if err != nil {
		return nil, err
	}
	s := &solution{root: root, total: t, amounts: map[*node]int64{}, targets: map[*node]int64{}}
	s.assign(root, t)
	return s, nil
}

// solution is what solve found: an amount for each node, in its unit, and the
// target that it would have without bounds.
type solution struct {
	root    *node
	total   int64
	amounts map[*node]int64
	targets map[*node]int64
}

func (s *solution) assign(n *node, amount int64) {
	s.amounts[n] = amount
	if !n.group() {
		return
	}
	total := n.total(amount)
	amounts, _ := n.divide(total)
	targets := amounts
	if n.fills {
		targets, _ = n.ratio.divide(total, n.given)
	}
	for i, k := range n.kids {
		if amounts == nil { // a group that gives nothing
			s.assign(k, 0)
			continue
		}
		s.targets[k] = amounts[i]
		if targets != nil && !k.fixed {
			s.targets[k] = targets[i]
		}
		s.assign(k, amounts[i])
	}
}

// newTree makes the nodes of a recipe.
func newTree(r *Recipe, parts []Part, supplies []supply) (*node, error) {
	top := &Part{Unit: r.unit(), MaxEpochs: r.MaxEpochs, MaxFraction: 1, Weights: r.Weights, Parts: parts}
	b := &treeBuilder{repeat: r.Shortfall == RepeatParts, fills: r.Shortfall == Redistribute, supplies: supplies}
	root := b.node(top, "", r.unit(), 0, 1)
	return root, nil
}

type treeBuilder struct {
	repeat, fills bool
	supplies      []supply
	next          int // leaf
}

// node makes the node of a part and of those below it. unit is that of the
// shares around the part, epochs and fraction are the max_epochs and max_fraction
// there.
func (b *treeBuilder) node(p *Part, path string, unit datamix.Unit, epochs, fraction float64) *node {
	switch {
	case p.MaxEpochs > 0:
		epochs = p.MaxEpochs
	case p.Epochs != nil && (epochs > 0 || !b.repeat): // who asks for so many passes allows them
		epochs = max(epochs, 1, math.Ceil(*p.Epochs))
	}
	if p.MaxFraction > 0 {
		fraction = p.MaxFraction
	}
	n := &node{path: path, part: p, unit: unit, leaf: -1, fraction: fraction}
	if own, ok := p.ownUnit(); ok {
		n.fixed, n.unit = true, own
	}
	if !p.group() {
		n.leaf, n.supply = b.next, b.supplies[b.next]
		n.epochs, n.capped = max(epochs, 0), epochs > 0 || !b.repeat
		if n.epochs == 0 {
			n.epochs = 1
		}
		b.next++
		return n
	}
	n.inner = unit
	if p.Unit != "" {
		n.inner = p.Unit
	}
	if p.unquantified() && path != "" && p.selfMade() {
		n.fixed, n.unit = true, n.inner
	}
	n.fills = b.fills
	if p.Weights != nil && p.Weights.UniMax > 0 {
		n.fills = true
		if p.MaxEpochs == 0 {
			epochs = p.Weights.UniMax
		}
	}
	for i := range p.Parts {
		k := &p.Parts[i]
		n.kids = append(n.kids, b.node(k, join(path, k.Name), n.inner, epochs, fraction))
	}
	return n
}

// prepare finds out, from the leaves up, what each node can give.
func (n *node) prepare(r *Recipe) error {
	if !n.group() {
		n.leafRange()
	} else if err := n.groupRange(r); err != nil {
		return err
	}
	if !n.fixed {
		return nil
	}
	switch p := n.part; {
	case n.group() && p.unquantified():
		n.want = n.made
	case p.All:
		n.want = n.available().Rows
	case p.Epochs != nil:
		n.want = round(new(big.Rat).Mul(rat(*p.Epochs), new(big.Rat).SetInt64(n.available().Rows)))
		if *p.Epochs <= n.epochs && n.limit == limitEpochs && n.supply.used(datamix.Rows) == 0 {
			n.want = min(n.want, n.high) // 2.5 passes over 39 rows are 97 where max_epochs is 2.5
		}
	default:
		n.want, _ = p.fixed()
	}
	if !n.can(n.want) {
		return n.infeasible(n.want, 0)
	}
	return nil
}

// groupRange prepares the kids of a group and sets its range.
func (n *node) groupRange(r *Recipe) error {
	for _, k := range n.kids {
		if err := k.prepare(r); err != nil {
			return err
		}
		if k.fixed {
			n.given = min(maxAmount, n.given+k.convert(k.want, n.inner))
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
	n.limit = limitParts
	n.bound()
	n.low, n.high = n.least, n.most
	if n.unit != n.inner {
		n.low, n.high = n.inside(n.least, n.unit), maxAmount
		if n.most < maxAmount {
			n.high = n.inside(n.most, n.unit)
		}
	}
	return nil
}

// name is how messages call the node.
func (n *node) name() string {
	switch {
	case n.path == "":
		return "the recipe"
	case n.group():
		return "group " + n.path
	}
	return "part " + n.path
}

// choose returns the total of the root.
func (n *node) choose(total Total) (int64, error) {
	t := int64(total)
	switch {
	case n.natural:
		if t > 0 && t != n.made {
			return 0, bad("total is %d %s, but %s", t, n.inner, n.explainMade())
		}
		t = n.made
	case total == Largest:
		if n.most >= maxAmount {
			return 0, bad("there is no largest total: no part of the mix has a limit; give a number of %s", n.inner)
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
			fixed = append(fixed, k.part.Name)
		}
	}
	if n.made == n.given {
		return "the quantities of " + strings.Join(fixed, ", ") + " add up to " + amount(n.made, n.inner)
	}
	return "the quantities of " + strings.Join(fixed, ", ") + ", " + amount(n.given, n.inner) +
		", are what the shares leave, which makes a total of " + amount(n.made, n.inner)
}

package audit

import (
	"fmt"
	"math"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/report"
)

// node is a part of a recipe with what it inherits and what the set holds of it.
type node struct {
	path      string
	part      *mix.Part // nil for the whole
	unit      datamix.Unit
	maxEpochs float64
	within    string // the path of the group around
	labels    map[string]string
	nested    []*node
	have      datamix.Tally
	longest   datamix.Tally
	group     *Group // of a leaf that the set has
}

// tree returns a recipe as nodes.
func tree(r *mix.Recipe) *node {
	root := &node{unit: r.Unit, maxEpochs: r.MaxEpochs}
	if root.unit == "" {
		root.unit = datamix.Rows
	}
	if root.maxEpochs == 0 {
		root.maxEpochs = 1
		if r.Shortfall == mix.RepeatParts {
			root.maxEpochs = math.Inf(1)
		}
	}
	root.add(r.Parts)
	return root
}

func (n *node) add(parts []mix.Part) {
	for i := range parts {
		p := &parts[i]
		c := &node{path: p.Name, within: n.path, part: p, unit: p.Unit, maxEpochs: p.MaxEpochs, labels: map[string]string{}}
		if n.path != "" {
			c.path = n.path + "/" + p.Name
		}
		if c.unit == "" {
			c.unit = n.unit
		}
		if c.maxEpochs == 0 {
			c.maxEpochs = n.maxEpochs
		}
		for _, labels := range []map[string]string{n.labels, p.Labels} {
			for k, v := range labels {
				c.labels[k] = v
			}
		}
		c.add(p.Parts)
		n.nested = append(n.nested, c)
	}
}

// leavesOf returns the parts of a recipe that have records, in order.
func leavesOf(r *mix.Recipe) (leaves []*node) {
	var walk func(n *node)
	walk = func(n *node) {
		if len(n.nested) == 0 {
			leaves = append(leaves, n)
		}
		for _, c := range n.nested {
			walk(c)
		}
	}
	walk(tree(r))
	return leaves
}

// compare holds the groups against the recipe.
func (a *auditor) compare(res *Result) {
	root := tree(a.o.Recipe)
	byName := map[string]*Group{}
	for i := range res.Groups {
		byName[res.Groups[i].Name] = &res.Groups[i]
	}
	root.fill(byName)
	for i := range res.Groups {
		g := &res.Groups[i]
		if g.Labels == nil && g.Name != report.Unlabelled {
			a.fail(UnknownPart, g.Name, "the recipe has no part %q, of which the set has %s rows", g.Name, datamix.Thousands(g.Rows))
		}
	}
	a.compareTotal(root, res.Total)
	switch {
	case a.stages == nil:
		a.compareNode(res, root, 1)
	case a.measured(a.stages.unit, "what the recipe's stages ask for"):
		a.stages.judge(a, root)
	}
	a.compareEpochs(root)
	if a.prefixes != nil && (root.unit == datamix.Rows || a.counted == a.rows) {
		a.prefixes.judge(a)
	}
}

// fill adds up what the set has of each node.
func (n *node) fill(groups map[string]*Group) {
	if len(n.nested) == 0 {
		if g := groups[n.path]; g != nil {
			n.group, n.have, n.longest = g, g.Tally, g.longest
			g.Labels, g.within = n.labels, n.within
		}
		return
	}
	for _, c := range n.nested {
		c.fill(groups)
		n.have.Add(c.have)
		for _, u := range []struct{ to, from *int64 }{{&n.longest.Rows, &c.longest.Rows}, {&n.longest.Tokens, &c.longest.Tokens}, {&n.longest.Trainable, &c.longest.Trainable}} {
			*u.to = max(*u.to, *u.from)
		}
	}
}

// compareTotal holds the size of the set against the recipe's.
func (a *auditor) compareTotal(root *node, all datamix.Tally) {
	want := int64(a.o.Recipe.Total)
	if a.stages != nil && want == 0 {
		want = a.stages.total()
	}
	if want <= 0 || !a.measured(root.unit, "the total") {
		return
	}
	if have := all.In(root.unit); !a.near(have, want, root.longest.In(root.unit)) {
		a.fail(Amount, "", "the set has %s %s, the recipe asks for %s", datamix.Thousands(have), words(root.unit), datamix.Thousands(want))
	}
}

// near reports whether an amount is within the tolerance, or one record, of
// another.
func (a *auditor) near(have, want, longest int64) bool {
	return math.Abs(float64(have-want)) <= max(a.o.Tolerance*float64(want), float64(longest))
}

// measured reports whether the records are counted where a unit needs that, and
// says so where they are not.
func (a *auditor) measured(u datamix.Unit, what string) bool {
	if u == datamix.Rows || a.counted == a.rows {
		return true
	}
	a.fail(Uncounted, "", "%s is in %s and the rows are not counted: give a tokenizer", what, words(u))
	return false
}

// compareNode compares what lies inside a node with the node's quantities. whole
// is the node's own target share of the set in the recipe's unit, 0 where it has
// none.
func (a *auditor) compareNode(res *Result, n *node, whole float64) {
	if len(n.nested) == 0 {
		return
	}
	targets := n.targets()
	all := n.have.In(n.unit)
	asked := false
	for i, c := range n.nested {
		asked = asked || targets[i] >= 0
		if n.unit == res.Unit && targets[i] >= 0 && c.group != nil {
			c.group.Target = whole * targets[i]
		}
	}
	if asked && !a.measured(n.unit, "what the recipe asks for") {
		asked = false
	}
	for i, c := range n.nested {
		if c.have.Rows == 0 && c.wanted(targets[i]) {
			a.fail(MissingPart, c.path, "the set has no rows of part %s", c.path)
			continue
		}
		a.compareAmount(c)
		if asked && targets[i] >= 0 && all > 0 {
			a.compareShare(n, c, targets[i])
		}
		inner := 0.0
		if targets[i] >= 0 && c.unit == n.unit {
			inner = whole * targets[i]
		}
		a.compareNode(res, c, inner)
	}
}

// targets returns the share of the node that each part in it should have, -1
// where the recipe leaves that open. What weights share out is what the parts
// with weights have together.
func (n *node) targets() []float64 {
	targets := make([]float64, len(n.nested))
	var shares, weights float64
	var weighted int64 // what the parts with weights have
	open := false      // a part whose share is not said
	for i, c := range n.nested {
		q := c.part.Quantity
		targets[i] = -1
		switch {
		case q.Share != nil:
			targets[i] = q.Share.Float64()
			shares += targets[i]
		case q.Weight != nil:
			weights += *q.Weight
			weighted += c.have.In(n.unit)
		case !q.Rest:
			open = true
		}
	}
	all := n.have.In(n.unit)
	for i, c := range n.nested {
		q := c.part.Quantity
		switch {
		case q.Weight != nil && weights > 0 && (!open || all > 0):
			left := 1 - shares
			if open {
				left = float64(weighted) / float64(all)
			}
			targets[i] = *q.Weight / weights * left
		case q.Rest && !open && weights == 0:
			targets[i] = 1 - shares
		}
	}
	return targets
}

// wanted reports whether the recipe asks for records of the part.
func (n *node) wanted(target float64) bool {
	q := n.part.Quantity
	for _, amount := range []*int64{q.Rows, q.Tokens, q.TrainableTokens} {
		if amount != nil && *amount > 0 {
			return true
		}
	}
	return target > 0
}

// compareShare compares a part's share of what it is in with the target.
func (a *auditor) compareShare(n, c *node, target float64) {
	all, have := n.have.In(n.unit), c.have.In(n.unit)
	want := target * float64(all)
	if math.Abs(float64(have)-want) <= max(a.o.Tolerance*float64(all), float64(c.longest.In(n.unit))) {
		return
	}
	of := "the set"
	if n.path != "" {
		of = "group " + n.path
	}
	share := float64(have) / float64(all)
	text := fmt.Sprintf("part %s is %s of the %s of %s, the recipe asks for %s: %+.2f points", c.path, percent(share), words(n.unit), of,
		percent(target), (share-target)*100)
	if a.o.Recipe.Shortfall == mix.Redistribute {
		a.note(Share, c.path, "%s (the recipe lets parts that are short give less)", text)
		return
	}
	a.fail(Share, c.path, "%s", text)
}

func words(u datamix.Unit) string { return strings.ReplaceAll(string(u), "_", " ") }

package audit

import (
	"fmt"
	"math"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// compareAmount compares what a part has with a quantity and bounds of its own.
func (a *auditor) compareAmount(c *node) {
	check := func(u datamix.Unit, want *int64, what string, ok func(have, want, longest int64) bool) {
		if want == nil || !a.measured(u, "the quantity of part "+c.path) {
			return
		}
		if have := c.have.In(u); !ok(have, *want, c.longest.In(u)) {
			a.fail(Amount, c.path, "part %s has %s %s, the recipe asks for %s%s", c.path, datamix.Thousands(have), words(u), what, datamix.Thousands(*want))
		}
	}
	q := c.part.Quantity
	check(datamix.Rows, q.Rows, "", a.near)
	check(datamix.Tokens, q.Tokens, "", a.near)
	check(datamix.TrainableTokens, q.TrainableTokens, "", a.near)
	atLeast := func(have, want, longest int64) bool { return have >= want || a.near(have, want, longest) }
	atMost := func(have, want, longest int64) bool { return have <= want || a.near(have, want, longest) }
	for _, b := range []struct {
		bound *mix.Bound
		what  string
		ok    func(have, want, longest int64) bool
	}{{c.part.Min, "at least ", atLeast}, {c.part.Max, "at most ", atMost}} {
		if b.bound != nil {
			check(datamix.Rows, b.bound.Rows, b.what, b.ok)
			check(datamix.Tokens, b.bound.Tokens, b.what, b.ok)
			check(datamix.TrainableTokens, b.bound.TrainableTokens, b.what, b.ok)
		}
	}
}

// compareEpochs holds the repeats of each leaf against its max_epochs. Repeats
// are told by the provenance column, or by equal records where the recipe
// removes duplicates from its sources.
func (a *auditor) compareEpochs(n *node) {
	for _, c := range n.nested {
		a.compareEpochs(c)
	}
	g := n.group
	if g == nil || len(n.nested) > 0 {
		return
	}
	limit := n.maxEpochs
	if q := n.part.Quantity; q.Epochs != nil {
		limit = max(limit, *q.Epochs)
	}
	switch {
	case float64(g.Pass) >= math.Ceil(limit):
		a.fail(Repeats, g.Name, "part %s has rows of pass %d, and max_epochs is %v", g.Name, g.Pass+1, limit)
	case g.Epochs > limit*(1+a.o.Tolerance) && float64(g.Rows) > limit*float64(g.Distinct)+1:
		text := fmt.Sprintf("part %s has %s rows of %s different records, %.2f epochs, and max_epochs is %v", g.Name,
			datamix.Thousands(g.Rows), datamix.Thousands(g.Distinct), g.Epochs, limit)
		a.find(Repeats, a.o.Recipe.Dedup != "", g.Name, "%s", text)
	}
}

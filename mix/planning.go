package mix

import (
	"fmt"
)

// plan solves the recipe over what measuring found.
func (r *Recipe) plan(indexes []*partIndex) (*Plan, error) {
	leaves := r.leaves()
	decks := make([]supply, len(indexes))
	for i, p := range indexes {
		decks[i] = newDeck(p, r.Seed, leaves[i].MaxFraction)
	}
	plan, err := r.planOver(decks)
	if err != nil {
		return nil, err
	}
	for i, p := range indexes {
		pp := &plan.Parts[i]
		distinct := decks[i].(*deck).distinct(pp.Rows)
		pp.Ledger = p.Ledger
		pp.Ledger.Unused += int64(p.len()) - distinct
		pp.Ledger.Kept = distinct
		pp.Labels = leaves[i].Labels
	}
	return plan, nil
}

// planOver solves the recipe over the supplies of its leaves.
func (r *Recipe) planOver(supplies []supply) (*Plan, error) {
	p := &planner{plan: &Plan{Name: r.Name, Seed: r.Seed, Unit: r.unit()}, recipe: r, supplies: supplies,
		part: map[string]int{}, group: map[string]int{}}
	p.list(r.Parts, "")
	if len(r.Stages) > 0 {
		return p.plan, p.stages()
	}
	s, err := solve(r, r.Parts, r.Total, supplies)
	if err != nil {
		return nil, err
	}
	p.plan.Total = s.total
	p.enter(s, s.root, share{1, true}, func(n *node) *Allotment {
		if n.group() {
			return &p.plan.Groups[p.group[n.path]].Allotment
		}
		pp := &p.plan.Parts[p.part[n.path]]
		if once := pp.Available.In(n.unit); once > 0 {
			pp.Epochs = float64(s.amounts[n]) / float64(once)
		}
		pp.Binds = s.amounts[n] > 0 && s.amounts[n] >= n.high
		return &pp.Allotment
	})
	return p.plan, nil
}

// planner writes solutions into a plan.
type planner struct {
	plan        *Plan
	recipe      *Recipe
	supplies    []supply
	part, group map[string]int // by path
}

// list makes the entries of the parts below a group.
func (p *planner) list(parts []Part, around string) {
	for i := range parts {
		name := join(around, parts[i].Name)
		a := Allotment{Name: name, In: p.plan.Unit}
		if !parts[i].group() {
			p.part[name] = len(p.plan.Parts)
			once := p.supplies[len(p.plan.Parts)].once()
			p.plan.Parts = append(p.plan.Parts, PartPlan{Allotment: a, Available: once})
			continue
		}
		at := len(p.plan.Groups)
		p.group[name] = at
		p.plan.Groups = append(p.plan.Groups, GroupPlan{Allotment: a, Unit: parts[i].Unit, From: len(p.plan.Parts)})
		p.list(parts[i].Parts, name)
		p.plan.Groups[at].To = len(p.plan.Parts)
	}
}

// share is a declared share of the whole mix, if one was declared.
type share struct {
	of       float64
	declared bool
}

// enter writes what a solution gives to the nodes below n, and returns the sum
// of sizes and rows.
func (p *planner) enter(s *solution, n *node, of share, to func(*node) *Allotment) (size, rows int64) {
	if !n.group() {
		rows = n.supply.rows(s.amounts[n], n.unit)
		return n.supply.size(rows, p.plan.Unit), rows
	}
	if n.path != "" {
		if g := &p.plan.Groups[p.group[n.path]]; g.Unit == "" {
			g.Unit = n.inner
		}
	}
	for i, k := range n.kids {
		part := s.shareOf(n, i, of)
		kidSize, kidRows := p.enter(s, k, part, to)
		size, rows = size+kidSize, rows+kidRows
		a := to(k)
		a.Quantity = k.quantity(n)
		a.In, a.Target, a.Amount = k.unit, s.targets[k], s.amounts[k]
		a.Size, a.Rows, a.Share = kidSize, kidRows, part.of
		if !part.declared && s.total > 0 {
			a.Share = float64(kidSize) / float64(s.total)
			if k.unit == p.plan.Unit {
				a.Share = float64(a.Amount) / float64(s.total)
			}
		}
		a.Limit = k.at(s.amounts[k])
	}
	return size, rows
}

// shareOf returns the declared share of the i-th kid of a group.
func (s *solution) shareOf(n *node, i int, of share) share {
	k := n.kids[i]
	switch {
	case k.fixed || !of.declared || n.inner != s.root.inner:
		return share{}
	case k.part.Share != nil:
		return share{of.of * k.part.Share.Float64(), true}
	}
	total := s.amounts[n]
	t, ok := n.ratio.target(i, total, n.given)
	if !ok || total == 0 {
		return share{}
	}
	return share{of.of * (float64(t.whole) + float64(t.rest)/float64(n.ratio.unit)) / float64(total), true}
}

// at names the limit that an amount is at.
func (n *node) at(amount int64) string {
	switch {
	case amount == 0:
		return ""
	case amount >= n.high:
		return string(n.limit)
	case amount == n.low && n.low > 0:
		return string(limitMin)
	}
	return ""
}

// quantity writes what the recipe asks for of a kid of a group.
func (n *node) quantity(around *node) string {
	switch p := n.part; {
	case p.Share != nil:
		return "share " + p.Share.String()
	case p.Weight != nil:
		return fmt.Sprintf("weight %v", *p.Weight)
	case p.Rest:
		return "rest"
	case p.All:
		return "all"
	case p.Epochs != nil:
		return fmt.Sprintf("epochs %v", *p.Epochs)
	case n.fixed && p.unquantified():
		return "its parts"
	case n.fixed:
		return amount(n.want, n.unit)
	case around.part.Weights.UniMax > 0:
		return fmt.Sprintf("unimax %v", around.part.Weights.UniMax)
	}
	return fmt.Sprintf("temperature %v", around.part.Weights.Temperature)
}

// stages solves stage after stage.
func (p *planner) stages() error {
	totals, err := p.recipe.stageTotals()
	if err != nil {
		return err
	}
	from := make([]int64, len(p.supplies))
	for i := range p.recipe.Stages {
		stage := &p.recipe.Stages[i]
		sp, err := p.stage(stage, totals[i], from)
		if err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
		p.plan.Stages = append(p.plan.Stages, *sp)
		p.plan.Total += sp.Total
	}
	for i := range p.plan.Parts {
		pp := &p.plan.Parts[i]
		p.sumUp(&pp.Allotment, p.supplies[i].size(from[i], p.plan.Unit), from[i])
		if once := pp.Available.In(p.plan.Unit); once > 0 {
			pp.Epochs = float64(pp.Size) / float64(once)
		}
	}
	for i := range p.plan.Groups {
		g := &p.plan.Groups[i]
		var size, rows int64
		for _, pp := range p.plan.Parts[g.From:g.To] {
			size, rows = size+pp.Size, rows+pp.Rows
		}
		p.sumUp(&g.Allotment, size, rows)
	}
	return nil
}

func (p *planner) sumUp(a *Allotment, size, rows int64) {
	a.Quantity, a.Size, a.Rows, a.Amount, a.Target = "stages", size, rows, size, size
	if p.plan.Total > 0 {
		a.Share = float64(size) / float64(p.plan.Total)
	}
}

// stage solves one stage behind the first records of each part, and moves them
// on.
func (p *planner) stage(stage *Stage, total Total, from []int64) (*StagePlan, error) {
	tree := stage.tree(p.recipe.Parts)
	var supplies []supply
	for _, leaf := range (&Recipe{Parts: tree}).leaves() {
		i := p.part[leaf.Name]
		supplies = append(supplies, later{p.supplies[i], from[i]})
	}
	s, err := solve(p.recipe, tree, total, supplies)
	if err != nil {
		return nil, err
	}
	sp := &StagePlan{Name: stage.Name, Total: s.total, Parts: make([]Allotment, len(p.plan.Parts))}
	for i := range sp.Parts {
		sp.Parts[i] = Allotment{Name: p.plan.Parts[i].Name, In: p.plan.Unit}
	}
	for i := range p.plan.Groups {
		sp.Groups = append(sp.Groups, Allotment{Name: p.plan.Groups[i].Name, In: p.plan.Unit})
	}
	p.enter(s, s.root, share{1, true}, func(n *node) *Allotment {
		if n.group() {
			return &sp.Groups[p.group[n.path]]
		}
		at := p.part[n.path]
		if s.amounts[n] > 0 && s.amounts[n] >= n.high {
			p.plan.Parts[at].Binds = true
		}
		return &sp.Parts[at]
	})
	for i := range from {
		from[i] += sp.Parts[i].Rows
	}
	return sp, nil
}

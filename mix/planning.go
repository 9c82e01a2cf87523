package mix

import (
	"fmt"

	"github.com/datamix-go/datamix/mix/internal/solve"
)

// plan solves the recipe over what measuring found.
func (r *Recipe) plan(indexes []*partIndex) (*Plan, error) {
	leaves := r.leaves()
	decks := make([]solve.Supply, len(indexes))
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
		pp.Ledger = p.ledger
		pp.Ledger.Unused += int64(p.len()) - distinct
		pp.Ledger.Kept = distinct
		pp.Labels = leaves[i].Labels
	}
	return plan, nil
}

// planOver solves the recipe over the supplies of its leaves.
func (r *Recipe) planOver(supplies []solve.Supply) (*Plan, error) {
	p := &planner{plan: &Plan{Name: r.Name, Seed: r.Seed, Unit: r.unit()}, recipe: r, supplies: supplies,
		part: map[string]int{}, group: map[string]int{}}
	p.list(r.Parts, "")
	if len(r.Stages) > 0 {
		return p.plan, p.stages()
	}
	s, err := r.solve(&asked{parts: r.Parts, weights: r.Weights, total: r.Total, supplies: supplies})
	if err != nil {
		return nil, err
	}
	p.plan.Total = s.Amount
	p.enter(&entry{parts: r.Parts, weights: r.Weights, solution: s, share: share{1, true}, total: s.Amount}, func(s *solve.Solution) *Allotment {
		if len(s.Parts) > 0 {
			return &p.plan.Groups[p.group[s.Part.Path]].Allotment
		}
		pp := &p.plan.Parts[p.part[s.Part.Path]]
		if once := pp.Available.In(s.In); once > 0 {
			pp.Epochs = float64(s.Amount) / float64(once)
		}
		pp.Binds = s.Full
		return &pp.Allotment
	})
	return p.plan, nil
}

// planner writes solutions into a plan.
type planner struct {
	plan        *Plan
	recipe      *Recipe
	supplies    []solve.Supply
	part, group map[string]int // by path
}

// list makes the entries of the parts below a group.
func (p *planner) list(parts []Part, around string) {
	for i := range parts {
		name := join(around, parts[i].Name)
		a := Allotment{Name: name, In: p.plan.Unit}
		if !parts[i].group() {
			p.part[name] = len(p.plan.Parts)
			once := p.supplies[len(p.plan.Parts)].Once()
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

// entry is a group of a tree of parts with what it was given.
type entry struct {
	parts    []Part
	weights  *Weights
	solution *solve.Solution
	share    share
	total    int64 // of the mix or stage
}

// enter writes what the parts of a group are given, and those below them.
func (p *planner) enter(e *entry, to func(*solve.Solution) *Allotment) {
	for i := range e.parts {
		part, s := &e.parts[i], &e.solution.Parts[i]
		share := share{e.share.of * s.Portion, e.share.declared && s.Portion > 0 && e.solution.Part.Unit == p.plan.Unit}
		a := to(s)
		a.Quantity = part.text(e.weights)
		a.In, a.Target, a.Amount, a.Limit = s.In, s.Target, s.Amount, s.Limit
		a.Size, a.Rows, a.Share = s.Size, s.Rows, share.of
		if !share.declared {
			a.Share = 0
			if e.total > 0 {
				a.Share = float64(s.Size) / float64(e.total)
			}
			if e.total > 0 && s.In == p.plan.Unit {
				a.Share = float64(s.Amount) / float64(e.total)
			}
		}
		if !part.group() {
			continue
		}
		if g := &p.plan.Groups[p.group[s.Part.Path]]; g.Unit == "" {
			g.Unit = s.Part.Unit
		}
		p.enter(&entry{part.Parts, part.Weights, s, share, e.total}, to)
	}
}

// text writes what the recipe asks for of a part, in a group that computes
// weights.
func (p *Part) text(around *Weights) string {
	switch {
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
	case p.unquantified() && p.selfMade():
		return "its parts"
	case !p.unquantified():
		return solve.Amount(p.fixed())
	case around.UniMax > 0:
		return fmt.Sprintf("unimax %v", around.UniMax)
	}
	return fmt.Sprintf("temperature %v", around.Temperature)
}

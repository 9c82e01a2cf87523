package mix

import (
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// stages solves stage after stage and writes what they give into the plan.
func (p *planner) stages() error {
	solved, err := p.solveStages()
	if err != nil {
		return err
	}
	from := make([]int64, len(p.supplies))
	for i := range solved {
		sp := p.enterStage(&p.recipe.Stages[i], &solved[i])
		for k := range from {
			from[k] += sp.Parts[k].Rows
		}
		p.plan.Stages = append(p.plan.Stages, *sp)
		p.plan.Total += sp.Total
	}
	if total := p.recipe.Total; total > 0 && p.plan.Total != int64(total) {
		return bad("total is %s, but the stages add up to %s", solve.Amount(int64(total), p.plan.Unit), datamix.Thousands(p.plan.Total))
	}
	for i := range p.plan.Parts {
		pp := &p.plan.Parts[i]
		p.sumUp(&pp.Allotment, p.supplies[i].Size(from[i], p.plan.Unit), from[i])
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

// enterStage makes the entry of a stage.
func (p *planner) enterStage(stage *Stage, of *solvedStage) *StagePlan {
	s := of.solution
	sp := &StagePlan{Name: stage.Name, Total: s.Amount, Parts: make([]Allotment, len(p.plan.Parts))}
	for i := range sp.Parts {
		sp.Parts[i] = Allotment{Name: p.plan.Parts[i].Name, In: p.plan.Unit}
	}
	for i := range p.plan.Groups {
		sp.Groups = append(sp.Groups, Allotment{Name: p.plan.Groups[i].Name, In: p.plan.Unit})
	}
	p.enter(&entry{parts: of.parts, weights: of.weights, solution: s, share: share{1, true}, total: s.Amount}, func(s *solve.Solution) *Allotment {
		if len(s.Parts) > 0 {
			return &sp.Groups[p.group[s.Part.Path]]
		}
		at := p.part[s.Part.Path]
		p.plan.Parts[at].Binds = p.plan.Parts[at].Binds || s.Full
		return &sp.Parts[at]
	})
	return sp
}

// solvedStage is the tree of a stage and what its parts give.
type solvedStage struct {
	parts    []Part
	weights  *Weights
	solution *solve.Solution
}

// solveStages solves the stages in their order.
func (p *planner) solveStages() ([]solvedStage, error) {
	c := p.curriculum()
	if p.recipe.Total == Largest {
		return c.largest()
	}
	totals, err := p.recipe.stageTotals(p.recipe.Total)
	if err != nil {
		return nil, err
	}
	return c.solve(totals)
}

// curriculum solves the stages of a recipe over its supplies.
type curriculum struct {
	*planner
	trees []solvedStage  // without solutions
	last  map[string]int // the last stage that a part or group is in
}

func (p *planner) curriculum() *curriculum {
	c := &curriculum{planner: p, last: map[string]int{}}
	for i := range p.recipe.Stages {
		parts, weights := p.recipe.Stages[i].tree(p.recipe)
		c.trees = append(c.trees, solvedStage{parts: parts, weights: weights})
		in := map[string]bool{}
		collectPaths(parts, "", in)
		for path := range in {
			c.last[path] = i
		}
	}
	return c
}

// solve gives each stage a total, behind the first records of each part that
// the stages before have taken.
func (c *curriculum) solve(totals []Total) ([]solvedStage, error) {
	from := make([]int64, len(c.supplies))
	out := make([]solvedStage, len(totals))
	for i, total := range totals {
		s, err := c.stage(i, total, from, func(path string) bool { return c.last[path] > i })
		if err != nil {
			return nil, err
		}
		out[i] = c.trees[i]
		out[i].solution = s
		c.taken(s, from)
	}
	return out, nil
}

// taken adds what a stage takes of each part.
func (c *curriculum) taken(s *solve.Solution, from []int64) {
	for i := range s.Parts {
		c.taken(&s.Parts[i], from)
	}
	if len(s.Parts) == 0 {
		from[c.part[s.Part.Path]] += s.Rows
	}
}

// stage solves one stage behind the first records of each part. later tells
// whose min waits for a later stage.
func (c *curriculum) stage(i int, total Total, from []int64, later func(path string) bool) (*solve.Solution, error) {
	q := &asked{parts: c.trees[i].parts, weights: c.trees[i].weights, total: total, skip: map[string]int64{},
		taken: func(path string, u datamix.Unit) int64 { return c.size(path, from, u) }, later: later}
	for _, leaf := range (&Recipe{Parts: q.parts}).leaves() {
		at := c.part[leaf.Name]
		q.supplies = append(q.supplies, c.supplies[at])
		q.skip[leaf.Name] = from[at]
	}
	s, err := c.recipe.solve(q)
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", c.recipe.Stages[i].Name, err)
	}
	return s, nil
}

// size is what the first records of a part, or of those in a group, hold.
func (c *curriculum) size(path string, from []int64, u datamix.Unit) int64 {
	if i, leaf := c.part[path]; leaf {
		return c.supplies[i].Size(from[i], u)
	}
	var sum int64
	g := &c.plan.Groups[c.group[path]]
	for i := g.From; i < g.To; i++ {
		sum += c.supplies[i].Size(from[i], u)
	}
	return sum
}

// largest solves the stages for the largest total that they can share out. It
// halves the range in which that is, as if less were always possible where more
// is. Rounding makes that untrue near the end, so it then tries some larger ones.
func (c *curriculum) largest() ([]solvedStage, error) {
	low, high, err := int64(0), int64(0), error(nil)
	if high, err = c.mostOfEach(); err != nil {
		return nil, err
	}
	most := high
	var best []solvedStage
	try := func(total int64) (bool, error) {
		totals, err := c.recipe.stageTotals(Total(total))
		if err != nil {
			return false, err
		}
		found, err := c.solve(totals)
		if err == nil {
			best, low = found, total
		}
		return err == nil, err
	}
	var failed error
	for low < high {
		mid := low + (high-low+1)/2
		ok, err := try(mid)
		var short *InfeasibleError
		switch {
		case ok:
		case errors.As(err, &short) && short.Limit == solve.LimitMin:
			low, failed = mid, err
		default:
			high, failed = mid-1, err
		}
	}
	if best == nil {
		return nil, failed
	}
	for t, end := low+1, min(most, low+stepsBeyond); t <= end; t++ {
		if _, err := try(t); err != nil && !errors.Is(err, ErrInfeasible) {
			return nil, err
		}
	}
	return best, nil
}

// stepsBeyond is how many totals above one that is the largest are tried.
const stepsBeyond = 256

// mostOfEach is a bound of the largest total: no stage can be larger than it
// would be alone.
func (c *curriculum) mostOfEach() (int64, error) {
	most := int64(solve.MaxAmount)
	var failed error
	for i := range c.trees {
		share := c.recipe.Stages[i].Share.Float64()
		if share == 0 {
			continue
		}
		s, err := c.stage(i, Largest, make([]int64, len(c.supplies)), func(string) bool { return true })
		var short *InfeasibleError
		switch {
		case err == nil:
			most = min(most, int64((float64(s.Amount)+1)/share))
		case errors.As(err, &short):
			return 0, err
		default:
			failed = err // it has no limit
		}
	}
	if most == solve.MaxAmount && failed != nil {
		return 0, failed
	}
	return most, nil
}

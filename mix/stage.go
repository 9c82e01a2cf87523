package mix

import (
	"fmt"
	"math/big"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/sample"
)

// Stage is a stretch of a mix with quantities of its own: a curriculum is a
// list of them. A part goes on in a stage where it stopped in the one before;
// its max_epochs, max_fraction and max are for all stages together.
type Stage struct {
	// Name is for reports.
	Name string `json:"name"`
	// Total is the stage's size in the recipe's unit. It may be left out when the
	// quantities of the stage's parts say how much there is.
	Total int64 `json:"total,omitempty"`
	// Share is the stage's share of the recipe's Total.
	Share *Fraction `json:"share,omitempty"`
	// Parts are the quantities that the stage has instead of those in the
	// recipe. A part that has none in either is not in the stage.
	Parts []StagePart `json:"parts,omitempty"`
}

// StagePart gives a part, leaf or group, another quantity in a stage.
type StagePart struct {
	// Name is the part's path.
	Name string `json:"name"`
	// Quantity stands in for the part's own.
	Quantity `yaml:",inline"`
}

// stageParts returns the tree of a stage: the recipe's parts with the stage's
// quantities. Parts that have no quantity are left out, and so are groups that
// hold nothing then.
func (s *Stage) tree(parts []Part) []Part {
	given := map[string]Quantity{}
	for _, p := range s.Parts {
		given[p.Name] = p.Quantity
	}
	return staged(parts, "", given)
}

func staged(parts []Part, group string, given map[string]Quantity) []Part {
	var out []Part
	for i := range parts {
		p := parts[i]
		path := join(group, p.Name)
		if q, ok := given[path]; ok {
			p.Quantity = q
		}
		if p.group() {
			if p.Parts = staged(p.Parts, path, given); len(p.Parts) == 0 || p.unquantified() && !p.selfMade() {
				continue
			}
		} else if p.unquantified() {
			continue
		}
		out = append(out, p)
	}
	return out
}

// checkStages checks what each stage makes of the recipe.
func (r *Recipe) checkStages() error {
	paths := map[string]bool{}
	collectPaths(r.Parts, "", paths)
	if err := checkStaged(r.Parts, r.Weights, "", nil); err != nil {
		return err
	}
	if r.Total == Largest {
		return at("total", "a mix with stages needs a total in numbers: that of the recipe, or of each stage")
	}
	if r.Order != "" && r.Order != Interleaved {
		return at("order", "a mix with stages has the order interleaved: each stage is interleaved, one after the other")
	}
	names := map[string]bool{}
	for i := range r.Stages {
		s := &r.Stages[i]
		switch {
		case s.Name == "":
			return at(fmt.Sprintf("stages[%d]", i), "a stage has no name")
		case names[s.Name]:
			return at(fmt.Sprintf("stages[%d]", i), "two stages are called %q", s.Name)
		}
		names[s.Name] = true
		if err := r.checkStage(s, paths); err != nil {
			return &misplaced{fmt.Sprintf("stages[%d]", i), err}
		}
	}
	_, err := r.stageTotals()
	return err
}

func (r *Recipe) checkStage(s *Stage, paths map[string]bool) error {
	seen := map[string]bool{}
	for _, p := range s.Parts {
		fail := func(format string, args ...any) error {
			return bad("stage %s: part %s: %s", s.Name, p.Name, fmt.Sprintf(format, args...))
		}
		if err := p.Quantity.check(); err != nil {
			return fail("%v", err)
		}
		switch {
		case !paths[p.Name]:
			return fail("the recipe has no such part; inside groups a part is called group/part")
		case seen[p.Name]:
			return fail("it stands twice")
		case p.unquantified():
			return fail("it has no quantity; give it one of %s", quantityNames)
		}
		seen[p.Name] = true
	}
	tree := s.tree(r.Parts)
	if len(tree) == 0 {
		return bad("stage %s: no part has a quantity in it", s.Name)
	}
	in := map[string]bool{}
	collectPaths(tree, "", in)
	for _, p := range s.Parts {
		if !in[p.Name] {
			return bad("stage %s: part %s: the group that it is in has no quantity in the stage", s.Name, p.Name)
		}
	}
	if err := checkShares(tree, r.Weights, "", nil); err != nil {
		return fmt.Errorf("stage %s: %w", s.Name, err)
	}
	switch {
	case s.Share != nil && s.Total != 0:
		return bad("stage %s has both a total and a share; it can have one", s.Name)
	case s.Share != nil && r.Total == 0:
		return bad("stage %s has a share, and the recipe has no total", s.Name)
	case s.Share != nil && !s.Share.proper():
		return bad("stage %s: share is %s, want 0%% to 100%%", s.Name, s.Share)
	case s.Total < 0 || s.Total > solve.MaxAmount:
		return bad("stage %s: total is %d, want 0 to %d", s.Name, s.Total, int64(solve.MaxAmount))
	case s.Share == nil && s.Total == 0 && !sumUp(tree).natural():
		return bad("stage %s has no total; give a number of %s, or a share of the recipe's total", s.Name, r.unit())
	}
	return nil
}

func collectPaths(parts []Part, group string, paths map[string]bool) {
	for i := range parts {
		path := join(group, parts[i].Name)
		paths[path] = true
		collectPaths(parts[i].Parts, path, paths)
	}
}

// checkStaged refuses what has no meaning in stages.
func checkStaged(parts []Part, weights *Weights, group string, at []int) error {
	for i := range parts {
		p := &parts[i]
		at := append(at[:len(at):len(at)], i)
		path := join(group, p.Name)
		switch {
		case p.Min != nil:
			return &misplaced{place(at), bad("part %s: a mix with stages cannot promise a min; give the part a quantity in a stage", path)}
		case weights != nil || p.Weights != nil:
			return &misplaced{place(at), bad("part %s: in a mix with stages a part without a quantity is not in the stage, so its weight cannot be computed", path)}
		}
		if err := checkStaged(p.Parts, p.Weights, path, at); err != nil {
			return err
		}
	}
	return nil
}

// stageTotals returns the total of each stage, 0 for those whose parts make it.
func (r *Recipe) stageTotals() ([]Total, error) {
	totals := make([]Total, len(r.Stages))
	shares := make([]*big.Rat, len(r.Stages))
	sum, left, made := new(big.Rat), int64(r.Total), false
	for i := range r.Stages {
		s := &r.Stages[i]
		shares[i] = new(big.Rat)
		switch {
		case s.Share != nil:
			shares[i] = s.Share.rat()
			sum.Add(sum, shares[i])
		case s.Total > 0:
			totals[i] = Total(s.Total)
			left -= s.Total
		default:
			made = true
		}
	}
	if r.Total == 0 {
		return totals, nil
	}
	of := solve.Round(new(big.Rat).Mul(sum, new(big.Rat).SetInt64(int64(r.Total))))
	if !made && left != of {
		return nil, bad("total is %s, but the stages add up to %s", solve.Amount(int64(r.Total), r.unit()), datamix.Thousands(int64(r.Total)-left+of))
	}
	if of == 0 {
		return totals, nil
	}
	amounts, err := sample.Apportion(of, shares)
	if err != nil {
		return nil, bad("stages: %v", err)
	}
	for i, n := range amounts {
		if r.Stages[i].Share != nil {
			totals[i] = Total(n)
		}
	}
	return totals, nil
}

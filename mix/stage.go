package mix

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/sample"
)

// Stage is a stretch of a mix with quantities of its own: a curriculum is a
// list of them. A part goes on in a stage where it stopped in the one before;
// its max_epochs, max_fraction, min and max are for all stages together.
type Stage struct {
	// Name is for reports.
	Name string `json:"name"`
	// Total is the stage's size in the recipe's unit; Largest is the largest that
	// the stages before leave. It may be left out when the quantities of the
	// stage's parts say how much there is.
	Total Total `json:"total,omitempty"`
	// Share is the stage's share of the recipe's Total.
	Share *Fraction `json:"share,omitempty"`
	// Weights stands in for the recipe's: the parts that have no quantity in the
	// recipe nor in the stage get weights by their measured sizes. Without
	// either, such parts are not in the stage.
	Weights *Weights `json:"weights,omitempty"`
	// Parts are the quantities that the stage has instead of those in the
	// recipe.
	Parts []StagePart `json:"parts,omitempty"`
}

// StagePart gives a part, leaf or group, another quantity in a stage.
type StagePart struct {
	// Name is the part's path.
	Name string `json:"name"`
	// Quantity stands in for the part's own.
	Quantity `yaml:",inline"`
	// Weights stands in for those of a group.
	Weights *Weights `json:"weights,omitempty"`
}

// ForStage returns the recipe of a stage by itself, as if nothing came before:
// its parts have the stage's quantities, and those that are not in the stage are
// left out. Its Total is the stage's, 0 for a stage that is a share of the
// recipe's.
func (r *Recipe) ForStage(s *Stage) Recipe {
	out := *r
	out.Stages, out.Total = nil, s.Total
	out.Parts, out.Weights = s.tree(r)
	return out
}

// tree returns the tree of a stage: the recipe's parts with the stage's
// quantities. Parts that have no quantity, and no computed weight, are left out,
// and so are groups that hold nothing then. weights are those of the tree.
func (s *Stage) tree(r *Recipe) (parts []Part, weights *Weights) {
	given := map[string]StagePart{}
	for _, p := range s.Parts {
		given[p.Name] = p
	}
	if weights = s.Weights; weights == nil {
		weights = r.Weights
	}
	return staged(r.Parts, "", weights, given)
}

func staged(parts []Part, group string, weights *Weights, given map[string]StagePart) ([]Part, *Weights) {
	var out []Part
	computed := false
	for i := range parts {
		p := parts[i]
		path := join(group, p.Name)
		if q, ok := given[path]; ok {
			if !q.unquantified() {
				p.Quantity = q.Quantity
			}
			if q.Weights != nil {
				p.Weights = q.Weights
			}
		}
		if p.group() {
			if p.Parts, p.Weights = staged(p.Parts, path, p.Weights, given); len(p.Parts) == 0 {
				continue
			}
		}
		if p.unquantified() && !p.selfMade() {
			if weights == nil {
				continue
			}
			computed = true
		}
		out = append(out, p)
	}
	if !computed { // the stage gives all of them quantities
		weights = nil
	}
	return out, weights
}

// checkStages checks what each stage makes of the recipe.
func (r *Recipe) checkStages() error {
	paths := map[string]bool{}
	collectPaths(r.Parts, "", paths)
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
	_, err := r.stageTotals(r.Total)
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
		if err := p.Weights.check(); err != nil {
			return fail("%v", err)
		}
		leaf, known := paths[p.Name]
		switch {
		case !known:
			return fail("the recipe has no such part; inside groups a part is called group/part")
		case seen[p.Name]:
			return fail("it stands twice")
		case leaf && p.Weights != nil:
			return fail("weights is for groups")
		case p.unquantified() && p.Weights == nil:
			return fail("it has no quantity; give it one of %s", quantityNames)
		}
		seen[p.Name] = true
	}
	if err := s.Weights.check(); err != nil {
		return bad("stage %s: %v", s.Name, err)
	}
	tree, weights := s.tree(r)
	if len(tree) == 0 {
		return bad("stage %s: no part has a quantity in it", s.Name)
	}
	in := map[string]bool{}
	collectPaths(tree, "", in)
	for _, p := range s.Parts {
		if _, ok := in[p.Name]; !ok {
			return bad("stage %s: part %s: the group that it is in has no quantity in the stage", s.Name, p.Name)
		}
	}
	computes := s.Weights != nil
	for _, p := range s.Parts {
		computes = computes || p.Weights != nil
	}
	err := checkShares(tree, weights, "", nil)
	switch {
	case err != nil && weights != nil:
		return fmt.Errorf("stage %s: %w; where weights are computed, parts without a quantity are in the stage, and weight: 0 leaves one out", s.Name, err)
	case err != nil:
		return fmt.Errorf("stage %s: %w", s.Name, err)
	case computes && !computesWeights(tree, weights):
		return bad("stage %s: weights are computed for parts that have no quantity, and all have one", s.Name)
	}
	return r.checkStageTotal(s, sumUp(tree).natural())
}

// computesWeights reports whether any weight in a tree is computed.
func computesWeights(parts []Part, weights *Weights) bool {
	return weights != nil || slices.ContainsFunc(parts, func(p Part) bool { return computesWeights(p.Parts, p.Weights) })
}

// checkStageTotal looks at what a stage says of its size, beside what the
// quantities of its parts make of it.
func (r *Recipe) checkStageTotal(s *Stage, natural bool) error {
	switch {
	case s.Share != nil && s.Total != 0:
		return bad("stage %s has both a total and a share; it can have one", s.Name)
	case s.Share != nil && r.Total == 0:
		return bad("stage %s has a share, and the recipe has no total", s.Name)
	case s.Share != nil && !s.Share.proper():
		return bad("stage %s: share is %s, want 0%% to 100%%", s.Name, s.Share)
	case r.Total == Largest && s.Share == nil:
		return bad("stage %s has no share of the largest total; give each stage a share, or leave out the recipe's total and give one stage the total largest", s.Name)
	case s.Total == Largest && r.Total != 0:
		return bad("stage %s has the largest total, and the recipe has a total; leave one out, or give the stage a share", s.Name)
	case s.Total == Largest && natural:
		return bad("stage %s has the largest total, and the quantities of its parts already say how much there is; leave one out, or give a part the rest", s.Name)
	case s.Total < Largest || s.Total > solve.MaxAmount:
		return bad("stage %s: total is %d, want 0 to %d, or largest", s.Name, s.Total, int64(solve.MaxAmount))
	case s.Share == nil && s.Total == 0 && !natural:
		return bad("stage %s has no total; give a number of %s, largest, or a share of the recipe's total", s.Name, r.unit())
	}
	return nil
}

// collectPaths notes the path of each part, and whether it is a leaf.
func collectPaths(parts []Part, group string, paths map[string]bool) {
	for i := range parts {
		path := join(group, parts[i].Name)
		paths[path] = !parts[i].group()
		collectPaths(parts[i].Parts, path, paths)
	}
}

// stageTotals returns the total of each stage of a mix with a total, 0 for those
// whose parts make it. The largest total has no numbers yet.
func (r *Recipe) stageTotals(total Total) ([]Total, error) {
	totals := make([]Total, len(r.Stages))
	shares := make([]*big.Rat, len(r.Stages))
	sum, left, made := new(big.Rat), int64(total), false
	for i := range r.Stages {
		s := &r.Stages[i]
		shares[i] = new(big.Rat)
		switch {
		case s.Share != nil:
			shares[i] = s.Share.rat()
			sum.Add(sum, shares[i])
		case s.Total != 0:
			totals[i] = s.Total
			left -= int64(s.Total)
		default:
			made = true
		}
	}
	switch {
	case total == 0:
		return totals, nil
	case total == Largest && sum.Cmp(big.NewRat(1, 1)) != 0:
		return nil, bad("total is largest, and the shares of the stages add up to %s %%, not 100 %%", percent(sum))
	case total == Largest:
		return totals, nil
	}
	of := solve.Round(new(big.Rat).Mul(sum, new(big.Rat).SetInt64(int64(total))))
	if !made && left != of {
		return nil, bad("total is %s, but the stages add up to %s", solve.Amount(int64(total), r.unit()), datamix.Thousands(int64(total)-left+of))
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

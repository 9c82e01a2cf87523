package mix

import (
	"github.com/datamix-go/datamix"
)

// Check returns an error when the recipe contradicts itself. It does not look
// at the data.
func (r *Recipe) Check() error {
	if err := r.Unit.Check(); err != nil {
		return bad("%v", err)
	}
	switch r.Order {
	case "", Interleaved, Sequential, Shuffled:
	default:
		return bad("unknown order %q; known are %s, %s, %s", string(r.Order), Interleaved, Sequential, Shuffled)
	}
	switch r.Shortfall {
	case "", ShortfallError, Redistribute, RepeatParts:
	default:
		return bad("unknown shortfall %q; known are %s, %s, %s", string(r.Shortfall), ShortfallError, Redistribute, RepeatParts)
	}
	if r.Dedup != "" {
		if err := r.Dedup.Check(); err != nil {
			return bad("%v", err)
		}
	}
	if r.MaxEpochs < 0 {
		return bad("max_epochs is %v, want at least 0", r.MaxEpochs)
	}
	if len(r.Parts) == 0 {
		return bad("it has no parts")
	}
	if err := checkParts(r.Parts, "", nil, map[string]bool{}); err != nil {
		return err
	}
	_, err := r.demand()
	return err
}

// checkParts looks at the parts of a group. at is the group's place in the
// recipe, seen holds the paths that are taken.
func checkParts(parts []Part, group string, at []int, seen map[string]bool) error {
	for i := range parts {
		p := &parts[i]
		at := append(at[:len(at):len(at)], i)
		path := join(group, p.Name)
		if err := p.check(path); err != nil {
			return &partFault{at, err}
		}
		if seen[path] {
			return &partFault{at, bad("two parts are called %q", path)}
		}
		seen[path] = true
		if err := checkParts(p.Parts, path, at, seen); err != nil {
			return err
		}
	}
	return nil
}

func (p *Part) check(path string) error {
	if p.Name == "" {
		return bad("a part has no name")
	}
	if err := p.Quantity.check(); err != nil {
		return bad("part %s: %v", path, err)
	}
	if err := p.Unit.Check(); err != nil {
		return bad("part %s: %v", path, err)
	}
	switch {
	case p.MaxEpochs < 0:
		return bad("part %s: max_epochs is %v, want at least 0", path, p.MaxEpochs)
	case !(p.MaxFraction >= 0 && p.MaxFraction <= 1):
		return bad("part %s: max_fraction is %v, want 0 to 1", path, p.MaxFraction)
	case p.group() && (p.Source != nil || p.From != nil):
		return bad("part %s: it has both a source and parts; it can have one", path)
	case !p.group() && p.Unit != "":
		return bad("part %s: unit is for groups; a quantity of its own unit is rows, tokens or trainable_tokens", path)
	case !p.group() && p.Weights != nil:
		return bad("part %s: weights is for groups", path)
	}
	return nil
}

// needsTokens reports whether a quantity is counted in tokens.
func (r *Recipe) needsTokens() bool {
	if r.unit() != datamix.Rows {
		return true
	}
	for _, p := range r.leaves() {
		if _, unit := p.fixed(); unit != datamix.Rows || p.Unit != datamix.Rows {
			return true
		}
	}
	return false
}

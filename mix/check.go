package mix

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// Check returns an error when the recipe contradicts itself. It does not look
// at the data.
func (r *Recipe) Check() error {
	if err := r.Unit.Check(); err != nil {
		return at("unit", "%v", err)
	}
	switch r.Order {
	case "", Interleaved, Sequential, Shuffled:
	default:
		return at("order", "unknown order %q; known are %s, %s, %s", string(r.Order), Interleaved, Sequential, Shuffled)
	}
	switch r.Shortfall {
	case "", ShortfallError, Redistribute, RepeatParts:
	default:
		return at("shortfall", "unknown shortfall %q; known are %s, %s, %s", string(r.Shortfall), ShortfallError, Redistribute, RepeatParts)
	}
	if r.Dedup != "" {
		if err := r.Dedup.Check(); err != nil {
			return at("dedup", "%v", err)
		}
	}
	if err := r.Bad.check(); err != nil {
		return err
	}
	if err := r.checkCounting(); err != nil {
		return err
	}
	switch {
	case !(r.MaxEpochs >= 0 && r.MaxEpochs < math.MaxFloat64):
		return at("max_epochs", "max_epochs is %v, want at least 0", r.MaxEpochs)
	case r.Total < Largest || r.Total > solve.MaxAmount:
		return at("total", "total is %d, want 0 to %d, or largest", r.Total, int64(solve.MaxAmount))
	case len(r.Parts) == 0:
		return bad("it has no parts")
	}
	if err := r.Weights.check(); err != nil {
		return at("weights", "%v", err)
	}
	if err := checkParts(r.Parts, "", nil, map[string]bool{}); err != nil {
		return err
	}
	if len(r.Stages) > 0 {
		return r.checkStages()
	}
	if err := checkShares(r.Parts, r.Weights, "", nil); err != nil {
		return err
	}
	return r.checkTotal(r.Parts, int64(r.Total))
}

// checkParts looks at each part of a group by itself. at is the group's place in
// the recipe, seen holds the paths that are taken.
func checkParts(parts []Part, group string, at []int, seen map[string]bool) error {
	for i := range parts {
		p := &parts[i]
		at := append(at[:len(at):len(at)], i)
		path := join(group, p.Name)
		if err := p.check(path); err != nil {
			return &misplaced{place(at), err}
		}
		if seen[path] {
			return &misplaced{place(at), bad("two parts are called %q", path)}
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
	fail := func(format string, args ...any) error {
		return bad("part %s: %s", path, fmt.Sprintf(format, args...))
	}
	if err := p.Quantity.check(); err != nil {
		return fail("%v", err)
	}
	if err := p.Unit.Check(); err != nil {
		return fail("%v", err)
	}
	if err := p.Weights.check(); err != nil {
		return fail("%v", err)
	}
	if err := p.Min.check(); err != nil {
		return fail("min: %v", err)
	}
	if err := p.Max.check(); err != nil {
		return fail("max: %v", err)
	}
	least, u, _ := p.Min.get()
	most, v, _ := p.Max.get()
	switch {
	case !(p.MaxEpochs >= 0 && p.MaxEpochs < math.MaxFloat64):
		return fail("max_epochs is %v, want at least 0", p.MaxEpochs)
	case !(p.MaxFraction >= 0 && p.MaxFraction <= 1):
		return fail("max_fraction is %v, want 0 to 1", p.MaxFraction)
	case p.Min != nil && p.Max != nil && u == v && least > most:
		return fail("its min is %s, more than its max of %s", solve.Amount(least, u), solve.Amount(most, v))
	case p.group() && (p.Source != nil || p.From != nil):
		return fail("it has both a source and parts; it can have one")
	case p.group() && (p.Prefer != "" || p.Strata != ""):
		return fail("prefer and strata are for parts with a source")
	case !p.group() && p.Unit != "":
		return fail("unit is for groups; the quantities rows, tokens and trainable_tokens have a unit of their own")
	case !p.group() && p.Weights != nil:
		return fail("weights is for groups")
	}
	return nil
}

func (b *Bound) check() error {
	if b == nil {
		return nil
	}
	set := 0
	for _, n := range []*int64{b.Rows, b.Tokens, b.TrainableTokens} {
		if n != nil {
			set++
		}
	}
	if n, _, _ := b.get(); set != 1 || n < 0 || n > solve.MaxAmount {
		return fmt.Errorf("it needs exactly one of rows, tokens, trainable_tokens, from 0")
	}
	return nil
}

// get returns the bound's number and unit; false for none.
func (b *Bound) get() (int64, datamix.Unit, bool) {
	switch {
	case b == nil:
		return 0, "", false
	case b.Rows != nil:
		return *b.Rows, datamix.Rows, true
	case b.Tokens != nil:
		return *b.Tokens, datamix.Tokens, true
	case b.TrainableTokens != nil:
		return *b.TrainableTokens, datamix.TrainableTokens, true
	}
	return 0, "", false
}

func (w *Weights) check() error {
	switch {
	case w == nil:
	case (w.Temperature != 0) == (w.UniMax != 0):
		return fmt.Errorf("weights needs exactly one of temperature, unimax")
	case !(w.Temperature >= 0 && w.Temperature < math.MaxFloat64):
		return fmt.Errorf("temperature is %v, want a positive number", w.Temperature)
	case !(w.UniMax >= 0 && w.UniMax < math.MaxFloat64):
		return fmt.Errorf("unimax is %v, want a positive number of passes", w.UniMax)
	}
	return nil
}

// needsTokens reports whether anything is counted in tokens.
func (r *Recipe) needsTokens() bool {
	if r.unit() != datamix.Rows {
		return true
	}
	for i := range r.Stages {
		for _, p := range r.Stages[i].Parts {
			if u, ok := p.ownUnit(); ok && u != datamix.Rows {
				return true
			}
		}
	}
	return needTokens(r.Parts)
}

func needTokens(parts []Part) bool {
	tokens := func(u datamix.Unit, ok bool) bool { return ok && u != datamix.Rows }
	for i := range parts {
		p := &parts[i]
		_, least, hasMin := p.Min.get()
		_, most, hasMax := p.Max.get()
		if tokens(p.ownUnit()) || tokens(p.Unit, p.Unit != "") || tokens(least, hasMin) || tokens(most, hasMax) || needTokens(p.Parts) {
			return true
		}
	}
	return false
}

func percent(x *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(new(big.Rat).Mul(x, big.NewRat(100, 1)).FloatString(4), "0"), ".")
}

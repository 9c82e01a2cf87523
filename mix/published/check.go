package published

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// ErrMixture is in every error about a mixture that contradicts itself.
var ErrMixture = errors.New("datamix/mix/published: bad mixture")

var (
	nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)
	idForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// counted are the quantities that each meaning can count.
var counted = map[Meaning][]string{
	Amount: sizes, Share: sizes, Weight: sizes, Fraction: sizes, Repetitions: sizes, KeepProbability: sizes, Pool: sizes,
	Average: {"turns", "tokens", "trainable_tokens", "tokens_context", "tokens_final"},
}

var sizes = []string{"rows", "tokens", "trainable_tokens"}

// Check returns an error when the mixture contradicts itself: a number without
// evidence or source, a column that does not come to its total, a licence that
// is neither known nor called unknown, and what else would make a table wrong.
func (m *Mixture) Check() error {
	for _, check := range []func() error{m.checkHead, m.checkColumns, m.checkComponents, m.checkTotals, m.checkFilters} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrMixture, err)
		}
	}
	return nil
}

func (m *Mixture) checkHead() error {
	switch {
	case !nameForm.MatchString(m.Name):
		return fmt.Errorf("the name %q is none; it has lower-case letters, digits, dots and dashes", m.Name)
	case m.Title == "" || m.Stage == "" || m.License == "":
		return errors.New("it lacks a title, a stage or a license (which may be unknown)")
	case m.Unit == "":
		return errors.New("it has no unit")
	}
	if err := m.Unit.Check(); err != nil {
		return err
	}
	for i, s := range m.Sources {
		if s.Key == "" || s.Title == "" {
			return fmt.Errorf("source %d lacks a key or a title", i)
		}
		if slices.ContainsFunc(m.Sources[:i], func(o Source) bool { return o.Key == s.Key }) {
			return fmt.Errorf("two sources have the key %q", s.Key)
		}
	}
	for key, s := range m.Schemas {
		if len(s.Columns) == 0 {
			return fmt.Errorf("schema %q has no columns", key)
		}
		if err := s.Evidence.check(); err != nil {
			return fmt.Errorf("schema %q: %w", key, err)
		}
	}
	if err := m.checkSchema(m.Schema); err != nil {
		return err
	}
	if b := m.Budget; b != nil {
		if err := m.checkFact(b.Evidence, b.Source); err != nil {
			return fmt.Errorf("budget: %w", err)
		}
		if b.Value <= 0 || !whole(b.Value) || b.Unit != m.Unit {
			return fmt.Errorf("budget: it is %v %s, want a whole number of %s", b.Value, b.Unit, m.Unit)
		}
	}
	return nil
}

func (m *Mixture) checkColumns() error {
	if len(m.Columns) == 0 || len(m.Components) == 0 {
		return errors.New("it has no columns or no components")
	}
	for i, c := range m.Columns {
		if c.Name == "" || m.column(c.Name) != i {
			return fmt.Errorf("column %d has no name or that of another: %q", i, c.Name)
		}
		if !slices.Contains(counted[c.Is], c.Of) {
			return fmt.Errorf("column %s: there is no %q of %q", c.Name, c.Is, c.Of)
		}
		if !(c.Step >= 0 && c.Step <= math.MaxFloat64) {
			return fmt.Errorf("column %s: step is %v", c.Name, c.Step)
		}
		if err := m.checkFact(c.Evidence, c.Source); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	i := m.column(m.Measure)
	switch {
	case i < 0:
		return fmt.Errorf("measure is %q, which is no column", m.Measure)
	case m.Columns[i].Is == Pool || m.Columns[i].Is == Average:
		return fmt.Errorf("measure is %s, of which no mix can be made", m.Measure)
	case m.Columns[i].Of != string(m.Unit):
		return fmt.Errorf("measure counts %s, but the unit is %s", m.Columns[i].Of, m.Unit)
	}
	return nil
}

func (m *Mixture) checkComponents() error {
	measure := m.column(m.Measure)
	seen := map[string]bool{}
	for i := range m.Components {
		c := &m.Components[i]
		// Folders and files are called after components, also where case does not
		// count.
		id := strings.ToLower(c.ID)
		switch {
		case !idForm.MatchString(c.ID):
			return fmt.Errorf("component %d: the id %q is none; it has letters, digits, dots, dashes and underscores", i, c.ID)
		case seen[id]:
			return fmt.Errorf("two components have the id %s", c.ID)
		case c.License == "":
			return fmt.Errorf("component %s has no license; say unknown or none stated", c.ID)
		case len(c.Values) != len(m.Columns):
			return fmt.Errorf("component %s has %d numbers for %d columns", c.ID, len(c.Values), len(m.Columns))
		case c.Values[measure] == nil:
			return fmt.Errorf("component %s has no %s", c.ID, m.Measure)
		}
		seen[id] = true
		if err := m.checkSchema(c.Schema); err != nil {
			return fmt.Errorf("component %s: %w", c.ID, err)
		}
		for j, n := range c.Values {
			if n == nil {
				continue
			}
			if err := n.check(&m.Columns[j]); err != nil {
				return fmt.Errorf("component %s: %s: %w", c.ID, m.Columns[j].Name, err)
			}
		}
	}
	if sum, _ := m.sum(measure); sum <= 0 {
		return fmt.Errorf("the column %s is 0 for all components", m.Measure)
	}
	return nil
}

func (n *Number) check(c *Column) error {
	switch {
	case !(n.Value >= 0 && n.Value < 1<<53):
		return fmt.Errorf("it is %v, want a number from 0 to 2^53", n.Value)
	case (c.Is == Amount || c.Is == Pool) && !whole(n.Value):
		return fmt.Errorf("it is %v, want a whole number", n.Value)
	case (c.Is == Share || c.Is == KeepProbability) && n.Value > 1:
		return fmt.Errorf("it is %v, want 0 to 1", n.Value)
	case !(n.Step >= 0 && n.Step <= math.MaxFloat64):
		return fmt.Errorf("its step is %v", n.Step)
	}
	return n.Evidence.check()
}

func (m *Mixture) checkTotals() error {
	for _, t := range m.Totals {
		i := m.column(t.Column)
		if i < 0 {
			return fmt.Errorf("the total of %q has no column", t.Column)
		}
		if err := m.checkFact(t.Evidence, t.Source); err != nil {
			return fmt.Errorf("total of %s: %w", t.Column, err)
		}
		sum, slack, err := m.total(i)
		if err != nil {
			return fmt.Errorf("total of %s: %w", t.Column, err)
		}
		slack += t.Step/2 + 1e-9*max(1, math.Abs(t.Value))
		if off := sum - t.Value - t.Off; !(math.Abs(off) <= slack) {
			return fmt.Errorf("the column %s comes to %v, its total is %v and they are said to differ by %v", t.Column, sum, t.Value, t.Off)
		}
	}
	return nil
}

// total is what a column comes to, and by how much that may be wrong because
// its numbers are rounded. Averages are weighted by the rows of the mix.
func (m *Mixture) total(column int) (total, slack float64, err error) {
	measure, _ := m.measure()
	all, _ := m.sum(measure)
	for i := range m.Components {
		n := m.Components[i].Values[column]
		if n == nil {
			return 0, 0, fmt.Errorf("component %s has no number", m.Components[i].ID)
		}
		weight := 1.0
		if m.Columns[column].Is == Average {
			weight = m.Components[i].Values[measure].Value / all
		}
		total += weight * n.Value
		slack += weight * n.Step / 2
	}
	return total, slack, nil
}

func (m *Mixture) checkFilters() error {
	for _, f := range m.Filters {
		if err := m.checkFilter(&f); err != nil {
			return err
		}
	}
	for i := range m.Components {
		for _, f := range m.Components[i].Filters {
			if err := m.checkFilter(&f); err != nil {
				return fmt.Errorf("component %s: %w", m.Components[i].ID, err)
			}
		}
	}
	return nil
}

func (m *Mixture) checkFilter(f *Filter) error {
	if f.Name == "" || f.Says == "" {
		return fmt.Errorf("the filter %q does not say what it keeps", f.Name)
	}
	if err := m.checkFact(f.Evidence, f.Source); err != nil {
		return fmt.Errorf("filter %s: %w", f.Name, err)
	}
	return nil
}

func (m *Mixture) checkSchema(key string) error {
	if _, known := m.Schemas[key]; !known && key != "" {
		return fmt.Errorf("schema %q is not among the schemas", key)
	}
	return nil
}

// checkFact holds that something is known and from where.
func (m *Mixture) checkFact(e Evidence, source string) error {
	if !slices.ContainsFunc(m.Sources, func(s Source) bool { return s.Key == source }) {
		return fmt.Errorf("its source %q is not among the sources", source)
	}
	return e.check()
}

func (e Evidence) check() error {
	switch e {
	case Primary, Secondary, Derived:
		return nil
	}
	return fmt.Errorf("its evidence is %q, want P, S or D", string(e))
}

func whole(x float64) bool { return x == math.Trunc(x) }

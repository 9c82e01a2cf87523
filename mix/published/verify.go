package published

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/audit"
)

// VerifyOptions says how near a set must come to a mixture. The zero value of
// each field is its default.
type VerifyOptions struct {
	// Share is by how much the share of a component may differ, as a part of the
	// whole: 0.01 is one percentage point. 0 stands for DefaultShare, a negative
	// number for not at all. What the publisher rounded away, and one record of
	// average size, is allowed on top.
	Share float64
	// Average is by how much an average may differ, as a part of it: 0.05 is 5 %.
	// With 0 averages are shown, but not judged.
	Average float64
	// Exact asks for the published amounts themselves, not only their shares.
	Exact bool
}

// DefaultShare is the difference between shares that is allowed where nothing
// else is said: a tenth of a percentage point.
const DefaultShare = 0.001

// Verify holds the summary of a set against the mixture. The groups are the
// set's records by component, named by ID, Name, Label or Hub in any case, or
// by category. The column that makes the mix is judged, as shares of its unit;
// other columns of sizes are shown, those that ask for tokens only where the
// records are counted.
//
// A mixture that gives fractions of its components but not their sizes says
// nothing about a set alone; that is an error.
func (m *Mixture) Verify(groups map[string]datamix.Tally, o *VerifyOptions) (*Verification, error) {
	if o == nil {
		o = &VerifyOptions{}
	}
	if !(o.Share <= 1) || !(o.Average >= 0 && o.Average <= math.MaxFloat64) {
		return nil, fmt.Errorf("datamix/mix/published: a tolerance of %v and %v; want shares of at most 1 and averages of at least 0", o.Share, o.Average)
	}
	at, column := m.measure()
	if !relative(column) {
		return nil, fmt.Errorf("datamix/mix/published: %s gives %s of its components, but not their sizes: a set cannot be held against it",
			m.Name, plural[column.Is])
	}
	v := &verifier{m: m, o: o, Verification: &Verification{Mixture: m.Name, Unit: m.Unit}}
	v.sort(groups)
	if len(groups) == 0 || v.Total.Rows == 0 {
		return nil, fmt.Errorf("datamix/mix/published: the set is empty")
	}
	if m.Unit != datamix.Rows && v.Total.In(m.Unit) == 0 {
		return nil, fmt.Errorf("datamix/mix/published: %s is counted in %s, and the set is not counted: give a tokenizer", m.Name, m.Unit)
	}
	v.column(at, true)
	for i := range m.Columns {
		if i != at {
			v.column(i, false)
		}
	}
	v.OK = len(v.Unknown) == 0 && !slices.ContainsFunc(v.Checks, func(c Check) bool { return c.Judged && !c.OK })
	return v.Verification, nil
}

var plural = map[Meaning]string{Fraction: "fractions", Repetitions: "repetitions", KeepProbability: "keep probabilities"}

// relative reports whether shares of the mix follow from a column.
func relative(c *Column) bool { return c.Is == Amount || c.Is == Share || c.Is == Weight }

// VerifyAudit is Verify for the groups of an audit, whose column By names the
// rows' components or categories. An audit that does not pass, for example because
// a file is damaged or no row has the column, is an error.
func (m *Mixture) VerifyAudit(res *audit.Result, o *VerifyOptions) (*Verification, error) {
	if err := res.Err(); err != nil {
		return nil, fmt.Errorf("datamix/mix/published: %w", err)
	}
	groups := map[string]datamix.Tally{}
	for i := range res.Groups {
		groups[res.Groups[i].Name] = res.Groups[i].Tally
	}
	return m.Verify(groups, o)
}

// verifier collects what becomes of one Verify.
type verifier struct {
	*Verification
	m     *Mixture
	o     *VerifyOptions
	names []string                 // of the groups, in the mixture's order
	of    map[string][]int         // the components of a group
	found map[string]datamix.Tally // what the set has of it
}

// sort puts the set's groups in the place of the mixture's: components if any
// has the name of one, otherwise categories.
func (v *verifier) sort(groups map[string]datamix.Tally) {
	names := v.m.componentNames()
	v.By = "component"
	if categories := v.m.categoryNames(); !hasAny(groups, names) && hasAny(groups, categories) {
		v.By, names = "category", categories
	}
	v.of, v.found = map[string][]int{}, map[string]datamix.Tally{}
	for i := range v.m.Components {
		name := v.m.Components[i].ID
		if v.By == "category" {
			name = v.m.Components[i].Category
		}
		if _, seen := v.of[name]; !seen {
			v.names = append(v.names, name)
		}
		v.of[name] = append(v.of[name], i)
	}
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		v.Total.Add(groups[g])
		name, ok := lookUp(names, g)
		if !ok {
			v.Unknown = append(v.Unknown, g)
			continue
		}
		t := v.found[name]
		t.Add(groups[g])
		v.found[name] = t
	}
}

// componentNames maps what a component may be called to its ID. A name that
// several have, such as a repository that holds them all, is none.
func (m *Mixture) componentNames() map[string]string {
	names := map[string]string{}
	for _, of := range []func(*Component) string{
		func(c *Component) string { return c.ID }, func(c *Component) string { return c.Label },
		func(c *Component) string { return c.Name }, func(c *Component) string { return c.Hub },
	} {
		times := map[string]int{}
		for i := range m.Components {
			times[plain(of(&m.Components[i]))]++
		}
		for i := range m.Components {
			name := plain(of(&m.Components[i]))
			if _, taken := names[name]; !taken && name != "" && times[name] == 1 {
				names[name] = m.Components[i].ID
			}
		}
	}
	return names
}

func (m *Mixture) categoryNames() map[string]string {
	names := map[string]string{}
	for i := range m.Components {
		if c := m.Components[i].Category; c != "" {
			names[plain(c)] = c
		}
	}
	return names
}

func hasAny(groups map[string]datamix.Tally, names map[string]string) bool {
	for g := range groups {
		if _, ok := lookUp(names, g); ok {
			return true
		}
	}
	return false
}

// lookUp finds a group among the names. A part inside a group of a recipe is
// called group/part.
func lookUp(names map[string]string, group string) (name string, ok bool) {
	if name, ok = names[plain(group)]; !ok {
		name, ok = names[plain(group[strings.LastIndex(group, "/")+1:])]
	}
	return name, ok
}

// plain makes names comparable: case and what stands between words do not
// count.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '/' {
			return '-'
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// column adds the checks of one column.
func (v *verifier) column(at int, judged bool) {
	c := &v.m.Columns[at]
	sum, complete := v.m.sum(at)
	switch {
	case c.Is == Average && v.By == "component" && v.in(c.Of, v.Total) > 0:
		v.averages(at)
	case relative(c) && complete && sum > 0 && v.in(c.Of, v.Total) > 0:
		v.shares(at, sum, judged)
		if c.Is == Amount {
			v.amounts(at, judged && v.o.Exact)
		}
	case relative(c), c.Is == Average:
		v.Unchecked = append(v.Unchecked, c.Name)
	}
}

func (v *verifier) shares(at int, sum float64, judged bool) {
	c := &v.m.Columns[at]
	total := v.in(c.Of, v.Total)
	tolerance := max(0, v.o.Share)
	if v.o.Share == 0 {
		tolerance = DefaultShare
	}
	for _, g := range v.names {
		value, step, evidence := v.published(g, at)
		// No set of so many records can come nearer than one of them.
		allowed := tolerance + step/2/sum + 1/float64(v.Total.Rows)
		v.add(Check{Group: g, Column: c.Name, Is: Share, Of: c.Of, Published: value / sum, Found: v.in(c.Of, v.found[g]) / total,
			Allowed: allowed, Judged: judged, Evidence: evidence})
	}
}

func (v *verifier) amounts(at int, judged bool) {
	c := &v.m.Columns[at]
	exact := true
	for _, g := range v.names {
		value, step, evidence := v.published(g, at)
		found := v.in(c.Of, v.found[g])
		exact = exact && found == value
		v.add(Check{Group: g, Column: c.Name, Is: Amount, Of: c.Of, Published: value, Found: found, Allowed: step / 2, Judged: judged, Evidence: evidence})
	}
	if exact && len(v.Unknown) == 0 {
		v.Exact = append(v.Exact, c.Name)
	}
}

func (v *verifier) averages(at int) {
	c := &v.m.Columns[at]
	for _, g := range v.names {
		n := v.m.Components[v.of[g][0]].Values[at]
		if n == nil || v.found[g].Rows == 0 {
			continue
		}
		v.add(Check{Group: g, Column: c.Name, Is: Average, Of: c.Of, Published: n.Value, Found: v.in(c.Of, v.found[g]) / float64(v.found[g].Rows),
			Allowed: v.o.Average*n.Value + n.Step/2, Judged: v.o.Average > 0, Evidence: n.Evidence})
	}
}

func (v *verifier) add(c Check) {
	c.OK = math.Abs(c.Off()) <= c.Allowed*(1+1e-9)
	v.Checks = append(v.Checks, c)
}

// published is the number of a group in a column: the sum over its components.
func (v *verifier) published(group string, at int) (value, step float64, e Evidence) {
	for _, i := range v.of[group] {
		n := v.m.Components[i].Values[at]
		value, step = value+n.Value, step+n.Step
		if e == "" || e == Primary {
			e = n.Evidence
		}
	}
	return value, step, e
}

// in is a tally in whatever a column counts.
func (v *verifier) in(of string, t datamix.Tally) float64 {
	switch of {
	case "turns":
		return float64(t.Turns)
	case "tokens_context":
		return float64(t.Context)
	case "tokens_final":
		return float64(t.Final)
	}
	return float64(t.In(datamix.Unit(of)))
}

package published

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/report"
)

// Options says what a mixture is drawn from, and what of it. The zero value of
// each field is its default.
type Options struct {
	// Dir is the folder of the components: one that has no other data is looked
	// for there, as a folder or a file named by its ID (oasst/, oasst.jsonl.gz,
	// oasst.parquet).
	Dir string
	// Paths are the files, folders or globs of components, by ID.
	Paths map[string]string
	// Sources are the records of components, by ID. They win over Paths, and
	// Paths over Dir.
	Sources map[string]datamix.Source
	// Released is a file, a folder or a glob that holds the released mixture in
	// one piece, for components that have no other data: their rows are those
	// whose column Field has the component's Label. They have passed the
	// mixture's filters, and those are not applied to them again.
	Released string
	// LeaveOut are the IDs of components to go without; "*" stands for all that
	// have no data. What is left keeps its proportions.
	LeaveOut []string
	// Total is the size of the whole mix in the mixture's unit, or mix.Largest. 0
	// stands for the published size. Mixtures made of fractions of their
	// components have no other size than that.
	Total mix.Total
	// Seed decides every random choice.
	Seed uint64
	// Tokenizer counts the records of mixtures in tokens, and TokenizerName names
	// it as in a recipe file. With neither, records must come counted.
	Tokenizer     datamix.Tokenizer
	TokenizerName string
	// Filters are the filters that are known, nil for those of package filter.
	// Pass the same to Build, in mix.Env.
	Filters *datamix.Registry[datamix.Filter]
	// SkipFilters are the names of filters to go without, because the data has
	// passed them already or because nothing here does what they do; "*" stands
	// for all that are not in Filters.
	SkipFilters []string
}

// Recipe makes a mix.Recipe of the mixture and the data of its components. It
// is as one read from a file: call its Build, then mix.New, or mix.Run.
//
// Each component becomes a part named by its ID, with its category and the
// stricter of its licences as labels, and the recipe has the licence of the
// whole, so that reports warn of parts that do not go with it. Amounts stay amounts while Total is 0, and
// are weights otherwise; shares that do not add up to 1 are weights; fractions,
// repetitions and probabilities are numbers of epochs.
//
// Components without data are a *MissingDataError, filters that Filters lacks
// or that the publisher leaves open a *MissingFilterError.
func (m *Mixture) Recipe(o *Options) (*mix.Recipe, error) {
	if o == nil {
		o = &Options{}
	}
	found, names, err := m.resolve(o)
	if err != nil {
		return nil, err
	}
	r := m.head(o, names)
	quantity, err := m.quantities(r, o, len(found) < len(m.Components))
	if err != nil {
		return nil, fmt.Errorf("datamix/mix/published: %s: %w", m.Name, err)
	}
	for i := range m.Components {
		c := &m.Components[i]
		if d, has := found[c.ID]; has {
			p := m.part(c, d, o, names)
			p.Quantity, p.MaxEpochs = quantity(c), m.epochs(c)
			r.Parts = append(r.Parts, p)
		}
	}
	return r, r.Check()
}

// resolve returns the data of the components and the names of the filters that
// can be built.
func (m *Mixture) resolve(o *Options) (found map[string]data, filters []string, err error) {
	if err := m.checkOptions(o); err != nil {
		return nil, nil, fmt.Errorf("datamix/mix/published: %s: %w", m.Name, err)
	}
	if found, err = m.find(o); err != nil {
		return nil, nil, err
	}
	filters = known(o)
	return found, filters, m.checkFiltersKnown(o, filters, found)
}

// head is a recipe without parts.
func (m *Mixture) head(o *Options, filters []string) *mix.Recipe {
	r := &mix.Recipe{Name: m.Name, Seed: o.Seed, Unit: m.Unit, Tokenizer: o.Tokenizer, TokenizerName: o.TokenizerName}
	if l := report.ReadLicence(m.License); l.Known {
		r.License = l.ID
	}
	if o.Released == "" {
		r.FilterSpecs = specs(m.Filters, o.SkipFilters, filters)
	}
	return r
}

// part is a component's part, without a quantity.
func (m *Mixture) part(c *Component, d data, o *Options, filters []string) mix.Part {
	p := mix.Part{Name: c.ID, Source: d.source, Labels: map[string]string{"license": c.StricterLicense()}}
	if c.Category != "" {
		p.Labels["category"] = c.Category
	}
	if d.source == nil {
		p.From = &mix.From{Path: d.path}
	}
	if d.released {
		p.FilterSpecs = []mix.FilterSpec{{Spec: filterByLabel(m.Field, c.Label)}}
		return p
	}
	p.FilterSpecs = specs(c.Filters, o.SkipFilters, filters)
	if o.Released != "" { // the recipe itself has no filters then
		p.FilterSpecs = append(specs(m.Filters, o.SkipFilters, filters), p.FilterSpecs...)
	}
	return p
}

// filterByLabel describes the filter that keeps the rows of one component.
func filterByLabel(field, label string) datamix.Spec {
	s, _ := datamix.Describe(filter.LabelIn(field, []string{label}, nil))
	return s
}

// checkOptions finds names that the mixture does not have.
func (m *Mixture) checkOptions(o *Options) error {
	var ids []string
	for id := range o.Paths {
		ids = append(ids, id)
	}
	for id := range o.Sources {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range append(ids, o.LeaveOut...) {
		if id != "*" && m.Component(id) == nil {
			all := make([]string, len(m.Components))
			for i := range m.Components {
				all[i] = m.Components[i].ID
			}
			return fmt.Errorf("it has no component %q; it has %s", id, strings.Join(all, ", "))
		}
	}
	for _, name := range o.SkipFilters {
		if name != "*" && !slices.Contains(m.FilterNames(), name) {
			return fmt.Errorf("it names no filter %q to skip; it names %s", name, strings.Join(m.FilterNames(), ", "))
		}
	}
	if o.Released != "" && m.Field == "" {
		return fmt.Errorf("no column of its released rows names their component, so it cannot be drawn from %s", o.Released)
	}
	if o.Total < 0 && o.Total != mix.Largest {
		return fmt.Errorf("total is %d, want a number of %s or mix.Largest", o.Total, m.Unit)
	}
	return nil
}

// quantities sets the total of r and returns the function that gives each
// component its quantity. partial says that components are left out.
func (m *Mixture) quantities(r *mix.Recipe, o *Options, partial bool) (func(*Component) mix.Quantity, error) {
	at, column := m.measure()
	value := func(c *Component) float64 { return c.Values[at].Value }
	weight := func(c *Component) mix.Quantity { return mix.Weight(value(c)) }
	switch column.Is {
	case Fraction, Repetitions, KeepProbability:
		if o.Total != 0 {
			return nil, fmt.Errorf("it is made of fractions of its components, so it takes no total")
		}
		r.Unit = datamix.Rows // passes are counted in rows
		return func(c *Component) mix.Quantity { return mix.Epochs(value(c)) }, nil
	case Amount:
		if o.Total == 0 && column.Of == string(datamix.Rows) {
			return func(c *Component) mix.Quantity { return mix.Rows(int64(value(c))) }, nil
		}
		if o.Total == 0 && column.Of == string(datamix.Tokens) {
			return func(c *Component) mix.Quantity { return mix.Tokens(int64(value(c))) }, nil
		}
		if o.Total == 0 {
			return func(c *Component) mix.Quantity { return mix.TrainableTokens(int64(value(c))) }, nil
		}
		r.Total = o.Total
		return weight, nil
	}
	r.Total = o.Total
	switch {
	case r.Total != 0:
	case m.Budget != nil:
		r.Total = mix.Total(m.Budget.Value)
	default:
		return nil, fmt.Errorf("its size is not published: give a total of %s, or mix.Largest", m.Unit)
	}
	if column.Is == Share && !partial && m.sharesAddUp(at) {
		return func(c *Component) mix.Quantity { return mix.Share(value(c)) }, nil
	}
	return weight, nil
}

// sharesAddUp reports whether a column comes to exactly 1, as decimal numbers.
func (m *Mixture) sharesAddUp(column int) bool {
	sum := new(big.Rat)
	for i := range m.Components {
		x, _ := new(big.Rat).SetString(strconv.FormatFloat(m.Components[i].Values[column].Value, 'g', -1, 64))
		sum.Add(sum, x)
	}
	return sum.Cmp(big.NewRat(1, 1)) == 0
}

// epochs is how often the publisher repeated a component, 0 for at most once.
func (m *Mixture) epochs(c *Component) float64 {
	at, measured := m.measure()
	passes := 0.0
	for i, column := range m.Columns {
		n := c.Values[i]
		switch {
		case n == nil:
		case column.Is == Fraction, column.Is == Repetitions, column.Is == KeepProbability:
			passes = max(passes, n.Value)
		case column.Is == Pool && measured.Is == Amount && column.Of == measured.Of && n.Value > 0:
			// The pool may be half a step larger than printed.
			passes = max(passes, c.Values[at].Value/(n.Value+n.Step/2))
		}
	}
	if passes <= 1 {
		return 0
	}
	return math.Ceil(passes)
}

// known are the names of the filters that can be built.
func known(o *Options) []string {
	if o.Filters != nil {
		return o.Filters.Names()
	}
	return filter.Registry(nil).Names()
}

func (f *Filter) skipped(skip, known []string) bool {
	if slices.Contains(skip, f.Name) {
		return true
	}
	return f.missing(known) && slices.Contains(skip, "*")
}

// missing reports whether the filter cannot be built.
func (f *Filter) missing(known []string) bool { return f.Open != "" || !slices.Contains(known, f.Name) }

// specs are the filters as a recipe names them.
func specs(filters []Filter, skip, known []string) []mix.FilterSpec {
	var out []mix.FilterSpec
	for i := range filters {
		if f := &filters[i]; !f.skipped(skip, known) {
			out = append(out, mix.FilterSpec{Spec: datamix.Spec{Name: f.Name, Options: f.Options}})
		}
	}
	return out
}

// FilterNames returns the names of all filters of the mixture and its
// components, in alphabetical order.
func (m *Mixture) FilterNames() []string {
	var names []string
	for _, f := range m.Filters {
		names = append(names, f.Name)
	}
	for i := range m.Components {
		for _, f := range m.Components[i].Filters {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

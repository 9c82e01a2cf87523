package published

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/datamix-go/datamix/mix"
)

// Curriculum makes one mix.Recipe of several mixtures, each a stage behind the
// one before: smollm2-stage1 to smollm2-stage4, say. A component that several
// stages have is one part, which goes on where it stopped.
//
// Each stage is as large as its mixture's Size; with Options.Total the whole is
// that, and the stages keep their proportions. The options name the components
// of all stages. Stages need a unit in common, sizes, and numbers that shares
// follow from.
func Curriculum(o *Options, stages ...*Mixture) (*mix.Recipe, error) {
	if o == nil {
		o = &Options{}
	}
	all, err := union(stages)
	if err != nil {
		return nil, fmt.Errorf("datamix/mix/published: %w", err)
	}
	found, names, err := all.resolve(o)
	if err != nil {
		return nil, err
	}
	r := all.head(o, names)
	r.Total = o.Total
	for i := range all.Components {
		c := &all.Components[i]
		if d, has := found[c.ID]; has {
			r.Parts = append(r.Parts, all.part(c, d, o, names))
		}
	}
	var whole int64
	for _, m := range stages {
		size, _, _ := m.Size()
		whole += size
	}
	for _, m := range stages {
		size, _, _ := m.Size()
		stage := mix.Stage{Name: m.Name, Total: mix.Total(size)}
		if o.Total != 0 {
			stage.Total, stage.Share = 0, &mix.Fraction{}
			if err := stage.Share.UnmarshalJSON(fmt.Appendf(nil, `"%d/%d"`, size, whole)); err != nil {
				return nil, err
			}
		}
		at, _ := m.measure()
		for i := range m.Components {
			c := &m.Components[i]
			if _, has := found[c.ID]; has {
				stage.Parts = append(stage.Parts, mix.StagePart{Name: c.ID, Quantity: mix.Weight(c.Values[at].Value)})
			}
		}
		r.Stages = append(r.Stages, stage)
	}
	return r, r.Check()
}

// union is a mixture that has the components of all stages.
func union(stages []*Mixture) (*Mixture, error) {
	if len(stages) == 0 {
		return nil, fmt.Errorf("a curriculum needs stages")
	}
	all := &Mixture{Unit: stages[0].Unit, Filters: stages[0].Filters}
	var names []string
	for _, m := range stages {
		names = append(names, m.Name)
		_, measure := m.measure()
		_, _, sized := m.Size()
		switch {
		case m.Unit != all.Unit:
			return nil, fmt.Errorf("%s is counted in %s, %s in %s: they make no curriculum", stages[0].Name, all.Unit, m.Name, m.Unit)
		case !relative(measure):
			return nil, fmt.Errorf("%s gives %s of its components, not shares of the mix: it makes no stage", m.Name, plural[measure.Is])
		case !sized:
			return nil, fmt.Errorf("the size of %s is not published: it makes no stage", m.Name)
		case !reflect.DeepEqual(m.Filters, all.Filters):
			return nil, fmt.Errorf("%s and %s name different filters: they make no curriculum", stages[0].Name, m.Name)
		}
		for _, c := range m.Components {
			before := all.Component(c.ID)
			switch {
			case before == nil:
				c.Values = nil // they differ between stages
				all.Components = append(all.Components, c)
			case before.Hub == "":
				before.Hub, before.Config = c.Hub, c.Config
			case c.Hub != "" && c.Hub != before.Hub:
				return nil, fmt.Errorf("%s is %s in %s, and %s in a stage before", c.ID, c.Hub, m.Name, before.Hub)
			}
		}
	}
	all.Name = strings.Join(names, " + ")
	return all, nil
}

package datamix

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Merge adds the report of another slice of the same work, such as one task of
// several that each drew a part of the mix: every sum of the result is that of
// both, and a part's Share is that of the mix, which its slices have in common.
// Epochs become those of the merged Output. Merging is associative and
// commutative, and the zero Report changes nothing.
//
// Parts keep their order where the reports agree on it; otherwise they are
// sorted by name. Reports in which a part has different units or shares, or
// whose stages differ, are not of the same work: an error, and r stays as it
// was. r must not share its maps and slices with a report that is still in use.
func (r *Report) Merge(o Report) error {
	switch {
	case o.empty():
		return nil
	case r.empty():
		*r = o
		return nil
	case len(r.Stages) > 0 && len(o.Stages) > 0 && !reflect.DeepEqual(r.Stages, o.Stages):
		return fmt.Errorf("datamix: merge: the reports are of different chains")
	}
	parts, err := mergeParts(r.Parts, o.Parts)
	if err != nil {
		return fmt.Errorf("datamix: merge: %w", err)
	}
	r.Parts = parts
	r.Ledger.Dropped = maps.Clone(r.Ledger.Dropped)
	r.Ledger.Add(o.Ledger)
	r.Output.Add(o.Output)
	r.Sizes.Merge(o.Sizes)
	r.Content.Add(o.Content)
	if len(r.Stages) == 0 {
		r.Stages = o.Stages
	}
	return nil
}

// empty reports whether r is the zero Report.
func (r *Report) empty() bool { return reflect.ValueOf(r).Elem().IsZero() }

func mergeParts(a, b []PartReport) ([]PartReport, error) {
	if len(a) == 0 || len(b) == 0 {
		return append(slices.Clone(a), b...), nil
	}
	out := slices.Clone(a)
	inOrder := slices.EqualFunc(a, b, func(p, q PartReport) bool { return p.Name == q.Name })
	for _, q := range b {
		i := slices.IndexFunc(out, func(p PartReport) bool { return p.Name == q.Name })
		if i < 0 {
			out = append(out, q)
			continue
		}
		if err := out[i].merge(q); err != nil {
			return nil, err
		}
	}
	if !inOrder {
		slices.SortFunc(out, func(p, q PartReport) int { return strings.Compare(p.Name, q.Name) })
	}
	return out, nil
}

func (p *PartReport) merge(q PartReport) error {
	if p.Unit != q.Unit || p.Share != q.Share {
		return fmt.Errorf("part %s is %v of the %s in one report and %v of the %s in another", p.Name, p.Share, p.Unit, q.Share, q.Unit)
	}
	p.Planned += q.Planned
	p.Available.Add(q.Available)
	p.Output.Add(q.Output)
	p.Ledger.Dropped = maps.Clone(p.Ledger.Dropped)
	p.Ledger.Add(q.Ledger)
	p.Sizes.Merge(q.Sizes)
	p.Epochs = 0
	if once := p.Available.In(p.Unit); once > 0 {
		p.Epochs = float64(p.Output.In(p.Unit)) / float64(once)
	}
	p.Labels = mergeLabels(p.Labels, q.Labels)
	return nil
}

// mergeLabels returns the labels of both; of two values, the one that sorts
// first.
func mergeLabels(a, b map[string]string) map[string]string {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(a)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range b {
		if old, has := out[name]; !has || value < old {
			out[name] = value
		}
	}
	return out
}

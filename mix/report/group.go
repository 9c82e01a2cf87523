package report

import (
	"cmp"
	"slices"

	"github.com/datamix-go/datamix"
)

// Group is one or more parts of a report that have a label in common.
type Group struct {
	// Name is the value of the label, or the name of the part.
	Name string
	// Output sums up what the parts wrote.
	Output datamix.Tally
	// Sizes are those of all records of the parts.
	Sizes datamix.Sizes
	// Parts are in the order of the report.
	Parts []datamix.PartReport
}

// Unlabelled is the name of the group of the parts without the label.
const Unlabelled = "(none)"

// Groups puts the parts of a report together that have the same value of a
// label such as "category", "license" or "language"; with an empty label every
// part is a group. They are in the order in which the report has the first of
// each. A report without parts is one group, called "all".
func Groups(r datamix.Report, label string) []Group {
	if len(r.Parts) == 0 {
		return []Group{{Name: "all", Output: r.Output, Sizes: r.Sizes}}
	}
	var groups []Group
	at := map[string]int{}
	for _, p := range r.Parts {
		name := p.Name
		if label != "" {
			if name = p.Labels[label]; name == "" {
				name = Unlabelled
			}
		}
		i, known := at[name]
		if !known {
			i = len(groups)
			at[name] = i
			groups = append(groups, Group{Name: name})
		}
		groups[i].Output.Add(p.Output)
		groups[i].Sizes.Merge(p.Sizes)
		groups[i].Parts = append(groups[i].Parts, p)
	}
	return groups
}

// byOutput sorts the groups with the most of a unit first.
func byOutput(groups []Group, u datamix.Unit) {
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Compare(b.Output.In(u), a.Output.In(u)) })
}

// total sums up the groups.
func total(groups []Group) (t datamix.Tally) {
	for _, g := range groups {
		t.Add(g.Output)
	}
	return t
}

package mix

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// String returns the plan as a table for people.
func (p *Plan) String() string { return p.Explain() }

// Explain returns the plan as a tree for people: for each group and part what
// the recipe asks for, the target in whole numbers, what is given, the passes
// over the part, and the limit that it is at. What is given is counted in the
// unit beside it and, where that is another, in the plan's.
func (p *Plan) Explain() string {
	var b strings.Builder
	b.WriteString("plan")
	if p.Name != "" {
		b.WriteString(" " + p.Name)
	}
	fmt.Fprintf(&b, ": %s", solve.Amount(p.Total, p.Unit))
	if p.Unit != datamix.Rows {
		fmt.Fprintf(&b, " in %s", solve.Amount(p.Rows(), datamix.Rows))
	}
	fmt.Fprintf(&b, ", seed %d\n", p.Seed)
	t := table{{"part", "asks for", "target", "gives", "", "share", "rows", "epochs", "available", "read", "dropped", "quarantined", "unused", "limit"}}
	p.walk(func(branch string, g *GroupPlan, i int) {
		if g != nil {
			t = append(t, append(p.cells(branch, &g.Allotment, g.Unit), "", "", "", "", "", "", g.Limit))
			return
		}
		x := &p.Parts[i]
		t = append(t, append(p.cells(branch, &x.Allotment, ""), fmt.Sprintf("%.2f", x.Epochs), datamix.Thousands(x.Available.In(x.In)),
			datamix.Thousands(x.Ledger.Read), datamix.Thousands(x.Ledger.DroppedTotal()), datamix.Thousands(x.Ledger.Skipped),
			datamix.Thousands(x.Ledger.Unused), x.note()))
	})
	t.write(&b)
	for i := range p.Stages {
		p.explainStage(&b, &p.Stages[i])
	}
	return b.String()
}

func (p *Plan) explainStage(b *strings.Builder, s *StagePlan) {
	fmt.Fprintf(b, "\nstage %s: %s\n", s.Name, solve.Amount(s.Total, p.Unit))
	t := table{{"part", "asks for", "target", "gives", "", "share", "rows", "limit"}}
	p.walk(func(branch string, g *GroupPlan, i int) {
		x, unit := &s.Parts[max(i, 0)], datamix.Unit("")
		if g != nil {
			for at := range p.Groups {
				if &p.Groups[at] == g {
					x, unit = &s.Groups[at], g.Unit
				}
			}
		}
		if x.Quantity != "" {
			t = append(t, append(p.cells(branch, x, unit), x.Limit))
		}
	})
	t.write(b)
}

// note says what binds a part.
func (pp *PartPlan) note() string {
	if pp.Limit == solve.LimitEmpty || pp.Available.Rows == 0 {
		return "empty"
	}
	return pp.Limit
}

// cells are the columns that parts and groups share.
func (p *Plan) cells(branch string, a *Allotment, unit datamix.Unit) []string {
	name := branch + a.Name[strings.LastIndexByte(a.Name, '/')+1:]
	if branch == "" {
		name = a.Name
	}
	if unit != "" && unit != a.In {
		name += ", by " + unitText(unit)
	}
	in := unitText(a.In)
	if a.In != p.Unit {
		in += " = " + solve.Amount(a.Size, p.Unit)
	}
	return []string{name, a.Quantity, datamix.Thousands(a.Target), datamix.Thousands(a.Amount), in, fmt.Sprintf("%.2f %%", a.Share*100), datamix.Thousands(a.Rows)}
}

func unitText(u datamix.Unit) string { return strings.ReplaceAll(string(u), "_", " ") }

// walk visits groups and parts in the order of the recipe, with the branch of a
// tree that leads to each. i is the part's index, -1 for a group.
func (p *Plan) walk(visit func(branch string, g *GroupPlan, i int)) {
	next := 0 // group
	var level func(from, to int, indent string, top bool)
	level = func(from, to int, indent string, top bool) {
		for at := from; at < to; {
			var g *GroupPlan
			end := at + 1
			if next < len(p.Groups) && p.Groups[next].From == at && p.Groups[next].To <= to {
				g = &p.Groups[next]
				end = g.To
				next++
			}
			branch, below := indent+"├─ ", indent+"│  "
			if end == to {
				branch, below = indent+"└─ ", indent+"   "
			}
			if top {
				branch, below = "", ""
			}
			if g == nil {
				visit(branch, nil, at)
			} else {
				visit(branch, g, -1)
				level(at, end, below, false)
			}
			at = end
		}
	}
	level(0, len(p.Parts), "", true)
}

// table is rows of cells. The first two columns and the last are aligned to the
// left, and so is the fifth, the unit of the fourth.
type table [][]string

func (t table) write(b *strings.Builder) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < 2 || i == 4 || i == len(row)-1 {
				line.WriteString(cell + pad)
			} else {
				line.WriteString(pad + cell)
			}
			gap := "  "
			if i == 3 && widths[4] > 0 {
				gap = " "
			}
			line.WriteString(gap)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

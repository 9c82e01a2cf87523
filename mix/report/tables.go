package report

import (
	"fmt"

	"github.com/datamix-go/datamix"
)

// tables returns the tables of the page in their order. Those that would say
// nothing are left out.
func (p *Page) tables() (ts []Table) {
	for _, t := range []Table{p.shares(), p.categories(), p.lengths(), p.rows(), p.repeats(), licenceTable(p.Report), p.files()} {
		if len(t.Rows) > 0 {
			ts = append(ts, t)
		}
	}
	return ts
}

// shares compares what was asked for with what was written.
func (p *Page) shares() Table {
	t := Table{Title: "Shares", Texts: 1,
		Columns: []string{"Part", "Unit", "Target", "Achieved", "Off (points)", "Rows", "Tokens", "Trainable", "Epochs"}}
	r := p.Report
	for _, l := range p.outline() {
		target, off, epochs := "-", "-", ""
		if l.share > 0 {
			target, off = percent(l.share, 2), points(l.have-l.share)
		}
		if !l.group {
			epochs = fmt.Sprintf("%.2f", l.epochs)
		}
		t.Rows = append(t.Rows, []string{l.indented(), string(l.unit), target, percent(l.have, 2), off,
			thousands(l.output.Rows), thousands(l.output.Tokens), thousands(l.output.Trainable), epochs})
	}
	t.Total = []string{"Total", "", "", "", "", thousands(r.Output.Rows), thousands(r.Output.Tokens), thousands(r.Output.Trainable), ""}
	return t
}

// categories sums up the parts by their label "category", where they have
// several.
func (p *Page) categories() Table {
	t := Table{Title: "Categories", Texts: 1, Columns: []string{"Category", "Rows", "Share of rows", "Tokens", "Share of tokens", "Trainable"}}
	groups := Groups(p.Report, "category")
	if len(p.Report.Parts) == 0 || len(groups) < 2 {
		return t
	}
	all := total(groups)
	for _, g := range groups {
		t.Rows = append(t.Rows, []string{g.Name, thousands(g.Output.Rows), percent(ratio(g.Output.Rows, all.Rows), 2),
			thousands(g.Output.Tokens), percent(ratio(g.Output.Tokens, all.Tokens), 2), thousands(g.Output.Trainable)})
	}
	return t
}

func unitOf(p datamix.PartReport) datamix.Unit {
	if p.Unit == "" {
		return datamix.Rows
	}
	return p.Unit
}

// lengths gives means and percentiles of tokens and turns.
func (p *Page) lengths() Table {
	t := Table{Title: "Lengths", Texts: 1,
		Columns: []string{"Part", "Mean tokens", "p10", "p50", "p90", "p99", "Longest", "Mean turns", "Most turns"}}
	row := func(name string, s datamix.Sizes) []string {
		cells := []string{name}
		if h := s.Tokens; h.N() > 0 {
			cells = append(cells, decimal(h.Mean()))
			for _, q := range []float64{0.1, 0.5, 0.9, 0.99} {
				cells = append(cells, thousands(h.Quantile(q)))
			}
			cells = append(cells, thousands(h.Max()))
		} else {
			cells = append(cells, "-", "-", "-", "-", "-", "-")
		}
		if h := s.Turns; h.N() > 0 {
			return append(cells, decimal(h.Mean()), thousands(h.Max()))
		}
		return append(cells, "-", "-")
	}
	if p.Report.Sizes.Tokens.N() == 0 && p.Report.Sizes.Turns.N() == 0 {
		return t
	}
	for _, part := range p.Report.Parts {
		t.Rows = append(t.Rows, row(part.Name, part.Sizes))
	}
	all := row("Total", p.Report.Sizes)
	if len(t.Rows) == 0 {
		t.Rows = append(t.Rows, all)
	} else {
		t.Total = all
	}
	t.Notes = []string{"Percentiles are exact below 32 and at most 1/16 too large above."}
	return t
}

// rows is the ledger: where every row that was read went.
func (p *Page) rows() Table {
	r := p.Report
	reasons := r.Ledger.Reasons()
	t := Table{Title: "Rows", Texts: 1, Columns: []string{"Part", "Read"}}
	derived := r.Ledger.Derived > 0
	if derived {
		t.Columns = append(t.Columns, "Derived")
	}
	for _, reason := range reasons {
		t.Columns = append(t.Columns, "− "+string(reason))
	}
	t.Columns = append(t.Columns, "− quarantined", "− unused", "Kept")
	row := func(name string, l datamix.Ledger) []string {
		cells := []string{name, thousands(l.Read)}
		if derived {
			cells = append(cells, thousands(l.Derived))
		}
		for _, reason := range reasons {
			cells = append(cells, thousands(l.Dropped[reason]))
		}
		return append(cells, thousands(l.Skipped), thousands(l.Unused), thousands(l.Kept))
	}
	if r.Ledger.Read == 0 && r.Ledger.Derived == 0 {
		return t
	}
	for _, part := range r.Parts {
		t.Rows = append(t.Rows, row(part.Name, part.Ledger))
	}
	if len(t.Rows) == 0 {
		t.Rows = append(t.Rows, row("Total", r.Ledger))
	} else {
		t.Total = row("Total", r.Ledger)
	}
	t.Notes = []string{"Each row that was read is counted once: read = kept + dropped + quarantined + unused. Repeats are not counted here."}
	return t
}

// repeats says how many rows were written in each pass over the parts.
func (p *Page) repeats() Table {
	t := Table{Title: "Repeats", Texts: 1, Columns: []string{"Pass", "Rows", "Share of rows"}}
	h := p.Report.Sizes.Passes
	if h.Max() == 0 {
		return t
	}
	for b := range h.Buckets() {
		pass := thousands(b.Low + 1)
		if b.High > b.Low {
			pass += " to " + thousands(b.High+1)
		}
		t.Rows = append(t.Rows, []string{pass, thousands(b.N), percent(ratio(b.N, h.N()), 2)})
	}
	t.Notes = []string{"The rows of pass 1 are different records; those of pass 2 were written before, and so on."}
	return t
}

// files lists the shards.
func (p *Page) files() Table {
	t := Table{Title: "Files", Texts: 1, Columns: []string{"File", "Rows", "Tokens", "Bytes", "SHA-256"}}
	if p.Manifest == nil {
		return t
	}
	for _, s := range p.Manifest.Shards {
		t.Rows = append(t.Rows, []string{s.Name, thousands(s.Rows), thousands(s.Tokens), thousands(s.Bytes), s.SHA256})
	}
	return t
}

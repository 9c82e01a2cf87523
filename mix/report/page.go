package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// Page is a report with what else a reader wants to know of a mix. Only Report
// must be set.
type Page struct {
	// Title is the name of the mix, "Report" when empty.
	Title string
	// Report is what the run did.
	Report datamix.Report
	// Manifest lists the files; nil for none.
	Manifest *sink.Manifest
	// Recipe is the recipe as YAML or JSON text, to be shown as it is; empty for
	// none.
	Recipe string
	// License is the licence that the mix is to have, as the Hub spells it
	// ("apache-2.0"); empty while that is open.
	License string
	// Warnings are sentences to be shown beside those about licences, such as
	// the findings of an audit.
	Warnings []string
}

func (p *Page) title() string {
	if p.Title == "" {
		return "Report"
	}
	return p.Title
}

// warnings returns all that is to be looked at.
func (p *Page) warnings() []string {
	return append(LicenceWarnings(p.Report, p.License), p.Warnings...)
}

// summary is what the mix is, in one line.
func (p *Page) summary() string {
	o := p.Report.Output
	s := thousands(o.Rows) + " rows"
	if o.Tokens > 0 {
		s += ", " + thousands(o.Tokens) + " tokens, " + thousands(o.Trainable) + " of them trainable"
	}
	if n := len(p.Report.Parts); n > 0 {
		s += fmt.Sprintf(", %d parts", n)
	}
	return s
}

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

// Text returns the page for a terminal or a log.
func (p Page) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s", p.title(), p.summary(), p.Report)
	for _, t := range p.tables() {
		if t.Title != "Shares" { // the report's own table has them
			b.WriteString("\n" + t.String())
		}
	}
	for i, w := range p.warnings() {
		if i == 0 {
			b.WriteString("\nWarnings\n")
		}
		b.WriteString("- " + w + "\n")
	}
	return b.String()
}

// Markdown returns the page as Markdown.
func (p Page) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n", escapeMarkdown(p.title()), p.summary())
	p.writeWarnings(&b)
	for _, t := range p.tables() {
		b.WriteString("\n" + t.Markdown())
	}
	p.writeRecipe(&b)
	fmt.Fprintf(&b, "\nContent hash (whatever the order of the rows): `%s`\n", p.Report.Content)
	return b.String()
}

func (p *Page) writeWarnings(b *strings.Builder) {
	for i, w := range p.warnings() {
		if i == 0 {
			b.WriteString("\n## Warnings\n\n")
		}
		b.WriteString("- " + escapeMarkdown(w) + "\n")
	}
}

func (p *Page) writeRecipe(b *strings.Builder) {
	if p.Recipe == "" {
		return
	}
	fence := "```"
	for strings.Contains(p.Recipe, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n## Configuration\n\n%syaml\n%s\n%s\n", fence, strings.TrimRight(p.Recipe, "\n"), fence)
}

// JSON returns the report with the numbers that follow from it: shares that were
// achieved, means and percentiles.
func (p Page) JSON() ([]byte, error) {
	type lengths struct {
		Mean float64 `json:"mean"`
		P10  int64   `json:"p10"`
		P50  int64   `json:"p50"`
		P90  int64   `json:"p90"`
		P99  int64   `json:"p99"`
		Max  int64   `json:"max"`
	}
	of := func(h datamix.Histogram) lengths {
		return lengths{h.Mean(), h.Quantile(0.1), h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Max()}
	}
	type part struct {
		Name     string            `json:"name"`
		Unit     datamix.Unit      `json:"unit"`
		Target   float64           `json:"target"`
		Achieved float64           `json:"achieved"`
		Epochs   float64           `json:"epochs"`
		Tokens   lengths           `json:"tokens"`
		Turns    lengths           `json:"turns"`
		Labels   map[string]string `json:"labels,omitempty"`
	}
	out := struct {
		Title    string         `json:"title"`
		Parts    []part         `json:"parts,omitempty"`
		Tokens   lengths        `json:"tokens"`
		Turns    lengths        `json:"turns"`
		License  string         `json:"license,omitempty"`
		Warnings []string       `json:"warnings,omitempty"`
		Report   datamix.Report `json:"report"`
		Manifest *sink.Manifest `json:"manifest,omitempty"`
		Recipe   string         `json:"recipe,omitempty"`
	}{Title: p.title(), Tokens: of(p.Report.Sizes.Tokens), Turns: of(p.Report.Sizes.Turns), License: p.License,
		Warnings: p.warnings(), Report: p.Report, Manifest: p.Manifest, Recipe: p.Recipe}
	for _, q := range p.Report.Parts {
		out.Parts = append(out.Parts, part{q.Name, unitOf(q), q.Share, p.Report.Share(q), q.Epochs, of(q.Sizes.Tokens), of(q.Sizes.Turns), q.Labels})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return nil, fmt.Errorf("datamix/mix/report: %w", err)
	}
	return b.Bytes(), nil
}

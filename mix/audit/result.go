package audit

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
)

// Result is what an audit found. It has no times and no paths but those of the
// set, so that equal sets have equal results.
type Result struct {
	// By is the column by which the rows are grouped.
	By string `json:"by"`
	// Unit is what shares are counted in: that of the recipe, otherwise tokens
	// where they are counted, otherwise rows.
	Unit datamix.Unit `json:"unit"`
	// Total sums up the rows.
	Total datamix.Tally `json:"total"`
	// Distinct is the number of different records.
	Distinct int64 `json:"distinct"`
	// BadRows is the number of rows that could not be read.
	BadRows int64 `json:"bad_rows"`
	// Content is the hash of the records, whatever their order and files.
	Content datamix.SetHash `json:"content"`
	// Groups are in the order of the recipe, others behind them, the largest
	// first.
	Groups []Group `json:"groups"`
	// Findings are what is wrong or worth a look, those that fail first.
	Findings []Finding `json:"findings,omitempty"`
	// Manifest is that of the folder, where there is one.
	Manifest *sink.Manifest `json:"manifest,omitempty"`

	license string // the recipe's
}

// Err returns a *FailedError with the findings that fail, nil when the set
// passes.
func (r *Result) Err() error {
	var failed []Finding
	for _, f := range r.Findings {
		if f.Fails {
			failed = append(failed, f)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &FailedError{failed}
}

// Report returns the groups as the parts of a report, to be shown by package
// report or in the form of a published table.
func (r *Result) Report() datamix.Report {
	rep := datamix.Report{Output: r.Total, Content: r.Content,
		Ledger: datamix.Ledger{Read: r.Total.Rows + r.BadRows, Kept: r.Total.Rows, Skipped: r.BadRows}}
	for i := range r.Groups {
		g := &r.Groups[i]
		rep.Parts = append(rep.Parts, datamix.PartReport{Name: g.Name, Group: g.within, Unit: r.Unit, Share: g.Target, Planned: g.In(r.Unit),
			Available: datamix.Tally{Rows: g.Distinct}, Epochs: g.Epochs, Output: g.Tally, Sizes: g.sizes, Labels: g.Labels,
			Ledger: datamix.Ledger{Read: g.Rows, Kept: g.Rows}})
		rep.Sizes.Merge(g.sizes)
	}
	return rep
}

// Page returns the audit as a page of package report.
func (r *Result) Page(title string) report.Page {
	p := report.Page{Title: title, Report: r.Report(), Manifest: r.Manifest, License: r.license}
	for _, f := range r.Findings {
		p.Warnings = append(p.Warnings, f.Text)
	}
	return p
}

// Table returns the groups as a table.
func (r *Result) Table() report.Table {
	t := report.Table{Texts: 1, Columns: []string{r.By, "rows", "share of " + words(r.Unit), "target", "tokens", "trainable", "epochs", "duplicates", "in others", "too long", "mask faults"}}
	row := func(name string, share, target float64, o datamix.Tally, epochs float64, counts ...int64) []string {
		cells := []string{name, datamix.Thousands(o.Rows), percent(share), "-", tokens(o.Tokens, r.Total), tokens(o.Trainable, r.Total), fmt.Sprintf("%.2f", epochs)}
		if target > 0 {
			cells[3] = percent(target)
		}
		for _, n := range counts {
			cells = append(cells, datamix.Thousands(n))
		}
		return cells
	}
	var shared, tooLong, faulty int64
	for i := range r.Groups {
		g := &r.Groups[i]
		t.Rows = append(t.Rows, row(g.Name, g.Share, g.Target, g.Tally, g.Epochs, g.Duplicates(), g.Shared, g.TooLong, g.MaskFaults()))
		shared += g.Shared
		tooLong += g.TooLong
		faulty += g.MaskFaults()
	}
	whole, epochs := 0.0, 0.0
	if r.Total.Rows > 0 {
		whole, epochs = 1, float64(r.Total.Rows)/float64(max(r.Distinct, 1))
	}
	t.Total = row("total", whole, 0, r.Total, epochs, r.Total.Rows-r.Distinct, shared, tooLong, faulty)
	return t
}

// tokens writes a number of tokens, "-" where those of the whole are not counted.
func tokens(n int64, whole datamix.Tally) string {
	if whole.Tokens == 0 {
		return "-"
	}
	return datamix.Thousands(n)
}

// String returns the table and the findings for people.
func (r *Result) String() string {
	var b strings.Builder
	b.WriteString(r.Table().String())
	if len(r.Findings) > 0 {
		b.WriteString("\n")
	}
	for _, f := range r.Findings {
		mark := "note"
		if f.Fails {
			mark = "FAIL"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", mark, f.Kind, f.Text)
	}
	return b.String()
}

package report

import (
	"fmt"

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

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

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

package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"
)

var (
	//go:embed page.css
	css string
	//go:embed page.html.tmpl
	pageHTML     string
	pageTemplate = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("page").Funcs(template.FuncMap{
			"text": func(t Table, column int) bool { return column < t.Texts },
		}).Parse(pageHTML))
	})
)

// HTML returns the page as one file of HTML: charts are inline SVG, there is no
// script and nothing is loaded from elsewhere. It follows the light or dark
// scheme of the reader and fits a phone.
func (p Page) HTML() ([]byte, error) {
	view := struct {
		Title, Summary, Content, Recipe string
		CSS                             template.CSS
		Warnings                        []string
		Facts                           []fact
		Shares, Funnel, Drops           []bar
		Tokens, Turns                   histogram
		Parts                           []histogram
		Left                            int
		Tables                          map[string]*Table // those that have rows
	}{
		Title: p.title(), Summary: p.summary(), Content: p.Report.Content.String(), Recipe: p.Recipe, CSS: template.CSS(css),
		Warnings: p.warnings(), Facts: p.facts(), Shares: p.shareBars(), Funnel: p.funnel(), Drops: p.drops(), Turns: p.turnChart(), Tables: map[string]*Table{},
	}
	view.Tokens, view.Parts, view.Left = p.tokenCharts()
	for _, t := range p.tables() {
		view.Tables[t.Title] = &t
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, view); err != nil {
		return nil, fmt.Errorf("datamix/mix/report: %w", err)
	}
	return b.Bytes(), nil
}

// fact is a number at the head of the page.
type fact struct{ Name, Value string }

func (p *Page) facts() []fact {
	r := p.Report
	fs := []fact{{"rows", thousands(r.Output.Rows)}}
	if r.Output.Tokens > 0 {
		fs = append(fs, fact{"tokens", thousands(r.Output.Tokens)}, fact{"trainable", percent(ratio(r.Output.Trainable, r.Output.Tokens), 1)})
	}
	if n := len(r.Parts); n > 0 {
		fs = append(fs, fact{"parts", thousands(int64(n))})
		worst, targets := 0.0, false
		for _, q := range r.Parts {
			if q.Share > 0 {
				worst, targets = max(worst, abs(r.Share(q)-q.Share)), true
			}
		}
		if targets {
			fs = append(fs, fact{"most off target", fmt.Sprintf("%.2f points", worst*100)})
		}
	}
	if r.Ledger.Read > 0 {
		fs = append(fs, fact{"rows read", thousands(r.Ledger.Read)})
	}
	return fs
}

func abs(x float64) float64 { return max(x, -x) }

package mix

import (
	"encoding/json"
	"path/filepath"

	"github.com/datamix-go/datamix/mix/report"
)

// page is what reports say of the recipe itself. It must be made before Build,
// which takes the names away that it resolves.
func (r *Recipe) page() report.Page {
	p := report.Page{Title: r.Name, License: r.License, Recipe: r.text}
	if p.Title == "" {
		p.Title = filepath.Base(filepath.Clean(r.path(r.Output.Dir)))
	}
	if p.Recipe == "" {
		if data, err := json.MarshalIndent(r, "", "  "); err == nil {
			p.Recipe = string(data) + "\n"
		}
	}
	return p
}

// groupOf returns the path of the innermost group that a part is in, "" where
// it is in none.
func (p *Plan) groupOf(part int) (name string) {
	for _, g := range p.Groups { // a group stands before those that it holds
		if g.From <= part && part < g.To {
			name = g.Name
		}
	}
	return name
}

// Tulu3 prints the composition of a mix as the Tulu 3 paper does, with the
// licence and category of each part, the counts by category, and what has to be
// looked at before the mix is passed on under a licence.
//
//	go run ./examples/tulu3
//	go run ./examples/tulu3 -recipe recipe.yaml     # whose parts have labels: {category: ..., license: ...}
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/examples/data"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
)

// labels give the embedded sets the categories of Tulu 3 and licences for the
// sake of the example.
var labels = map[string]map[string]string{
	"general":      {"category": "General", "license": "Apache-2.0"},
	"writing":      {"category": "General", "license": "CC-BY-NC-4.0"},
	"exam":         {"category": "Knowledge Recall"},
	"math":         {"category": "Math Reasoning", "license": "ODC-BY-1.0"},
	"code":         {"category": "Coding", "license": "Apache-2.0"},
	"safety":       {"category": "Safety & Non-compliance", "license": "CC-BY-SA-4.0"},
	"multilingual": {"category": "Multilingual", "license": "Apache-2.0"},
	"tools":        {"category": "Precise IF", "license": "ODC-BY-1.0"},
}

func main() {
	path := flag.String("recipe", "", "recipe of a mix; empty for the embedded sets")
	license := flag.String("license", "odc-by", "licence that the mix is to have")
	flag.Parse()
	recipe, err := open(*path)
	if err == nil {
		err = run(context.Background(), os.Stdout, recipe, *license)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tulu3:", err)
		os.Exit(1)
	}
}

// open reads a recipe, or makes one of the embedded sets.
func open(path string) (*mix.Recipe, error) {
	if path != "" {
		r, err := mix.Read(path)
		if err != nil {
			return nil, err
		}
		if r.Bad != nil {
			r.Bad.Quarantine = false // nothing is written
		}
		return r, r.Build(nil)
	}
	sets, err := data.Sets("")
	if err != nil {
		return nil, err
	}
	r := &mix.Recipe{}
	for _, s := range sets {
		if l, ok := labels[s.Name]; ok {
			r.Parts = append(r.Parts, mix.Part{Name: s.Name, Source: s.Source, Quantity: mix.All(), Labels: l})
		}
	}
	return r, nil
}

func run(ctx context.Context, w io.Writer, recipe *mix.Recipe, license string) error {
	m, err := mix.New(*recipe, nil)
	if err != nil {
		return err
	}
	rep, err := datamix.Run(ctx, m, sink.Discard())
	if err != nil {
		return err
	}
	fmt.Fprintln(w, report.Composition(rep))
	fmt.Fprintln(w, report.ExampleShares(rep, "category"))
	for _, warning := range report.LicenceWarnings(rep, license) {
		fmt.Fprintln(w, "-", warning)
	}
	return nil
}

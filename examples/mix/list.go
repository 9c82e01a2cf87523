package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/published"
)

// listCommand lists the published mixtures.
func listCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	return func(_ context.Context, _ []string, stdout, _ io.Writer) error {
		w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "name\tstage\tcomponents\tsize\tunit\tevidence\tlicence")
		for _, name := range published.Names() {
			m, err := published.Recipe(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", m.Name, m.Stage, len(m.Components), size(m), m.Unit, m.Evidence(), licenses(m))
		}
		return w.Flush()
	}
}

// size is the published size of a mixture.
func size(m *published.Mixture) string {
	n, about, ok := m.Size()
	switch {
	case !ok:
		return "?"
	case about:
		return "~" + datamix.Thousands(n)
	}
	return datamix.Thousands(n)
}

// licenses is the licence of the whole, and how many components forbid
// commercial use.
func licenses(m *published.Mixture) string {
	n := 0
	for i := range m.Components {
		if m.Components[i].NonCommercial() {
			n++
		}
	}
	if n == 0 || n == len(m.Components) {
		return m.License
	}
	return fmt.Sprintf("%s, %d non-commercial", m.License, n)
}

// showCommand prints a mixture, or the recipe that draws it; with several names,
// a curriculum that has them as its stages.
func showCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	form := set.String("form", "text", "text, json (which verify reads again), or recipe (a file for mix run)")
	var o published.Options
	set.StringVar(&o.Dir, "data", "data", "for a recipe: folder of the components, each a folder or file named by its id")
	set.StringVar(&o.Released, "released", "", "for a recipe: file, folder or pattern of the released mixture, for components without a folder or file of their own")
	total := set.String("total", "", "for a recipe: size of the mix in its unit, or largest; the published size when left out")
	set.StringVar(&o.TokenizerName, "tokenizer", "", "for a recipe: an encoding, a model, or a path")
	out := set.String("out", "out", "for a recipe: output folder")
	skip := set.String("skip-filters", "", "for a recipe: names of filters to go without, with commas between; * for those that cannot be built")
	leave := set.String("leave-out", "", "for a recipe: ids of components to go without, with commas between; * for those without data")
	return func(_ context.Context, args []string, stdout, stderr io.Writer) error {
		var stages []*published.Mixture
		for _, name := range fields(args[0]) {
			m, err := openMixture(name)
			if err != nil {
				return err
			}
			stages = append(stages, m)
		}
		if *form != "recipe" {
			return show(stdout, stages, *form)
		}
		if *total != "" {
			if err := o.Total.UnmarshalJSON([]byte(*total)); err != nil {
				return err
			}
		}
		o.SkipFilters, o.LeaveOut = fields(*skip), fields(*leave)
		recipe := func() (*mix.Recipe, error) { return published.Curriculum(&o, stages...) }
		if len(stages) == 1 {
			recipe = func() (*mix.Recipe, error) { return stages[0].Recipe(&o) }
		}
		r, err := recipe()
		if missing, ok := errors.AsType[*published.MissingDataError](err); ok {
			// The recipe can be written before the data is there.
			fmt.Fprintf(stderr, "mix: no data yet for %s\n", strings.Join(missing.Components, ", "))
			o.Paths = map[string]string{}
			for _, id := range missing.Components {
				o.Paths[id] = filepath.Join(o.Dir, id)
			}
			r, err = recipe()
		}
		if err != nil {
			return err
		}
		r.Output = &mix.Output{Dir: *out}
		return writeJSON(stdout, r)
	}
}

func show(w io.Writer, mixtures []*published.Mixture, form string) (err error) {
	for _, m := range mixtures {
		switch form {
		case "text":
			_, err = fmt.Fprint(w, m)
		case "json":
			err = writeJSON(w, m)
		default:
			return fmt.Errorf("unknown form %q; known are text, json, recipe", form)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openMixture returns a published mixture, or that of a JSON file.
func openMixture(name string) (*published.Mixture, error) {
	m, err := published.Recipe(name)
	if err == nil || !strings.HasSuffix(name, ".json") {
		return m, err
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is neither a published mixture nor a file of that name", name)
	}
	if err != nil {
		return nil, err
	}
	return published.Parse(data, name)
}

// fields splits a list with commas.
func fields(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

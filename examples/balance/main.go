// Balance mixes structured and unstructured data half and half, with the tasks
// inside each half in ratios of their own: groups of groups. recipe.yaml says how;
// it is written for the data sets named in it, and works on any others after a
// change of paths.
//
//	go run ./examples/balance -data path/to/data            prints the plan
//	go run ./examples/balance -data path/to/data -out out   draws it
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
)

//go:embed recipe.yaml
var recipe []byte

func main() {
	data := flag.String("data", "", "folder of the data sets that recipe.yaml names")
	out := flag.String("out", "", "folder for the mix; empty prints the plan only")
	flag.Parse()
	if *data == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, *data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "balance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, data, out string) error {
	r, err := mix.Parse(recipe, "recipe.yaml")
	if err != nil {
		return err
	}
	below(data, r.Parts)
	if err := r.Build(nil); err != nil {
		return err
	}
	m, err := mix.New(*r, nil)
	if err != nil {
		return err
	}
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(w, plan.Explain())
	if out == "" {
		return nil
	}
	report, err := datamix.Run(ctx, m, sink.JSONL(out, nil))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s\n", report)
	return err
}

// below puts a folder before the paths of parts.
func below(dir string, parts []mix.Part) {
	for i := range parts {
		p := &parts[i]
		if p.From != nil {
			p.From.Path = filepath.Join(dir, p.From.Path)
		}
		below(dir, p.Parts)
	}
}

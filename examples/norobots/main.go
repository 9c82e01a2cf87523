// Norobots prints the table of the card of No Robots: examples by category and
// their shares. First for a set as it is, grouped by a column of its rows; then
// for a mix that draws the categories in the published proportions, to the row.
//
//	go run ./examples/norobots
//	go run ./examples/norobots -data no_robots.parquet -by category -rows 1000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/examples/data"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
)

// published are the counts of the card, huggingface.co/datasets/HuggingFaceH4/no_robots.
var published = []struct {
	category string
	rows     float64
}{
	{"Generation", 4560}, {"Open QA", 1240}, {"Brainstorm", 1120}, {"Chat", 850}, {"Rewrite", 660},
	{"Summarize", 420}, {"Coding", 350}, {"Classify", 350}, {"Closed QA", 260}, {"Extract", 190},
}

func main() {
	path := flag.String("data", "", "file of chats with a category; empty for the embedded ones")
	by := flag.String("by", "task", "the column that holds the category")
	rows := flag.Int64("rows", 1000, "rows to draw")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *path, *by, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "norobots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, path, by string, rows int64) error {
	all, err := data.All(path)
	if err != nil {
		return err
	}
	found, err := audit.Records(ctx, all, &audit.Options{By: by})
	if err != nil {
		return err
	}
	table := report.ExampleShares(found.Report(), "")
	table.Title = "The set as it is"
	fmt.Fprintln(w, table)

	recipe := mix.Recipe{Seed: 1, Total: mix.Total(rows), MaxEpochs: 1000} // the embedded sets are tiny
	for _, p := range published {
		of := datamix.Chain(all, datamix.Where(filter.Label(by, p.category)))
		recipe.Parts = append(recipe.Parts, mix.Part{Name: p.category, Source: of, Quantity: mix.Weight(p.rows)})
	}
	m, err := mix.New(recipe, nil)
	if err != nil {
		return err
	}
	drawn, err := datamix.Run(ctx, m, sink.Discard()) // or sink.JSONL("out", nil)
	if err != nil {
		return err
	}
	table = report.ExampleShares(drawn, "")
	table.Title = "Drawn in the proportions of No Robots"
	_, err = fmt.Fprint(w, table)
	return err
}

// Quickstart mixes four small data sets in four schemas, embedded in the
// program, by trainable tokens: it prints the plan and the report and writes
// shards to a temporary folder.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

//go:embed data
var data embed.FS

func main() {
	dir, err := os.MkdirTemp("", "datamix-quickstart-")
	if err == nil {
		err = run(context.Background(), os.Stdout, filepath.Join(dir, "out"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, out string) error {
	tok, err := tokenize.Encoding("cl100k_base")
	if err != nil {
		return err
	}
	m, err := mix.New(mix.Recipe{
		Name:      "quickstart",
		Seed:      42,
		Unit:      datamix.TrainableTokens, // shares count what carries loss
		Total:     mix.Largest,             // as much as the caps allow
		MaxEpochs: 2,
		Tokenizer: tok,
		Filters:   []datamix.Filter{filter.NoEmptyTurns()},
		Dedup:     "content",
		Parts: []mix.Part{
			{Name: "chat", Source: source.Files(data, "data/chat.jsonl", nil), Quantity: mix.Share(0.4)},
			{Name: "instructions", Source: source.Files(data, "data/instructions.json", nil), Quantity: mix.Share(0.1)},
			{Name: "code", Source: source.Files(data, "data/code.jsonl", nil), Quantity: mix.Share(0.3)},
			{Name: "math", Source: source.Files(data, "data/math.csv", nil), Quantity: mix.Share(0.2)},
		},
	}, nil)
	if err != nil {
		return err
	}
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, plan)

	report, err := datamix.Run(ctx, m, sink.JSONL(out, &sink.Options{RowsPerShard: 25}))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, report)
	fmt.Fprintln(w, "written to", out)
	return nil
}

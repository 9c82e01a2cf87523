// Hermes3 draws eight categories in the proportions of the Hermes 3 report,
// which are shares of tokens, and prints its table: share and tokens of each
// category, and how many tokens are output, which carries loss, and input.
//
//	go run ./examples/hermes3
//	go run ./examples/hermes3 -data folder -tokens 1000000 -max-epochs 1
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/examples/data"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/tokenize"
)

// published is table 1 of the Hermes 3 report, with the names of our sets. The
// printed shares add up to 100.5: they are weights.
var published = []struct {
	category, set string
	weight        float64
}{
	{"General Instructions", "general", 60.6}, {"Domain Expert", "exam", 12.8}, {"Math", "math", 6.7}, {"Roleplaying", "roleplay", 6.1},
	{"Coding", "code", 4.5}, {"Tool Use, Agentic, and RAG", "tools", 4.3}, {"Content Generation", "writing", 3.0}, {"Steering and Alignment", "safety", 2.5},
}

func main() {
	dir := flag.String("data", "", "folder with the sets general, exam, math, roleplay, code, tools, writing and safety; empty for the embedded ones")
	tokens := flag.Int64("tokens", 100_000, "tokens to draw")
	epochs := flag.Float64("max-epochs", 1000, "how often a set may be repeated")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *tokens, *epochs); err != nil {
		fmt.Fprintln(os.Stderr, "hermes3:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, dir string, tokens int64, epochs float64) error {
	tok, err := tokenize.Encoding("cl100k_base")
	if err != nil {
		return err
	}
	sets, err := data.Sets(dir)
	if err != nil {
		return err
	}
	recipe := mix.Recipe{Seed: 3, Unit: datamix.Tokens, Total: mix.Total(tokens), MaxEpochs: epochs, Tokenizer: tok}
	for _, p := range published {
		i := slices.IndexFunc(sets, func(s data.Set) bool { return s.Name == p.set })
		if i < 0 {
			return fmt.Errorf("%s has no set %q, for the category %s", dir, p.set, p.category)
		}
		recipe.Parts = append(recipe.Parts, mix.Part{Name: p.set, Source: sets[i].Source, Quantity: mix.Weight(p.weight),
			Labels: map[string]string{"category": p.category}})
	}
	m, err := mix.New(recipe, nil)
	if err != nil {
		return err
	}
	rep, err := datamix.Run(ctx, m, sink.Discard())
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w, report.TokenShares(rep, "category"))
	return err
}

// Languages mixes languages by temperature: each gets a part in proportion to
// size^(1/T), so that small ones count for more than they hold. It prints what
// every temperature would draw, and can write the mix of one.
//
//	go run ./examples/languages en=data/mgsm_en.tsv,data/alpaca_en.json zh=data/mgsm_zh.tsv,data/alpaca_zh.json sw=data/mgsm_sw.tsv
//	go run ./examples/languages -tokens 50_000 -temperature 3 -out out en=... zh=...
//
// A language may have several files, which are mixed in proportion to their
// sizes. Tables without a header hold a question and an answer.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
	"github.com/datamix-go/datamix/tokenize"
)

// options are those of the command line.
type options struct {
	tokens      int64
	temperature float64
	epochs      float64
	out         string
}

func main() {
	var o options
	tokens := flag.String("tokens", "100_000", "tokens to draw")
	flag.Float64Var(&o.temperature, "temperature", 0, "the temperature of the mix that is written; 0 prints the table only")
	flag.Float64Var(&o.epochs, "max-epochs", 4, "how many passes over a file at most")
	flag.StringVar(&o.out, "out", "", "folder for the mix")
	flag.Parse()
	var err error
	if o.tokens, err = strconv.ParseInt(strings.ReplaceAll(*tokens, "_", ""), 10, 64); err == nil && flag.NArg() < 2 {
		err = fmt.Errorf("give at least two languages, as en=file,file zh=file")
	}
	if err == nil {
		err = run(context.Background(), os.Stdout, &o, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "languages:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, o *options, languages []string) error {
	tok, err := tokenize.Encoding("o200k_base")
	if err != nil {
		return err
	}
	parts, err := parse(languages)
	if err != nil {
		return err
	}
	recipe := mix.Recipe{Seed: 42, Unit: datamix.Tokens, Total: mix.Total(o.tokens), MaxEpochs: o.epochs, Tokenizer: tok,
		Filters: []datamix.Filter{filter.NoEmptyTurns()}, Shortfall: mix.Redistribute, Parts: parts}
	if err := compare(ctx, w, recipe); err != nil || o.temperature == 0 {
		return err
	}
	recipe.Weights = &mix.Weights{Temperature: o.temperature}
	m, err := mix.New(recipe, nil)
	if err != nil {
		return err
	}
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s", plan.Explain())
	if o.out == "" {
		return nil
	}
	report, err := datamix.Run(ctx, m, sink.JSONL(o.out, nil))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s\n", report)
	return err
}

// parse makes a group of each language: its files in proportion to their sizes.
func parse(languages []string) ([]mix.Part, error) {
	var parts []mix.Part
	for _, l := range languages {
		name, files, ok := strings.Cut(l, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no language: want en=file,file", l)
		}
		group := mix.Part{Name: name, Weights: &mix.Weights{Temperature: 1}, Labels: map[string]string{"language": name}}
		for _, file := range strings.Split(files, ",") {
			dir, base := filepath.Split(file)
			if dir == "" {
				dir = "."
			}
			name, kind := strings.TrimSuffix(base, filepath.Ext(base)), filepath.Ext(base)
			var opts *source.Options // format and schema are found by looking
			if kind == ".tsv" || kind == ".csv" {
				opts = &source.Options{Columns: &schema.Columns{User: schema.ColumnNames{"col0"}, Assistant: schema.ColumnNames{"col1"}}}
			}
			group.Parts = append(group.Parts, mix.Part{Name: name, Source: source.Files(os.DirFS(dir), base, opts)})
		}
		parts = append(parts, group)
	}
	return parts, nil
}

// compare prints the shares of the languages at several temperatures. The files
// are measured once for each; a cache would save that.
func compare(ctx context.Context, w io.Writer, recipe mix.Recipe) error {
	cache, err := os.MkdirTemp("", "datamix-languages-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(cache) }()
	fmt.Fprintf(w, "%-12s", "temperature")
	for _, p := range recipe.Parts {
		fmt.Fprintf(w, "%10s", p.Name)
	}
	fmt.Fprintln(w)
	for _, t := range []float64{1, 1.5, 2, 3.3, 10} {
		recipe.Weights = &mix.Weights{Temperature: t}
		m, err := mix.New(recipe, &mix.Options{CacheDir: cache})
		if err != nil {
			return err
		}
		plan, err := m.Plan(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%-12v", t)
		for i := range plan.Groups {
			fmt.Fprintf(w, "%8.2f %%", 100*float64(plan.Groups[i].Size)/float64(plan.Total))
		}
		fmt.Fprintln(w)
	}
	return nil
}

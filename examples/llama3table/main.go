// Llama3table prints table 7 of the Llama 3 paper for chats of your own: share
// of examples, turns, tokens, tokens in context and in the final response, for
// each data set in a folder.
//
//	go run ./examples/llama3table
//	go run ./examples/llama3table -data folder -markdown
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
	"github.com/datamix-go/datamix/tokenize"
)

func main() {
	dir := flag.String("data", "", "folder with a file or folder for each data set; empty for the embedded ones")
	encoding := flag.String("tokenizer", "cl100k_base", "the encoding that counts")
	markdown := flag.Bool("markdown", false, "print Markdown")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, *encoding, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "llama3table:", err)
		os.Exit(1)
	}
}

// names are what the paper calls such sets.
var names = map[string]string{"general": "General English", "code": "Code", "multilingual": "Multilingual", "exam": "Exam-like",
	"tools": "Reasoning and tools", "math": "Reasoning and tools", "long": "Long context"}

func run(ctx context.Context, w io.Writer, dir, encoding string, markdown bool) error {
	tok, err := tokenize.Encoding(encoding)
	if err != nil {
		return err
	}
	sets, err := data.Sets(dir)
	if err != nil {
		return err
	}
	recipe := mix.Recipe{Tokenizer: tok}
	for _, s := range sets {
		name := s.Name
		if paper, ok := names[s.Name]; ok && dir == "" {
			name = paper
		}
		recipe.Parts = append(recipe.Parts, mix.Part{Name: s.Name, Source: s.Source, Quantity: mix.All(), Labels: map[string]string{"dataset": name}})
	}
	m, err := mix.New(recipe, nil)
	if err != nil {
		return err
	}
	rep, err := datamix.Run(ctx, m, sink.Discard())
	if err != nil {
		return err
	}
	table := report.ChatStatistics(rep, "dataset")
	if markdown {
		_, err = fmt.Fprint(w, table.Markdown())
	} else {
		_, err = fmt.Fprint(w, table)
	}
	return err
}

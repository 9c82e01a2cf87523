// Command scale mixes generated records and prints what a record costs:
//
//	scale [-rows 10000000] [-files DIR] [-cache DIR] [-dedup] [-order ORDER] [-share 0.5]
//
// Half of what there is, or another share of it, goes into the mix, by tokens.
// Records are made as they are read or, with -files, written as JSON Lines into a
// folder first, if they are not there. Memory is that of the whole process at its
// peak.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/bench/internal/usage"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run() error {
	rows := flag.Int("rows", 10_000_000, "records")
	dir := flag.String("files", "", "folder for the records as files")
	cache := flag.String("cache", "", "folder that keeps what measuring found")
	dedup := flag.Bool("dedup", false, "drop duplicates")
	order := flag.String("order", "", "order of the mix")
	share := flag.Float64("share", 0.5, "how much of all goes into the mix")
	flag.Parse()
	tok, err := tokenize.Encoding("cl100k_base")
	if err != nil {
		return err
	}
	r := mix.Recipe{Seed: 1, Unit: datamix.Tokens, Tokenizer: tok, Order: mix.Order(*order)}
	if *dedup {
		r.Dedup = "content"
	}
	for i, weight := range []float64{5, 3, 2} {
		g := &generated{name: fmt.Sprintf("part-%d-of-%d", i, *rows), seed: i, rows: *rows / 10 * int(weight)}
		p := mix.Part{Name: fmt.Sprint("part", i), Quantity: mix.Weight(weight), Source: g}
		if *dir != "" {
			if err := g.write(*dir); err != nil {
				return err
			}
			p.Source = source.Files(os.DirFS(*dir), g.name+".jsonl", nil)
		}
		r.Parts = append(r.Parts, p)
	}
	r.Total = mix.Total(float64(*rows) * meanTokens * *share)
	ctx := context.Background()
	m, err := mix.New(r, &mix.Options{CacheDir: *cache})
	if err != nil {
		return err
	}
	begin, cpu := time.Now(), usage.CPUSeconds()
	if _, err := m.Plan(ctx); err != nil {
		return err
	}
	planned := time.Since(begin)
	report, err := datamix.Run(ctx, m, sink.Discard())
	if err != nil {
		return err
	}
	all := time.Since(begin)
	fmt.Printf("%d rows, %d drawn: plan %.2f s, all %.2f s, %.0f ns a row, CPU %.0f ns a row; peak %d MiB\n", *rows, report.Output.Rows,
		planned.Seconds(), all.Seconds(), float64(all)/float64(*rows), (usage.CPUSeconds()-cpu)*1e9/float64(*rows), usage.PeakMiB())
	return nil
}

// generated makes chats of a few words.
type generated struct {
	name string
	seed int
	rows int
}

var words = []string{"the", "model", "reads", "a", "question", "about", "numbers", "and", "answers", "with", "care", "every", "single", "time"}

// meanTokens is about how many tokens a record has.
const meanTokens = 20

// text appends some words and a number; who says them makes them others.
func (g *generated) text(dst []byte, row int, who string) []byte {
	p := datamix.Priority(uint64(row), who, uint64(g.seed))
	for range 2 + p%12 {
		p = datamix.PriorityFrom(p, 1)
		dst = append(append(dst, words[p%uint64(len(words))]...), ' ')
	}
	return strconv.AppendInt(dst, int64(row), 10)
}

func (g *generated) Records(ctx context.Context) datamix.Seq { return g.Pick(ctx, nil) }

func (g *generated) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for i := range g.rows {
			if i%1024 == 0 && ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			o := datamix.Origin{Path: g.name, Row: int64(i)}
			if want != nil && !want(o) {
				continue
			}
			r := datamix.NewChat(datamix.User(string(g.text(nil, i, "user"))), datamix.Assistant(string(g.text(nil, i, "assistant"))))
			r.Origin = o
			if !yield(r, nil) {
				return
			}
		}
	}
}

// write writes the records as JSON Lines.
func (g *generated) write(dir string) error {
	path := filepath.Join(dir, g.name+".jsonl")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for i := range g.rows {
		line = append(line[:0], `{"prompt":"`...)
		line = g.text(line, i, "user")
		line = append(line, `","completion":"`...)
		line = g.text(line, i, "assistant")
		line = append(line, "\"}\n"...)
		if _, err := w.Write(line); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

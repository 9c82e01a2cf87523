// Convert reads data sets in any schema and file format and writes them as
// shards of one form.
//
//	convert -out out data/oasst.jsonl.gz data/alpaca.parquet
//	generate | convert -out out -format parquet -
//	convert data/*.parquet            # reads and counts only
//
// "-" is standard input. Rows that cannot be read are counted and left out, up to
// the number that -bad allows. At the end it tells the rows, the speed and the
// most memory that the Go runtime had from the system.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

type options struct {
	out, format, compression, as string
	workers                      int
	bad                          int64
}

func main() {
	var o options
	flag.StringVar(&o.out, "out", "", "the folder to write; nothing is written without one")
	flag.StringVar(&o.format, "format", "jsonl", "jsonl or parquet")
	flag.StringVar(&o.compression, "compression", "", "none, gzip or zstd")
	flag.StringVar(&o.as, "as", "messages", "messages, sharegpt, alpaca, prompt_completion, text or raw")
	flag.IntVar(&o.workers, "workers", 0, "goroutines that decode, 0 for one a processor")
	flag.Int64Var(&o.bad, "bad", 0, "how many bad rows may be left out")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := convert(ctx, o, flag.Args(), os.Stdin, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

// convert reads the inputs one after the other and writes them.
func convert(ctx context.Context, o options, inputs []string, stdin io.Reader, log io.Writer) error {
	if len(inputs) == 0 {
		return errors.New("name the files to read, or - for standard input")
	}
	dst, err := o.sink()
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := datamix.Run(ctx, datamix.Chain(o.source(inputs, stdin), datamix.OnError(datamix.SkipAtMost(o.bad))), dst)
	if err != nil {
		return err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	took := time.Since(start)
	fmt.Fprintf(log, "%s rows in %.2f s, %.0f rows/s, %d MiB of memory\n", datamix.Thousands(report.Output.Rows), took.Seconds(),
		float64(report.Output.Rows)/took.Seconds(), m.Sys>>20)
	return nil
}

// source reads the inputs in their order.
func (o *options) source(inputs []string, stdin io.Reader) datamix.Source {
	read := &source.Options{Workers: o.workers}
	return datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for _, name := range inputs {
				var src datamix.Source = source.File(name, read)
				if name == "-" {
					src = source.Reader(stdin, "stdin", read)
				}
				for r, err := range src.Records(ctx) {
					if !yield(r, err) {
						return
					}
				}
			}
		}
	})
}

func (o *options) sink() (datamix.Sink, error) {
	if o.out == "" {
		return sink.Discard(), nil
	}
	write := &sink.Options{As: sink.Form(o.as), Compression: sink.Compression(o.compression)}
	switch o.format {
	case "jsonl":
		return sink.JSONL(o.out, write), nil
	case "parquet":
		return sink.Parquet(o.out, write), nil
	}
	return nil, fmt.Errorf("unknown format %q, want jsonl or parquet", o.format)
}

// Mix draws a mix from a recipe file.
//
//	mix plan recipe.yaml    measures the parts and prints what would be drawn
//	mix run  recipe.yaml    draws the mix and writes it
//
// Run writes shards, manifest.json, report.txt and report.json to the recipe's
// output folder, and quarantine.jsonl if the recipe asks for it and rows were
// bad. Interrupting it leaves nothing that looks finished. Anything wrong is
// told on standard error; the exit code is 1 then, and 2 for a wrong command
// line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

const usage = `usage: mix plan [flags] recipe.yaml
       mix run  [flags] recipe.yaml

flags:
`

// errUsage is a wrong command line, already explained.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = errors.New("interrupted; nothing was written under its final name")
		}
		fmt.Fprintln(os.Stderr, "mix:", err)
		os.Exit(1)
	}
}

// flags are those of all sub-commands.
type flags struct {
	options   mix.Options
	out       string
	overwrite bool
	quiet     bool
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var f flags
	set := flag.NewFlagSet("mix", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.IntVar(&f.options.Workers, "workers", 0, "goroutines that filter and count; 0 is one a processor")
	set.Int64Var(&f.options.MemoryLimit, "memory", 0, "bytes of chosen records held in memory; 0 is 64 MiB, -1 none")
	set.StringVar(&f.options.TempDir, "tmp", "", "folder for the temporary file of what does not fit in memory")
	set.StringVar(&f.out, "out", "", "output folder, instead of the recipe's")
	set.BoolVar(&f.overwrite, "overwrite", false, "replace what the output folder holds")
	set.BoolVar(&f.quiet, "quiet", false, "show no progress")
	set.Usage = func() {
		fmt.Fprint(stderr, usage)
		set.PrintDefaults()
	}
	if len(args) == 0 {
		set.Usage()
		return errUsage
	}
	if err := set.Parse(args[1:]); err != nil {
		return errUsage
	}
	actions := map[string]func(context.Context, *mix.Recipe, *flags, io.Writer, io.Writer) error{"plan": plan, "run": run}
	action, known := actions[args[0]]
	if !known || set.NArg() != 1 {
		set.Usage()
		return errUsage
	}
	recipe, err := mix.Read(set.Arg(0))
	if err != nil {
		return err
	}
	return action(ctx, recipe, &f, stdout, stderr)
}

func plan(ctx context.Context, r *mix.Recipe, f *flags, stdout, stderr io.Writer) error {
	if r.Bad != nil {
		r.Bad.Quarantine = false // a plan writes nothing
	}
	if err := r.Build(nil); err != nil {
		return err
	}
	m, err := mix.New(*r, &f.options)
	if err != nil {
		return err
	}
	ctx, done := f.progress(ctx, stderr)
	p, err := m.Plan(ctx)
	done()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(stdout, p)
	return err
}

func run(ctx context.Context, r *mix.Recipe, f *flags, stdout, stderr io.Writer) error {
	if r.Output == nil {
		r.Output = &mix.Output{}
	}
	if f.out != "" {
		out, err := filepath.Abs(f.out)
		if err != nil {
			return err
		}
		r.Output.Dir = out
	}
	r.Output.Overwrite = r.Output.Overwrite || f.overwrite
	ctx, done := f.progress(ctx, stderr)
	report, err := mix.Run(ctx, r, &f.options)
	done()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(stdout, report)
	return err
}

// progress returns a context whose observer shows progress on a terminal, and a
// function that ends the show.
func (f *flags) progress(ctx context.Context, stderr io.Writer) (context.Context, func()) {
	file, ok := stderr.(*os.File)
	if f.quiet || !ok || !terminal(file) {
		return ctx, func() {}
	}
	m := newMeter(stderr)
	return datamix.WithObserver(ctx, &datamix.Observer{Progress: m.show}), m.done
}

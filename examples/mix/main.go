// Mix draws a mix from a recipe file.
//
//	mix plan recipe.yaml     measures the parts and prints what would be drawn
//	mix estimate recipe.yaml says from a sample what the parts hold
//	mix run recipe.yaml      draws the mix and writes it
//	mix audit set            judges a finished set from its files
//	mix diff old new         compares two sets, or two recipes
//	mix card set             prints the dataset card of a finished set
//	mix list                 lists the published mixtures
//	mix show name            prints one with the evidence of its numbers
//	mix verify name set      holds a finished set against it
//
// Run writes shards, manifest.json, reports as text, JSON, Markdown and HTML and a
// dataset card to the recipe's output folder, and quarantine.jsonl if the recipe
// asks for it and rows were bad. Interrupting it leaves nothing that looks finished. Anything wrong is
// told on standard error; the exit code is 1 then, 2 for a wrong command line, and
// 3 for a set that audit or verify does not pass or things that diff.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// A subcommand takes the arguments that are left when its flags are parsed.
type subcommand struct {
	name string
	args string // what follows the flags, for the usage
	does string // one line
	// prepare adds flags to set and returns what to do with the arguments.
	prepare func(set *flag.FlagSet) func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

// subcommands are in the order of the usage.
var subcommands = []subcommand{
	{"plan", "recipe.yaml", "measure the parts and print what would be drawn", planCommand},
	{"estimate", "recipe.yaml", "look at a sample of the parts and say what they hold, with error bars", estimateCommand},
	{"run", "recipe.yaml", "draw the mix and write it", runCommand},
	{"audit", "set", "judge a finished set from its files: a folder, a file or a pattern", auditCommand},
	{"diff", "old new", "compare two sets record by record, or two recipes field by field", diffCommand},
	{"card", "set", "print the dataset card of a finished set", cardCommand},
	{"list", "", "list the published mixtures", listCommand},
	{"show", "name", "print a published mixture with the evidence of its numbers, or the recipe that draws it", showCommand},
	{"verify", "name set", "hold a finished set against a published mixture", verifyCommand},
}

// errUsage is a wrong command line, already explained.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	collectLate()
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
		if errors.Is(err, errFailed) || errors.Is(err, errDiffers) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}

// collectLate lets memory grow to 64 MiB before the first garbage collection, which
// is behind the end of most mixes from a cache. From then on memory is collected as
// ever. A GOGC in the environment is left as it is.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(1600)
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, usual)
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		usage(stderr)
		return errUsage
	}
	for _, c := range subcommands {
		if c.name == args[0] {
			return c.run(ctx, args[1:], stdout, stderr)
		}
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		usage(stdout)
		return nil
	}
	fmt.Fprintf(stderr, "mix: unknown command %q\n", args[0])
	usage(stderr)
	return errUsage
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: mix COMMAND [flags] arguments; mix COMMAND -h shows the flags")
	for _, c := range subcommands {
		fmt.Fprintf(w, "  mix %s %s\n        %s\n", c.name, c.args, c.does)
	}
}

// run parses the flags, which may stand before, between and after the
// arguments, and does the work.
func (c subcommand) run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() {
		fmt.Fprintf(stderr, "usage: mix %s [flags] %s\n%s\nflags:\n", c.name, c.args, c.does)
		set.PrintDefaults()
	}
	do := c.prepare(set)
	var rest []string
	for {
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil
			}
			return errUsage
		}
		if set.NArg() == 0 {
			break
		}
		rest, args = append(rest, set.Arg(0)), set.Args()[1:]
	}
	if len(rest) != len(strings.Fields(c.args)) {
		fmt.Fprintf(stderr, "mix %s takes %s, not %d arguments\n", c.name, c.args, len(rest))
		set.Usage()
		return errUsage
	}
	return do(ctx, rest, stdout, stderr)
}

// mixFlags are those of the sub-commands that measure a mix.
type mixFlags struct {
	options mix.Options
	quiet   bool
}

func (f *mixFlags) add(set *flag.FlagSet) {
	set.IntVar(&f.options.Workers, "workers", 0, "goroutines that filter and count; 0 is one a processor")
	set.Int64Var(&f.options.MemoryLimit, "memory", 0, "bytes of chosen records held in memory; 0 is 64 MiB, -1 none")
	set.StringVar(&f.options.TempDir, "tmp", "", "folder for the temporary file of what does not fit in memory")
	set.StringVar(&f.options.CacheDir, "cache", "", "folder that keeps what measuring found, for the next mix of the same parts")
	set.BoolVar(&f.quiet, "quiet", false, "show no progress")
}

func planCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var f mixFlags
	f.add(set)
	form := set.String("form", "text", "text, a tree for people; or json, the plan as data")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *form != "text" && *form != "json" {
			return fmt.Errorf("unknown form %q; known are text, json", *form)
		}
		r, err := mix.Read(args[0])
		if err != nil {
			return err
		}
		p, err := plan(ctx, r, &f, stderr)
		if err != nil {
			return err
		}
		if *form == "json" {
			e := json.NewEncoder(stdout)
			e.SetIndent("", "  ")
			return e.Encode(p)
		}
		_, err = fmt.Fprint(stdout, p.Explain())
		return err
	}
}

func runCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var f mixFlags
	f.add(set)
	out := set.String("out", "", "output folder, instead of the recipe's")
	overwrite := set.Bool("overwrite", false, "replace what the output folder holds")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		r, err := mix.Read(args[0])
		if err != nil {
			return err
		}
		if r.Output == nil {
			r.Output = &mix.Output{}
		}
		if *out != "" {
			dir, err := filepath.Abs(*out)
			if err != nil {
				return err
			}
			r.Output.Dir = dir
		}
		r.Output.Overwrite = r.Output.Overwrite || *overwrite
		return run(ctx, r, &f, stdout, stderr)
	}
}

func plan(ctx context.Context, r *mix.Recipe, f *mixFlags, stderr io.Writer) (*mix.Plan, error) {
	if r.Bad != nil {
		r.Bad.Quarantine = false // a plan writes nothing
	}
	if err := r.Build(nil); err != nil {
		return nil, err
	}
	m, err := mix.New(*r, &f.options)
	if err != nil {
		return nil, err
	}
	ctx, done := f.progress(ctx, stderr)
	defer done()
	return m.Plan(ctx)
}

func run(ctx context.Context, r *mix.Recipe, f *mixFlags, stdout, stderr io.Writer) error {
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
// function that ends the show and says of what use the cache was.
func (f *mixFlags) progress(ctx context.Context, stderr io.Writer) (context.Context, func()) {
	if f.quiet {
		return ctx, func() {}
	}
	m := newMeter(io.Discard)
	if file, ok := stderr.(*os.File); ok && terminal(file) {
		m = newMeter(stderr)
	}
	return datamix.WithObserver(ctx, &datamix.Observer{Progress: m.show}), func() {
		m.done()
		if f.options.CacheDir != "" {
			fmt.Fprint(stderr, m.parts)
		}
	}
}

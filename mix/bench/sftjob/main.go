// Command sftjob runs a whole fine-tuning job: it reads several sets in several
// schemas, filters, drops duplicates across sets, counts tokens, mixes by token
// shares and writes.
//
//	sftjob [-cache DIR] [-total N] [-seed N] [-workers N] [-again] JOB TOKENIZER_JSON OUT
//
// JOB is a folder with job.json, which lists the sets, their shares, the seed and
// the most tokens of a record. It prints phases and one line RESULT {json}. With
// -again it then changes the shares of two sets, mixes anew from the cache, and prints
// one line AGAIN {json} with what that took as a part of the first run.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/bench/internal/usage"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize"
)

type job struct {
	Seed      uint64 `json:"seed"`
	MaxTokens int    `json:"max_tokens"`
	Sets      []struct {
		Name      string  `json:"name"`
		File      string  `json:"file"`
		Schema    string  `json:"schema"`
		Share     float64 `json:"share"`
		JSONBytes int64   `json:"json_bytes"`
	} `json:"sets"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sftjob:", err)
		os.Exit(1)
	}
}

func run() error {
	var options mix.Options
	flag.IntVar(&options.Workers, "workers", 0, "goroutines that filter and count; 0 for all processors")
	flag.StringVar(&options.CacheDir, "cache", "", "folder that keeps what measuring found")
	total := flag.Int64("total", 0, "tokens of the mix; 0 for the largest that is feasible")
	seed := flag.Uint64("seed", 0, "seed, instead of the job's")
	again := flag.Bool("again", false, "mix again with other shares; needs -cache")
	profile := flag.String("cpuprofile", "", "write a CPU profile to the file")
	flag.Parse()
	if flag.NArg() != 3 {
		return fmt.Errorf("usage: sftjob [flags] JOB TOKENIZER_JSON OUT")
	}
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	begin := time.Now()
	var j job
	raw, err := os.ReadFile(filepath.Join(flag.Arg(0), "job.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &j); err != nil {
		return err
	}
	tok, err := tokenize.File(flag.Arg(1), nil)
	if err != nil {
		return err
	}
	fmt.Printf("tokenizer %.2f s\n", time.Since(begin).Seconds())
	recipe := mix.Recipe{Seed: j.Seed, Unit: datamix.Tokens, Total: mix.Largest, Tokenizer: tok, Dedup: filter.ByContent,
		Filters: []datamix.Filter{filter.Turns(2, 0), filter.NoEmptyTurns()}}
	var bytes int64
	for _, s := range j.Sets {
		recipe.Parts = append(recipe.Parts, mix.Part{Name: s.Name, Quantity: mix.Share(s.Share),
			Source:  source.Files(os.DirFS(flag.Arg(0)), s.File, readAs(s.Schema)),
			Filters: []datamix.Filter{filter.MaxTokens(tok, j.MaxTokens)}})
		bytes += s.JSONBytes
	}
	if *total > 0 {
		recipe.Total = mix.Total(*total)
	}
	if *seed > 0 {
		recipe.Seed = *seed
	}
	m, err := mix.New(recipe, &options)
	if err != nil {
		return err
	}
	ctx := context.Background()
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("measure   %.2f s\n", time.Since(begin).Seconds())
	report, err := datamix.Run(ctx, m, sink.JSONL(flag.Arg(2), &sink.Options{Overwrite: true, Extra: sink.ExtraDrop, RowsPerShard: (plan.Rows() + 7) / 8}))
	if err != nil {
		return err
	}
	var available datamix.Tally
	for _, p := range plan.Parts {
		available.Add(p.Available)
		fmt.Printf("%-12s available %9d target %9d rows %6d tokens %9d\n", p.Name, p.Available.Tokens, p.Amount, p.Rows, p.Size)
	}
	if err := result(begin, bytes, report, available); err != nil || !*again {
		return err
	}
	return remix(ctx, recipe, options, flag.Arg(2)+"-again", begin)
}

// remix moves a share from the first part to the second and draws the mix anew.
func remix(ctx context.Context, recipe mix.Recipe, options mix.Options, out string, begin time.Time) error {
	firstWall, firstCPU := time.Since(begin).Seconds(), usage.CPUSeconds()
	first, second := &recipe.Parts[0].Quantity, &recipe.Parts[1].Quantity
	move := first.Share.Float64() / 2
	*first, *second = mix.Share(first.Share.Float64()-move), mix.Share(second.Share.Float64()+move)
	start := time.Now()
	m, err := mix.New(recipe, &options)
	if err != nil {
		return err
	}
	report, err := datamix.Run(ctx, m, sink.JSONL(out, &sink.Options{Overwrite: true, Extra: sink.ExtraDrop}))
	if err != nil {
		return err
	}
	wall, cpu := time.Since(start).Seconds(), usage.CPUSeconds()-firstCPU
	line, err := json.Marshal(map[string]any{"rows_out": report.Output.Rows, "tokens_out": report.Output.Tokens,
		"wall_s": wall, "cpu_s": cpu, "of_first_wall": wall / firstWall, "of_first_cpu": cpu / firstCPU})
	if err != nil {
		return err
	}
	fmt.Printf("AGAIN %s\n", line)
	return nil
}

// startProfile profiles until stop is called.
func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	stop = func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a profile for the developer
	}
	return stop, pprof.StartCPUProfile(f)
}

func result(begin time.Time, bytes int64, report datamix.Report, available datamix.Tally) error {
	wall := time.Since(begin).Seconds()
	out, err := json.Marshal(map[string]any{
		"wall_s": wall, "cpu_s": usage.CPUSeconds(), "mb_s": float64(bytes) / 1e6 / wall, "peak_rss_mib": usage.PeakMiB(),
		"rows_in": report.Ledger.Read, "rows_out": report.Output.Rows, "rows_kept": available.Rows,
		"tokens_counted": available.Tokens, "tokens_out": report.Output.Tokens,
	})
	if err != nil {
		return err
	}
	fmt.Printf("RESULT %s\n", out)
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"github.com/datamix-go/datamix/mix"
)

func estimateCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var f mixFlags
	f.add(set)
	var o mix.EstimateOptions
	set.IntVar(&o.Rows, "rows", 10_000, "rows of each part that are looked at, about")
	set.Float64Var(&o.Confidence, "confidence", 0.95, "confidence of the intervals, between 0 and 1")
	asJSON := set.Bool("json", false, "print JSON")
	return func(ctx context.Context, args []string, stdout, _ io.Writer) error {
		r, err := mix.Read(args[0])
		if err != nil {
			return err
		}
		if r.Bad != nil {
			r.Bad.Quarantine = false // an estimate writes nothing
		}
		if err := r.Build(nil); err != nil {
			return err
		}
		m, err := mix.New(*r, &f.options)
		if err != nil {
			return err
		}
		e, err := m.Estimate(ctx, &o)
		if err != nil {
			return err
		}
		if *asJSON {
			w := json.NewEncoder(stdout)
			w.SetIndent("", "  ")
			return w.Encode(e)
		}
		_, err = fmt.Fprint(stdout, e)
		return err
	}
}

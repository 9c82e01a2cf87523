package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/published"
)

// verifyCommand holds a finished set against a published mixture. A set that is
// not the mixture is errFailed.
func verifyCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var o published.VerifyOptions
	set.Func("tolerance", "how far shares may be off: 0.1% (the default) is a tenth of a percentage point; or 0", func(s string) (err error) {
		if o.Share, err = fraction(s); err == nil && o.Share == 0 {
			o.Share = -1
		}
		return err
	})
	set.Func("average", "how far averages may be off: 5%; they are not judged when left out", func(s string) (err error) {
		o.Average, err = fraction(s)
		return err
	})
	set.BoolVar(&o.Exact, "exact", false, "ask for the published amounts themselves")
	by := set.String("by", "", "column that names a row's component or category; when left out, "+audit.DefaultBy+" for what mix run wrote, otherwise the released set's own")
	tokenizer := set.String("tokenizer", "", "tokenizer that counts, for mixtures in tokens: an encoding, a model, or a path")
	form := set.String("form", "text", "text or json")
	quiet := set.Bool("quiet", false, "show no progress")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *form != "text" && *form != "json" {
			return fmt.Errorf("unknown form %q; known are text, json", *form)
		}
		m, err := openMixture(args[0])
		if err != nil {
			return err
		}
		t, err := openTokenizer(mix.Recipe{TokenizerName: *tokenizer})
		if err != nil {
			return err
		}
		if *by == "" {
			if *by, err = columnOf(m, args[1]); err != nil {
				return err
			}
		}
		f := mixFlags{quiet: *quiet}
		ctx, done := f.progress(ctx, stderr)
		res, err := audit.Files(ctx, args[1], &audit.Options{By: *by, Tokenizer: t})
		done()
		if err != nil {
			return err
		}
		v, err := m.VerifyAudit(res, &o)
		if err != nil {
			return err
		}
		if *form == "json" {
			err = writeJSON(stdout, v)
		} else {
			_, err = fmt.Fprint(stdout, v)
		}
		if fault := v.Err(); fault != nil {
			return errors.Join(err, fmt.Errorf("%w: %w", errFailed, fault))
		}
		return err
	}
}

// columnOf is the column of a set that names components: that of the sinks of
// this library where they wrote it, otherwise that of the released mixture.
func columnOf(m *published.Mixture, set string) (string, error) {
	s, err := audit.Open(set, nil)
	if err != nil {
		return "", err
	}
	if s.Manifest == nil && m.Field != "" {
		return m.Field, nil
	}
	return audit.DefaultBy, nil
}

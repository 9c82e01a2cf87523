package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

// publishedForms are the tables that audit can print instead of its own.
var publishedForms = map[string]func(datamix.Report) report.Table{
	"norobots": func(r datamix.Report) report.Table { return report.ExampleShares(r, "") },
	"llama3":   func(r datamix.Report) report.Table { return report.ChatStatistics(r, "") },
	"hermes3":  func(r datamix.Report) report.Table { return report.TokenShares(r, "") },
	"tulu3":    report.Composition,
}

// auditCommand judges a finished set. A set that does not pass is errFailed.
func auditCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var o audit.Options
	judgeFlags(set, &o)
	readFlags(set, &o.Read)
	recipe := set.String("recipe", "", "recipe file to compare the set with; its tokenizer is used")
	tokenizer := set.String("tokenizer", "", "tokenizer that counts: an encoding, a model, or a path")
	form := set.String("form", "text", "text, json, markdown or html; or a published table: norobots, llama3, hermes3, tulu3")
	quiet := set.Bool("quiet", false, "show no progress")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if err := auditTargets(&o, *recipe, *tokenizer); err != nil {
			return err
		}
		f := mixFlags{quiet: *quiet}
		ctx, done := f.progress(ctx, stderr)
		res, err := audit.Files(ctx, args[0], &o)
		done()
		if err != nil {
			return err
		}
		if err := printAudit(stdout, res, args[0], *form); err != nil {
			return err
		}
		return verdict(res, *form == "text")
	}
}

// verdict is errFailed for a set that does not pass, with the reasons unless
// they have been told.
func verdict(res *audit.Result, told bool) error {
	var failed *audit.FailedError
	err := res.Err()
	switch {
	case !errors.As(err, &failed):
		return err
	case told:
		return fmt.Errorf("%w: findings that fail: %d", errFailed, len(failed.Findings))
	}
	return fmt.Errorf("%w%s", errFailed, strings.TrimPrefix(err.Error(), errFailed.Error()))
}

// judgeFlags adds the flags that say what a set must hold.
func judgeFlags(set *flag.FlagSet, o *audit.Options) {
	set.StringVar(&o.By, "by", "", "column to group the rows by, "+audit.ByFile+" for the file; when left out, the recipe's source_column or "+audit.DefaultBy)
	set.Func("tolerance", "how far shares and quantities may be off: 0.5% (the default), 0.01, or 0", func(s string) (err error) {
		if o.Tolerance, err = fraction(s); err == nil && o.Tolerance == 0 {
			o.Tolerance = -1
		}
		return err
	})
	limit := func(to **float64) func(string) error {
		return func(s string) error {
			x, err := fraction(s)
			*to = &x
			return err
		}
	}
	set.Func("max-duplicates", "part of the rows that may repeat an earlier one; any when left out", limit(&o.Duplicates))
	set.Func("max-too-long", "part of the rows that may be longer than -max-tokens, 0 when left out", limit(&o.TooLong))
	set.Func("max-mask-faults", "part of the rows that may have a fault of the loss mask; any when left out", limit(&o.MaskFaults))
	set.Int64Var(&o.MaxTokens, "max-tokens", 0, "length that records may have; 0 is any")
	set.IntVar(&o.Workers, "workers", 0, "goroutines that count; 0 is one a processor")
}

// readFlags adds the flags that say how the files of a set are read.
func readFlags(set *flag.FlagSet, o *source.Options) {
	set.StringVar(&o.Schema, "schema", "", "schema of the rows; found by looking when left out")
	set.Func("columns", "which columns hold what, as in a recipe: '{user: Question, assistant: Answer}'", func(s string) error {
		o.Columns = &schema.Columns{}
		return yaml.UnmarshalWithOptions([]byte(s), o.Columns, yaml.Strict())
	})
}

// errFailed is a set that was judged and does not pass.
var errFailed = errors.New("the set does not pass")

// auditTargets reads the recipe and opens the tokenizer.
func auditTargets(o *audit.Options, recipe, tokenizer string) error {
	var r mix.Recipe
	if recipe != "" {
		read, err := mix.Read(recipe)
		if err != nil {
			return err
		}
		o.Recipe, r = read, *read
	}
	if tokenizer != "" {
		r.TokenizerName = tokenizer
	}
	t, err := openTokenizer(r)
	o.Tokenizer = t
	return err
}

// openTokenizer opens the tokenizer that a recipe names, without its sources.
func openTokenizer(r mix.Recipe) (datamix.Tokenizer, error) {
	r.Parts, r.FilterSpecs, r.Bad = nil, nil, nil
	err := r.Build(nil)
	return r.Tokenizer, err
}

func printAudit(w io.Writer, res *audit.Result, name, form string) (err error) {
	page := res.Page(name)
	switch form {
	case "text":
		_, err = fmt.Fprint(w, res)
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		err = e.Encode(res)
	case "markdown":
		_, err = fmt.Fprint(w, page.Markdown())
	case "html":
		var html []byte
		if html, err = page.HTML(); err == nil {
			_, err = w.Write(html)
		}
	default:
		table, known := publishedForms[form]
		if known && (form == "llama3" || form == "hermes3") && res.Total.Rows > 0 && res.Total.Tokens == 0 {
			return fmt.Errorf("the form %s counts tokens: give -tokenizer", form)
		}
		if !known {
			return fmt.Errorf("unknown form %q; known are text, json, markdown, html, norobots, llama3, hermes3, tulu3", form)
		}
		_, err = fmt.Fprint(w, table(res.Report()))
	}
	return err
}

// fraction reads 0.01 or "1%".
func fraction(s string) (float64, error) {
	text, isPercent := strings.CutSuffix(strings.TrimSpace(s), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if isPercent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1) {
		return 0, fmt.Errorf("want a number from 0 to 1, or a percentage")
	}
	return x, nil
}

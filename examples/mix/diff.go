package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/source"
)

// errDiffers is two things that were compared and differ.
var errDiffers = errors.New("they differ")

// diffCommand compares two recipes or two sets.
func diffCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	var o audit.DiffOptions
	set.StringVar(&o.Key, "key", "", "what makes two records the same one: content, provenance, or a column; found by looking when left out")
	set.StringVar(&o.By, "by", audit.DefaultBy, "column to group the rows by")
	tokenizer := set.String("tokenizer", "", "tokenizer that counts: an encoding, a model, or a path")
	set.IntVar(&o.Examples, "examples", 5, "records of each kind to show; 0 is none")
	set.IntVar(&o.Workers, "workers", 0, "goroutines that count; 0 is one a processor")
	var read source.Options
	readFlags(set, &read)
	asJSON := set.Bool("json", false, "print JSON")
	quiet := set.Bool("quiet", false, "show no progress")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if isRecipe(args[0]) && isRecipe(args[1]) {
			return diffRecipes(args[0], args[1], *asJSON, stdout)
		}
		if o.Examples == 0 {
			o.Examples = -1
		}
		t, err := openTokenizer(mix.Recipe{TokenizerName: *tokenizer})
		if err != nil {
			return err
		}
		o.Tokenizer = t
		var sets [2]datamix.Source
		for i, name := range args {
			s, err := audit.Open(name, &read)
			if err != nil {
				return err
			}
			sets[i] = s
		}
		f := mixFlags{quiet: *quiet}
		ctx, done := f.progress(ctx, stderr)
		d, err := audit.Sets(ctx, sets[0], sets[1], &o)
		done()
		if err != nil {
			return err
		}
		return printDiff(stdout, d, *asJSON, d.Equal())
	}
}

func diffRecipes(older, newer string, asJSON bool, w io.Writer) error {
	a, err := mix.Read(older)
	if err != nil {
		return err
	}
	b, err := mix.Read(newer)
	if err != nil {
		return err
	}
	d, err := audit.Recipes(a, b)
	if err != nil {
		return err
	}
	return printDiff(w, d, asJSON, len(d) == 0)
}

func printDiff(w io.Writer, d any, asJSON, equal bool) (err error) {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		err = e.Encode(d)
	} else {
		_, err = fmt.Fprint(w, d)
	}
	if err == nil && !equal {
		err = errDiffers
	}
	return err
}

// isRecipe tells recipes from data by the name: a recipe in JSON is compared as
// one when it is named so.
func isRecipe(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml" || strings.HasSuffix(strings.ToLower(name), "recipe.json")
}

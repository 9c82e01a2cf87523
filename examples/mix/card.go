package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// cardCommand prints the dataset card of a finished set, with the licences that
// a recipe's labels name.
func cardCommand(set *flag.FlagSet) func(context.Context, []string, io.Writer, io.Writer) error {
	recipe := set.String("recipe", "", "recipe file of the set: its labels tell licences, languages and data sets")
	license := set.String("license", "", "licence of the set, instead of the recipe's")
	title := set.String("title", "", "title, instead of the recipe's name or the folder's")
	by := set.String("by", "", "column to group the rows by, where no run has left a report")
	tokenizer := set.String("tokenizer", "", "tokenizer that counts: an encoding, a model, or a path")
	var read source.Options
	readFlags(set, &read)
	write := set.Bool("write", false, "write the card to README.md in the folder instead of printing it")
	overwrite := set.Bool("overwrite", false, "with -write: also over a README.md that datamix has not written")
	return func(ctx context.Context, args []string, stdout, _ io.Writer) error {
		page, err := cardPage(ctx, args[0], *recipe, *tokenizer, &audit.Options{By: *by, Read: read})
		if err != nil {
			return err
		}
		if *license != "" {
			page.License = *license
		}
		if *title != "" {
			page.Title = *title
		}
		path := filepath.Join(args[0], "README.md")
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && *write {
			return err
		}
		card := page.Card(report.CardHeader(old))
		if !*write {
			_, err = stdout.Write(card)
			return err
		}
		if err == nil && !bytes.Contains(old, []byte(sink.CardMark)) && !*overwrite {
			return fmt.Errorf("%s is not one that datamix has written: give -overwrite to replace it", path)
		}
		return replaceFile(path, card)
	}
}

// replaceFile writes a file under a temporary name and renames it.
func replaceFile(path string, data []byte) error {
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o666); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, path)
}

// cardPage is the report that a run has left in a folder, otherwise what an
// audit finds.
func cardPage(ctx context.Context, name, recipe, tokenizer string, o *audit.Options) (report.Page, error) {
	if err := auditTargets(o, recipe, tokenizer); err != nil {
		return report.Page{}, err
	}
	s, err := audit.Open(name, &o.Read)
	if err != nil {
		return report.Page{}, err
	}
	page := report.Page{Title: filepath.Base(name), Manifest: s.Manifest}
	if s.Report != nil && len(s.Report.Parts) > 0 {
		page.Report = *s.Report
	} else {
		res, err := audit.Files(ctx, name, o)
		if err != nil {
			return page, err
		}
		page.Report = res.Report()
		if o.Recipe == nil {
			page.Warnings = res.Page("").Warnings
		}
	}
	if o.Recipe != nil {
		return withRecipe(page, o.Recipe, recipe)
	}
	return page, nil
}

// withRecipe adds what a recipe says to a page.
func withRecipe(page report.Page, r *mix.Recipe, path string) (report.Page, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return page, fmt.Errorf("recipe: %w", err)
	}
	page.Recipe, page.License = string(text), r.License
	if r.Name != "" {
		page.Title = r.Name
	}
	return page, nil
}

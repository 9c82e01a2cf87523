package audit

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// ByFile as Options.By groups the rows by the file that they are in.
const ByFile = "@file"

// DefaultBy is the column that sinks of datamix name the part of a mix in.
const DefaultBy = "source"

// DefaultTolerance is half a percentage point.
const DefaultTolerance = 0.005

// maxGroups bounds the number of groups: a column with more different values is
// no category.
const maxGroups = 20_000

// maxExamples is how many bad rows are told one by one.
const maxExamples = 5

// Options says how a set is judged. The zero value of each field is its
// default; a nil *Options is all defaults.
type Options struct {
	// By is the column or label whose values group the rows; by default the one
	// that the recipe's Output names, otherwise DefaultBy. A dot goes into an object: "provenance.part". A column that the
	// rows lack is also looked for in the column "extra", where sinks of datamix
	// keep the columns that no schema took. ByFile stands for the file.
	By string
	// Tokenizer counts tokens. Without one nothing is said about tokens, unless
	// the records come counted.
	Tokenizer datamix.Tokenizer
	// Same says which records are duplicates, filter.ByContent by default.
	Same filter.DedupKey
	// MaxTokens is the length that records may have; a longer one is a fault. 0
	// stands for any length.
	MaxTokens int64
	// Recipe is what the set is compared with; nil for nothing. Its sources need
	// not exist. Rows are grouped by the name of the part then, so By must be the
	// column that holds it.
	Recipe *mix.Recipe
	// Tolerance is how far a share may be from its target, as a part of the
	// whole, and a quantity from what was asked for, as a part of that: 0.01 is
	// one percentage point or one percent. One record more or less is always
	// within it. 0 stands for DefaultTolerance, a negative number for none.
	Tolerance float64
	// Duplicates is the part of the rows, 0 to 1, that may repeat an earlier row
	// of the set; nil for any. Repeats that a recipe allows are held against its
	// max_epochs instead.
	Duplicates *float64
	// TooLong is the part of the rows that may be longer than MaxTokens; nil for
	// none.
	TooLong *float64
	// MaskFaults is the part of the rows that may have a fault of the loss mask;
	// nil for any.
	MaskFaults *float64
	// Workers is the number of goroutines that count tokens; 0 stands for
	// GOMAXPROCS. It does not change the result.
	Workers int
	// Read are the options for reading files, where Files opens them.
	Read source.Options
}

func (o *Options) resolve() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	if r.By == "" && r.Recipe != nil && r.Recipe.Output != nil && r.Recipe.Output.SourceColumn != sink.NoSource {
		r.By = r.Recipe.Output.SourceColumn
	}
	if r.By == "" {
		r.By = DefaultBy
	}
	if r.Same == "" {
		r.Same = filter.ByContent
	}
	switch {
	case r.Tolerance == 0:
		r.Tolerance = DefaultTolerance
	case r.Tolerance < 0:
		r.Tolerance = 0
	}
	if err := r.Same.Check(); err != nil {
		return r, err
	}
	if r.MaxTokens < 0 || r.Workers < 0 {
		return r, fmt.Errorf("datamix/mix/audit: MaxTokens is %d and Workers %d, want at least 0", r.MaxTokens, r.Workers)
	}
	for name, limit := range map[string]*float64{"Duplicates": r.Duplicates, "TooLong": r.TooLong, "MaskFaults": r.MaskFaults} {
		if limit != nil && !(*limit >= 0 && *limit <= 1) {
			return r, fmt.Errorf("datamix/mix/audit: %s is %v, want 0 to 1", name, *limit)
		}
	}
	if r.Recipe != nil {
		if err := r.Recipe.Check(); err != nil {
			return r, err
		}
	}
	return r, nil
}

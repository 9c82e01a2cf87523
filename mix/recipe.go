package mix

import (
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// Recipe says what a mix is made of. It is the same struct in Go, JSON and
// YAML: fields that a file cannot hold (sources, tokenizers, filters and
// policies that are Go values) have a twin that names them.
type Recipe struct {
	// Name is the mix's name, for reports. Optional.
	Name string `json:"name,omitempty"`
	// Seed decides every random choice. Any value is as good as another.
	Seed uint64 `json:"seed"`
	// Unit is what Total, shares and weights are counted in: rows (the
	// default), tokens or trainable_tokens.
	Unit datamix.Unit `json:"unit,omitempty"`
	// Total is the size of the whole mix in Unit; Largest asks for the largest
	// feasible one. It may be left out when the parts' own quantities say how
	// much there is.
	Total Total `json:"total,omitempty"`
	// MaxEpochs is how many passes over a part are drawn at most, for parts that
	// do not say; 0 stands for 1: nothing is repeated.
	MaxEpochs float64 `json:"max_epochs,omitempty"`
	// Shortfall says what happens when a part cannot give what it should; empty
	// stands for ShortfallError.
	Shortfall Shortfall `json:"shortfall,omitempty"`
	// Weights computes the weights of the parts that have no quantity.
	Weights *Weights `json:"weights,omitempty"`
	// TokenizerName names the tokenizer in a file: an encoding, a model, or the
	// path of a tokenizer.json or tekken.json, relative to the recipe. Build
	// turns it into Tokenizer.
	TokenizerName string `json:"tokenizer,omitempty"`
	// TokenizerOptions changes what the named tokenizer counts. Optional.
	TokenizerOptions *TokenizerOptions `json:"tokenizer_options,omitempty"`
	// ChatTemplate names the chat template with which the records are counted as
	// they are trained: a built-in form of package tokenize/chat, or the path of a
	// tokenizer_config.json, a .jinja file or a folder with either, relative to the
	// recipe. Build puts it into Tokenizer, which must be set or named. Empty
	// counts the texts alone.
	ChatTemplate string `json:"chat_template,omitempty"`
	// TemplateOptions changes what the named chat template renders. Optional.
	TemplateOptions *TemplateOptions `json:"template_options,omitempty"`
	// Tokenizer counts the records. Without one, records must come counted if
	// any quantity is in tokens.
	Tokenizer datamix.Tokenizer `json:"-"`
	// FilterSpecs name the filters of every part in a file.
	FilterSpecs []FilterSpec `json:"filters,omitempty"`
	// Filters apply to every part, before its own.
	Filters []datamix.Filter `json:"-"`
	// Dedup drops records that say the same as an earlier one, of the same part
	// or one before it in Parts: "content", "prompt" or another key of package
	// filter. Empty for no deduplication. An Observer's Drop is told of them when
	// all parts are measured; they are read once more for it.
	Dedup filter.DedupKey `json:"dedup,omitempty"`
	// Bad says in a file what to do with bad rows.
	Bad *BadRows `json:"bad_rows,omitempty"`
	// OnError decides about bad rows; nil ends the run at the first.
	OnError datamix.ErrorPolicy `json:"-"`
	// Parts are what is mixed: sources, and groups of parts.
	Parts []Part `json:"parts"`
	// Stages divide the mix into stretches with quantities of their own, one
	// after the other. Empty for a mix that is the same from start to end.
	Stages []Stage `json:"stages,omitempty"`
	// Order is how the parts follow each other, in each stage of a mix with
	// stages: interleaved (the default), sequential or shuffled.
	Order Order `json:"order,omitempty"`
	// Output says in a file what is written, and where.
	Output *Output `json:"output,omitempty"`
	// License is the licence that the mix is to be passed on under, as the Hub
	// spells it ("apache-2.0"). The card of the mix has it, and reports warn of
	// parts whose labels name a licence that does not go with it. Optional.
	License string `json:"license,omitempty"`

	dir  string // what relative paths are relative to
	file string // its name, for messages
	text string // the file, for reports
}

// Order is how the parts of a mix follow each other.
type Order string

// The orders.
const (
	// Interleaved mixes the parts evenly: every prefix of the output is the
	// mix, to within one record.
	Interleaved Order = "interleaved"
	// Sequential writes part after part.
	Sequential Order = "sequential"
	// Shuffled puts all records of the mix into one random order, in which every
	// permutation is as likely as another. The ratio holds at the end and, as in
	// any sample, about before.
	Shuffled Order = "shuffled"
)

// Shortfall is what happens when a part cannot give what it should.
type Shortfall string

// The policies for a shortfall.
const (
	// ShortfallError refuses the plan and says what would make it feasible.
	ShortfallError Shortfall = "error"
	// Redistribute lets each part give what it can, and the others of its group
	// the rest, in proportion to their targets.
	Redistribute Shortfall = "redistribute"
	// RepeatParts repeats a part as often as it takes, if neither it nor a group
	// around it nor the recipe says max_epochs.
	RepeatParts Shortfall = "repeat"
)

// ErrRecipe is in every error about a recipe that contradicts itself.
var ErrRecipe = errors.New("datamix/mix: bad recipe")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRecipe, fmt.Sprintf(format, args...))
}

// unit is the unit of shares and total, never empty.
func (r *Recipe) unit() datamix.Unit {
	if r.Unit == "" {
		return datamix.Rows
	}
	return r.Unit
}

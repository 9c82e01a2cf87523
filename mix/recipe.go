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
	// MaxEpochs is how often a part may be repeated at most, for parts that do
	// not say; 0 stands for 1: nothing is repeated.
	MaxEpochs float64 `json:"max_epochs,omitempty"`
	// TokenizerName names the tokenizer in a file: an encoding, a model, or the
	// path of a tokenizer.json or tekken.json, relative to the recipe. Build
	// turns it into Tokenizer.
	TokenizerName string `json:"tokenizer,omitempty"`
	// Tokenizer counts the records. Without one, records must come counted if
	// any quantity is in tokens.
	Tokenizer datamix.Tokenizer `json:"-"`
	// FilterSpecs name the filters of every part in a file.
	FilterSpecs []FilterSpec `json:"filters,omitempty"`
	// Filters apply to every part, before its own.
	Filters []datamix.Filter `json:"-"`
	// Dedup drops records that say the same as an earlier one, of the same part
	// or one before it in Parts: "content", "prompt" or another key of package
	// filter. Empty for no deduplication.
	Dedup filter.DedupKey `json:"dedup,omitempty"`
	// Bad says in a file what to do with bad rows.
	Bad *BadRows `json:"bad_rows,omitempty"`
	// OnError decides about bad rows; nil ends the run at the first.
	OnError datamix.ErrorPolicy `json:"-"`
	// Parts are what is mixed.
	Parts []Part `json:"parts"`
	// Order is how the parts follow each other: interleaved (the default) or
	// sequential.
	Order Order `json:"order,omitempty"`
	// Output says in a file what is written, and where.
	Output *Output `json:"output,omitempty"`

	dir string // what relative paths are relative to
}

// Part is one ingredient of a mix.
type Part struct {
	// Name identifies the part: in reports, in the output and in the seed of
	// its choices. Renaming a part changes what is drawn from it; moving it in
	// the list or adding another does not.
	Name string `json:"name"`
	// From says in a file where the records come from.
	From *From `json:"source,omitempty"`
	// Source is where the records come from. It is read twice: once to measure,
	// once to write.
	Source datamix.Source `json:"-"`
	// Quantity is how much of the part goes into the mix. In a file its key
	// stands beside name: share: 40%.
	Quantity `yaml:",inline"`
	// MaxEpochs is how often the part may be repeated at most; 0 stands for the
	// recipe's.
	MaxEpochs float64 `json:"max_epochs,omitempty"`
	// FilterSpecs name the part's filters in a file.
	FilterSpecs []FilterSpec `json:"filters,omitempty"`
	// Filters apply to the part after the recipe's.
	Filters []datamix.Filter `json:"-"`
	// Labels are set on every record of the part and shown in reports:
	// category, license, language, model.
	Labels map[string]string `json:"labels,omitempty"`
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
)

// ErrRecipe is in every error about a recipe that contradicts itself.
var ErrRecipe = errors.New("datamix/mix: bad recipe")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRecipe, fmt.Sprintf(format, args...))
}

// Check returns an error when the recipe contradicts itself. It does not look
// at the data.
func (r *Recipe) Check() error {
	if err := r.Unit.Check(); err != nil {
		return bad("%v", err)
	}
	switch r.Order {
	case "", Interleaved, Sequential:
	default:
		return bad("unknown order %q; known are %s, %s", string(r.Order), Interleaved, Sequential)
	}
	if r.Dedup != "" {
		if err := r.Dedup.Check(); err != nil {
			return bad("%v", err)
		}
	}
	if r.MaxEpochs < 0 {
		return bad("max_epochs is %v, want at least 0", r.MaxEpochs)
	}
	if len(r.Parts) == 0 {
		return bad("it has no parts")
	}
	names := map[string]bool{}
	for i := range r.Parts {
		p := &r.Parts[i]
		if err := p.check(); err != nil {
			return &partFault{i, err}
		}
		if names[p.Name] {
			return &partFault{i, bad("two parts are called %q", p.Name)}
		}
		names[p.Name] = true
	}
	_, err := r.demand()
	return err
}

func (p *Part) check() error {
	if p.Name == "" {
		return bad("a part has no name")
	}
	if err := p.Quantity.check(); err != nil {
		return bad("part %s: %v", p.Name, err)
	}
	if p.MaxEpochs < 0 {
		return bad("part %s: max_epochs is %v, want at least 0", p.Name, p.MaxEpochs)
	}
	return nil
}

// unit is the unit of shares and total, never empty.
func (r *Recipe) unit() datamix.Unit {
	if r.Unit == "" {
		return datamix.Rows
	}
	return r.Unit
}

// maxEpochs is how often p may be repeated.
func (r *Recipe) maxEpochs(p *Part) float64 {
	switch {
	case p.MaxEpochs > 0:
		return p.MaxEpochs
	case r.MaxEpochs > 0:
		return r.MaxEpochs
	}
	return 1
}

// needsTokens reports whether a quantity is counted in tokens.
func (r *Recipe) needsTokens() bool {
	if r.unit() != datamix.Rows {
		return true
	}
	for i := range r.Parts {
		if _, unit := r.Parts[i].fixed(); unit != datamix.Rows {
			return true
		}
	}
	return false
}

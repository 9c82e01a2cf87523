package mix

import (
	"maps"

	"github.com/datamix-go/datamix"
)

// Part is one ingredient of a mix: a leaf has a Source, a group has Parts.
type Part struct {
	// Name identifies the part: in reports, in the output and in the seed of
	// its choices. Inside groups that is the path, "group/part". Renaming a part
	// changes what is drawn from it; moving it in the list or adding another
	// does not.
	Name string `json:"name"`
	// From says in a file where the records of a leaf come from.
	From *From `json:"source,omitempty"`
	// Source is where the records of a leaf come from. It is read twice: once to
	// measure, once to write.
	Source datamix.Source `json:"-"`
	// Quantity is how much of the part goes into the mix. In a file its key
	// stands beside name: share: 40%.
	Quantity `yaml:",inline"`
	// Parts makes the part a group: its quantity is shared out among them.
	Parts []Part `json:"parts,omitempty"`
	// Unit is what the shares and weights inside a group are counted in; empty
	// stands for the unit of what the group is in. Its own quantity is in that.
	Unit datamix.Unit `json:"unit,omitempty"`
	// Weights computes the weights of those parts of a group that have no
	// quantity.
	Weights *Weights `json:"weights,omitempty"`
	// MaxEpochs is how many passes over the part are drawn at most; 0 stands for
	// what the group or recipe around it says, or for Epochs, rounded up, where
	// that is more.
	MaxEpochs float64 `json:"max_epochs,omitempty"`
	// MaxFraction is how much of the part's records may be used at all, 0 to 1,
	// counted in rows; 0 stands for what the group around it says, in the end
	// for 1. With MaxEpochs above 1 the same fraction is repeated.
	MaxFraction float64 `json:"max_fraction,omitempty"`
	// Min and Max bound what the part gives.
	Min *Bound `json:"min,omitempty"`
	Max *Bound `json:"max,omitempty"`
	// Prefer names a label or column with a number: records with higher numbers
	// are chosen first, those without one last, in each stage and, of the last pass,
	// where not all are drawn. What is chosen comes in an order that the
	// numbers have no part in.
	Prefer string `json:"prefer,omitempty"`
	// Strata names a label or column: in what is drawn from the part its values
	// keep the ratio that they have in the whole part, counted in rows.
	Strata string `json:"strata,omitempty"`
	// FilterSpecs name the part's filters in a file.
	FilterSpecs []FilterSpec `json:"filters,omitempty"`
	// Filters apply to the part after those of what it is in.
	Filters []datamix.Filter `json:"-"`
	// Labels are set on every record of the part and shown in reports:
	// category, license, language, model. A part of a group adds to the group's.
	Labels map[string]string `json:"labels,omitempty"`
}

// Bound is a limit in one unit. Exactly one field is set.
type Bound struct {
	Rows            *int64 `json:"rows,omitempty"`
	Tokens          *int64 `json:"tokens,omitempty"`
	TrainableTokens *int64 `json:"trainable_tokens,omitempty"`
}

// Weights says how the weights of parts follow from their measured sizes.
// Exactly one field is set.
type Weights struct {
	// Temperature T gives each part the weight size^(1/T): 1 is proportional to
	// size, larger ones even out.
	Temperature float64 `json:"temperature,omitempty"`
	// UniMax gives each part the same, but none more than so many passes, which
	// is max_epochs for parts that do not say.
	UniMax float64 `json:"unimax,omitempty"`
}

func (p *Part) group() bool { return len(p.Parts) > 0 }

// leaves returns the parts with a source, in order, with everything they
// inherit: Name is the path, Filters and Labels include those of the groups
// around, MaxFraction is never 0, Unit is what their shares are counted in.
func (r *Recipe) leaves() []Part {
	return appendLeaves(nil, r.Parts, &Part{Unit: r.unit(), MaxFraction: 1})
}

func appendLeaves(leaves, parts []Part, around *Part) []Part {
	for i := range parts {
		p := parts[i]
		p.Name = join(around.Name, p.Name)
		if p.MaxFraction == 0 {
			p.MaxFraction = around.MaxFraction
		}
		p.Filters = append(around.Filters[:len(around.Filters):len(around.Filters)], p.Filters...)
		if len(around.Labels) > 0 {
			labels := maps.Clone(around.Labels)
			maps.Copy(labels, p.Labels)
			p.Labels = labels
		}
		if p.Unit == "" {
			p.Unit = around.Unit
		}
		if p.group() {
			leaves = appendLeaves(leaves, p.Parts, &p)
		} else {
			leaves = append(leaves, p)
		}
	}
	return leaves
}

// join makes the path of a part in a group.
func join(group, part string) string {
	if group == "" {
		return part
	}
	return group + "/" + part
}

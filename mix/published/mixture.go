package published

import (
	"encoding/json"
	"strings"

	"github.com/datamix-go/datamix"
)

// Mixture is a mixture as its publisher describes it: a table whose rows are
// the components and whose columns are the numbers that were published.
type Mixture struct {
	// Name is what Recipe knows the mixture by.
	Name string `json:"name"`
	// Title is its name for people.
	Title string `json:"title"`
	// Stage is what it was made for: sft, pretraining, mid-training, ...; a
	// corpus says so.
	Stage string `json:"stage"`
	// Hub is the repository of the mixture on the Hugging Face Hub, empty where
	// it was not released as a whole; Config is the configuration there.
	Hub    string `json:"hub,omitempty"`
	Config string `json:"config,omitempty"`
	// License is that of the whole as its card prints it; "unknown", "several",
	// "not released" and "none stated" stand for themselves. Components keep
	// their own.
	License string `json:"license"`
	// Schema is the form of the released rows, a key of Schemas; empty where it
	// is not known.
	Schema string `json:"schema,omitempty"`
	// Field is the column of the released rows that holds the components'
	// labels; empty where there is none or it is not known.
	Field string `json:"field,omitempty"`
	// Unit is what the mixture is counted in.
	Unit datamix.Unit `json:"unit"`
	// Measure is the column whose numbers make the mix.
	Measure string `json:"measure"`
	// Budget is how much was drawn of the whole; nil where it is not known or
	// the components' amounts say it.
	Budget *Budget `json:"budget,omitempty"`
	// Columns are the kinds of numbers that are known.
	Columns []Column `json:"columns"`
	// Totals are what the publisher prints below the columns, or what can be
	// computed.
	Totals []Total `json:"totals,omitempty"`
	// Schemas are the forms of rows that components name.
	Schemas map[string]Schema `json:"schemas,omitempty"`
	// Components are what is mixed, in the publisher's order.
	Components []Component `json:"components"`
	// Filters are those that the publisher names for every component.
	Filters []Filter `json:"filters,omitempty"`
	// Caveats are what a reader of the numbers should know: contradictions
	// between sources, totals that do not add up, what is not published.
	Caveats []string `json:"caveats,omitempty"`
	// Sources are where the numbers were read.
	Sources []Source `json:"sources"`
}

// Evidence says how surely a number is known. What is known from memory alone
// is not in this package.
type Evidence string

// The grades of evidence.
const (
	// Primary: from the paper, card, configuration or code of the publisher.
	Primary Evidence = "P"
	// Secondary: from somebody else, who measured or copied it.
	Secondary Evidence = "S"
	// Derived: computed from primary and secondary numbers.
	Derived Evidence = "D"
)

// Meaning is what the numbers of a column are. Publishers call most of them
// weights.
type Meaning string

// The meanings.
const (
	// Amount is a number of rows or tokens in the mix.
	Amount Meaning = "amount"
	// Share is a part of the whole mix, 0 to 1.
	Share Meaning = "share"
	// Weight is relative: it is divided by the sum of the column.
	Weight Meaning = "weight"
	// Fraction is the part of a component that is taken; above 1 it repeats.
	Fraction Meaning = "fraction"
	// Repetitions is how often a component is taken as a whole.
	Repetitions Meaning = "repetitions"
	// KeepProbability is the probability with which each record of a component
	// is taken: the expected Fraction.
	KeepProbability Meaning = "keep_probability"
	// Pool is the size of a component before anything was drawn from it.
	Pool Meaning = "pool"
	// Average is the mean over the records of a component in the mix.
	Average Meaning = "average"
)

// Column describes the numbers that stand in one column.
type Column struct {
	Name string `json:"name"`
	// Is is what the numbers mean.
	Is Meaning `json:"is"`
	// Of is what they count: rows, tokens or trainable_tokens; for averages also
	// turns, tokens_context and tokens_final.
	Of string `json:"of"`
	// Evidence is that of the numbers that say nothing else.
	Evidence Evidence `json:"evidence"`
	// Source is the key of the source in Mixture.Sources, At the place in it.
	Source string `json:"source"`
	At     string `json:"at,omitempty"`
	// Step is the unit of the last digit that was published: the true number
	// lies within half of it. 0 stands for exact numbers.
	Step float64 `json:"step,omitempty"`
	// About says that the publisher calls the numbers approximate.
	About bool `json:"about,omitempty"`
}

// Number is one published number.
type Number struct {
	Value float64 `json:"is"`
	// Evidence and Step are the number's own where they differ from the column's;
	// after Parse they are set.
	Evidence Evidence `json:"evidence,omitempty"`
	Step     float64  `json:"step,omitempty"`
}

// UnmarshalJSON reads a bare number or the object that encoding/json writes.
func (n *Number) UnmarshalJSON(b []byte) error {
	if !strings.HasPrefix(string(b), "{") {
		return json.Unmarshal(b, &n.Value)
	}
	type plain Number
	return decodeStrict(b, (*plain)(n))
}

// Total is what a column comes to.
type Total struct {
	// Column is the column's name.
	Column string  `json:"column"`
	Value  float64 `json:"value"`
	// Off is by how much the column differs from Value although it should not;
	// the mixture's Caveats say more.
	Off      float64  `json:"off,omitempty"`
	Step     float64  `json:"step,omitempty"`
	Evidence Evidence `json:"evidence"`
	Source   string   `json:"source"`
	At       string   `json:"at,omitempty"`
}

// Budget is the size of a whole mix.
type Budget struct {
	Value    float64      `json:"value"`
	Unit     datamix.Unit `json:"unit"`
	About    bool         `json:"about,omitempty"`
	Evidence Evidence     `json:"evidence"`
	Source   string       `json:"source"`
	At       string       `json:"at,omitempty"`
}

// Schema is a form of rows.
type Schema struct {
	// Adapter is the schema's name in package source/schema, empty where no
	// adapter takes such rows: messages one by one, rows without text.
	Adapter string `json:"adapter,omitempty"`
	// Columns are those that were seen; there may be others.
	Columns  []string `json:"columns"`
	Evidence Evidence `json:"evidence"`
}

// Filter is a filter that a publisher names.
type Filter struct {
	// Name is that of a filter in a registry: of package filter where that has
	// one that does the same, otherwise one that nobody has registered yet.
	Name string `json:"name"`
	// Options are those of the filter.
	Options json.RawMessage `json:"options,omitempty"`
	// Open is what the publisher does not say, without which the filter cannot
	// be built.
	Open string `json:"open,omitempty"`
	// Says is what the filter keeps.
	Says     string   `json:"says"`
	Evidence Evidence `json:"evidence"`
	Source   string   `json:"source"`
}

// Source is where numbers were read.
type Source struct {
	// Key is what columns and filters refer to.
	Key   string `json:"key"`
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

// column returns the position of a column, -1 where there is none of that name.
func (m *Mixture) column(name string) int {
	for i := range m.Columns {
		if m.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// measure returns the column that makes the mix.
func (m *Mixture) measure() (int, *Column) {
	i := m.column(m.Measure)
	return i, &m.Columns[i]
}

// Component returns the component with that ID, nil where there is none.
func (m *Mixture) Component(id string) *Component {
	for i := range m.Components {
		if m.Components[i].ID == id {
			return &m.Components[i]
		}
	}
	return nil
}

// Numbers returns the numbers of a column, one for each component, nil where
// one is not known, and false where the mixture has no such column.
func (m *Mixture) Numbers(column string) ([]*Number, bool) {
	i := m.column(column)
	if i < 0 {
		return nil, false
	}
	out := make([]*Number, len(m.Components))
	for j := range m.Components {
		out[j] = m.Components[j].Values[i]
	}
	return out, true
}

// sum adds up a column; ok is false where a number is not known.
func (m *Mixture) sum(column int) (sum float64, ok bool) {
	for i := range m.Components {
		n := m.Components[i].Values[column]
		if n == nil {
			return 0, false
		}
		sum += n.Value
	}
	return sum, true
}

// Size returns the size of the whole mixture in its Unit: what the amounts come
// to, or the Budget. about says that it is approximate, ok that it is known.
func (m *Mixture) Size() (n int64, about, ok bool) {
	at, measure := m.measure()
	if measure.Is == Amount {
		sum, slack, err := m.total(at)
		return int64(sum), slack > 0, err == nil
	}
	if m.Budget != nil {
		return int64(m.Budget.Value), m.Budget.About, true
	}
	return 0, false, false
}

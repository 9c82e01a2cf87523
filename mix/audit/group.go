package audit

import (
	"strings"

	"github.com/bytedance/sonic"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

// Group is what the audit found of the rows with one value of the column.
type Group struct {
	// Name is the value; report.Unlabelled where rows have none.
	Name string `json:"name"`
	// Tally sums up the rows.
	datamix.Tally
	// Distinct is the number of different records, and Epochs is rows by that.
	Distinct int64   `json:"distinct"`
	Epochs   float64 `json:"epochs"`
	// Shared is the number of rows whose record is also in another group.
	Shared int64 `json:"shared"`
	// TooLong is the number of rows longer than Options.MaxTokens.
	TooLong int64 `json:"too_long"`
	// Faults counts the rows with a fault of the loss mask, by kind.
	Faults map[Fault]int64 `json:"mask_faults,omitempty"`
	// Pass is the highest pass that a provenance column gives, 0 for the first.
	Pass int64 `json:"pass"`
	// Share is the group's part of the set, in the audit's Unit.
	Share float64 `json:"share"`
	// Target is the share that the recipe asks for, 0 where it asks for none.
	Target float64 `json:"target,omitempty"`
	// Labels are those of the recipe's part.
	Labels map[string]string `json:"labels,omitempty"`

	ahead   float64 // the most that the group was ahead of its target at any prefix, in the unit
	behind  float64
	within  string // the group of the recipe that the part is in
	sizes   datamix.Sizes
	longest datamix.Tally // the longest record, in each unit
}

// Duplicates is the number of rows that repeat an earlier one of the group.
func (g *Group) Duplicates() int64 { return g.Rows - g.Distinct }

// MaskFaults is the number of rows with a fault of the loss mask.
func (g *Group) MaskFaults() (n int64) {
	for _, k := range g.Faults {
		n += k
	}
	return n
}

// valueOf returns what a record has in a column or label, "" for nothing.
func valueOf(r *datamix.Record, by string) string {
	if by == ByFile {
		return r.Origin.Path
	}
	if v := r.Label(by); v != "" {
		return v
	}
	if f, ok := r.Field("extra"); ok && by != "extra" {
		if v := inside(f, by); v != "" {
			return v
		}
	}
	column, path, nested := strings.Cut(by, ".")
	if !nested {
		return ""
	}
	f, ok := r.Field(column)
	if !ok {
		return ""
	}
	return inside(f, strings.Split(path, ".")...)
}

// inside returns the string, number or bool at a path in a column that holds an
// object, or the text of one.
func inside(f datamix.Field, path ...string) string {
	object := f.JSON()
	if f.Kind() == "string" {
		text, err := f.Text()
		if err != nil {
			return ""
		}
		object = text
	}
	if !strings.HasPrefix(strings.TrimSpace(object), "{") {
		return ""
	}
	at := make([]any, len(path))
	for i, p := range path {
		at[i] = p
	}
	node, err := sonic.GetFromString(object, at...)
	if err != nil {
		return ""
	}
	raw, err := node.Raw()
	if err != nil || raw == "" || strings.ContainsRune("{[n", rune(raw[0])) {
		return ""
	}
	if raw[0] != '"' {
		return raw
	}
	text, err := node.String()
	if err != nil {
		return ""
	}
	return text
}

// group returns the group of a value, or an error where there are too many.
func (a *auditor) group(value string) (uint32, error) {
	if i, ok := a.index[value]; ok {
		return i, nil
	}
	if len(a.groups) == maxGroups {
		return 0, tooManyError{a.o.By}
	}
	value = strings.Clone(value) // rows share memory with their file
	i := uint32(len(a.groups))
	a.index[value] = i
	name := value
	if name == "" {
		name = report.Unlabelled
	}
	a.groups = append(a.groups, &Group{Name: name})
	return i, nil
}

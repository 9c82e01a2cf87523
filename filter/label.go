package filter

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// Missing says what to do with a record that does not have what a filter looks
// at.
type Missing string

// The values of Missing.
const (
	// MissingDrop drops the record.
	MissingDrop Missing = "drop"
	// MissingKeep keeps it.
	MissingKeep Missing = "keep"
	// MissingError makes it a bad record: the run ends, unless an OnError stage
	// skips such records.
	MissingError Missing = "error"
)

func (m Missing) check() error {
	switch m {
	case "", MissingDrop, MissingKeep, MissingError:
		return nil
	}
	return fmt.Errorf("missing is %q; known are drop, keep, error", string(m))
}

// verdict judges a record without the value called name.
func (m Missing) verdict(name string, reason datamix.Verdict) (datamix.Verdict, error) {
	switch m {
	case MissingKeep:
		return datamix.Keep, nil
	case MissingError:
		return datamix.Keep, fmt.Errorf("it has no %s", name)
	}
	return reason, nil
}

// LabelOptions are those of LabelIn and LabelNotIn. Nil stands for the zero
// LabelOptions.
type LabelOptions struct {
	// Missing says what to do with records that do not have the label or have
	// an empty one. The default is MissingDrop for LabelIn and MissingKeep for
	// LabelNotIn.
	Missing Missing `json:"missing,omitempty"`
}

type labelOptions struct {
	Name   string     `json:"name"`
	Values stringList `json:"values"`
	LabelOptions
}

// Label keeps the records whose label has one of the values: LabelIn with its
// defaults.
//
//	filter.Label("language", "en", "de")
//	filter.Label("license", "mit", "apache-2.0")
func Label(name string, values ...string) datamix.Filter { return LabelIn(name, values, nil) }

// NotLabel drops the records whose label has one of the values: LabelNotIn with
// its defaults.
func NotLabel(name string, values ...string) datamix.Filter { return LabelNotIn(name, values, nil) }

// LabelIn keeps the records whose label has one of the values, compared byte
// for byte, and drops the others with the reason "label_" and the label's name,
// those without the label with "no_label_" and the name. Language, licence,
// category and model are labels, and so is every column of the row that holds a
// string, a number or a bool: see datamix.Record.Label.
func LabelIn(name string, values []string, o *LabelOptions) datamix.Filter {
	return newLabel("label", labelOptions{name, values, valueOf(o)}, MissingDrop, true)
}

// LabelNotIn drops the records whose label has one of the values. Otherwise it
// is like LabelIn, except that records without the label are kept.
func LabelNotIn(name string, values []string, o *LabelOptions) datamix.Filter {
	return newLabel("not_label", labelOptions{name, values, valueOf(o)}, MissingKeep, false)
}

func newLabel(kind string, o labelOptions, missing Missing, want bool) datamix.Filter {
	switch err := o.Missing.check(); {
	case err != nil:
		return brokenf(kind, "%v", err)
	case o.Name == "" || len(o.Values) == 0:
		return brokenf(kind, "it needs a name and values")
	case slices.Contains(o.Values, ""):
		return brokenf(kind, "a value of label %s is empty; missing: keep or drop speaks of records without it", o.Name)
	case o.Missing != "":
		missing = o.Missing
	}
	values := make(map[string]struct{}, len(o.Values))
	for _, v := range o.Values {
		values[v] = struct{}{}
	}
	out, none := reasonFor("label_", o.Name), reasonFor("no_label_", o.Name)
	return newRule(kind, o, func(r *datamix.Record) (datamix.Verdict, error) {
		v := r.Label(o.Name)
		if v == "" {
			return missing.verdict("label "+o.Name, none)
		}
		if _, in := values[v]; in == want {
			return datamix.Keep, nil
		}
		return out, nil
	})
}

// reasonFor makes a reason of the name of a column: without spaces, and short.
func reasonFor(prefix, name string) datamix.Verdict {
	out := []byte(prefix)
	for _, c := range name {
		if unicode.IsSpace(c) {
			c = '_'
		}
		if len(out)+utf8.RuneLen(c) > maxReason {
			break
		}
		out = utf8.AppendRune(out, c)
	}
	return datamix.Verdict(out)
}

// maxReason is the length of the longest reason, in bytes.
const maxReason = 60

func valueOf[T any](o *T) (v T) {
	if o != nil {
		v = *o
	}
	return v
}

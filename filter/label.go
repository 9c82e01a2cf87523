package filter

import (
	"math"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
)

// LabelRule says which values of a label to keep or to drop.
type LabelRule struct {
	// Name is the label's: see datamix.Record.Label. Columns of the row are
	// labels too.
	Name string `json:"name"`
	// Values are those that are meant, compared byte for byte.
	Values []string `json:"values"`
}

// Label keeps the records whose label has one of the values, and drops the
// others, also those without the label, with the reason "label_" and its name.
func Label(name string, values ...string) datamix.Filter {
	return newRule("label", LabelRule{name, values}, datamix.Verdict("label_"+name), func(r *datamix.Record) bool {
		return slices.Contains(values, r.Label(name))
	})
}

// NotLabel drops the records whose label has one of the values, with the reason
// "label_" and its name.
func NotLabel(name string, values ...string) datamix.Filter {
	return newRule("not_label", LabelRule{name, values}, datamix.Verdict("label_"+name), func(r *datamix.Record) bool {
		return !slices.Contains(values, r.Label(name))
	})
}

// ScoreRule bounds a number that each row carries, such as a quality score.
type ScoreRule struct {
	// Name is the column or label that holds the number.
	Name string `json:"name"`
	// Min and Max are the bounds, both inclusive; nil stands for none.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
}

// Score drops the records whose number is out of bounds, with the reason
// "score_" and its name, or which have no such number, with the reason
// "no_score_" and the name.
func Score(s ScoreRule) datamix.Filter {
	low, high := math.Inf(-1), math.Inf(1)
	if s.Min != nil {
		low = *s.Min
	}
	if s.Max != nil {
		high = *s.Max
	}
	out, missing := datamix.Verdict("score_"+s.Name), datamix.Verdict("no_score_"+s.Name)
	return &rule{spec: datamix.NewSpec("score", 1, s), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			x, err := strconv.ParseFloat(r.Label(s.Name), 64)
			switch {
			case err != nil || math.IsNaN(x):
				return missing, nil
			case x < low || x > high:
				return out, nil
			}
			return datamix.Keep, nil
		}}
}

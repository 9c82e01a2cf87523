package filter

import (
	"math"
	"strconv"

	"github.com/datamix-go/datamix"
)

// ScoreOptions are those of Score.
type ScoreOptions struct {
	// Min and Max are the bounds, both inclusive; nil stands for none, and one
	// of the two must be set.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Missing says what to do with records without such a number; the default
	// is MissingDrop.
	Missing Missing `json:"missing,omitempty"`
}

type scoreOptions struct {
	Name string `json:"name"`
	ScoreOptions
}

// MinScore keeps the records whose number in the column or label of that name,
// such as a quality score or a reward, is at least least: Score with one bound.
func MinScore(name string, least float64) datamix.Filter {
	return Score(name, &ScoreOptions{Min: &least})
}

// MaxScore keeps the records whose number is at most most, for columns in which
// less is better, such as a perplexity.
func MaxScore(name string, most float64) datamix.Filter {
	return Score(name, &ScoreOptions{Max: &most})
}

// Score keeps the records whose number in the column or label of that name is
// within bounds, and drops the others with the reason "score_" and the name,
// those without such a number with "no_score_" and the name.
func Score(name string, o *ScoreOptions) datamix.Filter {
	if o == nil {
		o = &ScoreOptions{}
	}
	low, high := math.Inf(-1), math.Inf(1)
	for _, bound := range []struct{ from, to *float64 }{{o.Min, &low}, {o.Max, &high}} {
		if bound.from == nil {
			continue
		}
		if *bound.to = *bound.from; math.IsNaN(*bound.to) || math.IsInf(*bound.to, 0) {
			return brokenf("score", "a bound of %s is %v, want a finite number", name, *bound.to)
		}
	}
	switch err := o.Missing.check(); {
	case err != nil:
		return brokenf("score", "%v", err)
	case name == "" || o.Min == nil && o.Max == nil:
		return brokenf("score", "it needs a name, and min or max")
	case low > high:
		return brokenf("score", "min is %v and max is %v: want min <= max", low, high)
	}
	missing, out, none := o.Missing, reasonFor("score_", name), reasonFor("no_score_", name)
	return newRule("score", scoreOptions{name, *o}, func(r *datamix.Record) (datamix.Verdict, error) {
		x, err := strconv.ParseFloat(r.Label(name), 64)
		switch {
		case err != nil || math.IsNaN(x):
			return missing.verdict("number "+name, none)
		case x < low || x > high:
			return out, nil
		}
		return datamix.Keep, nil
	})
}

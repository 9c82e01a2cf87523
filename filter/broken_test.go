package filter_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// TestContradictionsEndTheRun holds that a filter of arguments that make no
// sense never judges a record.
func TestContradictionsEndTheRun(t *testing.T) {
	nothing := func(*datamix.Record) bool { return true }
	for want, f := range map[string]datamix.Filter{
		"max_tokens: 0 tokens":               filter.MaxTokens(words{}, 0),
		"min_tokens: it needs a tokenizer":   filter.MinTokens(nil, 3),
		"tokens: min is 5 and max is 3":      filter.Tokens(words{}, 5, 3),
		"trainable_within: -1 tokens":        filter.TrainableWithin(words{}, -1),
		"turns: it needs min or max":         filter.Turns(0, 0),
		"bytes: min is -1":                   filter.Bytes(-1, 0),
		"chars: it looks in":                 filter.Chars(1, 2, &filter.CharsOptions{In: "any", Role: "user"}),
		"response_chars: min is 3":           filter.ResponseChars(3, 1),
		"label: it needs a name":             filter.Label("", "x"),
		"not_label: it needs a name":         filter.NotLabel("x"),
		"label: a value of label x is empty": filter.Label("x", "a", ""),
		`label: missing is "never"`:          filter.LabelIn("x", []string{"a"}, &filter.LabelOptions{Missing: "never"}),
		"score: it needs a name":             filter.Score("x", nil),
		"want a finite number":               filter.MinScore("x", math.NaN()),
		"no_refusals: phrases":               filter.NoRefusals(&filter.RefusalOptions{Phrases: []string{" "}}),
		"no_self_identification: phrases":    filter.NoSelfIdentification(&filter.IdentityOptions{Phrases: []string{""}}),
		"func: the name is empty":            filter.Func("", nothing),
		"x: the function is nil":             filter.Func("x", nil),
		"f: the version is 0":                filter.NamedFunc("f", 0, nothing),
		"g: the function is nil":             filter.NamedFunc("g", 1, nil),
		"the filter is nil":                  filter.Not(nil),
		"any: it needs at least one":         filter.Any(),
		"all: min":                           nil,
		"reason: the reason is empty":        filter.Reason(filter.NoEmptyTurns(), ""),
	} {
		if f == nil {
			f, want = filter.All(filter.NoEmptyTurns(), filter.Turns(2, 1)), "turns: min is 2"
		}
		t.Run(want, func(t *testing.T) {
			require.ErrorContains(t, filter.Err(f), want)
			_, err := f.Check(t.Context(), chat("a", "b"))
			require.ErrorContains(t, err, want)
			assert.True(t, datamix.Final(err))
			_, described := datamix.Describe(f)
			assert.False(t, described)
		})
	}
	assert.NoError(t, filter.Err(filter.NoEmptyTurns()))
}

func TestBadPatterns(t *testing.T) {
	for want, build := range map[string]func() (datamix.Filter, error){
		"missing closing )":         func() (datamix.Filter, error) { return filter.Match("(", nil) },
		"match: it needs a pattern": func() (datamix.Filter, error) { return filter.Match("", nil) },
		`cannot look in "nowhere"`:  func() (datamix.Filter, error) { return filter.NoMatch("a", &filter.MatchOptions{In: "nowhere"}) },
		"want one of the three": func() (datamix.Filter, error) {
			return filter.Match("a", &filter.MatchOptions{Role: "user", Field: "x"})
		},
		"keywords: it needs at least":   func() (datamix.Filter, error) { return filter.Keywords(nil, nil) },
		`no_keywords: the keyword "\t"`: func() (datamix.Filter, error) { return filter.NoKeywords([]string{"a", "\t"}, nil) },
		"keywords: it looks in": func() (datamix.Filter, error) {
			return filter.Keywords([]string{"a"}, &filter.KeywordOptions{In: "any", Field: "x"})
		},
	} {
		f, err := build()
		assert.Nil(t, f)
		assert.ErrorContains(t, err, want)
	}
}

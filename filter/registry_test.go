package filter_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/filter/filtertest"
)

// builtin holds recipe forms of every filter in the registry, each with all of
// its options in one of them.
var builtin = []string{
	`"no_empty_turns"`, `"has_response"`, `"ends_with_assistant"`, `{"role_order": {}}`, `{"valid_unicode": null}`,
	`{"max_tokens": 100}`, `{"max_tokens": {"max": 100}}`, `{"min_tokens": 3}`, `{"tokens": {"min": 3, "max": 100}}`, `{"trainable_within": 50}`,
	`{"turns": {"min": 2, "max": 4}}`, `{"bytes": {"max": 500}}`, `{"chars": {"max": 500}}`,
	`{"chars": {"min": 2, "role": "assistant", "each": true}}`, `{"chars": {"min": 9, "in": "prompt"}}`, `{"response_chars": {"min": 2}}`,
	`{"label": {"name": "language", "values": ["en"]}}`, `{"label": {"name": "language", "values": "de", "missing": "keep"}}`,
	`{"not_label": {"name": "language", "values": ["en"], "missing": "error"}}`,
	`{"score": {"name": "score", "min": 0.2}}`, `{"score": {"name": "score", "min": 0.1, "max": 0.6, "missing": "keep"}}`,
	`{"match": "[aeiou]"}`, `{"match": {"pattern": "[aeiou]", "role": "user"}}`, `{"match": {"pattern": "Row", "in": "prompt", "reason": "r"}}`,
	`{"no_match": {"pattern": "<b>|ç", "in": "response"}}`, `{"no_match": {"pattern": "mit", "field": "license"}}`,
	`{"keywords": "hello"}`, `{"keywords": ["hello", "add"]}`, `{"keywords": {"keywords": ["ello", "H'"], "match_case": true, "part_of_word": true, "in": "any"}}`,
	`{"no_keywords": {"keywords": ["begin", "ответ"], "role": "assistant", "reason": "w"}}`, `{"no_keywords": {"keywords": "mit", "field": "license"}}`,
	`"no_refusals"`, `{"no_refusals": {"phrases": ["hello"], "within": -1, "last_only": true}}`,
	`"no_self_identification"`, `{"no_self_identification": {"phrases": ["row"], "any_mention": true}}`,
	`{"not": "no_empty_turns"}`, `{"any": ["no_empty_turns", {"max_tokens": 1}]}`, `{"all": [{"not": {"turns": {"max": 1}}}, "role_order"]}`,
	`{"reason": {"as": "odd", "filter": {"any": ["role_order", {"label": {"name": "x", "values": "y"}}]}}}`,
}

func build(t testing.TB, g *datamix.Registry[datamix.Filter], form string) datamix.Filter {
	t.Helper()
	spec, err := filter.ParseSpec([]byte(form))
	require.NoError(t, err, form)
	f, err := g.Build(spec)
	require.NoError(t, err, form)
	return f
}

func TestEveryFilterConformsAndRoundTrips(t *testing.T) {
	registry := filter.Registry(words{})
	seen := map[string]bool{}
	for _, form := range builtin {
		t.Run(form, func(t *testing.T) {
			f := build(t, registry, form)
			filtertest.Run(t, f)
			filtertest.RoundTrip(t, f, registry)
			spec, _ := datamix.Describe(f)
			seen[spec.Name] = true

			// The JSON form of a Spec is a recipe form too.
			data, err := json.Marshal(spec)
			require.NoError(t, err)
			again, ok := datamix.Describe(build(t, registry, string(data)))
			require.True(t, ok)
			assert.Equal(t, spec, again)
		})
	}
	for _, name := range registry.Names() {
		assert.True(t, seen[name], "the test has no %s", name)
	}
}

// TestFiltersJudgeSomething holds that the corpus tells the filters apart: each
// keeps some record of it and drops or refuses another.
func TestFiltersJudgeSomething(t *testing.T) {
	registry := filter.Registry(words{})
	for _, form := range builtin {
		kept, other := 0, 0
		f := build(t, registry, form)
		for _, r := range filtertest.Records() {
			if v, err := f.Check(t.Context(), r); v == datamix.Keep && err == nil {
				kept++
			} else {
				other++
			}
		}
		assert.True(t, kept > 0 && other > 0, "%s keeps %d and drops %d", form, kept, other)
	}
}

func TestGoFiltersConform(t *testing.T) {
	for _, f := range []datamix.Filter{
		filter.Func("short", func(r *datamix.Record) bool { return len(r.Response()) < 20 }),
		filter.NamedFunc("brief", 2, func(r *datamix.Record) bool { return len(r.Prompt()) < 20 }),
		filter.MaxTokens(limited{}, 9), filter.MaxTokens(whole{}, 30), filter.TrainableWithin(whole{}, 30), filter.Tokens(spaced{}, 5, 50),
	} {
		filtertest.Run(t, f)
	}
}

func TestBadSpecs(t *testing.T) {
	registry := filter.Registry(words{})
	for form, want := range map[string]string{
		`{"max_tokens": "10"}`:                             "option max: got string, want a whole number",
		`{"max_tokens": 1.5}`:                              "option max: got number 1.5, want a whole number",
		`{"max_tokens": {"min": 3, "max": 9}}`:             "known is max",
		`"max_tokens"`:                                     "it needs options",
		`{"min_tokens": 0}`:                                "want at least 1",
		`{"tokens": 5}`:                                    "options are 5, want an object with min, max",
		`{"turns": {"mn": 2}}`:                             `unknown option "mn"; known are min, max`,
		`{"turns": {"min": 3, "max": 2}}`:                  "want 0 <= min <= max",
		`{"turns": {}}`:                                    "needs min or max",
		`{"chars": {"min": 3, "rôle": "x"}}`:               `unknown option "rôle"; known are min, max, in, role, each`,
		`{"match": {"pattern": "("}}`:                      "missing closing )",
		`{"match": {"pattern": "a", "in": "nowhere"}}`:     `cannot look in "nowhere"`,
		`{"match": {"role": "user"}}`:                      "needs a pattern",
		`{"match": ["a"]}`:                                 "option pattern: got array, want a string",
		`{"label": {"name": "x"}}`:                         "needs a name and values",
		`{"label": {"name": "x", "values": 3}}`:            "3 is no string and no list of strings",
		`{"label": {"name": "x", "values": ["a", 3]}}`:     "is no string and no list of strings",
		`{"score": {"name": "x"}}`:                         "min or max",
		`{"score": {"name": "x", "min": "a"}}`:             "option min: got string, want a number",
		`{"keywords": []}`:                                 "at least one keyword",
		`{"keywords": {"keywords": "x", "match_case": 1}}`: "option match_case: got number, want true or false",
		`{"no_empty_turns": 3}`:                            "takes no options",
		`{"no_empty_turns": {"a": 1}}`:                     "takes no options",
		`{"no_refusals": {"fraces": []}}`:                  `unknown option "fraces"; known are phrases, within, last_only`,
		`{"no_refusals": true}`:                            "want an object",
		`"nothing"`:                                        "known are all, any, bytes",
		`{"not": {"max_tokens": 0}}`:                       "want at least 1",
		`{"any": []}`:                                      "at least one filter",
		`{"all": ["nothing"]}`:                             "unknown name",
		`{"reason": {"as": "x"}}`:                          "names no filter",
		`{"reason": {"as": "", "filter": "role_order"}}`:   "the reason is empty",
		`{"reason": {"as": "x", "filter": "nothing"}}`:     "unknown name",
		`{"name": "role_order", "version": 2}`:             "version 2 is not known",
		`{"name": "not"}`:                                  "it holds 0 filters, want 1",
		`{"name": "any", "options": 3}`:                    "no options",
	} {
		spec, err := filter.ParseSpec([]byte(form))
		require.NoError(t, err, form)
		f, err := registry.Build(spec)
		assert.Nil(t, f)
		assert.ErrorContains(t, err, want, form)
		if err != nil {
			assert.True(t, strings.Contains(err.Error(), spec.Name), "%v names the filter", err)
		}
	}
	_, err := filter.Registry(nil).Build(datamix.Spec{Name: "max_tokens", Options: []byte("10")})
	require.ErrorContains(t, err, "needs a tokenizer")
}

func TestParseSpecErrors(t *testing.T) {
	for text, want := range map[string]string{
		`3`: "3 names no filter", `{}`: "names no filter", `""`: "names no filter", `[`: "names no filter", ``: "nothing names no filter", `null`: "names no filter",
		`{"a": 1, "b": 2}`: "names 2 filters", `{"any": 3}`: "needs a list of filters, not 3", `{"not": 3}`: "names no filter",
		`{"name": "turns", "option": 3}`: `unknown option "option"; known are name, version, options, inner`,
		`{"any": [{"all": [[]]}]}`:       "[] names no filter",
		`"` + strings.Repeat("日", 100):   "...",
	} {
		_, err := filter.ParseSpec([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

// otherWords is a tokenizer with another Spec.
type otherWords struct{ words }

func (otherWords) Spec() (datamix.Spec, bool) { return datamix.NewSpec("other", 1, "x"), true }

// undescribed is a tokenizer without a Spec.
type undescribed struct{ datamix.Tokenizer }

func TestTokenizersAreNotConfused(t *testing.T) {
	spec, ok := datamix.Describe(filter.MaxTokens(words{}, 5))
	require.True(t, ok)
	_, err := filter.Registry(otherWords{}).Build(spec)
	require.ErrorContains(t, err, `made with the tokenizer words`)
	require.ErrorContains(t, err, `not with other "x"`)
	_, err = filter.Registry(undescribed{words{}}).Build(spec)
	require.ErrorContains(t, err, "not with one without a name")
	_, ok = datamix.Describe(filter.MaxTokens(undescribed{words{}}, 5))
	assert.False(t, ok, "verdicts by a tokenizer that nobody can name are not cached")
}

func TestUsersAddTheirOwn(t *testing.T) {
	g := filter.Registry(nil)
	mine := func(s datamix.Spec) (datamix.Filter, error) {
		var suffix string
		if err := json.Unmarshal(s.Options, &suffix); err != nil {
			return nil, err
		}
		return filter.NamedFunc("ends_with", 1, func(r *datamix.Record) bool { return strings.HasSuffix(r.Response(), suffix) }), nil
	}
	require.NoError(t, g.Add("ends_with", mine))
	require.Error(t, g.Add("turns", mine))
	f := build(t, g, `{"not": {"ends_with": "."}}`)
	assert.Equal(t, datamix.Verdict("not_ends_with"), verdict(t, f, chat("a", "b.")))
	assert.NotContains(t, filter.Registry(nil).Names(), "ends_with", "every registry is a new one")
}

func FuzzParseSpec(f *testing.F) {
	for _, form := range builtin {
		f.Add(form)
	}
	registry := filter.Registry(words{})
	f.Fuzz(func(t *testing.T, form string) {
		spec, err := filter.ParseSpec([]byte(form))
		if err != nil {
			return
		}
		built, err := registry.Build(spec)
		if err != nil {
			assert.Nil(t, built)
			return
		}
		own, ok := datamix.Describe(built)
		require.True(t, ok)
		again, err := registry.Build(own)
		require.NoError(t, err, form)
		back, _ := datamix.Describe(again)
		assert.Equal(t, fmt.Sprintf("%+v", own), fmt.Sprintf("%+v", back))
	})
}

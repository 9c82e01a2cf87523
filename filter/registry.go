package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// Registry returns a new registry of the filters of this package, to which
// users add their own:
//
//	no_empty_turns, has_response, ends_with_assistant, role_order, valid_unicode
//	max_tokens: N, min_tokens: N, tokens: {min, max}, trainable_within: N
//	turns: {min, max}, bytes: {min, max}, chars: {min, max, in, role, each}, response_chars: {min, max}
//	label: {name, values, missing}, not_label: {name, values, missing}, score: {name, min, max, missing}
//	match: PATTERN or {pattern, in, role, field, reason}, no_match: the same
//	keywords: LIST or {keywords, in, role, field, match_case, part_of_word, reason}, no_keywords: the same
//	no_refusals: {phrases, within, last_only}, no_self_identification: {phrases, any_mention}
//	not: F, any: [F, ...], all: [F, ...], reason: {as, filter}
//
// tok counts for the filters by tokens; without one (nil) they are errors. So
// are unknown options, options of the wrong type, and a Spec of a later version
// or made with another tokenizer.
func Registry(tok datamix.Tokenizer) *datamix.Registry[datamix.Filter] {
	g := registry{&datamix.Registry[datamix.Filter]{}}
	g.plain("no_empty_turns", NoEmptyTurns)
	g.plain("has_response", HasResponse)
	g.plain("ends_with_assistant", EndsWithAssistant)
	g.plain("role_order", RoleOrder)
	g.plain("valid_unicode", ValidUnicode)
	g.addTokens(tok)
	g.addSizes()
	g.addContent()
	g.addCombined()
	return g.Registry
}

type registry struct {
	*datamix.Registry[datamix.Filter]
}

// add makes name known. A constructor that fails, also by a filter that is
// broken, yields an error and no filter. The names of this package are
// different, so Add does not fail.
func (g registry) add(name string, build func(datamix.Spec) (datamix.Filter, error)) {
	_ = g.Add(name, func(s datamix.Spec) (datamix.Filter, error) {
		err := checkVersion(s)
		if err != nil {
			return nil, err
		}
		f, err := build(s)
		if err == nil {
			err = Err(f)
		}
		if err != nil {
			return nil, err
		}
		return f, nil
	})
}

// checkVersion refuses a Spec that another version of this package made. No
// version stands for any.
func checkVersion(s datamix.Spec) error {
	if s.Version > 1 || s.Version < 0 {
		return fmt.Errorf("version %d is not known here, only 1 is", s.Version)
	}
	return nil
}

// plain adds a filter without options.
func (g registry) plain(name string, f func() datamix.Filter) {
	g.add(name, func(s datamix.Spec) (datamix.Filter, error) {
		if err := decodeOptional(s.Options, "", &struct{}{}); err != nil {
			return nil, errors.New("it takes no options")
		}
		return f(), nil
	})
}

// with adds a filter with options of type T. They are needed, unless optional;
// scalar is the option for which a value that is no object stands.
func with[T any](g registry, name, scalar string, optional bool, f func(T) (datamix.Filter, error)) {
	g.add(name, func(s datamix.Spec) (datamix.Filter, error) {
		var o T
		decode := decodeOptions
		if optional {
			decode = decodeOptional
		}
		if err := decode(s.Options, scalar, &o); err != nil {
			return nil, err
		}
		return f(o)
	})
}

func (g registry) addTokens(tok datamix.Tokenizer) {
	g.tokens("max_tokens", tok, func(b bounds) datamix.Filter { return MaxTokens(tok, b.Max) }, "max")
	g.tokens("min_tokens", tok, func(b bounds) datamix.Filter { return MinTokens(tok, b.Min) }, "min")
	g.tokens("trainable_within", tok, func(b bounds) datamix.Filter { return TrainableWithin(tok, b.Max) }, "max")
	g.tokens("tokens", tok, func(b bounds) datamix.Filter { return Tokens(tok, b.Min, b.Max) }, "")
}

// tokens adds a filter that counts with tok. only is the one bound that it has,
// "" where it has both.
func (g registry) tokens(name string, tok datamix.Tokenizer, f func(bounds) datamix.Filter, only string) {
	g.add(name, func(s datamix.Spec) (datamix.Filter, error) {
		var b bounds
		if err := decodeOptions(s.Options, only, &b); err != nil {
			return nil, err
		}
		if only == "max" && b.Min != 0 || only == "min" && b.Max != 0 {
			return nil, fmt.Errorf("unknown option; known is %s", only)
		}
		if len(s.Inner) > 0 && tok != nil {
			here, _ := datamix.Describe(tok)
			if !sameSpec(s.Inner[0], here) {
				return nil, fmt.Errorf("it was made with the tokenizer %s, not with %s", describe(s.Inner[0]), describe(here))
			}
		}
		return f(b), nil
	})
}

func sameSpec(a, b datamix.Spec) bool { return bytes.Equal(encode(a), encode(b)) }

// encode returns the JSON form, in which equal Specs are equal bytes.
func encode(s datamix.Spec) []byte {
	b, _ := json.Marshal(s) // options were JSON when the Spec was made
	return b
}

func describe(s datamix.Spec) string {
	switch {
	case s.Name == "":
		return "one without a name"
	case len(s.Options) == 0:
		return s.Name
	}
	return fmt.Sprintf("%s %s", s.Name, s.Options)
}

func (g registry) addSizes() {
	with(g, "turns", "", false, func(b bounds) (datamix.Filter, error) { return Turns(b.Min, b.Max), nil })
	with(g, "bytes", "", false, func(b bounds) (datamix.Filter, error) { return Bytes(b.Min, b.Max), nil })
	with(g, "response_chars", "", false, func(b bounds) (datamix.Filter, error) { return ResponseChars(b.Min, b.Max), nil })
	with(g, "chars", "", false, func(o charsOptions) (datamix.Filter, error) { return Chars(o.Min, o.Max, &o.CharsOptions), nil })
}

// addContent adds the filters that look at labels and texts.
func (g registry) addContent() {
	with(g, "label", "", false, func(o labelOptions) (datamix.Filter, error) { return LabelIn(o.Name, o.Values, &o.LabelOptions), nil })
	with(g, "not_label", "", false, func(o labelOptions) (datamix.Filter, error) {
		return LabelNotIn(o.Name, o.Values, &o.LabelOptions), nil
	})
	with(g, "score", "", false, func(o scoreOptions) (datamix.Filter, error) { return Score(o.Name, &o.ScoreOptions), nil })
	with(g, "match", "pattern", false, func(o matchOptions) (datamix.Filter, error) { return Match(o.Pattern, &o.MatchOptions) })
	with(g, "no_match", "pattern", false, func(o matchOptions) (datamix.Filter, error) { return NoMatch(o.Pattern, &o.MatchOptions) })
	with(g, "keywords", "keywords", false, func(o keywordOptions) (datamix.Filter, error) { return Keywords(o.Keywords, &o.KeywordOptions) })
	with(g, "no_keywords", "keywords", false, func(o keywordOptions) (datamix.Filter, error) {
		return NoKeywords(o.Keywords, &o.KeywordOptions)
	})
	with(g, "no_refusals", "", true, func(o RefusalOptions) (datamix.Filter, error) { return NoRefusals(&o), nil })
	with(g, "no_self_identification", "", true, func(o IdentityOptions) (datamix.Filter, error) { return NoSelfIdentification(&o), nil })
}

// addCombined adds the filters that hold others, which may be a user's own.
func (g registry) addCombined() {
	for name, f := range map[string]func(...datamix.Filter) datamix.Filter{"any": Any, "all": All} {
		g.add(name, func(s datamix.Spec) (datamix.Filter, error) {
			fs, err := g.inner(s)
			return f(fs...), err
		})
	}
	g.add("not", func(s datamix.Spec) (datamix.Filter, error) {
		if len(s.Inner) != 1 {
			return nil, fmt.Errorf("it holds %d filters, want 1", len(s.Inner))
		}
		fs, err := g.inner(s)
		if err != nil {
			return nil, err
		}
		return Not(fs[0]), nil
	})
	with(g, "reason", "", false, func(o reasonOptions) (datamix.Filter, error) {
		s, err := ParseSpec(o.Filter)
		if err != nil {
			return nil, err
		}
		f, err := g.Build(s)
		return Reason(f, datamix.Verdict(o.As)), err
	})
}

func (g registry) inner(s datamix.Spec) ([]datamix.Filter, error) {
	if !isNull(s.Options) {
		return nil, errors.New("it takes a list of filters, no options")
	}
	var fs []datamix.Filter
	for _, inner := range s.Inner {
		f, err := g.Build(inner)
		if err != nil {
			return nil, err
		}
		fs = append(fs, f)
	}
	return fs, nil
}

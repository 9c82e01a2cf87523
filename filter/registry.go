package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// Registry returns a new registry of the filters of this package, to which
// users add their own. tok counts for the filters by tokens; without one (nil)
// they are errors.
func Registry(tok datamix.Tokenizer) *datamix.Registry[datamix.Filter] {
	g := &datamix.Registry[datamix.Filter]{}
	plain := func(name string, f func() datamix.Filter) {
		add(g, name, func(s datamix.Spec) (datamix.Filter, error) {
			if len(s.Options) > 0 && string(s.Options) != "null" {
				return nil, errors.New("it takes no options")
			}
			return f(), nil
		})
	}
	plain("no_empty_turns", NoEmptyTurns)
	plain("ends_with_assistant", EndsWithAssistant)
	plain("role_order", RoleOrder)
	plain("valid_unicode", ValidUnicode)
	plain("no_refusals", NoRefusals)
	plain("no_self_identification", NoSelfIdentification)

	for name, f := range map[string]func(datamix.Tokenizer, int) datamix.Filter{
		"max_tokens": MaxTokens, "min_tokens": MinTokens, "trainable_within": TrainableWithin,
	} {
		add(g, name, func(s datamix.Spec) (datamix.Filter, error) {
			n, err := options[int](s, "a number of tokens")
			if err == nil && n <= 0 {
				err = fmt.Errorf("%d tokens: want more than 0", n)
			}
			if err == nil && tok == nil {
				err = errors.New("it needs a tokenizer; name one in the recipe")
			}
			if err != nil {
				return nil, err
			}
			return f(tok, n), nil
		})
	}
	for name, f := range map[string]func(Range) datamix.Filter{"turns": Turns, "chars": Chars, "response_chars": ResponseChars} {
		add(g, name, func(s datamix.Spec) (datamix.Filter, error) {
			r, err := options[Range](s, "{min: ..., max: ...}")
			if err == nil {
				err = r.check()
			}
			return f(r), err
		})
	}
	addContent(g)
	return g
}

// addContent adds the filters that look at labels and texts.
func addContent(g *datamix.Registry[datamix.Filter]) {
	for name, f := range map[string]func(string, ...string) datamix.Filter{"label": Label, "not_label": NotLabel} {
		add(g, name, func(s datamix.Spec) (datamix.Filter, error) {
			o, err := options[LabelRule](s, "{name: ..., values: [...]}")
			if err == nil && (o.Name == "" || len(o.Values) == 0) {
				err = errors.New("it needs a name and values")
			}
			return f(o.Name, o.Values...), err
		})
	}
	add(g, "score", func(s datamix.Spec) (datamix.Filter, error) {
		o, err := options[ScoreRule](s, "{name: ..., min: ..., max: ...}")
		if err == nil && (o.Name == "" || o.Min == nil && o.Max == nil) {
			err = errors.New("it needs a name, and min or max")
		}
		return Score(o), err
	})
	for name, f := range map[string]func(Pattern) (datamix.Filter, error){"match": Match, "no_match": NoMatch} {
		add(g, name, func(s datamix.Spec) (datamix.Filter, error) {
			p, err := options[Pattern](s, "{pattern: ..., in: ...}")
			if err != nil {
				return nil, err
			}
			return f(p)
		})
	}
	add(g, "not", func(s datamix.Spec) (datamix.Filter, error) {
		if len(s.Inner) != 1 {
			return nil, errors.New("it needs one filter")
		}
		f, err := g.Build(s.Inner[0])
		return Not(f), err
	})
	add(g, "any", func(s datamix.Spec) (datamix.Filter, error) {
		var fs []datamix.Filter
		for _, inner := range s.Inner {
			f, err := g.Build(inner)
			if err != nil {
				return nil, err
			}
			fs = append(fs, f)
		}
		return Any(fs...), nil
	})
}

// add makes sure that a failed constructor yields no filter. The names of this
// package are different, so Add does not fail.
func add(g *datamix.Registry[datamix.Filter], name string, f func(datamix.Spec) (datamix.Filter, error)) {
	_ = g.Add(name, func(s datamix.Spec) (datamix.Filter, error) {
		built, err := f(s)
		if err != nil {
			return nil, err
		}
		return built, nil
	})
}

// options decodes the options of a Spec; want says what they should look like.
func options[T any](s datamix.Spec, want string) (o T, err error) {
	d := json.NewDecoder(bytes.NewReader(s.Options))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return o, fmt.Errorf("options are %s, want %s: %w", bytes.TrimSpace(s.Options), want, err)
	}
	return o, nil
}

// ParseSpec reads the form in which recipes name filters: a name alone
// ("no_empty_turns"), or an object with the name as its one key and the options
// as its value ({"max_tokens": 4096}). The value of "not" is such a form again,
// that of "any" a list of them.
func ParseSpec(text []byte) (datamix.Spec, error) {
	var name string
	if json.Unmarshal(text, &name) == nil {
		return datamix.Spec{Name: name, Version: 1}, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || len(object) != 1 {
		return datamix.Spec{}, fmt.Errorf("datamix/filter: %s names no filter; write a name, or {name: options} with one name", bytes.TrimSpace(text))
	}
	for name, value := range object {
		s := datamix.Spec{Name: name, Version: 1}
		var inner []json.RawMessage
		switch name {
		case "any":
			if err := json.Unmarshal(value, &inner); err != nil {
				return s, fmt.Errorf("datamix/filter: any needs a list of filters: %w", err)
			}
		case "not":
			inner = []json.RawMessage{value}
		default:
			s.Options = value
			return s, nil
		}
		for _, x := range inner {
			f, err := ParseSpec(x)
			if err != nil {
				return s, err
			}
			s.Inner = append(s.Inner, f)
		}
		return s, nil
	}
	return datamix.Spec{}, nil
}

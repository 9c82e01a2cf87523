package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// ParseSpec reads the form in which recipes name filters, as JSON:
//
//	"no_empty_turns"                                        a name alone
//	{"max_tokens": 4096}                                    with its one option
//	{"match": {"pattern": "(?i)http", "role": "assistant"}} with several
//	{"not": "no_refusals"}                                  around a filter
//	{"any": ["role_order", {"turns": {"max": 1}}]}          around several; so does "all"
//	{"reason": {"as": "off_topic", "filter": {"label": {"name": "topic", "values": ["cooking"]}}}}
//
// It reads the JSON form of a datamix.Spec too. Whether the name and the
// options are right, the registry says that builds the Spec.
func ParseSpec(text []byte) (datamix.Spec, error) {
	var name string
	if json.Unmarshal(text, &name) == nil && name != "" {
		return datamix.Spec{Name: name}, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || len(object) == 0 {
		return datamix.Spec{}, fmt.Errorf("datamix/filter: %s names no filter; write a name, or {name: options}", shorten(text))
	}
	if json.Unmarshal(object["name"], &name) == nil && name != "" {
		var s datamix.Spec
		if err := decodeStrict(text, &s); err != nil {
			return datamix.Spec{}, fmt.Errorf("datamix/filter: %s: %w", name, err)
		}
		return s, nil
	}
	if len(object) > 1 {
		return datamix.Spec{}, fmt.Errorf("datamix/filter: %s names %d filters; write each as an element of its own", shorten(text), len(object))
	}
	for name, value := range object {
		return parseNamed(name, value)
	}
	return datamix.Spec{}, nil
}

func parseNamed(name string, value json.RawMessage) (datamix.Spec, error) {
	s := datamix.Spec{Name: name}
	var inner []json.RawMessage
	switch name {
	case "any", "all":
		if err := json.Unmarshal(value, &inner); err != nil {
			return s, fmt.Errorf("datamix/filter: %s needs a list of filters, not %s", name, shorten(value))
		}
	case "not":
		inner = []json.RawMessage{value}
	default:
		if !isNull(value) {
			s.Options = value
		}
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

func isNull(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) == 0 || string(text) == "null"
}

// shorten returns the start of a text for an error.
func shorten(text []byte) string {
	text = bytes.TrimSpace(text)
	if len(text) > 80 {
		return string(bytes.ToValidUTF8(text[:80], nil)) + "..."
	}
	if len(text) == 0 {
		return "nothing"
	}
	return string(text)
}

// stringList is a list of strings; one string stands for a list of it.
type stringList []string

// UnmarshalJSON reads either form.
func (l *stringList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && !isNull(b) {
		*l = stringList{one}
		return nil
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("%s is no string and no list of strings", shorten(b))
	}
	*l = list
	return nil
}

// decodeOptions decodes the options of a filter into o. Where they are no
// object they stand for the option called scalar; "" means that there is none.
func decodeOptions(text json.RawMessage, scalar string, o any) error {
	if isNull(text) {
		return fmt.Errorf("it needs options: %s", strings.Join(optionNames(o), ", "))
	}
	return decodeOptional(text, scalar, o)
}

// decodeOptional is decodeOptions for a filter that can do without.
func decodeOptional(text json.RawMessage, scalar string, o any) error {
	text = bytes.TrimSpace(text)
	switch {
	case isNull(text):
		return nil
	case text[0] == '{':
	case scalar == "":
		return fmt.Errorf("options are %s, want an object with %s", shorten(text), strings.Join(optionNames(o), ", "))
	default:
		text = slices.Concat([]byte(`{"`+scalar+`":`), text, []byte("}"))
	}
	return decodeStrict(text, o)
}

// decodeStrict decodes an object. A key that o does not have is an error that
// lists those it has.
func decodeStrict(text []byte, o any) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	known := optionNames(o)
	for key := range keys {
		switch {
		case slices.Contains(known, key):
		case len(known) == 0:
			return errors.New("it takes no options")
		default:
			return fmt.Errorf("unknown option %q; known are %s", key, strings.Join(known, ", "))
		}
	}
	err := json.Unmarshal(text, o)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		option := kind.Field[strings.LastIndexByte(kind.Field, '.')+1:] // embedded structs stand before it
		return fmt.Errorf("option %s: got %s, want %s", option, kind.Value, kindName(kind.Type))
	}
	if err != nil {
		return fmt.Errorf("options: %w", err)
	}
	return nil
}

// kindName says what JSON value a Go type wants.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// optionNames returns the JSON keys of the struct to which o points, in order,
// those of embedded structs at their places.
func optionNames(o any) []string { return structKeys(reflect.TypeOf(o).Elem()) }

func structKeys(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, structKeys(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

package jinja2

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/ardanlabs/jinja"
)

// The methods of Python's types that an immutable sandbox lets templates call.
var stringMethods, listMethods, dictMethods map[string]function

// mutating are the methods that the sandbox refuses.
var mutating = map[string]bool{
	"append": true, "extend": true, "insert": true, "pop": true, "remove": true, "reverse": true, "sort": true, "clear": true,
	"update": true, "setdefault": true, "popitem": true,
}

func init() {
	stringMethods = map[string]function{
		"strip":      stripping(strings.TrimFunc, strings.Trim),
		"lstrip":     stripping(strings.TrimLeftFunc, strings.TrimLeft),
		"rstrip":     stripping(strings.TrimRightFunc, strings.TrimRight),
		"upper":      onSelf(strings.ToUpper),
		"lower":      onSelf(strings.ToLower),
		"casefold":   onSelf(strings.ToLower),
		"capitalize": onSelf(capitalize),
		"title":      onSelf(pythonTitle),
		"swapcase":   onSelf(swapCase),
		"split":      split, "rsplit": rsplit, "splitlines": splitlines, "partition": partition, "rpartition": partition,
		"startswith": affix(strings.HasPrefix), "endswith": affix(strings.HasSuffix),
		"removeprefix": onTwo(func(s, t string) Value { return jinja.NewString(strings.TrimPrefix(s, t)) }),
		"removesuffix": onTwo(func(s, t string) Value { return jinja.NewString(strings.TrimSuffix(s, t)) }),
		"count":        onTwo(func(s, t string) Value { return jinja.NewInt(int64(strings.Count(s, t))) }),
		"find":         onTwo(func(s, t string) Value { return runeIndex(s, strings.Index(s, t)) }),
		"rfind":        onTwo(func(s, t string) Value { return runeIndex(s, strings.LastIndex(s, t)) }),
		"index":        index,
		"replace":      methodReplace,
		"join": func(s *state, a []Value, keys map[string]Value) (Value, error) {
			if len(a) != 2 {
				return a[0], errors.New("join takes one list")
			}
			list, err := iterate(a[1])
			if err != nil {
				return list, err
			}
			for i, v := range list.AsList().Items {
				if !v.IsString() {
					return v, fmt.Errorf("sequence item %d: expected str instance, %s found", i, typeName(v))
				}
			}
			return join(s, []Value{list, a[0]}, nil)
		},
		"format":  methodFormat,
		"isdigit": each(unicode.IsDigit), "isnumeric": each(unicode.IsNumber), "isdecimal": each(unicode.IsDigit),
		"isalpha": each(unicode.IsLetter), "isspace": each(IsSpace),
		"isalnum": each(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"islower": onSelfIs(func(s string) bool { return hasCase(s, unicode.IsUpper, unicode.IsLower) }),
		"isupper": onSelfIs(func(s string) bool { return hasCase(s, unicode.IsLower, unicode.IsUpper) }),
		"zfill":   padding("zfill"), "ljust": padding("ljust"), "rjust": padding("rjust"),
	}
	listMethods = map[string]function{
		"index": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			for i, v := range a[0].AsList().Items {
				if len(a) > 1 && equal(v, a[1], 0) {
					return jinja.NewInt(int64(i)), nil
				}
			}
			return a[0], errors.New("the value is not in the list")
		},
		"count": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			n := int64(0)
			for _, v := range a[0].AsList().Items {
				if len(a) > 1 && equal(v, a[1], 0) {
					n++
				}
			}
			return jinja.NewInt(n), nil
		},
		"copy": toList,
	}
	dictMethods = map[string]function{
		"items": items,
		"keys":  func(_ *state, a []Value, _ map[string]Value) (Value, error) { return iterate(a[0]) },
		"values": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			d := a[0].AsDict()
			out := make([]Value, len(d.Keys))
			for i, k := range d.Keys {
				out[i] = d.Data[k]
			}
			return jinja.NewList(out), nil
		},
		"get": func(_ *state, a []Value, keys map[string]Value) (Value, error) {
			if len(a) < 2 {
				return a[0], errors.New("get expected at least 1 argument, got 0")
			}
			if key, ok := asKey(a[1]); ok {
				if v, ok := a[0].AsDict().Get(key); ok {
					return v, nil
				}
			}
			return option(a, 2, nil, "", jinja.None()), nil
		},
		"copy": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			v, d := Dict(len(a[0].AsDict().Keys))
			for _, k := range a[0].AsDict().Keys {
				d.Set(k, a[0].AsDict().Data[k])
			}
			return v, nil
		},
	}
}

func onSelf(f func(string) string) function {
	return func(s *state, a []Value, _ map[string]Value) (Value, error) { return s.text(f(a[0].AsString())) }
}

func onSelfIs(f func(string) bool) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(f(a[0].AsString())), nil
	}
}

func each(f func(rune) bool) function {
	return onSelfIs(func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return !f(r) }) < 0
	})
}

// onTwo makes a method with one argument that is a string.
func onTwo(f func(s, t string) Value) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		if len(a) != 2 || !a[1].IsString() {
			return a[0], errors.New("the method takes one string here")
		}
		return f(a[0].AsString(), a[1].AsString()), nil
	}
}

func stripping(spaces func(string, func(rune) bool) string, chars func(s, cutset string) string) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		switch {
		case len(a) == 1 || a[1].IsNone():
			return jinja.NewString(spaces(a[0].AsString(), IsSpace)), nil
		case a[1].IsString():
			return jinja.NewString(chars(a[0].AsString(), a[1].AsString())), nil
		}
		return a[0], errors.New("strip arg must be None or str")
	}
}

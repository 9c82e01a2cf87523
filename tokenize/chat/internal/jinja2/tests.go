package jinja2

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/ardanlabs/jinja"
)

// tests are jinja2's.
var tests map[string]function

func init() {
	tests = map[string]function{
		"defined":   is(func(v Value) bool { return !v.IsUndefined() }),
		"undefined": is(Value.IsUndefined),
		"none":      is(Value.IsNone),
		"boolean":   is(Value.IsBool),
		"true":      is(func(v Value) bool { return v.IsBool() && v.AsBool() }),
		"false":     is(func(v Value) bool { return v.IsBool() && !v.AsBool() }),
		"integer":   is(func(v Value) bool { _, isBig := big(v); return v.IsInt() || isBig }),
		"float":     is(Value.IsFloat),
		"number":    is(func(v Value) bool { _, isBig := big(v); return v.IsNumber() || v.IsBool() || isBig }),
		"string":    is(Value.IsString),
		"mapping":   is(func(v Value) bool { return v.IsDict() && !isNamespace(v) }),
		"sequence": is(func(v Value) bool {
			return v.IsString() || v.IsList() || v.IsDict() && !isNamespace(v) || v.IsUndefined()
		}),
		"iterable": is(func(v Value) bool { _, err := iterate(v); return err == nil }),
		"callable": is(func(v Value) bool { _, isBig := big(v); return v.IsCallable() && !isBig || v.IsUndefined() }),
		"escaped":  is(func(Value) bool { return false }),
		"lower":    onCase(unicode.IsUpper, unicode.IsLower),
		"upper":    onCase(unicode.IsLower, unicode.IsUpper),
		"odd":      divides(2, 1),
		"even":     divides(2, 0),
		"divisibleby": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			if len(a) < 2 {
				return a[0], errors.New("divisibleby needs a number")
			}
			v, err := arithmetic("%", a[0], a[1])
			return jinja.NewBool(err == nil && !v.IsTruthy()), err
		},
		"filter": named(func(n string) bool { return filters[n] != nil }),
		"test":   named(func(n string) bool { return tests[n] != nil }),
		"sameas": two(func(a, b Value) (bool, error) {
			return typeName(a) == typeName(b) && (a.IsDict() && a.AsDict() == b.AsDict() || a.IsList() && a.AsList() == b.AsList() ||
				!a.IsDict() && !a.IsList() && a.Equals(b)), nil
		}),
		"in": two(func(a, b Value) (bool, error) { return contains(b, a) }),
	}
	for _, t := range []struct{ op, names string }{
		{"o_eq", "== eq equalto"}, {"o_ne", "!= ne"}, {"o_lt", "< lt lessthan"}, {"o_le", "<= le"}, {"o_gt", "> gt greaterthan"}, {"o_ge", ">= ge"},
	} {
		f := ops[t.op]
		for name := range strings.FieldsSeq(t.names) {
			tests[name] = func(s *state, a []Value, keys map[string]Value) (Value, error) {
				if len(a) != 2 {
					return a[0], fmt.Errorf("the test %s compares two values", name)
				}
				return f(s, a, keys)
			}
		}
	}
}

func is(f func(Value) bool) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) { return jinja.NewBool(f(a[0])), nil }
}

func two(f func(a, b Value) (bool, error)) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		if len(a) != 2 {
			return a[0], errors.New("the test compares two values")
		}
		ok, err := f(a[0], a[1])
		return jinja.NewBool(ok), err
	}
}

func named(f func(string) bool) function {
	return is(func(v Value) bool { return v.IsString() && f(v.AsString()) })
}

func divides(by, rest int64) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		v, err := arithmetic("%", a[0], jinja.NewInt(by))
		return jinja.NewBool(err == nil && equal(v, jinja.NewInt(rest), 0)), err
	}
}

// onCase is str.islower or str.isupper of Python: some letter of the case, and
// none of the other.
func onCase(not, yes func(rune) bool) function {
	return func(s *state, a []Value, _ map[string]Value) (Value, error) {
		v, err := s.str(a[0])
		if err != nil {
			return v, err
		}
		return jinja.NewBool(hasCase(v.AsString(), not, yes)), nil
	}
}

func hasCase(s string, not, yes func(rune) bool) bool {
	return strings.IndexFunc(s, yes) >= 0 && strings.IndexFunc(s, func(r rune) bool { return not(r) || unicode.IsTitle(r) }) < 0
}

package jinja2

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ardanlabs/jinja"
)

// function is what a template calls: an operator, a filter, a test, a method, a
// global. args are without the line.
type function func(s *state, args []Value, keys map[string]Value) (Value, error)

// undefinedError is what Python raises for an undefined value that is used.
func undefinedError(what string) error { return fmt.Errorf("%s is undefined", what) }

// ops are the operators and what statements need.
var ops = map[string]function{
	"o_str": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsString() || a[0].IsUndefined() || a[0].IsInt() || a[0].IsBool() {
			return a[0], nil // the engine prints these as Python does
		}
		return s.str(a[0])
	},
	"o_cat": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		buf := s.buf[:0]
		var err error
		for _, v := range a {
			if buf, err = appendStr(buf, v); err != nil {
				return v, err
			}
		}
		s.buf = buf
		return s.text(string(buf))
	},
	"o_tick":  func(s *state, _ []Value, _ map[string]Value) (Value, error) { return jinja.Undefined(), nil },
	"o_enter": enter,
	"o_leave": func(s *state, _ []Value, _ map[string]Value) (Value, error) { s.depth--; return jinja.Undefined(), nil },
	"o_missing": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(a[0].IsUndefined()), nil
	},
	"o_unknown": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return a[0], errors.New(a[0].AsString())
	},
	"o_iter":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return iterate(a[0]) },
	"o_part":    part,
	"o_setattr": setattr,
	"o_list":    func(_ *state, a []Value, _ map[string]Value) (Value, error) { return jinja.NewList(a), nil },
	"o_tuple":   func(_ *state, a []Value, _ map[string]Value) (Value, error) { return newTuple(a...), nil },
	"o_dict":    dict,
	"o_attr": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return attribute(a[0], a[1].AsString(), a[2].AsString())
	},
	"o_chain":   chain,
	"o_item":    item,
	"o_slice":   slice,
	"o_method":  method,
	"o_call":    call,
	"o_add":     add,
	"o_addsafe": addSafe,
	"o_sub":     func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("-", a[0], a[1]) },
	"o_mul":     multiply,
	"o_div":     func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("/", a[0], a[1]) },
	"o_floordiv": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return arithmetic("//", a[0], a[1])
	},
	"o_mod": func(s *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsString() {
			args := []Value{a[1]}
			if isTuple(a[1]) {
				args = a[1].AsList().Items
			}
			return s.format(a[0].AsString(), args)
		}
		return arithmetic("%", a[0], a[1])
	},
	"o_pow": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return arithmetic("**", a[0], a[1]) },
	"o_neg": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		if a[0].IsFloat() {
			return jinja.NewFloat(-a[0].AsFloat()), nil
		}
		return arithmetic("-", jinja.NewInt(0), a[0])
	},
	"o_pos": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return arithmetic("+", jinja.NewInt(0), a[0])
	},
	"o_eq": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(equal(a[0], a[1], 0)), nil
	},
	"o_ne": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		return jinja.NewBool(!equal(a[0], a[1], 0)), nil
	},
	"o_lt": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered("<", a[0], a[1]) },
	"o_le": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered("<=", a[0], a[1]) },
	"o_gt": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered(">", a[0], a[1]) },
	"o_ge": func(_ *state, a []Value, _ map[string]Value) (Value, error) { return ordered(">=", a[0], a[1]) },
	"o_in": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		ok, err := contains(a[1], a[0])
		return jinja.NewBool(ok), err
	},
	"o_notin": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		ok, err := contains(a[1], a[0])
		return jinja.NewBool(!ok), err
	},
}

func init() {
	for _, name := range []string{"o_eq", "o_ne", "o_lt", "o_le", "o_gt", "o_ge", "o_in", "o_notin"} {
		comparisons[name] = ops[name]
	}
}

// enter begins a macro.
func enter(s *state, _ []Value, _ map[string]Value) (Value, error) {
	if s.depth++; s.depth > maxCalls {
		return jinja.Undefined(), fmt.Errorf("macros call each other more than %d deep", maxCalls)
	}
	return jinja.Undefined(), nil
}

// iterate returns the list that a loop goes over.
func iterate(v Value) (Value, error) {
	switch {
	case v.IsList():
		return v, nil
	case v.IsUndefined():
		return jinja.NewList(nil), nil
	case v.IsDict() && !isNamespace(v):
		keys := v.AsDict().Keys
		items := make([]Value, len(keys))
		for i, k := range keys {
			items[i] = fromKey(k)
		}
		return jinja.NewList(items), nil
	case v.IsString():
		var items []Value
		for _, r := range v.AsString() {
			items = append(items, jinja.NewString(string(r)))
		}
		return jinja.NewList(items), nil
	}
	return v, fmt.Errorf("'%s' object is not iterable", typeName(v))
}

// part returns one of several parts of an item.
func part(_ *state, a []Value, _ map[string]Value) (Value, error) {
	list, err := iterate(a[0])
	if err != nil {
		return list, fmt.Errorf("cannot unpack non-iterable %s object", typeName(a[0]))
	}
	items, want := list.AsList().Items, int(a[2].AsInt())
	if len(items) != want {
		return list, fmt.Errorf("cannot unpack %d values into %d names", len(items), want)
	}
	return items[a[1].AsInt()], nil
}

func setattr(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if !isNamespace(a[0]) {
		return a[0], errors.New("cannot assign attribute on non-namespace object")
	}
	name := a[1].AsString()
	if strings.HasPrefix(name, "_") {
		return a[0], fmt.Errorf("a namespace stores no attribute that begins with an underscore: %s", name)
	}
	a[0].AsDict().Set(name, a[2])
	return jinja.Undefined(), nil
}

func dict(_ *state, a []Value, _ map[string]Value) (Value, error) {
	v, d := Dict(len(a) / 2)
	for i := 0; i+1 < len(a); i += 2 {
		key, ok := asKey(a[i])
		if !ok {
			return v, fmt.Errorf("a dictionary with a key of the type %s is not supported", typeName(a[i]))
		}
		d.Set(key, a[i+1])
	}
	return v, nil
}

// addSafe is + where one side is of the filter safe: then what the other side has
// for HTML is escaped, and a[2] and a[3] say which sides are safe.
func addSafe(s *state, a []Value, keys map[string]Value) (Value, error) {
	for i := range 2 {
		if a[i].IsString() && !a[2+i].AsBool() {
			text, err := s.text(markup.Replace(a[i].AsString()))
			if err != nil {
				return text, err
			}
			a[i] = text
		}
	}
	return add(s, a[:2], keys)
}

// markup escapes as Python's markupsafe does.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

func add(s *state, a []Value, _ map[string]Value) (Value, error) {
	x, y := a[0], a[1]
	switch {
	case x.IsString() && y.IsString():
		return s.text(x.AsString() + y.AsString())
	case x.IsList() && y.IsList():
		l, r := x.AsList().Items, y.AsList().Items
		out := make([]Value, 0, len(l)+len(r))
		if err := s.spend(16 * cap(out)); err != nil {
			return x, err
		}
		if isTuple(x) != isTuple(y) {
			return x, fmt.Errorf(`can only concatenate %s (not "%s") to %s`, typeName(x), typeName(y), typeName(x))
		}
		return likeTuple(x, append(append(out, l...), r...)), nil
	case x.IsString() && !y.IsUndefined():
		return x, fmt.Errorf(`can only concatenate str (not "%s") to str`, typeName(y))
	}
	return arithmetic("+", x, y)
}

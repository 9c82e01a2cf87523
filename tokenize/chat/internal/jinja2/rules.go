package jinja2

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// rule is call for one function.
type rule func(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error)

// rules are the functions that may get signs. The others may not.
var rules map[string]rule

func init() {
	rules = map[string]rule{
		"o_str": onlyTexts, "o_cat": onlyTexts, "f_string": onlyTexts, "f_safe": onlyTexts,
		"o_add": passes, "o_list": passes, "o_tuple": passes, "o_setattr": passes, "o_call": passes, "g_namespace": passes,
		"f_d": passes, "f_default": passes, "o_missing": passes,
		"o_attr": inContainer, "o_item": inContainer, "o_slice": inContainer, "o_iter": inContainer, "o_part": inContainer,
		"f_first": inContainer, "f_last": inContainer, "f_list": inContainer, "f_length": traceLength, "f_count": traceLength, "f_reverse": inContainer,
		"o_lt": traceOrder("o_lt"), "o_le": traceOrder("o_le"), "o_gt": traceOrder("o_gt"), "o_ge": traceOrder("o_ge"), "o_dict": traceDict,
		"o_eq": traceEqual(false), "o_ne": traceEqual(true), "t_eq": traceEqual(false), "t_==": traceEqual(false), "t_equalto": traceEqual(false),
		"t_ne": traceEqual(true), "t_!=": traceEqual(true),
		"o_in": traceIn(false), "o_notin": traceIn(true), "t_in": traceIn(false),
		"o_method": traceMethod, "f_trim": traceTrim, "f_replace": traceReplace,
		"f_selectattr": traceSelect, "f_rejectattr": traceSelect, "f_map": traceMap, "f_join": traceJoin,
	}
	for _, name := range []string{"defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "mapping", "sequence", "iterable", "callable"} {
		rules["t_"+name] = passes
	}
}

// passes is for functions that hand values on, or look at their types.
func passes(*Tracer, []Value, map[string]Value) (v Value, done bool, err error) { return v, false, nil }

// onlyTexts is for functions that make texts of texts: lists and dictionaries would
// be spelled, with signs in quotes.
func onlyTexts(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
	for _, x := range a {
		if !x.IsString() && tr.holds(x, 0) {
			return v, true, ErrOpaque
		}
	}
	return v, false, nil
}

// inContainer is for functions that take something out of a list or dictionary.
func inContainer(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
	if tr.signed(a[0]) || tr.anyHolds(a[1:], 0) {
		return v, true, ErrOpaque
	}
	return v, false, nil
}

func traceEqual(not bool) rule {
	return func(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
		if len(a) != 2 || !tr.anyHolds(a, 0) {
			return v, false, nil
		}
		x, other := a[0], a[1]
		if isLength(x) {
			return traceOrder(map[bool]string{false: "o_eq", true: "o_ne"}[not])(tr, a, nil)
		}
		if tr.signed(other) {
			x, other = other, x
		}
		if !tr.signed(x) || tr.holds(other, 0) {
			return v, true, ErrOpaque
		}
		if !other.IsString() {
			return jinja.NewBool(not), true, nil
		}
		is, ok := tr.finds(x, func(text string) bool { return text == other.AsString() })
		if !ok {
			return v, true, ErrOpaque
		}
		return jinja.NewBool(is != not), true, nil
	}
}

func traceIn(not bool) rule {
	return func(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
		if len(a) != 2 || tr.holds(a[0], 0) {
			return v, true, ErrOpaque
		}
		x, all := a[0], a[1]
		switch {
		case all.IsDict() || !tr.holds(all, 0):
			return v, false, nil // only keys are looked at
		case !all.IsString() || !x.IsString():
			return v, true, ErrOpaque
		}
		is, ok := tr.finds(all, func(text string) bool { return strings.Contains(text, x.AsString()) })
		if !ok {
			return v, true, ErrOpaque
		}
		return jinja.NewBool(is != not), true, nil
	}
}

func traceMethod(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	obj, name, args := a[0], a[1].AsString(), slices.Clone(a[3:]) // facts keep them
	switch {
	case obj.IsDict() && !tr.anyHolds(args, 0), !tr.anyHolds(a, 0):
		return v, false, nil
	case tr.anyHolds(args, 0) || len(keys) > 0 || !obj.IsString() || len(args) > 0 && !args[0].IsString():
		return v, true, ErrOpaque
	case name == "strip" && len(args) == 0:
		return tr.trimmed(obj)
	case len(args) == 1 && (name == "startswith" || name == "endswith"):
		is, ok := tr.finds(obj, func(text string) bool {
			if name == "startswith" {
				return strings.HasPrefix(text, args[0].AsString())
			}
			return strings.HasSuffix(text, args[0].AsString())
		})
		if !ok {
			return v, true, ErrOpaque
		}
		return jinja.NewBool(is), true, nil
	case len(args) >= 1 && name == "split" && args[0].AsString() != "":
		whole, _, err := tr.unchanged(obj, func(text string) string { before, _, _ := strings.Cut(text, args[0].AsString()); return before })
		return jinja.NewList([]Value{whole}), true, err
	case name == "strip" || name == "lstrip" || name == "rstrip" || name == "replace":
		f := stringMethods[name]
		return tr.unchanged(obj, func(text string) string {
			v, err := f(&state{}, append([]Value{jinja.NewString(text)}, args...), nil)
			if err != nil {
				return ""
			}
			return v.AsString()
		})
	}
	return v, true, ErrOpaque
}

// trimmed returns the sign of a text without white space around it.
func (tr *Tracer) trimmed(v Value) (Value, bool, error) {
	if s, ok := tr.read(v); ok && s.alone() {
		return tr.Sign(s.number, true), true, nil
	}
	return tr.unchanged(v, func(text string) string { return strings.TrimFunc(text, IsSpace) })
}

// traceDict is for dictionaries, whose keys must have no signs.
func traceDict(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
	for i := 0; i < len(a); i += 2 {
		if tr.holds(a[i], 0) {
			return v, true, ErrOpaque
		}
	}
	return v, false, nil
}

func traceTrim(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if len(a) == 1 && len(keys) == 0 && tr.signed(a[0]) {
		return tr.trimmed(a[0])
	}
	return tr.untouched(a, keys)
}

func traceReplace(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if len(a) == 3 && len(keys) == 0 && tr.signed(a[0]) && a[1].IsString() && !tr.anyHolds(a[1:], 0) {
		old := a[1].AsString()
		return tr.unchanged(a[0], func(text string) string {
			if strings.Contains(text, old) {
				return ""
			}
			return text
		})
	}
	return tr.untouched(a, keys)
}

// traceSelect is for filters by an attribute that is no text with a sign.
func traceSelect(tr *Tracer, a []Value, _ map[string]Value) (v Value, done bool, err error) {
	if !tr.anyHolds(a, 0) {
		return v, false, nil
	}
	if len(a) < 2 || tr.anyHolds(a[1:], 0) || !a[1].IsString() {
		return v, true, ErrOpaque
	}
	list, err := iterate(a[0])
	if err != nil || tr.signed(a[0]) {
		return v, true, ErrOpaque
	}
	for _, item := range list.AsList().Items {
		of, err := attributeOf(item, a[1])
		if err != nil || tr.signed(item) || tr.holds(of, 0) {
			return v, true, ErrOpaque
		}
	}
	return v, false, nil
}

// traceMap is for maps to an attribute.
func traceMap(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	_, named := keys["attribute"]
	if named && len(keys) == 1 && len(a) == 1 && !tr.signed(a[0]) {
		return v, false, nil
	}
	return tr.untouched(a, keys)
}

// traceJoin is for joins of texts.
func traceJoin(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if len(keys) > 0 || len(a) > 2 || !a[0].IsList() {
		return tr.untouched(a, keys)
	}
	return onlyTexts(tr, append(slices.Clone(a[0].AsList().Items), a[1:]...), nil)
}

// traceLength returns the length of a text as a value that may be compared.
func traceLength(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if _, ok := tr.read(a[0]); ok {
		return jinja.NewCallable(lengthMark+a[0].AsString(), nil), true, nil
	}
	return inContainer(tr, a, keys)
}

// traceOrder is for comparisons of lengths, and of what has no signs.
func traceOrder(name string) rule {
	return func(tr *Tracer, a []Value, keys map[string]Value) (v Value, done bool, err error) {
		if len(a) != 2 || !isLength(a[0]) || !a[1].IsInt() {
			return tr.untouched(a, keys)
		}
		n, compare := a[1], ops[name]
		is, ok := tr.finds(jinja.NewString(strings.TrimPrefix(a[0].AsCallable().Name, lengthMark)), func(text string) bool {
			v, err := compare(&state{}, []Value{jinja.NewInt(int64(utf8.RuneCountInString(text))), n}, nil)
			return err == nil && v.IsTruthy()
		})
		if !ok {
			return v, true, ErrOpaque
		}
		return jinja.NewBool(is), true, nil
	}
}

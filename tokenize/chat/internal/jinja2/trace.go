package jinja2

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// Tracer stands for texts by signs while a template renders, and notes all that the
// template finds out about them. What a template does with other texts of which the
// same is true, all else being equal, differs in these texts alone.
//
// A template that looks at a text in another way than the ones known here cannot be
// traced: see ErrOpaque.
type Tracer struct {
	// Texts are the texts that signs stand for. None is white space alone.
	Texts []string
	// Signs are what signs begin with, of a text as it is and of one without white
	// space around it, and what they end with. They begin with the same two bytes,
	// which occur nowhere else.
	Signs [3]string
	// Facts are what the template found out, in order.
	Facts []Fact
}

// Fact is what a template found out about a text.
type Fact struct {
	Text    int  // its number
	Trimmed bool // without white space around it
	Holds   func(text string) bool
	Is      bool // what Holds says
}

// ErrOpaque says that a template looks into texts.
var ErrOpaque = errors.New("the template looks into the texts")

// Sign returns what stands for a text.
func (tr *Tracer) Sign(number int, trimmed bool) Value {
	begin := tr.Signs[0]
	if trimmed {
		begin = tr.Signs[1]
	}
	return jinja.NewString(begin + strconv.Itoa(number) + tr.Signs[2])
}

// Untold is a value that no template may see.
func Untold() Value { return jinja.NewCallable("\x00untold", nil) }

func isUntold(v Value) bool { return v.IsCallable() && v.AsCallable().Name == "\x00untold" }

// Trace renders the template over the variables, in which signs stand for texts.
// The text has signs, and the marks around {% generation %} blocks.
func (t *Template) Trace(vars map[string]Value, marks [2]string, tr *Tracer) (string, error) {
	s := t.newState()
	s.tracer = tr
	return s.render(vars, marks)
}

// signed reports whether v is a text with a sign in it.
func (tr *Tracer) signed(v Value) bool {
	return v.IsString() && strings.Contains(v.AsString(), tr.Signs[0][:2])
}

// holds reports whether v has a sign somewhere.
func (tr *Tracer) holds(v Value, depth int) bool {
	switch {
	case depth > maxNesting || isUntold(v) || isLength(v):
		return true
	case v.IsString():
		return tr.signed(v)
	case v.IsList():
		return tr.anyHolds(v.AsList().Items, depth+1)
	case v.IsDict():
		for _, item := range v.AsDict().Data {
			if tr.holds(item, depth+1) {
				return true
			}
		}
	}
	return false
}

func (tr *Tracer) anyHolds(list []Value, depth int) bool {
	for _, v := range list {
		if tr.holds(v, depth) {
			return true
		}
	}
	return false
}

// sign is a text with one sign in it.
type sign struct {
	before, after string // beside the sign
	number        int    // of the text
	trimmed       bool
}

// alone reports whether the text is the sign and nothing else.
func (s sign) alone() bool { return s.before == "" && s.after == "" }

// read reads a text with one sign in it.
func (tr *Tracer) read(v Value) (s sign, ok bool) {
	if !v.IsString() {
		return s, false
	}
	at, which := NextMark(v.AsString(), tr.Signs[:2])
	if which < 0 {
		return s, false
	}
	s.before, s.trimmed = v.AsString()[:at], which == 1
	digits, after, ok := strings.Cut(v.AsString()[at+len(tr.Signs[which]):], tr.Signs[2])
	number, err := strconv.Atoi(digits)
	s.number, s.after = number, after
	return s, ok && err == nil && !strings.Contains(after, tr.Signs[0][:2])
}

// finds notes whether something is true of a text with a sign. ok is false if it
// has none, or several.
func (tr *Tracer) finds(v Value, holds func(string) bool) (is, ok bool) {
	s, ok := tr.read(v)
	if !ok {
		return false, false
	}
	text := tr.Texts[s.number]
	if s.trimmed {
		text = strings.TrimFunc(text, IsSpace)
	}
	whole := holds
	if !s.alone() {
		whole = func(text string) bool { return holds(s.before + text + s.after) }
	}
	is = whole(text)
	tr.Facts = append(tr.Facts, Fact{s.number, s.trimmed, whole, is})
	return is, true
}

// A length stands for that of a text with a sign: a value that may be compared.
const lengthMark = "\x00length:"

func isLength(v Value) bool {
	return v.IsCallable() && strings.HasPrefix(v.AsCallable().Name, lengthMark)
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

// unchanged returns a sign as it is if f leaves its text alone.
func (tr *Tracer) unchanged(v Value, f func(string) string) (Value, bool, error) {
	same, ok := tr.finds(v, func(text string) bool { return f(text) == text })
	if !ok || !same {
		return v, true, ErrOpaque
	}
	return v, true, nil
}

// call does what a function does with signs. done is false if the function may run
// as it is: it does not look at texts that have signs.
func (tr *Tracer) call(name string, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if rule := rules[name]; rule != nil {
		return rule(tr, a, keys)
	}
	return tr.untouched(a, keys)
}

// untouched is call for functions that may look at whatever they get: it must be no
// sign.
func (tr *Tracer) untouched(a []Value, keys map[string]Value) (v Value, done bool, err error) {
	for _, k := range keys {
		if tr.holds(k, 0) {
			return v, true, ErrOpaque
		}
	}
	if tr.anyHolds(a, 0) {
		return v, true, ErrOpaque
	}
	return v, false, nil
}

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

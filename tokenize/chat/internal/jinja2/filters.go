package jinja2

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// filters are jinja2's, as far as chat templates use them, and tojson as
// transformers has it.
var filters map[string]function

func init() {
	filters = map[string]function{
		"abs": absolute, "attr": filterAttr, "batch": batch, "capitalize": onText(capitalize),
		"count": length, "length": length, "d": otherwise, "default": otherwise, "dictsort": dictsort,
		"e": onText(escape), "escape": onText(escape), "forceescape": onText(escape), "first": first, "last": last,
		"float": toFloat, "int": toInt, "format": filterFormat, "indent": indent, "items": items, "join": join,
		"list": toList, "lower": onText(strings.ToLower), "upper": onText(strings.ToUpper), "title": onText(titleWords),
		"map": mapping, "max": extreme(1), "min": extreme(-1), "replace": replace, "reverse": reverse, "round": round,
		"select": selecting(false, false), "reject": selecting(false, true),
		"selectattr": selecting(true, false), "rejectattr": selecting(true, true),
		"safe": onText(func(s string) string { return s }), "string": onText(func(s string) string { return s }),
		"sort": sorting, "sum": sum, "tojson": tojson, "trim": trim, "unique": unique, "wordcount": wordcount,
	}
}

// option returns the argument with the index at or with the name, otherwise if
// neither is given.
func option(args []Value, at int, keys map[string]Value, name string, otherwise Value) Value {
	if at < len(args) {
		return args[at]
	}
	if v, ok := keys[name]; ok {
		return v
	}
	return otherwise
}

// onText makes a filter of a function over text.
func onText(f func(string) string) function {
	return func(s *state, a []Value, _ map[string]Value) (Value, error) {
		v, err := s.str(a[0])
		if err != nil {
			return v, err
		}
		return s.text(f(v.AsString()))
	}
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + strings.ToLower(s[n:])
}

// titleWords is jinja2's title filter: words end at white space, hyphens and
// opening brackets.
func titleWords(s string) string {
	var b strings.Builder
	start := true
	for _, r := range s {
		if start {
			b.WriteRune(unicode.ToUpper(r))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		start = IsSpace(r) || strings.ContainsRune("-({[<", r)
	}
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

func absolute(_ *state, a []Value, _ map[string]Value) (Value, error) {
	switch {
	case a[0].IsFloat():
		return jinja.NewFloat(math.Abs(a[0].AsFloat())), nil
	case a[0].IsInt() && a[0].AsInt() < 0:
		return arithmetic("-", jinja.NewInt(0), a[0])
	case a[0].IsInt():
		return a[0], nil
	}
	return arithmetic("+", jinja.NewInt(0), a[0])
}

func filterAttr(_ *state, a []Value, _ map[string]Value) (Value, error) {
	// Only attributes proper, which values of JSON have none of.
	if len(a) < 2 || !a[1].IsString() || !isNamespace(a[0]) {
		return jinja.Undefined(), nil
	}
	return attribute(a[0], a[1].AsString(), "the value")
}

func length(_ *state, a []Value, _ map[string]Value) (Value, error) {
	v := a[0]
	switch {
	case v.IsString():
		return jinja.NewInt(int64(utf8.RuneCountInString(v.AsString()))), nil
	case v.IsList():
		return jinja.NewInt(int64(v.AsList().Len())), nil
	case v.IsDict() && !isNamespace(v):
		return jinja.NewInt(int64(len(v.AsDict().Keys))), nil
	case v.IsUndefined():
		return jinja.NewInt(0), nil
	}
	return v, fmt.Errorf("object of type '%s' has no len()", typeName(v))
}

func otherwise(_ *state, a []Value, keys map[string]Value) (Value, error) {
	strict := option(a, 2, keys, "boolean", jinja.NewBool(false)).IsTruthy()
	if a[0].IsUndefined() || strict && !a[0].IsTruthy() {
		return option(a, 1, keys, "default_value", jinja.NewString("")), nil
	}
	return a[0], nil
}

func toFloat(s *state, a []Value, keys map[string]Value) (Value, error) {
	if f, ok := float(a[0]); ok {
		return jinja.NewFloat(f), nil
	}
	if a[0].IsUndefined() {
		return a[0], undefinedError("what is converted to a number")
	}
	if a[0].IsString() {
		if f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimFunc(a[0].AsString(), IsSpace), "_", ""), 64); err == nil {
			return jinja.NewFloat(f), nil
		}
	}
	return option(a, 1, keys, "default", jinja.NewFloat(0)), nil
}

func toInt(s *state, a []Value, keys map[string]Value) (Value, error) {
	fallback := option(a, 1, keys, "default", jinja.NewInt(0))
	if n, ok := integer(a[0]); ok {
		return jinja.NewInt(n), nil
	}
	if a[0].IsUndefined() {
		return a[0], undefinedError("what is converted to a number")
	}
	f, ok := float(a[0])
	if !ok && a[0].IsString() {
		text := strings.ReplaceAll(strings.TrimFunc(a[0].AsString(), IsSpace), "_", "")
		base := 10
		if n, isInt := integer(option(a, 2, keys, "base", jinja.NewInt(10))); isInt {
			base = int(n)
		}
		if base != 0 && (base < 2 || base > 36) {
			return fallback, nil
		}
		if n, err := strconv.ParseInt(text, base, 64); err == nil {
			return jinja.NewInt(n), nil
		}
		var err error
		f, err = strconv.ParseFloat(text, 64)
		ok = err == nil
	}
	if !ok || math.IsNaN(f) || math.Abs(f) >= 1<<63 {
		return fallback, nil
	}
	return jinja.NewInt(int64(f)), nil
}

func filterFormat(s *state, a []Value, keys map[string]Value) (Value, error) {
	if len(keys) > 0 {
		return a[0], errors.New("format with named arguments is not supported")
	}
	v, err := s.str(a[0])
	if err != nil {
		return v, err
	}
	return s.format(v.AsString(), a[1:])
}

func indent(s *state, a []Value, keys map[string]Value) (Value, error) {
	v := a[0]
	if !v.IsString() {
		return v, fmt.Errorf("indent needs a string, not %s", typeName(v))
	}
	width := option(a, 1, keys, "width", jinja.NewInt(4))
	pad := ""
	if n, ok := integer(width); ok {
		pad = strings.Repeat(" ", int(min(max(n, 0), 1000)))
	} else if width.IsString() {
		pad = width.AsString()
	}
	blank := option(a, 3, keys, "blank", jinja.NewBool(false)).IsTruthy()
	lines := strings.Split(v.AsString()+"\n", "\n")
	// Lines are those of str.splitlines of the text with a newline put behind it.
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		if i > 0 && (line != "" || blank) {
			lines[i] = pad + line
		}
	}
	out := strings.Join(lines, "\n")
	if option(a, 2, keys, "first", jinja.NewBool(false)).IsTruthy() {
		out = pad + out
	}
	return s.text(out)
}

func replace(s *state, a []Value, keys map[string]Value) (Value, error) {
	v, err := s.str(a[0])
	if err != nil {
		return v, err
	}
	from, to := option(a, 1, keys, "old", jinja.None()), option(a, 2, keys, "new", jinja.None())
	if !from.IsString() || !to.IsString() {
		return v, errors.New("replace needs two strings")
	}
	n := int64(-1)
	if m, ok := integer(option(a, 3, keys, "count", jinja.NewInt(-1))); ok {
		n = m
	}
	return s.replace(v.AsString(), from.AsString(), to.AsString(), int(n))
}

func round(_ *state, a []Value, keys map[string]Value) (Value, error) {
	f, ok := float(a[0])
	how := option(a, 2, keys, "method", jinja.NewString("common"))
	if n, isInt := integer(a[0]); isInt && how.IsString() && how.AsString() == "common" {
		return jinja.NewInt(n), nil
	}
	if !ok {
		return a[0], fmt.Errorf("type %s doesn't define __round__ method", typeName(a[0]))
	}
	digits, _ := integer(option(a, 1, keys, "precision", jinja.NewInt(0)))
	if digits < 0 || digits > 15 {
		return a[0], errors.New("round with this precision is not supported")
	}
	scale := math.Pow(10, float64(digits))
	switch {
	case how.IsString() && how.AsString() == "common":
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(digits), 64), 64)
	case how.IsString() && how.AsString() == "ceil":
		f = math.Ceil(f*scale) / scale
	case how.IsString() && how.AsString() == "floor":
		f = math.Floor(f*scale) / scale
	default:
		return a[0], errors.New("method must be common, ceil or floor")
	}
	return jinja.NewFloat(f), nil
}

func tojson(s *state, a []Value, keys map[string]Value) (Value, error) {
	st := jsonStyle{item: ", ", key: ": "}
	st.ascii = option(a, 1, keys, "ensure_ascii", jinja.NewBool(false)).IsTruthy()
	switch in := option(a, 2, keys, "indent", jinja.None()); {
	case in.IsString():
		st.lines, st.indent, st.item = true, in.AsString(), ","
	case !in.IsNone():
		n, ok := integer(in)
		if !ok {
			return in, errors.New("tojson: indent is a number or a string")
		}
		st.lines, st.indent, st.item = true, strings.Repeat(" ", int(min(max(n, 0), 100))), ","
	}
	if sep := option(a, 3, keys, "separators", jinja.None()); !sep.IsNone() {
		if !sep.IsList() || sep.AsList().Len() != 2 || !sep.AsList().Items[0].IsString() || !sep.AsList().Items[1].IsString() {
			return sep, errors.New("tojson: separators are two strings")
		}
		st.item, st.key = sep.AsList().Items[0].AsString(), sep.AsList().Items[1].AsString()
	}
	st.sorted = option(a, 4, keys, "sort_keys", jinja.NewBool(false)).IsTruthy()
	buf, err := st.appendJSON(s.buf[:0], a[0], 0)
	if err != nil {
		return a[0], err
	}
	s.buf = buf
	return s.text(string(buf))
}

func trim(s *state, a []Value, keys map[string]Value) (Value, error) {
	v, err := s.str(a[0])
	if err != nil {
		return v, err
	}
	chars := option(a, 1, keys, "chars", jinja.None())
	if chars.IsString() {
		return jinja.NewString(strings.Trim(v.AsString(), chars.AsString())), nil
	}
	return jinja.NewString(strings.TrimFunc(v.AsString(), IsSpace)), nil
}

func wordcount(s *state, a []Value, _ map[string]Value) (Value, error) {
	v, err := s.str(a[0])
	if err != nil {
		return v, err
	}
	n := len(strings.FieldsFunc(v.AsString(), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) }))
	return jinja.NewInt(int64(n)), nil
}

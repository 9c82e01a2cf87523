package jinja2

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// Value is a value of a template.
type Value = jinja.Value

// maxNesting bounds how deep values may lie in each other.
const maxNesting = 200

// namespaceMark is the key that tells namespaces from dictionaries. It is in no
// list of keys, so that nothing sees it.
const namespaceMark = "\x00namespace"

// bigInt is what the name of a callable begins with that stands for an integer
// beyond 64 bits, of which nothing but its digits is known.
const bigInt = "\x00int:"

// tupleMark stands behind the items of a tuple, beyond the length of its list, so
// that nothing but the printing of tuples sees it.
var tupleMark = jinja.NewCallable("\x00tuple", nil)

func newTuple(items ...Value) Value {
	all := append(append(make([]Value, 0, len(items)+1), items...), tupleMark)
	return jinja.NewList(all[:len(items)])
}

func isTuple(v Value) bool {
	if !v.IsList() {
		return false
	}
	items := v.AsList().Items
	if cap(items) == len(items) {
		return false
	}
	mark := items[:len(items)+1][len(items)]
	return mark.IsCallable() && mark.AsCallable().Name == "\x00tuple"
}

// Dict makes a dictionary with its keys in order.
func Dict(size int) (Value, *jinja.Dict) {
	v := jinja.NewDict()
	d := v.AsDict()
	d.Keys = make([]string, 0, size)
	return v, d
}

// FromJSON decodes a JSON value as Python's json module does: keys keep their
// order, of equal ones the last value stays, integers and floats are different.
func FromJSON(text string) (Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := decode(d, 0)
	if err != nil {
		return jinja.Undefined(), err
	}
	if _, err := d.Token(); err != io.EOF {
		return jinja.Undefined(), fmt.Errorf("something follows the JSON value at byte %d", d.InputOffset())
	}
	return v, nil
}

func decode(d *json.Decoder, depth int) (Value, error) {
	t, err := d.Token()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return jinja.Undefined(), err
	}
	if depth > maxNesting {
		return jinja.Undefined(), fmt.Errorf("JSON values lie more than %d deep in each other", maxNesting)
	}
	switch t := t.(type) {
	case nil:
		return jinja.None(), nil
	case bool:
		return jinja.NewBool(t), nil
	case string:
		return jinja.NewString(t), nil
	case json.Number:
		return number(string(t)), nil
	case json.Delim:
		if t == '[' {
			var items []Value
			for d.More() {
				v, err := decode(d, depth+1)
				if err != nil {
					return v, err
				}
				items = append(items, v)
			}
			_, err := d.Token()
			return jinja.NewList(items), err
		}
		v, dict := Dict(4)
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return v, err
			}
			item, err := decode(d, depth+1)
			if err != nil {
				return v, err
			}
			dict.Set(key.(string), item)
		}
		_, err := d.Token()
		return v, err
	}
	return jinja.Undefined(), fmt.Errorf("unexpected %v", t)
}

func number(s string) Value {
	if !strings.ContainsAny(s, ".eE") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return jinja.NewInt(n)
		}
		return jinja.NewCallable(bigInt+s, nil)
	}
	f, _ := strconv.ParseFloat(s, 64) // what overflows is infinite, as in Python
	return jinja.NewFloat(f)
}

// big returns the digits of an integer beyond 64 bits.
func big(v Value) (string, bool) {
	if !v.IsCallable() {
		return "", false
	}
	return strings.CutPrefix(v.AsCallable().Name, bigInt)
}

// typeName is what Python calls the type of v.
func typeName(v Value) string {
	switch {
	case v.IsUndefined():
		return "Undefined"
	case v.IsNone():
		return "NoneType"
	case v.IsBool():
		return "bool"
	case v.IsInt():
		return "int"
	case v.IsFloat():
		return "float"
	case v.IsString():
		return "str"
	case isTuple(v):
		return "tuple"
	case v.IsList():
		return "list"
	case v.IsDict():
		return "dict"
	}
	if _, ok := big(v); ok {
		return "int"
	}
	return "function"
}

// appendStr appends Python's str(v).
func appendStr(dst []byte, v Value) ([]byte, error) {
	switch {
	case v.IsUndefined():
		return dst, nil
	case v.IsString():
		return append(dst, v.AsString()...), nil
	}
	return appendRepr(dst, v, 0)
}

// appendRepr appends Python's repr(v).
func appendRepr(dst []byte, v Value, depth int) ([]byte, error) {
	if depth > maxNesting {
		return dst, fmt.Errorf("values lie more than %d deep in each other", maxNesting)
	}
	var err error
	switch {
	case v.IsUndefined():
		return append(dst, "Undefined"...), nil
	case v.IsNone():
		return append(dst, "None"...), nil
	case v.IsBool():
		if v.AsBool() {
			return append(dst, "True"...), nil
		}
		return append(dst, "False"...), nil
	case v.IsInt():
		return strconv.AppendInt(dst, v.AsInt(), 10), nil
	case v.IsFloat():
		return appendFloat(dst, v.AsFloat(), "inf", "nan"), nil
	case v.IsString():
		return appendQuoted(dst, v.AsString()), nil
	case v.IsList():
		open, end := byte('['), "]"
		if isTuple(v) {
			open, end = '(', ")"
			if v.AsList().Len() == 1 {
				end = ",)"
			}
		}
		dst = append(dst, open)
		for i, item := range v.AsList().Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if dst, err = appendRepr(dst, item, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, end...), nil
	case v.IsDict():
		d := v.AsDict()
		dst = append(dst, '{')
		for i, k := range d.Keys {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(appendQuoted(dst, k), ": "...)
			if dst, err = appendRepr(dst, d.Data[k], depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	}
	if s, ok := big(v); ok {
		return append(dst, s...), nil
	}
	return dst, fmt.Errorf("a function has no text")
}

// appendFloat appends the shortest spelling that reads back the same, as Python
// writes it.
func appendFloat(dst []byte, f float64, inf, nan string) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, nan...)
	case math.IsInf(f, 1):
		return append(dst, inf...)
	case math.IsInf(f, -1):
		return append(append(dst, '-'), inf...)
	}
	a := math.Abs(f)
	if a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if bytes.IndexByte(dst[from:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendQuoted appends Python's repr of a string.
func appendQuoted(dst []byte, s string) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ' || r == 0x7f || r > 0x7f && r < 0x100 && !unicode.IsPrint(r):
			dst = fmt.Appendf(dst, `\x%02x`, r)
		case r < utf8.RuneSelf || unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		case r <= 0xffff:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = fmt.Appendf(dst, `\U%08x`, r)
		}
	}
	return append(dst, quote)
}

// jsonStyle is how tojson writes.
type jsonStyle struct {
	item, key string // separators
	indent    string // of one level; lines is set with it
	lines     bool
	ascii     bool
	sorted    bool
}

// appendJSON appends what json.dumps of Python writes.
func (st *jsonStyle) appendJSON(dst []byte, v Value, depth int) ([]byte, error) {
	if depth > maxNesting {
		return dst, fmt.Errorf("values lie more than %d deep in each other", maxNesting)
	}
	switch {
	case v.IsNone():
		return append(dst, "null"...), nil
	case v.IsBool():
		return strconv.AppendBool(dst, v.AsBool()), nil
	case v.IsInt():
		return strconv.AppendInt(dst, v.AsInt(), 10), nil
	case v.IsFloat():
		return appendFloat(dst, v.AsFloat(), "Infinity", "NaN"), nil
	case v.IsString():
		return st.appendString(dst, v.AsString()), nil
	case v.IsList():
		items := v.AsList().Items
		return st.appendItems(dst, '[', ']', len(items), depth, func(dst []byte, i int) ([]byte, error) {
			return st.appendJSON(dst, items[i], depth+1)
		})
	case v.IsDict() && !isNamespace(v):
		d := v.AsDict()
		keys := d.Keys
		if st.sorted {
			keys = sortedKeys(keys)
		}
		return st.appendItems(dst, '{', '}', len(keys), depth, func(dst []byte, i int) ([]byte, error) {
			dst = append(st.appendString(dst, keys[i]), st.key...)
			return st.appendJSON(dst, d.Data[keys[i]], depth+1)
		})
	}
	if s, ok := big(v); ok {
		return append(dst, s...), nil
	}
	return dst, fmt.Errorf("Object of type %s is not JSON serializable", typeName(v)) //nolint:staticcheck // Python's own words
}

func (st *jsonStyle) appendItems(dst []byte, open, end byte, n, depth int, item func([]byte, int) ([]byte, error)) (_ []byte, err error) {
	dst = append(dst, open)
	for i := range n {
		if i > 0 {
			dst = append(dst, st.item...)
		}
		if st.lines {
			dst = st.newline(dst, depth+1)
		}
		if dst, err = item(dst, i); err != nil {
			return dst, err
		}
	}
	if st.lines && n > 0 {
		dst = st.newline(dst, depth)
	}
	return append(dst, end), nil
}

func (st *jsonStyle) newline(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, st.indent...)
	}
	return dst
}

func (st *jsonStyle) appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i, r := range s {
		if r >= ' ' && r != '"' && r != '\\' && (!st.ascii || r < 0x7f) {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(s[i:])
			from = i + size
		}
		switch r {
		case '"', '\\':
			dst = append(dst, '\\', byte(r))
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\b':
			dst = append(dst, `\b`...)
		default:
			if r > 0xffff {
				r -= 0x10000
				dst = fmt.Appendf(dst, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			} else if r == 0x7f {
				dst = append(dst, 0x7f)
			} else {
				dst = fmt.Appendf(dst, `\u%04x`, r)
			}
		}
	}
	return append(append(dst, s[from:]...), '"')
}

func isNamespace(v Value) bool { return v.IsDict() && v.AsDict().Has(namespaceMark) }

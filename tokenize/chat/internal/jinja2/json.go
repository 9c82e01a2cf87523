package jinja2

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

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
			dst = append(st.appendString(dst, strings.TrimPrefix(keys[i], intKey)), st.key...)
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

package jinja2

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
			if dst, err = appendRepr(dst, fromKey(k), depth+1); err != nil {
				return dst, err
			}
			dst = append(dst, ": "...)
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

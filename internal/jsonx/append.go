package jsonx

import (
	"slices"
	"unsafe"
)

// AppendString appends s to dst as a JSON string with its quotes. It escapes
// what JSON requires and nothing else: quote, backslash and control characters
// below 0x20, with the short form where there is one. Other characters stand as
// they are, in UTF-8; each byte that is not UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	before := len(dst)
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	dst, high := appendQuoted(dst, b)
	if high&lanes80 != 0 && !validUTF8(b) {
		// The conversion to runes turns each byte at fault into U+FFFD.
		dst, _ = appendQuoted(dst[:before], []byte(string([]rune(s))))
	}
	return dst
}

// appendQuoted is AppendString without a look at the encoding. It returns the
// high bits of the bytes of b that were appended as they are.
func appendQuoted(dst, b []byte) ([]byte, uint64) {
	dst = append(dst, '"')
	i, high := 0, uint64(0)
	for {
		if len(b)-i >= wideFrom && wide {
			dst = slices.Grow(dst, len(b)-i+len(b)/8+wideFrom)
			var w int
			w, i, high = quoteWide(dst[:cap(dst)], len(dst), b, i, high)
			dst = dst[:w]
		}
		start := i
		i, high = run(b, i, high)
		dst = append(dst, b[start:i]...)
		if i == len(b) {
			return append(dst, '"'), high
		}
		dst = appendEscape(dst, b[i])
		i++
	}
}

// shortEscapes has the letter of the two-byte escape of each byte that has one,
// and 0 for other bytes.
var shortEscapes = [256]byte{
	'"': '"', '\\': '\\', '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '\f': 'f',
}

// appendEscape appends the escape of c, one of the bytes where a run stops.
func appendEscape(dst []byte, c byte) []byte {
	if letter := shortEscapes[c]; letter != 0 {
		return append(dst, '\\', letter)
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// AppendCompact appends raw to dst without the white space outside of its
// strings. raw must be valid JSON: of other text it makes nothing useful, though it
// never panics.
func AppendCompact(dst, raw []byte) []byte {
	start := 0
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end := closing(raw, i+1)
			if end < 0 {
				return append(dst, raw[start:]...)
			}
			i = end + 1
		case isSpace(c):
			dst = append(dst, raw[start:i]...)
			i = skipSpace(raw, i)
			start = i
		default:
			i++
		}
	}
	return append(dst, raw[start:]...)
}

package jsonx

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// textChunk is the size of the pieces of memory that decoded strings share.
const textChunk = 16 << 10

// Text decodes a JSON string, given with its quotes and no white space around.
//
// A string without escapes is returned as an alias of raw, without allocation:
// it is right as long as nobody changes raw. One with escapes is appended to
// *buf and aliases that. When the room between length and capacity of *buf is
// too small, *buf becomes a new piece of memory of at least 16 KiB; the old one
// stays as it is, so that earlier results stay right. With a nil buf each
// string with escapes is allocated by itself. On an error nothing is appended.
//
// The error is a [*SyntaxError] for: no string, a control character, an unknown
// escape, half of a surrogate pair, invalid UTF-8.
func Text(raw []byte, buf *[]byte) (string, error) {
	s, err := text(raw, buf)
	if err != nil {
		return "", err
	}
	return s, nil
}

func text(raw []byte, buf *[]byte) (string, *SyntaxError) {
	if len(raw) == 0 || raw[0] != '"' {
		w := walker{b: raw}
		w.unexpected(0, "a string")
		return "", w.err
	}
	i, high := run(raw, 1, 0)
	if i == len(raw)-1 && raw[i] == '"' {
		inner := raw[1:i]
		if high&lanes80 != 0 {
			if err := checkUTF8(inner, 1); err != nil {
				return "", err
			}
		}
		return alias(inner), nil
	}
	if i < len(raw) && raw[i] == '\\' {
		return decode(raw, i, high, buf)
	}
	return "", stringError(raw, i)
}

// decode is Text for a string whose first escape is at offset first.
func decode(raw []byte, first int, high uint64, buf *[]byte) (string, *SyntaxError) {
	// A decoded string is never longer than its text.
	room := spare(buf, len(raw)-2)
	dst := room[:len(raw)-2]
	w, i := copy(dst, raw[1:first]), first
	for i < len(raw) && raw[i] == '\\' {
		if i+1 < len(raw)-1 && unescaped[raw[i+1]] != 0 {
			dst[w] = unescaped[raw[i+1]]
			i, w, high = copyRun(dst, raw, w+1, i+2, high)
			continue
		}
		written, read, msg := unescape(dst[w:], raw[i:])
		if msg != "" {
			return "", &SyntaxError{Offset: i, Msg: msg}
		}
		w += written
		i += read
		i, w, high = copyRun(dst, raw, w, i, high)
	}
	if i != len(raw)-1 || raw[i] != '"' {
		return "", stringError(raw, i)
	}
	if high&lanes80 != 0 {
		if err := checkUTF8(raw, 0); err != nil {
			return "", err
		}
	}
	if buf != nil {
		*buf = (*buf)[:len(*buf)+w]
	}
	return alias(dst[:w]), nil
}

// copyRun copies string content from raw[i:] to dst[w:] up to the first quote,
// backslash or control character. It runs behind an escape, where w is at least
// two bytes short of i, so that a word read within raw fits in dst; what such a
// word leaves behind w is overwritten or never looked at.
func copyRun(dst, raw []byte, w, i int, high uint64) (int, int, uint64) {
	for i+8 <= len(raw) && w+8 <= len(dst) {
		x := binary.LittleEndian.Uint64(raw[i:])
		binary.LittleEndian.PutUint64(dst[w:], x)
		if m := stops(x); m != 0 {
			n := bits.TrailingZeros64(m) &^ 7
			return i + n/8, w + n/8, high | x&(1<<n-1)
		}
		high |= x
		i += 8
		w += 8
	}
	for i < len(raw) && !isStop(raw[i]) {
		high |= uint64(raw[i])
		dst[w] = raw[i]
		i++
		w++
	}
	return i, w, high
}

// spare returns n bytes to write to: the room behind the length of *buf, after
// replacing *buf when it has too little.
func spare(buf *[]byte, n int) []byte {
	if buf == nil {
		return make([]byte, n)
	}
	if cap(*buf)-len(*buf) < n {
		*buf = make([]byte, 0, max(n, textChunk))
	}
	return (*buf)[len(*buf) : len(*buf)+n]
}

// stringError says why the string raw does not go on at i, the offset of a byte
// that ended a run, and is not over there either.
func stringError(raw []byte, i int) *SyntaxError {
	w := walker{b: raw}
	switch {
	case i >= len(raw):
		w.unterminated()
	case raw[i] == '"':
		w.unexpected(i+1, "nothing behind the closing quote")
	default:
		w.fail(i, controlMsg(raw[i]))
	}
	return w.err
}

// alias returns b as a string, without copying it.
func alias(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}

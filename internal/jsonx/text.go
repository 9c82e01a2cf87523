package jsonx

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// textChunk is the size up to which the pieces of memory grow that decoded strings
// share, and textFirst that of the first one.
const (
	textChunk = 16 << 10
	textFirst = 2 << 10
)

// Text decodes a JSON string, given with its quotes and no white space around.
//
// A string without escapes is returned as an alias of raw, without allocation:
// it is right as long as nobody changes raw. One with escapes is appended to
// *buf and aliases that. When the room between length and capacity of *buf is
// too small, *buf becomes a new piece of memory, of 2 KiB at first and of 16 KiB
// later on, or as large as it must be; the old one stays as it is, so that
// earlier results stay right. With a nil buf each
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

// ValidText is [Text] for a value inside of text that has passed [Valid] or
// [AppendMembers]: what was checked there is not checked again. What is left to
// be wrong is half of a surrogate pair, and a value that is no string.
func ValidText(raw []byte, buf *[]byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return Text(raw, buf)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return alias(raw[1 : len(raw)-1]), nil
	}
	s, err := decode(raw, buf, true)
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
	if bytes.IndexByte(raw, '\\') >= 0 {
		return decode(raw, buf, false)
	}
	i, high := content(raw, 1, 0)
	if i != len(raw)-1 || raw[i] != '"' {
		return "", stringError(raw, i)
	}
	inner := raw[1:i]
	if high&lanes80 != 0 {
		if err := checkUTF8(inner, 1); err != nil {
			return "", err
		}
	}
	return alias(inner), nil
}

// decode is Text for a string with escapes. In valid text bytes are not checked to
// be UTF-8.
func decode(raw []byte, buf *[]byte, valid bool) (string, *SyntaxError) {
	// A decoded string is never longer than its text.
	room := spare(buf, max(0, len(raw)-2))
	dst := room[:len(room):len(room)]
	w, i, high := copyRun(dst, raw, 0, 1, 0)
	for i < len(raw) && raw[i] == '\\' {
		if i+1 < len(raw)-1 && unescaped[raw[i+1]] != 0 {
			dst[w] = unescaped[raw[i+1]]
			w, i, high = copyRun(dst, raw, w+1, i+2, high)
			continue
		}
		if nextW, next := decodeUnicode(dst, w, raw, i); next > i {
			w, i, high = copyRun(dst, raw, nextW, next, high)
			continue
		}
		written, read, msg := unescape(dst[w:], raw[i:])
		if msg != "" {
			return "", &SyntaxError{Offset: i, Msg: msg}
		}
		w, i, high = copyRun(dst, raw, w+written, i+read, high)
	}
	if i != len(raw)-1 || raw[i] != '"' {
		return "", stringError(raw, i)
	}
	if high&lanes80 != 0 && !valid {
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
// backslash or control character, and may take escapes of two bytes on its way.
// dst has room for all of raw but its quotes; w is behind i by one at least. What
// is left behind w is overwritten or never looked at.
func copyRun(dst, raw []byte, w, i int, high uint64) (newW, next int, newHigh uint64) {
	for first := true; i+8 <= len(raw) && w+8 <= len(dst); {
		x := binary.LittleEndian.Uint64(raw[i:])
		binary.LittleEndian.PutUint64(dst[w:], x)
		if m := stops(x); m != 0 {
			n := bits.TrailingZeros64(m) &^ 7
			return w + n/8, i + n/8, high | x&(1<<n-1)
		}
		high |= x
		i += 8
		w += 8
		if first && len(raw)-i >= wideFrom { // most runs between escapes are longer than a word
			w, i, high = decodeWide(dst, w, raw, i, high)
		}
		first = false
	}
	for i < len(raw) && !isStop(raw[i]) && w < len(dst) {
		high |= uint64(raw[i])
		dst[w] = raw[i]
		i++
		w++
	}
	return w, i, high
}

// spare returns n bytes to write to: the room behind the length of *buf, after
// replacing *buf when it has too little.
func spare(buf *[]byte, n int) []byte {
	if buf == nil {
		return make([]byte, n)
	}
	if cap(*buf)-len(*buf) < n {
		*buf = make([]byte, 0, max(n, min(2*cap(*buf), textChunk), textFirst))
	}
	return (*buf)[len(*buf) : len(*buf)+n]
}

// Concat returns texts one behind the other, in the memory of buf as decoded texts
// are.
func Concat(buf *[]byte, texts ...string) string {
	n := 0
	for _, s := range texts {
		n += len(s)
	}
	room := spare(buf, n)
	at := 0
	for _, s := range texts {
		at += copy(room[at:], s)
	}
	if buf != nil {
		*buf = (*buf)[:len(*buf)+n]
	}
	return alias(room)
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

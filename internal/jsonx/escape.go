package jsonx

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	sonicutf8 "github.com/bytedance/sonic/utf8"
)

// escapeLen returns how many bytes the escape at the start of b takes, or what
// is wrong with it. b[0] is the backslash.
func escapeLen(b []byte) (int, string) {
	if len(b) < 2 {
		return 0, "unexpected end of the text in an escape"
	}
	if unescaped[b[1]] != 0 {
		return 2, ""
	}
	if b[1] != 'u' {
		return 0, fmt.Sprintf("unknown escape \\ followed by %s", quoteAt(b, 1))
	}
	if hex4(b) < 0 {
		return 0, `\u must be followed by four hexadecimal digits`
	}
	return 6, ""
}

// unescaped has, for the letter of each two-byte escape, the byte that it stands
// for, and 0 for other letters.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f',
}

// hexDigits has the value of each hexadecimal digit, and 0xff for other bytes.
var hexDigits = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// hex4 returns the code unit of the \uXXXX at the start of b, -1 if there is no
// such escape.
func hex4(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	h, i, j, k := hexDigits[b[2]], hexDigits[b[3]], hexDigits[b[4]], hexDigits[b[5]]
	if (h|i|j|k)&0xf0 != 0 {
		return -1
	}
	return rune(h)<<12 | rune(i)<<8 | rune(j)<<4 | rune(k)
}

// skipUnicode passes over escapes \uXXXX that begin at i, one behind the other.
func skipUnicode(b []byte, i int) int {
	for i < len(b) && hex4(b[i:]) >= 0 {
		i += 6
	}
	return i
}

// decodeUnicode writes what escapes \uXXXX that begin at i stand for to dst from
// w on, up to one that is part of a surrogate pair.
func decodeUnicode(dst []byte, w int, raw []byte, i int) (newW, next int) {
	for i < len(raw) {
		r := hex4(raw[i:])
		if r < 0 || utf16.IsSurrogate(r) {
			break
		}
		w += utf8.EncodeRune(dst[w:], r)
		i += 6
	}
	return w, i
}

// unescape writes what the escape at the start of src stands for to dst, which
// has room for at least as many bytes as the escape takes. It returns the bytes
// written and read, or what is wrong.
func unescape(dst, src []byte) (written, read int, msg string) {
	n, msg := escapeLen(src)
	if msg != "" {
		return 0, 0, msg
	}
	if n == 2 {
		dst[0] = unescaped[src[1]]
		return 1, 2, ""
	}
	r := hex4(src)
	if utf16.IsSurrogate(r) {
		r = utf16.DecodeRune(r, hex4(src[6:]))
		if r == utf8.RuneError {
			return 0, 0, "lone surrogate " + string(src[:6]) + ": not encodable as UTF-8"
		}
		n = 12
	}
	return utf8.EncodeRune(dst, r), n, ""
}

func controlMsg(c byte) string {
	return fmt.Sprintf("control character 0x%02x in a string, want an escape", c)
}

// validUTF8 is [utf8.Valid] with vector instructions where the processor has
// them.
func validUTF8(b []byte) bool { return sonicutf8.Validate(b) }

// checkUTF8 finds the first byte of b that is not UTF-8. base is the offset of b
// in the text that the error is about.
func checkUTF8(b []byte, base int) *SyntaxError {
	if validUTF8(b) {
		return nil
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return &SyntaxError{Offset: base + i, Msg: fmt.Sprintf("invalid UTF-8: byte 0x%02x", b[i])}
		}
		i += n
	}
	return nil
}

package tokenize

import (
	"strings"
	"unicode/utf8"
)

// byteLevelRune returns the character that stands for a byte in byte-level
// vocabularies: itself if it is printable Latin-1, else one from U+0100 on, in
// order (GPT-2).
func byteLevelRune(b byte) rune {
	switch {
	case b <= ' ':
		return 0x100 + rune(b)
	case b < 0x7F, b >= 0xA1 && b != 0xAD:
		return rune(b)
	case b == 0xAD:
		return 0x143
	default: // 0x7F to 0xA0
		return 0x121 + rune(b) - 0x7F
	}
}

// byteLevelSpelling returns byteLevelRune as a string.
func byteLevelSpelling(b byte) string { return string(byteLevelRune(b)) }

// fromByteLevel returns the bytes that a byte-level token stands for; ok is false
// if it has a character that stands for none.
func fromByteLevel(token string) (text string, ok bool) {
	out, ok := appendFromByteLevel(make([]byte, 0, 32), []byte(token))
	return string(out), ok
}

// twoByte is the bytes that characters of two bytes stand for, by those from 0xC2
// to 0xC5 on; -1 where they stand for none.
var twoByte = func() (t [4 << 6]int16) {
	for i := range t {
		t[i] = -1
	}
	for b := range 256 {
		if r := byteLevelRune(byte(b)); r >= utf8.RuneSelf {
			t[r-0x80] = int16(b)
		}
	}
	return t
}()

// appendFromByteLevel appends the bytes that a byte-level token stands for.
func appendFromByteLevel(dst, token []byte) (_ []byte, ok bool) {
	for i := 0; i < len(token); i++ {
		c := token[i]
		switch {
		case c > ' ' && c < 0x7F:
			dst = append(dst, c)
		case c < 0xC2 || c > 0xC5 || i+1 == len(token):
			return dst, false
		default:
			i++
			b := twoByte[int(c-0xC2)<<6|int(token[i]&0x3F)]
			if b < 0 {
				return dst, false
			}
			dst = append(dst, byte(b))
		}
	}
	return dst, true
}

// byteLevel spells the bytes of text by the characters that stand for them.
func byteLevel(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/4)
	for i := range len(text) {
		b.WriteRune(byteLevelRune(text[i]))
	}
	return b.String()
}

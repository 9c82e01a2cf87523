package tokenize

import "strings"

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
	out := make([]byte, 0, 32)
	for _, r := range token {
		switch {
		case r < 0x100 && r == byteLevelRune(byte(r)):
			out = append(out, byte(r))
		case r >= 0x100 && r <= 0x120:
			out = append(out, byte(r-0x100))
		case r >= 0x121 && r <= 0x142:
			out = append(out, byte(r-0x121+0x7F))
		case r == 0x143:
			out = append(out, 0xAD)
		default:
			return "", false
		}
	}
	return string(out), true
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

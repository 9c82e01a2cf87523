package input

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// FirstInvalid returns the index of the first byte of b that is not part of
// valid UTF-8, and -1 where all of it is valid.
func FirstInvalid(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// UTF8Error says that text is not valid UTF-8.
type UTF8Error struct {
	// Offset of the first byte that is not valid, counted as the caller of
	// CheckUTF8 does.
	Offset int64
	// Byte is that byte.
	Byte byte
	// Hint says what the text may be instead, or what to try.
	Hint string
}

// Error names the byte, its offset and the hint.
func (e *UTF8Error) Error() string {
	return fmt.Sprintf("byte 0x%02x at byte %d is not valid UTF-8: %s", e.Byte, e.Offset, e.Hint)
}

// CheckUTF8 returns a *UTF8Error for a line that is not valid UTF-8. The line
// starts at offset.
func CheckUTF8(line []byte, offset int64) error {
	i := FirstInvalid(line)
	if i < 0 {
		return nil
	}
	return &UTF8Error{Offset: offset + int64(i), Byte: line[i], Hint: hint(line, i)}
}

// hint guesses why line[i] is not valid.
func hint(line []byte, i int) string {
	rest := bytes.TrimRight(line[i:], "\r\n")
	c, next := rest[0], byte('\n')
	if len(rest) > 1 {
		next = rest[1]
	}
	switch {
	case i == 1 && bytes.HasPrefix(line, []byte("\x1f\x8b")), i == 1 && bytes.HasPrefix(line, []byte("\x28\xb5\x2f\xfd")), i == 0 && bytes.HasPrefix(line, []byte("\xfd7zXZ")):
		return "it looks compressed; if the file was compressed twice, decompress it once"
	case c == 0xed && next >= 0xa0 && next <= 0xbf:
		return "it is half of a surrogate pair, as broken encoders leave; replace it by U+FFFD"
	case c == 0xc0 && next == 0x80:
		return "it is a NUL as Java writes it"
	case len(rest) > 1 && !utf8.FullRune(rest):
		return "the line ends inside of a character"
	case (i == 0 || line[i-1] < utf8.RuneSelf) && next < utf8.RuneSelf && isWindows1252(c):
		return "it looks like windows-1252; set the option encoding"
	case c >= 0x81 && next >= 0x40:
		return "it is some other encoding, such as gb18030, shift_jis, euc-kr or windows-1251; set the option encoding"
	}
	return "set the option encoding to the encoding of the file"
}

// isWindows1252 reports whether windows-1252 has a character for a byte from
// 0x80 on.
func isWindows1252(c byte) bool {
	switch c {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
		return false
	}
	return c >= 0x80
}

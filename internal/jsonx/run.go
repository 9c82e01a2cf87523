package jsonx

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Masks with the same byte in all eight lanes of a word.
const (
	lanes1  = 0x0101010101010101
	lanes80 = 0x8080808080808080
)

// stops marks, with the high bit of their lanes, the bytes of x that end a run
// of ordinary string content: quote, backslash and control characters. Only the
// lowest mark is exact, a borrow may set others above it.
//
// Flipping bit 1 turns the quote (0x22) into 0x20 and permutes the control
// characters, so one comparison with 0x21 finds both. Lanes of 0x80 and above
// never match.
func stops(x uint64) uint64 {
	low := (x ^ 0x02*lanes1) - 0x21*lanes1
	backslash := (x ^ '\\'*lanes1) - lanes1
	return (low | backslash) &^ x & lanes80
}

// isStop is stops for one byte.
func isStop(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

// run returns the offset of the first quote, backslash or control character of
// b at or after i, len(b) if there is none. The high bits of all bytes passed
// are added to high: unless one of lanes80 is set they were ASCII.
func run(b []byte, i int, high uint64) (int, uint64) {
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		if m := stops(x); m != 0 {
			n := bits.TrailingZeros64(m) &^ 7
			return i + n/8, high | x&(1<<n-1)
		}
		high |= x
		i += 8
	}
	for i < len(b) && !isStop(b[i]) {
		high |= uint64(b[i])
		i++
	}
	return i, high
}

// wideFrom is how much text must be left to look at it 32 bytes at a time.
const wideFrom = 64

// content passes over string content from i on, as run does, and perhaps over
// escapes of two bytes. It stops at the latest at a quote, a control character
// or any other backslash. Most names and many values end in the first word.
func content(b []byte, i int, high uint64) (int, uint64) {
	if !wide || len(b)-i < wideFrom {
		return run(b, i, high)
	}
	if x := binary.LittleEndian.Uint64(b[i:]); stops(x) == 0 {
		i, high = scanWide(b, i+8, high|x)
	}
	return run(b, i, high)
}

// closing returns the offset of the quote that ends the string whose content
// starts at i, or -1. It looks at nothing but quotes and backslashes.
func closing(b []byte, i int) int {
	if !wide {
		return closingByQuotes(b, i)
	}
	for {
		i, _ = content(b, i, 0)
		switch {
		case i >= len(b):
			return -1
		case b[i] == '"':
			return i
		case b[i] == '\\':
			if next := skipUnicode(b, i); next > i {
				i = next
			} else {
				i += 2
			}
		default:
			i++
		}
	}
}

// closingByQuotes is closing by a search for quotes.
func closingByQuotes(b []byte, i int) int {
	for j := i; ; j++ {
		if j > len(b) {
			return -1
		}
		n := bytes.IndexByte(b[j:], '"')
		if n < 0 {
			return -1
		}
		j += n
		k := j
		for k > i && b[k-1] == '\\' {
			k--
		}
		if (j-k)&1 == 0 {
			return j
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func isDigit(c byte) bool { return c-'0' <= 9 }

// skipSpace returns the offset of the first byte at or after i that is not
// white space, len(b) if there is none.
func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

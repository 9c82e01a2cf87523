package split

import (
	"math/bits"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// blockSize is the number of bytes whose classes one word of a mask holds.
const blockSize = 64

// ascii is the classes of the ASCII bytes of a block: bit i is of byte i. Bytes
// above ASCII are in high and the masks behind it alone.
type ascii struct {
	letter, upper, number, space uint64 // space is U+0020 alone
	blank, lineEnd, quote, slash uint64 // blank is the other white space but line ends
	high                         uint64
	cont                         uint64 // continuation bytes
	three                        uint64 // first bytes of three, all of whose characters are letters without case
	two                          uint64 // first bytes of two, all of whose characters are letters with case
}

// The bits of asciiBits, in the order of the words of ascii.
const (
	bitLetter = 1 << iota
	bitUpper
	bitNumber
	bitSpace
	bitBlank
	bitLineEnd
	bitQuote
	bitSlash
)

var asciiBits = func() (t [256]uint64) {
	for b := range 128 {
		switch c := ucd.Of(rune(b)); {
		case c == ucd.Upper:
			t[b] = bitLetter | bitUpper
		case c == ucd.Lower:
			t[b] = bitLetter
		case c == ucd.Number:
			t[b] = bitNumber
		case b == ' ':
			t[b] = bitSpace
		case b == '\n' || b == '\r':
			t[b] = bitLineEnd
		case c == ucd.Space:
			t[b] = bitBlank
		case b == '\'':
			t[b] = bitQuote
		case b == '/':
			t[b] = bitSlash
		}
	}
	return t
}()

// highBits is the classes of bytes above ASCII: 1 for cont, 2 for three, 4 for
// two.
var highBits = func() (t [256]uint64) {
	for b := 0x80; b < 0xC0; b++ {
		t[b] = 1
	}
	// U+5000 to U+9FFF are ideographs, U+B000 to U+CFFF syllables of Hangul.
	for _, b := range []int{0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEB, 0xEC} {
		t[b] = 2
	}
	// U+0400 to U+047F are Cyrillic.
	t[0xD0], t[0xD1] = 4, 4
	return t
}()

// classifyGo fills out with the classes of the blocks of text, whose length must
// be a multiple of the block size.
func classifyGo(text string, out []ascii) {
	for i := range out {
		block := text[i*blockSize : (i+1)*blockSize]
		a := ascii{}
		for j := 0; j < blockSize; j += 8 {
			w := block[j : j+8]
			x := asciiBits[w[0]] | asciiBits[w[1]]<<8 | asciiBits[w[2]]<<16 | asciiBits[w[3]]<<24 |
				asciiBits[w[4]]<<32 | asciiBits[w[5]]<<40 | asciiBits[w[6]]<<48 | asciiBits[w[7]]<<56
			a.letter |= gather(x) << j
			a.upper |= gather(x>>1) << j
			a.number |= gather(x>>2) << j
			a.space |= gather(x>>3) << j
			a.blank |= gather(x>>4) << j
			a.lineEnd |= gather(x>>5) << j
			a.quote |= gather(x>>6) << j
			a.slash |= gather(x>>7) << j
			h := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
				uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
			if h &= 0x8080808080808080; h != 0 {
				a.high |= gather(h>>7) << j
				y := highBits[w[0]] | highBits[w[1]]<<8 | highBits[w[2]]<<16 | highBits[w[3]]<<24 |
					highBits[w[4]]<<32 | highBits[w[5]]<<40 | highBits[w[6]]<<48 | highBits[w[7]]<<56
				a.cont |= gather(y) << j
				a.three |= gather(y>>1) << j
				a.two |= gather(y>>2) << j
			}
		}
		out[i] = a
	}
}

// gather collects the lowest bit of each of the eight bytes of x.
func gather(x uint64) uint64 {
	return x & 0x0101010101010101 * 0x0102040810204080 >> 56
}

// block is the classes of a block with those of all its characters: every byte of
// a character is in the mask of its class.
type block struct {
	class [8]uint64 // by ucd.Class, without ASCII punctuation
	cont  uint64    // all but the first bytes of characters
}

// addHigh adds the characters above ASCII that begin in the block at base of text.
// rest is what the last character of the block before left for this one. cased
// says that capitals are told from small letters. ok is false where text is not
// valid UTF-8.
func (b *block) addHigh(text string, base int, a *ascii, rest *spill, cased bool) (ok bool) {
	high := a.high
	if rest.n > 0 {
		mask := uint64(1)<<rest.n - 1
		if mask&^a.cont != 0 {
			return false
		}
		b.class[rest.class] |= mask
		b.cont |= mask
		high &^= mask
		rest.n = 0
	}
	more := a.three<<1 | a.three<<2
	letters := a.three
	over := a.three >> 62
	if !cased {
		more |= a.two << 1
		letters |= a.two
		over |= a.two >> 63 << 1
	}
	if more&^a.cont != 0 {
		return false
	}
	b.class[ucd.Letter] |= letters | more
	b.cont |= more
	high &^= letters | more
	if over != 0 { // 1: all but the last byte are here; 2 or 3: the first alone
		rest.class, rest.n = ucd.Letter, 1
		if a.three>>63 != 0 {
			rest.n = 2
		}
	}
	for high != 0 {
		i := bits.TrailingZeros64(high)
		r, size := decode(text[base+i:])
		if size == 0 {
			return false
		}
		mask := uint64(1)<<size - 1
		c := ucd.Of(r) & 7
		b.class[c] |= mask << i
		b.cont |= (mask - 1) << i
		high &^= mask << i
		if i+size > blockSize {
			rest.class, rest.n = c, i+size-blockSize
		}
	}
	return true
}

// spill is the part of a character that reaches into the next block.
type spill struct {
	class ucd.Class
	n     int
}

// decode decodes the character above ASCII that s begins with; size is 0 if there
// is none.
func decode(s string) (r rune, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	a, b := s[0], s[1]
	if b&0xC0 != 0x80 {
		return 0, 0
	}
	if a < 0xE0 {
		if a < 0xC2 {
			return 0, 0
		}
		return rune(a&0x1F)<<6 | rune(b&0x3F), 2
	}
	if len(s) < 3 || s[2]&0xC0 != 0x80 {
		return 0, 0
	}
	r = rune(a&0xF)<<12 | rune(b&0x3F)<<6 | rune(s[2]&0x3F)
	if a < 0xF0 {
		if r < 0x800 || r>>11 == 0x1B {
			return 0, 0
		}
		return r, 3
	}
	if len(s) < 4 || s[3]&0xC0 != 0x80 || a > 0xF4 {
		return 0, 0
	}
	r = r<<6 | rune(s[3]&0x3F)
	r = rune(a&0x7)<<18 | r&0x3FFFF
	if r < 0x10000 || r > 0x10FFFF {
		return 0, 0
	}
	return r, 4
}

package split

import (
	"math/bits"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// blockSize is the number of bytes whose classes one word of a mask holds.
const blockSize = 64

// masks is the classes of the bytes of a block: bit i is of byte i. Every byte of a
// character above ASCII is in the mask of its class.
type masks struct {
	letter, upper, number, space uint64    // ASCII; space is U+0020 alone
	blank, lineEnd, quote, slash uint64    // ASCII; blank is the other white space but line ends
	high, cont                   uint64    // bytes above ASCII; all of these but the first of characters
	class                        [8]uint64 // above ASCII, by ucd.Class, but that the first is han
	control                      uint64    // ASCII that is neither printed nor white space
}

// han is the index in masks.class of what DeepSeek V3 calls Han, whatever the class.
const han = ucd.Other

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

// controlBits is 1 for the bytes of masks.control.
var controlBits = func() (t [256]uint64) {
	for b := range 128 {
		if ucd.Of(rune(b)) == ucd.Other {
			t[b] = 1
		}
	}
	return t
}()

// classifyGo fills out with the classes of the blocks of text, whose length must
// be a multiple of the block size. ok is false where text is not valid UTF-8: then
// out has no meaning.
func classifyGo(text string, out []masks, k *kinds) (ok bool) {
	for i := range out {
		block := text[i*blockSize : (i+1)*blockSize]
		m := masks{}
		for j := 0; j < blockSize; j += 8 {
			m.addASCII(block[j:j+8], j)
		}
		out[i] = m
	}
	for i := range out {
		if m := &out[i]; m.high&^m.cont != 0 && !addHigh(text, i, out, k) {
			return false
		}
	}
	return true
}

// addASCII adds the classes of the ASCII among the eight bytes at i.
func (m *masks) addASCII(w string, i int) {
	x := asciiBits[w[0]] | asciiBits[w[1]]<<8 | asciiBits[w[2]]<<16 | asciiBits[w[3]]<<24 |
		asciiBits[w[4]]<<32 | asciiBits[w[5]]<<40 | asciiBits[w[6]]<<48 | asciiBits[w[7]]<<56
	m.letter |= gather(x) << i
	m.upper |= gather(x>>1) << i
	m.number |= gather(x>>2) << i
	m.space |= gather(x>>3) << i
	m.blank |= gather(x>>4) << i
	m.lineEnd |= gather(x>>5) << i
	m.quote |= gather(x>>6) << i
	m.slash |= gather(x>>7) << i
	const high, low = 0x8080808080808080, 0x0101010101010101
	y := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
		uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
	if h := y & high; h != 0 {
		m.high |= gather(h>>7) << i
	}
	if below, deleted := (y|high)-0x20*low, y&^high+low; (^below|deleted)&^y&high != 0 {
		m.control |= gather(controlBits[w[0]]|controlBits[w[1]]<<8|controlBits[w[2]]<<16|controlBits[w[3]]<<24|
			controlBits[w[4]]<<32|controlBits[w[5]]<<40|controlBits[w[6]]<<48|controlBits[w[7]]<<56) << i
	}
}

// gather collects the lowest bit of each of the eight bytes of x.
func gather(x uint64) uint64 {
	return x & 0x0101010101010101 * 0x0102040810204080 >> 56
}

// addHigh adds the characters above ASCII that begin in block i of text, also to
// the block after it. ok is false where text is not valid UTF-8.
func addHigh(text string, i int, out []masks, k *kinds) (ok bool) {
	m := &out[i]
	for high := m.high &^ m.cont; high != 0; {
		at := bits.TrailingZeros64(high)
		r, size := decode(text[i*blockSize+at:])
		if size == 0 {
			return false
		}
		mask := uint64(1)<<size - 1
		kind := k.of(r)
		m.add(kind, mask<<at)
		m.cont |= (mask - 1) << at
		high &^= mask << at
		if over := at + size - blockSize; over > 0 { // decode has seen that there is one more block
			next := &out[i+1]
			next.add(kind, mask>>(size-over))
			next.cont |= mask >> (size - over)
		}
	}
	return true
}

// add adds bytes of a kind.
func (m *masks) add(kind uint8, bytes uint64) {
	for ; kind != 0; kind &= kind - 1 {
		m.class[bits.TrailingZeros8(kind)] |= bytes
	}
}

// firstBytes returns the first bytes of the characters whose last bytes are ends, and in
// before the first byte of the block if one of these begins in the block before.
func firstBytes(ends, cont uint64) (first, before uint64) {
	first = ends &^ cont
	for rest := ends & cont; rest != 0; rest &= cont {
		before |= rest & 1
		rest >>= 1
		first |= rest &^ cont
	}
	return first, before
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

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

// classifyGo fills out with the classes of the blocks of text, whose length must
// be a multiple of the block size. ok is false where text is not valid UTF-8: then
// out has no meaning.
func classifyGo(text string, out []masks, k *kinds) (ok bool) {
	for i := range out {
		out[i] = masks{}
		out[i].addASCII(text[i*blockSize : (i+1)*blockSize])
	}
	before := uint64(0) // what the character that began last has of the next block
	for i := range out {
		if out[i].high|before == 0 {
			continue
		}
		if before, ok = addHigh(text, i, out, k, before); !ok {
			return false
		}
	}
	return true
}

// addASCII adds the classes of the ASCII in a block, and which bytes are none.
func (m *masks) addASCII(block string) {
	const high, low = 0x8080808080808080, 0x0101010101010101
	var letter, upper, number, space, blank, lineEnd, quote, slash uint64
	for i := 0; i+8 <= len(block) && i < blockSize; i += 8 {
		w := block[i : i+8]
		x := asciiBits[w[0]] | asciiBits[w[1]]<<8 | asciiBits[w[2]]<<16 | asciiBits[w[3]]<<24 |
			asciiBits[w[4]]<<32 | asciiBits[w[5]]<<40 | asciiBits[w[6]]<<48 | asciiBits[w[7]]<<56
		letter |= gather(x) << i
		upper |= gather(x>>1) << i
		space |= gather(x>>3) << i
		if x&^((bitLetter|bitUpper|bitSpace)*low) != 0 {
			number |= gather(x>>2) << i
			blank |= gather(x>>4) << i
			lineEnd |= gather(x>>5) << i
			quote |= gather(x>>6) << i
			slash |= gather(x>>7) << i
		}
		y := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		if h := y & high; h != 0 {
			m.high |= gather(h>>7) << i
			m.cont |= gather(h&^(y<<1)>>7) << i
		}
		below, deleted := ^((y | high) - 0x20*low), y&^high+low
		if control := (below | deleted) &^ y & high; control != 0 {
			none := ^(x&^high + 0x7F*low | x) // bit 7 of bytes without a class
			m.control |= gather(control&none>>7) << i
		}
	}
	m.letter, m.upper, m.number, m.space = letter, upper, number, space
	m.blank, m.lineEnd, m.quote, m.slash = blank, lineEnd, quote, slash
}

// gather collects the lowest bit of each of the eight bytes of x.
func gather(x uint64) uint64 {
	return x & 0x0101010101010101 * 0x0102040810204080 >> 56
}

// addHigh adds the characters above ASCII that begin in block i of text, also to
// the block after it. before is the bytes of the one that the block before ends with,
// after those of the next block. ok is false where text is not valid UTF-8.
func addHigh(text string, i int, out []masks, k *kinds, before uint64) (after uint64, ok bool) {
	m := &out[i]
	block := text[i*blockSize : (i+1)*blockSize]
	for high := m.high &^ before; high != 0; {
		at := bits.TrailingZeros64(high)
		r, size := decodeNear(block, at, m.cont>>1>>at)
		if size == 0 {
			if r, size = decode(text[i*blockSize+at:]); size == 0 {
				return 0, false
			}
		}
		mask := uint64(1)<<size - 1
		high &^= mask << at
		if at+size > blockSize { // decode has seen that there is one more block
			after = mask >> (blockSize - at)
		}
		kind := k.of(r)
		if kind == 0 {
			continue
		}
		m.class[bits.Len8(kind)-1] |= mask << at
		if kind&bitHan != 0 {
			m.class[han] |= mask << at
		}
		if at+size > blockSize {
			next := &out[i+1].class
			next[bits.Len8(kind)-1] |= after
			if kind&bitHan != 0 {
				next[han] |= after
			}
		}
	}
	return after, true
}

// decodeNear decodes a character of two or three bytes within a block; conts says
// which of the bytes behind the first are continuation bytes. size is 0 for others,
// and where text is not valid UTF-8.
func decodeNear(block string, at int, conts uint64) (r rune, size int) {
	switch a := block[at]; {
	case a>>5 == 6 && conts&1 != 0 && a >= 0xC2:
		return rune(a&0x1F)<<6 | rune(block[at+1]&0x3F), 2
	case a>>4 == 14 && conts&3 == 3:
		r = rune(a&0xF)<<12 | rune(block[at+1]&0x3F)<<6 | rune(block[at+2]&0x3F)
		if r < 0x800 || r>>11 == 0x1B {
			return 0, 0
		}
		return r, 3
	}
	return 0, 0
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

package split

import (
	"math/bits"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// valid returns the bytes of block i that are of a text of some length.
func valid(length, i int) uint64 {
	if n := length - i*blockSize; n < blockSize {
		return 1<<n - 1
	}
	return ^uint64(0)
}

// spaced sets the starts for the families of GPT-2: every run of a class starts
// a piece, together with one space before it; of white space before anything
// else the last character starts one too.
func (s *Scanner) spaced(text string, blocks int) bool {
	var (
		letter, number, punct, white uint64 // of the block before
		space, cont, pending, drop   uint64
	)
	for i := range blocks {
		a := &s.masks[i]
		l := a.letter | a.class[ucd.Upper] | a.class[ucd.Lower] | a.class[ucd.Letter]
		n, w := a.number|a.class[ucd.Number], a.space|a.blank|a.lineEnd|a.class[ucd.Space]
		p := valid(len(text), i) &^ (l | n | w)

		afterSpace := a.space<<1 | space>>63
		runs := l&^(l<<1|letter>>63) | p&^(p<<1|punct>>63)
		other := l | p
		if s.family.DigitsCut {
			runs = runs&^afterSpace | n&^a.cont
		} else {
			runs = (runs | n&^(n<<1|number>>63)) &^ afterSpace
			other |= n
		}
		starts := runs | w&^(w<<1|white>>63)
		last := w & (other >> 1)
		lastHeads, hard := firstBytes(last, a.cont)
		starts |= lastHeads
		if white>>63&other != 0 && i > 0 {
			if cont>>63 == 0 {
				s.starts[i-1] |= 1 << 63
			} else if !s.leave(1, i*blockSize-1) {
				return false
			}
		}
		starts = starts&^drop | pending
		pending, drop = 0, 0
		for q := a.quote & runs; q != 0; q &= q - 1 {
			at := bits.TrailingZeros64(q)
			size := s.family.contraction(text, i*blockSize+at)
			if size == 0 {
				continue
			}
			clearNear(&starts, &drop, at+1)
			if c, n := class(text, i*blockSize+at+size); n > 0 && c.IsLetter() {
				setNear(&starts, &pending, at+size)
			}
		}
		s.starts[i] = starts
		if hard != 0 && !s.leave(hard, i*blockSize) {
			return false
		}
		letter, number, punct, white, space, cont = l, n, p, w, a.space, a.cont
	}
	return true
}

// setNear sets a bit of a block, or of the next one.
func setNear(here, next *uint64, bit int) {
	if bit < blockSize {
		*here |= 1 << bit
	} else {
		*next |= 1 << (bit - blockSize)
	}
}

// clearNear clears a bit of a block, or notes it to be cleared in the next.
func clearNear(here, next *uint64, bit int) {
	if bit < blockSize {
		*here &^= 1 << bit
	} else {
		*next |= 1 << (bit - blockSize)
	}
}

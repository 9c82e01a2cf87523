package split

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// deepSeek sets the starts for DeepSeek V3. Of ASCII it cuts as the families since
// cl100k do, but that white space before a number is at the end of its part; the
// walk decides about all else, between places that are starts for certain.
func (s *Scanner) deepSeek(text string, blocks int) bool {
	var st joinedState
	high, before := uint64(0), uint64(0) // before is what was strange in the block before
	for i := range blocks {
		high |= s.ascii[i].high
	}
	if high != 0 && !utf8.ValidString(text) {
		return false
	}
	for i := range blocks {
		a := &s.ascii[i]
		strange := a.high | controls(text, i)
		l, n, flat := a.letter|strange, a.number, a.space|a.blank
		p := valid(len(text), i) &^ (l | n | flat | a.lineEnd)

		afterP := p<<1 | st.punct>>63
		seed := (afterP | st.taken>>63) & a.lineEnd
		taken := a.lineEnd&^(a.lineEnd+seed) | seed
		lineEnd, w := a.lineEnd&^taken, flat|a.lineEnd&^taken
		afterSpace := a.space<<1 | st.space>>63
		afterTaken := taken<<1 | st.taken>>63
		punctRuns := p &^ taken &^ (afterP &^ afterTaken) &^ afterSpace
		joins := st.follow(punctRuns, 0)
		letterRuns := l &^ (l<<1 | st.letter>>63)
		afterFlat := flat<<1 | st.flat>>63
		starts := letterRuns&^(afterFlat|joins) | punctRuns

		white := st.flat | st.lineEnd
		afterEnd := flat & (lineEnd<<1 | st.lineEnd>>63)
		starts |= w&^(w<<1|white>>63) | afterEnd
		other := l | p
		starts |= flat & (other >> 1)
		if st.flat>>63&other != 0 && i > 0 {
			s.starts[i-1] |= 1 << 63
		}
		edge := uint64(0)
		if st.open || afterEnd != 0 {
			again := st.laterLine(i*blockSize, afterEnd, flat, lineEnd)
			if again >= 0 && !s.leave(1, again) {
				return false
			}
			if again != never {
				edge = afterEnd
			}
		}
		if n|st.number != 0 {
			starts |= st.threes(n)
		}
		s.starts[i] = starts
		s.certain[i] = a.space & (a.letter<<1 | st.lower>>63) & (a.letter >> 1)
		if !s.leave(edge|strange&^(strange<<1|before>>63), i*blockSize) {
			return false
		}
		before = strange
		st.letter, st.number, st.punct, st.lower = l, n, p, a.letter
		st.flat, st.lineEnd, st.space, st.taken = flat, lineEnd, a.space, taken
	}
	s.walkBetween(text)
	return true
}

// controls returns the ASCII bytes of a block that are neither printed nor white
// space.
func controls(text string, i int) (mask uint64) {
	const high, low = 0x8080808080808080, 0x0101010101010101
	block := text[i*blockSize : min((i+1)*blockSize, len(text))]
	j := 0
	for ; j+8 <= len(block); j += 8 {
		w := block[j : j+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 | uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		below := ^((x | high) - 0x20*low) &^ x & high
		y := x ^ 0x7F*low
		delete := ^((y&^high + 0x7F*low) | y | 0x7F*low)
		if below|delete != 0 {
			mask |= odd(w) << j
		}
	}
	return mask | odd(block[j:])<<j
}

// odd returns the control characters of up to eight bytes.
func odd(s string) (mask uint64) {
	for i := range len(s) {
		if b := s[i]; b < 0x20 && (b < '\t' || b > '\r') || b == 0x7F {
			mask |= 1 << i
		}
	}
	return mask
}

// walkBetween walks from the last certain start before each hard place to the
// first one behind it.
func (s *Scanner) walkBetween(text string) {
	done := -1
	slices.Sort(s.hard[:s.hards])
	for _, h := range s.hard[:s.hards] {
		if int(h) < done {
			continue
		}
		at := s.certainBefore(int(h))
		for at < len(text) && (at <= int(h) || s.certain[at/blockSize]>>(at%blockSize)&1 == 0) {
			next := s.family.Next(text, at)
			s.clear(at+1, next)
			if next < len(text) {
				s.starts[next/blockSize] |= 1 << (next % blockSize)
			}
			at = next
		}
		done = at
	}
}

// certainBefore returns the last certain start before i, or the beginning.
func (s *Scanner) certainBefore(i int) int {
	w := i / blockSize
	word := s.certain[w] & (1<<(i%blockSize) - 1)
	for word == 0 {
		if w--; w < 0 {
			return 0
		}
		word = s.certain[w]
	}
	return w*blockSize + bits.Len64(word) - 1
}

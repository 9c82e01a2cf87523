package bpe

import "unicode/utf8"

// seams tells where a long piece may be cut without changing its tokens: between
// two characters that stand side by side in no token, since whatever merges
// across that place would contain both. It is a set of pairs of characters with
// false positives, which only leave a piece longer than need be. Pairs in ASCII
// are not looked at: nearly all of them are in some token.
type seams struct {
	set [1 << (seamBits - 6)]uint64
	// broken is the last and the first byte of neighbours in tokens that begin
	// or end inside one of the two characters.
	broken [1 << 10]uint64
}

const seamBits = 20

func newSeams(symbols []symbol) *seams {
	s := &seams{}
	for _, sym := range symbols {
		s.add(sym.text)
	}
	return s
}

// add notes the neighbours in a token.
func (s *seams) add(text string) {
	for i := 1; i < len(text); i++ {
		if !utf8.RuneStart(text[i]) || text[i-1]|text[i] < utf8.RuneSelf {
			continue
		}
		a, sizeA := utf8.DecodeLastRuneInString(text[:i])
		b, sizeB := utf8.DecodeRuneInString(text[i:])
		if a == utf8.RuneError && sizeA == 1 || b == utf8.RuneError && sizeB == 1 {
			s.broken[int(text[i-1])<<2|int(text[i]>>6)] |= 1 << (text[i] & 63)
			continue
		}
		h := seamHash(a, b)
		s.set[h/64] |= 1 << (h % 64)
	}
}

func seamHash(a, b rune) uint32 {
	return uint32((uint64(uint32(a))<<21 | uint64(uint32(b))) * mixer >> (64 - seamBits))
}

// next returns the first place behind from where piece may be cut, or its length.
func (s *seams) next(piece string, from int) int {
	last, size := utf8.DecodeRuneInString(piece[from:])
	for i := from + size; i < len(piece); i += size {
		var r rune
		if r, size = rune(piece[i]), 1; r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(piece[i:])
		}
		if last|r >= utf8.RuneSelf {
			h := seamHash(last, r)
			b := piece[i]
			if s.set[h/64]>>(h%64)&1 == 0 && s.broken[int(piece[i-1])<<2|int(b>>6)]>>(b&63)&1 == 0 {
				return i
			}
		}
		last = r
	}
	return len(piece)
}

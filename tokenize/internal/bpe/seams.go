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
		h := seamHash(raw(text[i-sizeA:i]), raw(text[i:i+sizeB]))
		s.set[h/64] |= 1 << (h % 64)
	}
}

// seamHash hashes two characters, each as raw returns it.
func seamHash(a, b uint32) uint32 {
	return uint32((uint64(a)<<32 | uint64(b)) * mixer >> (64 - seamBits))
}

// raw returns the bytes of the one character of s as a number.
func raw(s string) (c uint32) {
	for i := range len(s) {
		c |= uint32(s[i]) << (8 * i)
	}
	return c
}

// sizes is the lengths of characters by their first bytes, and what keeps as many
// bytes of a word.
var sizes = func() (t [256]struct{ size, mask uint32 }) {
	for b := range t {
		n := uint32(1)
		switch {
		case b >= 0xF0:
			n = 4
		case b >= 0xE0:
			n = 3
		case b >= 0xC0:
			n = 2
		}
		t[b].size, t[b].mask = n, ^uint32(0)>>(32-8*n)
	}
	return t
}()

// first returns the first character of s, which begins with a whole one.
func first(s string) (c, size uint32) {
	n := &sizes[s[0]]
	if len(s) >= 4 {
		return load32(s) & n.mask, n.size
	}
	return raw(s[:n.size]), n.size
}

// cutSize is how many bytes are looked through for seams at once.
const cutSize = 512

// cutGo writes to ends where text, which is valid UTF-8, may be cut between the
// character at from and to, and returns how many places that are. There are at most
// cutSize bytes between from and to, and to may be inside of a character.
func (s *seams) cutGo(text string, from, to uint32, ends *[cutSize + 1]uint32) (n int) {
	last, size := first(text[from:])
	for i := from + size; i < to; i += size {
		var c uint32
		c, size = first(text[i:])
		h, b := seamHash(last, c), text[i]
		joined := s.set[h/64]>>(h%64) | s.broken[int(text[i-1])<<2|int(b>>6)]>>(b&63)
		ends[n] = i
		n += int(uint64(last|c) >> 7 &^ joined & 1)
		last = c
	}
	return n
}

// charStart returns where the character begins that the byte at i is of.
func charStart(text string, i uint32) uint32 {
	for !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}

package bpe

import "math/bits"

// needles is texts that are looked for in others. Nil is none.
type needles struct {
	texts  map[string]struct{}
	all    prefixes
	filter []uint64 // the hashes of the first three bytes
	short  bool     // there is a text of less than three bytes
}

// with returns n with another text.
func (n *needles) with(text string) *needles {
	if n == nil {
		n = &needles{texts: map[string]struct{}{}, all: newPrefixes(), filter: make([]uint64, 1<<(prefixBits-6))}
	}
	n.texts[text] = struct{}{}
	n.all.add(text)
	if len(text) < 3 {
		n.short = true
		return n
	}
	h := prefixHash(text)
	n.filter[h/64] |= 1 << (h % 64)
	return n
}

// occurs reports whether one of the texts may be in piece.
func (n *needles) occurs(piece string) bool {
	if n == nil || n.short {
		return n != nil
	}
	for i := 0; i+3 <= len(piece); i++ {
		h := prefixHash(piece[i:])
		if n.filter[h/64]>>(h%64)&1 != 0 && n.at(piece[i:], h) {
			return true
		}
	}
	return false
}

// at reports whether one of them may be what text begins with.
func (n *needles) at(text string, h uint32) bool {
	lengths := n.all.lengths[h]
	if lengths>>manyBytes != 0 {
		return true // of no known vocabulary
	}
	for ; lengths != 0; lengths &= lengths - 1 {
		size := bits.TrailingZeros64(lengths)
		if size <= len(text) {
			if _, ok := n.texts[text[:size]]; ok {
				return true
			}
		}
	}
	return false
}

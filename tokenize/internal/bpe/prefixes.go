package bpe

import (
	"math/bits"
	"slices"
)

// prefixes tells which lengths in bytes symbols have that begin with the three
// bytes of a text, by a hash of these: false positives only cost a look. It finds
// the longest symbol at a place without a trie, which would be larger than all the
// rest of a vocabulary.
type prefixes struct {
	lengths []uint64 // bit 63 stands for 63 and more
	long    []int    // the lengths of 63 and more, the greatest first
}

const (
	prefixBits = 16
	manyBytes  = 63
)

func newPrefixes(symbols []symbol) prefixes {
	p := prefixes{lengths: make([]uint64, 1<<prefixBits)}
	for _, s := range symbols {
		if len(s.text) >= manyBytes {
			p.long = append(p.long, len(s.text))
		}
		if len(s.text) >= 3 {
			p.lengths[prefixHash(s.text)] |= 1 << min(len(s.text), manyBytes)
		}
	}
	slices.Sort(p.long)
	p.long = slices.Compact(p.long)
	slices.Reverse(p.long)
	return p
}

// prefixHash hashes the first three bytes of s.
func prefixHash(s string) uint32 {
	_ = s[2]
	return (uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16) * 0x9E3779B1 >> (32 - prefixBits)
}

// longestMade returns the longest symbol that text begins with, that merging makes
// and that has less than below bytes; None if there is none.
func (v *Vocab) longestMade(text string, below int) uint32 {
	n := min(len(text), below-1)
	if n >= 3 {
		lengths := v.prefixes.lengths[prefixHash(text)]
		if n >= manyBytes && lengths>>manyBytes != 0 {
			for _, l := range v.prefixes.long {
				if l <= n {
					if s := v.made(text, l); s != None {
						return s
					}
				}
			}
		}
		lengths &= 1<<min(n+1, manyBytes) - 1
		for lengths != 0 {
			l := bits.Len64(lengths) - 1
			if s := v.made(text, l); s != None {
				return s
			}
			lengths &^= 1 << l
		}
	}
	for l := min(n, 2); l > 0; l-- {
		if s := v.made(text, l); s != None {
			return s
		}
	}
	return None
}

// made returns the symbol that the first n bytes of text are, None if no merge
// makes it.
func (v *Vocab) made(text string, n int) uint32 {
	var s uint32
	switch {
	case n > shortLen:
		s = v.whole.find(text[:n])
	case len(text) >= loadSize:
		s = v.whole.findKey(pack16(text, 0, uint32(n)))
	default:
		s = v.whole.findKey(packString(text[:n]))
	}
	if s < uint32(v.reach) {
		return s
	}
	return None
}

// loose is the symbols that merging makes although they come before a symbol that
// they are made of, and those made of them. Backtracking is for the others alone;
// that is exact wherever the text of none of these occurs.
type loose struct {
	texts  map[string]struct{}
	all    prefixes
	filter []uint64 // the hashes of the first three bytes
}

func newLoose(symbols []symbol) (l loose) {
	is := make([]bool, len(symbols))
	for again := true; again; {
		again = false
		for i, s := range symbols {
			if !is[i] && (s.left > uint32(i) || s.right > uint32(i) || is[s.left] || is[s.right]) {
				is[i], again = true, true
			}
		}
	}
	var found []symbol
	for i, s := range symbols {
		if is[i] {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return l
	}
	l = loose{texts: map[string]struct{}{}, all: newPrefixes(found), filter: make([]uint64, 1<<(prefixBits-6))}
	for _, s := range found {
		l.texts[s.text] = struct{}{}
		if len(s.text) >= 3 {
			h := prefixHash(s.text)
			l.filter[h/64] |= 1 << (h % 64)
		}
	}
	return l
}

// occurs reports whether the text of one of them may be in piece.
func (l *loose) occurs(piece string) bool {
	if l.texts == nil {
		return false
	}
	for i := 0; i+3 <= len(piece); i++ {
		h := prefixHash(piece[i:])
		if l.filter[h/64]>>(h%64)&1 != 0 && l.at(piece[i:], h) {
			return true
		}
	}
	return false
}

// at reports whether one of them may be what text begins with.
func (l *loose) at(text string, h uint32) bool {
	lengths := l.all.lengths[h]
	if lengths>>manyBytes != 0 {
		return true // of no known vocabulary
	}
	for ; lengths != 0; lengths &= lengths - 1 {
		n := bits.TrailingZeros64(lengths)
		if n <= len(text) {
			if _, ok := l.texts[text[:n]]; ok {
				return true
			}
		}
	}
	return false
}

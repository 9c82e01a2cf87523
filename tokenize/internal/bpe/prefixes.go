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

func newPrefixes() prefixes { return prefixes{lengths: make([]uint64, 1<<prefixBits)} }

func (p *prefixes) add(text string) {
	if len(text) >= manyBytes {
		p.long = append(p.long, len(text))
	}
	if len(text) >= 3 {
		p.lengths[prefixHash(text)] |= 1 << min(len(text), manyBytes)
	}
}

// finish puts the lengths of long texts in order.
func (p *prefixes) finish() {
	slices.Sort(p.long)
	p.long = slices.Clone(slices.Compact(p.long))
	slices.Reverse(p.long)
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
		s = v.find(text[:n])
	case len(text) >= loadSize:
		s = v.findShort(pack16(text, 0, uint32(n)))
	default:
		s = v.findShort(packString(text[:n]))
	}
	if s < uint32(v.reach) {
		return s
	}
	return None
}

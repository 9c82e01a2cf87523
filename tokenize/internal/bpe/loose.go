package bpe

import "math/bits"

// loose is texts that are looked for. A vocabulary has those of the symbols that
// merging makes although they come before a symbol that they are made of, and of
// those made of them: backtracking is for the others alone, and exact wherever none
// of these texts occurs. Nil is none.
type loose struct {
	texts  map[string]struct{}
	all    prefixes
	filter []uint64 // the hashes of the first three bytes
	short  bool     // there is a text of less than three bytes
}

// with returns l with another text.
func (l *loose) with(text string) *loose {
	if l == nil {
		l = &loose{texts: map[string]struct{}{}, all: newPrefixes(), filter: make([]uint64, 1<<(prefixBits-6))}
	}
	l.texts[text] = struct{}{}
	l.all.add(text)
	if len(text) < 3 {
		l.short = true
		return l
	}
	h := prefixHash(text)
	l.filter[h/64] |= 1 << (h % 64)
	return l
}

// occurs reports whether one of the texts may be in piece.
func (l *loose) occurs(piece string) bool {
	if l == nil || l.short {
		return l != nil
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

// findLoose sets the loose symbols.
func (v *Vocab) findLoose() {
	var is []bool
	for again := true; again; {
		again = false
		for s := range uint32(v.reach) {
			left, right := v.parts[s][0], v.parts[s][1]
			if left <= s && right <= s && (is == nil || !is[left] && !is[right] || is[s]) {
				continue
			}
			if is == nil {
				is = make([]bool, v.reach)
			}
			again = again || !is[s]
			is[s] = true
		}
	}
	for s, loose := range is {
		if loose {
			v.loose = v.loose.with(v.text(uint32(s)))
		}
	}
}

package bpe

import "unicode/utf8"

// scanLen is the length in symbols of the longest piece that is merged by
// looking for the smallest pair again and again. Longer ones take the paths
// whose time is linear in the length.
const scanLen = 48

// Scratch is memory that merging reuses. Its zero value is ready. It is not safe
// for concurrent use.
type Scratch struct {
	symbols  [scanLen]uint32
	merges   [scanLen]uint32
	out      []uint32
	base     []uint32
	alive    []uint64
	list     []node
	queue    []uint64
	followed [followedSize]followed
	inner    *Scratch // for merges on the way
}

// keepBytes bounds what a Scratch keeps between pieces, per slice.
const keepBytes = 1 << 18

// Merge returns the symbols of piece, which is valid UTF-8 if the base symbols
// are characters. The result is valid until the next call with the same scratch.
func (v *Vocab) Merge(sc *Scratch, piece string) []uint32 {
	if v.gaps && v.hasGap(piece) {
		return v.mergeHeap(sc, v.baseSymbols(sc, piece))
	}
	if v.chars != nil {
		return v.mergeChars(sc, piece)
	}
	n := len(piece)
	if n > scanLen {
		return v.mergeLong(sc, piece)
	}
	for i := range n {
		sc.symbols[i] = v.base[piece[i]]
	}
	for i := 1; i < n; i++ {
		sc.merges[i-1] = v.direct[int(piece[i-1])<<8|int(piece[i])]
	}
	return v.scan(sc, n)
}

// Count returns the number of tokens of piece.
func (v *Vocab) Count(sc *Scratch, piece string) int {
	if v.find(piece) != None {
		return 1
	}
	return len(v.Merge(sc, piece))
}

// scan merges the n symbols of the scratch, whose pairs are looked up already.
func (v *Vocab) scan(sc *Scratch, n int) []uint32 {
	s, m := &sc.symbols, &sc.merges
	for n > 1 {
		at, best := 0, None
		for i, r := range m[:n-1] {
			if r < best {
				at, best = i, r
			}
		}
		if best == None {
			break
		}
		s[at] = best
		n--
		copy(s[at+1:n], s[at+2:n+1])
		copy(m[at:n-1], m[at+1:n])
		if at < n-1 {
			m[at] = v.pairs.get(best, s[at+1])
		}
		if at > 0 {
			m[at-1] = v.pairs.get(s[at-1], best)
		}
	}
	return s[:n]
}

// hasGap reports whether something in piece has no symbol.
func (v *Vocab) hasGap(piece string) bool {
	if !v.gaps || v.affixed != nil {
		return v.gaps
	}
	if v.chars == nil {
		return !v.spellable(piece)
	}
	for i, r := range piece {
		if v.chars.of(r) == None && !v.spellable(piece[i:i+utf8.RuneLen(r)]) {
			return true
		}
	}
	return false
}

// spellable reports whether every byte of text has a symbol.
func (v *Vocab) spellable(text string) bool {
	for i := range len(text) {
		if v.base[text[i]] == None {
			return false
		}
	}
	return true
}

// baseSymbols returns the symbols of piece before any merge.
func (v *Vocab) baseSymbols(sc *Scratch, piece string) []uint32 {
	if v.affixed != nil {
		return v.affixed.bases(v, sc, piece)
	}
	g := gatherer{v: v, out: sc.base[:0]}
	if v.chars == nil {
		for i := range len(piece) {
			if s := v.base[piece[i]]; s != None {
				g.add(s)
			} else {
				g.gap()
			}
		}
	}
	for i := 0; i < len(piece) && v.chars != nil; {
		r, size := utf8.DecodeRuneInString(piece[i:])
		if s := v.chars.of(r); s != None {
			g.add(s)
		} else {
			g.fallBack(piece[i : i+size])
		}
		i += size
	}
	g.flush()
	sc.base = g.out
	return g.out
}

// gatherer gathers base symbols. What has none vanishes, or is unknown: then its
// symbol waits for the next character that has one of its own, and so comes behind
// bytes that a character falls back to, as in Hugging Face's tokenizers.
type gatherer struct {
	v       *Vocab
	out     []uint32
	waiting bool
}

func (g *gatherer) flush() {
	if g.waiting {
		g.out = append(g.out, g.v.unknown)
	}
	g.waiting = false
}

func (g *gatherer) add(s uint32) {
	g.flush()
	g.out = append(g.out, s)
}

func (g *gatherer) gap() {
	if !g.v.fuse {
		g.flush()
	}
	g.waiting = g.v.unknown != None
}

// fallBack adds the bytes of what has no symbol, if all of them have one.
func (g *gatherer) fallBack(text string) {
	if !g.v.spellable(text) {
		g.gap()
		return
	}
	for i := range len(text) {
		g.out = append(g.out, g.v.base[text[i]])
	}
}

// mergeChars merges a piece whose base symbols are characters; a character that
// the vocabulary lacks becomes its bytes, which never merge.
func (v *Vocab) mergeChars(sc *Scratch, piece string) []uint32 {
	if len(piece) > scanLen {
		if len(piece) >= repeatLen {
			if out, ok := v.mergeRepeats(sc, piece); ok {
				return out
			}
		}
		return v.mergeLongChars(sc, piece)
	}
	n := 0
	for _, r := range piece {
		if s := v.chars.of(r); s != None {
			sc.symbols[n] = s
			n++
			continue
		}
		var b [utf8.UTFMax]byte
		for _, c := range b[:utf8.EncodeRune(b[:], r)] {
			sc.symbols[n] = v.base[c]
			n++
		}
	}
	for i := 1; i < n; i++ {
		sc.merges[i-1] = v.pairs.get(sc.symbols[i-1], sc.symbols[i])
	}
	return v.scan(sc, n)
}

// mergeLongChars cuts piece at the characters that the vocabulary lacks.
func (v *Vocab) mergeLongChars(sc *Scratch, piece string) []uint32 {
	var out []uint32
	from := 0
	flush := func(to int) {
		if from < to {
			out = append(out, v.mergePart(sc, piece[from:to])...)
		}
	}
	for i, r := range piece {
		if v.chars.of(r) != None {
			continue
		}
		flush(i)
		from = i + utf8.RuneLen(r)
		for _, c := range []byte(piece[i:from]) {
			out = append(out, v.base[c])
		}
	}
	flush(len(piece))
	return out
}

// mergePart merges a part all of whose characters have symbols.
func (v *Vocab) mergePart(sc *Scratch, part string) []uint32 {
	if len(part) <= scanLen {
		return v.mergeChars(sc, part)
	}
	return v.backtrack(sc, part)
}

// mergeLong merges a piece of bytes.
func (v *Vocab) mergeLong(sc *Scratch, piece string) []uint32 {
	if len(piece) >= repeatLen {
		if out, ok := v.mergeRepeats(sc, piece); ok {
			return out
		}
	}
	return v.backtrack(sc, piece)
}

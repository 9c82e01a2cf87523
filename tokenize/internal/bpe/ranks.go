package bpe

import "slices"

// ranked builds a vocabulary of ranked tokens; ok is false if some come before
// what they are made of, or are not made at all. Each token is merged with those
// before it, which must leave two.
func (b *builder) ranked() (ok bool) {
	texts := b.m.Texts
	b.start(texts.Len())
	var sc Scratch
	for id := range uint32(texts.Len()) {
		text := texts.Of(id)
		if len(text) < 2 {
			continue
		}
		parts := b.v.mergeIndirect(&sc, text)
		if len(parts) != 2 {
			return false
		}
		b.merged(id, parts[0], parts[1])
	}
	return true
}

// mergeIndirect is Merge while the tables of byte pairs are not filled yet.
func (v *Vocab) mergeIndirect(sc *Scratch, piece string) []uint32 {
	n := len(piece)
	if n > scanLen {
		return v.mergeHeap(sc, v.baseSymbols(sc, piece))
	}
	for i := range n {
		sc.symbols[i] = v.base[piece[i]]
	}
	for i := 1; i < n; i++ {
		sc.merges[i-1] = v.pairs.get(sc.symbols[i-1], sc.symbols[i])
	}
	return v.scan(sc, n)
}

// list lists the merges that ranks imply, where some tokens come before their
// parts. It merges each token with all the others known.
func (m *Merges) list() *Merges {
	ranks := make(map[string]int, m.Texts.Len())
	for id := range m.Texts.Len() {
		ranks[m.Texts.Of(uint32(id))] = id
	}
	out := *m
	out.Ranked = false
	var ends []int
	for id := range uint32(m.Texts.Len()) {
		text := m.Texts.Of(id)
		if len(text) < 2 {
			continue
		}
		if at := lastCut(ranks, text, &ends); at > 0 {
			out.Pairs = append(out.Pairs, [3]uint32{uint32(ranks[text[:at]]), uint32(ranks[text[at:]]), id})
		}
	}
	return &out
}

// lastCut merges text by the ranks of its parts and returns where the last merge
// joins two parts, 0 if more than one part is left.
func lastCut(ranks map[string]int, text string, buf *[]int) int {
	ends := (*buf)[:0] // of the parts
	for i := range len(text) {
		ends = append(ends, i+1)
	}
	*buf = ends
	for len(ends) > 1 {
		at, best, from := -1, 0, 0
		for i := 0; i+1 < len(ends); i++ {
			if rank, ok := ranks[text[from:ends[i+1]]]; ok && (at < 0 || rank < best) {
				at, best = i, rank
			}
			from = ends[i]
		}
		if at < 0 {
			return 0
		}
		if len(ends) == 2 {
			return ends[0]
		}
		ends = slices.Delete(ends, at, at+1)
	}
	return 0
}

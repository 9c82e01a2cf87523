package bpe

import "math"

// backtrack merges piece from left to right: at every place the longest token
// that may stand next to the one before, shorter ones when the rest of the text
// cannot be reached from there. Whether two tokens may stand side by side depends
// on them alone, and a text has exactly one sequence in which all neighbours may,
// the one that merging makes (van Antwerpen and Neubeck, "So many tokens, so
// little time", 2024). Places found to lead nowhere are marked, so that the time is
// linear in the length.
func (v *Vocab) backtrack(sc *Scratch, piece string) []uint32 {
	words := len(piece)/64 + 1
	if cap(sc.alive) < words {
		sc.alive = make([]uint64, words)
	}
	alive := sc.alive[:words]
	for i := range alive {
		alive[i] = ^uint64(0)
	}
	for i := range sc.memo {
		sc.memo[i] = memo{}
	}
	out := sc.out[:0]
	for pos := 0; pos < len(piece); {
		next := v.step(sc, piece, pos, out, math.MaxInt)
		for next == None {
			if len(out) == 0 {
				return v.mergeHeap(sc, v.baseSymbols(sc, piece)) // not reached: every base symbol is a token
			}
			last := out[len(out)-1]
			alive[pos/64] &^= 1 << (pos % 64)
			out = out[:len(out)-1]
			pos -= v.whole.size(last)
			next = v.step(sc, piece, pos, out, v.whole.size(last))
		}
		out = append(out, next)
		pos += v.whole.size(next)
	}
	sc.out = out
	sc.trim()
	return out
}

// memo is a step that was taken: after the symbol last, at the place at, the
// symbol next was the longest that may follow.
type memo struct {
	last, next uint32
	at         int
}

const memoSize = 16

// step returns the longest symbol at pos that has less than below bytes, may stand
// behind the last one of out, and ends in a place that is alive; None if there is
// none. Texts that repeat themselves take the same steps again and again: these are
// remembered.
func (v *Vocab) step(sc *Scratch, piece string, pos int, out []uint32, below int) uint32 {
	last := None
	if len(out) > 0 {
		last = out[len(out)-1]
	}
	m := &sc.memo[last%memoSize]
	ahead := piece[pos:min(pos+v.longest, len(piece))]
	known := below == math.MaxInt && m.last == last && m.next != 0 && len(ahead) == v.longest && piece[m.at:m.at+v.longest] == ahead
	next, follows := m.next-1, known
	if !known {
		next = v.longestMade(ahead, below)
	}
	for keep := below == math.MaxInt && len(ahead) == v.longest; next != None; follows = false {
		size := v.whole.size(next)
		if follows || last == None || v.mayFollow(last, next) {
			if keep {
				*m, keep = memo{last, next + 1, pos}, false
			}
			if end := pos + size; sc.alive[end/64]>>(end%64)&1 != 0 {
				return next
			}
		}
		next = v.longestMade(ahead, size)
	}
	return None
}

// mayFollow reports whether merging the text of a and b gives a and b: whether
// no merge crosses the place where they meet. It undoes the merges of both sides
// in turn, the latest first; limit is the latest merge that is still undone.
func (v *Vocab) mayFollow(a, b uint32) bool {
	limit := None
	for {
		if v.pairs.get(a, b) < limit {
			return false
		}
		if a > b {
			limit = a
			if a = v.parts[a][1]; a != limit {
				continue
			}
			limit = b + 1
			if b = v.parts[b][0]; b+1 == limit {
				return true
			}
			continue
		}
		limit = b + 1
		if b = v.parts[b][0]; b+1 != limit {
			continue
		}
		limit = a
		if a = v.parts[a][1]; a == limit {
			return true
		}
	}
}

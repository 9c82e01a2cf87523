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

// step returns the longest symbol at pos that has less than below bytes, may stand
// behind the last one of out, and ends in a place that is alive; None if there is
// none.
func (v *Vocab) step(sc *Scratch, piece string, pos int, out []uint32, below int) uint32 {
	ahead := piece[pos:min(pos+v.longest, len(piece))]
	next := v.longestMade(ahead, below)
	for next != None {
		size := v.whole.size(next)
		end := pos + size
		if sc.alive[end/64]>>(end%64)&1 != 0 && (len(out) == 0 || v.follows(sc, out[len(out)-1], next)) {
			return next
		}
		next = v.longestMade(ahead, size)
	}
	return None
}

// follows reports whether merging the text of a and b gives a and b: whether no
// merge crosses the place where they meet.
func (v *Vocab) follows(sc *Scratch, a, b uint32) bool {
	if v.loose == nil || !v.loose.has(a) && !v.loose.has(b) {
		return v.mayFollow(a, b)
	}
	f := &sc.followed[(a*31+b)%followedSize]
	if f.a != a || f.b != b || !f.known {
		if sc.inner == nil {
			sc.inner = &Scratch{}
		}
		merged := v.mergeHeap(sc.inner, v.baseSymbols(sc.inner, v.text(a)+v.text(b)))
		*f = followed{a, b, len(merged) == 2 && merged[0] == a && merged[1] == b, true}
	}
	return f.ok
}

// followed is what merging two symbols has given.
type followed struct {
	a, b      uint32
	ok, known bool
}

const followedSize = 64

// mayFollow is follows for symbols that come behind those that they are made of. It
// undoes the merges of both sides in turn, the latest first; limit is the latest
// merge that is still undone.
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

// symbolSet is a set of symbols.
type symbolSet []uint64

func (s symbolSet) has(symbol uint32) bool { return s[symbol/64]>>(symbol%64)&1 != 0 }

// findLoose finds the symbols that merging makes although they come before a symbol
// that they are made of, and those made of them.
func (v *Vocab) findLoose() {
	for again := true; again; {
		again = false
		for s := range uint32(v.reach) {
			left, right := v.parts[s][0], v.parts[s][1]
			if left <= s && right <= s && (v.loose == nil || v.loose.has(s) || !v.loose.has(left) && !v.loose.has(right)) {
				continue
			}
			if v.loose == nil {
				v.loose = make(symbolSet, v.reach/64+1)
			}
			again = again || !v.loose.has(s)
			v.loose[s/64] |= 1 << (s % 64)
		}
	}
}

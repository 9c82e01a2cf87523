package bpe

// backtrack merges piece from left to right: at every place the longest token
// that may stand next to the one before, shorter ones when the rest of the text
// cannot be reached from there. Whether two tokens may stand side by side depends
// on them alone, and a text has exactly one sequence in which all neighbours may,
// the one that merging makes (van Antwerpen and Neubeck, "So many tokens, so
// little time", 2024). Places found to lead nowhere are marked, so that the time is
// linear in the length.
func (v *Vocab) backtrack(sc *Scratch, piece string) []uint32 {
	v.trieOnce.Do(func() { v.trie = newTrie(v) })
	t := v.trie
	words := len(piece)/64 + 1
	if cap(sc.alive) < words {
		sc.alive = make([]uint64, words)
	}
	alive := sc.alive[:words]
	for i := range alive {
		alive[i] = ^uint64(0)
	}
	out := sc.out[:0]
	pos, next := 0, t.longest(piece)
	for next != None {
		last := None
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		for {
			end := pos + len(v.symbols[next].text)
			if alive[end/64]>>(end%64)&1 != 0 && (last == None || v.mayFollow(last, next)) {
				out = append(out, next)
				pos = end
				next = t.longest(piece[pos:])
				break
			}
			if next = t.shorter[next]; next != None {
				continue
			}
			if last == None {
				return v.mergeHeap(sc, v.baseSymbols(sc, piece)) // not reached: every base symbol is a token
			}
			alive[pos/64] &^= 1 << (pos % 64)
			out = out[:len(out)-1]
			pos -= len(v.symbols[last].text)
			next = last
			break
		}
	}
	sc.out = out
	sc.trim()
	return out
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
			if a = v.symbols[a].right; a != limit {
				continue
			}
			limit = b + 1
			if b = v.symbols[b].left; b+1 == limit {
				return true
			}
			continue
		}
		limit = b + 1
		if b = v.symbols[b].left; b+1 != limit {
			continue
		}
		limit = a
		if a = v.symbols[a].right; a == limit {
			return true
		}
	}
}

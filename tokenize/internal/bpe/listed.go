package bpe

import (
	"cmp"
	"slices"
)

// made is a token with the pair that merging its own text ends with.
type made struct {
	rank            int // of the pair
	id, left, right uint32
}

// listed builds a vocabulary of listed merges. It takes for granted that every
// token is listed behind its parts, and looks again at those for which that does
// not hold.
func (b *builder) listed() {
	var ranks []int
	var again *needles
	ok := false
	if b.m.Affixes == nil {
		ranks, again, ok = b.inOrder()
	} else {
		b.start(0)
	}
	if ok && again == nil {
		return
	}
	var list []made
	first := b.v
	if ok {
		for i, rank := range ranks {
			p := b.m.Pairs[rank]
			if s := uint32(len(first.ids) - len(ranks) + i); !again.occurs(first.text(s)) {
				list = append(list, made{rank, p[2], p[0], p[1]})
			}
		}
	}
	listed := newPairRanks(b.m.Pairs)
	var ids, buf []uint32
	for id := range uint32(b.m.Texts.Len()) {
		text := b.m.Texts.Of(id)
		if ok && !again.occurs(text) {
			continue
		}
		ids = b.baseIDs(ids[:0], text)
		if last, whole := listed.merge(ids, &buf); whole && b.m.Pairs[last][2] == id {
			p := b.m.Pairs[last]
			list = append(list, made{last, id, p[0], p[1]})
		}
	}
	slices.SortFunc(list, func(a, b made) int { return cmp.Compare(a.rank, b.rank) })
	b.start(len(list))
	bases := uint32(len(b.v.ids))
	for i, t := range list {
		b.of[t.id] = bases + uint32(i)
	}
	for _, t := range list {
		b.merged(t.id, b.of[t.left], b.of[t.right])
	}
}

// inOrder builds a vocabulary of the pairs that are listed behind what they are
// made of. Such a pair makes its token if the two may stand side by side by the
// merges before. It returns the ranks of these pairs, and what may be made by
// others: the tokens in which such texts occur may be made in other ways. ok is
// false where a pair is listed twice, or made of fallback bytes.
func (b *builder) inOrder() (ranks []int, again *needles, ok bool) {
	b.start(b.tokens())
	v := b.v
	var late [][3]uint32
	for rank, p := range b.m.Pairs {
		left, right, merged := b.of[p[0]], b.of[p[1]], b.of[p[2]]
		switch {
		case left == None || right == None:
			late = append(late, p)
		case left < uint32(v.bytes) || right < uint32(v.bytes) || merged != None && v.pairs.get(left, right) == merged:
			return nil, nil, false
		case merged == None && v.mayFollow(left, right):
			b.merged(p[2], left, right)
			ranks = append(ranks, rank)
		}
	}
	v.reach = len(v.ids)
	found := map[uint32]bool{} // tokens that late pairs may make
	for more := true; more; {
		more = false
		for _, p := range late {
			if b.of[p[2]] == None && !found[p[2]] && (b.of[p[0]] != None || found[p[0]]) && (b.of[p[1]] != None || found[p[1]]) {
				found[p[2]], more = true, true
			}
		}
	}
	for id := range found {
		again = again.with(b.m.Texts.Of(id))
	}
	return ranks, again, true
}

// tokens returns how many tokens some pair makes, at most.
func (b *builder) tokens() (n int) {
	is := make([]bool, b.m.Texts.Len())
	for _, p := range b.m.Pairs {
		if !is[p[2]] {
			is[p[2]] = true
			n++
		}
	}
	return n
}

func (b *builder) baseIDs(ids []uint32, text string) []uint32 {
	if a := b.v.affixed; a != nil {
		for _, part := range a.parts(text) {
			s, ok := a.symbols[part]
			if !ok {
				return ids[:0]
			}
			ids = append(ids, b.v.ids[s])
		}
		return ids
	}
	if b.m.Chars {
		for _, r := range text {
			s := b.v.chars.of(r)
			if s == None {
				return ids[:0]
			}
			ids = append(ids, b.v.ids[s])
		}
		return ids
	}
	for i := range len(text) {
		s := b.v.base[text[i]]
		if s == None {
			return ids[:0]
		}
		ids = append(ids, b.v.ids[s])
	}
	return ids
}

// pairRanks is all listed merges: the rank of a pair of ids.
type pairRanks struct {
	keys  []uint64
	ranks []uint32
	pairs [][3]uint32
	shift uint
}

func newPairRanks(all [][3]uint32) *pairRanks {
	p := newPairs(len(all)) // for its size and shift
	l := &pairRanks{keys: p.slots, ranks: make([]uint32, len(p.slots)), pairs: all, shift: p.shift}
	for rank, pair := range all {
		key := uint64(pair[0])<<32 | uint64(pair[1])
		i := key * mixer >> l.shift
		for l.keys[i] != emptySlot && l.keys[i] != key {
			i = (i + 1) & uint64(len(l.keys)-1)
		}
		l.keys[i], l.ranks[i] = key, uint32(rank) // of a pair listed twice the last rank stands, as in a map
	}
	return l
}

func (l *pairRanks) rank(left, right uint32) uint32 {
	key := uint64(left)<<32 | uint64(right)
	for i := key * mixer >> l.shift; ; i = (i + 1) & uint64(len(l.keys)-1) {
		if l.keys[i] == key {
			return l.ranks[i]
		}
		if l.keys[i] == emptySlot {
			return None
		}
	}
}

// merge merges ids to the end and returns the rank of the last merge; ok is
// false if more than one token is left, or there was nothing to merge.
func (l *pairRanks) merge(ids []uint32, ranks *[]uint32) (last int, ok bool) {
	r := (*ranks)[:0]
	for i := 1; i < len(ids); i++ {
		r = append(r, l.rank(ids[i-1], ids[i]))
	}
	*ranks = r
	if len(ids) < 2 {
		return 0, false
	}
	for len(ids) > 1 {
		at, best := 0, None
		for i, rank := range r {
			if rank < best {
				at, best = i, rank
			}
		}
		if best == None {
			return 0, false
		}
		last = int(best)
		ids[at] = l.pairs[best][2]
		ids = append(ids[:at+1], ids[at+2:]...)
		r = append(r[:at], r[at+1:]...)
		if at < len(r) {
			r[at] = l.rank(ids[at], ids[at+1])
		}
		if at > 0 {
			r[at-1] = l.rank(ids[at-1], ids[at])
		}
	}
	return last, true
}

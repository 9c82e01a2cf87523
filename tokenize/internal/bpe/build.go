package bpe

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// FromRanks builds a vocabulary from the ranked tokens of tiktoken, whose merges
// are implied: two tokens merge if their bytes together are a token, the lowest
// rank first. Ranks must be sorted; the ids are ranks. All 256 bytes must be
// tokens. A piece that is a token is that token.
func FromRanks(tokens []Token) (*Vocab, error) {
	v := &Vocab{pairs: newPairs(len(tokens)), unknown: None}
	for i := range v.base {
		v.base[i] = None
	}
	unreachable := 0
	v.symbols = make([]symbol, 0, len(tokens))
	for _, t := range tokens {
		if len(t.Text) == 1 {
			s := uint32(len(v.symbols))
			v.base[t.Text[0]] = s
			v.symbols = append(v.symbols, symbol{t.Text, t.ID, s, s})
		}
	}
	if len(v.symbols) != 256 {
		return nil, fmt.Errorf("%d of 256 single bytes are tokens", len(v.symbols))
	}
	var sc Scratch
	for _, t := range tokens {
		if len(t.Text) < 2 {
			continue
		}
		parts := v.mergeIndirect(&sc, t.Text)
		if len(parts) != 2 {
			unreachable++
			continue
		}
		s := uint32(len(v.symbols))
		v.pairs.set(parts[0], parts[1], s)
		v.symbols = append(v.symbols, symbol{t.Text, t.ID, parts[0], parts[1]})
	}
	if unreachable > 0 {
		return fromLooseRanks(tokens)
	}
	v.reach = len(v.symbols)
	v.finish(true)
	return v, nil
}

// fromLooseRanks is FromRanks for ranks of which some come before those of their
// parts. It merges each token with all the others known.
func fromLooseRanks(tokens []Token) (*Vocab, error) {
	ranks := make(map[string]int, len(tokens))
	for i, t := range tokens {
		ranks[t.Text] = i
	}
	m := &Merges{Text: make([]string, tokens[len(tokens)-1].ID+1), Whole: true, Unknown: -1}
	var ends []int
	for _, t := range tokens {
		m.Text[t.ID] = t.Text
		if len(t.Text) == 1 {
			m.Base[t.Text[0]] = int(t.ID)
			continue
		}
		if at := lastCut(ranks, t.Text, &ends); at > 0 {
			left, right := tokens[ranks[t.Text[:at]]], tokens[ranks[t.Text[at:]]]
			m.Pairs = append(m.Pairs, [3]uint32{left.ID, right.ID, t.ID})
		}
	}
	return FromMerges(m)
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

// Merges is a vocabulary with listed merges, as tokenizer.json has it.
type Merges struct {
	Text  []string    // what the token with each id stands for; "" for none
	Base  [256]int    // the id of each byte's token, -1 for none
	Chars bool        // the base symbols are characters, bytes only a fallback
	Pairs [][3]uint32 // left, right and merged ids, the first merge first
	// Unknown is the id of what has no token, -1 if that vanishes.
	Unknown int
	// Fuse says that what has no token and stands side by side is one unknown
	// token.
	Fuse bool
	// Whole says that a piece which is a token is that token even if no merge
	// makes it.
	Whole bool
}

// FromMerges builds a vocabulary from listed merges.
func FromMerges(m *Merges) (*Vocab, error) {
	b := builder{m: m, v: &Vocab{unknown: None, fuse: m.Fuse}, of: make([]uint32, len(m.Text))}
	for i := range b.of {
		b.of[i] = None
	}
	b.bases()
	return b.build()
}

// build makes the vocabulary when the base symbols are known.
func (b *builder) build() (*Vocab, error) {
	m, v := b.m, b.v
	made := b.canonical()
	v.pairs = newPairs(len(made))
	for _, p := range made {
		b.of[p.id] = uint32(len(v.symbols))
		v.symbols = append(v.symbols, symbol{text: m.Text[p.id], id: p.id})
	}
	for _, p := range made {
		s := b.of[p.id]
		v.symbols[s].left, v.symbols[s].right = b.of[p.left], b.of[p.right]
		v.pairs.set(b.of[p.left], b.of[p.right], s)
	}
	v.reach = len(v.symbols)
	for id, text := range m.Text {
		if text != "" && b.of[id] == None {
			v.symbols = append(v.symbols, symbol{text, uint32(id), None, None})
			b.of[id] = uint32(len(v.symbols) - 1)
		}
	}
	if m.Unknown >= 0 {
		if v.unknown = b.of[m.Unknown]; v.unknown == None {
			return nil, fmt.Errorf("the unknown token has the id %d, which is no token", m.Unknown)
		}
	}
	v.finish(m.Whole)
	return v, nil
}

type builder struct {
	m  *Merges
	v  *Vocab
	of []uint32 // the symbol of an id
}

// bases makes the base symbols. A vocabulary of characters has its fallback bytes
// first.
func (b *builder) bases() {
	for i, id := range b.m.Base {
		b.v.base[i] = None
		if id >= 0 {
			b.v.base[i] = b.add(uint32(id))
		}
	}
	if !b.m.Chars {
		return
	}
	b.v.bytes = len(b.v.symbols)
	b.v.chars = map[rune]uint32{}
	for id, text := range b.m.Text {
		if r, size := utf8.DecodeRuneInString(text); size == len(text) && size > 0 && r != utf8.RuneError && b.of[id] == None {
			b.v.chars[r] = b.add(uint32(id))
		}
	}
}

// add makes the base symbol of an id.
func (b *builder) add(id uint32) uint32 {
	s := uint32(len(b.v.symbols))
	b.v.symbols = append(b.v.symbols, symbol{b.m.Text[id], id, s, s})
	b.of[id] = s
	return s
}

// made is a token with the pair that merging its own text ends with.
type made struct {
	rank            int
	id, left, right uint32
}

// canonical finds for every token the pair that makes it, in order of rank.
func (b *builder) canonical() []made {
	listed := newListed(b.m.Pairs)
	pairsOf := make([]int32, len(b.m.Text)) // the number of pairs listed for a token
	for _, p := range b.m.Pairs {
		pairsOf[p[2]]++
	}
	var out []made
	var ids, ranks []uint32
	for id, n := range pairsOf {
		if n == 0 || b.of[id] != None {
			continue
		}
		ids = b.baseIDs(ids[:0], b.m.Text[id])
		last, ok := listed.merge(ids, &ranks)
		if ok && b.m.Pairs[last][2] == uint32(id) {
			p := b.m.Pairs[last]
			out = append(out, made{last, uint32(id), p[0], p[1]})
		}
	}
	slices.SortFunc(out, func(a, b made) int { return cmp.Compare(a.rank, b.rank) })
	return out
}

func (b *builder) baseIDs(ids []uint32, text string) []uint32 {
	if a := b.v.affixed; a != nil {
		for _, part := range a.parts(text) {
			s, ok := a.symbols[part]
			if !ok {
				return ids[:0]
			}
			ids = append(ids, b.v.symbols[s].id)
		}
		return ids
	}
	if b.m.Chars {
		for _, r := range text {
			s, ok := b.v.chars[r]
			if !ok {
				return ids[:0]
			}
			ids = append(ids, b.v.symbols[s].id)
		}
		return ids
	}
	for i := range len(text) {
		s := b.v.base[text[i]]
		if s == None {
			return ids[:0]
		}
		ids = append(ids, b.v.symbols[s].id)
	}
	return ids
}

// listed is all listed merges: the rank of a pair of ids.
type listed struct {
	keys  []uint64
	ranks []uint32
	pairs [][3]uint32
	shift uint
}

func newListed(all [][3]uint32) *listed {
	p := newPairs(len(all)) // for its size and shift
	l := &listed{keys: p.slots, ranks: make([]uint32, len(p.slots)), pairs: all, shift: p.shift}
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

func (l *listed) rank(left, right uint32) uint32 {
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
func (l *listed) merge(ids []uint32, ranks *[]uint32) (last int, ok bool) {
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

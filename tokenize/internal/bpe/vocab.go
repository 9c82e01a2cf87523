package bpe

// Vocab is a vocabulary with its merges. It is immutable and safe for concurrent
// use.
type Vocab struct {
	texts   *Texts
	ids     []uint32    // of symbols
	parts   [][2]uint32 // the pair that a symbol is made of; itself for base symbols
	base    [256]uint32 // the symbol of a byte, None if it has none
	chars   *chars      // the symbols of characters, when the base is characters
	direct  []uint32    // the merge of two bytes, by first<<8 | second
	pairs   pairs
	whole   wholes   // pieces that are one token
	reach   int      // symbols below are made by merging; those above are only whole pieces
	bytes   int      // when the base is characters: the first symbols, which are bytes
	gaps    bool     // some text has no symbol
	unknown uint32   // the symbol of what has none; None: it vanishes
	fuse    bool     // what has none and stands side by side is one unknown symbol
	longest int      // the bytes of the longest symbol that merging makes
	affixed *affixed // the base symbols differ by their place; nil if they do not

	seams    *seams
	alone    alone
	prefixes prefixes
	loose    symbolSet // made by merges before those of their parts
}

// add appends a symbol.
func (v *Vocab) add(id, left, right uint32) (symbol uint32) {
	v.ids = append(v.ids, id)
	v.parts = append(v.parts, [2]uint32{left, right})
	return uint32(len(v.ids) - 1)
}

// addBase appends a symbol that no merge makes.
func (v *Vocab) addBase(id uint32) uint32 {
	s := uint32(len(v.ids))
	return v.add(id, s, s)
}

// text returns what a symbol stands for.
func (v *Vocab) text(symbol uint32) string { return v.texts.Of(v.ids[symbol]) }

// ID returns the token id of a symbol.
func (v *Vocab) ID(symbol uint32) uint32 { return v.ids[symbol] }

// Lookup returns the id of a piece that is one token as it stands.
func (v *Vocab) Lookup(piece string) (id uint32, ok bool) {
	s := v.find(piece)
	if s == None {
		return 0, false
	}
	return v.ids[s], true
}

// WholesOnly reports whether some token is one only as a whole piece.
func (v *Vocab) WholesOnly() bool { return v.alone.texts != nil }

// finish fills what follows from symbols, base and pairs. wholeRule says that a
// piece which is a token is that token, even if no merge makes it.
func (v *Vocab) finish(wholeRule bool) {
	if v.affixed != nil {
		v.finishAffixed(wholeRule)
		return
	}
	v.direct = make([]uint32, 1<<16)
	for i := range v.direct {
		v.direct[i] = None
	}
	for _, s := range v.base {
		v.gaps = v.gaps || s == None
	}
	for s := range v.reach {
		text := v.text(uint32(s))
		v.longest = max(v.longest, len(text))
		if v.chars == nil && len(text) == 2 && v.parts[s][0] != uint32(s) {
			v.direct[int(text[0])<<8|int(text[1])] = uint32(s)
		}
	}
	n := v.reach
	if wholeRule {
		n = len(v.ids)
	}
	v.indexWholes(n)
	v.seams = &seams{}
	for s := range n {
		v.seams.add(v.text(uint32(s)))
	}
	for s := v.reach; s < n; s++ {
		v.alone.add(v.text(uint32(s)))
	}
	v.findLoose()
	v.prefixes = newPrefixes()
	for s := v.bytes; s < v.reach; s++ {
		v.prefixes.add(v.text(uint32(s)))
	}
	v.prefixes.finish()
}

// Tokens calls f for every token that merging makes.
func (v *Vocab) Tokens(f func(text string)) {
	for s := range v.reach {
		f(v.text(uint32(s)))
	}
}

// Append appends the ids of piece to dst.
func (v *Vocab) Append(dst []uint32, sc *Scratch, piece string) []uint32 {
	if id, ok := v.Lookup(piece); ok {
		return append(dst, id)
	}
	for _, s := range v.Merge(sc, piece) {
		dst = append(dst, v.ids[s])
	}
	return dst
}

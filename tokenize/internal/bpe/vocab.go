package bpe

// Vocab is a vocabulary with its merges. It is immutable and safe for concurrent
// use.
type Vocab struct {
	symbols []symbol
	base    [256]uint32     // the symbol of a byte, None if it has none
	chars   map[rune]uint32 // the symbols of characters, when the base is characters
	direct  []uint32        // the merge of two bytes, by first<<8 | second
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
	loose    loose
}

// symbol is one token.
type symbol struct {
	text        string
	id          uint32
	left, right uint32 // the pair it is made of; the symbol itself for base symbols
}

// Token is one entry of a vocabulary.
type Token struct {
	Text string // the bytes it stands for
	ID   uint32
}

// ID returns the token id of a symbol.
func (v *Vocab) ID(symbol uint32) uint32 { return v.symbols[symbol].id }

// Lookup returns the id of a piece that is one token as it stands.
func (v *Vocab) Lookup(piece string) (id uint32, ok bool) {
	s := v.whole.find(piece)
	if s == None {
		return 0, false
	}
	return v.symbols[s].id, true
}

// Bytes reports whether the base symbols are bytes, not characters.
func (v *Vocab) Bytes() bool { return v.chars == nil }

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
	for s, sym := range v.symbols[:v.reach] {
		if sym.left == uint32(s) {
			continue
		}
		if v.chars == nil && len(sym.text) == 2 {
			v.direct[int(sym.text[0])<<8|int(sym.text[1])] = uint32(s)
		}
	}
	for _, s := range v.base {
		v.gaps = v.gaps || s == None
	}
	n := v.reach
	if wholeRule {
		n = len(v.symbols)
	}
	v.whole = newWholes(v.symbols[:n], v.bytes)
	v.seams = newSeams(v.symbols[:n])
	v.alone = newAlone(v.symbols[v.reach:n])
	v.prefixes = newPrefixes(v.symbols[v.bytes:v.reach])
	v.loose = newLoose(v.symbols[:v.reach])
	for _, s := range v.symbols[:v.reach] {
		v.longest = max(v.longest, len(s.text))
	}
}

// Symbols calls f for every token: those that merging makes in the order of the
// symbols, then those that only whole pieces are. left and right are ids too.
func (v *Vocab) Symbols(f func(text string, id, left, right uint32, made bool)) {
	for i, s := range v.symbols {
		if i >= v.reach {
			f(s.text, s.id, 0, 0, false)
			continue
		}
		f(s.text, s.id, v.symbols[s.left].id, v.symbols[s.right].id, true)
	}
}

// Longest returns the length in bytes of the longest token.
func (v *Vocab) Longest() int {
	n := 1
	for _, s := range v.symbols {
		n = max(n, len(s.text))
	}
	return n
}

// Gaps reports whether some text has no token: it vanishes, or is unknown.
func (v *Vocab) Gaps() bool { return v.gaps }

// Append appends the ids of piece to dst.
func (v *Vocab) Append(dst []uint32, sc *Scratch, piece string) []uint32 {
	if id, ok := v.Lookup(piece); ok {
		return append(dst, id)
	}
	for _, s := range v.Merge(sc, piece) {
		dst = append(dst, v.symbols[s].id)
	}
	return dst
}

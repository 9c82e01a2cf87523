package bpe

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Merges is what a vocabulary is built of.
type Merges struct {
	Texts *Texts      // what the tokens stand for
	Base  [256]int    // the id of each byte's token, -1 for none
	Chars bool        // the base symbols are characters, bytes only a fallback
	Pairs [][3]uint32 // left, right and merged ids, the first merge first
	// Ranked says that merges are implied, as in tiktoken's encodings: two tokens
	// merge if their bytes together are a token, that of the lowest id first.
	Ranked bool
	// Unknown is the id of what has no token, -1 if that vanishes.
	Unknown int
	// Fuse says that what has no token and stands side by side is one unknown
	// token.
	Fuse bool
	// Whole says that a piece which is a token is that token even if no merge
	// makes it.
	Whole bool
	// Affixes says how base symbols are spelled by their place in a piece; nil if
	// they are not. The texts are the tokens as they are spelled then.
	Affixes *Affixes
}

// Ranked returns tiktoken's encoding of ranked tokens: a piece that is a token is
// that token, and all 256 bytes must be tokens.
func Ranked(texts *Texts) (*Merges, error) {
	m := &Merges{Texts: texts, Ranked: true, Unknown: -1, Whole: true}
	for b := range m.Base {
		m.Base[b] = -1
	}
	found := 0
	for id := range uint32(texts.Len()) {
		if text := texts.Of(id); len(text) == 1 && m.Base[text[0]] < 0 {
			m.Base[text[0]] = int(id)
			found++
		}
	}
	if found != 256 {
		return nil, fmt.Errorf("%d of 256 single bytes are tokens", found)
	}
	return m, nil
}

// Check returns what is wrong with the merges.
func (m *Merges) Check() error {
	if m.Unknown >= 0 && (m.Unknown >= m.Texts.Len() || m.Texts.Of(uint32(m.Unknown)) == "") {
		return fmt.Errorf("the unknown token has the id %d, which is no token", m.Unknown)
	}
	if m.Affixes != nil {
		return m.Affixes.check(m)
	}
	return nil
}

// Gaps reports whether some text has no token: it vanishes, or is unknown.
func (m *Merges) Gaps() bool { return m.Affixes != nil || slices.Contains(m.Base[:], -1) }

// Build builds the vocabulary of merges that pass Check.
func (m *Merges) Build() *Vocab {
	b := builder{m: m}
	if m.Ranked && !b.ranked() {
		b.m = m.list()
	}
	if !b.m.Ranked {
		b.listed()
	}
	b.finish()
	return b.v
}

// builder builds a vocabulary.
type builder struct {
	m  *Merges
	v  *Vocab
	of []uint32 // the symbol of an id
}

// start makes a vocabulary of the base symbols, with room for the merges of some
// tokens. One of characters has its fallback bytes first.
func (b *builder) start(tokens int) {
	b.v = &Vocab{texts: b.m.Texts, unknown: None, fuse: b.m.Fuse, pairs: newPairs(tokens)}
	b.v.ids, b.v.parts = make([]uint32, 0, b.m.Texts.Len()), make([][2]uint32, 0, b.m.Texts.Len())
	b.of = make([]uint32, b.m.Texts.Len())
	for i := range b.of {
		b.of[i] = None
	}
	for i, id := range b.m.Base {
		b.v.base[i] = None
		if id >= 0 {
			b.v.base[i] = b.v.addBase(uint32(id))
			b.of[id] = b.v.base[i]
		}
	}
	if b.m.Affixes != nil {
		b.affixedBases()
		return
	}
	if !b.m.Chars {
		return
	}
	b.v.bytes = len(b.v.ids)
	b.v.chars = newChars()
	for id := range uint32(b.m.Texts.Len()) {
		text := b.m.Texts.Of(id)
		if r, size := utf8.DecodeRuneInString(text); size == len(text) && (size > 1 || r < utf8.RuneSelf) && b.of[id] == None {
			b.of[id] = b.v.addBase(id)
			b.v.chars.set(r, b.of[id])
		}
	}
}

// merged adds the symbol of a token that a pair of symbols makes.
func (b *builder) merged(id, left, right uint32) {
	b.of[id] = b.v.add(id, left, right)
	b.v.pairs.set(left, right, b.of[id])
}

// finish adds what only whole pieces are, and fills what follows from the rest.
func (b *builder) finish() {
	v := b.v
	v.reach = len(v.ids)
	for id := range uint32(b.m.Texts.Len()) {
		if b.of[id] == None && b.m.Texts.Of(id) != "" && (b.m.Whole || int(id) == b.m.Unknown) {
			b.of[id] = v.add(id, None, None)
		}
	}
	if b.m.Unknown >= 0 {
		v.unknown = b.of[b.m.Unknown]
	}
	if cap(v.ids) > len(v.ids)+len(v.ids)/8 {
		v.ids, v.parts = slices.Clone(v.ids), slices.Clone(v.parts)
	}
	v.finish(b.m.Whole)
}

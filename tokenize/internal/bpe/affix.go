package bpe

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Affixes is how base symbols are spelled by their place in a piece: all but the
// first have the prefix before them, the last has the suffix behind it.
type Affixes struct {
	Prefix, Suffix string
	// Spell returns how tokens spell a byte, Raw the bytes that a token spells. Both
	// are nil if the base symbols are characters.
	Spell func(b byte) string
	Raw   func(token string) (text string, ok bool)
}

// affixed is the base symbols of a vocabulary with affixes.
type affixed struct {
	Affixes
	symbols map[string]uint32 // of spelled base symbols
}

// FromAffixed builds a vocabulary from listed merges with affixes. The texts of m
// are the tokens as they are spelled. spell returns how a token spells a byte, or
// is nil if the base symbols are characters.
//
// A token that could be spelled in two ways, because an affix is in the text, is an
// error if a merge makes it so.
func FromAffixed(m *Merges, a Affixes) (*Vocab, error) {
	af := &affixed{a, map[string]uint32{}}
	b := builder{m: m, v: &Vocab{unknown: None, fuse: m.Fuse, gaps: true, affixed: af}, of: make([]uint32, len(m.Text))}
	for i := range b.of {
		b.of[i] = None
	}
	b.affixedBases()
	for rank, p := range m.Pairs {
		whole, left, right := af.parts(m.Text[p[2]]), af.parts(m.Text[p[0]]), af.parts(m.Text[p[1]])
		if strings.Join(whole, "\x00") != strings.Join(append(left, right...), "\x00") {
			return nil, fmt.Errorf("merge %d makes %q of %q and %q: where words begin or end is not clear", rank, m.Text[p[2]], m.Text[p[0]], m.Text[p[1]])
		}
	}
	return b.build()
}

// affixedBases makes the base symbols: bytes that characters fall back to, and the
// tokens of one byte or character.
func (b *builder) affixedBases() {
	for i, id := range b.m.Base {
		if b.v.base[i] = None; id >= 0 {
			b.v.base[i] = b.add(uint32(id))
		}
	}
	for id, text := range b.m.Text {
		if parts := b.v.affixed.parts(text); len(parts) == 1 && b.of[id] == None {
			b.v.affixed.symbols[text] = b.add(uint32(id))
		}
	}
}

// parts returns the base symbols that a token is made of, as they are spelled.
func (a *affixed) parts(token string) []string {
	var out []string
	continues := false
	if a.Prefix != "" && len(token) > len(a.Prefix) {
		token, continues = strings.CutPrefix(token, a.Prefix)
	}
	ends := false
	if a.Suffix != "" && len(token) > len(a.Suffix) {
		token, ends = strings.CutSuffix(token, a.Suffix)
	}
	for i, r := range token {
		part := string(r)
		if i > 0 || continues {
			part = a.Prefix + part
		}
		if i+utf8.RuneLen(r) == len(token) && ends {
			part += a.Suffix
		}
		out = append(out, part)
	}
	return out
}

// bases returns the symbols of piece before any merge: see baseSymbols.
func (a *affixed) bases(v *Vocab, sc *Scratch, piece string) []uint32 {
	g := gatherer{v: v, out: sc.base[:0]}
	for i := 0; i < len(piece); {
		size := 1
		var part string
		if a.Spell != nil {
			part = a.Spell(piece[i])
		} else {
			_, size = utf8.DecodeRuneInString(piece[i:])
			part = piece[i : i+size]
		}
		if i > 0 {
			part = a.Prefix + part
		}
		if i += size; i == len(piece) {
			part += a.Suffix
		}
		if s, ok := a.symbols[part]; ok {
			g.add(s)
		} else {
			g.fallBack(part)
		}
	}
	g.flush()
	sc.base = g.out
	return g.out
}

// finishAffixed is finish for a vocabulary with affixes. All pieces are merged from
// their base symbols; pieces that are tokens as they are spelled are those of the
// rule for whole pieces alone.
func (v *Vocab) finishAffixed(wholeRule bool) {
	var wholes []symbol
	for _, s := range v.symbols {
		text := s.text
		if v.affixed.Raw != nil {
			text, _ = v.affixed.Raw(text)
		}
		wholes = append(wholes, symbol{text: text})
	}
	if !wholeRule {
		wholes = nil
	}
	v.whole = newWholes(wholes, 0)
	for _, s := range v.symbols {
		v.longest = max(v.longest, len(s.text))
	}
}

// Affixes returns the prefix and the suffix of a vocabulary built by FromAffixed.
func (v *Vocab) Affixes() (prefix, suffix string) {
	if v.affixed == nil {
		return "", ""
	}
	return v.affixed.Prefix, v.affixed.Suffix
}

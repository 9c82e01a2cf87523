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

// check returns an error if a merge makes a token that could be spelled in two
// ways, because an affix is in the text.
func (a *Affixes) check(m *Merges) error {
	for rank, p := range m.Pairs {
		text, left, right := m.Texts.Of(p[2]), m.Texts.Of(p[0]), m.Texts.Of(p[1])
		if strings.Join(a.parts(text), "\x00") != strings.Join(append(a.parts(left), a.parts(right)...), "\x00") {
			return fmt.Errorf("merge %d makes %q of %q and %q: where words begin or end is not clear", rank, text, left, right)
		}
	}
	return nil
}

// affixedBases makes the base symbols behind the bytes that characters fall back
// to: the tokens of one byte or character.
func (b *builder) affixedBases() {
	b.v.affixed = &affixed{*b.m.Affixes, map[string]uint32{}}
	for id := range uint32(b.m.Texts.Len()) {
		text := b.m.Texts.Of(id)
		if parts := b.m.Affixes.parts(text); len(parts) == 1 && b.of[id] == None {
			b.of[id] = b.v.addBase(id)
			b.v.affixed.symbols[text] = b.of[id]
		}
	}
}

// parts returns the base symbols that a token is made of, as they are spelled.
func (a *Affixes) parts(token string) []string {
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
	v.gaps = true
	if !wholeRule {
		v.indexWholes(0)
		return
	}
	if v.affixed.Raw != nil {
		v.texts = v.texts.Map(func(token string) string {
			text, _ := v.affixed.Raw(token)
			return text
		})
	}
	v.indexWholes(len(v.ids))
}

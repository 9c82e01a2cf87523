package filter

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrases finds any of a set of phrases in a text, in one pass over its bytes:
// an automaton after Aho and Corasick (CACM 1975) with all transitions written
// out. White space, case and apostrophes are in the automaton; borders of words
// are looked at where a phrase was found.
type phrases struct {
	rules phraseRules
	texts [][]rune // the phrases, normalised
	class [256]uint8
	next  []uint32 // by row of the state plus class: row of the next state, with the mark accepts
	width int      // entries in a row
	ends  []int32  // by state: the phrase that ends there, or -1
	fewer []uint32 // by state: the longest state that is its suffix and ends a phrase, or 0
}

type phraseRules struct{ matchCase, partOfWord bool }

// accepts marks the transitions after which a phrase has ended.
const accepts = 1 << 31

// maxPhraseStates bounds the automaton to some hundred MiB.
const maxPhraseStates = 1 << 20

func newPhrases(list []string, rules phraseRules) (*phrases, error) {
	if len(list) == 0 {
		return nil, errors.New("it needs at least one keyword")
	}
	p := &phrases{rules: rules}
	b := phraseTrie{nodes: []phraseNode{{ends: -1}}}
	for _, text := range list {
		normal := p.normalize(text)
		if len(normal) == 0 {
			return nil, fmt.Errorf("the keyword %q is empty", text)
		}
		b.add(normal, int32(len(p.texts)), rules.matchCase)
		p.texts = append(p.texts, normal)
		if len(b.nodes) > maxPhraseStates {
			return nil, fmt.Errorf("the keywords are too long together: more than %d characters that differ", maxPhraseStates)
		}
	}
	p.compile(b.nodes)
	return p, nil
}

// normalize gives a phrase the form in which the automaton knows it: without
// white space at the ends, one space for each run within, plain apostrophes,
// and one case.
func (p *phrases) normalize(text string) (out []rune) {
	for _, c := range strings.TrimSpace(text) {
		switch {
		case unicode.IsSpace(c):
			if out[len(out)-1] == ' ' {
				continue
			}
			c = ' '
		case c == '\u2019':
			c = '\''
		case !p.rules.matchCase:
			c = foldRune(c)
		}
		out = append(out, c)
	}
	return out
}

// foldRune returns one rune for all that differ in case alone. The two that
// fold to a letter of ASCII from outside, U+017F and U+212A, stay what they are.
func foldRune(c rune) rune {
	if c < utf8.RuneSelf {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	least := c
	for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
		if f < utf8.RuneSelf {
			return c
		}
		least = min(least, f)
	}
	return least
}

// found reports whether one of the phrases is in the text.
func (p *phrases) found(text string) bool {
	state := uint32(0)
	for i := 0; i < len(text); i++ {
		state = p.next[state+uint32(p.class[text[i]])]
		if state&accepts != 0 {
			state &^= accepts
			if p.endsAt(text, i+1, state/uint32(p.width)) {
				return true
			}
		}
	}
	return false
}

// endsAt reports whether a phrase that ends before byte end, in that state, has
// the borders that it needs.
func (p *phrases) endsAt(text string, end int, state uint32) bool {
	if p.rules.partOfWord {
		return true
	}
	after, _ := utf8.DecodeRuneInString(text[end:])
	for state != 0 {
		if which := p.ends[state]; which >= 0 {
			words := p.texts[which]
			inside := end < len(text) && isWord(after) && isWord(words[len(words)-1])
			if !inside && (!isWord(words[0]) || !wordBefore(text[:end], words)) {
				return true
			}
		}
		state = p.fewer[state]
	}
	return false
}

// wordBefore reports whether a word character stands right before the phrase
// with which text ends.
func wordBefore(text string, phrase []rune) bool {
	for i := len(phrase) - 1; i >= 0; i-- {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
		if phrase[i] == ' ' {
			text = strings.TrimRightFunc(text, unicode.IsSpace)
		}
	}
	before, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && isWord(before)
}

func isWord(c rune) bool {
	if c < utf8.RuneSelf {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
	}
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsMark(c))
}

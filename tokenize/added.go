package tokenize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is found in the text before it is cut, as
// tokenizer.json lists them.
type addedToken struct {
	ID         uint32 `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Lstrip     bool   `json:"lstrip"`
	Rstrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`

	asText bool // found, and taken for text
}

// matcher finds added tokens: the leftmost, of several the longest.
type matcher struct {
	byFirst [256][]addedToken // the longest first
	firsts  []byte
	rare    bool            // no first byte is a space, a letter or a digit
	pairs   [1 << 10]uint64 // the first two bytes of some token
	trie    []trieNode      // the tokens by their bytes, from node 0
	// leads is how often the first byte of tokens stands at the beginning of one at
	// most, by that byte; 0 if some token is that byte alone, any number of times.
	leads [256]int
}

// trieNode is a beginning of tokens.
type trieNode struct {
	next  []trieEdge
	token *addedToken // that ends here
}

type trieEdge struct {
	b    byte
	node int32
}

// newMatcher returns nil if there is nothing to find.
func newMatcher(tokens []addedToken) *matcher {
	if !slices.ContainsFunc(tokens, func(t addedToken) bool { return !t.asText && t.Content != "" }) {
		return nil
	}
	m := &matcher{rare: true}
	for _, t := range tokens {
		if t.Content == "" {
			continue
		}
		b := t.Content[0]
		if m.byFirst[b] == nil {
			m.firsts = append(m.firsts, b)
			m.rare = m.rare && b != ' ' && !isWord(rune(b))
		}
		m.byFirst[b] = append(m.byFirst[b], t)
		for second := range 256 {
			if len(t.Content) == 1 || t.Content[1] == byte(second) {
				m.pairs[int(b)<<2|second>>6] |= 1 << (second & 63)
			}
		}
	}
	m.setLeads()
	m.trie = make([]trieNode, 1, 64)
	for _, list := range m.byFirst {
		slices.SortStableFunc(list, func(a, b addedToken) int { return len(b.Content) - len(a.Content) })
		for i := range list {
			m.grow(&list[i])
		}
	}
	return m
}

// setLeads sets leads.
func (m *matcher) setLeads() {
	for _, first := range m.firsts {
		for _, t := range m.byFirst[first] {
			lead := sameBytes(t.Content)
			if lead == len(t.Content) {
				m.leads[first] = 0
				break
			}
			m.leads[first] = max(m.leads[first], lead)
		}
	}
}

// sameBytes returns how many bytes text begins with that are like the first.
func sameBytes(text string) int {
	n := 0
	for n < len(text) && text[n] == text[0] {
		n++
	}
	return n
}

// grow adds a token to the trie. Of equal ones the first stays.
func (m *matcher) grow(t *addedToken) {
	at := int32(0)
	for i := range len(t.Content) {
		next := m.step(at, t.Content[i])
		if next < 0 {
			next = int32(len(m.trie))
			m.trie = append(m.trie, trieNode{})
			m.trie[at].next = append(m.trie[at].next, trieEdge{t.Content[i], next})
		}
		at = next
	}
	if m.trie[at].token == nil {
		m.trie[at].token = t
	}
}

func (m *matcher) step(at int32, b byte) int32 {
	for _, e := range m.trie[at].next {
		if e.b == b {
			return e.node
		}
	}
	return -1
}

// longest returns the longest token that text begins with, nil if there is none.
func (m *matcher) longest(text string) (t *addedToken) {
	at := int32(0)
	for i := 0; i < len(text); i++ {
		if at = m.step(at, text[i]); at < 0 {
			break
		}
		if m.trie[at].token != nil {
			t = m.trie[at].token
		}
	}
	return t
}

// find returns the first token of text at or after from, nil if there is none. next
// holds where the first bytes of tokens come next, as far as that is known: it goes
// from one call to the next for the same text.
func (m *matcher) find(text string, from int, next *[maxFirsts]int) (at int, t *addedToken) {
	for i := from; i < len(text); i++ {
		if len(m.firsts) <= maxFirsts && m.rare {
			if i = m.skip(text, i, next); i == len(text) {
				break
			}
		}
		b := text[i]
		if i+1 < len(text) {
			if text[i+1] == b && m.leads[b] > 0 {
				// Of a long run only the end may begin a token.
				i += max(0, sameBytes(text[i:])-m.leads[b])
			}
			if i+1 < len(text) && m.pairs[int(b)<<2|int(text[i+1])>>6]>>(text[i+1]&63)&1 == 0 {
				continue
			}
		}
		if t := m.longest(text[i:]); t != nil {
			return i, t
		}
	}
	return len(text), nil
}

// maxFirsts is how many different first bytes are looked for one by one.
const maxFirsts = 4

// skip returns the place at or after i of the next first byte of a token.
func (m *matcher) skip(text string, i int, next *[maxFirsts]int) int {
	least := len(text)
	for k, first := range m.firsts {
		if next[k] <= i && (next[k] < i || i >= len(text) || text[i] != first) {
			next[k] = len(text)
			if at := strings.IndexByte(text[i:], first); at >= 0 {
				next[k] = i + at
			}
		}
		least = min(least, next[k])
	}
	return least
}

// segments calls yield for the parts of text in order: an added token, or, with
// nil, text between them. It stops when yield returns false.
func (m *matcher) segments(text string, yield func(part string, t *addedToken) bool) bool {
	if m == nil {
		return text == "" || yield(text, nil)
	}
	done := 0 // the end of what was yielded
	var next [maxFirsts]int
	for i := 0; ; {
		at, t := m.find(text, i, &next)
		if t == nil {
			break
		}
		start, end := at, at+len(t.Content)
		i = end
		if t.asText || t.SingleWord && (endsInWord(text[:start]) || startsWithWord(text[end:])) {
			continue
		}
		if t.Lstrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if t.Rstrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		if done < start && !yield(text[done:start], nil) {
			return false
		}
		if !yield(text[min(start, end):end], t) {
			return false
		}
		done = end
	}
	return done >= len(text) || yield(text[done:], nil)
}

func endsInWord(text string) bool {
	r, size := utf8.DecodeLastRuneInString(text)
	return size > 0 && isWord(r)
}

func startsWithWord(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return size > 0 && isWord(r)
}

// isWord reports whether r is of \w in Unicode's definition.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}

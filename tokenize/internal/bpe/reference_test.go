package bpe

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// naive merges ids by listed pairs as byte pair encoding is defined: the pair of
// the lowest rank first, of several places the leftmost.
func naive(ids []uint32, pairs [][3]uint32) []uint32 {
	ranks := map[[2]uint32]int{}
	for rank, p := range pairs {
		ranks[[2]uint32{p[0], p[1]}] = rank
	}
	for {
		at, best := -1, len(pairs)
		for i := 1; i < len(ids); i++ {
			if rank, ok := ranks[[2]uint32{ids[i-1], ids[i]}]; ok && rank < best {
				at, best = i-1, rank
			}
		}
		if at < 0 {
			return ids
		}
		ids = append(append(append([]uint32{}, ids[:at]...), pairs[best][2]), ids[at+2:]...)
	}
}

// naiveBase returns the ids before merging, by the definition of Hugging Face's
// tokenizers.
func naiveBase(m *testMerges, piece string) (ids []uint32) {
	chars := map[string]uint32{}
	for id, text := range m.Text {
		if utf8.RuneCountInString(text) == 1 && utf8.ValidString(text) && len(text) > 0 {
			chars[text] = uint32(id)
		}
	}
	waiting := false
	flush := func() {
		if waiting {
			ids = append(ids, uint32(m.Unknown))
		}
		waiting = false
	}
	unknown := func() {
		if m.Unknown < 0 {
			return
		}
		if !m.Fuse {
			flush()
		}
		waiting = true
	}
	bytesOf := func(s string) (out []uint32, ok bool) {
		for i := range len(s) {
			if m.Base[s[i]] < 0 {
				return nil, false
			}
			out = append(out, uint32(m.Base[s[i]]))
		}
		return out, true
	}
	if !m.Chars {
		for i := range len(piece) {
			if b, ok := bytesOf(piece[i : i+1]); ok {
				flush()
				ids = append(ids, b...)
			} else {
				unknown()
			}
		}
		flush()
		return ids
	}
	for _, r := range piece {
		if id, ok := chars[string(r)]; ok {
			flush()
			ids = append(ids, id)
		} else if b, ok := bytesOf(string(r)); ok {
			ids = append(ids, b...)
		} else {
			unknown()
		}
	}
	flush()
	return ids
}

// vocabulary is what randomMerges makes.
type vocabulary struct {
	ordered, chars, gaps, unknown, fuse bool
}

// alphabet is what random texts and tokens are made of.
var alphabet = []string{"a", "b", "c", "=", " ", "é", "中", "文", "ж", "😀"}

// testMerges is Merges with the texts by themselves.
type testMerges struct {
	Merges
	Text []string
}

// textsOf puts texts together.
func textsOf(list []string) *Texts {
	all, ends := "", []uint32{}
	for _, text := range list {
		all += text
		ends = append(ends, uint32(len(all)))
	}
	return NewTexts(all, ends)
}

func (m *testMerges) build(t testing.TB) *Vocab {
	m.Texts = textsOf(m.Text)
	require.NoError(t, m.Check())
	return m.Build()
}

// randomMerges returns merges of random tokens.
func randomMerges(rng *rand.Rand, n int, kind vocabulary) *testMerges {
	m := &testMerges{Merges: Merges{Chars: kind.chars, Unknown: -1, Fuse: kind.fuse}}
	add := func(text string) uint32 {
		m.Text = append(m.Text, text)
		return uint32(len(m.Text) - 1)
	}
	if kind.unknown {
		m.Unknown = int(add("<unknown>"))
	}
	var tokens []uint32
	for b := range m.Base {
		m.Base[b] = -1
		if !kind.gaps || rng.IntN(12) > 0 {
			m.Base[b] = int(add(string([]byte{byte(b)})))
		}
	}
	of := map[string]uint32{}
	if kind.chars {
		for b, id := range m.Base {
			if id >= 0 && b < 0x80 {
				m.Text[id] = "<" + string(rune('!'+b)) + ">" // a fallback byte is no character
			}
		}
		for _, c := range alphabet[:len(alphabet)-2] {
			tokens = append(tokens, add(c))
			of[c] = tokens[len(tokens)-1]
		}
	} else {
		for _, c := range strings.Join(alphabet, "") {
			for _, b := range []byte(string(c)) {
				if id := m.Base[b]; id >= 0 {
					tokens = append(tokens, uint32(id))
					of[m.Text[id]] = uint32(id)
				}
			}
		}
	}
	for len(m.Pairs) < n {
		a, b := tokens[rng.IntN(len(tokens))], tokens[rng.IntN(len(tokens))]
		text := m.Text[a] + m.Text[b]
		if len(text) > 40 {
			continue
		}
		id, ok := of[text]
		if !ok {
			id = add(text)
			of[text] = id
			tokens = append(tokens, id)
		}
		m.Pairs = append(m.Pairs, [3]uint32{a, b, id})
	}
	if !kind.ordered {
		for range n / 10 {
			i, j := rng.IntN(n), rng.IntN(n)
			m.Pairs[i], m.Pairs[j] = m.Pairs[j], m.Pairs[i]
		}
	}
	return m
}

// randomText returns a text of parts of the alphabet, some of them repeated.
func randomText(rng *rand.Rand, parts int) string {
	var b strings.Builder
	pool := alphabet
	if rng.IntN(3) == 0 {
		pool = []string{alphabet[rng.IntN(len(alphabet))], alphabet[rng.IntN(len(alphabet))]}
	}
	for range 1 + rng.IntN(parts) {
		b.WriteString(strings.Repeat(pool[rng.IntN(len(pool))], 1+max(0, rng.IntN(16)-12)*rng.IntN(12)))
	}
	return b.String()
}

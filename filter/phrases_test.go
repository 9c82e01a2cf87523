package filter

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reference is what phrases must agree with: a regular expression with borders
// of words as phrases have them.
func reference(list []string, rules phraseRules) func(string) bool {
	var alternatives []string
	for _, text := range list {
		plain := strings.ReplaceAll(strings.Join(strings.FieldsFunc(text, unicode.IsSpace), " "), "’", "'")
		p := strings.ReplaceAll(regexp.QuoteMeta(plain), "'", `['’]`)
		p = strings.ReplaceAll(p, " ", "[ \\t\\n\\v\\f\\r\u00a0]+")
		runes := []rune(strings.TrimSpace(text))
		if !rules.partOfWord {
			if isWord(runes[0]) {
				p = `(?:^|[^\pL\pN\pM_])` + p
			}
			if isWord(runes[len(runes)-1]) {
				p += `(?:$|[^\pL\pN\pM_])`
			}
		}
		alternatives = append(alternatives, p)
	}
	flags := "(?s)"
	if !rules.matchCase {
		flags = "(?is)"
	}
	return regexp.MustCompile(flags + strings.Join(alternatives, "|")).MatchString
}

// TestPhrasesAgreeWithRegexp makes phrases and texts of few characters, so that
// they overlap in many ways.
func TestPhrasesAgreeWithRegexp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	found := 0
	for range 4000 {
		phraseAlphabet, textAlphabet := []rune("aabé' -1"), []rune("aaAbBéÉ'’  \n\u00a0-1_日")
		if rng.IntN(2) == 0 {
			phraseAlphabet, textAlphabet = []rune("ks σs日."), []rune("kKsS σςΣ日.　x")
		}
		random := func(alphabet []rune, n int) string {
			out := make([]rune, n)
			for i := range out {
				out[i] = alphabet[rng.IntN(len(alphabet))]
			}
			return string(out)
		}
		var list []string
		for range 1 + rng.IntN(4) {
			if p := random(phraseAlphabet, 1+rng.IntN(5)); strings.TrimSpace(p) != "" {
				list = append(list, p)
			}
		}
		if len(list) == 0 {
			continue
		}
		rules := phraseRules{rng.IntN(3) == 0, rng.IntN(3) == 0}
		p, err := newPhrases(list, rules)
		require.NoError(t, err)
		want := reference(list, rules)
		for range 5 {
			text := random(textAlphabet, rng.IntN(14))
			if !assert.Equal(t, want(text), p.found(text), "%q in %q, %+v", list, text, rules) {
				return
			}
			if want(text) {
				found++
			}
		}
	}
	assert.Greater(t, found, 1000, "the texts hold the phrases now and then")
}

func TestExpand(t *testing.T) {
	assert.Equal(t, []string{"a x", "b x", "c d x", "c e x"}, expand("{a|b|c {d|e}} x"))
	assert.Equal(t, []string{"plain", "xy", "x"}, expand("plain", "x{y|}"))
	for _, list := range [][]string{refusals(), identities(), mentions()} {
		for _, p := range list {
			assert.NotContains(t, p, "{")
			assert.NotContains(t, p, "|")
			assert.Equal(t, strings.ToLower(p), p)
		}
		t.Log(len(list), "phrases")
	}
}

func FuzzPhrases(f *testing.F) {
	f.Add("new york", "york", "New\nYork", false, false)
	f.Add("i'm sorry", "x", "I’m  sorry.", false, true)
	f.Add("\xff", "é", "É\xff", true, false)
	f.Fuzz(func(t *testing.T, a, b, text string, matchCase, part bool) {
		rules := phraseRules{matchCase, part}
		p, err := newPhrases([]string{a, b}, rules)
		if err != nil {
			return
		}
		one, err := newPhrases([]string{a}, rules)
		require.NoError(t, err)
		other, err := newPhrases([]string{b}, rules)
		require.NoError(t, err)
		assert.Equal(t, one.found(text) || other.found(text), p.found(text), "two phrases find what either finds")
		if c := strings.Join(strings.Fields(a), " "); strings.ToValidUTF8(c, "") == c {
			assert.True(t, p.found(c) && p.found(". "+c+" ."), "a phrase finds itself")
		}
	})
}

package onig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// matches returns the matches of a pattern, by Oniguruma's rules.
func matches(t testing.TB, pattern, text string) (out []string) {
	re, err := Compile(pattern)
	require.NoError(t, err, pattern)
	re.Matches(text, func(from, to int) bool {
		out = append(out, text[from:to])
		return true
	})
	return out
}

// TestSyntax holds where Oniguruma's syntax differs from that of the engine
// behind; testdata/forms.tsv of package tokenize compares many more patterns with
// Oniguruma itself.
func TestSyntax(t *testing.T) {
	for _, test := range []struct{ pattern, text, want string }{
		{`\p{N}{1,3}+`, "x12345", "12345"}, // braces are never possessive
		{`a{2}?`, "aaa", "aa||"},           // nor lazy without a comma
		{`a*+ab|b`, "aab", "b"},
		{`a++`, "baa", "aa"},
		{`[\p{L}&&[^\p{Han}]]+`, "aà中b", "aà|b"},
		{`[^a-c&&[b-z]]+`, "abcd", "a|d"},
		{`\h+`, "xBeeF", "BeeF"},
		{`(?i:k)`, "kK\u212a", "k|K|\u212a"},
		{`(?i:'s)`, "'s'S'ſ", "'s|'S|'ſ"},
		{`.+`, "a\r\nb", "a\r|b"},
		{`(?m:.+)`, "a\nb", "a\nb"},
		{`^a`, "a\na", "a|a"},
		{`a$`, "a\na", "a|a"},
		{`\R`, "\r\n\n", "\r\n|\n"},
		{`[[:alpha:]]+`, "aé1ⅷ", "aé|ⅷ"},
		{`\p{^L}+`, "a12b", "12"},
		{`\p{Lowercase_Letter}+`, "aB", "a"},
		{`a{,2}`, "aaa", "aa|a|"},
		{`a(?#note)b`, "ab", "ab"},
		{`\x{4e00}\u4e8c`, "一二", "一二"},
		{`[\w]+`, "a_²Ⓐ", "a_²Ⓐ"},
		{`\p{Lu}+`, "\u1c89A", "\u1c89A"}, // of Unicode 16
		{`\p{Nd}`, "\U00010d40", "\U00010d40"},
		{`{a}`, "{a}", "{a}"},
		{`[a\]-]+`, "a]-", "a]-"},
	} {
		assert.Equal(t, test.want, strings.Join(matches(t, test.pattern, test.text), "|"), test.pattern)
	}
}

func TestWhatHasNoTranslationIsRefused(t *testing.T) {
	for _, pattern := range []string{`(a`, `a)`, `[a`, `*a`, `\p{Klingon}`, `\p{L`, `\X`, `a\K`, `(?x: a)`, `\k<a>`, `\xff`, `[z-a]`, `[[:upper:]]`, `(?i)a|(?<b`, `\`, `a(?i)b|c`, `(?i:\p{Lu})`} {
		_, err := Compile(pattern)
		require.ErrorIs(t, err, ErrSyntax, pattern)
	}
}

// FuzzCompile compiles and runs any pattern: it is an error or it matches.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{`(?i:'s|'t)|[^\r\n\p{L}]?\p{L}++|\s+(?!\S)|\s+`, `[\p{L}&&[^\p{Han}]]{2,3}+`, `(?<a>[[:^alpha:]])(?>b)$`, `\b\x{61}\h`} {
		f.Add(pattern, "it's a 12\n ")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 40 || len(text) > 12 { // short, as patterns may take exponential time
			return
		}
		re, err := Compile(pattern)
		if err != nil {
			return
		}
		n, done := 0, 0
		re.Matches(text, func(from, to int) bool {
			if from < done || to < from || to > len(text) {
				t.Fatalf("%q in %q: a match from %d to %d after %d", pattern, text, from, to, done)
			}
			done = to
			n++
			return n < 100
		})
	})
}

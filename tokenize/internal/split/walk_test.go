package split

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reference cuts text with the regular expressions of a family, each of which
// cuts what the one before left in parts; what none matches stays a piece.
type reference []*regexp2.Regexp

func newReference(patterns ...string) reference {
	var r reference
	for _, p := range patterns {
		r = append(r, regexp2.MustCompile(p, regexp2.None))
	}
	return r
}

func (r reference) cut(text string) []string {
	parts := []string{text}
	for _, re := range r {
		var next []string
		for _, part := range parts {
			runes := []rune(part)
			from := 0
			m, _ := re.FindStringMatch(part)
			for ; m != nil; m, _ = re.FindNextMatch(m) {
				if m.Index > from {
					next = append(next, string(runes[from:m.Index]))
				}
				next = append(next, string(runes[m.Index:m.Index+m.Length]))
				from = m.Index + m.Length
			}
			if from < len(runes) {
				next = append(next, string(runes[from:]))
			}
		}
		parts = next
	}
	return parts
}

const (
	gpt2Pattern  = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	cl100kTail   = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	contractions = `(?i:'s|'t|'re|'ve|'m|'ll|'d|'ſ)` // the engine of the test does not fold U+017F
	head         = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	tail         = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
)

func references() map[*Family]reference {
	cased := func(suffix, digits string) string {
		return `[^\r\n\p{L}\p{N}]?` + head + `*` + tail + `+` + suffix + `|[^\r\n\p{L}\p{N}]?` + head + `+` + tail + `*` + suffix +
			`|` + digits + `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	}
	return map[*Family]reference{
		&GPT2:   newReference(gpt2Pattern),
		&Digits: newReference(`\p{N}`, gpt2Pattern),
		&CL100K: newReference(contractions + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` + cl100kTail),
		&Qwen2:  newReference(contractions + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` + cl100kTail),
		&Qwen35: newReference(contractions + `|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`),
		&O200K:  newReference(cased(contractions+`?`, `\p{N}{1,3}`)),
		&Tekken: newReference(cased(``, `\p{N}`)),
		&DeepSeek: newReference(`\p{N}{1,3}`, "[一-龥\u3040-ゟ゠-ヿ]+",
			"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
	}
}

// alphabet is made of the parts that families disagree about.
var alphabet = []string{
	"a", "the", "S", "'", "'s", "'re", "'LL", "'ſ", "ſ", "1", "23", "4567", " ", "  ", "\n", "\r\n", "\t", ".", "...", "(", "_", "/", "//", "é", "É", "中",
	"文字", "か", "カ", "\u3040", "—", "。", "\u3000", "\u00a0", "\u0085", "\u2028", "١", "²", "😀", "\v", "\x1c", "\x00", "e\u0301", "\u0301", "\u200b", "A", "AB", "aB", "ǅ", "ʰ", "ª",
	"क", "ि", "ا", "\U0001D400", "ab cd", "x", " '", "foo's", "I'VE", "don't've",
	"・", "\u3099", "゛", "ー", "\u00ad", "\ufeff", "я", "Я", "Ѣ", "ѣ", "，", "鿿", "鿕", "㐀", "一", "𠀀", "กำ", "한글", "\U000E0001", "½", "़", "߀", "\u2009",
}

// random returns a text of up to n parts of the alphabet.
func random(rng *rand.Rand, n int) string {
	var b strings.Builder
	few := rng.IntN(3) == 0
	pool := alphabet
	if few {
		pool = []string{alphabet[rng.IntN(len(alphabet))], alphabet[rng.IntN(len(alphabet))], alphabet[rng.IntN(len(alphabet))], alphabet[rng.IntN(len(alphabet))]}
	}
	for range 1 + rng.IntN(n) {
		part := pool[rng.IntN(len(pool))]
		for range 1 + max(0, rng.IntN(12)-8) {
			b.WriteString(part)
		}
	}
	return b.String()
}

func pieces(t testing.TB, f *Family, text string) (out []string) {
	for from := 0; from < len(text); {
		end := f.Next(text, from)
		require.Greater(t, end, from, "%q at %d", text, from)
		out = append(out, text[from:end])
		from = end
	}
	return out
}

func TestNextCutsAsThePatternsDo(t *testing.T) {
	for f, ref := range references() {
		t.Run(f.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			for range 30000 {
				text := random(rng, 12)
				if !assert.Equal(t, ref.cut(text), pieces(t, f, text), "%q", text) {
					return
				}
			}
		})
	}
}

// kindsOfText has a character or two of each class and size that some pattern tells
// from the others.
var kindsOfText = []string{
	"a", "A", "é", "Я", "中", "か", "・", "\u0301", "\u3099", "1", "٣", "'s", " ", "\u3000", "\n", ".", "—", "/", "\x01", "\u200b", "\u3040", "😀", "\U000E0001",
}

// threes calls f with all sequences of three kinds.
func threes(f func(text string) bool) {
	for _, a := range kindsOfText {
		for _, b := range kindsOfText {
			for _, c := range kindsOfText {
				if !f(a + b + c) {
					return
				}
			}
		}
	}
}

func TestNextCutsAllSequencesOfThree(t *testing.T) {
	for f, ref := range references() {
		t.Run(f.Name, func(t *testing.T) {
			threes(func(text string) bool {
				return assert.Equal(t, ref.cut(text), pieces(t, f, text), "%q", text)
			})
		})
	}
}

package normal

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// TestStableTextsAreNormal holds the shortcut against the library: texts of
// stable characters are their own normal form.
func TestStableTextsAreNormal(t *testing.T) {
	for i, name := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		f, ok := Named(name)
		require.True(t, ok)
		assert.Equal(t, name, f.Name())
		var stable []rune
		for r := rune(0); r < limit; r++ {
			if f.stable[r/64]>>(r%64)&1 != 0 {
				stable = append(stable, r)
			}
		}
		assert.Greater(t, len(stable), 60_000)
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		for range 20_000 {
			var b strings.Builder
			for range 1 + rng.IntN(12) {
				b.WriteRune(stable[rng.IntN(len(stable))])
			}
			require.True(t, norm.Form(i).IsNormalString(b.String()), "%q", b.String())
		}
	}
}

// TestOldTables holds characters that the reference, of Unicode 12, leaves alone.
func TestOldTables(t *testing.T) {
	nfc, _ := Named("NFC")
	for text, want := range map[string]string{
		"e\u0301":                           "é",
		"plain":                             "plain",
		"\u1112\u1161":                      "하",
		"\u1df6\u0301e":                     "\u1df6\u0301e", // a mark of Unicode 14 takes part in nothing
		"a\u0301\u0323":                     "\u1ea1\u0301",
		"中文e\u0301":                         "中文é",
		strings.Repeat("a", 50) + "e\u0301": strings.Repeat("a", 50) + "é",
	} {
		assert.Equal(t, want, nfc.String(text), "%+q", text)
	}
	_, ok := Named("NFX")
	assert.False(t, ok)
	assert.Equal(t, "e中", StripAccents("e\u0301中"))
	assert.Equal(t, "é", StripAccents("é"))
}

// TestLongTextsAreNormalisedInParts compares with the library on texts that the
// reference's tables agree about.
func TestLongTextsAreNormalisedInParts(t *testing.T) {
	alphabet := []string{"a", "e", "o", "plain text of ASCII ", "\u0301", "\u0323", "\u0334", "\u0328", "é", "\u1100", "\u1161", "\u11a8", "한", "中", "か\u3099",
		"\u212b", "ﬁ", "য়", "\u09c0", "\u0981", "\u09bc", "ড", "ড়", "\u0bc6", "\u0bbe", "\u0e31", "\u0e48", "й", "и", "\u0306", "が", "\u0344", "豈", "क", "\u093c", "\u094d", "\u09c7", "\u09be", "ا", "\u0653", "\u064b", "\U0001d15e", "😀", "\u0f71\u0f72", "가", "x", "\u3000", "Å", "\U00020BB7", "\U0002F804", "\u2126", "½"}
	for i, name := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		f, _ := Named(name)
		rng := rand.New(rand.NewPCG(uint64(i), 2))
		for range 50_000 {
			var b strings.Builder
			for range 1 + rng.IntN(14) {
				b.WriteString(alphabet[rng.IntN(len(alphabet))])
			}
			require.Equal(t, norm.Form(i).String(b.String()), f.String(b.String()), "%+q", b.String())
		}
	}
}

// TestIdeographsAreStable holds what is beyond the tables against the library.
func TestIdeographsAreStable(t *testing.T) {
	for i, name := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		f, _ := Named(name)
		for r := rune(limit); r < limitIdeographs; r++ {
			p := norm.Form(i).PropertiesString(string(r))
			require.True(t, f.isStable(r) && p.CCC() == 0 && p.BoundaryBefore() && norm.Form(i).IsNormalString(string(r)), "%U", r)
		}
		assert.False(t, f.isStable(limitIdeographs))
		assert.Equal(t, "你", f.String("\U0002F804"))
	}
}

// TestUnionsAreNormal holds every two characters that become one, alone, between
// others and with marks behind, against the library.
func TestUnionsAreNormal(t *testing.T) {
	for i, name := range map[norm.Form]string{norm.NFC: "NFC", norm.NFKC: "NFKC"} {
		f, _ := Named(name)
		assert.Greater(t, len(f.unions), 900)
		for two := range f.unions {
			pair := string(two[0]) + string(two[1])
			for _, text := range []string{pair, "a" + pair + "b", pair + pair, pair + "\u0301", "\u0323" + pair, pair + "\u3000" + pair, "\U00020BB7" + pair} {
				require.Equal(t, i.String(text), f.String(text), "%+q", text)
			}
		}
	}
}

// TestPairsAreAllPairs holds what may become one with a character before it against
// every such character: where the tables see no pair the library makes none.
func TestPairsAreAllPairs(t *testing.T) {
	for i, name := range []string{"NFC", "NFKC"} {
		f, _ := Named(name)
		form := []norm.Form{norm.NFC, norm.NFKC}[i]
		var buf []byte
		marks := 0
		for b := rune(0); b < limit; b++ {
			if f.pairing[b/64]>>(b%64)&1 == 0 {
				continue
			}
			marks++
			for a := rune(i); a < limit; a += 2 { // half of them for each form
				if !f.isStable(a) || f.mayPair(a, b) {
					continue
				}
				buf = utf8.AppendRune(utf8.AppendRune(buf[:0], a), b)
				if !form.IsNormal(buf) {
					require.Equal(t, string(buf), form.String(string(buf)), "%+q", string(buf))
				}
			}
		}
		assert.Greater(t, marks, 50)
	}
}

func BenchmarkStable(b *testing.B) {
	f, _ := Named("NFC")
	for name, text := range map[string]string{"ascii": strings.Repeat("the quick brown fox ", 100), "han": strings.Repeat("河流经过老磨坊，", 100), "mixed": strings.Repeat("café au lait, ", 100)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				f.String(text)
			}
		})
	}
}

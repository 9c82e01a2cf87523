package tokenize_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	tiktoken "github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize"
)

// referenceBytes bounds what is read of each shared file; -reference-bytes
// 1000000000 reads all of them, which takes the reference a quarter of an hour.
var referenceBytes = flag.Int("reference-bytes", 6_000, "the bytes of each shared file that tiktoken-go encodes")

// referenceNames are the encodings that tiktoken-go knows.
var referenceNames = []string{"cl100k_base", "o200k_base", "p50k_base", "p50k_edit", "r50k_base"}

var reference = sync.OnceValue(func() map[string]*tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	out := map[string]*tiktoken.Tiktoken{}
	for _, name := range referenceNames {
		enc, err := tiktoken.GetEncoding(name)
		if err != nil {
			panic(err)
		}
		out[name] = enc
	}
	return out
})

var ours = sync.OnceValue(func() map[string]*tokenize.Tokenizer {
	out := map[string]*tokenize.Tokenizer{}
	for _, name := range tokenize.Names() {
		tok, err := tokenize.Encoding(name)
		if err != nil {
			panic(err)
		}
		out[name] = tok
	}
	return out
})

// same compares with tiktoken-go: ids, count, and the text that they decode to.
func same(t testing.TB, name, text string) {
	tok := ours()[name]
	want := reference()[name].EncodeOrdinary(text)
	got := tok.Append(nil, text)
	equal := len(want) == len(got)
	for i := range min(len(want), len(got)) {
		equal = equal && want[i] == int(got[i])
	}
	require.True(t, equal, "%s of %q: %v, tiktoken-go %v", name, text, got, want)
	require.Equal(t, len(want), tok.Count(text), "%s of %q", name, text)
	decoded, err := tok.Decode(got)
	require.NoError(t, err)
	require.Equal(t, strings.ToValidUTF8(string([]rune(text)), "\ufffd"), decoded)
}

// TestTiktokenGoOnSharedText compares on text of all shared data.
func TestTiktokenGoOnSharedText(t *testing.T) {
	shared := sharedTexts(t, *referenceBytes)
	for _, file := range slices.Sorted(maps.Keys(shared)) {
		for _, text := range shared[file] {
			for _, name := range referenceNames {
				same(t, name, newerThanGo(text))
			}
		}
	}
}

// newerThanGo leaves out what tiktoken-go, with the tables of Go 1.26, takes for
// unassigned, and the long s, which its engine does not fold.
func newerThanGo(text string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ſ' || r >= 0x2EBF0 && r <= 0x2EE5D || r >= 0x1C89 && r <= 0x1C8A {
			return -1
		}
		return r
	}, text)
}

// adversarial is what tokenizers disagree about.
var adversarial = []string{"a", "the", "S", "'", "'s", "'re", "'LL", "1", "23", "4567", " ", "\r\n", "\t", ".", "...", "(", "_", "é", "中", "—", "\u3000", "\u00a0",
	"١", "😀", "\v", "\x1c", "e\u0301", "\n", "  ", "A", "aB", "/", "ǅ", "\u2028", "²", "한", "क", "ि", "hello", " world", "=", "\x00", "\u200b", "Ж", "ж"}

// adversarialText returns up to n parts of the alphabet, some in runs; one in four
// texts is longer than a block of the scanner.
func adversarialText(rng *rand.Rand, n int) string {
	pool := adversarial
	if rng.IntN(3) == 0 {
		pool = []string{adversarial[rng.IntN(len(adversarial))], adversarial[rng.IntN(len(adversarial))], adversarial[rng.IntN(len(adversarial))]}
	}
	var b strings.Builder
	if rng.IntN(4) == 0 {
		b.WriteString(strings.Repeat("x", rng.IntN(70)))
	}
	for range 1 + rng.IntN(n) {
		b.WriteString(strings.Repeat(pool[rng.IntN(len(pool))], 1+max(0, rng.IntN(12)-8)))
	}
	return b.String()
}

// TestTiktokenGoOnRandomText compares on random texts over the alphabet.
func TestTiktokenGoOnRandomText(t *testing.T) {
	for _, name := range referenceNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(21, 1))
			for range 2500 {
				same(t, name, adversarialText(rng, 24))
			}
		})
	}
}

// TestTextsThatRepeat compares on texts of parts that repeat themselves, cut off
// anywhere: what merging has found at one place is looked up at others.
func TestTextsThatRepeat(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	check := func(text string) {
		for _, name := range []string{"o200k_base", "cl100k_base", "p50k_base"} {
			same(t, name, text)
		}
	}
	check(strings.Repeat("երեն", 21))
	for range 300 {
		part := adversarialText(rng, 3)
		text := []rune(strings.Repeat(part, 1+400/len(part)))
		check(string(text[:len(text)-rng.IntN(min(len(text), len(part)))]))
	}
}

// FuzzTiktokenGo compares any text with tiktoken-go: as it is, and as numbers that
// choose parts of the alphabet.
func FuzzTiktokenGo(f *testing.F) {
	for _, text := range adversarial {
		f.Add("ab"+text+text+"c", true)
	}
	f.Add("\xff\xc3 truncated \xe4\xb8", true)
	f.Add(strings.Repeat("0123456789", 20), false)
	f.Fuzz(func(t *testing.T, text string, asText bool) {
		if len(text) > 2000 {
			return
		}
		if !asText {
			parts := ""
			for i := range len(text) {
				parts += strings.Repeat(adversarial[int(text[i])%len(adversarial)], 1+int(text[i])/200)
			}
			text = parts
		}
		text = olderText(newerThanGo(text))
		for _, name := range referenceNames {
			same(t, name, text)
		}
	})
}

// olderText leaves out all that Go's tables do not know.
func olderText(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x250 && !assigned(r) {
			return -1
		}
		return r
	}, text)
}

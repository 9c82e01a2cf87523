package tokenize_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/tokenize"
)

func ExampleTokenizer_CountCuts() {
	tok, err := tokenize.Encoding("cl100k_base")
	if err != nil {
		fmt.Println(err)
		return
	}
	cuts := []tokenize.Cut{{At: 5}, {At: 8}} // after "hello", inside of " world"
	fmt.Println(tok.CountCuts("hello world", cuts), cuts)
	// Output: 2 [{5 1 1} {8 2 1}]
}

// TestCuts holds cuts against the lengths of all tokens.
func TestCuts(t *testing.T) {
	tok, err := tokenize.EncodingWith("cl100k_base", &tokenize.Options{Special: tokenize.Parse})
	require.NoError(t, err)
	checkCuts(t, tok, true)
	dir := shareddata.Tokenizers(t)
	for _, name := range []string{"llama3.1", "qwen3", "mistral-7b-v0.1", "mistral-7b-v0.3", "deepseek-v3", "gpt-neox-20b"} {
		t.Run(name, func(t *testing.T) {
			tok, err := tokenize.File(filepath.Join(dir, name, "tokenizer.json"), nil)
			require.NoError(t, err)
			checkCuts(t, tok.Parsing(), !strings.HasPrefix(name, "mistral") && name != "gpt-neox-20b")
		})
	}
}

func checkCuts(t *testing.T, tok *tokenize.Tokenizer, bytes bool) {
	rng := rand.New(rand.NewPCG(1, 2))
	parts := []string{"<|endoftext|>", "<|eot_id|>", "</s>", "\n\n", " ", "Hello", "é", "中文", "12345", "...", "\n", "'s", "  x", "\U0001f600"}
	for range 400 {
		var b strings.Builder
		for range rng.IntN(12) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		text := b.String()
		cuts := make([]tokenize.Cut, 0, len(text)+1)
		for at := range len(text) + 1 {
			cuts = append(cuts, tokenize.Cut{At: at})
		}
		require.Equal(t, tok.Count(text), tok.CountCuts(text, cuts), "%q", text)
		ids := tok.Append(nil, text)
		ends := []int{}
		at := 0
		for _, id := range ids {
			s, err := tok.Decode([]uint32{id})
			require.NoError(t, err)
			at += len(s)
			ends = append(ends, at)
		}
		for i, c := range cuts {
			require.LessOrEqual(t, c.Ended, c.Begun)
			if i > 0 {
				require.GreaterOrEqual(t, c.Begun, cuts[i-1].Begun, "%q", text)
			}
			if !bytes || strings.Contains(text, "e\u0301") {
				continue
			}
			begun, ended := 0, 0
			for j, end := range ends {
				if j == 0 && c.At > 0 || j > 0 && ends[j-1] < c.At {
					begun++
				}
				if end <= c.At {
					ended++
				}
			}
			assert.Equal(t, tokenize.Cut{At: c.At, Begun: begun, Ended: ended}, c, "%q", text)
		}
	}
}

// TestCutsBetweenWords holds cuts where the white space between words is removed.
func TestCutsBetweenWords(t *testing.T) {
	f := readForms(t)
	for _, form := range f.Forms {
		switch form.Name {
		case "words and unknown", "clip", "gpt 1", "inside", "bert", "whitespace":
		default:
			continue
		}
		tok, err := tokenize.Read(strings.NewReader(f.build(t, form)), form.Name, nil)
		require.NoError(t, err)
		text, cuts := "", []tokenize.Cut{}
		words := []string{"the", "river", "counts", "boats", "daughter", "mill", "water", "brings", "number"}
		for i := range 40 {
			text += words[i%len(words)] + strings.Repeat(" ", 1+i%5)
			cuts = append(cuts, tokenize.Cut{At: len(text)})
		}
		require.Equal(t, tok.Count(text), tok.CountCuts(text, cuts))
		for _, c := range cuts {
			want := tok.Count(text[:c.At])
			assert.Equal(t, tokenize.Cut{At: c.At, Begun: want, Ended: want}, c, "%s, before %q", form.Name, text[c.At:])
		}
	}
}

func TestCutsOfInvalidText(t *testing.T) {
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	cuts := []tokenize.Cut{{At: 2}}
	assert.Equal(t, tok.Count("a\xffb"), tok.CountCuts("a\xffb", cuts))
	assert.Equal(t, tok.Count("a\ufffd"), cuts[0].Begun)
}

func TestParsing(t *testing.T) {
	plain, err := tokenize.Encoding("o200k_harmony")
	require.NoError(t, err)
	special, err := tokenize.EncodingWith("o200k_harmony", &tokenize.Options{Special: tokenize.Parse})
	require.NoError(t, err)
	parsing := plain.Parsing()
	text := "<|start|>user<|message|>Hi<|end|>"
	assert.Equal(t, special.Append(nil, text), parsing.Append(nil, text))
	assert.Less(t, parsing.Count(text), plain.Count(text))
	assert.NotEqual(t, plain.Fingerprint(), parsing.Fingerprint())
	assert.Same(t, special, special.Parsing())
}

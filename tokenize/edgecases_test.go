package tokenize_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize"
)

// assigned reports whether Go's tables know r.
func assigned(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co)
}

// TestWhiteSpaceExhaustively compares with tiktoken-go every text of a letter and
// up to six characters of white space, at the end of the text and before a letter,
// and a sample of longer ones.
func TestWhiteSpaceExhaustively(t *testing.T) {
	spaces := []string{" ", "\t", "\r", "\n"}
	var grow func(text string, left int, check func(string))
	grow = func(text string, left int, check func(string)) {
		check(text)
		for _, s := range spaces {
			if left > 0 {
				grow(text+s, left-1, check)
			}
		}
	}
	tok := ours()["cl100k_base"]
	n := 0
	grow("a", 6, func(text string) {
		n++
		if len(text) <= 4 || n%7 == 0 {
			for _, name := range []string{"cl100k_base", "o200k_base", "r50k_base"} {
				same(t, name, text)
				same(t, name, text+"b")
			}
		}
		// A piece never reaches past a letter: the parts add up.
		require.Equal(t, tok.Count(text), tok.Count("b "+text)-tok.Count("b")-tok.Count(" a")+1, "%q", text)
	})
	require.Equal(t, (1<<14-1)/3, n)
}

// edge is texts with the number of tokens that openai/tiktoken and Hugging Face's
// tokenizers give.
type edge struct {
	tokenizer, text string
	tokens          int
}

func checkEdges(t *testing.T, edges []edge) {
	for _, e := range edges {
		assert.Equal(t, e.tokens, ours()[e.tokenizer].Count(e.text), "%s of %q", e.tokenizer, e.text)
		if e.tokenizer != "gpt2" && !strings.ContainsAny(e.text, "ſ") {
			same(t, e.tokenizer, e.text)
		}
	}
}

// The edge cases that tokenizers in use get wrong.

func TestEdge01TrailingWhiteSpaceKeepsItsLastCharacter(t *testing.T) {
	for _, name := range referenceNames {
		for _, text := range []string{"a   b", "a   ", "a\u3000\u3000b", "a \u3000b", "a\u00a0\u00a0b", " \u3000", "\u3000\u3000\u3000a"} {
			same(t, name, text)
		}
	}
	checkEdges(t, []edge{{"cl100k_base", "a   b", 3}, {"cl100k_base", "a   ", 2}})
}

func TestEdge02LineEndsUpToTheLastOne(t *testing.T) {
	for _, text := range []string{"\n    \n", "\n    \n  x", "x.\n\n  y", "!\r\n\r\n\tz", "\n \n \n ", "a\n\n\nb", ".\n \n.", "...\n\n\n   \n"} {
		same(t, "cl100k_base", text)
		same(t, "o200k_base", text)
	}
	checkEdges(t, []edge{{"cl100k_base", "\n    \n", 1}})
}

func TestEdge03TheEndOfTheTextSplitsNothing(t *testing.T) {
	for _, text := range []string{"a \n", "a \n ", "a\n  \t", "a \t\n\r \n"} {
		same(t, "cl100k_base", text)
	}
}

func TestEdge04OnePrefixCharacterJoinsLetters(t *testing.T) {
	for _, text := range []string{".foo", "..foo", " .foo", "\tfoo", "\nfoo", "\r\nfoo", "_foo", "((foo", " \tfoo", "\u00a0foo", "—foo", "1foo", "foo.bar..baz"} {
		same(t, "cl100k_base", text)
		same(t, "o200k_base", text)
		same(t, "r50k_base", text)
	}
}

func TestEdge05Contractions(t *testing.T) {
	for _, text := range []string{"'s", "\"'s", "'ready", "it's", "IT'S", "I'VEx", "''s", "x'S's", "'re've'll'd'm't", "don't've", "a'", "'\u0301s", "'tis", "they'LLgo"} {
		for _, name := range referenceNames {
			same(t, name, text)
		}
	}
	// A long s is an s to the reference implementations; no token holds it with
	// a neighbour, so that counts are the same.
	checkEdges(t, []edge{{"cl100k_base", "'ſ", 3}, {"cl100k_base", "it'ſ", 4}, {"o200k_base", "it'ſ", 3}})
}

func TestEdge06NumbersAreOfAllScripts(t *testing.T) {
	for _, text := range []string{"1", "12345", "٣٤12345", "²³", "Ⅷ9", "1٣2٤3", "x12", "1234567890123", "１２３４", "½¼", "𝟘𝟙𝟚𝟛"} {
		for _, name := range referenceNames {
			same(t, name, text)
		}
	}
}

func TestEdge07WhiteSpaceIsUnicodes(t *testing.T) {
	for r := range rune(0x3100) {
		if !assigned(r) || r >= 0x300 && r < 0x2000 && r%7 != 0 && r != 0x1680 && r != 0x180E {
			continue
		}
		for _, text := range []string{"a" + string(r) + "b", "a " + string(r) + " ", string(r) + string(r) + "\n"} {
			same(t, "cl100k_base", text)
		}
	}
}

func TestEdge08UnicodeVersionIs16(t *testing.T) {
	// Letters, digits and marks that Unicode 16 added, counted by tiktoken 0.14.
	for text, want := range map[string]int{"a\u1c89": 4, "1\U00010d402": 6, "\u1c89\u1c89a": 7, "a\U00010d50b": 6, "\U0002ebf0中": 5, "x\u0897": 4} {
		assert.Equal(t, want, ours()["cl100k_base"].Count(text), "%+q", text)
		assert.Equal(t, want, ours()["o200k_base"].Count(text), "%+q", text)
	}
}

// fileEdge is a text with the ids that Hugging Face's tokenizers 0.23.3 gives.
type fileEdge struct {
	file, text string
	ids        []uint32
}

func checkFileEdges(t *testing.T, opts *tokenize.Options, edges []fileEdge) {
	for _, e := range edges {
		tok := open(t, e.file+"/tokenizer.json", opts)
		got := tok.Append(nil, e.text)
		assert.Equal(t, e.ids, got, "%s of %+q", e.file, e.text)
		assert.Equal(t, len(e.ids), tok.Count(e.text), "%s of %+q", e.file, e.text)
	}
}

func TestEdge09NormalisationIsThatOfOldTables(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"qwen3", "e\u0301t\u00e9", []uint32{38783}},
		{"qwen3", "\u1112\u1161", []uint32{16186}},
		{"gpt-neox-20b", "e\u0301", []uint32{860}},
		{"claude2-nfkc", "ﬁne ①", []uint32{24199, 355}},
		{"qwen3", "\u1df6\u0301e", []uint32{157, 115, 114, 53839, 68}}, // U+1DF6 is of Unicode 10
	})
}

func TestEdge10SpecialTokensAreTextUnlessParsed(t *testing.T) {
	text := "a<|endoftext|>b"
	checkEdges(t, []edge{{"cl100k_base", text, 9}, {"r50k_base", text, 9}, {"o200k_base", text, 9}})
	for _, name := range tokenize.Names() {
		parse, err := tokenize.EncodingWith(name, &tokenize.Options{Special: tokenize.Parse})
		require.NoError(t, err)
		assert.Equal(t, 3, parse.Count(text), name)
		assert.NotEqual(t, parse.Fingerprint(), ours()[name].Fingerprint(), "options are part of the fingerprint")
	}
}

func TestEdge10AddedTokensOfFiles(t *testing.T) {
	text := "<think>hi</think><|im_end|>" // the last is special, the others are not
	checkFileEdges(t, nil, []fileEdge{
		{"qwen3", text, []uint32{151667, 6023, 151668, 27, 91, 318, 6213, 91, 29}},
		{"llama3.1", "<|begin_of_text|>hi<|eot_id|>", []uint32{27, 91, 7413, 3659, 4424, 91, 29, 6151, 27, 91, 68, 354, 851, 91, 29}},
	})
	checkFileEdges(t, &tokenize.Options{Special: tokenize.Parse}, []fileEdge{
		{"qwen3", text, []uint32{151667, 6023, 151668, 151645}},
		{"llama3.1", "<|begin_of_text|>hi<|eot_id|>", []uint32{128000, 6151, 128009}},
		{"olmo2-dolma2", "a <|endoftext|> b", []uint32{64, 220, 100257, 293}},
	})
}

func TestEdge11IgnoreMerges(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"llama3.1", " việc", []uint32{100769}},
		{"llama3.1", "a việc", []uint32{64, 100769}},
		{"llama3.1", "việc", []uint32{10176, 26298, 66}},
		{"llama3.1", " hợp việc", []uint32{100827, 100769}},
	})
}

// Edge 12, ranks that are not in the order of ids, and 13, the two spellings of
// merges and a model without a type, are forms of TestForms.

func TestEdge14RemovedAndInvertedIsIsolated(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{{"olmo2-dolma2", "x  \n 1234", []uint32{87, 2355, 220, 4513, 19}}})
}

func TestEdge15MissingBytesVanishBeforeMerging(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"smollm2", "a\x04b", []uint32{81, 82}},
		{"smollm2", "a\x06\x13b\x04", []uint32{81, 82}},
		{"smollm2", "\x04", nil},
		{"gpt-neox-20b", "a\x00b", []uint32{66, 177, 67}},
	})
}

func TestEdge18PrefixSpaceAndTemplates(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"mistral-7b-v0.1", " hi", []uint32{28705, 12014}},
		{"mistral-7b-v0.3", " hi", []uint32{12782}},
		{"mistral-7b-v0.1", "hi\u4e02", []uint32{12014, 231, 187, 133}},
		{"mistral-7b-v0.1", "hi\ufffd\ufffd", []uint32{12014, 29137, 29137}},
		{"mistral-7b-v0.3", "\ufffd", []uint32{29473, 29905}},
		{"gpt-neox-20b", "a    b  c", []uint32{66, 50274, 67, 50276, 68}},
	})
	checkFileEdges(t, &tokenize.Options{AddSpecialTokens: true}, []fileEdge{
		{"llama3.1", "hi", []uint32{128000, 6151}},
		{"mistral-7b-v0.3", "hi", []uint32{1, 12782}},
		{"mistral-7b-v0.1", "hi", []uint32{1, 12014}},
		{"claude2-nfkc", "hi", []uint32{5630}},
	})
}

func TestEdge20RawEntriesOfAByteLevelVocabulary(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"cohere-command-nfc", "\U0001F1EA", []uint32{6808}},
		{"cohere-command-nfc", "🇪🇺", []uint32{6808, 7406}},
	})
}

func TestEdge21FamiliesAsTheReferenceHasThem(t *testing.T) {
	checkFileEdges(t, nil, []fileEdge{
		{"deepseek-v3", "123456中文abc, d1\n\nx", []uint32{6895, 18009, 21134, 32372, 14, 283, 19, 271, 90}},
		{"smollm2", "a 1 2", []uint32{81, 216, 33, 216, 34}},
		{"gpt2", "it's 2024\n\n  x", []uint32{270, 338, 48609, 628, 220, 2124}},
	})
}

func TestEdge16InvalidUTF8CountsAsReplacementCharacters(t *testing.T) {
	texts := []string{"\xff", "a\xffb", "\xc3", "\xe4\xb8", "\xe4\xb8x", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "\xf5\x80\x80\x80", "中\xe4\xb8文", "\x80\x80\x80"}
	for n := range 80 { // at every place of a block
		texts = append(texts, strings.Repeat("x", n)+"\xe4\xb8", strings.Repeat("中", n)+"\xe4\xb8", strings.Repeat("ж", n)+"\xd0", strings.Repeat("x", n)+"\xe5\xe5\x80\x80 y")
	}
	for _, text := range texts {
		for name, tok := range ours() {
			assert.Equal(t, tok.Count(string([]rune(text))), tok.Count(text), "%s of %q", name, text)
		}
		same(t, "cl100k_base", text)
		same(t, "r50k_base", text)
	}
}

func TestEdge17LongPiecesAreExact(t *testing.T) {
	for _, unit := range []string{"a", "^", "=", "aGVsbG8", "中文没有空格", "ab", "é", "1", " ", "\n", "😀"} {
		for _, n := range []int{17, 50, 70, 300} {
			for _, name := range []string{"cl100k_base", "o200k_base", "r50k_base"} {
				same(t, name, strings.Repeat(unit, n))
				same(t, name, "x"+strings.Repeat(unit, n)+"y")
			}
		}
	}
}

func TestEdge19CountsDoNotDependOnWhatWasCountedBefore(t *testing.T) {
	tok := ours()["o200k_base"]
	texts := randomTexts(3000, parityAlphabet)
	first := make([]int, len(texts))
	for i, text := range texts {
		first[i] = tok.Count(text)
	}
	for i := len(texts) - 1; i >= 0; i-- {
		require.Equal(t, first[i], tok.Count(texts[i]))
	}
}

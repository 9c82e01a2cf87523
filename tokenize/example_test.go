package tokenize_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
)

func ExampleEncoding() {
	tok, err := tokenize.Encoding("cl100k_base")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tok.Count("Tokens are counted exactly."), tok.Append(nil, "hello world"))
	// Output: 5 [15339 1917]
}

func ExampleEncodingWith() {
	asText, _ := tokenize.Encoding("cl100k_base")
	parsed, err := tokenize.EncodingWith("cl100k_base", &tokenize.Options{Special: tokenize.Parse})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(asText.Count("one<|endoftext|>"), parsed.Count("one<|endoftext|>"))
	// Output: 8 2
}

func ExampleForModel() {
	tok, err := tokenize.ForModel("gpt-4o")
	fmt.Println(tok.Name(), tok.VocabSize(), err)
	// Output: o200k_base 200019 <nil>
}

// tiny is a tokenizer.json of three letters and a space, and two merges.
const tiny = `{
  "added_tokens": [{"id": 6, "content": "<s>", "special": true}],
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
    "special_tokens": {"<s>": {"ids": [6]}}},
  "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "abc": 5}, "merges": ["a b", "ab c"]}
}`

func ExampleRead() {
	tok, err := tokenize.Read(strings.NewReader(tiny), "tiny", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tok.Append(nil, "abc ab"), tok.Path())
	asTrained, _ := tokenize.Read(strings.NewReader(tiny), "tiny", &tokenize.Options{AddSpecialTokens: true})
	fmt.Println(asTrained.Append(nil, "abc ab"))
	// Output:
	// [5 3 4] scan:gpt2
	// [6 5 3 4]
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tokenizer.json")
	if err := os.WriteFile(path, []byte(`{"model": {"type": "WordPiece", "vocab": {}}}`), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	_, err = tokenize.File(path, nil)
	fmt.Println(errors.Is(err, tokenize.ErrUnsupported))
	// Output: true
}

func ExampleTokenizer_CountUpTo() {
	tok, _ := tokenize.Encoding("r50k_base")
	n, fits := tok.CountUpTo(strings.Repeat("a long text ", 100_000), 512)
	fmt.Println(n, fits)
	// Output: 513 false
}

func ExampleTokenizer_Decode() {
	tok, _ := tokenize.Encoding("r50k_base")
	text, err := tok.Decode(tok.Append(nil, "there and back"))
	fmt.Println(text, err)
	// Output: there and back <nil>
}

func ExampleNames() {
	fmt.Println(tokenize.Names())
	// Output: [cl100k_base gpt2 o200k_base o200k_harmony p50k_base p50k_edit r50k_base]
}

func ExampleRegistry() {
	tok, err := tokenize.Registry().Build(datamix.Spec{Name: "r50k_base"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tok.Count("hello world"))
	// Output: 2
}

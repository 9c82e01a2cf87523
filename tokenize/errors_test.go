package tokenize_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize"
)

// TestFilesThatAreRefused gives files of other models, and broken ones: each is
// an error that says what is wrong.
func TestFilesThatAreRefused(t *testing.T) {
	f := readForms(t)
	with := func(set map[string]any) string { return f.build(t, form{Base: "bytes", Set: set}) }
	model := func(m map[string]any) string {
		return with(map[string]any{"pre_tokenizer": map[string]any{"type": "ByteLevel"}, "model": m})
	}
	pre := func(m map[string]any) string { return with(map[string]any{"pre_tokenizer": m}) }
	for _, test := range []struct {
		name, file, want string
		unsupported      bool
	}{
		{name: "empty", want: "not a tokenizer.json"},
		{name: "no JSON", file: "PK\x03\x04", want: "not a tokenizer.json"},
		{name: "cut off", file: with(nil)[:2000], want: "not a tokenizer.json"},
		{name: "an array", file: "[]", want: "not a tokenizer.json"},
		{name: "another file", file: `{"model_type": "llama"}`, want: "no model"},
		{name: "WordPiece", file: `{"model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{"a":0}}}`, want: "WordPiece", unsupported: true},
		{name: "WordPiece without its type", file: `{"model":{"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"a":0}}}`, want: "no merges", unsupported: true},
		{name: "WordLevel", file: `{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"[UNK]"}}`, want: "WordLevel", unsupported: true},
		{name: "Unigram", file: `{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["a",-1.5]]}}`, want: "Unigram", unsupported: true},
		{name: "dropout", file: model(map[string]any{"dropout": 0.1}), want: "dropout 0.1", unsupported: true},
		{name: "merges without the prefix", file: model(map[string]any{"continuing_subword_prefix": "##"}), want: "where words begin or end is not clear", unsupported: true},
		{name: "vocab is a list", file: model(map[string]any{"vocab": []string{"a"}}), want: "vocab"},
		{name: "negative id", file: model(map[string]any{"vocab": map[string]any{"a": -1}}), want: "vocab"},
		{name: "huge id", file: model(map[string]any{"vocab": map[string]any{"a": 1 << 22}, "merges": []string{}}), want: "ids go up to"},
		{name: "one id twice", file: model(map[string]any{"vocab": map[string]any{"a": 1, "b": 1}, "merges": []string{}}), want: "several tokens"},
		{name: "merge of what is no token", file: model(map[string]any{"merges": []string{"a b", "qqq zzz"}}), want: "merge"},
		{name: "merge of three", file: model(map[string]any{"merges": []string{"a b c"}}), want: "one space"},
		{name: "merges are numbers", file: model(map[string]any{"merges": []int{1}}), want: "not a tokenizer.json"},
		{name: "unknown token is none", file: f.build(t, form{Base: "gaps", Set: map[string]any{"pre_tokenizer": map[string]any{"type": "ByteLevel"}, "model": map[string]any{"unk_token": "<none>"}}}), want: `unknown token "<none>"`},
		{name: "normalizer", file: with(map[string]any{"normalizer": map[string]any{"type": "Precompiled"}}), want: "precompiled_charsmap"},
		{name: "pre-tokenizer", file: pre(map[string]any{"type": "UnicodeScripts"}), want: "UnicodeScripts", unsupported: true},
		{name: "behavior", file: pre(map[string]any{"type": "Split", "pattern": map[string]any{"Regex": "a"}, "behavior": "Sideways"}), want: "Sideways", unsupported: true},
		{name: "pattern", file: pre(map[string]any{"type": "Split", "pattern": map[string]any{"Regex": "(a"}, "behavior": "Isolated"}), want: "(a", unsupported: true},
		{name: "property", file: pre(map[string]any{"type": "Split", "pattern": map[string]any{"Regex": `\p{Klingon}`}, "behavior": "Isolated"}), want: "Klingon", unsupported: true},
		{name: "added token", file: with(map[string]any{"added_tokens": []any{map[string]any{"id": "x", "content": "<s>"}}}), want: "not a tokenizer.json"},
		{name: "tekken without tokens", file: `{"config":{"pattern":"a","default_vocab_size":1000,"default_num_special_tokens":10}}`, want: "the configuration says 990"},
		{name: "tekken of negative size", file: `{"config":{"pattern":"a","default_vocab_size":5,"default_num_special_tokens":10}}`, want: "5 tokens with 10"},
		{name: "tekken with bad base64", file: `{"config":{"pattern":"a","default_vocab_size":11,"default_num_special_tokens":10},"vocab":[{"rank":0,"token_bytes":"?"}]}`, want: "rank 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := tokenize.Read(strings.NewReader(test.file), "some/tokenizer.json", nil)
			require.Error(t, err)
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "some/tokenizer.json")
			if test.unsupported {
				assert.ErrorIs(t, err, tokenize.ErrUnsupported)
			} else {
				assert.NotErrorIs(t, err, tokenize.ErrUnsupported)
			}
		})
	}
}

func TestTemplateErrors(t *testing.T) {
	f := readForms(t)
	file := f.build(t, form{Base: "bytes", Set: map[string]any{"post_processor": map[string]any{
		"type": "TemplateProcessing", "single": []any{map[string]any{"SpecialToken": map[string]any{"id": "<s>"}}, map[string]any{"Sequence": map[string]any{"id": "A"}}},
		"special_tokens": map[string]any{}}, "pre_tokenizer": map[string]any{"type": "ByteLevel"}}})
	_, err := tokenize.Read(strings.NewReader(file), "t", nil)
	require.NoError(t, err, "nobody asked for the template")
	_, err = tokenize.Read(strings.NewReader(file), "t", &tokenize.Options{AddSpecialTokens: true})
	require.ErrorContains(t, err, `"<s>"`)
	_, err = tokenize.EncodingWith("gpt2", &tokenize.Options{AddSpecialTokens: true})
	require.ErrorContains(t, err, "no template")
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	_, err := tokenize.File(dir, nil)
	require.ErrorContains(t, err, "holds no tokenizer.json")
	_, err = tokenize.File(filepath.Join(dir, "tokenizer.json"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	f := readForms(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), []byte(f.build(t, f.Forms[0])), 0o644))
	tok, err := tokenize.File(dir, nil)
	require.NoError(t, err)
	assert.Equal(t, filepath.Base(dir)+"/tokenizer.json", tok.Name())
}

// FuzzRead gives any file: an error, or a tokenizer that counts what it appends.
func FuzzRead(f *testing.F) {
	forms := readForms(f)
	small := map[string]any{"vocab": map[string]any{"a": 0, "b": 1, "ab": 2, "Ġ": 3}, "merges": []string{"a b"}}
	for _, form := range forms.Forms {
		members := map[string]any{"model": map[string]any{"type": "BPE"}}
		for k, v := range form.Set {
			if k != "model" && k != "drop" {
				members[k] = v
			}
		}
		members["model"] = small
		raw, err := json.Marshal(members)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw), "ab a b")
	}
	f.Add(`{"config":{"pattern":"a","default_vocab_size":11,"default_num_special_tokens":10},"vocab":[{"rank":0,"token_bytes":"YQ=="}]}`, "a")
	f.Fuzz(func(t *testing.T, file, text string) {
		if len(file) > 5000 || len(text) > 30 { // short, as patterns may take exponential time
			return
		}
		tok, err := tokenize.Read(strings.NewReader(file), "fuzzed", &tokenize.Options{Special: tokenize.Parse})
		if err != nil {
			return
		}
		require.Equal(t, len(tok.Append(nil, text)), tok.Count(text))
	})
}

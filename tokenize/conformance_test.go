package tokenize_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/tokenize"
	"github.com/datamix-go/datamix/tokenize/tokenizetest"
)

// TestConformance runs the suite on every encoding, on small tokenizers of all
// forms, and on the shared files.
func TestConformance(t *testing.T) {
	for name, tok := range ours() {
		t.Run(name, func(t *testing.T) { tokenizetest.Run(t, tok) })
	}
	f := readForms(t)
	for _, form := range f.Forms {
		t.Run(form.Name, func(t *testing.T) {
			for _, opts := range []*tokenize.Options{nil, {Special: tokenize.Parse}} {
				tok, err := tokenize.Read(strings.NewReader(f.build(t, form)), form.Name, opts)
				require.NoError(t, err)
				tokenizetest.Run(t, tok)
			}
		})
	}
}

func TestConformanceOfFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shareddata.Tokenizers(t), "*", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		tok := open(t, filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), nil)
		t.Run(tok.Name(), func(t *testing.T) {
			tokenizetest.Run(t, tok)
			assert.True(t, tok.Exact(), tok.Path())
			seen := tok.Fingerprint()
			again := open(t, tok.Name(), &tokenize.Options{Special: tokenize.Parse})
			assert.NotEqual(t, seen, again.Fingerprint())
			for _, text := range randomTexts(200, parityAlphabet) {
				for limit := range 12 {
					n, fits := again.CountUpTo(text, limit)
					whole := again.Count(text)
					require.Equal(t, whole <= limit, fits, "%q up to %d", text, limit)
					require.Equal(t, min(whole, limit+1), n)
				}
			}
		})
	}
}

// TestHitsDoNotAllocate counts texts that were counted before.
func TestHitsDoNotAllocate(t *testing.T) {
	text := strings.Repeat("The same text for everybody, 123 times; it's here.\n\tfunc f() { return x_1 }\n", 8) + "Ünïcödé текст 河流经过老磨坊。"
	check := func(name string, tok *tokenize.Tokenizer) {
		tok.Count(text)
		assert.Zero(t, int(testing.AllocsPerRun(50, func() { tok.Count(text) })), "Count of %s", name)
		assert.Zero(t, int(testing.AllocsPerRun(50, func() { tok.CountUpTo(text, 40) })), "CountUpTo of %s", name)
	}
	for name, tok := range ours() {
		check(name, tok)
	}
	f := readForms(t)
	for _, form := range f.Forms {
		switch form.Name {
		case "cl100k", "o200k", "qwen2", "tekken", "deepseek v3", "smollm", "gemma", "yi", "NFC", "added tokens, NFC", "metaspace never, split True":
			tok, err := tokenize.Read(strings.NewReader(f.build(t, form)), form.Name, nil)
			require.NoError(t, err)
			check(form.Name, tok)
		}
	}
}

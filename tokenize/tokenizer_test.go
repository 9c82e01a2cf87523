package tokenize_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
)

// TestKnownIDs holds ids that openai/tiktoken prints.
func TestKnownIDs(t *testing.T) {
	for _, test := range []struct {
		encoding, text string
		ids            []uint32
	}{
		{"cl100k_base", "hello world", []uint32{15339, 1917}},
		{"cl100k_base", "<|endoftext|>", []uint32{27, 91, 8862, 728, 428, 91, 29}},
		{"o200k_base", "hello world", []uint32{24912, 2375}},
		{"o200k_harmony", "hello world", []uint32{24912, 2375}},
		{"p50k_base", "hello world", []uint32{31373, 995}},
		{"p50k_edit", "hello world", []uint32{31373, 995}},
		{"r50k_base", "hello world", []uint32{31373, 995}},
		{"gpt2", "hello world", []uint32{31373, 995}},
	} {
		tok, err := tokenize.Encoding(test.encoding)
		require.NoError(t, err)
		got := tok.Append(nil, test.text)
		assert.Equal(t, test.ids, got, test.encoding)
		assert.Equal(t, len(got), tok.Count(test.text))
		text, err := tok.Decode(got)
		require.NoError(t, err)
		assert.Equal(t, test.text, text)
	}
}

func TestCountUpTo(t *testing.T) {
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	text := strings.Repeat("one two three ", 20)
	n := tok.Count(text)
	for limit := range n + 3 {
		got, fits := tok.CountUpTo(text, limit)
		assert.Equal(t, n <= limit, fits, limit)
		if fits {
			assert.Equal(t, n, got)
		} else {
			assert.Equal(t, limit+1, got)
		}
	}
	_, fits := tok.CountUpTo("", -1)
	assert.False(t, fits)
}

func TestUnknownNames(t *testing.T) {
	_, err := tokenize.Encoding("cl200k")
	require.ErrorContains(t, err, "cl100k_base")
	_, err = tokenize.ForModel("llama")
	require.ErrorContains(t, err, "o200k_harmony")
	for model, encoding := range map[string]string{"gpt-4": "cl100k_base", "gpt-4-0314": "cl100k_base", "gpt-oss-20b": "o200k_harmony", "o3-mini": "o200k_base", "gpt-4.1-mini": "o200k_base"} {
		tok, err := tokenize.ForModel(model)
		require.NoError(t, err, model)
		assert.Equal(t, encoding, tok.Name(), model)
	}
	tok, err := tokenize.Encoding("r50k_base")
	require.NoError(t, err)
	_, err = tok.Decode([]uint32{99_999_999})
	require.ErrorContains(t, err, "no token 99999999")
}

func TestFingerprintAndRegistry(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"cl100k_base", "o200k_base", "o200k_harmony", "p50k_base", "p50k_edit", "r50k_base"} {
		tok, err := tokenize.Registry().Build(datamix.Spec{Name: name})
		require.NoError(t, err)
		f := tok.(*tokenize.Tokenizer).Fingerprint()
		assert.Empty(t, seen[f], "%s has the fingerprint of %s", name, seen[f])
		seen[f] = name
	}
	_, err := tokenize.Registry().Build(datamix.NewSpec("r50k_base", 1, map[string]string{"fingerprint": "0"}))
	require.ErrorContains(t, err, "another version")
}

func TestConcurrentUse(t *testing.T) {
	tok, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	want := tok.Count("the same text for everybody, 123")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				assert.Equal(t, want, tok.Count("the same text for everybody, 123"))
			}
		})
	}
	wg.Wait()
}

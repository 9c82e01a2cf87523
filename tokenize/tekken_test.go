package tokenize_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize"
)

// tekkenJSON returns a tekken.json of single bytes and "ab", with 24 special tokens.
func tekkenJSON(t *testing.T, version string, special any) string {
	var vocab []map[string]any
	for b := range 257 {
		text := []byte{byte(b)}
		if b == 256 {
			text = []byte("ab")
		}
		vocab = append(vocab, map[string]any{"rank": b, "token_bytes": base64.StdEncoding.EncodeToString(text), "token_str": nil})
	}
	raw, err := json.Marshal(map[string]any{"vocab": vocab, "special_tokens": special,
		"config": map[string]any{"pattern": `\p{L}+|.`, "num_vocab_tokens": 257, "default_vocab_size": 281, "default_num_special_tokens": 24, "version": version}})
	require.NoError(t, err)
	return string(raw)
}

// TestTekkenSpecialTokens holds the names that mistral-common gives to what a file
// does not list.
func TestTekkenSpecialTokens(t *testing.T) {
	read := func(file string) *tokenize.Tokenizer {
		tok, err := tokenize.Read(strings.NewReader(file), "tekken.json", &tokenize.Options{Special: tokenize.Parse, AddSpecialTokens: true})
		require.NoError(t, err)
		return tok
	}
	old := read(tekkenJSON(t, "v3", nil))
	assert.Equal(t, 281, old.VocabSize())
	assert.Equal(t, []uint32{1, 3, 24 + 256, 4, 2, 19, 20}, old.Append(nil, "[INST]ab[/INST]</s>[TOOL_CONTENT]<SPECIAL_20>"))
	listed := read(tekkenJSON(t, "v11", []map[string]any{{"rank": 0, "token_str": "<unk>", "is_control": true}, {"rank": 1, "token_str": "<s>", "is_control": true}}))
	assert.Equal(t, []uint32{1, 2, 24 + '['}, listed.Append(nil, "<SPECIAL_2>["))
	text, err := old.Decode([]uint32{11, 24 + 'a'})
	require.NoError(t, err)
	assert.Equal(t, "<pad>a", text)

	_, err = tokenize.Read(strings.NewReader(tekkenJSON(t, "v11", nil)), "tekken.json", nil)
	require.ErrorContains(t, err, "a tekken.json of version v11 must have special_tokens")
}

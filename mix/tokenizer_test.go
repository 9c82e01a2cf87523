package mix_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/tokenize"
)

// bytesOnly is a tokenizer.json of 256 tokens, one for each byte, and one merge.
func bytesOnly() string {
	vocab := `{"model":{"type":"BPE","vocab":{`
	next := rune(0x100)
	for b := range rune(256) {
		r := b
		if b <= ' ' || b >= 0x7F && b <= 0xA0 || b == 0xAD {
			r = next
			next++
		}
		escaped := string(r)
		if r == '"' || r == '\\' {
			escaped = `\` + escaped
		}
		vocab += `"` + escaped + `":` + strconv.Itoa(int(b)) + ","
	}
	return vocab + `"ab":256},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}}`
}

func TestTokenizerOfARecipe(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "models/small/tokenizer.json", bytesOnly())
	write(t, dir, "none/readme.txt", "")
	for _, test := range []struct{ tokenizer, name, err string }{
		{tokenizer: "cl100k_base", name: "cl100k_base"},
		{tokenizer: "gpt-4o", name: "o200k_base"},
		{tokenizer: "models/small/tokenizer.json", name: "small/tokenizer.json"},
		{tokenizer: "models/small", name: "small/tokenizer.json"},
		{tokenizer: "models", err: "no tokenizer.json"},
		{tokenizer: "missing/tokenizer.json", err: "missing"},
		{tokenizer: "none/readme.txt", err: "not a tokenizer.json"},
		{tokenizer: "cl200k", err: "nor is it the path"},
	} {
		t.Run(test.tokenizer, func(t *testing.T) {
			path := write(t, dir, "r.yaml", "tokenizer: "+test.tokenizer+"\nparts:\n  - {name: a, all: true, source: {path: r.yaml}}\n")
			r, err := mix.Read(path)
			require.NoError(t, err)
			err = r.Build(nil)
			if test.err != "" {
				require.ErrorIs(t, err, mix.ErrRecipe)
				assert.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.name, r.Tokenizer.(*tokenize.Tokenizer).Name())
		})
	}
}

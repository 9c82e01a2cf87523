package tokenize_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/tokenize"
)

// TestLoadingBuildsNothing asks a tokenizer for all that needs no counting.
func TestLoadingBuildsNothing(t *testing.T) {
	f := readForms(t)
	small, err := tokenize.Read(strings.NewReader(f.build(t, f.Forms[0])), "small", &tokenize.Options{Special: tokenize.Parse})
	require.NoError(t, err)
	encoding, err := tokenize.Encoding("cl100k_base")
	require.NoError(t, err)
	for _, tok := range []*tokenize.Tokenizer{small, encoding} {
		tok.Fingerprint()
		tok.Path()
		tok.Parsing().Fingerprint()
		tok.Spec()
		_, err = tok.Decode([]uint32{uint32(tok.VocabSize() - 1)})
		require.NoError(t, err)
		_, fits := tok.CountUpTo(strings.Repeat("a", 100_000), 1)
		require.False(t, fits)
		assert.False(t, tok.Counted())
		tok.Count("a")
		assert.True(t, tok.Counted())
	}
}

// TestFingerprintIsOfWhatCounts reads one tokenizer in other spellings, and others
// that differ in one thing.
func TestFingerprintIsOfWhatCounts(t *testing.T) {
	read := func(file string) string {
		tok, err := tokenize.Read(strings.NewReader(file), "tiny", nil)
		require.NoError(t, err)
		return tok.Fingerprint()
	}
	spaced := strings.NewReplacer(`"a b", "ab c"`, `["a","b"],
		["a\u0062", "c"]`, `"abc": 5`, `  "ab\u0063"  :5`, `"a": 0, "b": 1`, `"b":1,"a":0`, "Ġ", `\u0120`).Replace(tiny)
	require.NotEqual(t, tiny, spaced)
	assert.Equal(t, read(tiny), read(spaced))
	for _, change := range [][2]string{{`"a b", "ab c"`, `"ab c", "a b"`}, {`"a b", "ab c"`, `"a b"`}, {`"abc": 5`, `"abc": 7`},
		{`"content": "<s>"`, `"content": "<t>"`}, {`"type": "BPE"`, `"type": "BPE", "ignore_merges": true`}, {`"add_prefix_space": false`, `"add_prefix_space": true`}} {
		other := strings.Replace(tiny, change[0], change[1], 1)
		require.NotEqual(t, tiny, other)
		assert.NotEqual(t, read(tiny), read(other), "%s", change[1])
	}
}

// TestMemoryOfVocabularies holds that a vocabulary takes about 20 MB at most: what
// is loaded and built, with the 4 MiB of a worker.
func TestMemoryOfVocabularies(t *testing.T) {
	check := func(name string, load func() (*tokenize.Tokenizer, error)) {
		before := heapBytes()
		tok, err := load()
		require.NoError(t, err)
		tok.Count("a")
		after := heapBytes()
		t.Logf("%s: %.1f MB", name, float64(after-before)/1e6)
		assert.Less(t, after-before, int64(20e6+4<<20), name)
		runtime.KeepAlive(tok)
	}
	check("o200k_base", func() (*tokenize.Tokenizer, error) { return tokenize.Encoding("o200k_base") })
	dir := shareddata.Tokenizers(t)
	for _, name := range []string{"llama3.1", "qwen3", "deepseek-v3"} {
		check(name, func() (*tokenize.Tokenizer, error) {
			return tokenize.File(filepath.Join(dir, name, "tokenizer.json"), nil)
		})
	}
}

func heapBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one finalised
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkLoad loads tokenizers, and builds what the first text needs.
func BenchmarkLoad(b *testing.B) {
	loads := map[string]func() (*tokenize.Tokenizer, error){}
	for _, name := range []string{"cl100k_base", "o200k_base"} {
		loads[name] = func() (*tokenize.Tokenizer, error) { return tokenize.Encoding(name) }
	}
	for _, name := range []string{"llama3.1", "qwen3", "mistral-7b-v0.3"} {
		path := filepath.Join(shareddata.Tokenizers(b), name, "tokenizer.json")
		loads[name] = func() (*tokenize.Tokenizer, error) { return tokenize.File(path, nil) }
	}
	for name, load := range loads {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := load()
				require.NoError(b, err)
			}
		})
		b.Run(name+"/and count", func(b *testing.B) {
			for b.Loop() {
				tok, err := load()
				require.NoError(b, err)
				tok.Count("a")
			}
		})
	}
}

package tokenize_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/tokenize"
)

var (
	parityFile   = flag.String("parity", filepath.Join("testdata", "parity.tsv"), "the file that testdata/parity.py wrote")
	parityFolder = flag.String("parity-tokenizers", "", "the folder of the tokenizer files in it, if that is not the shared one")
	parityBytes  = flag.Int("parity-bytes", 200_000, "the bytes of each file that parity.py read")
)

// parityLine is what a reference implementation made of some texts.
type parityLine struct {
	tokenizer, what string
	texts, tokens   int
	hash            string
}

func parityLines(t *testing.T) (lines []parityLine) {
	f, err := os.Open(*parityFile)
	require.NoError(t, err)
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		field := strings.Split(s.Text(), "\t")
		require.Len(t, field, 5)
		texts, err := strconv.Atoi(field[2])
		require.NoError(t, err)
		tokens, err := strconv.Atoi(field[3])
		require.NoError(t, err)
		lines = append(lines, parityLine{field[0], field[1], texts, tokens, field[4]})
	}
	require.NotEmpty(t, lines)
	return lines
}

var opened sync.Map // tokenizers that open has opened

// open returns a tokenizer of the parity file, the same every time.
func open(t testing.TB, name string, o *tokenize.Options) *tokenize.Tokenizer {
	key := name
	if o != nil {
		key = fmt.Sprint(name, *o)
	}
	if tok, ok := opened.Load(key); ok {
		return tok.(*tokenize.Tokenizer)
	}
	tok, err := tokenize.EncodingWith(name, o)
	if err != nil {
		tok, err = tokenize.File(filepath.Join(tokenizerFolder(t), name), o)
	}
	require.NoError(t, err)
	opened.Store(key, tok)
	return tok
}

func tokenizerFolder(t testing.TB) string {
	if *parityFolder != "" {
		return *parityFolder
	}
	return shareddata.Tokenizers(t)
}

// TestParity compares with what the reference implementations make of all shared
// sets and of random texts: every id, by a hash, and the counts.
func TestParity(t *testing.T) {
	shared := sharedTexts(t, *parityBytes)
	randomCount := 0
	var all []string
	byName := map[string][]parityLine{}
	var names []string
	for _, l := range parityLines(t) {
		if byName[l.tokenizer] == nil {
			names = append(names, l.tokenizer)
		}
		byName[l.tokenizer] = append(byName[l.tokenizer], l)
		if l.what == "random" {
			randomCount = l.texts
		}
	}
	for _, file := range slices.Sorted(maps.Keys(shared)) {
		all = append(all, shared[file]...)
	}
	shared["shared"] = all
	shared["random"] = randomTexts(randomCount, parityAlphabet)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok := open(t, name, nil)
			for _, l := range byName[name] {
				if l.what == "special" {
					parse := open(t, name, &tokenize.Options{Special: tokenize.Parse, AddSpecialTokens: true})
					compare(t, parse, l, randomTexts(l.texts, withAdded(t, name)))
					continue
				}
				compare(t, tok, l, shared[l.what])
			}
		})
	}
}

// withAdded returns the alphabet with some of a file's added tokens in it.
func withAdded(t *testing.T, name string) []string {
	raw, err := os.ReadFile(filepath.Join(tokenizerFolder(t), name))
	require.NoError(t, err)
	var f struct {
		Added []struct{ Content string } `json:"added_tokens"`
	}
	require.NoError(t, json.Unmarshal(raw, &f))
	var added []string
	for _, a := range f.Added {
		added = append(added, a.Content)
	}
	return slices.Concat(parityAlphabet, added[:min(20, len(added))], added[max(0, len(added)-5):])
}

func compare(t *testing.T, tok *tokenize.Tokenizer, want parityLine, texts []string) {
	h := sha256.New()
	var ids []uint32
	tokens := 0
	for _, text := range texts {
		ids = tok.Append(ids[:0], text)
		tokens += len(ids)
		buf := make([]byte, 0, 4*len(ids)+4)
		for _, id := range ids {
			buf = binary.LittleEndian.AppendUint32(buf, id)
		}
		h.Write(append(buf, 0xff, 0xff, 0xff, 0xff))
		if n := tok.Count(text); n != len(ids) {
			assert.Equal(t, len(ids), n, "Count(%q)", text)
		}
	}
	got := parityLine{want.tokenizer, want.what, len(texts), tokens, hex.EncodeToString(h.Sum(nil))[:16]}
	assert.Equal(t, want, got)
}

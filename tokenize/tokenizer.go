package tokenize

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	tiktoken "github.com/pkoukk/tiktoken-go"

	"github.com/datamix-go/datamix"
)

// Tokenizer is one tokenizer. It is immutable and safe for concurrent use.
type Tokenizer struct {
	name        string
	bpe         *tiktoken.Tiktoken
	vocab       int
	longest     int // bytes of the longest token
	fingerprint string
}

var (
	_ datamix.Tokenizer = (*Tokenizer)(nil)
	_ datamix.Describer = (*Tokenizer)(nil)
)

func newTokenizer(name string, ranks map[string]int, d definition) (*Tokenizer, error) {
	core, err := tiktoken.NewCoreBPE(ranks, d.special, d.pattern)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize: %s: %w", name, err)
	}
	special := make(map[string]any, len(d.special))
	t := &Tokenizer{name: name, fingerprint: fingerprint(ranks, d)}
	for token, id := range d.special {
		special[token] = true
		t.vocab = max(t.vocab, id+1)
	}
	for token, id := range ranks {
		t.vocab = max(t.vocab, id+1)
		t.longest = max(t.longest, len(token))
	}
	encoding := &tiktoken.Encoding{Name: name, PatStr: d.pattern, MergeableRanks: ranks, SpecialTokens: d.special}
	t.bpe = tiktoken.NewTiktoken(core, encoding, special)
	return t, nil
}

// fingerprint hashes everything that decides a result.
func fingerprint(ranks map[string]int, d definition) string {
	h := sha256.New()
	write := func(m map[string]int) {
		for _, token := range slices.Sorted(maps.Keys(m)) {
			h.Write(binary.AppendUvarint(nil, uint64(len(token))))
			h.Write([]byte(token))
			h.Write(binary.AppendUvarint(nil, uint64(m[token])))
		}
	}
	write(ranks)
	h.Write([]byte(d.pattern))
	write(d.special)
	return hex.EncodeToString(h.Sum(nil))
}

// Count returns the number of tokens of text. Special tokens in it count as
// the text that they are spelled with; invalid UTF-8 counts as U+FFFD.
func (t *Tokenizer) Count(text string) int { return len(t.bpe.EncodeOrdinary(text)) }

// CountUpTo returns the number of tokens of text, and fits = true, if it is at
// most limit. Otherwise it returns limit+1 and false, where it can without
// counting: a token has at most so many bytes.
func (t *Tokenizer) CountUpTo(text string, limit int) (n int, fits bool) {
	if limit < 0 || len(text) > limit*t.longest {
		return limit + 1, false
	}
	if n = t.Count(text); n > limit {
		return limit + 1, false
	}
	return n, true
}

// Append appends the token ids of text to dst and returns it.
func (t *Tokenizer) Append(dst []uint32, text string) []uint32 {
	for _, id := range t.bpe.EncodeOrdinary(text) {
		dst = append(dst, uint32(id))
	}
	return dst
}

// Decode returns the text of token ids, special ones included. The bytes of ids
// that cut a character are no valid UTF-8. Unknown ids are an error.
func (t *Tokenizer) Decode(ids []uint32) (string, error) {
	ints := make([]int, len(ids))
	for i, id := range ids {
		if int(id) >= t.vocab {
			return "", fmt.Errorf("datamix/tokenize: %s has no token %d", t.name, id)
		}
		ints[i] = int(id)
	}
	return t.bpe.Decode(ints), nil
}

// Name is the name of the encoding.
func (t *Tokenizer) Name() string { return t.name }

// VocabSize is one more than the largest id, special tokens included.
func (t *Tokenizer) VocabSize() int { return t.vocab }

// Fingerprint is a SHA-256 in hexadecimal of everything that decides a count:
// ranks, pattern and special tokens. Equal fingerprints give equal counts.
func (t *Tokenizer) Fingerprint() string { return t.fingerprint }

// Spec describes the tokenizer by its name and fingerprint.
func (t *Tokenizer) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec(t.name, 1, struct {
		Fingerprint string `json:"fingerprint"`
	}{t.fingerprint}), true
}

// Registry returns a registry of the encodings, in which a Spec's fingerprint
// must be that of the encoding here.
func Registry() *datamix.Registry[datamix.Tokenizer] {
	g := &datamix.Registry[datamix.Tokenizer]{}
	for _, name := range Names() {
		_ = g.Add(name, func(s datamix.Spec) (datamix.Tokenizer, error) {
			t, err := Encoding(name)
			if err != nil {
				return nil, err
			}
			if own, _ := t.Spec(); len(s.Options) > 0 && string(own.Options) != string(s.Options) {
				return nil, fmt.Errorf("the spec %s is of another version of it than %s", s.Options, own.Options)
			}
			return t, nil
		})
	}
	return g
}

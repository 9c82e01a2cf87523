package tokenize

import (
	"crypto/sha256"
	"encoding/hex"
)

// Parsing returns the same tokenizer with special tokens in a text parsed and none
// added around it: what encodes a text that holds its special tokens already, such
// as a rendered chat template. The vocabulary is shared.
func (t *Tokenizer) Parsing() *Tokenizer {
	if t.options == (Options{Special: Parse}) {
		return t
	}
	c := *t
	c.options = Options{Special: Parse}
	c.before, c.after = nil, nil
	var raw, normalized []addedToken
	for _, a := range t.added {
		if a.Normalized {
			a.Content = t.normalize(a.Content)
			normalized = append(normalized, a)
		} else {
			raw = append(raw, a)
		}
	}
	c.raw, c.normalized = newMatcher(raw), newMatcher(normalized)
	c.plain = t.plain && c.raw == nil && c.normalized == nil
	if !c.plain {
		c.longest = 0
	}
	h := sha256.Sum256([]byte("parsing " + t.fingerprint))
	c.fingerprint = hex.EncodeToString(h[:])
	return &c
}

package tokenize

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// Tokenizer is one tokenizer. It is immutable and safe for concurrent use: the
// memory that counting needs, up to 4 MiB for each goroutine that counts at the
// same time, is pooled inside. The first text that is counted builds the tables
// that all share.
type Tokenizer struct {
	name        string
	engine      *engine
	ids         *ids   // what they stand for in decoded text; see tokens
	load        func() // fills ids, nil where that is done
	fingerprint string
	path        string
	options     Options
	added       []addedToken

	raw, normalized *matcher  // added tokens of the text, and of the normalised text
	rewrites        []rewrite // of the text between added tokens
	prefix          prefix
	underlines      bool     // U+2581 in the text is a space to the tokens
	before, after   []uint32 // the template, if it is asked for
	trimDecoded     bool     // decoding drops the space that encoding put first
	plain           bool     // the text goes to the engine as it is
	validFirst      bool     // what is no UTF-8 is replaced before anything else
	longest         int      // bytes of the longest token, 0 if tokens may stand for more than their bytes
}

// prefix says which texts between added tokens get a space before them.
type prefix uint8

const (
	noPrefix        prefix = iota
	unlessSpaced           // every text that begins with no space
	unlessSpaced1st        // the same, but only at the beginning of the whole
	underlined1st          // the same with U+2581, which stands for a space
)

var (
	_ datamix.Tokenizer = (*Tokenizer)(nil)
	_ datamix.Describer = (*Tokenizer)(nil)
)

// Borrows reports that a tokenizer keeps nothing of the texts that it counts.
func (t *Tokenizer) Borrows() bool { return true }

// Count returns the number of tokens of text. Bytes of text that are not valid
// UTF-8 count as U+FFFD each. Special tokens are what Options say.
func (t *Tokenizer) Count(text string) int {
	w := t.engine.acquire()
	n := t.count(w, text, math.MaxInt)
	t.engine.release(w)
	return n
}

// CountUpTo returns the number of tokens of text, and fits = true, if it is at
// most limit. Otherwise it returns limit+1 and false, without reading more of the
// text than shows that.
func (t *Tokenizer) CountUpTo(text string, limit int) (n int, fits bool) {
	if limit < 0 || t.longest > 0 && (len(text)-1)/t.longest >= limit && text != "" {
		return limit + 1, false
	}
	w := t.engine.acquire()
	n = t.count(w, text, limit)
	t.engine.release(w)
	if n > limit {
		return limit + 1, false
	}
	return n, true
}

func (t *Tokenizer) count(w *worker, text string, limit int) int {
	if t.plain {
		return t.engine.count(w, text, limit)
	}
	n := len(t.before) + len(t.after)
	if t.validFirst {
		text = valid(text)
	}
	t.parts(text, func(part string, id uint32, isToken bool) bool {
		if isToken {
			n++
		} else {
			n += t.engine.count(w, part, limit-n)
		}
		return n <= limit
	})
	return n
}

// Append appends the token ids of text to dst and returns it. It agrees with
// Count on everything.
func (t *Tokenizer) Append(dst []uint32, text string) []uint32 {
	w := t.engine.acquire()
	defer t.engine.release(w)
	if t.plain {
		return t.engine.appendTo(w, dst, text)
	}
	if t.validFirst {
		text = valid(text)
	}
	dst = append(dst, t.before...)
	t.parts(text, func(part string, id uint32, isToken bool) bool {
		if isToken {
			dst = append(dst, id)
		} else {
			dst = t.engine.appendTo(w, dst, part)
		}
		return true
	})
	return append(dst, t.after...)
}

// parts calls yield for the added tokens of text and for the texts between them,
// normalised, in order.
func (t *Tokenizer) parts(text string, yield func(part string, id uint32, isToken bool) bool) {
	first := true
	t.raw.segments(text, func(part string, token *addedToken) bool {
		atStart := first
		first = false
		if token != nil {
			return yield("", token.ID, true)
		}
		return t.normalized.segments(t.normalize(part), func(part string, token *addedToken) bool {
			start := atStart
			atStart = false
			if token != nil {
				return yield("", token.ID, true)
			}
			return yield(t.prefixed(part, start), 0, false)
		})
	})
}

// normalize applies the normaliser to a text between added tokens.
func (t *Tokenizer) normalize(text string) string {
	for i := range t.rewrites {
		text = t.rewrites[i].do(text)
	}
	return text
}

// prefixed puts a space before a text where the pre-tokenizer does.
func (t *Tokenizer) prefixed(text string, first bool) string {
	if t.underlines {
		text = strings.ReplaceAll(text, metaspace, " ")
	}
	switch {
	case text == "" || text[0] == ' ' || t.prefix == noPrefix || t.prefix != unlessSpaced && !first:
		return text
	case t.prefix != underlined1st:
		return " " + text
	case strings.HasPrefix(text, metaspace):
		return text
	}
	return metaspace + text
}

// Decode returns the text of token ids, special ones included. The bytes of ids
// that cut a character are no valid UTF-8. What a vocabulary spells as the end of a
// word is a space. Unknown ids are an error.
func (t *Tokenizer) Decode(ids []uint32) (string, error) {
	var b strings.Builder
	known := t.tokens()
	for i, id := range ids {
		if !known.has(id) {
			return "", fmt.Errorf("datamix/tokenize: %s has no token %d (at index %d)", t.name, id, i)
		}
		b.WriteString(known.of(id))
	}
	if t.trimDecoded {
		return strings.TrimPrefix(b.String(), " "), nil
	}
	return b.String(), nil
}

// Expands reports whether a text may have more tokens than bytes: by a normaliser, by
// what is put before or after it, or since bytes that are no UTF-8 count as U+FFFD.
// It is tried on texts that get longer under some tokenizer.
func (t *Tokenizer) Expands() bool {
	for _, r := range t.rewrites {
		if r.lengthens {
			return true
		}
	}
	return slices.ContainsFunc(expanding, func(text string) bool { return t.Count(text) > len(text) })
}

// expanding holds texts that have more tokens than bytes where tokens are put around
// a text (""), or a space before it, where characters fall back on bytes, or
// where a normaliser makes them longer, as NFC, NFD and NFKC do with the last ones.
var expanding = []string{
	"", "a", "0", " ", "\n", "\t", "\x00", "\xff", "é", "\u0130", "ß", "日", "\u0958", "\u2adc", "\ufb1d", "\U0001d15e",
	"\ufb01", "\ufb03", "\u1e9b\u0323", "\u3300", "\ufdfa", "\u2126", "\u00bd", "…", "\u2100",
}

// Name is the name of the encoding, or what File and Read were told.
func (t *Tokenizer) Name() string { return t.name }

// VocabSize is one more than the largest id, special tokens included.
func (t *Tokenizer) VocabSize() int { return t.tokens().size }

// tokens returns what ids stand for in decoded text.
func (t *Tokenizer) tokens() *ids {
	if t.load != nil {
		t.load()
	}
	return t.ids
}

// Fingerprint is a SHA-256 in hexadecimal of everything that decides a count:
// tokens, merges, pattern, normaliser, added tokens, options, the version of
// Unicode. Equal fingerprints give equal counts.
func (t *Tokenizer) Fingerprint() string { return t.fingerprint }

// Path says how text is cut into pieces: "scan:" and the family of patterns that
// a scanner of ours stands for, "words" for SentencePiece's, "whole", or
// "regexp:" and the patterns, for those that are unknown to this package.
func (t *Tokenizer) Path() string { return t.path }

// Exact reports whether the text is cut by a scanner of this package, which is
// tested against the reference implementation for every class of character.
// Where it is false a general engine of regular expressions runs the pattern, ten
// times slower; it is translated for that engine, or refused, so that counts
// should be the same.
func (t *Tokenizer) Exact() bool { return !strings.HasPrefix(t.path, "regexp:") }

// Spec describes the tokenizer by its name and fingerprint.
func (t *Tokenizer) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec(t.name, 1, struct {
		Fingerprint string `json:"fingerprint"`
	}{t.fingerprint}), true
}

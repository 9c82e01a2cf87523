package filter

import (
	"fmt"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/datamix-go/datamix"
)

// DedupKey says what two records must have in common to be duplicates.
type DedupKey string

// The keys. A record that does not have what a key compares, such as a chat
// without a user turn, is compared by its content.
const (
	// ByContent compares all that the record says: datamix.Record.ContentHash.
	ByContent DedupKey = "content"
	// ByPrompt compares the content of the first user turn, or a plain text.
	ByPrompt DedupKey = "prompt"
	// ByResponse compares the content of the last assistant turn, or a plain
	// text.
	ByResponse DedupKey = "response"
	// ByNormalized compares all texts in order, in lower case and with every
	// run of white space as one space, whoever says them.
	ByNormalized DedupKey = "normalized"
)

// Check returns an error for a key that is none of these.
func (k DedupKey) Check() error {
	switch k {
	case ByContent, ByPrompt, ByResponse, ByNormalized:
		return nil
	}
	return fmt.Errorf("datamix/filter: unknown key %q for duplicates; known are content, prompt, response, normalized", string(k))
}

// Of returns the record's hash under the key. It does not modify the record and
// is safe for concurrent use.
func (k DedupKey) Of(r *datamix.Record) datamix.Hash {
	text := ""
	switch k {
	case ByPrompt:
		if text = r.Prompt(); r.IsText() {
			text = r.Text()
		}
	case ByResponse:
		text = r.Response()
	case ByNormalized:
		return normalizedHash(r)
	}
	if text == "" {
		return r.ContentHash()
	}
	return datamix.HashText(text)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func normalizedHash(r *datamix.Record) datamix.Hash {
	buf := buffers.Get().(*[]byte)
	b := (*buf)[:0]
	eachText(r, func(s string) bool {
		b = append(appendNormalized(b, s), '\n')
		return true
	})
	h := datamix.HashText(unsafe.String(unsafe.SliceData(b), len(b)))
	if cap(b) <= 1<<20 {
		*buf = b
		buffers.Put(buf)
	}
	return h
}

// appendNormalized appends s in lower case, with runs of white space as one
// space and none at the ends.
func appendNormalized(b []byte, s string) []byte {
	start, pending := len(b), false
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			switch c = lowered[c]; {
			case c == ' ':
				pending = len(b) > start
				continue
			case pending:
				b, pending = append(b, ' ', c), false
			default:
				b = append(b, c)
			}
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		at := i
		i += size
		if unicode.IsSpace(c) {
			pending = len(b) > start
			continue
		}
		if pending {
			b, pending = append(b, ' '), false
		}
		if c == utf8.RuneError {
			b = append(b, s[at:i]...) // bytes that are no UTF-8 stay different
		} else {
			b = utf8.AppendRune(b, unicode.ToLower(c))
		}
	}
	return b
}

// lowered holds the characters of ASCII in lower case, with white space as ' '.
var lowered = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = byte(c)
		switch {
		case 'A' <= c && c <= 'Z':
			t[c] += 'a' - 'A'
		case unicode.IsSpace(rune(c)):
			t[c] = ' '
		}
	}
	return t
}()

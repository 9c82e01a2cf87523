package tokenize

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// jsonScanner goes over a JSON document once. Its methods report false where the
// document is not what they want; bad is told by encoding/json then.
type jsonScanner struct {
	raw []byte
	at  int
}

// next returns the next byte that is no white space, 0 at the end, and stays there.
func (s *jsonScanner) next() byte {
	for s.at < len(s.raw) {
		switch c := s.raw[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take goes over the byte c.
func (s *jsonScanner) take(c byte) bool {
	if s.next() != c || s.at == len(s.raw) {
		return false
	}
	s.at++
	return true
}

// The bytes of a word that end what is plain in a string: those that are equal to
// one, and those below another.
const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

func equalTo(x uint64, c byte) uint64 {
	x ^= lows * uint64(c)
	return (x - lows) &^ x & highs
}

// literal goes over a string and returns what stands between its quotes; plain
// says that it has no escape.
func (s *jsonScanner) literal() (inner []byte, plain, ok bool) {
	if !s.take('"') {
		return nil, false, false
	}
	from, plain := s.at, true
	for {
		if s.at+8 <= len(s.raw) {
			x := binary.LittleEndian.Uint64(s.raw[s.at:])
			ends := equalTo(x, '"') | equalTo(x, '\\') | (x-lows*0x20)&^x&highs
			if ends == 0 {
				s.at += 8
				continue
			}
			s.at += bits.TrailingZeros64(ends) / 8
		}
		if s.at >= len(s.raw) {
			return nil, false, false
		}
		switch c := s.raw[s.at]; {
		case c == '"':
			s.at++
			return s.raw[from : s.at-1], plain, true
		case c == '\\':
			plain = false
			s.at += 2
		case c < ' ':
			return nil, false, false
		default:
			s.at++
		}
	}
}

// text is literal with the escapes resolved, in buf if there are some, and what is
// no UTF-8 replaced by U+FFFD.
func (s *jsonScanner) text(buf *[]byte) (text []byte, ok bool) {
	inner, plain, ok := s.literal()
	if !ok {
		return nil, false
	}
	if plain && utf8.Valid(inner) {
		return inner, true
	}
	*buf, ok = unescape((*buf)[:0], inner)
	return *buf, ok
}

// escapes is what the letter of an escape stands for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends what stands between the quotes of a string. encoding/json does
// what is rare: numbered escapes, and what is no UTF-8.
func unescape(dst, inner []byte) ([]byte, bool) {
	from := len(dst)
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' {
			if i++; i == len(inner) || escapes[inner[i]] == 0 {
				return unescapeAny(dst[:from], inner)
			}
			c = escapes[inner[i]]
		}
		dst = append(dst, c)
	}
	if !utf8.Valid(dst[from:]) {
		return unescapeAny(dst[:from], inner)
	}
	return dst, true
}

func unescapeAny(dst, inner []byte) ([]byte, bool) {
	var s string
	if json.Unmarshal(append(append([]byte{'"'}, inner...), '"'), &s) != nil {
		return nil, false
	}
	return append(dst, s...), true
}

// skip goes over a value. Only strings and brackets are looked at.
func (s *jsonScanner) skip() bool {
	depth := 0
	for {
		switch s.next() {
		case 0:
			return false
		case '"':
			if _, _, ok := s.literal(); !ok {
				return false
			}
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		case ',', ':':
			s.at++
			continue // what follows belongs to the value: depth is above 0
		default:
			n := bytes.IndexAny(s.raw[s.at:], " \t\r\n,:]}[{\"")
			if n < 0 {
				n = len(s.raw) - s.at
			}
			s.at += max(n, 1)
		}
		if depth <= 0 {
			return depth == 0
		}
	}
}

// members goes over an object and calls f at each value, which must go over it.
func (s *jsonScanner) members(f func(key []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var buf []byte
	for {
		key, ok := s.text(&buf)
		if !ok || !s.take(':') || !f(key) {
			return false
		}
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// elements goes over a list and calls f at each value, which must go over it.
func (s *jsonScanner) elements(f func() bool) bool {
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	for f() {
		if !s.take(',') {
			return s.take(']')
		}
	}
	return false
}

// hfParts is where the large parts of a tokenizer.json lie.
type hfParts struct {
	vocab, merges       span // the zero span if it is none
	hasModel, hasConfig bool
}

// partsOf finds the parts of a document; ok is false if it is no JSON object.
func partsOf(raw []byte) (p hfParts, ok bool) {
	s := jsonScanner{raw: raw}
	// large skips a value and notes where it was, if it begins with open.
	large := func(to *span, open byte) bool {
		from := s.at
		if s.next() == open {
			from = s.at
		}
		ok := s.skip()
		if ok && raw[from] == open {
			*to = span{from: from, to: s.at}
		}
		return ok
	}
	ok = s.members(func(key []byte) bool {
		switch string(key) {
		case "config":
			p.hasConfig = true
		case "model":
			p.hasModel = s.next() != 'n'
			if s.next() != '{' {
				break
			}
			return s.members(func(key []byte) bool {
				switch string(key) {
				case "vocab":
					return large(&p.vocab, '{')
				case "merges":
					return large(&p.merges, '[')
				}
				return s.skip()
			})
		}
		return s.skip()
	})
	return p, ok && s.next() == 0 && s.at == len(raw)
}

// without returns the document with the large parts empty.
func (p *hfParts) without(raw []byte) []byte {
	first, second := p.vocab, p.merges
	if first.from > second.from {
		first, second = second, first
	}
	out := make([]byte, 0, len(raw)-(first.to-first.from)-(second.to-second.from)+8)
	done := 0
	for _, part := range []span{first, second} {
		if part.to > 0 {
			out = append(append(out, raw[done:part.from+1]...), raw[part.to-1])
			done = part.to
		}
	}
	return append(out, raw[done:]...)
}

// syntaxError says where a document is no JSON, or what else encoding/json finds
// wrong with it.
func syntaxError(raw []byte, otherwise error) error {
	err := json.Unmarshal(raw, &struct{}{})
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%w (byte %d of %d)", err, syntax.Offset, len(raw))
	case err != nil:
		return err
	}
	return otherwise
}

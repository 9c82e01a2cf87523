package tokenize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// spellings is the vocab of a tokenizer.json: its tokens as they are spelled there,
// in order, and their ids.
type spellings struct {
	all   []byte
	ends  []uint32
	ids   []uint32
	slots []uint32 // an open-addressing table of bits of the hash and numbers plus one; 0 is free
	shift uint
}

// numberBits is for the number of a token in the slots.
const numberBits = 21

// readVocab reads the object of tokens and their ids. Of a token that is there
// twice the last id stands.
func readVocab(raw []byte) (*spellings, error) {
	tokens := bytes.Count(raw, []byte{':'}) // and some colons in tokens
	size := 1 << bits.Len(uint(tokens+tokens/2))
	v := &spellings{all: make([]byte, 0, len(raw)/2), ends: make([]uint32, 0, tokens), ids: make([]uint32, 0, tokens),
		slots: make([]uint32, max(size, 2)), shift: uint(64 - bits.TrailingZeros(uint(max(size, 2))))}
	s := jsonScanner{raw: raw}
	var err error
	ok := s.members(func(token []byte) bool {
		var id uint32
		if id, err = s.id(); err == nil {
			err = v.add(token, id)
		}
		if err != nil {
			err = fmt.Errorf("the model's vocab: token %q %w", token, err)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if !ok || s.at != len(raw) {
		return nil, errors.New("the model's vocab is no object of tokens and their ids")
	}
	return v, nil
}

// maxID is the largest id that a token may have.
const maxID = 1<<20 - 1

// id reads the id of a token.
func (s *jsonScanner) id() (uint32, error) {
	s.next()
	from := s.at
	n := uint64(0)
	for s.at < len(s.raw) && s.raw[s.at]-'0' <= 9 && s.at-from < 19 {
		n = n*10 + uint64(s.raw[s.at]-'0')
		s.at++
	}
	digits := s.raw[from:s.at]
	if end := s.next(); len(digits) == 0 || len(digits) > 1 && digits[0] == '0' || end != ',' && end != '}' {
		return 0, fmt.Errorf("has %.20q for its id; want a whole number from 0 on", s.raw[from:])
	}
	if n > maxID {
		return 0, fmt.Errorf("has the id %s; ids go up to %d", digits, maxID)
	}
	return uint32(n), nil
}

// hashOf spreads a token over 64 bits.
func hashOf(token []byte) uint64 {
	n := len(token)
	h := uint64(n) * 0x9E3779B97F4A7C15
	switch {
	case n >= 8:
		for i := 0; i+8 < n; i += 8 {
			h = mixed(h ^ binary.LittleEndian.Uint64(token[i:]))
		}
		h ^= binary.LittleEndian.Uint64(token[n-8:])
	case n >= 4:
		h ^= uint64(binary.LittleEndian.Uint32(token))<<32 | uint64(binary.LittleEndian.Uint32(token[n-4:]))
	case n > 0:
		h ^= uint64(token[0])<<16 | uint64(token[n/2])<<8 | uint64(token[n-1])
	}
	return mixed(h)
}

func mixed(x uint64) uint64 {
	hi, lo := bits.Mul64(x, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

// slot returns the slot of a token, which is free if it is not there.
func (v *spellings) slot(token []byte) (slot *uint32, tag uint32) {
	h := hashOf(token)
	tag = uint32(h>>(v.shift-(32-numberBits))) << numberBits
	for i := h >> v.shift; ; i = (i + 1) & uint64(len(v.slots)-1) {
		slot = &v.slots[i]
		if *slot == 0 || *slot&^(1<<numberBits-1) == tag && string(v.spelled(*slot&(1<<numberBits-1)-1)) == string(token) {
			return slot, tag
		}
	}
}

func (v *spellings) add(token []byte, id uint32) error {
	slot, tag := v.slot(token)
	if *slot != 0 {
		v.ids[*slot&(1<<numberBits-1)-1] = id
		return nil
	}
	if len(v.ids) > maxID {
		return fmt.Errorf("is one of more than %d", maxID+1)
	}
	v.all = append(v.all, token...)
	v.ends, v.ids = append(v.ends, uint32(len(v.all))), append(v.ids, id)
	*slot = tag | uint32(len(v.ids))
	return nil
}

// spelled returns the token with a number.
func (v *spellings) spelled(number uint32) []byte {
	from := uint32(0)
	if number > 0 {
		from = v.ends[number-1]
	}
	return v.all[from:v.ends[number]]
}

// number returns the number of a token.
func (v *spellings) number(token []byte) (number uint32, ok bool) {
	slot, _ := v.slot(token)
	return *slot&(1<<numberBits-1) - 1, *slot != 0
}

// id returns the id of a token.
func (v *spellings) id(token string) (id uint32, ok bool) {
	if number, ok := v.number([]byte(token)); ok {
		return v.ids[number], true
	}
	return 0, false
}

// byID returns the numbers of the tokens by id, plus one; 0 for ids of none.
func (v *spellings) byID() ([]uint32, error) {
	size := uint32(0)
	for _, id := range v.ids {
		size = max(size, id+1)
	}
	numbers := make([]uint32, size)
	for i, id := range v.ids {
		if numbers[id] != 0 {
			return nil, fmt.Errorf("the id %d is of several tokens, one of them %q", id, v.spelled(uint32(i)))
		}
		numbers[id] = uint32(i + 1)
	}
	return numbers, nil
}

// mergeReader reads the merges of a tokenizer.json.
type mergeReader struct {
	vocab  *spellings
	prefix []byte
	read   int    // elements of the list
	merged uint32 // the number of the token that the last merge made
	bufs   [2][]byte
	joined []byte
}

// readMerges reads the list of merges, each "left right" or ["left", "right"]. What
// they make has no prefix on its right side.
func (v *spellings) readMerges(raw []byte, prefix string) (pairs [][3]uint32, err error) {
	r := mergeReader{vocab: v, prefix: []byte(prefix)}
	s := jsonScanner{raw: raw}
	pairs = make([][3]uint32, 0, len(raw)/16)
	ok := s.elements(func() bool {
		var left, right []byte
		left, right, err = r.tokens(&s)
		if err == nil && left != nil {
			var pair [3]uint32
			pair, err = r.pair(left, right)
			pairs = append(pairs, pair)
		}
		r.read++
		return err == nil
	})
	if err == nil && (!ok || s.at != len(raw)) {
		err = errors.New("not a tokenizer.json: the model's merges are no list")
	}
	return pairs, err
}

// tokens reads the two tokens of a merge. The first line of a merges.txt is none.
func (r *mergeReader) tokens(s *jsonScanner) (left, right []byte, err error) {
	if s.next() == '[' {
		n, sides := 0, [2][]byte{}
		ok := s.elements(func() (ok bool) {
			if n < 2 {
				sides[n], ok = s.text(&r.bufs[n])
			}
			n++
			return ok
		})
		if !ok || n != 2 {
			return nil, nil, fmt.Errorf("not a tokenizer.json: merge %d is no list of two tokens", r.read)
		}
		return sides[0], sides[1], nil
	}
	both, ok := s.text(&r.bufs[0])
	if !ok {
		return nil, nil, fmt.Errorf("not a tokenizer.json: merge %d is neither a string nor a list of two", r.read)
	}
	if bytes.HasPrefix(both, []byte("#version")) {
		return nil, nil, nil
	}
	left, right, ok = bytes.Cut(both, []byte{' '})
	if !ok || bytes.IndexByte(right, ' ') >= 0 {
		return nil, nil, fmt.Errorf("merge %d is %q; want two tokens with one space between them", r.read, both)
	}
	return left, right, nil
}

// pair looks up the tokens of a merge. What it makes is often what the merge
// before made, or the next token.
func (r *mergeReader) pair(left, right []byte) (pair [3]uint32, err error) {
	v := r.vocab
	a, okLeft := v.number(left)
	b, okRight := v.number(right)
	tail := bytes.TrimPrefix(right, r.prefix)
	ok := r.makes(left, tail)
	if !ok {
		r.merged++
		ok = int(r.merged) < len(v.ids) && r.makes(left, tail)
	}
	if !ok {
		r.joined = append(append(r.joined[:0], left...), tail...)
		r.merged, ok = v.number(r.joined)
	}
	if !okLeft || !okRight || !ok {
		return pair, fmt.Errorf("merge %d joins %q and %q: not all of them, and %q, are in the vocab", r.read, left, right, string(left)+string(tail))
	}
	return [3]uint32{v.ids[a], v.ids[b], v.ids[r.merged]}, nil
}

// makes reports whether left and right make the last token.
func (r *mergeReader) makes(left, right []byte) bool {
	if int(r.merged) >= len(r.vocab.ids) {
		return false
	}
	whole := r.vocab.spelled(r.merged)
	return len(whole) == len(left)+len(right) && string(whole[:len(left)]) == string(left) && string(whole[len(left):]) == string(right)
}

package split

import (
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

const (
	chunkSize = 4096 // the longest text that is scanned in one go
	chunkMin  = 2048 // where looking for the end of a chunk gives up
	maxHard   = 128

	maxPositions = chunkSize + 8 // of all bytes, and what is written in vain behind
)

// Scanner finds the starts of pieces from masks. It is memory for one goroutine
// at a time; its zero value needs a Family.
type Scanner struct {
	family *Family
	masks  [chunkSize/blockSize + 1]masks
	starts [chunkSize/blockSize + 2]uint64
	hard   [maxHard]int32 // places that the walk has to decide, ascending
	hards  int
	pos    [maxPositions]uint32
	buf    [blockSize + chunkSize + blockSize]byte // the text at hand between zeros
	kinds  *kinds
	scratch
}

// NewScanner returns a scanner of a family.
func NewScanner(f *Family) *Scanner { return &Scanner{family: f, kinds: allKinds()} }

// Next returns the starts of the pieces of text from the place from on, relative
// to it; the last of them is where the next call goes on. from must be the start
// of a piece, less than len(text). chunk is what text has there, followed by more of
// it or by zeros. ok is false where text is not valid UTF-8. The result is valid
// until the next call.
func (s *Scanner) Next(text string, from int) (chunk string, starts []uint32, ok bool) {
	end := len(text)
	if end-from > chunkSize {
		if end = s.family.cut(text, from+chunkMin, from+chunkSize); end < 0 {
			return s.walk(text, from)
		}
	}
	n := copy(s.buf[blockSize:], text[from:end])
	clear(s.buf[blockSize+n:][:blockSize])
	chunk = unsafe.String(&s.buf[blockSize], n+blockSize)
	if !s.scan(chunk, n) {
		if !utf8.ValidString(chunk) {
			return "", nil, false
		}
		return s.walk(text, from)
	}
	return chunk, s.positions(n), true
}

// walk is Next for what the masks cannot tell.
func (s *Scanner) walk(text string, from int) (chunk string, starts []uint32, ok bool) {
	starts, end := append(s.pos[:0], 0), from
	for end < len(text) && end < from+chunkSize && len(starts) <= chunkSize {
		next := s.family.Next(text, end)
		if !utf8.ValidString(text[end:next]) {
			return "", nil, false
		}
		end = next
		starts = append(starts, uint32(end-from))
	}
	return text[from:], starts, true
}

// positions lists the set bits of the starts, and the length of the chunk.
func (s *Scanner) positions(length int) []uint32 {
	n := positions(s.starts[:(length+blockSize-1)/blockSize], &s.pos)
	s.pos[n] = uint32(length)
	return s.pos[:n+1]
}

// positionsGo lists the set bits of words and returns how many they are.
func positionsGo(words []uint64, pos *[maxPositions]uint32) (n int) {
	for w, word := range words {
		base := uint32(w * blockSize)
		end := n + bits.OnesCount64(word)
		for ; n < end; n += 4 { // four at a time, the last of them perhaps in vain
			four := (*[4]uint32)(pos[n:])
			for i := range four {
				four[i] = base + uint32(bits.TrailingZeros64(word))
				word &= word - 1
			}
		}
		n = end
	}
	return n
}

// cut returns the last place of text from least to most where a piece starts
// whatever lies before, and that changes nothing before it: see parts. It returns -1
// if there is none.
func (f *Family) cut(text string, least, most int) int {
	for most > least && !utf8.RuneStart(text[most]) {
		most--
	}
	r, size := utf8.DecodeLastRuneInString(text[:most])
	for i := most - size; i > least; i -= size {
		var before rune
		before, size = utf8.DecodeLastRuneInString(text[:i])
		if f.parts(before, r) && !f.contracts(text, i) {
			return i
		}
		r = before
	}
	return -1
}

// parts reports whether a piece starts at r behind before, unless contracts says
// otherwise: no piece but white space goes on at white space, and only punctuation
// at a line end; none goes on where numbers begin or end, behind a digit that is a
// piece of its own, from letters to what is no word, or, by the family, from small
// letters to capitals, or where Han begins or ends.
func (f *Family) parts(before, r rune) bool {
	if before == utf8.RuneError || r == utf8.RuneError {
		return false
	}
	b, c := ucd.Of(before), ucd.Of(r)
	switch {
	case b == ucd.Space:
		return false // what white space is cut into depends on what follows
	case c == ucd.Space:
		return r != '\n' && r != '\r' || b.IsLetter()
	case b == ucd.Number || c == ucd.Number:
		return b != c || f.Digits == 1
	case f.DeepSeek && isHan(before) != isHan(r):
		return true
	case c == ucd.Upper:
		return b == ucd.Lower && f.Words == Cased
	}
	return b.IsLetter() && (c == ucd.Punct || c == ucd.Other)
}

// contracts reports whether a contraction may go on at i: one that belongs to the
// word before it, or one of three letters of which a capital at i is the last.
func (f *Family) contracts(text string, i int) bool {
	switch b := text[i]; {
	case b == '\'':
		return f.Contractions == SuffixContractions && f.contraction(text, i) > 0
	case b >= 'A' && b <= 'Z':
		return i > 1 && f.contraction(text, i-2) == 3
	}
	return false
}

// scan sets the starts of the pieces of the first length bytes of a chunk. It
// returns false where text is not valid UTF-8, or too much of it is left to the walk.
func (s *Scanner) scan(chunk string, length int) bool {
	blocks := (length + blockSize - 1) / blockSize
	text := chunk[:length]
	if unfinished(text) || !s.classify(chunk[:blocks*blockSize]) {
		return false
	}
	s.hards = 0
	ok := false
	switch {
	case s.family.DeepSeek:
		ok = s.deepSeek(text, blocks)
	case s.family.Words == Spaced:
		ok = s.spaced(text, blocks)
	default:
		ok = s.joined(text, blocks)
	}
	if ok && s.hards > 0 {
		s.repair(text)
	}
	return ok
}

// unfinished reports whether text ends inside of a character.
func unfinished(text string) bool {
	for i, first := range [...]byte{0xC0, 0xE0, 0xF0} {
		if len(text) > i && text[len(text)-1-i] >= first {
			return true
		}
	}
	return false
}

// leave notes places that the walk has to decide: bits of mask in the block at
// base, moved by shift bytes.
func (s *Scanner) leave(mask uint64, at int) bool {
	for mask != 0 {
		if s.hards == maxHard {
			return false
		}
		s.hard[s.hards] = int32(at + bits.TrailingZeros64(mask))
		s.hards++
		mask &= mask - 1
	}
	return true
}

// repair walks from the last start before each hard place until it meets a
// start that was found already.
func (s *Scanner) repair(text string) {
	done := -1
	slices.Sort(s.hard[:s.hards])
	for _, h := range s.hard[:s.hards] {
		if int(h) < done {
			continue
		}
		at := s.lastStart(int(h))
		for {
			next := s.family.Next(text, at)
			found := next >= len(text) || s.starts[next/blockSize]>>(next%blockSize)&1 != 0
			s.clear(at+1, next)
			if next < len(text) {
				s.starts[next/blockSize] |= 1 << (next % blockSize)
			}
			at = next
			if found && at > int(h) {
				break
			}
		}
		done = at
	}
}

// lastStart returns the last start at or before i.
func (s *Scanner) lastStart(i int) int {
	w := i / blockSize
	word := s.starts[w] & (^uint64(0) >> (blockSize - 1 - i%blockSize))
	for word == 0 {
		w--
		word = s.starts[w]
	}
	return w*blockSize + bits.Len64(word) - 1
}

// clear clears the starts of text[from:to].
func (s *Scanner) clear(from, to int) {
	for from < to {
		w, i := from/blockSize, from%blockSize
		n := min(blockSize-i, to-from)
		s.starts[w] &^= ^uint64(0) >> (blockSize - n) << i
		from += n
	}
}

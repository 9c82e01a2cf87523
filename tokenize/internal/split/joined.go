package split

import (
	"math/bits"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// joinedState is what the masks of one block leave to the next: the masks
// themselves, of which the last bit counts, and bits for the first places.
type joinedState struct {
	letter, number, punct, lower uint64
	flat, lineEnd, space, taken  uint64 // flat is white space but line ends
	uncased, cont                uint64
	joins                        uint64 // the next character follows a joining mark
	open                         bool   // white space after a line end goes on
	openAt                       int    // the place of that line end
	phase                        int    // how many digits of a group of three the block before ends with
	pending, drop                uint64
	suffixEnd                    int // where the last contraction ended
}

// joined sets the starts for the families since cl100k. The last bit of a mask
// of the block before comes in as the first bit of the masks moved by one.
func (s *Scanner) joined(text string, blocks int) bool {
	st := joinedState{suffixEnd: -1}
	for i := range blocks {
		if !s.joinedBlock(text, i, &st) {
			return false
		}
	}
	return true
}

func (s *Scanner) joinedBlock(text string, i int, st *joinedState) bool {
	a := &s.masks[i]
	upper, uncased := a.class[ucd.Upper]|a.upper, a.class[ucd.Letter]
	lower := a.class[ucd.Lower] | a.letter&^a.upper
	l := upper | lower | uncased
	mark := a.class[ucd.Mark]
	if s.family.Words != Joined {
		l |= mark
		uncased |= mark
	}
	n := a.class[ucd.Number] | a.number
	flat := a.class[ucd.Space] | a.space | a.blank
	p := valid(len(text), i) &^ (l | n | flat | a.lineEnd)
	c := a.cont

	// Line ends, and slashes after the first, belong to the punctuation before.
	tail := a.lineEnd
	if s.family.Slash {
		tail |= a.slash
	}
	afterP := p<<1 | st.punct>>63
	seed := afterP&a.lineEnd | st.taken>>63&tail
	taken := tail&^(tail+seed) | seed
	lineEnd, w := a.lineEnd&^taken, flat|a.lineEnd&^taken
	afterTaken := taken<<1 | st.taken>>63

	afterSpace := a.space<<1 | st.space>>63
	punctRuns := p &^ taken &^ (afterP &^ afterTaken) &^ afterSpace
	joins := st.follow(punctRuns, c)
	letterRuns := l &^ (l<<1 | st.letter>>63)
	afterFlat := flat<<1 | st.flat>>63
	starts := letterRuns&^(afterFlat|joins) | punctRuns

	// White space: its beginning, the place after the last line end, and the
	// last character before anything else.
	white := st.flat | st.lineEnd
	afterLine := lineEnd<<1 | st.lineEnd>>63
	afterEnd := flat & afterLine
	starts |= w&^(w<<1|white>>63) | afterEnd
	other := l | n | p
	last := flat & (other >> 1)
	lastHeads, hard := firstBytes(last, c)
	starts |= lastHeads
	if st.flat>>63&other != 0 && i > 0 {
		if st.cont>>63 == 0 {
			s.starts[i-1] |= 1 << 63
		} else if !s.leave(1, i*blockSize-1) {
			return false
		}
	}
	edge := uint64(0)
	if st.open || afterEnd != 0 {
		again := st.laterLine(i*blockSize, afterEnd, flat, lineEnd)
		if again >= 0 && !s.leave(1, again) {
			return false
		}
		if again != never {
			edge = afterEnd
		}
	}

	if s.family.Digits == 1 {
		starts |= n &^ c
	} else if n|st.number != 0 {
		starts |= st.threes(n)
		hard |= n & a.high &^ c
	}
	if s.family.Words == Cased {
		starts |= upper & (lower<<1 | st.lower>>63)
		edge |= upper&(uncased<<1|st.uncased>>63) | mark&afterP&^joins&^afterTaken
	}
	if edge&1 != 0 && i > 0 && !s.leave(1, i*blockSize-1) {
		return false
	}
	hard |= edge >> 1

	starts = starts&^st.drop | st.pending
	st.pending, st.drop = 0, 0
	s.contractions(text, i, a.quote, l<<1|st.letter>>63, punctRuns, &starts, st)
	s.starts[i] = starts
	st.letter, st.number, st.punct, st.lower = l, n, p, lower
	st.flat, st.lineEnd, st.space, st.taken = flat, lineEnd, a.space, taken
	st.uncased, st.cont = uncased, c
	return hard == 0 || s.leave(hard, i*blockSize)
}

// follow returns the places right behind the characters that begin at heads.
func (st *joinedState) follow(heads, cont uint64) uint64 {
	next := heads<<1 | st.joins
	sum, carry := bits.Add64(cont, next&cont, 0)
	st.joins = heads>>63 | carry
	return next&^cont | sum&^cont
}

// What laterLine returns besides a place.
const (
	never  = -1 // no line end follows
	inside = -2 // one does, and the first is in the block at hand
)

// laterLine looks for a line end in the white space that goes on after one: then
// the piece goes on too. It returns never if there is none; else the place of the
// first line end, if that was in a block before, or inside.
func (st *joinedState) laterLine(base int, afterEnd, flat, lineEnd uint64) int {
	heads, was, wasAt := afterEnd, st.open, st.openAt
	if was {
		heads |= 1
	}
	sum, carry := bits.Add64(flat, heads&flat, 0)
	found := (sum&^flat | heads&^flat) & lineEnd
	st.open = carry != 0
	if afterEnd != 0 {
		st.openAt = base + bits.Len64(afterEnd) - 2
	}
	switch {
	case found == 0:
		return never
	case was:
		return wasAt
	}
	return inside
}

// threes returns the starts of groups of three digits, taking every byte of a
// number for a digit.
func (st *joinedState) threes(n uint64) (starts uint64) {
	const third = 0x9249249249249249 // every third bit from bit 0 on
	goesOn := n&1 != 0 && st.number>>63 != 0
	if n&(n<<1)&(n<<2)&(n<<3) == 0 && !goesOn {
		st.phase = bits.LeadingZeros64(^n) % 3
		return n &^ (n << 1)
	}
	phase := 0
	if goesOn {
		phase = st.phase
	}
	st.phase = 0
	for rest := n; rest != 0; {
		at := bits.TrailingZeros64(rest)
		count := bits.TrailingZeros64(^(rest >> at))
		run := ^uint64(0) >> (blockSize - count)
		starts |= third << ((3 - phase) % 3) & run << at
		rest &^= run << at
		if at+count == blockSize {
			st.phase = (phase + count) % 3
		}
		phase = 0
	}
	return starts
}

// contractions sets and clears what contractions change.
func (s *Scanner) contractions(text string, i int, quotes, afterLetter, punctRuns uint64, starts *uint64, st *joinedState) {
	body := letters
	if s.family.Words != Joined {
		body = words
	}
	switch s.family.Contractions {
	case OwnContractions:
		quotes &= punctRuns
	case SuffixContractions:
		quotes &= afterLetter
	default:
		return
	}
	for ; quotes != 0; quotes &= quotes - 1 {
		at := bits.TrailingZeros64(quotes)
		from := i*blockSize + at
		size := s.family.contraction(text, from)
		if size == 0 || from == st.suffixEnd {
			continue
		}
		if s.family.Contractions == SuffixContractions {
			st.suffixEnd = from + size
			for j := range size {
				clearNear(starts, &st.drop, at+j)
			}
		}
		if c, n := class(text, from+size); n > 0 && body.has(c) {
			setNear(starts, &st.pending, at+size)
		}
	}
}

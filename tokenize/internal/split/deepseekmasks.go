package split

import (
	"math/bits"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// deepSeekState is what the masks of one block leave to the next, besides what
// they do for the other families: letter, punct and their like are outside of Han.
type deepSeekState struct {
	joinedState
	other                       uint64
	hanWord, hanPunct, hanOther uint64
	run                         uint64 // 1: the letters of ASCII behind a joining mark go on
}

// deepSeek sets the starts for DeepSeek V3, whose third pattern sees parts: numbers
// cut the text, and where Han begins and ends.
func (s *Scanner) deepSeek(text string, blocks int) bool {
	var st deepSeekState
	for i := range blocks {
		if !s.deepSeekBlock(text, i, &st) {
			return false
		}
	}
	return true
}

func (s *Scanner) deepSeekBlock(text string, i int, st *deepSeekState) bool {
	a := &s.masks[i]
	known, in, c := valid(len(text), i), a.class[han], a.cont
	word := a.letter | a.class[ucd.Upper] | a.class[ucd.Lower] | a.class[ucd.Letter] | a.class[ucd.Mark]
	n, flat := a.number|a.class[ucd.Number], a.space|a.blank|a.class[ucd.Space]
	punct := a.class[ucd.Punct] | known&^(a.letter|a.number|a.space|a.blank|a.lineEnd|a.control|a.high)
	other := known &^ (word | n | flat | a.lineEnd | punct)
	l, p, o := word&^in, punct&^in, other&^in

	// Line ends belong to the punctuation before.
	afterP := p<<1 | st.punct>>63
	seed := (afterP | st.taken>>63) & a.lineEnd
	taken := a.lineEnd&^(a.lineEnd+seed) | seed
	lineEnd, w := a.lineEnd&^taken, flat|a.lineEnd&^taken

	punctRuns := p &^ afterP &^ (a.space<<1 | st.space>>63)
	joined, ends := st.joined(punctRuns&^a.high, a.letter)
	afterFlat, afterOther := flat<<1|st.flat>>63, o<<1|st.other>>63
	starts := l&^(l<<1|st.letter>>63|joined|afterFlat|afterOther) | ends&l | punctRuns | o&^afterOther
	lone := o & (l >> 1) // what joins the word behind it
	if in|st.hanWord|st.hanPunct|st.hanOther != 0 {
		starts |= st.hanRuns(word&in, punct&in, other&in)
		lone |= other & in & (word & in >> 1)
	}

	// White space, as for the families since cl100k, but that the end of a part is
	// the end of the text to it.
	white := st.flat | st.lineEnd
	afterEnd := flat & (lineEnd<<1 | st.lineEnd>>63)
	starts |= w&^(w<<1|white>>63) | afterEnd
	behind := l | p | o
	last, hard := firstBytes(flat&(behind>>1)|lone, c)
	starts |= last
	before := st.flat>>63&behind | st.other>>63&l | st.hanOther>>63&word&in
	if before&1 != 0 && i > 0 {
		if st.cont>>63 == 0 {
			s.starts[i-1] |= 1 << 63
		} else if !s.leave(1, i*blockSize-1) {
			return false
		}
	}
	if st.open || afterEnd != 0 {
		again := st.laterLine(i*blockSize, afterEnd, flat, lineEnd)
		if again >= 0 && !s.leave(1, again) {
			return false
		}
		if again != never {
			if afterEnd&1 != 0 && i > 0 && !s.leave(1, i*blockSize-1) {
				return false
			}
			hard |= afterEnd >> 1
		}
	}
	if n|st.number != 0 {
		starts |= st.threes(n)
		hard |= n & a.high &^ c
	}
	s.starts[i] = starts
	st.letter, st.number, st.punct, st.other = l, n, p, o
	st.hanWord, st.hanPunct, st.hanOther = word&in, punct&in, other&in
	st.flat, st.lineEnd, st.space, st.taken, st.cont = flat, lineEnd, a.space, taken, c
	return hard == 0 || s.leave(hard, i*blockSize)
}

// joined returns the letters of ASCII right behind marks of ASCII, which join them,
// and the places behind the words of ASCII that begin so: what follows there is
// another piece.
func (st *deepSeekState) joined(marks, letters uint64) (joined, ends uint64) {
	joined = (marks<<1 | st.joins) & letters
	sum, carry := bits.Add64(letters, joined|st.run&letters, 0)
	ends = (sum | st.run) &^ letters
	st.joins, st.run = marks>>63, carry
	return joined, ends
}

// hanRuns returns the starts of the words, the punctuation and the other characters
// of Han.
func (st *deepSeekState) hanRuns(word, punct, other uint64) uint64 {
	afterOther := other<<1 | st.hanOther>>63
	return word&^(word<<1|st.hanWord>>63|afterOther) | punct&^(punct<<1|st.hanPunct>>63) | other&^afterOther
}

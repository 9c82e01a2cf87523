package split

import (
	"unicode/utf8"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// Next returns the end of the piece of text that starts at from, which must be
// the start of one, less than len(text).
func (f *Family) Next(text string, from int) int {
	switch {
	case f.DeepSeek:
		return nextDeepSeek(text, from)
	case f.Words == Spaced:
		return f.nextSpaced(text, from)
	default:
		return f.nextJoined(text, from)
	}
}

// class returns the class and the length in bytes of the character at i, and Other
// and 0 at the end.
func class(text string, i int) (ucd.Class, int) {
	if i >= len(text) {
		return ucd.Other, 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return ucd.Of(rune(b)), 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return ucd.Of(r), size
}

// run returns the end of the characters from i on whose class is in set, at most
// limit of them (0: any number).
func run(text string, i int, set classSet, limit int) int {
	for n := 0; limit == 0 || n < limit; n++ {
		c, size := class(text, i)
		if size == 0 || !set.has(c) {
			break
		}
		i += size
	}
	return i
}

// classSet is a set of classes.
type classSet uint8

func setOf(classes ...ucd.Class) (s classSet) {
	for _, c := range classes {
		s |= 1 << c
	}
	return s
}

func (s classSet) has(c ucd.Class) bool { return s>>c&1 != 0 }

var (
	letters = setOf(ucd.Upper, ucd.Lower, ucd.Letter)
	words   = letters | setOf(ucd.Mark)
	numbers = setOf(ucd.Number)
	spaces  = setOf(ucd.Space)
	// rest is what no other part of a pattern takes: punctuation.
	rest = ^(letters | numbers | spaces)
	// heads and tails are the two parts of Cased words.
	heads = setOf(ucd.Upper, ucd.Letter, ucd.Mark)
	tails = setOf(ucd.Lower, ucd.Letter, ucd.Mark)
)

func isBreak(b byte) bool { return b == '\n' || b == '\r' }

// nextSpaced is ' ?\p{L}+', ' ?\p{N}+', ' ?[^\s\p{L}\p{N}]+', '\s+(?!\S)', '\s+'
// after the contractions; or, with DigitsCut, the same between single digits.
func (f *Family) nextSpaced(text string, from int) int {
	if n := f.contraction(text, from); n > 0 && f.Contractions == SmallContractions {
		return from + n
	}
	i := from
	if text[i] == ' ' {
		i++
	}
	c, size := class(text, i)
	switch {
	case size == 0 || c == ucd.Space:
		return f.nextSpaces(text, from)
	case letters.has(c):
		return run(text, i, letters, 0)
	case c == ucd.Number && !f.DigitsCut:
		return run(text, i, numbers, 0)
	case c == ucd.Number && i == from:
		return i + size
	case c == ucd.Number:
		return i // the space is at the end of its part
	default:
		return run(text, i, rest, 0)
	}
}

// nextSpaces is white space that no other part of a pattern takes: '\s+(?!\S)'
// leaves the last character before text, '\s+' takes one alone.
func (f *Family) nextSpaces(text string, from int) int {
	end, last := from, from
	for {
		c, size := class(text, end)
		if size == 0 || f.DigitsCut && c == ucd.Number {
			return end
		}
		if c != ucd.Space {
			break
		}
		last, end = end, end+size
	}
	if last > from {
		return last
	}
	return end
}

// nextJoined is the patterns of cl100k and those made after it.
func (f *Family) nextJoined(text string, from int) int {
	if f.Contractions == OwnContractions {
		if n := f.contraction(text, from); n > 0 {
			return from + n
		}
	}
	c, size := class(text, from)
	if end := f.word(text, from, c, size); end > 0 {
		return end
	}
	if c == ucd.Number {
		return run(text, from, numbers, f.Digits)
	}
	i, punct := from, f.punctuation()
	if text[i] == ' ' {
		i++
	}
	if next, _ := class(text, i); i < len(text) && punct.has(next) {
		i = run(text, i, punct, 0)
		for i < len(text) && (isBreak(text[i]) || f.Slash && text[i] == '/') {
			i++
		}
		return i
	}
	if c != ucd.Space {
		return from + size // a mark where marks are neither letters nor punctuation
	}
	end, lineEnd := from, 0
	for end < len(text) {
		next, n := class(text, end)
		if next != ucd.Space {
			break
		}
		end += n
		if isBreak(text[end-1]) {
			lineEnd = end
		}
	}
	if lineEnd > 0 {
		return lineEnd
	}
	return f.nextSpaces(text, from)
}

func (f *Family) punctuation() classSet {
	if f.Words == Marked {
		return rest &^ setOf(ucd.Mark)
	}
	return rest
}

// word returns the end of the word at from, 0 if none starts there: letters with
// at most one character before them. c and size are of the character at from.
func (f *Family) word(text string, from int, c ucd.Class, size int) int {
	body := letters
	if f.Words != Joined {
		body = words
	}
	i := from
	if !letters.has(c) {
		if c == ucd.Number || isBreak(text[from]) {
			return 0
		}
		if !body.has(c) {
			i += size
			if next, n := class(text, i); n == 0 || !body.has(next) {
				return 0
			}
		}
	}
	if f.Words == Cased {
		return f.casedWord(text, i)
	}
	return run(text, i, body, 0)
}

// casedWord returns the end of the word whose letters start at i: heads and at
// least one tail if there is one, else heads alone; then a contraction.
func (f *Family) casedWord(text string, i int) int {
	headEnd := run(text, i, heads, 0)
	end := run(text, headEnd, tails, 0)
	if end == headEnd {
		end = lastTail(text, i, headEnd)
	}
	if f.Contractions == SuffixContractions {
		end += f.contraction(text, end)
	}
	return end
}

// lastTail returns the end of the last letter without case, or mark, in
// text[i:end], and end if there is none: heads give back what they took until one
// of them can be the tail.
func lastTail(text string, i, end int) int {
	for j := end; j > i; {
		r, size := utf8.DecodeLastRuneInString(text[i:j])
		if tails.has(ucd.Of(r)) {
			return j
		}
		j -= size
	}
	return end
}

// contraction returns the length in bytes of the contraction at i, 0 if there is
// none. In either case means as regular expressions fold: U+017F is an s.
func (f *Family) contraction(text string, i int) int {
	if i+1 >= len(text) || text[i] != '\'' {
		return 0
	}
	a, b := text[i+1], byte(0)
	if i+2 < len(text) {
		b = text[i+2]
	}
	if f.Contractions != SmallContractions {
		if a == 0xC5 && b == 0xBF {
			return 3
		}
		a, b = a|0x20, b|0x20
	}
	switch {
	case a == 's' || a == 't' || a == 'm' || a == 'd':
		return 2
	case a == 'r' && b == 'e', a == 'v' && b == 'e', a == 'l' && b == 'l':
		return 3
	}
	return 0
}

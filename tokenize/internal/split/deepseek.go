package split

import (
	"unicode/utf8"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// isHan reports whether r is of the second split of DeepSeek V3: ideographs, kana
// and the marks between them.
func isHan(r rune) bool { return r >= 0x4E00 && r <= 0x9FA5 || r >= 0x3040 && r <= 0x30FF }

// part is what the third pattern of DeepSeek V3 sees: the first two cut the text
// at numbers, and where Han characters begin and end.
type part struct {
	text string
	han  bool
}

// is reports whether the character at i is of the part and its class in set.
func (p part) is(i int, set classSet) (size int, ok bool) {
	if i >= len(p.text) {
		return 0, false
	}
	r, size := utf8.DecodeRuneInString(p.text[i:])
	return size, set.has(ucd.Of(r)) && isHan(r) == p.han
}

// isIdeograph reports whether a character that begins with two bytes is one from
// U+4E00 to U+9F7F, which all are Han and letters.
func isIdeograph(a, b byte) bool {
	return a >= 0xE5 && a <= 0xE8 || a == 0xE4 && b >= 0xB8 || a == 0xE9 && b < 0xBE
}

// run returns the end of the characters from i on that are of the part and in
// set.
func (p part) run(i int, set classSet) int {
	for {
		if p.han {
			for set.has(ucd.Letter) && i+2 < len(p.text) && isIdeograph(p.text[i], p.text[i+1]) {
				i += 3
			}
		} else {
			for i < len(p.text) && p.text[i] < utf8.RuneSelf && set.has(ucd.Of(rune(p.text[i]))) {
				i++
			}
		}
		size, ok := p.is(i, set)
		if !ok {
			return i
		}
		i += size
	}
}

// nextDeepSeek is the three splits of DeepSeek V3 in sequence.
func nextDeepSeek(text string, from int) int {
	r, size := utf8.DecodeRuneInString(text[from:])
	c := ucd.Of(r)
	if c == ucd.Number {
		return run(text, from, numbers, 3)
	}
	p := part{text, isHan(r)}
	if c == ucd.Punct && size == 1 {
		i := from + 1
		for i < len(text) && text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' {
			i++
		}
		if i > from+1 {
			return i
		}
	}
	if end := p.word(from, c, size); end > 0 {
		return end
	}
	punct, i := setOf(ucd.Punct), from
	if text[i] == ' ' {
		i++
	}
	if _, ok := p.is(i, punct); ok {
		i = p.run(i, punct)
		for !p.han && i < len(text) && isBreak(text[i]) {
			i++ // a line end is no Han
		}
		return i
	}
	if c == ucd.Space {
		return p.spaces(from)
	}
	// What no pattern takes stays together up to the next match.
	for i = from + size; ; i += size {
		var ok bool
		if size, ok = p.is(i, setOf(ucd.Other)); !ok {
			return i
		}
		if _, ok = p.is(i+size, words); ok {
			return i
		}
	}
}

// word returns the end of letters and marks with at most one character before
// them that is no letter, punctuation or line break; 0 if none starts at from.
func (p part) word(from int, c ucd.Class, size int) int {
	if words.has(c) {
		return p.run(from, words)
	}
	if c == ucd.Punct || isBreak(p.text[from]) {
		return 0
	}
	if _, ok := p.is(from+size, words); !ok {
		return 0
	}
	return p.run(from+size, words)
}

// spaces returns the end of the white space at from.
func (p part) spaces(from int) int {
	end, last, lineEnd := from, from, 0
	for {
		size, ok := p.is(end, spaces)
		if !ok {
			break
		}
		last, end = end, end+size
		if isBreak(p.text[end-1]) {
			lineEnd = end
		}
	}
	if lineEnd > 0 {
		return lineEnd
	}
	if _, more := p.is(end, ^(spaces | numbers)); more && last > from {
		return last
	}
	return end
}

package jsonx

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// walker follows the grammar through b. Its methods take the offset where
// something starts and return the one behind its end, or -1 with err set.
type walker struct {
	b      []byte
	err    *SyntaxError
	high   uint64 // high bits of string contents, collected when strict
	strict bool   // check the contents of strings
}

func (w *walker) fail(offset int, msg string) int {
	w.err = &SyntaxError{Offset: offset, Msg: msg}
	return -1
}

// unexpected fails at i, where want should stand.
func (w *walker) unexpected(i int, want string) int {
	if i >= len(w.b) {
		return w.fail(len(w.b), "unexpected end of the text, want "+want)
	}
	return w.fail(i, fmt.Sprintf("unexpected %s, want %s", quoteAt(w.b, i), want))
}

// quoteAt shows the character at i for a message.
func quoteAt(b []byte, i int) string {
	if r, n := utf8.DecodeRune(b[i:]); r != utf8.RuneError || n > 1 {
		return strconv.QuoteRune(r)
	}
	return fmt.Sprintf("byte 0x%02x", b[i])
}

// value walks over the value that starts at i. It stands inside of depth
// arrays and objects.
func (w *walker) value(i, depth int) int {
	if i >= len(w.b) {
		return w.unexpected(i, "a value")
	}
	switch c := w.b[i]; c {
	case '"':
		return w.str(i)
	case '{':
		return w.object(i, depth+1)
	case '[':
		return w.array(i, depth+1)
	case 't':
		return w.literal(i, "true")
	case 'f':
		return w.literal(i, "false")
	case 'n':
		return w.literal(i, "null")
	default:
		if c == '-' || isDigit(c) {
			return w.number(i)
		}
		return w.unexpected(i, "a value")
	}
}

func (w *walker) object(i, depth int) int {
	if depth > MaxDepth {
		return w.tooDeep(i)
	}
	i = skipSpace(w.b, i+1)
	if i < len(w.b) && w.b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(w.b) || w.b[i] != '"' {
			return w.unexpected(i, "a key")
		}
		if i = w.str(i); i < 0 {
			return -1
		}
		if i = w.colon(i); i < 0 {
			return -1
		}
		if i = w.value(i, depth); i < 0 {
			return -1
		}
		i = skipSpace(w.b, i)
		if i < len(w.b) && w.b[i] == ',' {
			i = skipSpace(w.b, i+1)
			continue
		}
		if i < len(w.b) && w.b[i] == '}' {
			return i + 1
		}
		return w.unexpected(i, "',' or '}'")
	}
}

func (w *walker) array(i, depth int) int {
	if depth > MaxDepth {
		return w.tooDeep(i)
	}
	i = skipSpace(w.b, i+1)
	if i < len(w.b) && w.b[i] == ']' {
		return i + 1
	}
	for {
		if i = w.value(i, depth); i < 0 {
			return -1
		}
		i = skipSpace(w.b, i)
		if i < len(w.b) && w.b[i] == ',' {
			i = skipSpace(w.b, i+1)
			continue
		}
		if i < len(w.b) && w.b[i] == ']' {
			return i + 1
		}
		return w.unexpected(i, "',' or ']'")
	}
}

// colon walks from behind a key to its value.
func (w *walker) colon(i int) int {
	i = skipSpace(w.b, i)
	if i >= len(w.b) || w.b[i] != ':' {
		return w.unexpected(i, "':'")
	}
	return skipSpace(w.b, i+1)
}

func (w *walker) tooDeep(i int) int {
	return w.fail(i, "more than "+strconv.Itoa(MaxDepth)+" arrays and objects nested in each other")
}

func (w *walker) literal(i int, word string) int {
	for k := 1; k < len(word); k++ {
		if i+k >= len(w.b) || w.b[i+k] != word[k] {
			return w.unexpected(i+k, word)
		}
	}
	return i + len(word)
}

func (w *walker) number(i int) int {
	b := w.b
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
		if i < len(b) && isDigit(b[i]) {
			return w.fail(i, "a number must not start with 0")
		}
	} else if i = w.digits(i); i < 0 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i = w.digits(i + 1); i < 0 {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return w.digits(i)
	}
	return i
}

// digits walks over one digit or more.
func (w *walker) digits(i int) int {
	start := i
	for i < len(w.b) && isDigit(w.b[i]) {
		i++
	}
	if i == start {
		return w.unexpected(i, "a digit")
	}
	return i
}

// str walks over the string whose opening quote is at i.
func (w *walker) str(i int) int {
	i++
	if !w.strict {
		end := closing(w.b, i)
		if end < 0 {
			return w.unterminated()
		}
		return end + 1
	}
	for {
		i, w.high = content(w.b, i, w.high)
		if i >= len(w.b) {
			return w.unterminated()
		}
		switch w.b[i] {
		case '"':
			return i + 1
		case '\\':
			if i+1 < len(w.b) && unescaped[w.b[i+1]] != 0 {
				i += 2
				continue
			}
			if next := skipUnicode(w.b, i); next > i {
				i = next
				continue
			}
			_, msg := escapeLen(w.b[i:])
			return w.fail(i, msg)
		default:
			return w.fail(i, controlMsg(w.b[i]))
		}
	}
}

func (w *walker) unterminated() int {
	return w.fail(len(w.b), "unexpected end of the text, want the closing quote of a string")
}

package jinja2

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// string reads a string literal.
func (l *lexer) string(rest string) error {
	quote := rest[0]
	end := 1
	for ; end < len(rest) && rest[end] != quote; end++ {
		if rest[end] == '\\' {
			end++
		}
	}
	if end >= len(rest) {
		return l.fail(l.line, "the string has no end")
	}
	s, err := unescape(rest[1:end])
	if err != nil {
		return l.fail(l.line, "%v", err)
	}
	l.add(kString, s)
	l.move(l.pos + end + 1)
	return nil
}

// number reads an integer or a float.
func (l *lexer) number(rest string) error {
	n := digits(rest, 0)
	k := kInt
	if n == 1 && rest[0] == '0' && len(rest) > 1 && strings.IndexByte("xXoObB", rest[1]) >= 0 {
		for n = 2; n < len(rest) && (isHex(rest[n]) || rest[n] == '_'); n++ {
		}
	} else {
		if n+1 < len(rest) && rest[n] == '.' && rest[n+1] >= '0' && rest[n+1] <= '9' && !l.afterDot() {
			k, n = kFloat, digits(rest, n+1)
		}
		if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
			m := n + 1
			if m < len(rest) && (rest[m] == '+' || rest[m] == '-') {
				m++
			}
			if e := digits(rest, m); e > m {
				k, n = kFloat, e
			}
		}
	}
	l.add(k, strings.ReplaceAll(rest[:n], "_", ""))
	l.move(l.pos + n)
	return nil
}

// afterDot reports whether the token before is a dot, after which a number is an
// index.
func (l *lexer) afterDot() bool {
	t := l.tokens[len(l.tokens)-1]
	return t.kind == kOp && t.text == "."
}

func digits(s string, from int) int {
	for from < len(s) && (s[from] >= '0' && s[from] <= '9' || s[from] == '_' && from+1 < len(s) && s[from+1] >= '0' && s[from+1] <= '9') {
		from++
	}
	return from
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// IsSpace is Python's str.isspace for one character.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// unescape decodes the escapes of a string literal as Python's unicode-escape
// codec does.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if at := strings.IndexByte("abfnrtv\\'\"", s[i]); at >= 0 {
			b.WriteByte("\a\b\f\n\r\t\v\\'\""[at])
			continue
		}
		size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]
		switch {
		case s[i] == '\n':
		case size > 0:
			if i+size >= len(s) {
				return "", fmt.Errorf("the string has a cut escape \\%s", s[i:])
			}
			r := rune(0)
			for _, c := range []byte(s[i+1 : i+1+size]) {
				if !isHex(c) {
					return "", fmt.Errorf("the string has the bad escape \\%s", s[i:i+1+size])
				}
				r = r<<4 | rune(hexValue(c))
			}
			if !utf8.ValidRune(r) {
				return "", fmt.Errorf("the string escapes no character: \\%s", s[i:i+1+size])
			}
			b.WriteRune(r)
			i += size
		case s[i] >= '0' && s[i] <= '7':
			r := rune(0)
			n := 0
			for ; n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7'; n++ {
				r = r<<3 | rune(s[i+n]-'0')
			}
			b.WriteRune(r)
			i += n - 1
		case s[i] == 'N':
			return "", fmt.Errorf("names of characters (\\N{...}) are not supported")
		default:
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

func hexValue(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

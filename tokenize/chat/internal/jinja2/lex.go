package jinja2

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is a kind of token.
type kind uint8

const (
	kEOF kind = iota
	kData
	kVarBegin
	kVarEnd
	kBlockBegin
	kBlockEnd
	kName
	kString
	kInt
	kFloat
	kOp
)

type token struct {
	kind kind
	text string // of strings what they stand for
	line int
}

// SyntaxError says where a template is no template.
type SyntaxError struct {
	// Line counts from 1.
	Line int
	// Reason is what is wrong there.
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// lexer cuts a template into tokens by the rules of jinja2's lexer under
// trim_blocks and lstrip_blocks.
type lexer struct {
	src    string
	pos    int
	line   int
	tokens []token
	// lineStart is set where nothing but a line end came before, so that
	// lstrip_blocks may take the white space up to here.
	lineStart bool
}

// tokenize returns the tokens of a template.
func tokenize(source string) ([]token, error) {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	l := &lexer{src: strings.TrimSuffix(source, "\n"), line: 1, lineStart: true}
	for l.pos < len(l.src) {
		if err := l.root(); err != nil {
			return nil, err
		}
	}
	return append(l.tokens, token{kind: kEOF, line: l.line}), nil
}

func (l *lexer) fail(line int, format string, args ...any) error {
	return &SyntaxError{line, fmt.Sprintf(format, args...)}
}

func (l *lexer) add(k kind, text string) { l.tokens = append(l.tokens, token{k, text, l.line}) }

// move goes on to pos and counts the lines.
func (l *lexer) move(to int) {
	l.line += strings.Count(l.src[l.pos:to], "\n")
	l.lineStart = to > l.pos && l.src[to-1] == '\n'
	l.pos = to
}

// root reads text up to a tag, and the tag.
func (l *lexer) root() error {
	at := l.pos
	for {
		next := strings.IndexByte(l.src[at:], '{')
		if next < 0 || at+next+1 >= len(l.src) {
			l.add(kData, l.src[l.pos:])
			l.move(len(l.src))
			return nil
		}
		at += next
		if c := l.src[at+1]; c == '{' || c == '%' || c == '#' {
			break
		}
		at++
	}
	text, kind := l.src[l.pos:at], l.src[at+1]
	after := at + 2
	sign := byte(0)
	if after < len(l.src) && (l.src[after] == '-' || l.src[after] == '+') {
		sign = l.src[after]
		after++
	}
	text = l.strip(text, sign, kind != '{')
	if text != "" {
		l.add(kData, text)
	}
	start := l.line + strings.Count(l.src[l.pos:at], "\n")
	l.move(after)
	switch kind {
	case '#':
		return l.comment(start)
	case '{':
		l.add(kVarBegin, "")
		return l.inside(start, "}}")
	}
	if end, ok := l.tagAhead("raw"); ok {
		return l.raw(start, end)
	}
	l.add(kBlockBegin, "")
	return l.inside(start, "%}")
}

// strip takes white space from the end of the text before a tag.
func (l *lexer) strip(text string, sign byte, block bool) string {
	if sign == '-' {
		return strings.TrimRightFunc(text, IsSpace)
	}
	if sign == '+' || !block {
		return text
	}
	from := strings.LastIndexByte(text, '\n') + 1
	if (from > 0 || l.lineStart) && strings.TrimLeftFunc(text[from:], IsSpace) == "" {
		return text[:from]
	}
	return text
}

// comment skips the rest of a comment.
func (l *lexer) comment(start int) error {
	n := strings.Index(l.src[l.pos:], "#}")
	if n < 0 {
		return l.fail(start, "the comment has no end")
	}
	end := l.pos + n
	sign := byte(0)
	if end > l.pos {
		sign = l.src[end-1]
	}
	l.endTag(end+2, sign, true)
	return nil
}

// endTag goes on behind the end of a tag, and the white space that it takes.
func (l *lexer) endTag(to int, sign byte, block bool) {
	switch {
	case sign == '-':
		to = len(l.src) - len(strings.TrimLeftFunc(l.src[to:], IsSpace))
	case sign != '+' && block && to < len(l.src) && l.src[to] == '\n':
		to++
	}
	l.move(to)
}

// tagAhead reports whether a tag of that one name goes on at pos, and where it
// ends before its closing sign.
func (l *lexer) tagAhead(name string) (end int, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(l.src[l.pos:], IsSpace), name)
	if !ok {
		return 0, false
	}
	rest = strings.TrimLeftFunc(rest, IsSpace)
	ok = strings.HasPrefix(rest, "%}") || strings.HasPrefix(rest, "-%}") || strings.HasPrefix(rest, "+%}")
	return len(l.src) - len(rest), ok
}

// raw reads up to {% endraw %}; end is where the opening tag closes.
func (l *lexer) raw(start, end int) error {
	if l.src[end] == '-' {
		l.endTag(end+3, '-', true)
	} else {
		l.move(end + strings.Index(l.src[end:], "%}") + 2) // no newline is taken here
	}
	for at := l.pos; ; {
		n := strings.Index(l.src[at:], "{%")
		if n < 0 {
			return l.fail(start, "the raw block has no end")
		}
		at += n
		from, sign := at+2, byte(0)
		if from < len(l.src) && (l.src[from] == '-' || l.src[from] == '+') {
			sign = l.src[from]
			from++
		}
		probe := lexer{src: l.src, pos: from}
		close, ok := probe.tagAhead("endraw")
		if !ok {
			at = at + 2
			continue
		}
		if text := l.strip(l.src[l.pos:at], sign, true); text != "" {
			l.add(kData, text)
		}
		closing := l.src[close]
		l.endTag(close+strings.Index(l.src[close:], "%}")+2, closing, true)
		return nil
	}
}

// inside reads the tokens of a tag up to its end.
func (l *lexer) inside(start int, end string) error {
	var open []byte
	for {
		to := len(l.src) - len(strings.TrimLeftFunc(l.src[l.pos:], IsSpace))
		l.move(to)
		rest := l.src[l.pos:]
		if rest == "" {
			return l.fail(start, "the tag has no end: expected %s", end)
		}
		if len(open) == 0 {
			sign := byte(0)
			if rest[0] == '-' || rest[0] == '+' && end == "%}" {
				sign = rest[0]
			}
			n := 0
			if sign != 0 {
				n = 1
			}
			if strings.HasPrefix(rest[n:], end) {
				k := kVarEnd
				if end == "%}" {
					k = kBlockEnd
				}
				l.add(k, "")
				l.endTag(l.pos+n+2, sign, end == "%}")
				return nil
			}
		}
		if err := l.token(rest, &open); err != nil {
			return err
		}
	}
}

// token reads one token of a tag.
func (l *lexer) token(rest string, open *[]byte) error {
	c := rest[0]
	switch {
	case c == '\'' || c == '"':
		return l.string(rest)
	case c >= '0' && c <= '9':
		return l.number(rest)
	}
	if r, _ := utf8.DecodeRuneInString(rest); r == '_' || unicode.IsLetter(r) {
		n := len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool {
			return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
		}))
		l.add(kName, rest[:n])
		l.move(l.pos + n)
		return nil
	}
	for _, op := range [...]string{"//", "**", "==", "!=", ">=", "<="} {
		if strings.HasPrefix(rest, op) {
			l.add(kOp, op)
			l.move(l.pos + 2)
			return nil
		}
	}
	switch c {
	case '(', '[', '{':
		*open = append(*open, c)
	case ')', ']', '}':
		want := map[byte]byte{')': '(', ']': '[', '}': '{'}[c]
		if len(*open) == 0 || (*open)[len(*open)-1] != want {
			return l.fail(l.line, "unexpected %q", string(c))
		}
		*open = (*open)[:len(*open)-1]
	case '+', '-', '/', '*', '%', '~', '>', '<', '=', '.', ':', '|', ',', ';':
	default:
		r, _ := utf8.DecodeRuneInString(rest)
		return l.fail(l.line, "unexpected character %q", r)
	}
	l.add(kOp, rest[:1])
	l.move(l.pos + 1)
	return nil
}

package jinja2

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// pythonTitle is str.title: a letter after no letter is upper case.
func pythonTitle(s string) string {
	var b strings.Builder
	inWord := false
	for _, r := range s {
		if inWord {
			b.WriteRune(unicode.ToLower(r))
		} else {
			b.WriteRune(unicode.ToTitle(r))
		}
		inWord = unicode.IsLetter(r)
	}
	return b.String()
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func texts(parts []string) Value {
	out := make([]Value, len(parts))
	for i, p := range parts {
		out[i] = jinja.NewString(p)
	}
	return jinja.NewList(out)
}

// separator returns the separator and the limit of a split; white is set where
// white space separates.
func separator(a []Value, keys map[string]Value) (sep string, n int, white bool, err error) {
	v := option(a, 1, keys, "sep", jinja.None())
	limit, ok := integer(option(a, 2, keys, "maxsplit", jinja.NewInt(-1)))
	switch {
	case !ok:
		return "", 0, false, errors.New("maxsplit is a number")
	case v.IsNone():
		return "", int(limit), true, nil
	case !v.IsString():
		return "", 0, false, fmt.Errorf("must be str or None, not %s", typeName(v))
	case v.AsString() == "":
		return "", 0, false, errors.New("empty separator")
	}
	return v.AsString(), int(limit), false, nil
}

func split(_ *state, a []Value, keys map[string]Value) (Value, error) {
	sep, n, white, err := separator(a, keys)
	if err != nil {
		return a[0], err
	}
	if !white {
		if n >= 0 {
			n++
		}
		return texts(strings.SplitN(a[0].AsString(), sep, n)), nil
	}
	var parts []string
	rest := strings.TrimLeftFunc(a[0].AsString(), IsSpace)
	for rest != "" {
		end := strings.IndexFunc(rest, IsSpace)
		if end < 0 || n >= 0 && len(parts) == n {
			if end >= 0 {
				rest = strings.TrimRightFunc(rest, IsSpace)
			}
			parts = append(parts, rest)
			break
		}
		parts = append(parts, rest[:end])
		rest = strings.TrimLeftFunc(rest[end:], IsSpace)
	}
	return texts(parts), nil
}

func rsplit(s *state, a []Value, keys map[string]Value) (Value, error) {
	sep, n, white, err := separator(a, keys)
	switch {
	case err != nil:
		return a[0], err
	case n < 0:
		return split(s, a, keys)
	case white:
		return a[0], errors.New("rsplit at white space with a limit is not supported")
	}
	parts := strings.Split(a[0].AsString(), sep)
	if extra := len(parts) - 1 - n; extra > 0 {
		parts = append([]string{strings.Join(parts[:extra+1], sep)}, parts[extra+1:]...)
	}
	return texts(parts), nil
}

func splitlines(_ *state, a []Value, keys map[string]Value) (Value, error) {
	keep := option(a, 1, keys, "keepends", jinja.NewBool(false)).IsTruthy()
	s := a[0].AsString()
	var parts []string
	for s != "" {
		end := strings.IndexFunc(s, isLineEnd)
		if end < 0 {
			parts = append(parts, s)
			break
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		if strings.HasPrefix(s[end:], "\r\n") {
			size = 2
		}
		if keep {
			parts = append(parts, s[:end+size])
		} else {
			parts = append(parts, s[:end])
		}
		s = s[end+size:]
	}
	return texts(parts), nil
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

func partition(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if len(a) != 2 || !a[1].IsString() || a[1].AsString() == "" {
		return a[0], errors.New("partition takes a separator")
	}
	before, after, ok := strings.Cut(a[0].AsString(), a[1].AsString())
	if !ok {
		return newTuple(a[0], jinja.NewString(""), jinja.NewString("")), nil
	}
	return newTuple(jinja.NewString(before), a[1], jinja.NewString(after)), nil
}

func affix(has func(s, t string) bool) function {
	return func(_ *state, a []Value, _ map[string]Value) (Value, error) {
		if len(a) == 2 && a[1].IsString() {
			return jinja.NewBool(has(a[0].AsString(), a[1].AsString())), nil
		}
		if len(a) == 2 && a[1].IsList() {
			for _, t := range a[1].AsList().Items {
				if t.IsString() && has(a[0].AsString(), t.AsString()) {
					return jinja.NewBool(true), nil
				}
			}
			return jinja.NewBool(false), nil
		}
		return a[0], errors.New("the first argument must be str or a tuple of str; others are not supported")
	}
}

func runeIndex(s string, at int) Value {
	if at < 0 {
		return jinja.NewInt(-1)
	}
	return jinja.NewInt(int64(utf8.RuneCountInString(s[:at])))
}

func index(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if len(a) != 2 || !a[1].IsString() {
		return a[0], errors.New("index takes one string here")
	}
	at := strings.Index(a[0].AsString(), a[1].AsString())
	if at < 0 {
		return a[0], errors.New("substring not found")
	}
	return runeIndex(a[0].AsString(), at), nil
}

func methodReplace(s *state, a []Value, keys map[string]Value) (Value, error) {
	if len(a) < 3 || !a[1].IsString() || !a[2].IsString() {
		return a[0], errors.New("replace takes two strings")
	}
	n, ok := integer(option(a, 3, keys, "count", jinja.NewInt(-1)))
	if !ok {
		return a[0], errors.New("the count of replace is a number")
	}
	return s.replace(a[0].AsString(), a[1].AsString(), a[2].AsString(), int(n))
}

// methodFormat is str.format with fields {}, {0} and {name}, without formats.
func methodFormat(s *state, a []Value, keys map[string]Value) (Value, error) {
	text := a[0].AsString()
	buf := s.buf[:0]
	var err error
	for next := 1; text != ""; {
		at := strings.IndexAny(text, "{}")
		if at < 0 {
			buf = append(buf, text...)
			break
		}
		buf = append(buf, text[:at]...)
		if strings.HasPrefix(text[at:], "{{") || strings.HasPrefix(text[at:], "}}") {
			buf = append(buf, text[at])
			text = text[at+2:]
			continue
		}
		end := strings.IndexByte(text[at:], '}')
		if text[at] == '}' || end < 0 {
			return a[0], errors.New("the format has a single brace")
		}
		name := text[at+1 : at+end]
		text = text[at+end+1:]
		v, known := keys[name]
		if n, numErr := strconv.Atoi(name); numErr == nil && n >= 0 && n+1 < len(a) {
			v, known = a[n+1], true
		} else if name == "" && next < len(a) {
			v, known = a[next], true
			next++
		}
		if !known {
			return a[0], fmt.Errorf("the format field {%s} has no argument, or is not supported", name)
		}
		if buf, err = appendStr(buf, v); err != nil {
			return v, err
		}
	}
	s.buf = buf
	return s.text(string(buf))
}

func padding(how string) function {
	return func(s *state, a []Value, _ map[string]Value) (Value, error) {
		if len(a) < 2 || !a[1].IsInt() || a[1].AsInt() > 1e6 {
			return a[0], errors.New(how + " takes a width")
		}
		text, fill := a[0].AsString(), " "
		if len(a) > 2 && a[2].IsString() && utf8.RuneCountInString(a[2].AsString()) == 1 {
			fill = a[2].AsString()
		}
		n := int(a[1].AsInt()) - utf8.RuneCountInString(text)
		if n <= 0 {
			return a[0], nil
		}
		switch how {
		case "ljust":
			return s.text(text + strings.Repeat(fill, n))
		case "rjust":
			return s.text(strings.Repeat(fill, n) + text)
		}
		sign := ""
		if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
			sign, text = text[:1], text[1:]
		}
		return s.text(sign + strings.Repeat("0", n) + text)
	}
}

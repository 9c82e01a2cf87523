package onig

import (
	"errors"
	"fmt"
	"strings"
)

// class translates a class in brackets, whose first bracket is read, to an
// expression that matches one character.
func (t *translator) class() (string, error) {
	negate := t.take("^")
	var s set
	var intersected []string // the parts before && signs
	for first := true; ; first = false {
		switch c := t.peek(0); {
		case t.at >= len(t.in):
			return "", errors.New("a class is not closed")
		case c == ']' && !first:
			t.at++
			return closeClass(s, intersected, negate), nil
		case c == '[' && t.peek(1) == ':':
			if err := t.posix(&s); err != nil {
				return "", err
			}
		case c == '[':
			t.at++
			inner, err := t.class()
			if err != nil {
				return "", err
			}
			s.more = append(s.more, inner)
		case c == '&' && t.peek(1) == '&':
			t.at += 2
			intersected = append(intersected, s.expression())
			s = set{}
		default:
			if err := t.members(&s); err != nil {
				return "", err
			}
		}
	}
}

// closeClass returns the expression of a class.
func closeClass(s set, intersected []string, negate bool) string {
	if len(intersected) == 0 {
		if negate {
			return s.negated()
		}
		return s.expression()
	}
	all := ""
	for _, e := range intersected {
		all += "(?=" + e + ")"
	}
	both := "(?:" + all + s.expression() + ")"
	if negate {
		return "(?:(?!" + both + `)[\s\S])`
	}
	return both
}

// posix adds a class such as [:alpha:].
func (t *translator) posix(s *set) error {
	rest := string(t.in[t.at+2:])
	name, _, ok := strings.Cut(rest, ":]")
	if !ok {
		return errors.New("a POSIX class is not closed")
	}
	t.at += 4 + len([]rune(name))
	name, negate := strings.CutPrefix(name, "^")
	items, known := properties[name]
	switch name {
	case "punct":
		items, known = `\p{P}$+<=>\^`+"`|~", true
	case "upper", "lower", "graph", "print":
		known = false
	}
	switch {
	case !known:
		return fmt.Errorf("the class [:%s:] is not supported", name)
	case negate:
		s.more = append(s.more, "[^"+items+"]")
	default:
		s.items += items
	}
	return nil
}

// members adds a character, a range or an escape.
func (t *translator) members(s *set) error {
	from, isChar, err := t.member(s)
	if err != nil || !isChar {
		return err
	}
	if t.peek(0) != '-' || t.peek(1) == ']' || t.peek(1) == 0 {
		t.add(s, from, from)
		return nil
	}
	t.at++
	var end set
	to, isChar, err := t.member(&end)
	switch {
	case err != nil:
		return err
	case !isChar: // a set after a hyphen: the hyphen is one
		t.add(s, from, from)
		t.add(s, '-', '-')
		s.items += end.items
		s.more = append(s.more, end.more...)
		return nil
	case to < from:
		return fmt.Errorf("the range from %q to %q is empty", from, to)
	}
	t.add(s, from, to)
	return nil
}

// member reads a character, or adds the set of an escape.
func (t *translator) member(s *set) (c rune, isChar bool, err error) {
	c = t.peek(0)
	t.at++
	if c != '\\' {
		return c, true, nil
	}
	if t.peek(0) == 0 {
		return 0, false, errors.New("the pattern ends in a backslash")
	}
	if t.peek(0) == 'b' {
		t.at++
		return '\b', true, nil
	}
	got, char, err := t.escaped()
	if err != nil || char >= 0 {
		return char, err == nil, err
	}
	s.items += got.items
	s.more = append(s.more, got.more...)
	return 0, false, nil
}

// add adds a range of characters, in either case where the pattern says so.
func (t *translator) add(s *set, from, to rune) {
	s.items += literal(from)
	if to > from {
		s.items += "-" + literal(to)
	}
	if !t.fold {
		return
	}
	for c := from; c <= to && c-from < 1000; c++ {
		for _, f := range folded(c)[1:] {
			s.items += literal(f)
		}
	}
}

package onig

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// translator writes a pattern for regexp2.
type translator struct {
	in     []rune
	at     int
	out    strings.Builder
	atom   int  // where in out the last atom begins, -1 if there is none
	fold   bool // letters match in either case
	dotAll bool
	groups []group
}

// group is an open parenthesis.
type group struct {
	begin        int // in out
	fold, dotAll bool
}

func translate(pattern string) (string, error) {
	t := &translator{in: []rune(pattern), atom: -1}
	for t.at < len(t.in) {
		if err := t.next(); err != nil {
			return "", fmt.Errorf("at character %d: %w", t.at, err)
		}
	}
	if len(t.groups) > 0 {
		return "", errors.New("a parenthesis is not closed")
	}
	return t.out.String(), nil
}

// peek returns the character n places ahead, 0 at the end.
func (t *translator) peek(n int) rune {
	if t.at+n < len(t.in) {
		return t.in[t.at+n]
	}
	return 0
}

// take steps over prefix if it comes next.
func (t *translator) take(prefix string) bool {
	n := 0
	for _, c := range prefix {
		if t.peek(n) != c {
			return false
		}
		n++
	}
	t.at += n
	return true
}

// write writes an atom.
func (t *translator) write(atom string) {
	t.atom = t.out.Len()
	t.out.WriteString(atom)
}

// next translates what comes next.
func (t *translator) next() error {
	switch c := t.in[t.at]; c {
	case '\\':
		t.at++
		return t.escape()
	case '[':
		t.at++
		class, err := t.class()
		if err != nil {
			return err
		}
		t.write(class)
		return nil
	case '(':
		t.at++
		return t.open()
	case ')':
		if len(t.groups) == 0 {
			return errors.New("a parenthesis is closed that is not open")
		}
		t.at++
		g := t.groups[len(t.groups)-1]
		t.groups = t.groups[:len(t.groups)-1]
		t.fold, t.dotAll = g.fold, g.dotAll
		t.out.WriteByte(')')
		t.atom = g.begin
	case '|':
		t.at++
		t.out.WriteByte('|')
		t.atom = -1
	case '*', '+', '?':
		return t.repeat()
	case '{':
		if t.interval() {
			return t.repeat()
		}
		t.at++
		t.write(`\{`)
	case '.':
		t.at++
		if t.dotAll {
			t.write(`[\s\S]`)
		} else {
			t.write(`[^\n]`)
		}
	case '^':
		t.at++
		t.write(`(?m:^)`)
	case '$':
		t.at++
		t.write(`(?m:$)`)
	default:
		t.at++
		t.char(c)
	}
	return nil
}

// char writes one character that stands for itself.
func (t *translator) char(c rune) {
	if t.fold {
		if all := folded(c); len(all) > 1 {
			items := ""
			for _, f := range all {
				items += literal(f)
			}
			t.write("[" + items + "]")
			return
		}
	}
	t.write(literal(c))
}

// open translates what follows an opening parenthesis.
func (t *translator) open() error {
	if t.take("?#") {
		for t.at < len(t.in) && t.in[t.at] != ')' {
			t.at++
		}
		t.at++
		return nil
	}
	g := group{t.out.Len(), t.fold, t.dotAll}
	if t.peek(0) != '?' {
		t.push(g, "(")
		return nil
	}
	for _, kind := range []string{"?:", "?=", "?!", "?<=", "?<!", "?>"} {
		if t.take(kind) {
			t.push(g, "("+kind)
			return nil
		}
	}
	if t.peek(1) == '<' {
		return t.named(g)
	}
	t.at++
	on := true
	for ; t.at < len(t.in); t.at++ {
		switch c := t.in[t.at]; c {
		case '-':
			on = false
		case 'i':
			t.fold = on
		case 'm':
			t.dotAll = on
		case ':':
			t.at++
			t.push(g, "(?:")
			return nil
		case ')': // to the end of the group that this stands in
			t.at++
			t.atom = -1
			return t.rest()
		default:
			return fmt.Errorf("the group (?%c is unknown", c)
		}
	}
	return errors.New("a group ends early")
}

// rest says that options which hold to the end of a group hold across its
// alternatives, in Ruby only: there they are one group of their own.
func (t *translator) rest() error {
	depth := 0
	for i := t.at; i < len(t.in); i++ {
		switch t.in[i] {
		case '\\':
			i++
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth < 0 {
				return nil
			}
		case '|':
			if depth == 0 && t.out.Len() > 0 {
				return errors.New("options before alternatives")
			}
		}
	}
	return nil
}

func (t *translator) push(g group, open string) {
	t.groups = append(t.groups, g)
	t.out.WriteString(open)
	t.atom = -1
}

// named translates a named group.
func (t *translator) named(g group) error {
	name := ""
	for t.at += 2; t.at < len(t.in) && t.in[t.at] != '>'; t.at++ {
		name += string(t.in[t.at])
	}
	t.at++
	for _, c := range name {
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return fmt.Errorf("the name of a group is %q", name)
		}
	}
	t.push(g, "(?<"+name+">")
	return nil
}

// interval reports whether the brace that comes next begins a repetition.
func (t *translator) interval() bool {
	n, digits, commas := 1, 0, 0
	for ; ; n++ {
		switch c := t.peek(n); {
		case c >= '0' && c <= '9':
			digits++
		case c == ',' && commas == 0:
			commas++
		default:
			return c == '}' && digits > 0
		}
	}
}

// repeat translates a repetition of the last atom.
func (t *translator) repeat() error {
	if t.atom < 0 {
		return errors.New("there is nothing to repeat")
	}
	times, braces := string(t.in[t.at]), t.in[t.at] == '{'
	t.at++
	if braces {
		for t.in[t.at] != '}' {
			times += string(t.in[t.at])
			t.at++
		}
		t.at++
		if strings.HasPrefix(times, "{,") {
			times = "{0" + times[1:]
		}
		times += "}"
	}
	atom := t.out.String()[t.atom:]
	before := t.out.String()[:t.atom]
	t.out.Reset()
	t.out.WriteString(before)
	switch {
	case t.take("?"):
		if braces && !strings.Contains(times, ",") {
			atom = "(?:" + atom + times + ")?" // not lazy
		} else {
			atom += times + "?"
		}
	case !braces && t.take("+"): // possessive, but for braces
		atom = "(?>" + atom + times + ")"
	default:
		atom += times
	}
	t.out.WriteString("(?:" + atom + ")") // so that it can be repeated again
	return nil
}

// escape translates what follows a backslash.
func (t *translator) escape() error {
	c := t.peek(0)
	if c == 0 {
		return errors.New("the pattern ends in a backslash")
	}
	t.at++
	switch c {
	case 'b', 'B':
		const w = "[" + wordItems + "]"
		if c == 'b' {
			t.write("(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))")
		} else {
			t.write("(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))")
		}
		return nil
	case 'A', 'z', 'Z':
		t.write(`\` + string(c))
		return nil
	case 'N':
		t.write(`[^\n]`)
		return nil
	case 'O':
		t.write(`[\s\S]`)
		return nil
	case 'R':
		t.write(`(?>\r\n|[\n-\r\u0085\u2028\u2029])`)
		return nil
	case 'X', 'K', 'G', 'y', 'Y', 'g', 'k', 'C', 'c', 'M', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return fmt.Errorf(`\%c is not supported`, c)
	}
	t.at--
	s, char, err := t.escaped()
	if err != nil {
		return err
	}
	if char >= 0 {
		t.char(char)
		return nil
	}
	t.write(s.expression())
	return nil
}

// escaped translates an escape that stands for a set or, with char, for one
// character; it may be in a class.
func (t *translator) escaped() (s set, char rune, err error) {
	c := t.peek(0)
	t.at++
	switch c {
	case 'p', 'P':
		s, err = t.property(c == 'P')
		return s, -1, err
	case 'd':
		return set{items: `\p{Nd}`}, -1, nil
	case 'D':
		return set{more: []string{`[^\p{Nd}]`}}, -1, nil
	case 's', 'S':
		return set{items: `\` + string(c)}, -1, nil
	case 'w':
		return set{items: wordItems}, -1, nil
	case 'W':
		return set{more: []string{"[^" + wordItems + "]"}}, -1, nil
	case 'h':
		return set{items: hexItems}, -1, nil
	case 'H':
		return set{more: []string{"[^" + hexItems + "]"}}, -1, nil
	case 't', 'n', 'r', 'f', 'v', 'a', 'e':
		return s, map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'v': '\v', 'a': '\a', 'e': 0x1B}[c], nil
	case 'x', 'u':
		char, err = t.hex(c == 'u')
		return s, char, err
	case '0':
		return s, 0, nil
	}
	return s, c, nil
}

// hex reads the digits of \xHH, \x{H...} or \uHHHH.
func (t *translator) hex(four bool) (rune, error) {
	digits, limit := "", 2
	braces := !four && t.take("{")
	if four {
		limit = 4
	} else if braces {
		limit = 8
	}
	for len(digits) < limit && strings.ContainsRune("0123456789abcdefABCDEF", t.peek(0)) && t.peek(0) != 0 {
		digits += string(t.peek(0))
		t.at++
	}
	if braces && !t.take("}") {
		return 0, errors.New("a code point is not closed")
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n > 0x10FFFF || four && len(digits) != 4 || !four && !braces && n >= 0x80 {
		return 0, fmt.Errorf("%q is no code point", digits)
	}
	return rune(n), nil
}

// property reads the name of a property.
func (t *translator) property(negate bool) (set, error) {
	if !t.take("{") {
		return set{}, errors.New("a property has no braces")
	}
	if t.take("^") {
		negate = !negate
	}
	name := ""
	for t.peek(0) != '}' {
		if t.at >= len(t.in) {
			return set{}, errors.New("a property is not closed")
		}
		name += string(t.in[t.at])
		t.at++
	}
	t.at++
	items, err := property(name)
	if err != nil {
		return set{}, err
	}
	if t.fold && (items == `\p{Lu}` || items == `\p{Ll}` || items == `\p{Lt}`) {
		return set{}, errors.New("a case in a pattern of either case")
	}
	if negate {
		return set{more: []string{"[^" + items + "]"}}, nil
	}
	return set{items: items}, nil
}

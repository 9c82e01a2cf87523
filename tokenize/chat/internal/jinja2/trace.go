package jinja2

import (
	"errors"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// Tracer stands for texts by signs while a template renders, and notes all that the
// template finds out about them. What a template does with other texts of which the
// same is true, all else being equal, differs in these texts alone.
//
// A template that looks at a text in another way than the ones known here cannot be
// traced: see ErrOpaque.
type Tracer struct {
	// Texts are the texts that signs stand for. None is white space alone.
	Texts []string
	// Signs are what signs begin with, of a text as it is and of one without white
	// space around it, and what they end with. They begin with the same two bytes,
	// which occur nowhere else.
	Signs [3]string
	// Facts are what the template found out, in order.
	Facts []Fact
}

// Fact is what a template found out about a text.
type Fact struct {
	Text    int  // its number
	Trimmed bool // without white space around it
	Holds   func(text string) bool
	Is      bool // what Holds says
}

// ErrOpaque says that a template looks into texts.
var ErrOpaque = errors.New("the template looks into the texts")

// Sign returns what stands for a text.
func (tr *Tracer) Sign(number int, trimmed bool) Value {
	begin := tr.Signs[0]
	if trimmed {
		begin = tr.Signs[1]
	}
	return jinja.NewString(begin + strconv.Itoa(number) + tr.Signs[2])
}

// Untold is a value that no template may see.
func Untold() Value { return jinja.NewCallable("\x00untold", nil) }

func isUntold(v Value) bool { return v.IsCallable() && v.AsCallable().Name == "\x00untold" }

// Trace renders the template over the variables, in which signs stand for texts.
// The text has signs, and the marks around {% generation %} blocks.
func (t *Template) Trace(vars map[string]Value, marks [2]string, tr *Tracer) (string, error) {
	s := t.acquire()
	s.tracer = tr
	text, err := s.render(vars, marks)
	s.tracer = nil
	if err == nil {
		t.release(s)
	}
	return text, err
}

// signed reports whether v is a text with a sign in it.
func (tr *Tracer) signed(v Value) bool {
	return v.IsString() && strings.Contains(v.AsString(), tr.Signs[0][:2])
}

// holds reports whether v has a sign somewhere.
func (tr *Tracer) holds(v Value, depth int) bool {
	switch {
	case depth > maxNesting || isUntold(v) || isLength(v):
		return true
	case v.IsString():
		return tr.signed(v)
	case v.IsList():
		return tr.anyHolds(v.AsList().Items, depth+1)
	case v.IsDict():
		for _, item := range v.AsDict().Data {
			if tr.holds(item, depth+1) {
				return true
			}
		}
	}
	return false
}

func (tr *Tracer) anyHolds(list []Value, depth int) bool {
	for _, v := range list {
		if tr.holds(v, depth) {
			return true
		}
	}
	return false
}

// sign is a text with one sign in it.
type sign struct {
	before, after string // beside the sign
	number        int    // of the text
	trimmed       bool
}

// alone reports whether the text is the sign and nothing else.
func (s sign) alone() bool { return s.before == "" && s.after == "" }

// read reads a text with one sign in it.
func (tr *Tracer) read(v Value) (s sign, ok bool) {
	if !v.IsString() {
		return s, false
	}
	at, which := NextMark(v.AsString(), tr.Signs[:2])
	if which < 0 {
		return s, false
	}
	s.before, s.trimmed = v.AsString()[:at], which == 1
	digits, after, ok := strings.Cut(v.AsString()[at+len(tr.Signs[which]):], tr.Signs[2])
	number, err := strconv.Atoi(digits)
	s.number, s.after = number, after
	return s, ok && err == nil && !strings.Contains(after, tr.Signs[0][:2])
}

// finds notes whether something is true of a text with a sign. ok is false if it
// has none, or several.
func (tr *Tracer) finds(v Value, holds func(string) bool) (is, ok bool) {
	s, ok := tr.read(v)
	if !ok {
		return false, false
	}
	text := tr.Texts[s.number]
	if s.trimmed {
		text = strings.TrimFunc(text, IsSpace)
	}
	whole := holds
	if !s.alone() {
		whole = func(text string) bool { return holds(s.before + text + s.after) }
	}
	is = whole(text)
	tr.Facts = append(tr.Facts, Fact{s.number, s.trimmed, whole, is})
	return is, true
}

// A length stands for that of a text with a sign: a value that may be compared.
const lengthMark = "\x00length:"

func isLength(v Value) bool {
	return v.IsCallable() && strings.HasPrefix(v.AsCallable().Name, lengthMark)
}

// unchanged returns a sign as it is if f leaves its text alone.
func (tr *Tracer) unchanged(v Value, f func(string) string) (Value, bool, error) {
	same, ok := tr.finds(v, func(text string) bool { return f(text) == text })
	if !ok || !same {
		return v, true, ErrOpaque
	}
	return v, true, nil
}

// call does what a function does with signs. done is false if the function may run
// as it is: it does not look at texts that have signs.
func (tr *Tracer) call(name string, a []Value, keys map[string]Value) (v Value, done bool, err error) {
	if rule := rules[name]; rule != nil {
		return rule(tr, a, keys)
	}
	return tr.untouched(a, keys)
}

// untouched is call for functions that may look at whatever they get: it must be no
// sign.
func (tr *Tracer) untouched(a []Value, keys map[string]Value) (v Value, done bool, err error) {
	for _, k := range keys {
		if tr.holds(k, 0) {
			return v, true, ErrOpaque
		}
	}
	if tr.anyHolds(a, 0) {
		return v, true, ErrOpaque
	}
	return v, false, nil
}

package jinja2

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ardanlabs/jinja"
)

// The limits of a template and of one rendering. They are far beyond what chats
// need, and end templates that would never end.
const (
	// MaxSource is the size in bytes up to which a template is read; the largest in
	// use have 20 KB.
	MaxSource = 1 << 20
	// maxSteps is the number of calls: operators, filters, turns of loops. A call
	// over a long list or text counts as more.
	maxSteps = 2_000_000
	// maxText is the size in bytes of one text that is made; maxWork that of all
	// together.
	maxText = 128 << 20
	maxWork = 512 << 20
	// maxKept is the size in bytes of the largest buffer that is kept.
	maxKept = 1 << 20
	// maxCalls is how deep macros may call each other.
	maxCalls = 200
	// maxRange is jinja2's limit of range in its sandbox.
	maxRange = 100_000
)

// ErrLimit is in the errors about templates that take too long or make too much.
var ErrLimit = errors.New("does it end?")

var (
	errTooLong = fmt.Errorf("the template takes too many steps: %w", ErrLimit)
	errTooMuch = fmt.Errorf("the template makes too much text: %w", ErrLimit)
)

// A Raised is the error that a template raises itself, by raise_exception.
type Raised struct{ Message string }

func (e *Raised) Error() string { return e.Message }

// Options changes what templates see.
type Options struct {
	// Now is the date that strftime_now tells; the zero Time stands for none, and
	// strftime_now is not defined then.
	Now time.Time
}

// Template is a compiled template, safe for concurrent use.
type Template struct {
	engine  *jinja.Template
	used    []string
	none    map[string]bool
	options Options
	// Generation reports whether the template marks what a model writes by
	// {% generation %} blocks.
	Generation bool

	states sync.Pool
}

// Compile reads a template.
func Compile(source string, o Options) (t *Template, err error) {
	defer recovered(&err)
	if len(source) > MaxSource {
		return nil, fmt.Errorf("the template has %d bytes; the limit is %d", len(source), MaxSource)
	}
	list, err := parse(source)
	if err != nil {
		return nil, err
	}
	e, err := emit(list)
	if err != nil {
		return nil, err
	}
	engine, err := jinja.Compile(e.out.String())
	if err != nil {
		return nil, err
	}
	t = &Template{engine: engine, none: e.noneTests, options: o, Generation: e.generation}
	for name := range e.used {
		t.used = append(t.used, name)
	}
	slices.Sort(t.used)
	return t, nil
}

// TestsNone reports whether the template asks somewhere if an attribute of that
// name is none.
func (t *Template) TestsNone(attribute string) bool { return t.none[attribute] }

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the template engine failed: %v", r)
	}
}

// Span is a part of a rendered text, by its first byte and the one after it.
type Span struct{ From, To int }

// Render renders the template over the variables. The spans are those of its
// {% generation %} blocks, in order.
//
// marks are two texts that occur in no variable and begin with the same two bytes;
// they stand around blocks while the engine works.
func (t *Template) Render(vars map[string]Value, marks [2]string) (text string, spans []Span, err error) {
	s := t.acquire()
	text, err = s.render(vars, marks)
	if err != nil {
		return "", nil, err // the state may be in disorder
	}
	t.release(s)
	if t.Generation {
		text, spans = unmark(text, marks)
	}
	return text, spans, nil
}

// acquire returns the state for a rendering.
func (t *Template) acquire() *state {
	if s, ok := t.states.Get().(*state); ok {
		return s
	}
	return t.newState()
}

// release keeps a state whose rendering went well for another.
func (t *Template) release(s *state) {
	if cap(s.buf) > maxKept {
		s.buf = nil
	}
	t.states.Put(s)
}

// unmark takes pairs of marks out of a text and returns what stood between them.
// A mark without its partner is taken out, too.
func unmark(text string, marks [2]string) (string, []Span) {
	var b strings.Builder
	b.Grow(len(text))
	var spans []Span
	var open []int
	for {
		at, which := NextMark(text, marks[:])
		b.WriteString(text[:at])
		if which < 0 {
			return b.String(), spans
		}
		text = text[at+len(marks[which]):]
		switch {
		case which == 0:
			open = append(open, b.Len())
		case len(open) > 0:
			spans = append(spans, Span{open[len(open)-1], b.Len()})
			open = open[:len(open)-1]
		}
	}
}

// NextMark returns the place and the number of the first mark in a text, the end
// of the text and -1 if there is none. All marks must begin with the same two
// bytes.
func NextMark(text string, marks []string) (at, which int) {
	for at < len(text) {
		n := strings.Index(text[at:], marks[0][:2])
		if n < 0 {
			break
		}
		at += n
		for i, m := range marks {
			if strings.HasPrefix(text[at:], m) {
				return at, i
			}
		}
		at++
	}
	return len(text), -1
}

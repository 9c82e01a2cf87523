package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// renderJinja renders a chat by the Jinja template and finds the spans.
func (t *Template) renderJinja(p *page, r *datamix.Record) error {
	f := &finder{t: t, r: r, jinja: t.jinja, ms: r.Messages()}
	if !f.traced(p) {
		if err := f.render(p); err != nil {
			return err
		}
	}
	if f.jinja.Generation {
		f.generated(p, p.blocks)
	} else {
		f.found(p)
	}
	slices.SortFunc(p.spans, func(a, b span) int { return a.from - b.from })
	return nil
}

// render fills the page by the engine.
func (f *finder) render(p *page) error {
	if err := f.open(); err != nil {
		return fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	f.choose(f.values)
	text, blocks, err := f.jinja.Render(f.values.of(f.values.messages, false), f.signs.blocks())
	if err != nil {
		return f.refusal(err)
	}
	f.text, p.blocks = text, append(p.blocks[:0], blocks...)
	p.buf = append(p.buf[:0], text...)
	return nil
}

// choose takes the template that is for chats with tools, where there is one.
func (f *finder) choose(values *chatValues) {
	if f.t.withTools != nil && values.vars["tools"].IsTruthy() {
		f.jinja = f.t.withTools
	}
}

// open makes what the engine needs.
func (f *finder) open() (err error) {
	if f.values != nil {
		return nil
	}
	if f.signs, err = chooseSigns(f.r); err != nil {
		return err
	}
	f.values, err = f.t.values(f.r)
	return err
}

// refusal says which turn an error is about: the last one of the shortest chat that
// meets the same error.
func (f *finder) refusal(err error) error {
	turn := len(f.ms)
	for n := 1; n < len(f.ms) && n <= 64 && !errors.Is(err, jinja2.ErrLimit); n++ {
		_, _, e := f.jinja.Render(f.values.of(f.values.messages[:n], false), f.signs.blocks())
		if e != nil && e.Error() == err.Error() {
			turn = n
			break
		}
	}
	var raised *jinja2.Raised
	if errors.As(err, &raised) {
		return fmt.Errorf("%w at turn %d (%s): %s", ErrTemplate, turn, f.ms[turn-1].Role, raised.Message)
	}
	return fmt.Errorf("%w at turn %d (%s): %s, %w", ErrTemplate, turn, f.ms[turn-1].Role, f.t.name, err)
}

// finder finds the spans of one chat.
type finder struct {
	t     *Template
	r     *datamix.Record
	jinja *jinja2.Template
	ms    []message
	text  string

	values *chatValues // these two are made by open
	signs  signs

	known bool // whether at is the places of the texts
	at    places
}

// generated takes the spans of {% generation %} blocks: each for the first turn
// from where the one before left off whose text it holds.
func (f *finder) generated(p *page, blocks []jinja2.Span) {
	owner := make([]bool, len(f.ms))
	next := 0
	for _, b := range blocks {
		i := next
		for i < len(f.ms) && (f.ms[i].Role != datamix.RoleAssistant || !holds(f.text[b.From:b.To], &f.ms[i])) {
			i++
		}
		if i == len(f.ms) {
			p.faults++
			continue
		}
		owner[i], next = true, i+1
		p.mark(f.ms, i, span{b.From, b.To})
	}
	var missing []int
	for i := range f.ms {
		flagged := f.ms[i].Train == datamix.TrainYes
		if !owner[i] && (flagged || i == len(f.ms)-1) {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return
	}
	places := f.places()
	for _, i := range missing {
		s, ok := places.of(i)
		switch {
		case ok && (f.ms[i].Train == datamix.TrainYes || !f.ms[i].Trains()):
			p.mark(f.ms, i, s)
		case ok: // the template does not train the turn
			p.last, p.known, p.final = s, true, f.ms[i].Role == datamix.RoleAssistant
		case f.ms[i].Train == datamix.TrainYes:
			p.faults++
		}
	}
}

// found finds the spans of a template without blocks.
func (f *finder) found(p *page) {
	places := f.places()
	for i := range f.ms {
		m := &f.ms[i]
		if !m.Trains() && i < len(f.ms)-1 {
			continue
		}
		place, ok := places.of(i)
		switch {
		case m.Role != datamix.RoleAssistant:
			if ok {
				p.mark(f.ms, i, place)
			} else if m.Trains() && !m.Empty() {
				p.faults++
			}
			continue
		case ok:
			s, whole := f.around(i, place, places)
			if !whole && m.Trains() {
				p.faults++ // the tool calls are not in it
			}
			p.mark(f.ms, i, s)
			continue
		}
		if s, ok := f.between(i, places); ok {
			p.mark(f.ms, i, s)
		} else if m.Trains() && !m.Empty() {
			p.faults++
		}
	}
}

// around returns the span of an assistant turn whose text stands at a place: from
// the generation prompt or the reasoning before it, if either stands there, to the
// end-of-turn token. whole is false if the turn has tool calls and they are not in
// the span.
func (f *finder) around(i int, place span, places places) (s span, whole bool) {
	s = place
	m := &f.ms[i]
	low, high := f.bounds(i, places)
	if low >= 0 && low <= place.from {
		gap := f.text[low:place.from]
		if at := strings.LastIndex(gap, f.t.prompt); at >= 0 && f.t.prompt != "" {
			s.from = low + at + len(f.t.prompt)
		} else if at := strings.Index(gap, trim(m.Reasoning)); at >= 0 && trim(m.Reasoning) != "" {
			s.from = low + at
		}
	}
	if len(m.ToolCalls) == 0 {
		s.to = f.withEnd(place.to, i)
		return s, true
	}
	if high < place.to {
		return s, false
	}
	to, ok := f.end(place.to, high, i)
	if !ok || !named(f.text[place.to:to], m) {
		s.to = f.withEnd(place.to, i)
		return s, false
	}
	s.to = to
	return s, true
}

// bounds returns where the text of the turn before ends and that of the next one
// begins, -1 where it is not known.
func (f *finder) bounds(i int, places places) (low, high int) {
	low, high = -1, -1
	if i == 0 {
		low = 0
	} else if s, ok := places.of(i - 1); ok {
		low = s.to
	}
	if i == len(f.ms)-1 {
		high = len(f.text)
	} else if s, ok := places.of(i + 1); ok {
		high = s.from
	}
	return low, high
}

// holds reports whether a span has the text of a turn: all of it, or what follows
// the reasoning in it, which templates cut off. The span of a turn with tool calls
// has their names; some templates leave out the text beside them.
func holds(text string, m *message) bool {
	if !named(text, m) {
		return false
	}
	core := trim(m.Content)
	if len(m.ToolCalls) > 0 || strings.Contains(text, core) {
		return true
	}
	_, after, ok := cutLast(core, "</think>")
	return ok && strings.Contains(text, trim(after))
}

// named reports whether a text has the names of all tool calls of a turn.
func named(text string, m *message) bool {
	for i := range m.ToolCalls {
		if !strings.Contains(text, m.ToolCalls[i].Name) {
			return false
		}
	}
	return true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

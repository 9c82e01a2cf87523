package chat

import (
	"fmt"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// span is a part of a rendered text, by its first byte and the one after it.
type span struct{ from, to int }

// page is a rendered chat with its spans, and the memory that counting it needs.
type page struct {
	buf     []byte
	spans   []span // what carries loss, in order
	last    span   // what the last turn says
	known   bool   // whether last is known
	final   bool   // the last turn is an assistant's
	faults  int    // spans that were not what they should be
	refused bool   // a native form leaves the chat to the Jinja text
	start   int    // where begin was called
	cuts    []tokenize.Cut

	shape  []byte        // of the chat
	places places        // of texts, as a recipe writes them
	blocks []jinja2.Span // {% generation %} blocks, as a recipe writes them
	open   []int         // blocks that have no end yet
}

var pages = sync.Pool{New: func() any { return new(page) }}

// maxPooled is the size in bytes of the largest text whose memory is kept.
const maxPooled = 1 << 20

func newPage() *page {
	p := pages.Get().(*page)
	p.reset()
	return p
}

func (p *page) reset() {
	*p = page{buf: p.buf[:0], spans: p.spans[:0], cuts: p.cuts[:0], shape: p.shape[:0], places: p.places[:0], blocks: p.blocks[:0], open: p.open[:0]}
}

func (p *page) release() {
	if cap(p.buf) <= maxPooled {
		pages.Put(p)
	}
}

func (p *page) add(texts ...string) {
	for _, t := range texts {
		p.buf = append(p.buf, t...)
	}
}

// turn writes what turn i says and what ends the turn, which belongs to the span of
// an assistant's.
func (p *page) turn(ms []message, i int, text, end string) {
	p.begin()
	p.buf = append(p.buf, text...)
	if ms[i].Role == datamix.RoleAssistant {
		p.buf = append(p.buf, end...)
		p.end(ms, i)
		return
	}
	p.end(ms, i)
	p.buf = append(p.buf, end...)
}

func (p *page) begin() { p.start = len(p.buf) }

func (p *page) end(ms []message, i int) { p.mark(ms, i, span{p.start, len(p.buf)}) }

// mark notes the span of turn i.
func (p *page) mark(ms []message, i int, s span) {
	if ms[i].Trains() && s.from < s.to {
		p.spans = append(p.spans, s)
	}
	if i == len(ms)-1 {
		p.last, p.known, p.final = s, true, ms[i].Role == datamix.RoleAssistant
	}
}

// Render returns the record as it is trained: its chat through the template,
// without a generation prompt. A record that the template refuses, or that is no
// chat, is an error.
func (t *Template) Render(r *datamix.Record) (string, error) {
	p := newPage()
	defer p.release()
	if err := t.render(p, r); err != nil {
		return "", err
	}
	return string(p.buf), nil
}

// Spans returns the parts of what Render returns that carry loss, in order, each by
// its first byte and the byte after it, and how many spans turned out not to hold
// the text that they stand for, and were left out.
func (t *Template) Spans(r *datamix.Record) (spans [][2]int, faults int, err error) {
	p := newPage()
	defer p.release()
	if err := t.render(p, r); err != nil {
		return nil, 0, err
	}
	for _, s := range p.spans {
		spans = append(spans, [2]int{s.from, s.to})
	}
	return spans, p.faults, nil
}

// render fills the page.
func (t *Template) render(p *page, r *datamix.Record) error {
	if r.IsText() {
		return fmt.Errorf("%w: it is a plain text, not a chat", ErrTemplate)
	}
	if len(r.Messages()) == 0 {
		return fmt.Errorf("%w: it has no turns", ErrTemplate)
	}
	if t.native != nil && plain(r) {
		t.native(p, &t.tokens, r.Messages())
		if !p.refused {
			return nil
		}
		p.reset()
	}
	return t.renderJinja(p, r)
}

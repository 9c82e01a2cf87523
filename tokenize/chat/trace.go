package chat

import (
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// Most templates put texts where they belong and look at little of them: whether
// one is empty, or has "</think>" in it. So what a template makes of chats whose
// turns have the same roles is the same but for the texts, as long as the little is
// the same too. A template is run on signs instead of the texts, which tells what it
// looks at (jinja2.Tracer); the recipe that this gives writes the chat, and all that
// are like it, without the engine. It is held against a plain rendering first, and
// where the template looks deeper the chat takes the way through the engine, as all
// others of its kind.

// The signs of traces. Templates that have characters of this kind are not traced.
const (
	openMark, closeMark             = "\ufdd0", "\ufdd1"
	wholeSign, trimmedSign, signEnd = "\ufdd2", "\ufdd3", "\ufdd4"
	signLead                        = "\xef\xb7"
)

// recipe is what a template makes of chats of one kind.
type recipe struct {
	facts  []jinja2.Fact // what must be true of the texts
	pieces []piece
	opaque bool // the engine is needed
}

// piece is a part of a rendered chat.
type piece struct {
	literal string
	kind    pieceKind
	text    int // the number of the text
}

type pieceKind uint8

const (
	literalPiece pieceKind = iota
	wholeText
	trimmedText
	blockBegin
	blockEnd
)

// Texts have numbers: two a turn.
const textsOfTurn = 2

func textOf(ms []message, number int) string {
	if number%textsOfTurn == 0 {
		return ms[number/textsOfTurn].Content
	}
	return ms[number/textsOfTurn].Reasoning
}

// recipes are those of a template, by the shape of chats.
type recipes struct {
	known atomic.Pointer[map[string][]*recipe]
	mu    sync.Mutex
	count int
}

// How many recipes a template keeps, and how long the chats are that they are for.
// More kinds than that are traced again every time.
const (
	maxRecipes  = 1024
	maxPerShape = 16
	maxTurns    = 128
)

// get returns the recipe for a chat of a shape, nil if there is none yet.
func (rs *recipes) get(shape []byte, ms []message) *recipe {
	known := rs.known.Load()
	if known == nil {
		return nil
	}
	for _, c := range (*known)[string(shape)] {
		if c.fits(ms) {
			return c
		}
	}
	return nil
}

// put keeps a recipe.
func (rs *recipes) put(shape []byte, c *recipe) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	old := rs.known.Load()
	next := map[string][]*recipe{}
	if old != nil {
		if list := (*old)[string(shape)]; rs.count >= maxRecipes || len(list) >= maxPerShape {
			return
		}
		for k, v := range *old {
			next[k] = v
		}
	}
	list := next[string(shape)]
	next[string(shape)] = append(list[:len(list):len(list)], c)
	rs.count++
	rs.known.Store(&next)
}

// fits reports whether what the template looks at is the same in these turns.
func (c *recipe) fits(ms []message) bool {
	for i := range c.facts {
		fact := &c.facts[i]
		text := textOf(ms, fact.Text)
		if fact.Trimmed {
			text = trim(text)
		}
		if fact.Holds(text) != fact.Is {
			return false
		}
	}
	return true
}

// appendShape appends what decides the rendering of a chat besides its texts; ok is
// false for chats that are not traced.
func appendShape(dst []byte, r *datamix.Record) (shape []byte, ok bool) {
	if r.Tools() != "" {
		return dst, false
	}
	for i := range r.Messages() {
		m := &r.Messages()[i]
		if m.Role == "" || len(m.ToolCalls) > 0 || m.ToolCallID != "" || m.Name != "" || strings.Contains(m.Role, signLead) || blank(m.Content) || blank(m.Reasoning) {
			return dst, false
		}
		for _, p := range m.Parts {
			if isMedia(p) {
				return dst, false
			}
		}
		dst = append(append(dst, m.Role...), 0)
		for _, f := range m.Extra {
			if strings.Contains(f.Name, signLead) {
				return dst, false
			}
			dst = append(append(dst, f.Name...), 1)
		}
		flags := byte('0')
		if m.Content != "" {
			flags++
		}
		if m.Reasoning != "" {
			flags += 2
		}
		dst = append(dst, flags, '\n')
	}
	return dst, true
}

// blank reports whether a text has white space and nothing else.
func blank(text string) bool {
	return text != "" && (text[0] <= ' ' || text[0] >= 0x80) && trim(text) == ""
}

// traced fills the page by a recipe; ok is false if the engine is needed.
func (f *finder) traced(p *page) (ok bool) {
	shape, ok := appendShape(p.shape[:0], f.r)
	p.shape = shape
	if !ok || !f.t.traceable {
		return false
	}
	c := f.t.recipes.get(shape, f.ms)
	if c == nil {
		c = f.trace(p)
		if len(f.ms) <= maxTurns {
			f.t.recipes.put(shape, c)
		}
	}
	if c.opaque {
		return false
	}
	c.write(p, f.ms)
	f.text = unsafe.String(unsafe.SliceData(p.buf), len(p.buf)) // p.buf stays as it is while f is in use
	f.known, f.at = true, p.places
	return true
}

// trace makes the recipe for a chat.
func (f *finder) trace(p *page) *recipe {
	tr := &jinja2.Tracer{Signs: [3]string{wholeSign, trimmedSign, signEnd}}
	messages := make([]jinja2.Value, len(f.ms))
	for i := range f.ms {
		m := f.ms[i]
		tr.Texts = append(tr.Texts, m.Content, m.Reasoning)
		if m.Content != "" {
			m.Content = tr.Sign(textsOfTurn*i, false).AsString()
		}
		if m.Reasoning != "" {
			m.Reasoning = tr.Sign(textsOfTurn*i+1, false).AsString()
		}
		extra := m.Extra
		m.Extra = nil
		v, err := f.t.messageValue(&m)
		if err != nil {
			return &recipe{opaque: true}
		}
		for _, e := range extra {
			if d := v.AsDict(); !d.Has(e.Name) {
				d.Set(e.Name, jinja2.Untold())
			}
		}
		messages[i] = v
	}
	values := f.t.noValues()
	text, err := f.jinja.Trace(values.of(messages, false), [2]string{openMark, closeMark}, tr)
	c := &recipe{facts: tr.Facts, opaque: err != nil}
	if err == nil {
		c.read(text)
		c.opaque = !f.agrees(c, p)
	}
	return c
}

// agrees holds a recipe against the engine.
func (f *finder) agrees(c *recipe, p *page) bool {
	if f.open() != nil {
		return false
	}
	text, blocks, err := f.jinja.Render(f.values.of(f.values.messages, false), f.signs.blocks())
	c.write(p, f.ms)
	same := err == nil && string(p.buf) == text && len(blocks) == len(p.blocks)
	for i := 0; same && i < len(blocks); i++ {
		same = blocks[i] == p.blocks[i]
	}
	p.buf = p.buf[:0]
	return same
}

// read cuts a traced rendering into pieces.
func (c *recipe) read(text string) {
	marks := []string{openMark, closeMark, wholeSign, trimmedSign}
	for text != "" {
		at, which := jinja2.NextMark(text, marks)
		if at > 0 {
			c.pieces = append(c.pieces, piece{literal: strings.Clone(text[:at])})
		}
		if which < 0 {
			return
		}
		text = text[at+len(marks[which]):]
		next := piece{kind: [...]pieceKind{blockBegin, blockEnd, wholeText, trimmedText}[which]}
		if which > 1 {
			var digits string
			digits, text, _ = strings.Cut(text, signEnd)
			for _, d := range []byte(digits) {
				next.text = 10*next.text + int(d-'0')
			}
		}
		c.pieces = append(c.pieces, next)
	}
}

// write writes the chat to the page, with the places of the turns' texts and the
// blocks.
func (c *recipe) write(p *page, ms []message) {
	p.buf, p.blocks, p.places = p.buf[:0], p.blocks[:0], p.places[:0]
	for range ms {
		p.places = append(p.places, nowhere)
	}
	p.open = p.open[:0]
	for i := range c.pieces {
		switch s := &c.pieces[i]; s.kind {
		case literalPiece:
			p.buf = append(p.buf, s.literal...)
		case blockBegin:
			p.open = append(p.open, len(p.buf))
		case blockEnd:
			if n := len(p.open); n > 0 {
				p.blocks = append(p.blocks, jinja2.Span{From: p.open[n-1], To: len(p.buf)})
				p.open = p.open[:n-1]
			}
		default:
			text := textOf(ms, s.text)
			if s.kind == trimmedText {
				text = trim(text)
			}
			from := len(p.buf)
			p.buf = append(p.buf, text...)
			if s.text%textsOfTurn == 0 {
				p.places.add(s.text/textsOfTurn, span{from, len(p.buf)})
			}
		}
	}
	p.places.settle()
}

// places are where the texts of turns stand, by the turn.
type places []span

// nowhere is the place of what cannot be told, twice that of a text that stands
// there more than once.
var nowhere, twice = span{-1, -1}, span{-2, -2}

// of returns the place of a turn.
func (ps places) of(i int) (span, bool) {
	if i >= len(ps) || ps[i].from < 0 {
		return span{}, false
	}
	return ps[i], true
}

// add notes a place. A text that stands there twice is nowhere for certain.
func (ps places) add(i int, s span) {
	switch {
	case i >= len(ps):
	case ps[i] == nowhere:
		ps[i] = s
	default:
		ps[i] = twice
	}
}

// settle ends adding.
func (ps places) settle() {
	for i := range ps {
		if ps[i] == twice {
			ps[i] = nowhere
		}
	}
}

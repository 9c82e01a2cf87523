package chat

import (
	"slices"
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

// traceable reports whether the chat may be traced: nothing in it looks like a sign,
// and what the trace does not look at has a value.
func traceable(r *datamix.Record) bool {
	if maySign(r.Tools()) {
		return false
	}
	for i := range r.Messages() {
		m := &r.Messages()[i]
		if m.Role == "" || maySign(m.Role) || maySign(m.Name) || maySign(m.ToolCallID) || slices.ContainsFunc(m.Parts, isMedia) {
			return false
		}
		for k := range m.ToolCalls {
			if c := &m.ToolCalls[k]; maySign(c.Name) || maySign(c.ID) || maySign(c.Arguments) {
				return false
			}
		}
		for k := range m.Extra {
			if maySign(m.Extra[k].Name) {
				return false
			}
			if m.Extra[k].Kind() == "string" {
				continue
			}
			if _, err := jinja2.FromJSON(m.Extra[k].JSON()); err != nil {
				return false // for the engine's path to tell
			}
		}
	}
	return true
}

// maySign reports whether a text, or the JSON that it may be, could hold a sign.
func maySign(text string) bool {
	return strings.Contains(text, signLead) || strings.Contains(text, `\ufd`) || strings.Contains(text, `\uFD`) || strings.Contains(text, `\uFd`) || strings.Contains(text, `\ufD`)
}

// appendShape appends what decides the rendering of a chat besides its texts; ok is
// false for chats with tools, of which seldom two are alike, and for those with
// turns of white space alone.
func appendShape(dst []byte, r *datamix.Record) (shape []byte, ok bool) {
	if r.Tools() != "" {
		return dst, false
	}
	for i := range r.Messages() {
		m := &r.Messages()[i]
		if len(m.ToolCalls) > 0 || m.ToolCallID != "" || m.Name != "" || blank(m.Content) || blank(m.Reasoning) {
			return dst, false
		}
		dst = append(append(dst, m.Role...), 0)
		for k := range m.Extra {
			dst = append(append(dst, m.Extra[k].Name...), 1)
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
func (f *finder) traced(p *page) bool {
	if !f.t.traceable || !traceable(f.r) {
		return false
	}
	c := f.recipe(p)
	if c.opaque {
		return false
	}
	c.write(p, f.ms)
	f.text = unsafe.String(unsafe.SliceData(p.buf), len(p.buf)) // p.buf stays as it is while f is in use
	f.known, f.at = true, p.places
	return true
}

// recipe returns the recipe of the chat: that of its shape, or one for itself alone.
func (f *finder) recipe(p *page) *recipe {
	shape, ok := appendShape(p.shape[:0], f.r)
	p.shape = shape
	if !ok {
		return f.trace()
	}
	if c := f.t.recipes.get(shape, f.ms); c != nil {
		return c
	}
	c := f.trace()
	c.opaque = c.opaque || !f.agrees(c, p)
	if len(f.ms) <= maxTurns {
		f.t.recipes.put(shape, c)
	}
	return c
}

// trace makes the recipe for a chat.
func (f *finder) trace() *recipe {
	values, err := f.t.noTurns(f.r)
	if err != nil {
		return &recipe{opaque: true}
	}
	f.choose(values)
	tr := &jinja2.Tracer{Signs: [3]string{wholeSign, trimmedSign, signEnd}}
	messages := make([]jinja2.Value, len(f.ms))
	for i := range f.ms {
		m := f.ms[i]
		tr.Texts = append(tr.Texts, m.Content, m.Reasoning)
		if m.Content != "" && !blank(m.Content) {
			m.Content = tr.Sign(textsOfTurn*i, false).AsString()
		}
		if m.Reasoning != "" && !blank(m.Reasoning) {
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
	text, err := f.jinja.Trace(values.of(messages, false), [2]string{openMark, closeMark}, tr)
	if err != nil {
		return &recipe{facts: tr.Facts, opaque: true}
	}
	c := &recipe{facts: tr.Facts}
	c.read(text)
	return c
}

// agrees holds a recipe against the engine.
func (f *finder) agrees(c *recipe, p *page) bool {
	if f.open() != nil {
		return true // its texts leave no signs for a rendering
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

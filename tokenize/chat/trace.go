package chat

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

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

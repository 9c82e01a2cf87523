package chat

import (
	"strings"
	"sync"
	"sync/atomic"

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

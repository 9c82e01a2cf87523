package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
)

// CountOptions changes what a Counter counts. Nil is the defaults.
type CountOptions struct {
	// TextBOS and TextEOS count the template's BOS before a plain text record, and
	// its EOS after it, as one token each; EOS is trained. The default is to count
	// plain texts as they are.
	TextBOS bool `json:"text_bos,omitempty"`
	TextEOS bool `json:"text_eos,omitempty"`
}

// Counter counts records as they are trained. It is a datamix.Tokenizer that
// counts single texts as the tokenizer that it was made of does, and a
// datamix.RecordCounter. It is immutable and safe for concurrent use.
type Counter struct {
	datamix.Tokenizer
	template *Template
	parsing  datamix.Tokenizer // of rendered text, special tokens parsed
	cutter   cutter            // parsing, where it is one
	ours     bool              // parsing keeps no text
	expands  func() bool       // a text may have more tokens than bytes; asked when something is counted
	options  CountOptions
}

// cutter is a tokenizer that knows where its tokens begin, as tokenize.Tokenizer.
type cutter interface {
	CountCuts(text string, cuts []tokenize.Cut) int
}

// limiter is a tokenizer that can stop at a limit.
type limiter interface {
	CountUpTo(text string, limit int) (n int, fits bool)
}

var (
	_ datamix.Tokenizer     = (*Counter)(nil)
	_ datamix.RecordCounter = (*Counter)(nil)
	_ datamix.Describer     = (*Counter)(nil)
)

// New returns a counter of tok and a template. Special tokens in rendered chats are
// parsed, whatever the options of a *tokenize.Tokenizer say. Of another tokenizer
// that does not have its method CountCuts, a text is counted up to the edges of
// spans, as if tokens began there.
func New(tok datamix.Tokenizer, template *Template, opts *CountOptions) (*Counter, error) {
	if tok == nil || template == nil {
		return nil, fmt.Errorf("datamix/tokenize/chat: a counter needs a tokenizer and a template")
	}
	c := &Counter{Tokenizer: tok, template: template, parsing: tok}
	if opts != nil {
		c.options = *opts
	}
	if t, ok := tok.(*tokenize.Tokenizer); ok {
		c.parsing, c.ours = t.Parsing(), true
	}
	c.cutter, _ = c.parsing.(cutter)
	c.expands = sync.OnceValue(func() bool {
		if t, ok := c.parsing.(interface{ Expands() bool }); ok {
			return t.Expands()
		}
		texts := []string{"", "a", " ", "\x00", "\xff", "é", "日", "\u0958", "\ufdfa", "\U0001d15e"}
		return slices.ContainsFunc(texts, func(text string) bool { return c.parsing.Count(text) > len(text) })
	})
	return c, nil
}

// Expands reports whether a text may have more tokens than bytes, as the tokenizer
// says, or as some texts show where it does not.
func (c *Counter) Expands() bool { return c.expands() }

// Template is the template that records are rendered with.
func (c *Counter) Template() *Template { return c.template }

// Name is the name of the template and, where it has one, of the tokenizer.
func (c *Counter) Name() string {
	if n, ok := c.Tokenizer.(interface{ Name() string }); ok {
		return n.Name() + " with " + c.template.name
	}
	return c.template.name
}

// Fingerprint is a SHA-256 in hexadecimal of everything that decides a count: the
// template, the options and the tokenizer, as far as that describes itself.
func (c *Counter) Fingerprint() string {
	s, _ := c.Spec()
	b, _ := json.Marshal(s) // a Spec is JSON already
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Spec describes the counter by its template and its tokenizer. ok is false where
// the tokenizer has no description.
func (c *Counter) Spec() (datamix.Spec, bool) {
	inner, ok := datamix.Describe(c.parsing)
	s := datamix.NewSpec("chat_template", version, struct {
		Template    string `json:"template"`
		Fingerprint string `json:"fingerprint"`
		CountOptions
	}{c.template.name, c.template.fingerprint, c.options})
	plain, _ := datamix.Describe(c.Tokenizer)
	s.Inner = []datamix.Spec{inner, plain}
	return s, ok
}

// CountUpTo counts a text as the tokenizer does: see tokenize.Tokenizer.CountUpTo.
// Of a tokenizer that cannot stop at a limit the whole text is counted.
func (c *Counter) CountUpTo(text string, limit int) (n int, fits bool) {
	return countUpTo(c.Tokenizer, text, limit)
}

func countUpTo(tok datamix.Tokenizer, text string, limit int) (n int, fits bool) {
	if l, ok := tok.(limiter); ok {
		return l.CountUpTo(text, limit)
	}
	n = tok.Count(text)
	return n, n <= limit
}

// CountRecord counts a record as the package says. A record that the template
// refuses is an error that names the turn. The record is not changed.
func (c *Counter) CountRecord(r *datamix.Record) (datamix.Counts, error) {
	return c.measure(r)
}

// RecordWithin reports whether a record has at most limit tokens, as CountRecord
// counts its Total. A rendered text of at most limit bytes is not counted, and
// counting stops at the limit.
func (c *Counter) RecordWithin(r *datamix.Record, limit int) (bool, error) {
	if r.IsText() {
		_, fits := countUpTo(c.Tokenizer, r.Text(), limit-c.around())
		return fits, nil
	}
	p := newPage()
	defer p.release()
	if err := c.template.render(p, r); err != nil {
		return false, err
	}
	if !c.expands() && len(p.buf) <= limit {
		return true, nil
	}
	_, fits := countUpTo(c.parsing, c.text(p), limit)
	return fits, nil
}

// TrainableWithin reports whether one of the first limit tokens of a record carries
// loss. Nothing is counted where the bytes before the first span show it.
func (c *Counter) TrainableWithin(r *datamix.Record, limit int) (bool, error) {
	if r.IsText() {
		_, lead, _ := c.measureText(r.Text())
		return lead >= 0 && lead < limit, nil
	}
	p := newPage()
	defer p.release()
	if err := c.template.render(p, r); err != nil {
		return false, err
	}
	if len(p.spans) == 0 {
		return false, nil
	}
	if !c.expands() && p.spans[0].from < limit {
		return true, nil
	}
	p.cuts = append(p.cuts, tokenize.Cut{At: p.spans[0].from})
	c.countCuts(c.text(p), p.cuts)
	return p.cuts[0].Ended < limit, nil
}

func (c *Counter) around() (n int) {
	if c.options.TextBOS {
		n++
	}
	if c.options.TextEOS {
		n++
	}
	return n
}

// text returns the text of a page; tokenizers of others may keep it.
func (c *Counter) text(p *page) string {
	if c.ours {
		return unsafe.String(unsafe.SliceData(p.buf), len(p.buf)) // not kept, and p stays as it is
	}
	return string(p.buf)
}

// measure counts a record.
func (c *Counter) measure(r *datamix.Record) (counts datamix.Counts, err error) {
	if r.IsText() {
		counts, _, err = c.measureText(r.Text())
		return counts, err
	}
	p := newPage()
	defer p.release()
	if err := c.template.render(p, r); err != nil {
		return counts, err
	}
	for _, s := range p.spans {
		p.cuts = append(p.cuts, tokenize.Cut{At: s.from}, tokenize.Cut{At: s.to})
	}
	if p.known {
		p.cuts = append(p.cuts, tokenize.Cut{At: p.last.from}, tokenize.Cut{At: p.last.to})
	}
	slices.SortFunc(p.cuts, func(a, b tokenize.Cut) int { return a.At - b.At })
	counts.Total = c.countCuts(c.text(p), p.cuts)
	counts.MaskFaults = p.faults
	done := 0 // tokens of the spans before
	for _, s := range p.spans {
		from, to := p.tokens(s)
		if from = max(from, done); from < to {
			counts.Trainable += to - from
			done = to
		}
	}
	if p.known {
		from, to := p.tokens(p.last)
		counts.Context = from
		if p.final {
			counts.Final = to - from
		}
	} else {
		counts.Context = counts.Total // what the last turn says is nowhere
	}
	return counts, nil
}

// tokens returns the numbers of the tokens that have a byte in a span: the first
// and the one after the last.
func (p *page) tokens(s span) (from, to int) {
	a, _ := slices.BinarySearchFunc(p.cuts, s.from, func(c tokenize.Cut, at int) int { return c.At - at })
	b, _ := slices.BinarySearchFunc(p.cuts, s.to, func(c tokenize.Cut, at int) int { return c.At - at })
	return p.cuts[a].Ended, max(p.cuts[a].Ended, p.cuts[b].Begun)
}

// measureText counts a plain text. lead is the number of tokens before the first
// that carries loss, -1 where there is none.
func (c *Counter) measureText(text string) (counts datamix.Counts, lead int, err error) {
	counts.Final = c.Count(text)
	if c.options.TextEOS {
		counts.Final++
	}
	counts.Total, counts.Trainable = counts.Final, counts.Final
	if c.options.TextBOS {
		counts.Total++
		lead++
	}
	if counts.Trainable == 0 {
		lead = -1
	}
	return counts, lead, nil
}

// countCuts is CountCuts of any tokenizer.
func (c *Counter) countCuts(text string, cuts []tokenize.Cut) int {
	if c.cutter != nil {
		return c.cutter.CountCuts(text, cuts)
	}
	total := c.parsing.Count(text)
	for i, cut := range cuts {
		n := total
		if cut.At < len(text) {
			n = min(total, c.parsing.Count(text[:cut.At]))
		}
		cuts[i].Begun, cuts[i].Ended = n, n
	}
	return total
}

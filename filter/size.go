package filter

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// bounds are those of a whole number, both inclusive. 0 stands for none.
type bounds struct {
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

func (g bounds) check() error {
	switch {
	case g.Min == 0 && g.Max == 0:
		return errors.New("it needs min or max")
	case g.Min < 0 || g.Max < 0 || g.Max > 0 && g.Max < g.Min:
		return fmt.Errorf("min is %d and max is %d: want 0 <= min <= max", g.Min, g.Max)
	}
	return nil
}

func (g bounds) verdict(n int, few, many datamix.Verdict) datamix.Verdict {
	switch {
	case n < g.Min:
		return few
	case g.Max > 0 && n > g.Max:
		return many
	}
	return datamix.Keep
}

// Turns drops chats with fewer than least or more than most messages, a system
// or developer message at the start not counted, with the reasons
// "too_few_turns" and "too_many_turns". Messages of tools count. 0 stands for
// no bound. A plain text passes.
func Turns(least, most int) datamix.Filter {
	g := bounds{least, most}
	if err := g.check(); err != nil {
		return brokenf("turns", "%v", err)
	}
	return newRule("turns", g, func(r *datamix.Record) (datamix.Verdict, error) {
		if r.IsText() {
			return datamix.Keep, nil
		}
		return g.verdict(len(afterSystem(r.Messages())), "too_few_turns", "too_many_turns"), nil
	})
}

// afterSystem returns the turns without a system or developer turn at the
// start.
func afterSystem(ms []datamix.Message) []datamix.Message {
	if len(ms) > 0 && (ms[0].Role == datamix.RoleSystem || ms[0].Role == "developer") {
		return ms[1:]
	}
	return ms
}

// Bytes drops records whose texts together have fewer than least or more than
// most bytes of UTF-8, with the reasons "too_few_bytes" and "too_many_bytes". 0
// stands for no bound.
func Bytes(least, most int) datamix.Filter {
	g := bounds{least, most}
	if err := g.check(); err != nil {
		return brokenf("bytes", "%v", err)
	}
	return newRule("bytes", g, func(r *datamix.Record) (datamix.Verdict, error) {
		return g.verdict(recordBytes(r), "too_few_bytes", "too_many_bytes"), nil
	})
}

// CharsOptions are those of Chars. Nil stands for the zero CharsOptions.
type CharsOptions struct {
	// In is where to count: InAny (the default), InPrompt or InResponse.
	In string `json:"in,omitempty"`
	// Role counts the turns of that role alone. It excludes In.
	Role string `json:"role,omitempty"`
	// Each holds the bounds against every turn by itself, not against the sum.
	Each bool `json:"each,omitempty"`
}

type charsOptions struct {
	bounds
	CharsOptions
}

// Chars drops records whose texts together have fewer than least or more than
// most characters (Unicode code points), with the reasons "too_few_chars" and
// "too_many_chars". 0 stands for no bound. data-juicer's text_length filter has
// a minimum of 10.
func Chars(least, most int, o *CharsOptions) datamix.Filter {
	if o == nil {
		o = &CharsOptions{}
	}
	g := bounds{least, most}
	s, err := newScope(o.In, o.Role, "")
	if err == nil {
		err = g.check()
	}
	if err != nil {
		return brokenf("chars", "%v", err)
	}
	c := charCounter{g, s, o.Each, "too_few_chars", "too_many_chars"}
	return newRule("chars", charsOptions{g, *o}, c.judge)
}

// ResponseChars is Chars for the content of the last assistant turn alone, with
// reasons of its own: "too_few_response_chars" and "too_many_response_chars".
func ResponseChars(least, most int) datamix.Filter {
	g := bounds{least, most}
	if err := g.check(); err != nil {
		return brokenf("response_chars", "%v", err)
	}
	c := charCounter{g, scope{in: InResponse}, false, "too_few_response_chars", "too_many_response_chars"}
	return newRule("response_chars", g, c.judge)
}

type charCounter struct {
	bounds
	scope
	each      bool
	few, many datamix.Verdict
}

func (c charCounter) judge(r *datamix.Record) (datamix.Verdict, error) {
	switch {
	case c.in == InPrompt:
		return c.text(r.Prompt()), nil
	case c.in == InResponse:
		return c.text(r.Response()), nil
	case r.IsText() && c.role == "":
		return c.text(r.Text()), nil
	}
	ms := r.Messages()
	size, chars := 0, 0
	for i := range ms {
		if c.role != "" && ms[i].Role != c.role {
			continue
		}
		if c.each {
			if v := c.verdict(messageChars(&ms[i]), c.few, c.many); v != datamix.Keep {
				return v, nil
			}
			continue
		}
		size += messageBytes(&ms[i])
	}
	if c.each || c.clear(size) {
		return datamix.Keep, nil
	}
	for i := range ms {
		if c.role == "" || ms[i].Role == c.role {
			chars += messageChars(&ms[i])
		}
	}
	return c.verdict(chars, c.few, c.many), nil
}

func (c charCounter) text(s string) datamix.Verdict {
	if c.clear(len(s)) {
		return datamix.Keep
	}
	return c.verdict(utf8.RuneCountInString(s), c.few, c.many)
}

// clear reports whether a text of so many bytes is within the bounds whatever
// it holds: a character has one byte to four.
func (g bounds) clear(size int) bool {
	return (size+3)/4 >= g.Min && (g.Max == 0 || size <= g.Max)
}

func messageChars(m *datamix.Message) int {
	n := utf8.RuneCountInString(m.Reasoning) + utf8.RuneCountInString(m.Content)
	for i := range m.ToolCalls {
		n += utf8.RuneCountInString(m.ToolCalls[i].Name) + utf8.RuneCountInString(m.ToolCalls[i].Arguments)
	}
	return n
}

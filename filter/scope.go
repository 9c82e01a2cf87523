package filter

import (
	"fmt"

	"github.com/datamix-go/datamix"
)

// The places that options called In know.
const (
	// InAny is every text of the record, as datamix.Record.Texts lists them.
	InAny = "any"
	// InPrompt is the content of the first user turn.
	InPrompt = "prompt"
	// InResponse is the content of the last assistant turn; of a plain text the
	// text.
	InResponse = "response"
)

// scope says which texts of a record are looked at.
type scope struct{ in, role, field string }

// newScope returns the scope that options describe: at most one of the three.
// The names of the usual roles may stand for in as well.
func newScope(in, role, field string) (scope, error) {
	given := 0
	for _, s := range []string{in, role, field} {
		if s != "" {
			given++
		}
	}
	if given > 1 {
		return scope{}, fmt.Errorf("it looks in %q, role %q and field %q; want one of the three", in, role, field)
	}
	switch in {
	case "":
		if given == 0 {
			in = InAny
		}
	case InAny, InPrompt, InResponse:
	case datamix.RoleSystem, datamix.RoleUser, datamix.RoleAssistant, datamix.RoleTool:
		in, role = "", in
	default:
		return scope{}, fmt.Errorf("it cannot look in %q; known are any, prompt, response, system, user, assistant, tool, and other roles by role", in)
	}
	return scope{in, role, field}, nil
}

// find reports whether some text in the scope satisfies match. A column that is
// no string is looked at as JSON; one that is missing or null has no text.
func (s scope) find(r *datamix.Record, match func(string) bool) (bool, error) {
	switch {
	case s.field != "":
		f, ok := r.Field(s.field)
		if !ok || f.IsNull() {
			return false, nil
		}
		if f.Kind() != "string" {
			return match(f.JSON()), nil
		}
		text, err := f.Text()
		return err == nil && match(text), err
	case s.role != "":
		ms := r.Messages()
		for i := range ms {
			if ms[i].Role == s.role && anyTextOf(&ms[i], match) {
				return true, nil
			}
		}
		return false, nil
	case s.in == InPrompt:
		return match(r.Prompt()), nil
	case s.in == InResponse:
		return match(r.Response()), nil
	case r.IsText():
		return match(r.Text()), nil
	}
	ms := r.Messages()
	for i := range ms {
		if anyTextOf(&ms[i], match) {
			return true, nil
		}
	}
	return false, nil
}

// eachText calls f with the texts of a record that count, in the order in which
// datamix.CountRecord counts them, until f returns false; it returns what f
// returned last.
func eachText(r *datamix.Record, f func(string) bool) bool {
	if r.IsText() {
		return f(r.Text())
	}
	ms := r.Messages()
	for i := range ms {
		if !eachTextOf(&ms[i], f) {
			return false
		}
	}
	return true
}

// eachTextOf is eachText for one turn.
func eachTextOf(m *datamix.Message, f func(string) bool) bool {
	if m.Reasoning != "" && !f(m.Reasoning) || m.Content != "" && !f(m.Content) {
		return false
	}
	for i := range m.ToolCalls {
		if !f(m.ToolCalls[i].Name) || !f(m.ToolCalls[i].Arguments) {
			return false
		}
	}
	return true
}

func anyTextOf(m *datamix.Message, match func(string) bool) bool {
	if m.Reasoning != "" && match(m.Reasoning) || m.Content != "" && match(m.Content) {
		return true
	}
	for i := range m.ToolCalls {
		if match(m.ToolCalls[i].Name) || match(m.ToolCalls[i].Arguments) {
			return true
		}
	}
	return false
}

// recordBytes is the number of bytes of the texts of a record.
func recordBytes(r *datamix.Record) int {
	if r.IsText() {
		return len(r.Text())
	}
	n := 0
	ms := r.Messages()
	for i := range ms {
		n += messageBytes(&ms[i])
	}
	return n
}

func messageBytes(m *datamix.Message) int {
	n := len(m.Reasoning) + len(m.Content)
	for i := range m.ToolCalls {
		n += len(m.ToolCalls[i].Name) + len(m.ToolCalls[i].Arguments)
	}
	return n
}

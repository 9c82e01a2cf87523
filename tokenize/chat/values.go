package chat

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ardanlabs/jinja"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// chatValues is the variables of one chat.
type chatValues struct {
	vars     map[string]jinja2.Value
	messages []jinja2.Value
}

// values makes the variables of a record.
func (t *Template) values(r *datamix.Record) (*chatValues, error) {
	v, err := t.noTurns(r)
	if err != nil {
		return nil, err
	}
	ms := r.Messages()
	v.messages = make([]jinja2.Value, len(ms))
	for i := range ms {
		m, err := t.messageValue(&ms[i])
		if err != nil {
			return nil, fmt.Errorf("turn %d (%s): %w", i+1, ms[i].Role, err)
		}
		v.messages[i] = m
	}
	return v, nil
}

// noTurns makes the variables of a record but for its turns.
func (t *Template) noTurns(r *datamix.Record) (*chatValues, error) {
	v := &chatValues{vars: make(map[string]jinja2.Value, len(t.vars)+4)}
	maps.Copy(v.vars, t.vars)
	v.vars["tools"], v.vars["documents"] = jinja.None(), jinja.None()
	if tools := strings.TrimSpace(r.Tools()); tools != "" && tools != "null" && tools != "[]" {
		list, err := jinja2.FromJSON(tools)
		if err != nil {
			return nil, fmt.Errorf("its tools are no JSON: %w", err)
		}
		if !list.IsList() {
			list = jinja.NewList([]jinja2.Value{list})
		}
		v.vars["tools"] = list
	}
	return v, nil
}

// of sets the variables for the first n messages.
func (v *chatValues) of(messages []jinja2.Value, prompt bool) map[string]jinja2.Value {
	v.vars["messages"] = jinja.NewList(messages)
	v.vars["add_generation_prompt"] = jinja.NewBool(prompt)
	return v.vars
}

func (t *Template) messageValue(m *message) (jinja2.Value, error) {
	value, d := jinja2.Dict(6)
	if m.Role == "" {
		return value, fmt.Errorf("it has no role")
	}
	d.Set("role", jinja.NewString(m.Role))
	content, err := t.contentValue(m)
	if err != nil {
		return value, err
	}
	d.Set("content", content)
	if m.Reasoning != "" {
		d.Set("thinking", jinja.NewString(m.Reasoning))
		d.Set("reasoning_content", jinja.NewString(m.Reasoning))
	}
	if len(m.ToolCalls) > 0 {
		calls := make([]jinja2.Value, len(m.ToolCalls))
		for i := range m.ToolCalls {
			c, err := t.callValue(&m.ToolCalls[i])
			if err != nil {
				return value, fmt.Errorf("tool call %d (%s): %w", i+1, m.ToolCalls[i].Name, err)
			}
			calls[i] = c
		}
		d.Set("tool_calls", jinja.NewList(calls))
	}
	if m.ToolCallID != "" {
		d.Set("tool_call_id", jinja.NewString(m.ToolCallID))
	}
	if m.Name != "" {
		d.Set("name", jinja.NewString(m.Name))
	}
	for _, f := range m.Extra {
		if d.Has(f.Name) {
			continue
		}
		v, err := jinja2.FromJSON(f.JSON())
		if err != nil {
			return value, fmt.Errorf("its key %s: %w", f.Name, err)
		}
		d.Set(f.Name, v)
	}
	return value, nil
}

// contentValue is the text of a turn, or its parts where one is no text.
func (t *Template) contentValue(m *message) (jinja2.Value, error) {
	switch {
	case slices.ContainsFunc(m.Parts, isMedia):
		list := make([]jinja2.Value, 0, len(m.Parts))
		for _, p := range m.Parts {
			switch {
			case p.Type == "text":
				list = append(list, textPart(p.Text))
			case isMedia(p):
				v, err := jinja2.FromJSON(p.JSON)
				if err != nil {
					return v, fmt.Errorf("its part of the type %s: %w", p.Type, err)
				}
				list = append(list, v)
			}
		}
		return jinja.NewList(list), nil
	case m.Content == "" && len(m.ToolCalls) > 0 && t.jinja.TestsNone("content"):
		return jinja.None(), nil
	}
	return t.textValue(m.Content), nil
}

// isMedia reports whether a part stands for an image, a sound or a film.
func isMedia(p datamix.Part) bool {
	return p.JSON != "" && (strings.Contains(p.Type, "image") || strings.Contains(p.Type, "audio") || strings.Contains(p.Type, "video"))
}

// textValue is a text as the template takes it.
func (t *Template) textValue(text string) jinja2.Value {
	if t.parts {
		return jinja.NewList([]jinja2.Value{textPart(text)})
	}
	return jinja.NewString(text)
}

func textPart(text string) jinja2.Value {
	v, d := jinja2.Dict(2)
	d.Set("type", jinja.NewString("text"))
	d.Set("text", jinja.NewString(text))
	return v
}

func (t *Template) callValue(c *datamix.ToolCall) (jinja2.Value, error) {
	value, d := jinja2.Dict(3)
	if c.ID != "" {
		d.Set("id", jinja.NewString(c.ID))
	}
	d.Set("type", jinja.NewString("function"))
	function, f := jinja2.Dict(2)
	f.Set("name", jinja.NewString(c.Name))
	arguments := jinja.NewString(c.Arguments)
	if !t.options.TextArguments && strings.TrimSpace(c.Arguments) != "" {
		v, err := jinja2.FromJSON(c.Arguments)
		if err != nil {
			return value, fmt.Errorf("its arguments are no JSON: %w", err)
		}
		arguments = v
	}
	f.Set("arguments", arguments)
	d.Set("function", function)
	return value, nil
}

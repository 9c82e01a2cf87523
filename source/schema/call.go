package schema

import (
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// calls reads the keys "tool_calls" and "function_call" of a turn.
func (p *parser) calls(m *datamix.Message, v *values) *fault {
	if _, raw := v.take(m, keyToolCalls, keyToolCalls); raw != nil {
		if f := p.callValue(m, raw); f != nil {
			return f.in(".tool_calls")
		}
	}
	if _, raw := v.take(m, keyFunctionCall, keyFunctionCall); raw != nil {
		if f := p.callValue(m, raw); f != nil {
			return f.in(".function_call")
		}
	}
	return nil
}

// callTurn reads a turn whose whole content is a call, as in ShareGPT.
func (p *parser) callTurn(m *datamix.Message, at string, raw []byte) *fault {
	m.Role = datamix.RoleAssistant
	if raw == nil {
		return &fault{at: at, msg: "is missing or null, want a call of a tool"}
	}
	before := len(m.ToolCalls)
	f := p.callValue(m, raw)
	if f == nil && len(m.ToolCalls) == before {
		f = &fault{msg: "holds no call of a tool"}
	}
	if f != nil {
		return f.in(at)
	}
	return nil
}

// callValue reads one call or a list of calls, or a string that spells either,
// and appends them to m.ToolCalls.
func (p *parser) callValue(m *datamix.Message, raw []byte) *fault {
	switch jsonx.KindOf(raw) {
	case jsonx.Object:
		return p.call(m, raw)
	case jsonx.Array:
		var local [8][]byte
		elements, f := spans(local[:0], raw)
		if f != nil {
			return f
		}
		for i, raw := range elements {
			if f := p.call(m, raw); f != nil {
				return f.in("[" + strconv.Itoa(i) + "]")
			}
		}
		return nil
	case jsonx.String:
		text, f := decodeText(p.r, "", raw)
		if f != nil {
			return f
		}
		inner := bytesOf(strings.TrimSpace(text))
		if k := jsonx.KindOf(inner); k != jsonx.Object && k != jsonx.Array {
			return &fault{msg: "is a text that holds no JSON, want a call: {\"name\": ..., \"arguments\": ...}"}
		}
		if err := jsonx.Valid(inner); err != nil {
			return &fault{"", "is a call that is not valid JSON: " + err.Error(), err}
		}
		return p.callValue(m, inner)
	}
	return wrongKind("", raw, "a call of a tool or a list of calls")
}

// call reads one call: {"name", "arguments"}, or {"id", "function": {"name",
// "arguments"}} as OpenAI has it. Arguments may also stand under "parameters" or
// "input".
func (p *parser) call(m *datamix.Message, raw []byte) *fault {
	var c datamix.ToolCall
	inner := raw
	if function, f := member(raw, "function"); f != nil {
		return f
	} else if jsonx.KindOf(function) == jsonx.Object {
		inner = function
	}
	if id, _ := member(raw, "id"); id != nil && !isNull(id) {
		c.ID = scalarText(p.r, id)
	}
	name, f := member(inner, "name")
	if f != nil {
		return f
	}
	if name == nil {
		return &fault{msg: "is a call without a \"name\""}
	}
	if c.Name, f = decodeText(p.r, ".name", name); f != nil {
		return f
	}
	c.Arguments = "{}"
	for _, key := range [...]string{"arguments", "parameters", "input"} {
		if value, _ := member(inner, key); value != nil && !isNull(value) {
			if c.Arguments, f = p.arguments(value); f != nil {
				return f.in("." + key)
			}
			break
		}
	}
	m.ToolCalls = append(m.ToolCalls, c)
	return nil
}

// arguments returns the arguments of a call as JSON text: the text that a
// string spells where that is JSON, otherwise the value as it stands.
func (p *parser) arguments(raw []byte) (string, *fault) {
	if jsonx.KindOf(raw) != jsonx.String {
		return stringOf(raw), nil
	}
	text, f := decodeText(p.r, "", raw)
	if f != nil {
		return "", f
	}
	if text == "" {
		return "{}", nil
	}
	if jsonx.Valid(bytesOf(text)) != nil {
		return stringOf(raw), nil
	}
	return text, nil
}

// partCall reads a part that is a call: under "value" or "function_call", or
// the part itself.
func (p *parser) partCall(m *datamix.Message, raw []byte) *fault {
	for _, key := range [...]string{"value", "tool_call", "function_call"} {
		value, f := member(raw, key)
		if f != nil {
			return f
		}
		if value == nil || isNull(value) {
			continue
		}
		if f := p.callValue(m, value); f != nil {
			return f.in("." + key)
		}
		return nil
	}
	return p.call(m, raw)
}

// scalarText returns a string as its text, other values as they stand.
func scalarText(r *datamix.Record, raw []byte) string {
	if jsonx.KindOf(raw) == jsonx.String {
		if s, err := r.DecodeText(raw); err == nil {
			return s
		}
	}
	return stringOf(raw)
}

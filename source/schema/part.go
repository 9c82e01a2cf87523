package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// contentParts reads a content that is a list of typed parts. Each is an object
// with a type, or a string.
func (p *parser) contentParts(m *datamix.Message, raw []byte) *fault {
	var local [8]jsonx.Element
	var localMembers [16]jsonx.Member
	elements, members, err := jsonx.AppendElements(local[:0], localMembers[:0], raw)
	if err != nil {
		return &fault{"", "cannot be read: " + err.Error(), err}
	}
	start := len(p.parts)
	for i, e := range elements {
		if f := p.part(m, e, members); f != nil {
			return f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	m.Parts = p.parts[start:len(p.parts):len(p.parts)]
	if len(m.Parts) == 1 && m.Parts[0].Type == partToolResult {
		return p.toolResult(m, elements[0].Raw)
	}
	m.Content, m.Reasoning = joinParts(m.Parts, "text"), joinParts(m.Parts, "reasoning", "thinking")
	return nil
}

// partToolResult is the type of a part in a user turn that answers a call, as
// Anthropic's messages have it.
const partToolResult = "tool_result"

// toolResult makes m, which has no other part, the turn of the tool.
func (p *parser) toolResult(m *datamix.Message, raw []byte) *fault {
	id, f := member(raw, "tool_use_id")
	if f != nil {
		return f
	}
	m.Role = datamix.RoleTool
	if id != nil && !isNull(id) {
		if m.ToolCallID, f = decodeText(p.r, "[0].tool_use_id", id); f != nil {
			return f
		}
	}
	content, _ := member(raw, "content")
	switch jsonx.KindOf(content) {
	case jsonx.String:
		m.Content, f = decodeText(p.r, "[0].content", content)
	case jsonx.Array:
		inner := datamix.Message{Role: m.Role}
		if f = p.contentParts(&inner, content); f != nil {
			f = f.in("[0].content")
		}
		m.Content = inner.Content
	}
	m.Parts[0].Text = m.Content
	return f
}

// part reads one part and appends it to the parts of the row.
func (p *parser) part(m *datamix.Message, e jsonx.Element, members []jsonx.Member) *fault {
	part := datamix.Part{Type: "text", JSON: stringOf(e.Raw)}
	var f *fault
	if jsonx.KindOf(e.Raw) == jsonx.String {
		part.Text, f = decodeText(p.r, "", e.Raw)
		p.parts = append(p.parts, part)
		return f
	}
	if e.Count < 0 {
		return wrongKind("", e.Raw, "an object")
	}
	members = members[e.First : e.First+e.Count]
	kind := valueOf(members, "type")
	if kind == nil {
		return &fault{at: "", msg: "has no \"type\""}
	}
	if part.Type, f = decodeText(p.r, ".type", kind); f != nil {
		return f
	}
	switch part.Type {
	case "text", "reasoning", "thinking":
		part.Text, f = p.partText(members, part.Type)
	case "tool_call", "tool_use", "function_call":
		f = p.partCall(m, e.Raw)
	}
	p.parts = append(p.parts, part)
	return f
}

// partText returns the text of a part: its "text", "value", "content", or the
// key that has the name of its type.
func (p *parser) partText(members []jsonx.Member, kind string) (string, *fault) {
	for _, key := range [...]string{"text", "value", "content", kind} {
		if value := valueOf(members, key); value != nil && !isNull(value) {
			return decodeText(p.r, "."+key, value)
		}
	}
	return "", &fault{at: "", msg: fmt.Sprintf("is a part of type %q without text: want the key \"text\" or \"value\"", kind)}
}

// valueOf returns the value of the first member of that name, nil if there is none.
func valueOf(members []jsonx.Member, name string) []byte {
	for i := range members {
		if members[i].Key == name {
			return members[i].Value
		}
	}
	return nil
}

func joinParts(parts []datamix.Part, types ...string) string {
	var s string
	var b strings.Builder
	for i := range parts {
		if t := parts[i].Type; t != types[0] && t != types[len(types)-1] {
			continue
		}
		switch {
		case b.Len() > 0:
			b.WriteString(parts[i].Text)
		case s == "":
			s = parts[i].Text
		default:
			b.WriteString(s)
			b.WriteString(parts[i].Text)
		}
	}
	if b.Len() > 0 {
		return b.String()
	}
	return s
}

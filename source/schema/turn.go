package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// turn reads the message raw into m, which is empty.
func (p *parser) turn(m *datamix.Message, raw []byte) *fault {
	var v values
	if f := v.split(m, raw); f != nil {
		return f
	}
	return p.finish(m, &v)
}

// finish makes of the values of a message's keys what they mean.
func (p *parser) finish(m *datamix.Message, v *values) *fault {
	key, role := v.take(m, keyRole, keyFrom)
	if role == nil {
		return &fault{at: "", msg: "has no role: want the key \"role\" or \"from\""}
	}
	var f *fault
	if m.Role, f = p.roleOf(role); f != nil {
		f.at = keyPaths[key]
		return f
	}
	if f := p.content(m, v); f != nil {
		return f
	}
	if v.plain() {
		return nil
	}
	if f := p.calls(m, v); f != nil {
		return f
	}
	if f := p.names(m, v); f != nil {
		return f
	}
	return p.train(m, v)
}

// plain reports whether a message has none of the keys but role and content.
func (v *values) plain() bool {
	for k := keyToolCalls; k < keyCount; k++ {
		if v[k] != nil {
			return false
		}
	}
	return true
}

// content reads the content of a turn.
func (p *parser) content(m *datamix.Message, v *values) *fault {
	key, raw := v.take(m, keyContent, keyText)
	at := ".content"
	if key >= 0 {
		at = keyPaths[key]
	}
	if m.Role == roleCall {
		return p.callTurn(m, at, raw)
	}
	var f *fault
	switch jsonx.KindOf(raw) {
	case jsonx.String:
		m.Content, f = decodeText(p.r, at, raw)
	case jsonx.Array:
		if f = p.contentParts(m, raw); f != nil {
			f = f.in(at)
		}
	case jsonx.Invalid: // absent or null
		f = v.silent()
	default:
		f = wrongKind(at, raw, "string or a list of parts")
	}
	return f
}

// silent checks a message without content: it must call a tool or reason.
func (v *values) silent() *fault {
	for k := keyToolCalls; k <= keyThinking; k++ {
		if k != keyName && k != keyToolCallID && v[k] != nil && !isNull(v[k]) && string(v[k]) != "[]" {
			return nil
		}
	}
	for k := keyContent; k <= keyText; k++ {
		if v[k] != nil {
			return &fault{at: keyPaths[k], msg: "is null, and the turn calls no tool"}
		}
	}
	return &fault{at: "", msg: "has no content: want the key \"content\" or \"value\""}
}

// names reads the texts of a turn beside its content.
func (p *parser) names(m *datamix.Message, v *values) *fault {
	for _, x := range [...]struct {
		first, last int
		into        *string
	}{{keyName, keyName, &m.Name}, {keyToolCallID, keyToolCallID, &m.ToolCallID}, {keyReasoningContent, keyThinking, &m.Reasoning}} {
		key, raw := v.take(m, x.first, x.last)
		if raw == nil {
			continue
		}
		s, f := decodeText(p.r, "", raw)
		if f != nil {
			return f.in(keyPaths[key])
		}
		if *x.into != "" && s != "" { // parts of the content had reasoning too
			v.keep(m, key)
			continue
		}
		*x.into += s
	}
	return nil
}

// train reads the loss flag of a turn, under whichever name.
func (p *parser) train(m *datamix.Message, v *values) *fault {
	for k := keyTrain; k < keyCount; k++ {
		if v[k] == nil || isNull(v[k]) {
			continue
		}
		flag, exact, ok := trainFlag(v[k])
		if !ok {
			return wrongKind("."+keyNames[k], v[k], "bool or number")
		}
		if m.Train != datamix.TrainDefault && m.Train != flag {
			return &fault{at: keyPaths[k], msg: fmt.Sprintf("is %s, but another loss flag of the turn says the contrary", v[k])}
		}
		m.Train = flag
		if !exact {
			v.keep(m, k)
		}
	}
	return nil
}

// trainFlag reads a loss flag. exact is false where the flag says more than
// Train can, such as 0.5.
func trainFlag(raw []byte) (flag datamix.Train, exact, ok bool) {
	switch jsonx.KindOf(raw) {
	case jsonx.Bool:
		if raw[0] == 't' {
			return datamix.TrainYes, true, true
		}
		return datamix.TrainNo, true, true
	case jsonx.Number:
		n, err := strconv.ParseFloat(stringOf(raw), 64)
		if n == 0 && err == nil {
			return datamix.TrainNo, true, true
		}
		return datamix.TrainYes, n == 1, true
	case jsonx.String:
		if inner := raw[1 : len(raw)-1]; jsonx.Valid(inner) == nil && jsonx.KindOf(inner) != jsonx.String {
			return trainFlag(inner)
		}
	}
	return datamix.TrainDefault, false, false
}

// contentParts reads a content that is a list of typed parts. Each is an object
// with a type, or a string.
func (p *parser) contentParts(m *datamix.Message, raw []byte) *fault {
	var local [8][]byte
	elements, f := spans(local[:0], raw)
	if f != nil {
		return f
	}
	start := len(p.parts)
	for i, raw := range elements {
		if f := p.part(m, raw); f != nil {
			return f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	m.Parts = p.parts[start:len(p.parts):len(p.parts)]
	if len(m.Parts) == 1 && m.Parts[0].Type == partToolResult {
		return p.toolResult(m, elements[0])
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
func (p *parser) part(m *datamix.Message, raw []byte) *fault {
	part := datamix.Part{Type: "text", JSON: stringOf(raw)}
	var f *fault
	if jsonx.KindOf(raw) == jsonx.String {
		part.Text, f = decodeText(p.r, "", raw)
		p.parts = append(p.parts, part)
		return f
	}
	kind, f := member(raw, "type")
	if f != nil {
		return f
	}
	if kind == nil {
		return &fault{at: "", msg: "has no \"type\""}
	}
	if part.Type, f = decodeText(p.r, ".type", kind); f != nil {
		return f
	}
	switch part.Type {
	case "text", "reasoning", "thinking":
		part.Text, f = p.partText(raw, part.Type)
	case "tool_call", "tool_use", "function_call":
		f = p.partCall(m, raw)
	}
	p.parts = append(p.parts, part)
	return f
}

// partText returns the text of a part: its "text", "value", "content", or the
// key that has the name of its type.
func (p *parser) partText(raw []byte, kind string) (string, *fault) {
	for _, key := range [...]string{"text", "value", "content", kind} {
		value, f := member(raw, key)
		if f != nil {
			return "", f
		}
		if value != nil && !isNull(value) {
			return decodeText(p.r, "."+key, value)
		}
	}
	return "", &fault{at: "", msg: fmt.Sprintf("is a part of type %q without text: want the key \"text\" or \"value\"", kind)}
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

// member returns the value of a key of the object raw, nil if it has none.
func member(raw []byte, name string) ([]byte, *fault) {
	if jsonx.KindOf(raw) != jsonx.Object {
		return nil, wrongKind("", raw, "an object")
	}
	object, err := jsonx.OpenObject(raw)
	for err == nil {
		var key string
		var value []byte
		var ok bool
		if key, value, ok, err = object.Next(); !ok {
			break
		}
		if key == name {
			return value, nil
		}
	}
	if err != nil {
		return nil, &fault{"", "cannot be read: " + err.Error(), err}
	}
	return nil, nil
}

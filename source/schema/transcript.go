package schema

import (
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// A transcript is a chat in one text, in which the name of the speaker begins
// each turn: "Human: ... Assistant: ..." as in Anthropic's HH-RLHF, or "USER: ...
// ASSISTANT: ... FUNCTION RESPONSE: ..." as in Glaive's function calling set.

// speaker is a name that begins a turn.
type speaker struct{ name, role string }

// casts are the names that occur together: those of another cast inside of a
// turn are text.
var casts = [][]speaker{
	{{"Human:", datamix.RoleUser}, {"Assistant:", datamix.RoleAssistant}, {"System:", datamix.RoleSystem}},
	{{"User:", datamix.RoleUser}, {"Assistant:", datamix.RoleAssistant}, {"System:", datamix.RoleSystem}},
	{{"USER:", datamix.RoleUser}, {"ASSISTANT:", datamix.RoleAssistant}, {"SYSTEM:", datamix.RoleSystem}, {"FUNCTION RESPONSE:", datamix.RoleTool}},
	{{"### Human:", datamix.RoleUser}, {"### Assistant:", datamix.RoleAssistant}, {"### System:", datamix.RoleSystem}},
	{{"### User:", datamix.RoleUser}, {"### Assistant:", datamix.RoleAssistant}, {"### System:", datamix.RoleSystem}},
}

// castOf returns the cast of a transcript, nil for any other text. A transcript
// begins with a user or system turn and has another one.
func castOf(text string) []speaker {
	text = strings.TrimSpace(text)
	for _, cast := range casts {
		role, _ := turnAt(cast, text)
		if role != datamix.RoleUser && role != datamix.RoleSystem {
			continue
		}
		if nextTurn(cast, text, "\n") >= 0 {
			return cast
		}
	}
	return nil
}

// turnAt returns the role of the turn that begins where text does, "" for none,
// and what follows the name.
func turnAt(cast []speaker, text string) (role, rest string) {
	for _, s := range cast {
		if rest, ok := strings.CutPrefix(text, s.name); ok {
			return s.role, rest
		}
	}
	return "", text
}

// nextTurn returns where the next turn begins behind a break, -1 if none does.
func nextTurn(cast []speaker, text, lineBreak string) int {
	for i := 0; ; {
		n := strings.Index(text[i:], lineBreak)
		if n < 0 {
			return -1
		}
		i += n + len(lineBreak)
		if role, _ := turnAt(cast, text[i:]); role != "" {
			return i
		}
	}
}

// transcript returns the turns of a transcript. They begin behind blank lines;
// where no turn does, behind line breaks.
func (p *parser) transcript(cast []speaker, text string) []datamix.Message {
	text = strings.TrimSpace(text)
	lineBreak := "\n\n"
	if nextTurn(cast, text, lineBreak) < 0 {
		lineBreak = "\n"
	}
	var ms []datamix.Message
	for text != "" {
		role, turn := turnAt(cast, text)
		end := nextTurn(cast, turn, lineBreak)
		if text = ""; end >= 0 {
			turn, text = turn[:end], turn[end:]
		}
		ms = append(ms, datamix.Message{Role: role, Content: withoutEnd(turn)})
		m := &ms[len(ms)-1]
		if before, call, ok := strings.Cut(m.Content, callMark); ok && role == datamix.RoleAssistant {
			if c, ok := p.markedCall(call); ok {
				m.Content, m.ToolCalls = strings.TrimSpace(before), []datamix.ToolCall{c}
			}
		}
	}
	return ms
}

const (
	endMark  = "<|endoftext|>" // ends the assistant's turns in Glaive's set
	callMark = "<functioncall>"
)

func withoutEnd(turn string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(turn), endMark))
}

// markedCall reads the call behind a callMark. Its arguments may be JSON in
// single quotes, which makes the call itself no JSON:
//
//	{"name": "f", "arguments": '{"a": 1}'}
func (p *parser) markedCall(text string) (datamix.ToolCall, bool) {
	text = strings.TrimSpace(text)
	var m datamix.Message
	if jsonx.Valid(bytesOf(text)) == nil && p.callValue(&m, bytesOf(text)) == nil && len(m.ToolCalls) == 1 {
		return m.ToolCalls[0], true
	}
	head, rest, ok := strings.Cut(text, "'")
	if !ok {
		return datamix.ToolCall{}, false
	}
	end := strings.LastIndexByte(rest, '\'')
	if end < 0 || strings.TrimSpace(rest[end+1:]) != "}" {
		return datamix.ToolCall{}, false
	}
	whole := []byte(head + `""}`)
	if jsonx.Valid(whole) != nil || p.callValue(&m, whole) != nil || len(m.ToolCalls) != 1 {
		return datamix.ToolCall{}, false
	}
	c := m.ToolCalls[0]
	if c.Arguments = rest[:end]; jsonx.Valid(bytesOf(c.Arguments)) != nil {
		c.Arguments = string(jsonx.AppendString(nil, c.Arguments))
	}
	return c, true
}

// toolsMark stands between what a system text says and the functions that it
// lists, one JSON object behind the other.
const toolsMark = "Use them if required -"

// systemOf takes the speaker's name and the functions off the system text that
// stands beside a transcript.
func systemOf(text string) (system, tools string) {
	system = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "SYSTEM:"))
	before, list, ok := strings.Cut(system, toolsMark)
	if !ok {
		return system, ""
	}
	out := []byte{'['}
	for list = strings.TrimSpace(list); list != ""; list = strings.TrimSpace(list) {
		end := objectEnd(list)
		if end < 0 || jsonx.Valid(bytesOf(list[:end])) != nil {
			return system, ""
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out, list = append(out, list[:end]...), list[end:]
	}
	if len(out) == 1 {
		return system, ""
	}
	return before + toolsMark, string(append(out, ']'))
}

// objectEnd returns the end of the JSON object at the start of text, -1 where
// there is none.
func objectEnd(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0:
			return -1
		}
	}
	return -1
}

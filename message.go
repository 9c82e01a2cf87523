package datamix

import (
	"strings"
	"unicode/utf8"
)

// The roles of a chat message, as every adapter spells them.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

// Train says whether a message's tokens carry loss.
type Train int8

// The values of Train.
const (
	TrainDefault Train = iota // assistant turns carry loss, others do not
	TrainYes
	TrainNo
)

// Message is one turn of a chat.
type Message struct {
	// Role is RoleSystem, RoleUser, RoleAssistant or RoleTool, or another role
	// that the data set uses (such as "developer"), in lower case.
	Role string
	// Content is the turn's text. Where the row had typed parts it is their
	// text parts joined without a separator.
	Content string
	// Reasoning is the turn's thinking that stands apart from Content.
	Reasoning string
	// Name is the optional name of the speaker or of the tool that answers.
	Name string
	// ToolCallID tells which call a tool message answers.
	ToolCallID string
	// ToolCalls are the calls that an assistant turn makes, after Content.
	ToolCalls []ToolCall
	// Parts holds the typed parts in their order, where the row had parts.
	Parts []Part
	// Extra holds the message's keys that have no place above, in order.
	Extra []Field
	// Train is the loss flag.
	Train Train
	// Tokens is the number of tokens of the turn once Count has run. With a
	// RecordCounter it stays 0: of a rendered chat the headers, default system
	// turns and tools belong to no turn, and a token may reach over two.
	Tokens int
}

// Part is one typed part of a message.
type Part struct {
	// Type is the part's type as in the row: "text", "reasoning", "tool_call",
	// "image_url".
	Type string
	// Text is the part's text; empty for parts that are not text.
	Text string
	// JSON is the whole part as it stood in the row.
	JSON string
}

// ToolCall is one call of a tool.
type ToolCall struct {
	ID   string
	Name string
	// Arguments is JSON text, byte for byte as in the row: numbers beyond 2^53,
	// mixed types and the order of keys survive.
	Arguments string
}

// Trains reports whether the message's tokens carry loss: as its flag says, by
// default when the role is assistant.
func (m *Message) Trains() bool {
	return m.Train == TrainYes || m.Train == TrainDefault && m.Role == RoleAssistant
}

// Empty reports whether the message says nothing: no text but white space, no
// reasoning, no tool call and no part that is not text.
func (m *Message) Empty() bool {
	if len(m.ToolCalls) > 0 || !blank(m.Content) || !blank(m.Reasoning) {
		return false
	}
	for _, p := range m.Parts {
		if p.Text == "" && p.Type != "text" {
			return false
		}
	}
	return true
}

// blank reports whether s is nothing but white space. Of most texts it looks at
// the first byte alone.
func blank(s string) bool {
	return len(s) == 0 || (s[0] <= ' ' || s[0] >= utf8.RuneSelf) && strings.TrimSpace(s) == ""
}

// texts calls f with each text that the message contributes to token counts:
// reasoning, content, then each call's name and arguments.
func (m *Message) texts(f func(string)) {
	if m.Reasoning != "" {
		f(m.Reasoning)
	}
	if m.Content != "" {
		f(m.Content)
	}
	for i := range m.ToolCalls {
		f(m.ToolCalls[i].Name)
		f(m.ToolCalls[i].Arguments)
	}
}

// User returns a user message.
func User(content string) Message { return Message{Role: RoleUser, Content: content} }

// Assistant returns an assistant message.
func Assistant(content string) Message { return Message{Role: RoleAssistant, Content: content} }

// System returns a system message.
func System(content string) Message { return Message{Role: RoleSystem, Content: content} }

func (m Message) clone() Message {
	m.Role, m.Content = strings.Clone(m.Role), strings.Clone(m.Content)
	m.Reasoning, m.Name = strings.Clone(m.Reasoning), strings.Clone(m.Name)
	m.ToolCallID = strings.Clone(m.ToolCallID)
	m.ToolCalls = append([]ToolCall(nil), m.ToolCalls...)
	for i, c := range m.ToolCalls {
		m.ToolCalls[i] = ToolCall{strings.Clone(c.ID), strings.Clone(c.Name), strings.Clone(c.Arguments)}
	}
	m.Parts = append([]Part(nil), m.Parts...)
	for i, p := range m.Parts {
		m.Parts[i] = Part{strings.Clone(p.Type), strings.Clone(p.Text), strings.Clone(p.JSON)}
	}
	m.Extra = cloneFields(m.Extra)
	return m
}

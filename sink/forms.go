package sink

import (
	"errors"
	"fmt"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

var (
	errTextRecord = errors.New("the record is a plain text, not a chat: use form text; an output holds chats or texts")
	errChat       = errors.New("the record is a chat, not a plain text: use form messages; an output holds chats or texts")
	errNoTurns    = errors.New("the record has no messages and no text: give its source an adapter, or use form raw")
)

// chatOf returns the messages of a chat that text can hold.
func chatOf(r *datamix.Record) ([]datamix.Message, error) {
	if r.IsText() {
		return nil, errTextRecord
	}
	ms := r.Messages()
	if len(ms) == 0 {
		return nil, errNoTurns
	}
	for i := range ms {
		for _, p := range ms[i].Parts {
			switch p.Type {
			case "text", "reasoning", "thinking", "tool_call", "tool_use", "function_call":
			default:
				if p.Text == "" {
					return nil, fmt.Errorf("turn %d has a part of type %q, which is no text: drop such records with a filter, or use form raw", i+1, p.Type)
				}
			}
		}
	}
	return ms, nil
}

// messageNames are the keys of a message in FormMessages.
var messageNames = []string{"role", "content", "reasoning_content", "name", "tool_calls", "tool_call_id", "train"}

func appendMessagesForm(e *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	ms, err := chatOf(r)
	if err != nil {
		return dst, err
	}
	dst = append(dst, `{"messages":[`...)
	for i := range ms {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendMessage(dst, &ms[i])
		if e.o.Extra == ExtraColumns {
			for _, f := range ms[i].Extra {
				dst = append(dst, ',')
				dst = appendMember(dst, freeName(f.Name, messageNames, ms[i].Extra), f)
			}
		}
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	dst = appendOptional(dst, `,"tools":`, r.Tools())
	return e.appendTail(dst, r), nil
}

// appendMessage appends a message without the brace that closes it.
func appendMessage(dst []byte, m *datamix.Message) []byte {
	dst = append(dst, `{"role":`...)
	dst = jsonx.AppendString(dst, m.Role)
	dst = append(dst, `,"content":`...)
	dst = jsonx.AppendString(dst, m.Content)
	dst = appendOptional(dst, `,"reasoning_content":`, m.Reasoning)
	dst = appendOptional(dst, `,"name":`, m.Name)
	if len(m.ToolCalls) > 0 {
		dst = append(dst, `,"tool_calls":`...)
		dst = appendToolCalls(dst, m.ToolCalls)
	}
	dst = appendOptional(dst, `,"tool_call_id":`, m.ToolCallID)
	switch m.Train {
	case datamix.TrainYes:
		dst = append(dst, `,"train":true`...)
	case datamix.TrainNo:
		dst = append(dst, `,"train":false`...)
	}
	return dst
}

func appendToolCalls(dst []byte, calls []datamix.ToolCall) []byte {
	dst = append(dst, '[')
	for i := range calls {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":`...)
		dst = jsonx.AppendString(dst, calls[i].ID)
		dst = append(dst, `,"type":"function","function":{"name":`...)
		dst = jsonx.AppendString(dst, calls[i].Name)
		dst = append(dst, `,"arguments":`...)
		dst = jsonx.AppendString(dst, calls[i].Arguments)
		dst = append(dst, "}}"...)
	}
	return append(dst, ']')
}

func appendOptional(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return jsonx.AppendString(append(dst, key...), value)
}

// chatOrNothing says why a record that is no plain text is none.
func chatOrNothing(r *datamix.Record) error {
	if len(r.Messages()) == 0 {
		return errNoTurns
	}
	return errChat
}

func appendText(e *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	if !r.IsText() {
		return dst, chatOrNothing(r)
	}
	dst = append(dst, `{"text":`...)
	dst = jsonx.AppendString(dst, r.Text())
	return e.appendTail(dst, r), nil
}

// plainChat returns the messages of a chat whose turns fit forms that have less
// in them than FormMessages, and the content of a system turn that begins it.
func plainChat(r *datamix.Record, form Form) (system string, turns []datamix.Message, err error) {
	turns, err = chatOf(r)
	if err != nil {
		return "", nil, err
	}
	for i := range turns {
		m := &turns[i]
		missing := ""
		switch {
		case m.Reasoning != "":
			missing = "reasoning"
		case m.Name != "":
			missing = "a name"
		case m.Trains() != (m.Role == datamix.RoleAssistant):
			missing = "a loss flag"
		case m.Role == datamix.RoleSystem && i > 0:
			missing = "a system turn after the first turn"
		}
		if missing != "" {
			return "", nil, cannotHold(form, i, missing)
		}
	}
	if turns[0].Role == datamix.RoleSystem {
		system, turns = turns[0].Content, turns[1:]
	}
	if len(turns) == 0 {
		return "", nil, fmt.Errorf("the chat has only a system turn, which form %s cannot hold: use form messages", form)
	}
	return system, turns, nil
}

func cannotHold(form Form, turn int, what string) error {
	return fmt.Errorf("turn %d has %s, which form %s cannot hold: use form messages", turn+1, what, form)
}

// exchanges returns the turns where they are user and assistant in turn, the
// last an assistant's, without calls.
func exchanges(r *datamix.Record, form Form) (system string, turns []datamix.Message, err error) {
	system, turns, err = plainChat(r, form)
	if err != nil {
		return "", nil, err
	}
	if r.Tools() != "" {
		return "", nil, fmt.Errorf("the chat has tools, which form %s cannot hold: use form messages or sharegpt", form)
	}
	first := len(r.Messages()) - len(turns)
	for i := range turns {
		want := [...]string{datamix.RoleUser, datamix.RoleAssistant}[i%2]
		if turns[i].Role != want {
			return "", nil, fmt.Errorf("turn %d is of role %q where form %s has %s: use form messages", first+i+1, turns[i].Role, form, want)
		}
		if len(turns[i].ToolCalls) > 0 {
			return "", nil, cannotHold(form, first+i, "a tool call")
		}
	}
	if len(turns)%2 != 0 {
		return "", nil, fmt.Errorf("the chat ends without an answer, which form %s needs: use form messages", form)
	}
	return system, turns, nil
}

func appendAlpaca(e *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	system, turns, err := exchanges(r, FormAlpaca)
	if err != nil {
		return dst, err
	}
	last := len(turns) - 2
	dst = append(dst, `{"instruction":`...)
	dst = jsonx.AppendString(dst, turns[last].Content)
	dst = append(dst, `,"input":"","output":`...)
	dst = jsonx.AppendString(dst, turns[last+1].Content)
	dst = appendOptional(dst, `,"system":`, system)
	if last > 0 {
		dst = append(dst, `,"history":`...)
		sep := byte('[')
		for pair := range slices.Chunk(turns[:last], 2) {
			dst = append(dst, sep, '[')
			dst = jsonx.AppendString(dst, pair[0].Content)
			dst = append(dst, ',')
			dst = jsonx.AppendString(dst, pair[1].Content)
			dst = append(dst, ']')
			sep = ','
		}
		dst = append(dst, ']')
	}
	return e.appendTail(dst, r), nil
}

func appendPromptCompletion(e *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	system, turns, err := exchanges(r, FormPromptCompletion)
	if err != nil {
		return dst, err
	}
	if system != "" {
		return dst, fmt.Errorf("the chat has a system turn, which form %s cannot hold: use form alpaca or messages", FormPromptCompletion)
	}
	if len(turns) > 2 {
		return dst, fmt.Errorf("the chat has %d turns, and form %s holds one exchange: use form alpaca or messages", len(turns), FormPromptCompletion)
	}
	dst = append(dst, `{"prompt":`...)
	dst = jsonx.AppendString(dst, turns[0].Content)
	dst = append(dst, `,"completion":`...)
	dst = jsonx.AppendString(dst, turns[1].Content)
	return e.appendTail(dst, r), nil
}

package sink

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

func appendShareGPT(e *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	system, turns, err := plainChat(r, FormShareGPT)
	if err != nil {
		return dst, err
	}
	first := len(r.Messages()) - len(turns)
	dst = append(dst, `{"conversations":[`...)
	for i := range turns {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = e.appendShareGPTTurn(dst, &turns[i], first+i); err != nil {
			return dst, err
		}
	}
	dst = append(dst, ']')
	dst = appendOptional(dst, `,"system":`, system)
	dst = appendOptional(dst, `,"tools":`, r.Tools())
	return e.appendTail(dst, r), nil
}

func (e *encoder) appendShareGPTTurn(dst []byte, m *datamix.Message, turn int) ([]byte, error) {
	if len(m.ToolCalls) > 0 {
		if m.Content != "" {
			return dst, cannotHold(FormShareGPT, turn, "text beside a tool call")
		}
		var err error
		if e.scratch, err = appendFunctionCall(e.scratch[:0], m.ToolCalls, turn); err != nil {
			return dst, err
		}
		dst = append(dst, `{"from":"function_call","value":`...)
		return append(jsonx.AppendString(dst, stringOf(e.scratch)), '}'), nil
	}
	switch m.Role {
	case datamix.RoleUser:
		dst = append(dst, `{"from":"human","value":`...)
	case datamix.RoleAssistant:
		dst = append(dst, `{"from":"gpt","value":`...)
	case datamix.RoleTool:
		dst = append(dst, `{"from":"observation","value":`...)
	default:
		return dst, fmt.Errorf("turn %d is of role %q, which form %s does not have: use form messages", turn+1, m.Role, FormShareGPT)
	}
	return append(jsonx.AppendString(dst, m.Content), '}'), nil
}

// appendFunctionCall appends the value of a function_call turn: the object
// {"name","arguments"} for one call, an array of them for more. Arguments
// stand in it as JSON, not as a string; missing ones as {}.
func appendFunctionCall(dst []byte, calls []datamix.ToolCall, turn int) ([]byte, error) {
	if len(calls) > 1 {
		dst = append(dst, '[')
	}
	for i := range calls {
		if i > 0 {
			dst = append(dst, ',')
		}
		args := calls[i].Arguments
		if args == "" {
			args = "{}"
		}
		if err := jsonx.Valid([]byte(args)); err != nil {
			return dst, fmt.Errorf("turn %d calls %q with arguments that are no JSON, which form %s cannot hold: use form messages: %w",
				turn+1, calls[i].Name, FormShareGPT, err)
		}
		dst = append(dst, `{"name":`...)
		dst = jsonx.AppendString(dst, calls[i].Name)
		dst = append(dst, `,"arguments":`...)
		dst = append(dst, args...)
		dst = append(dst, '}')
	}
	if len(calls) > 1 {
		dst = append(dst, ']')
	}
	return dst, nil
}

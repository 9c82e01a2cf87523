package schema

import (
	"fmt"
	"strconv"

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

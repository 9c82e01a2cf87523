package schema

import (
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// parser reads the messages of one row.
type parser struct {
	r     *datamix.Record
	roles map[string]string // the option Roles
	parts []datamix.Part    // the parts of all turns so far, cut into pieces
}

// localTurns is how many turns a list may have before finding them allocates.
const localTurns = 32

// spans appends the elements of a list of messages to dst.
func spans(dst [][]byte, raw []byte) ([][]byte, *fault) {
	if jsonx.KindOf(raw) != jsonx.Array {
		return dst, wrongKind("", raw, "a list of messages")
	}
	list, err := jsonx.OpenArray(raw)
	for err == nil {
		var value []byte
		var ok bool
		if value, ok, err = list.Next(); !ok {
			break
		}
		dst = append(dst, value)
	}
	if err != nil {
		return dst, &fault{"", "cannot be read: " + err.Error(), err}
	}
	return dst, nil
}

// turns reads the elements of a list of messages into ms, which has one place
// for each. Elements that are strings are turns of user and assistant by turns,
// the user first.
func (p *parser) turns(ms []datamix.Message, elements [][]byte) *fault {
	for i, raw := range elements {
		var f *fault
		if jsonx.KindOf(raw) == jsonx.String && jsonx.KindOf(elements[0]) == jsonx.String {
			ms[i].Role = [2]string{datamix.RoleUser, datamix.RoleAssistant}[i&1]
			ms[i].Content, f = decodeText(p.r, "", raw)
		} else {
			f = p.turn(&ms[i], raw)
		}
		if f != nil {
			return f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return nil
}

// messages is turns for elements that were taken apart. They are no strings.
func (p *parser) messages(ms []datamix.Message, elements []jsonx.Element, members []jsonx.Member) *fault {
	for i, e := range elements {
		var v values
		var f *fault
		if e.Count < 0 {
			f = wrongKind("", e.Raw, "a message: an object")
		} else {
			f = v.setAll(&ms[i], members[e.First:e.First+e.Count])
		}
		if f == nil {
			f = p.finish(&ms[i], &v)
		}
		if f != nil {
			return f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return nil
}

// setAll is split for a message that was taken apart.
func (v *values) setAll(m *datamix.Message, members []jsonx.Member) *fault {
	for i := range members {
		if f := v.set(m, members[i].Key, members[i].Value); f != nil {
			return f
		}
	}
	return nil
}

// The keys of a message that have a place in datamix.Message, in their order of
// precedence where several mean the same.
const (
	keyRole = iota
	keyFrom
	keyContent
	keyValue
	keyText
	keyToolCalls
	keyFunctionCall
	keyName
	keyToolCallID
	keyReasoningContent
	keyReasoning
	keyThinking
	keyTrain
	keyTraining
	keyTrainable
	keyTrainOnTurn
	keyWeight
	keyLossWeight
	keyLossMask
	keyLoss
	keyCount
)

var keyNames = [keyCount]string{"role", "from", "content", "value", "text", "tool_calls", "function_call", "name", "tool_call_id",
	"reasoning_content", "reasoning", "thinking", "train", "training", "trainable", "train_on_turn", "weight", "loss_weight", "loss_mask", "loss"}

// keyPaths has keyNames as a fault spells them.
var keyPaths = func() (paths [keyCount]string) {
	for i, name := range keyNames {
		paths[i] = "." + name
	}
	return paths
}()

func keyOf(name string) int {
	switch name {
	case "role":
		return keyRole
	case "content":
		return keyContent
	case "from":
		return keyFrom
	case "value":
		return keyValue
	}
	for i := keyText; i < keyCount; i++ {
		if keyNames[i] == name {
			return i
		}
	}
	return -1
}

// values holds the raw values of a message's known keys, nil for absent ones.
type values [keyCount][]byte

// split finds the known keys of a message; the others become m.Extra.
func (v *values) split(m *datamix.Message, raw []byte) *fault {
	if jsonx.KindOf(raw) != jsonx.Object {
		return wrongKind("", raw, "a message: an object")
	}
	object, err := jsonx.OpenObject(raw)
	for err == nil {
		var key string
		var value []byte
		var ok bool
		if key, value, ok, err = object.Next(); !ok {
			break
		}
		if f := v.set(m, key, value); f != nil {
			return f
		}
	}
	if err != nil {
		return &fault{"", "cannot be read: " + err.Error(), err}
	}
	return nil
}

// set keeps the value of one key of a message.
func (v *values) set(m *datamix.Message, key string, value []byte) *fault {
	k := keyOf(key)
	if k < 0 && !hasField(m.Extra, key) {
		m.Extra = append(m.Extra, datamix.JSONField(key, stringOf(value)))
		return nil
	}
	if k < 0 || v[k] != nil {
		return &fault{at: "", msg: "has the key " + strconv.Quote(key) + " twice"}
	}
	v[k] = value
	return nil
}

// take returns the value of the first of the keys that is present and not null,
// and keeps those of the others in m.Extra.
func (v *values) take(m *datamix.Message, first, last int) (key int, raw []byte) {
	key = -1
	for k := first; k <= last; k++ {
		switch {
		case v[k] == nil || isNull(v[k]):
		case key < 0:
			key, raw = k, v[k]
		default:
			v.keep(m, k)
		}
	}
	return key, raw
}

// keep puts the value of a known key into m.Extra, for what m itself cannot
// tell.
func (v *values) keep(m *datamix.Message, k int) {
	m.Extra = append(m.Extra, datamix.JSONField(keyNames[k], stringOf(v[k])))
}

func hasField(fields []datamix.Field, name string) bool {
	for i := range fields {
		if fields[i].Name == name {
			return true
		}
	}
	return false
}

package schema

import (
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// The keys of an exchange in a list of them, in order of precedence.
var (
	exchangeUser      = []string{"input", "human", "user", "question", "prompt", "instruction", "query"}
	exchangeAssistant = []string{"output", "assistant", "gpt", "bot", "answer", "response", "completion"}
)

// isExchange reports whether an element of a list of messages is not one message
// but a whole exchange: an object with both texts and no role, or a list of the
// two.
func isExchange(raw []byte) bool {
	switch jsonx.KindOf(raw) {
	case jsonx.Array:
		two, f := spans(nil, raw)
		return f == nil && len(two) == 2 && jsonx.KindOf(two[0]) == jsonx.String && jsonx.KindOf(two[1]) == jsonx.String
	case jsonx.Object:
		for _, key := range []string{"role", "from"} {
			if v, f := member(raw, key); f != nil || v != nil {
				return false
			}
		}
		_, user, f := firstMember(raw, exchangeUser)
		_, assistant, f2 := firstMember(raw, exchangeAssistant)
		return f == nil && f2 == nil && user != nil && assistant != nil
	}
	return false
}

// firstMember returns the first of the keys that the object raw has.
func firstMember(raw []byte, keys []string) (key string, value []byte, f *fault) {
	for _, key = range keys {
		if value, f = member(raw, key); f != nil || value != nil {
			return key, value, f
		}
	}
	return "", nil, nil
}

// exchangeTurns reads a list of exchanges. Each may have a text of its own under
// "system", which comes in front of it.
func (p *parser) exchangeTurns(elements [][]byte) ([]datamix.Message, *fault) {
	b := builder{parser: *p, ms: p.r.NewMessages(3 * len(elements))}
	for i, raw := range elements {
		if f := b.exchangeTurn(raw); f != nil {
			return nil, f.in("[" + strconv.Itoa(i) + "]")
		}
	}
	*p = b.parser
	return b.ms[:b.n:b.n], nil
}

func (b *builder) exchangeTurn(raw []byte) *fault {
	if !isExchange(raw) {
		return wrongKind("", raw, "an exchange, as the first element is: an object or a list of the user's text and the assistant's")
	}
	if jsonx.KindOf(raw) == jsonx.Array {
		two, _ := spans(nil, raw)
		return b.texts([]string{datamix.RoleUser, datamix.RoleAssistant}, []string{"[0]", "[1]"}, two)
	}
	system, f := member(raw, "system")
	if f != nil {
		return f
	}
	if system != nil && !isNull(system) && string(system) != `""` {
		if f := b.texts([]string{datamix.RoleSystem}, []string{".system"}, [][]byte{system}); f != nil {
			return f
		}
	}
	userKey, user, _ := firstMember(raw, exchangeUser)
	answerKey, answer, _ := firstMember(raw, exchangeAssistant)
	return b.texts([]string{datamix.RoleUser, datamix.RoleAssistant}, []string{"." + userKey, "." + answerKey}, [][]byte{user, answer})
}

func (b *builder) texts(roles, at []string, values [][]byte) *fault {
	for i, raw := range values {
		text, f := decodeText(b.r, at[i], raw)
		if f != nil {
			return f
		}
		b.add(roles[i], text)
	}
	return nil
}

package schema

import (
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// column is the name and the JSON value of a column.
type column struct {
	name string
	raw  []byte
}

// exchange is what the columns of a row say before they become messages.
type exchange struct {
	system        value
	history       column // [[user, assistant], ...]
	user          string
	userList      column // instead of user: messages
	assistant     string
	assistantList column // instead of assistant: messages
	answers       bool   // there is an assistant
	used          [maxUsed]string
	n             int // columns in used
}

// maxUsed is more than the columns of any exchange: system, history, two for the
// user, and the answer.
const maxUsed = 8

func (t *exchange) use(column string) {
	t.used[t.n] = column
	t.n++
}

// readSystem reads the column of a system text.
func (t *exchange) readSystem(r *datamix.Record, fold bool) error {
	f, ok := firstOf(r, systemColumns, fold)
	if !ok {
		return nil
	}
	text, err := fieldText(r, f)
	t.system = value{Field: f, text: text}
	return err
}

// answer reads an answer that is no text: a list of messages, or a list of
// accepted answers, of which the first is taken. As in SQuAD the latter may
// stand under "text" in an object.
func (t *exchange) answer(r *datamix.Record, f datamix.Field) error {
	raw := bytesOf(f.JSON())
	at := f.Name
	if jsonx.KindOf(raw) == jsonx.Object {
		inner, fa := member(raw, "text")
		if fa != nil {
			return fa.in(at)
		}
		if jsonx.KindOf(inner) != jsonx.Array {
			return wrongKind(at, raw, "string or a list of answers")
		}
		raw, at = inner, at+".text"
	}
	var local [localTurns][]byte
	elements, fa := spans(local[:0], raw)
	if fa == nil && len(elements) == 0 {
		fa = &fault{msg: "is an empty list of answers"}
	}
	if fa != nil {
		return fa.in(at)
	}
	if text, key := answerText(elements[0]); text != nil {
		t.assistant, fa = decodeText(r, at+"[0]."+key, text)
		if fa != nil {
			return fa
		}
		return nil
	}
	if jsonx.KindOf(elements[0]) == jsonx.Object {
		t.assistantList = column{f.Name, raw}
		return nil
	}
	if t.assistant, fa = decodeText(r, at+"[0]", elements[0]); fa != nil {
		return fa
	}
	return nil
}

// answerText returns the text of an accepted answer that is an object, nil for
// anything else, a message among it.
func answerText(raw []byte) (text []byte, key string) {
	if jsonx.KindOf(raw) != jsonx.Object {
		return nil, ""
	}
	for _, key := range []string{"role", "from"} {
		if v, _ := member(raw, key); v != nil {
			return nil, ""
		}
	}
	key, text, _ = firstMember(raw, []string{"text", "answer", "value", "content"})
	return text, key
}

// messages makes the turns.
func (t *exchange) messages(r *datamix.Record, roles map[string]string) ([]datamix.Message, error) {
	history, fa := t.history.elements()
	if fa != nil {
		return nil, fa
	}
	user, fa := t.userList.elements()
	if fa != nil {
		return nil, fa
	}
	answer, fa := t.assistantList.elements()
	if fa != nil {
		return nil, fa
	}
	n := 2*len(history) + max(1, len(user))
	if t.answers {
		n += max(1, len(answer))
	}
	system := t.system.text != "" && !startsWithSystem(user)
	if system {
		n++
	}
	b := builder{parser{r: r, roles: roles}, r.NewMessages(n), 0}
	if system {
		b.add(datamix.RoleSystem, t.system.text)
		t.use(t.system.Name)
	}
	if err := b.exchanges(t.history, history); err != nil {
		return nil, err
	}
	if err := b.side(datamix.RoleUser, t.user, t.userList, user); err != nil {
		return nil, err
	}
	if t.answers {
		if err := b.side(datamix.RoleAssistant, t.assistant, t.assistantList, answer); err != nil {
			return nil, err
		}
	}
	return b.ms[:b.n:b.n], nil
}

func startsWithSystem(user [][]byte) bool {
	if len(user) == 0 {
		return false
	}
	role, _ := member(user[0], "role")
	from, _ := member(user[0], "from")
	return string(role) == `"system"` || role == nil && string(from) == `"system"`
}

func (c *column) elements() ([][]byte, *fault) {
	if c.raw == nil {
		return nil, nil
	}
	elements, f := spans(nil, c.raw)
	if f != nil {
		return nil, f.in(c.name)
	}
	return elements, nil
}

// builder fills messages one by one.
type builder struct {
	parser
	ms []datamix.Message
	n  int
}

func (b *builder) add(role, content string) {
	b.ms[b.n].Role, b.ms[b.n].Content = role, content
	b.n++
}

// side adds one side of an exchange: a text, or messages.
func (b *builder) side(role, text string, list column, elements [][]byte) error {
	if list.raw == nil {
		b.add(role, text)
		return nil
	}
	if len(elements) == 0 {
		return &fault{at: list.name, msg: "is an empty list of messages"}
	}
	if f := b.turns(b.ms[b.n:b.n+len(elements)], elements); f != nil {
		return f.in(list.name)
	}
	b.n += len(elements)
	return nil
}

// exchanges adds earlier exchanges: lists of two texts, user and assistant.
func (b *builder) exchanges(c column, elements [][]byte) error {
	for i, raw := range elements {
		at := c.name + "[" + strconv.Itoa(i) + "]"
		var local [4][]byte
		two, f := spans(local[:0], raw)
		if f == nil && len(two) != 2 {
			f = &fault{msg: "has " + strconv.Itoa(len(two)) + " elements, want the user's text and the assistant's"}
		}
		if f != nil {
			return f.in(at)
		}
		for k, role := range [2]string{datamix.RoleUser, datamix.RoleAssistant} {
			text, f := decodeText(b.r, at+"["+strconv.Itoa(k)+"]", two[k])
			if f != nil {
				return f
			}
			b.add(role, text)
		}
	}
	return nil
}

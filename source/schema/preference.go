package schema

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// preference adapts pairs of a chosen and a rejected answer. The chosen one
// becomes the chat; the column of the rejected one stays Extra.
type preference struct{ *settings }

var (
	chosenColumns   = []string{"chosen", "chosen_response"}
	rejectedColumns = []string{"rejected", "rejected_response"}
)

// promptColumns may hold what a chosen answer answers: a text, or messages.
var promptColumns = []string{"prompt", "conversations", "conversation", "messages", "question", "instruction", "query", "input"}

// Adapt makes r the chat that ends with the chosen answer.
func (p preference) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok := firstOf(r, chosenColumns, p.fold)
	if !ok {
		return missing(r, chosenColumns, p.fold)
	}
	t := exchange{answers: true}
	t.use(f.Name)
	raw, isList := listOrText(r, f)
	var err error
	switch {
	case isList:
		t.assistantList = column{f.Name, raw}
	case f.Kind() == "object":
		t.assistantList = column{f.Name, append(append([]byte{'['}, f.JSON()...), ']')}
	default:
		t.assistant, err = fieldText(r, f)
	}
	if err != nil {
		return err
	}
	ms, err := p.chat(r, &t)
	if err != nil {
		return err
	}
	tools, err := toolsOf(r, toolsColumns, p.fold)
	if err != nil {
		return err
	}
	r.Adapt(ms, t.used[:t.n]...)
	tools.adapt(r)
	emit(r)
	return nil
}

// chat makes the turns: the chosen list alone where it holds the prompt too,
// otherwise prompt and answer.
func (p preference) chat(r *datamix.Record, t *exchange) ([]datamix.Message, error) {
	if t.assistantList.raw != nil {
		elements, f := t.assistantList.elements()
		if f != nil {
			return nil, f
		}
		ms := r.NewMessages(len(elements))
		q := parser{r: r, roles: p.roles}
		if f := q.turns(ms, elements); f != nil {
			return nil, f.in(t.assistantList.name)
		}
		if len(ms) == 0 || ms[0].Role != datamix.RoleAssistant {
			return p.whole(t, ms)
		}
	}
	q := parser{r: r, roles: p.roles}
	f, ok := firstOf(r, promptColumns, p.fold)
	if cast := castOf(t.assistant); cast != nil && !ok {
		return q.transcript(cast, t.assistant), nil
	}
	if !ok {
		return nil, fmt.Errorf("%s holds an answer without its prompt, and the row has no column for that: want one of %q", t.used[0], promptColumns)
	}
	var err error
	if raw, isList := listOrText(r, f); isList {
		t.userList = column{f.Name, raw}
	} else if t.user, err = fieldText(r, f); err != nil {
		return nil, err
	}
	t.use(f.Name)
	if cast := castOf(t.user); cast != nil {
		if ms := q.transcript(cast, t.user); ms[len(ms)-1].Role == datamix.RoleAssistant && ms[len(ms)-1].Empty() && t.assistantList.raw == nil {
			ms[len(ms)-1].Content = strings.TrimSpace(t.assistant)
			return ms, nil
		}
	}
	if err := p.beside(r, f.Name, t); err != nil {
		return nil, err
	}
	return t.messages(r, p.roles)
}

// beside reads what the columns beside a prompt add to it: a system text, and
// those of an instruction its input and earlier exchanges.
func (p preference) beside(r *datamix.Record, prompt string, t *exchange) error {
	if folded(prompt) == "instruction" && t.userList.raw == nil {
		more, err := joinSlots(r, []slot{optional("input", "context")}, p.fold, t, nil)
		if err != nil {
			return err
		}
		t.user = blankLine(r, t.user, more)
		if err := (&pair{settings: p.settings, history: []string{"history"}}).earlier(r, t); err != nil {
			return err
		}
	}
	return t.readSystem(r, p.fold)
}

func (p preference) whole(t *exchange, ms []datamix.Message) ([]datamix.Message, error) {
	if len(ms) == 0 {
		return nil, &fault{at: t.assistantList.name, msg: "is an empty list of messages"}
	}
	return ms, nil
}

// listOrText returns the list of messages that a column holds; ok is false
// where it holds anything else, such as a text. A string is a list only if it
// spells one whose first element is a message: other texts may begin with a
// bracket too.
func listOrText(r *datamix.Record, f datamix.Field) (raw []byte, ok bool) {
	raw, ok, err := fieldJSON(r, f)
	if err != nil || !ok || jsonx.KindOf(raw) != jsonx.Array {
		return nil, false
	}
	if f.Kind() == "array" {
		return raw, true
	}
	list, _ := jsonx.OpenArray(raw)
	first, ok, err := list.Next()
	if err != nil || !ok || jsonx.KindOf(first) != jsonx.Object {
		return nil, false
	}
	role, _ := member(first, "role")
	from, _ := member(first, "from")
	return raw, role != nil || from != nil
}

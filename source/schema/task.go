package schema

import (
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// bfcl adapts the questions of the Berkeley Function Calling Leaderboard: a
// list of turns, each a list of messages, beside the functions that may be
// called.
type bfcl struct{ *settings }

// Adapt makes r a chat without answers that has the functions as its tools.
func (b bfcl) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok := firstOf(r, []string{"question"}, b.fold)
	if !ok {
		return missing(r, []string{"question"}, b.fold)
	}
	raw, err := messageList(r, f)
	if err != nil {
		return err
	}
	ms, fa := b.messages(r, raw)
	if fa != nil {
		return fa.in(f.Name)
	}
	tools, err := toolsOf(r, []string{"function", "functions", "tools"}, b.fold)
	if err != nil {
		return err
	}
	r.Adapt(ms, f.Name)
	tools.adapt(r)
	emit(r)
	return nil
}

// messages reads the messages of all turns.
func (b bfcl) messages(r *datamix.Record, raw []byte) ([]datamix.Message, *fault) {
	var localTurn, local [localTurns][]byte
	turns, f := spans(localTurn[:0], raw)
	if f != nil {
		return nil, f
	}
	elements := local[:0]
	ends := make([]int, len(turns))
	for i, turn := range turns {
		if elements, f = spans(elements, turn); f != nil {
			return nil, f.in("[" + strconv.Itoa(i) + "]")
		}
		ends[i] = len(elements)
	}
	if len(elements) == 0 {
		return nil, &fault{msg: "holds no message"}
	}
	ms := r.NewMessages(len(elements))
	p := parser{r: r, roles: b.roles}
	start := 0
	for i, end := range ends {
		if f := p.turns(ms[start:end], elements[start:end]); f != nil {
			return nil, f.in("[" + strconv.Itoa(i) + "]")
		}
		start = end
	}
	return ms, nil
}

// toolAnswers adapts a query with the tools and the calls that answer it.
type toolAnswers struct{ *settings }

// Adapt makes r the query and an assistant turn that makes the calls.
func (a toolAnswers) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	query, ok := firstOf(r, []string{"query"}, a.fold)
	if !ok {
		return missing(r, []string{"query"}, a.fold)
	}
	text, err := fieldText(r, query)
	if err != nil {
		return err
	}
	answers, ok := firstOf(r, []string{"answers"}, a.fold)
	if !ok {
		return missing(r, []string{"answers"}, a.fold)
	}
	raw, err := messageList(r, answers)
	if err != nil {
		return err
	}
	ms := r.NewMessages(2)
	ms[0].Role, ms[0].Content = datamix.RoleUser, text
	ms[1].Role = datamix.RoleAssistant
	p := parser{r: r}
	if f := p.callValue(&ms[1], raw); f != nil {
		return f.in(answers.Name)
	}
	if len(ms[1].ToolCalls) == 0 {
		return &fault{at: answers.Name, msg: "holds no call of a tool"}
	}
	tools, err := toolsOf(r, toolsColumns, a.fold)
	if err != nil {
		return err
	}
	r.Adapt(ms, query.Name, answers.Name)
	tools.adapt(r)
	emit(r)
	return nil
}

// request adapts evaluation requests: a context and a continuation to score.
type request struct{ *settings }

// Adapt makes r the context as the user turn and the continuation as the
// assistant's.
func (a request) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok := firstOf(r, []string{"request"}, a.fold)
	if !ok {
		return missing(r, []string{"request"}, a.fold)
	}
	raw, isObject, err := fieldJSON(r, f)
	if err != nil {
		return err
	}
	if !isObject || jsonx.KindOf(raw) != jsonx.Object {
		return wrongKind(f.Name, bytesOf(f.JSON()), "an object")
	}
	ms := r.NewMessages(2)
	ms[0].Role, ms[1].Role = datamix.RoleUser, datamix.RoleAssistant
	for i, key := range [2]string{"context", "continuation"} {
		value, fa := member(raw, key)
		if fa == nil && value == nil {
			fa = &fault{msg: "has no \"" + key + "\""}
		}
		if fa == nil {
			ms[i].Content, fa = decodeText(r, "."+key, value)
		}
		if fa != nil {
			return fa.in(f.Name)
		}
	}
	r.Adapt(ms, f.Name)
	emit(r)
	return nil
}

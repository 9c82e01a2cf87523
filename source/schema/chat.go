package schema

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// chat adapts rows that hold a list of messages in one of the columns.
type chat struct {
	*settings
	columns  []string
	system   []string // the columns of a system text, each used if present
	tools    []string
	userOnly bool // the list holds the texts of user turns
}

var (
	systemColumns = []string{"system", "system_prompt"}
	toolsColumns  = []string{"tools", "functions"}
)

func newChat(columns ...string) func(*settings) Adapter {
	return func(s *settings) Adapter {
		return &chat{settings: s, columns: columns, system: systemColumns, tools: toolsColumns}
	}
}

// Adapt makes r the chat.
func (c *chat) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok := firstOf(r, c.columns, c.fold)
	if !ok {
		return missing(r, c.columns, c.fold)
	}
	return c.adapt(r, f, emit)
}

// adapt makes r the chat that the list in f holds.
func (c *chat) adapt(r *datamix.Record, f datamix.Field, emit func(*datamix.Record)) error {
	raw, err := messageList(r, f)
	if err != nil {
		if cast, text := c.spoken(r, f); cast != nil {
			return c.transcript(r, f.Name, cast, text, emit)
		}
		return err
	}
	if listsObjects(raw) && !c.userOnly {
		return c.objects(r, f.Name, raw, emit)
	}
	var local [localTurns][]byte
	elements, fa := spans(local[:0], raw)
	if fa == nil && len(elements) == 0 {
		fa = &fault{msg: "is an empty list of messages"}
	}
	if fa != nil {
		return fa.in(f.Name)
	}
	if c.userOnly {
		return c.userTurns(r, f.Name, elements, emit)
	}
	if isExchange(elements[0]) {
		return c.exchanges(r, f.Name, elements, emit)
	}
	p := parser{r: r, roles: c.roles}
	ms := r.NewMessages(len(elements) + 1)
	if fa := p.turns(ms[1:], elements); fa != nil {
		return fa.in(f.Name)
	}
	return c.finish(r, f.Name, ms, emit)
}

// objects is adapt for a list that begins with an object, as nearly all do: the
// objects are taken apart while their ends are looked for.
func (c *chat) objects(r *datamix.Record, column string, raw []byte, emit func(*datamix.Record)) error {
	var local [localTurns]jsonx.Element
	var localMembers [2 * localTurns]jsonx.Member
	elements, members, err := jsonx.AppendElements(local[:0], localMembers[:0], raw)
	if err != nil {
		return &fault{column, "cannot be read: " + err.Error(), err}
	}
	if !hasRole(members[:elements[0].Count]) && isExchange(elements[0].Raw) {
		raws := make([][]byte, len(elements))
		for i := range elements {
			raws[i] = elements[i].Raw
		}
		return c.exchanges(r, column, raws, emit)
	}
	p := parser{r: r, roles: c.roles}
	ms := r.NewMessages(len(elements) + 1)
	if fa := p.messages(ms[1:], elements, members); fa != nil {
		return fa.in(column)
	}
	return c.finish(r, column, ms, emit)
}

// listsObjects reports whether raw is an array that begins with an object.
func listsObjects(raw []byte) bool {
	if jsonx.KindOf(raw) != jsonx.Array {
		return false
	}
	for _, c := range raw[1:] {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c == '{'
		}
	}
	return false
}

func hasRole(members []jsonx.Member) bool {
	for i := range members {
		if k := members[i].Key; k == "role" || k == "from" {
			return true
		}
	}
	return false
}

// exchanges is adapt for a list of whole exchanges.
func (c *chat) exchanges(r *datamix.Record, column string, elements [][]byte, emit func(*datamix.Record)) error {
	p := parser{r: r, roles: c.roles}
	ms, fa := p.exchangeTurns(elements)
	if fa != nil {
		return fa.in(column)
	}
	return c.finish(r, column, append(r.NewMessages(1), ms...), emit)
}

// finish makes r the chat of the turns behind the first of ms, which is room for
// a system turn from a column.
func (c *chat) finish(r *datamix.Record, column string, ms []datamix.Message, emit func(*datamix.Record)) error {
	systemName, err := c.systemTurn(r, &ms[0], ms[1].Role)
	if err != nil {
		return err
	}
	if systemName == "" {
		ms = ms[1:]
	}
	tools, err := toolsOf(r, c.tools, c.fold)
	if err != nil {
		return err
	}
	r.Adapt(ms, column)
	if systemName != "" {
		r.Adapt(ms, systemName)
	}
	tools.adapt(r)
	emit(r)
	return nil
}

// systemTurn reads the column of a system text into m and returns its name, ""
// where there is none or the chat begins with a system turn of its own.
func (c *chat) systemTurn(r *datamix.Record, m *datamix.Message, first string) (string, error) {
	f, ok := firstOf(r, c.system, c.fold)
	if !ok || first == datamix.RoleSystem {
		return "", nil
	}
	text, err := fieldText(r, f)
	if err != nil || text == "" {
		return "", err
	}
	m.Role, m.Content = datamix.RoleSystem, text
	return f.Name, nil
}

// spoken returns the text of a column that holds a transcript, with its cast.
func (c *chat) spoken(r *datamix.Record, f datamix.Field) (cast []speaker, text string) {
	text, err := fieldText(r, f)
	if err != nil {
		return nil, ""
	}
	return castOf(text), text
}

// transcript makes r the chat that a transcript holds.
func (c *chat) transcript(r *datamix.Record, column string, cast []speaker, text string, emit func(*datamix.Record)) error {
	p := parser{r: r, roles: c.roles}
	ms := p.transcript(cast, text)
	used := []string{column}
	tools, err := toolsOf(r, c.tools, c.fold)
	if err != nil {
		return err
	}
	if f, ok := firstOf(r, c.system, c.fold); ok && ms[0].Role != datamix.RoleSystem {
		said, err := fieldText(r, f)
		if err != nil {
			return err
		}
		system, listed := said, ""
		if tools.column == "" {
			system, listed = systemOf(said)
		}
		if system != "" {
			ms = append([]datamix.Message{datamix.System(system)}, ms...)
			used = append(used, f.Name)
		}
		if listed != "" {
			r.AdaptTools(listed)
		}
	}
	r.Adapt(ms, used...)
	tools.adapt(r)
	emit(r)
	return nil
}

func (c *chat) userTurns(r *datamix.Record, column string, elements [][]byte, emit func(*datamix.Record)) error {
	ms := r.NewMessages(len(elements))
	for i, raw := range elements {
		text, f := decodeText(r, fmt.Sprintf("%s[%d]", column, i), raw)
		if f != nil {
			return f
		}
		ms[i].Role, ms[i].Content = datamix.RoleUser, text
	}
	r.Adapt(ms, column)
	emit(r)
	return nil
}

// messageList returns the list that a column holds, as JSON or as a string
// that spells it.
func messageList(r *datamix.Record, f datamix.Field) ([]byte, error) {
	raw, ok, err := fieldJSON(r, f)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, wrongKind(f.Name, bytesOf(f.JSON()), "a list of messages")
	}
	return raw, nil
}

// toolList is a list of tools and the column that holds it.
type toolList struct{ column, json string }

// toolsOf returns the tools in the first of the columns that the row has. Text
// that is no JSON and empty lists are none: they stay where they are.
func toolsOf(r *datamix.Record, columns []string, fold bool) (toolList, error) {
	f, ok := firstOf(r, columns, fold)
	if !ok {
		return toolList{}, nil
	}
	raw, ok, err := fieldJSON(r, f)
	if err != nil || !ok || emptyJSON(raw) {
		return toolList{}, err
	}
	return toolList{f.Name, stringOf(raw)}, nil
}

func (t toolList) adapt(r *datamix.Record) {
	if t.column != "" {
		r.AdaptTools(t.json, t.column)
	}
}

// emptyJSON reports whether raw is an array or object with nothing in it.
func emptyJSON(raw []byte) bool {
	for _, c := range raw[1 : len(raw)-1] {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

package schema

import (
	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// slot is one piece of a text: the first of the columns that is not empty.
type slot struct {
	names    []string
	optional bool
}

// pair adapts rows that hold one exchange: the user's text in columns that are
// joined with a blank line, the assistant's in another. Numbers and bools, such as
// the answers of arithmetic, are the text that spells them in the row.
type pair struct {
	*settings
	user      []slot
	assistant []string // the first that is not empty; none: the user turn alone
	history   []string // columns of earlier exchanges
}

func required(names ...string) slot { return slot{names: names} }
func optional(names ...string) slot { return slot{names: names, optional: true} }

func newPair(user []slot, assistant ...string) func(*settings) Adapter {
	return func(s *settings) Adapter {
		return &pair{settings: s, user: user, assistant: assistant}
	}
}

// Adapt makes r the exchange.
func (p *pair) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	var turns exchange
	if err := p.read(r, &turns); err != nil {
		return err
	}
	ms, err := turns.messages(r, p.roles)
	if err != nil {
		return err
	}
	tools, err := toolsOf(r, toolsColumns, p.fold)
	if err != nil {
		return err
	}
	r.Adapt(ms, turns.used[:turns.n]...)
	tools.adapt(r)
	emit(r)
	return nil
}

// read finds the texts and lists of messages that make up the exchange.
func (p *pair) read(r *datamix.Record, t *exchange) (err error) {
	if err = t.readSystem(r, p.fold); err != nil {
		return err
	}
	if err = p.earlier(r, t); err != nil {
		return err
	}
	if t.user, err = joinSlots(r, p.user, p.fold, t, &t.userList); err != nil {
		return err
	}
	if len(p.assistant) == 0 {
		return nil
	}
	t.answers = true
	v, ok, err := filled(r, p.assistant, p.fold, spelledText)
	if err != nil {
		return err
	}
	if !ok {
		return missing(r, p.assistant, p.fold)
	}
	t.use(v.Name)
	if v.list {
		return t.answer(r, v.Field)
	}
	t.assistant = v.text
	return nil
}

// joinSlots reads the slots, joins what is not empty with a blank line and adds
// the columns to t.used. A list of messages is put into *list instead, if list
// is not nil, it is the last slot, and those in front of it are empty.
func joinSlots(r *datamix.Record, slots []slot, fold bool, t *exchange, list *column) (string, error) {
	var text string
	for i := range slots {
		s := &slots[i]
		v, ok, err := filled(r, s.names, fold, spelledText)
		switch {
		case err != nil:
			return "", err
		case !ok && !s.optional:
			return "", missing(r, s.names, fold)
		case !ok || s.optional && v.text == "" && !v.list:
			continue // an empty optional column stays Extra
		case v.list && (list == nil || i < len(slots)-1 || text != "" || v.Kind() == "object" || !ofMessages(v.Field)):
			return "", wrongKind(v.Name, bytesOf(v.JSON()), "string")
		case v.list:
			*list = column{v.Name, bytesOf(v.JSON())}
		}
		t.use(v.Name)
		text = blankLine(r, text, v.text)
	}
	return text, nil
}

// ofMessages reports whether a list could be one of messages. Texts in a list say
// nothing about who speaks, and may be a whole column of the table.
func ofMessages(f datamix.Field) bool {
	first, ok := firstElement(bytesOf(f.JSON()))
	return !ok || jsonx.KindOf(first) == jsonx.Object
}

// blankLine joins two texts of a row with a blank line, where both have something.
func blankLine(r *datamix.Record, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return r.Concat(a, "\n\n", b)
}

// value is a column with its text, or one that holds an array or object.
type value struct {
	datamix.Field
	text string
	list bool
}

// filled returns the first of the columns that is not empty, otherwise the
// first that is not null. textOf reads one that is no array or object.
func filled(r *datamix.Record, names []string, fold bool, textOf func(*datamix.Record, datamix.Field) (string, error)) (v value, ok bool, err error) {
	for _, name := range names {
		f, found := find(r, name, fold)
		if !found || f.IsNull() {
			continue
		}
		if k := f.Kind(); k == "array" || k == "object" {
			return value{Field: f, list: true}, true, nil
		}
		text, err := textOf(r, f)
		if err != nil || text != "" {
			return value{Field: f, text: text}, true, err
		}
		if !ok {
			v, ok = value{Field: f}, true
		}
	}
	return v, ok, nil
}

// earlier reads the column of earlier exchanges.
func (p *pair) earlier(r *datamix.Record, t *exchange) error {
	f, ok := firstOf(r, p.history, p.fold)
	if !ok {
		return nil
	}
	raw, ok, err := fieldJSON(r, f)
	if err != nil {
		return err
	}
	if !ok || jsonx.KindOf(raw) != jsonx.Array {
		return wrongKind(f.Name, bytesOf(f.JSON()), "a list of exchanges")
	}
	t.history = column{f.Name, raw}
	t.use(f.Name)
	return nil
}

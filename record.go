package datamix

import (
	"iter"
	"strings"
)

// Record is one training example: a chat (Messages) or a plain text (Text),
// with the row that it was read from. It has one owner at a time and is not
// safe for concurrent use while somebody modifies it.
//
// A record read from a file shares memory with its neighbours in the file. To
// keep a few of many records for long, keep their Clone.
type Record struct {
	// Origin is where the record came from.
	Origin Origin

	row      rowData
	messages []Message
	text     string
	tools    string
	labels   []label
	counts   Counts
	counted  bool
	changed  bool
	isText   bool
	arena    *Arena
}

// rowData is what was read, before any adapter.
type rowData struct {
	raw    []byte  // the row's JSON text, nil where it was not JSON
	fields []Field // its columns in order
}

type label struct{ name, value string }

// NewChat returns a record that holds the messages.
func NewChat(messages ...Message) *Record { return &Record{messages: messages, changed: true} }

// NewText returns a record that holds a plain text.
func NewText(text string) *Record { return &Record{text: text, isText: true, changed: true} }

// IsText reports whether the record is a plain text rather than a chat.
func (r *Record) IsText() bool { return r.isText }

// Messages returns the turns of a chat, nil for a plain text. The slice must
// not be modified: use SetMessages.
func (r *Record) Messages() []Message { return r.messages }

// SetMessages makes the record a chat of these messages. Counts are forgotten
// and the record no longer writes back its row unchanged.
func (r *Record) SetMessages(ms []Message) {
	r.messages, r.text, r.isText = ms, "", false
	r.touch()
}

// Text returns the text of a plain text record, "" for a chat.
func (r *Record) Text() string { return r.text }

// SetText makes the record a plain text, as SetMessages makes it a chat.
func (r *Record) SetText(text string) {
	r.messages, r.text, r.isText = nil, text, true
	r.touch()
}

// Tools returns the tools that a chat may call as JSON text, usually an array,
// or "".
func (r *Record) Tools() string { return r.tools }

// SetTools sets the tools, as JSON text.
func (r *Record) SetTools(json string) {
	r.tools = json
	r.touch()
}

func (r *Record) touch() {
	r.changed, r.counted, r.counts = true, false, Counts{}
}

// Changed reports whether the record differs from the row that it was read
// from, by a Set method or because it was made in memory.
func (r *Record) Changed() bool { return r.changed }

// Raw returns the row's own JSON text, byte for byte, while the record is not
// Changed and its source was JSON. The slice must not be modified.
func (r *Record) Raw() ([]byte, bool) {
	return r.row.raw, r.row.raw != nil && !r.changed
}

// ID returns the stable identity of the record as text, for example
// "gsm8k/train.jsonl:17": Origin.String.
func (r *Record) ID() string { return r.Origin.String() }

// Prompt returns the content of the first user turn, or "".
func (r *Record) Prompt() string {
	for i := range r.messages {
		if r.messages[i].Role == RoleUser {
			return r.messages[i].Content
		}
	}
	return ""
}

// Response returns the content of the last assistant turn, or "". For a plain
// text it returns the text.
func (r *Record) Response() string {
	if r.isText {
		return r.text
	}
	for i := len(r.messages) - 1; i >= 0; i-- {
		if r.messages[i].Role == RoleAssistant {
			return r.messages[i].Content
		}
	}
	return ""
}

// Texts yields every text of the record: the plain text, or for each turn its
// reasoning, its content and the names and arguments of its tool calls.
func (r *Record) Texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		if r.isText {
			yield(r.text)
			return
		}
		for i := range r.messages {
			going := true
			r.messages[i].texts(func(s string) {
				going = going && yield(s)
			})
			if !going {
				return
			}
		}
	}
}

// Fields returns the columns of the row in order. The slice must not be
// modified.
func (r *Record) Fields() []Field { return r.row.fields }

// Field returns the column of that name.
func (r *Record) Field(name string) (Field, bool) {
	for i := range r.row.fields {
		if r.row.fields[i].Name == name {
			return r.row.fields[i], true
		}
	}
	return Field{}, false
}

// Extra yields the columns that no adapter took into the record, in order.
func (r *Record) Extra() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for i := range r.row.fields {
			if !r.row.fields[i].used && !yield(r.row.fields[i]) {
				return
			}
		}
	}
}

// SetField sets a column, replacing one of the same name. The record counts as
// changed; its counts stay.
func (r *Record) SetField(f Field) {
	r.changed = true
	f.used = false
	fields := append([]Field(nil), r.row.fields...)
	for i := range fields {
		if fields[i].Name == f.Name {
			fields[i] = f
			r.row.fields = fields
			return
		}
	}
	r.row.fields = append(fields, f)
}

// Label returns what is known of the record under a name such as "category",
// "language", "license" or "model": a label that was set, otherwise the row's
// column of that name if it is a string, number or bool, otherwise "".
func (r *Record) Label(name string) string {
	for i := range r.labels {
		if r.labels[i].name == name {
			return r.labels[i].value
		}
	}
	if f, ok := r.Field(name); ok {
		s, _ := f.scalar()
		return s
	}
	return ""
}

// SetLabel sets a label. Labels are not part of the row: the record does not
// count as changed.
func (r *Record) SetLabel(name, value string) {
	for i := range r.labels {
		if r.labels[i].name == name {
			r.labels = append([]label(nil), r.labels...) // may be shared
			r.labels[i].value = value
			return
		}
	}
	r.labels = append(r.labels[:len(r.labels):len(r.labels)], label{name, value})
}

// Labels yields the labels that were set, in the order in which they were.
func (r *Record) Labels() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, l := range r.labels {
			if !yield(l.name, l.value) {
				return
			}
		}
	}
}

// Clone returns a copy that shares no memory with r.
func (r *Record) Clone() *Record {
	c := *r
	c.arena = nil
	c.Origin.Path, c.Origin.Source = strings.Clone(r.Origin.Path), strings.Clone(r.Origin.Source)
	c.text, c.tools = strings.Clone(r.text), strings.Clone(r.tools)
	c.row.fields = cloneFields(r.row.fields)
	if r.row.raw != nil {
		c.row.raw = append([]byte{}, r.row.raw...)
	}
	if r.messages != nil {
		c.messages = make([]Message, len(r.messages))
		for i, m := range r.messages {
			c.messages[i] = m.clone()
		}
	}
	c.labels = append([]label(nil), r.labels...)
	return &c
}

// Copy returns a copy that shares the row and texts with r, but can be
// modified by itself: what a stage uses to make several records of one.
func (r *Record) Copy() *Record {
	c := *r
	c.arena = nil
	c.messages = append([]Message(nil), r.messages...)
	c.labels = r.labels[:len(r.labels):len(r.labels)]
	c.row.fields = append([]Field(nil), r.row.fields...)
	return &c
}

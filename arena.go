package datamix

import (
	"fmt"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// Arena makes the records of one block of input and hands out memory to them
// in large pieces, which is what makes reading fast. A source uses one arena
// for some hundred kilobytes of input and then a new one: memory is freed when
// the last record of an arena is. A nil *Arena works too and allocates each
// piece by itself. An Arena is not safe for concurrent use.
type Arena struct {
	records  []Record
	fields   []Field
	messages []Message
	buf      []byte
	scratch  []Field
	rows     []byte
	members  []jsonx.Member

	full struct{ records, fields, messages, rows int } // elements of slabs that are used up
}

// Reset makes an arena's memory free for new records, with room for so many bytes
// of text. The ones that it made before, and their texts, are no more.
func (a *Arena) Reset(text int) {
	a.records = again(a.records, &a.full.records)
	a.fields = again(a.fields, &a.full.fields)
	a.messages = again(a.messages, &a.full.messages)
	a.buf = roomFor(a.buf, text)
	a.rows = roomFor(a.rows, a.full.rows+len(a.rows))
	a.full.rows = 0
}

// roomFor returns the memory of buf, or of another one that has room for n bytes.
func roomFor(buf []byte, n int) []byte {
	if n = min(n, keptText); n > cap(buf) || cap(buf) > 2*keptText {
		return make([]byte, 0, n+n/4)
	}
	return buf[:0]
}

// Bytes returns n bytes of the arena's memory, whatever is in them, for a row.
func (a *Arena) Bytes(n int) []byte {
	if a == nil {
		return make([]byte, n)
	}
	if cap(a.rows)-len(a.rows) < n {
		a.full.rows += len(a.rows)
		a.rows = make([]byte, 0, max(n, min(2*cap(a.rows), rowSlab), rowSlab/firstSlab))
	}
	a.rows = a.rows[:len(a.rows)+n]
	return a.rows[len(a.rows)-n : len(a.rows) : len(a.rows)]
}

// What an arena keeps for later is what batches of usual records need.
const (
	keptText  = 1 << 20
	keptItems = 1 << 14
)

// again returns the memory of s, or more where several slabs were used up.
func again[T any](s []T, full *int) []T {
	n := *full + len(s)
	*full = 0
	if n > cap(s) && cap(s) < keptItems || cap(s) > 2*keptItems {
		return make([]T, 0, min(n+n/4, keptItems))
	}
	clear(s)
	return s[:0]
}

// The largest slabs. Those of an arena begin at a part of that and double, so that
// a few records do not take the memory of many.
const (
	recordSlab  = 64
	fieldSlab   = 512
	messageSlab = 128
	rowSlab     = 32 << 10 // bytes
	firstSlab   = 8        // times smaller
)

// JSON returns a record with the columns of a row that is one JSON object. It
// keeps raw, which must not change afterwards. The record has no messages and
// no text yet: an adapter gives them to it. The error is a syntax error with
// the byte offset in raw, or says that a key stands twice.
func (a *Arena) JSON(raw []byte, o Origin) (*Record, error) {
	var members []jsonx.Member
	if a != nil {
		members = a.members[:0]
	}
	members, err := jsonx.AppendMembers(members, raw)
	if err != nil {
		return nil, err
	}
	var fields []Field
	if a != nil {
		a.members, fields = members, a.scratch[:0]
	}
	for _, m := range members {
		fields = append(fields, Field{Name: m.Key, value: stringOf(m.Value), valid: true})
	}
	if a != nil {
		a.scratch = fields
	}
	if twice := duplicate(fields); twice != "" {
		return nil, fmt.Errorf("the key %q stands twice in the row", twice)
	}
	return a.row(raw, fields, o), nil
}

// Row returns a record with these columns, for formats other than JSON. The
// fields are copied, the texts in them kept.
func (a *Arena) Row(fields []Field, o Origin) (*Record, error) {
	if twice := duplicate(fields); twice != "" {
		return nil, fmt.Errorf("the column %q stands twice in the row", twice)
	}
	return a.row(nil, fields, o), nil
}

func (a *Arena) row(raw []byte, fields []Field, o Origin) *Record {
	var r *Record
	if a == nil {
		r = &Record{row: rowData{raw, append([]Field(nil), fields...)}}
	} else {
		a.records = grow(a.records, 1, recordSlab, &a.full.records)
		r = &a.records[len(a.records)-1]
		own := a.newFields(len(fields))
		copy(own, fields)
		r.row = rowData{raw, own}
		r.arena = a
	}
	r.Origin = o
	return r
}

func (a *Arena) newFields(n int) []Field {
	if a == nil {
		return make([]Field, n)
	}
	a.fields = grow(a.fields, n, fieldSlab, &a.full.fields)
	return a.fields[len(a.fields)-n : len(a.fields) : len(a.fields)]
}

// grow extends s by n zero elements, in a new slab where s has no room; then those
// of s are added to full.
func grow[T any](s []T, n, slab int, full *int) []T {
	if cap(s)-len(s) < n {
		*full += len(s)
		s = make([]T, 0, max(n, min(2*cap(s), slab), slab/firstSlab))
	}
	return s[:len(s)+n]
}

// NewMessages returns n empty messages out of the arena that made the record.
// For adapters; pass them to Adapt.
func (r *Record) NewMessages(n int) []Message {
	if r.arena == nil {
		return make([]Message, n)
	}
	a := r.arena
	a.messages = grow(a.messages, n, messageSlab, &a.full.messages)
	return a.messages[len(a.messages)-n : len(a.messages) : len(a.messages)]
}

// textBuffer returns the buffer into which texts of the record are decoded, nil
// where the record has no arena.
func (r *Record) textBuffer() *[]byte {
	if r.arena == nil {
		return nil
	}
	return &r.arena.buf
}

// FieldText returns Field.Text of the column, decoded into the arena's memory.
// A missing column is an error.
func (r *Record) FieldText(name string) (string, error) {
	for i := range r.row.fields {
		if r.row.fields[i].Name == name {
			return r.row.fields[i].text(r.textBuffer())
		}
	}
	return "", fmt.Errorf("the row has no column %q", name)
}

// DecodeText decodes a JSON string, given with its quotes, in the arena's memory.
// One that is a value inside the row is not checked again.
func (r *Record) DecodeText(json []byte) (string, error) {
	if within(r.row.raw, stringOf(json)) >= 0 { // and so was checked with the row
		return jsonx.ValidText(json, r.textBuffer())
	}
	return jsonx.Text(json, r.textBuffer())
}

// Concat returns texts one behind the other, in the arena's memory. For adapters.
func (r *Record) Concat(texts ...string) string { return jsonx.Concat(r.textBuffer(), texts...) }

// DecodeField returns Field.Text of a field, decoded into the arena's memory.
func (r *Record) DecodeField(f Field) (string, error) { return f.text(r.textBuffer()) }

// Adapt gives a record that was just read its messages, and names the columns
// that are in them; the others are its Extra. The record does not count as
// changed. For adapters.
func (r *Record) Adapt(ms []Message, columns ...string) {
	r.messages, r.text, r.isText = ms, "", false
	r.use(columns)
}

// AdaptText is Adapt for a plain text.
func (r *Record) AdaptText(text string, columns ...string) {
	r.messages, r.text, r.isText = nil, text, true
	r.use(columns)
}

// AdaptTools gives a record that was just read its tools, as JSON text.
func (r *Record) AdaptTools(json string, columns ...string) {
	r.tools = json
	r.use(columns)
}

func (r *Record) use(columns []string) {
	for _, c := range columns {
		for i := range r.row.fields {
			if r.row.fields[i].Name == c {
				r.row.fields[i].used = true
			}
		}
	}
}

func duplicate(fields []Field) string {
	if len(fields) > 24 {
		seen := make(map[string]bool, len(fields))
		for _, f := range fields {
			if seen[f.Name] {
				return f.Name
			}
			seen[f.Name] = true
		}
		return ""
	}
	for i := range fields {
		for j := range i {
			if fields[i].Name == fields[j].Name {
				return fields[i].Name
			}
		}
	}
	return ""
}

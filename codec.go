package datamix

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// codecVersion is the first byte of an encoded record.
const codecVersion = 2

var errCodec = errors.New("datamix: not an encoded record, or one of another version")

// AppendBinary appends a compact encoding of the whole record to dst: its row,
// messages, labels, counts and origin. It is for spools and for sending records
// between machines of one run, not for keeping: versions do not read each
// other's.
func (r *Record) AppendBinary(dst []byte) ([]byte, error) {
	e := encoder(append(dst, codecVersion))
	e.flags(r.changed, r.isText, r.counted, r.row.raw != nil, r.messages != nil)
	e.str(r.Origin.Source)
	e.str(r.Origin.Path)
	e.num(r.Origin.Row)
	e.num(int64(r.Origin.Sub))
	e.num(r.Origin.Offset)
	e.num(int64(r.Origin.Pass))
	if r.row.raw != nil {
		e.str(stringOf(r.row.raw))
	}
	e.fields(r.row.fields, r.row.raw)
	e.str(r.text)
	e.str(r.tools)
	e.num(int64(len(r.labels)))
	for _, l := range r.labels {
		e.str(l.name)
		e.str(l.value)
	}
	for _, n := range []int{r.counts.Total, r.counts.Context, r.counts.Final, r.counts.Trainable} {
		e.num(int64(n))
	}
	e.num(int64(len(r.messages)))
	for i := range r.messages {
		e.message(&r.messages[i])
	}
	return e, nil
}

type encoder []byte

func (e *encoder) num(n int64) { *e = binary.AppendVarint(*e, n) }

func (e *encoder) str(s string) {
	*e = binary.AppendUvarint(*e, uint64(len(s)))
	*e = append(*e, s...)
}

func (e *encoder) flags(fs ...bool) {
	var b byte
	for i, f := range fs {
		if f {
			b |= 1 << i
		}
	}
	*e = append(*e, b)
}

// fields writes a value that lies inside the row as its place there.
func (e *encoder) fields(fs []Field, raw []byte) {
	e.num(int64(len(fs)))
	for _, f := range fs {
		at := within(raw, f.value)
		e.flags(f.plain, f.used, at >= 0, f.valid)
		e.str(f.Name)
		if at >= 0 {
			e.num(int64(at))
			e.num(int64(len(f.value)))
		} else {
			e.str(f.value)
		}
	}
}

func (e *encoder) message(m *Message) {
	*e = append(*e, byte(m.Train))
	for _, s := range []string{m.Role, m.Content, m.Reasoning, m.Name, m.ToolCallID} {
		e.str(s)
	}
	e.num(int64(m.Tokens))
	e.num(int64(len(m.ToolCalls)))
	for _, c := range m.ToolCalls {
		e.str(c.ID)
		e.str(c.Name)
		e.str(c.Arguments)
	}
	e.num(int64(len(m.Parts)))
	for _, p := range m.Parts {
		e.str(p.Type)
		e.str(p.Text)
		e.str(p.JSON)
	}
	e.fields(m.Extra, nil)
}

// within returns where s lies in raw's memory, or -1.
func within(raw []byte, s string) int {
	if len(raw) == 0 || len(s) == 0 {
		return -1
	}
	at := uintptr(unsafe.Pointer(unsafe.StringData(s))) - uintptr(unsafe.Pointer(unsafe.SliceData(raw)))
	if at > uintptr(len(raw)-len(s)) || len(s) > len(raw) {
		return -1
	}
	return int(at)
}

// Binary returns the record that AppendBinary encoded as data, which it keeps
// and which must not change afterwards.
func (a *Arena) Binary(data []byte) (*Record, error) {
	d := decoder{data: data}
	if d.byte() != codecVersion {
		return nil, errCodec
	}
	var r *Record
	if a == nil {
		r = &Record{}
	} else {
		a.records = grow(a.records, 1, recordSlab, &a.full.records)
		r = &a.records[len(a.records)-1]
		r.arena = a
	}
	var hasRaw, isChat bool
	d.flags(&r.changed, &r.isText, &r.counted, &hasRaw, &isChat)
	r.Origin.Source, r.Origin.Path = d.str(), d.str()
	r.Origin.Row, r.Origin.Sub = d.num(), int(d.num())
	r.Origin.Offset, r.Origin.Pass = d.num(), int(d.num())
	if hasRaw {
		s := d.str()
		r.row.raw = unsafe.Slice(unsafe.StringData(s), len(s))
	}
	r.row.fields = d.fields(a, r.row.raw)
	r.text, r.tools = d.str(), d.str()
	if n := d.len(); n > 0 {
		r.labels = make([]label, n)
		for i := range r.labels {
			r.labels[i] = label{d.str(), d.str()}
		}
	}
	r.counts = Counts{Total: int(d.num()), Context: int(d.num()), Final: int(d.num()), Trainable: int(d.num())}
	if n := d.len(); isChat {
		r.messages = r.NewMessages(n)
		for i := range r.messages {
			d.message(&r.messages[i])
		}
	}
	if d.err != nil || len(d.data) > 0 {
		return nil, fmt.Errorf("%w: damaged", errCodec)
	}
	return r, nil
}

// decoder reads what encoder wrote; after the first fault it returns zeros.
type decoder struct {
	data []byte
	err  error
}

func (d *decoder) fail() { d.data, d.err = nil, errCodec }

func (d *decoder) byte() byte {
	if len(d.data) == 0 {
		d.fail()
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return b
}

func (d *decoder) num() int64 {
	n, size := binary.Varint(d.data)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[size:]
	return n
}

// len reads a number of things, each of which takes a byte at least.
func (d *decoder) len() int {
	n := d.num()
	if n < 0 || n > int64(len(d.data)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) str() string {
	n, size := binary.Uvarint(d.data)
	if size <= 0 || n > uint64(len(d.data)-size) {
		d.fail()
		return ""
	}
	s := stringOf(d.data[size : size+int(n)])
	d.data = d.data[size+int(n):]
	return s
}

func (d *decoder) flags(fs ...*bool) {
	b := d.byte()
	for i, f := range fs {
		*f = b&(1<<i) != 0
	}
}

func (d *decoder) fields(a *Arena, raw []byte) []Field {
	n := d.len()
	if n == 0 {
		return nil
	}
	fs := a.newFields(n)
	for i := range fs {
		var inside bool
		d.flags(&fs[i].plain, &fs[i].used, &inside, &fs[i].valid)
		fs[i].Name = d.str()
		if !inside {
			fs[i].value = d.str()
			continue
		}
		at, size := d.num(), d.num()
		if at < 0 || size < 0 || at > int64(len(raw)) || size > int64(len(raw))-at {
			d.fail()
			return nil
		}
		fs[i].value = stringOf(raw[at : at+size])
	}
	return fs
}

func (d *decoder) message(m *Message) {
	m.Train = Train(d.byte())
	m.Role, m.Content, m.Reasoning, m.Name, m.ToolCallID = d.str(), d.str(), d.str(), d.str(), d.str()
	m.Tokens = int(d.num())
	if n := d.len(); n > 0 {
		m.ToolCalls = make([]ToolCall, n)
		for i := range m.ToolCalls {
			m.ToolCalls[i] = ToolCall{d.str(), d.str(), d.str()}
		}
	}
	if n := d.len(); n > 0 {
		m.Parts = make([]Part, n)
		for i := range m.Parts {
			m.Parts[i] = Part{d.str(), d.str(), d.str()}
		}
	}
	m.Extra = d.fields(nil, nil)
}

func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

package source

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/input"
	"github.com/datamix-go/datamix/source/schema"
)

// file is what is known of one file while it is read. It does not change any
// more once its first batch of rows is out.
type file struct {
	path   string
	format Format
	table  *csvTable // for CSV and TSV

	schema  string // found by detection
	adapter schema.Adapter
	settled bool // the adapter is known, or given up on
}

// batch is some rows of one file, to be decoded together.
type batch struct {
	file *file
	rows []row
	made []element // Parquet: made of the rows already
	size int       // bytes
	held []*block  // in which the rows lie, where they are lent
	err  error     // the final error of the file, behind the rows
}

const (
	// batchBytes and batchRows end a batch: enough work to be worth handing
	// over, little enough to be spread evenly.
	batchBytes = 192 << 10
	batchRows  = 4096
)

// hold notes the memory of a row that was cut off.
func (b *batch) hold(m *block) {
	if n := len(b.held); m != nil && (n == 0 || b.held[n-1] != m) {
		m.users.Add(1)
		b.held = append(b.held, m)
	}
}

func (b *batch) full() bool { return b.size >= batchBytes || len(b.rows) >= batchRows }

// element is one element of a datamix.Seq.
type element struct {
	r   *datamix.Record
	err error
}

// decoder makes records of the rows of one batch.
type decoder struct {
	set    *settings
	file   *file
	arena  *datamix.Arena
	cells  []string
	fields []datamix.Field
	out    []element
	emit   func(*datamix.Record) // appends to out
}

// decode makes the records of a batch. It may run on any goroutine.
func (s *settings) decode(b *batch, arena *datamix.Arena) []element {
	d := decoder{set: s, file: b.file, arena: arena, out: b.made}
	d.out = slices.Grow(d.out, len(b.rows)+1)
	for _, r := range b.rows {
		rec, err := d.record(r)
		if err != nil {
			d.bad("read", datamix.Origin{Path: b.file.path, Row: r.num, Offset: r.off}, r.raw, err)
			continue
		}
		d.adapt(rec, r)
	}
	if b.err != nil {
		d.out = append(d.out, element{err: b.err})
	}
	return d.out
}

func (d *decoder) bad(stage string, o datamix.Origin, raw []byte, err error) {
	d.out = append(d.out, element{err: &datamix.RecordError{Stage: stage, Origin: o, Err: err, Raw: raw}})
}

// record makes a record with the columns of a row.
func (d *decoder) record(r row) (*datamix.Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	o := datamix.Origin{Path: d.file.path, Row: r.num, Offset: r.off}
	switch d.file.format {
	case JSONL, JSON:
		rec, err := d.arena.JSON(r.raw, o)
		if err != nil {
			if bad := input.CheckUTF8(r.raw, r.off); bad != nil {
				err = bad
			} else if wide(r.raw) {
				err = fmt.Errorf("%w; every second byte is 0, as in UTF-16: set the option encoding to utf-16le or utf-16be", err)
			}
		}
		return rec, err
	}
	if err := input.CheckUTF8(r.raw, r.off); err != nil {
		return nil, err
	}
	if d.file.format == Text {
		d.fields = append(d.fields[:0], datamix.TextField("text", text(r.raw)))
		return d.arena.Row(d.fields, o)
	}
	return d.file.table.record(d, r, o)
}

// wide reports whether a row looks like ASCII text in UTF-16.
func wide(raw []byte) bool {
	n := min(len(raw), 64)
	zeros := 2 * bytes.Count(raw[:n], []byte{0})
	return n > 3 && zeros >= n-1 && zeros <= n+1
}

// adapt makes canonical records of one that has columns only.
func (d *decoder) adapt(rec *datamix.Record, r row) {
	from := len(d.out)
	if d.emit == nil {
		d.emit = d.add
	}
	err := d.apply(rec, d.emit)
	if err == nil && len(d.out) == from {
		err = fmt.Errorf("the row makes no record")
	}
	if err == nil && len(d.out) > from+1 && !d.set.several {
		err = fmt.Errorf("the row makes %d records, and the schema was taken to make one: set the options schema and schema_options", len(d.out)-from)
	}
	if err != nil {
		raw := r.raw
		if raw == nil {
			raw, _ = rec.Raw()
		}
		clear(d.out[from:])
		d.out = d.out[:from]
		d.bad("adapt", rec.Origin, raw, err)
	}
}

// add is what an adapter emits to.
func (d *decoder) add(rec *datamix.Record) {
	for _, name := range d.set.labels {
		rec.SetLabel(name, d.set.Labels[name])
	}
	d.out = append(d.out, element{r: rec})
}

// apply runs the adapter of the options or of the file. Where that one was
// found by other rows and does not fit, the row itself decides.
func (d *decoder) apply(rec *datamix.Record, emit func(*datamix.Record)) error {
	switch {
	case d.set.joiner != nil:
		d.out = append(d.out, element{r: rec}) // see joining
		return nil
	case d.set.adapter != nil:
		return d.set.adapter.Adapt(rec, emit)
	case d.file.format == Text:
		t, err := rec.FieldText("text")
		rec.AdaptText(t, "text")
		emit(rec)
		return err
	case d.file.adapter == nil:
		_, a, err := schema.Detect(rec)
		if err != nil {
			return err
		}
		return a.Adapt(rec, emit)
	}
	from := len(d.out)
	err := d.file.adapter.Adapt(rec, emit)
	if err == nil {
		return nil
	}
	name, other, none := schema.Detect(rec)
	if none != nil || name == d.file.schema {
		return err
	}
	d.out = d.out[:from]
	return other.Adapt(rec, emit)
}

// detectRows is how many rows of the first batch are asked for the schema of
// the file.
const detectRows = 8

// settle finds the adapter of a file by the first rows that can be read. Where
// no schema fits any of them, it is an error of the whole file.
func (s *settings) settle(b *batch) error {
	f := b.file
	if f.settled || s.adapter != nil || f.format == Text {
		return nil
	}
	d := decoder{set: s, file: f}
	var first error
	for _, r := range b.rows[:min(len(b.rows), detectRows)] {
		rec, err := d.record(r)
		if err != nil {
			continue
		}
		if err = s.ask(f, rec); err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// ask finds the adapter of a file by one of its rows.
func (s *settings) ask(f *file, r *datamix.Record) (err error) {
	f.schema, f.adapter, err = schema.Detect(r)
	f.settled = err == nil
	return err
}

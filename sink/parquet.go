package sink

import (
	"fmt"
	"io"
	"unicode/utf8"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/gzip"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/datamix-go/datamix"
)

// rowGroupBytes is how many bytes of values, before compression, end a row
// group. Readers take a group at a time, so it bounds their memory too.
const rowGroupBytes = 32 << 20

// table is the format of Parquet: one row at a time is taken apart into the
// values of its columns, which the writer copies.
type table struct {
	o       Options
	schema  *parquet.Schema
	codec   compress.Codec
	w       *parquet.GenericWriter[any]
	row     parquet.Row
	scratch []byte
	total   int64
	group   int64 // bytes of the row group at hand
	limit   int64 // of group
}

// newTable takes resolved options.
func newTable(o Options) *table {
	t := &table{o: o, schema: tableSchema(o), codec: &parquet.Uncompressed, limit: rowGroupBytes}
	switch o.Compression {
	case Gzip:
		level := gzip.DefaultCompression
		if o.Level != 0 {
			level = o.Level
		}
		t.codec = &gzip.Codec{Level: level}
	case Zstd:
		t.codec = &zstd.Codec{Level: zstdLevel(o.Level)}
	}
	return t
}

func (t *table) start(w io.Writer) error {
	t.total, t.group = 0, 0
	options := []parquet.WriterOption{
		t.schema, parquet.Compression(t.codec), parquet.CreatedBy("datamix", "1", "0"),
		parquet.KeyValueMetadata("datamix.form", string(t.o.As)),
	}
	// Bounds of texts help nobody find a row, and would copy texts into the
	// footer.
	for _, path := range t.schema.Columns() {
		options = append(options, parquet.SkipPageBounds(path...))
	}
	t.w = parquet.NewGenericWriter[any](w, options...)
	return nil
}

func (t *table) write(r *datamix.Record) error {
	size, err := t.build(r)
	if err != nil {
		return writeError(r, err)
	}
	if _, err := t.w.WriteRows([]parquet.Row{t.row}); err != nil {
		return fmt.Errorf("sink: parquet: %w", err)
	}
	t.total += size
	t.group += size
	if t.group < t.limit {
		return nil
	}
	t.group = 0
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("sink: parquet: %w", err)
	}
	return nil
}

func (t *table) size() int64 { return t.total }

func (t *table) finish() error {
	if err := t.w.Close(); err != nil {
		return fmt.Errorf("sink: parquet: %w", err)
	}
	return nil
}

func (t *table) halt() {}

func (t *table) suffix() string { return ".parquet" }

// build makes the row of a record and returns the bytes of its texts.
func (t *table) build(r *datamix.Record) (size int64, err error) {
	b := rowBuilder{row: t.row[:0], scratch: t.scratch[:0]}
	if t.o.As == FormText {
		if !r.IsText() {
			return 0, chatOrNothing(r)
		}
		b.text(r.Text(), 0, 0)
		b.next()
	} else {
		ms, err := chatOf(r)
		if err != nil {
			return 0, err
		}
		b.messages(ms)
		b.optional(r.Tools(), 0, 0)
		b.next()
	}
	if t.o.Extra != ExtraDrop {
		b.optional(b.made(func(dst []byte) []byte { return appendExtra(dst, r) }), 0, 0)
		b.next()
	}
	if t.o.SourceColumn != NoSource {
		b.optional(r.Origin.Source, 0, 0)
		b.next()
	}
	if t.o.Provenance {
		b.provenance(r.Origin)
	}
	t.row, t.scratch = b.row, b.scratch
	return b.size, nil
}

// rowBuilder puts the values of a row in the order of the columns.
type rowBuilder struct {
	row     parquet.Row
	column  int
	size    int64
	scratch []byte
}

// next goes on to the next column.
func (b *rowBuilder) next() { b.column++ }

// text adds a text at a level of repetition and of definition.
func (b *rowBuilder) text(s string, repeat, define int) {
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // each byte at fault becomes U+FFFD
	}
	b.size += int64(len(s))
	value := parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s)))
	b.row = append(b.row, value.Level(repeat, define, b.column))
}

// optional adds a text that is null when it is empty; define is the level of
// null.
func (b *rowBuilder) optional(s string, repeat, define int) {
	if s == "" {
		b.row = append(b.row, parquet.NullValue().Level(repeat, define, b.column))
		return
	}
	b.text(s, repeat, define+1)
}

func (b *rowBuilder) number(n int64, define int) {
	b.row = append(b.row, parquet.Int64Value(n).Level(0, define, b.column))
	b.size += 8
	b.next()
}

// made returns the text that f appends. It stays right when the buffer grows.
func (b *rowBuilder) made(f func(dst []byte) []byte) string {
	start := len(b.scratch)
	b.scratch = f(b.scratch)
	return stringOf(b.scratch[start:])
}

// messages adds the columns of the list. In a list the first value has
// repetition level 0 and the others 1; what stands in an element has definition
// level 1.
func (b *rowBuilder) messages(ms []datamix.Message) {
	each := func(add func(m *datamix.Message, repeat int)) {
		for i := range ms {
			add(&ms[i], min(i, 1))
		}
		b.next()
	}
	each(func(m *datamix.Message, repeat int) { b.text(m.Role, repeat, 1) })
	each(func(m *datamix.Message, repeat int) { b.text(m.Content, repeat, 1) })
	each(func(m *datamix.Message, repeat int) { b.optional(m.Reasoning, repeat, 1) })
	each(func(m *datamix.Message, repeat int) { b.optional(m.Name, repeat, 1) })
	each(func(m *datamix.Message, repeat int) {
		calls := ""
		if len(m.ToolCalls) > 0 {
			calls = b.made(func(dst []byte) []byte { return appendToolCalls(dst, m.ToolCalls) })
		}
		b.optional(calls, repeat, 1)
	})
	each(func(m *datamix.Message, repeat int) { b.optional(m.ToolCallID, repeat, 1) })
	each(func(m *datamix.Message, repeat int) {
		value := parquet.NullValue().Level(repeat, 1, b.column)
		if m.Train != datamix.TrainDefault {
			value = parquet.BooleanValue(m.Train == datamix.TrainYes).Level(repeat, 2, b.column)
		}
		b.row = append(b.row, value)
	})
}

func (b *rowBuilder) provenance(o datamix.Origin) {
	b.text(o.Source, 0, 1)
	b.next()
	b.text(o.Path, 0, 1)
	b.next()
	b.number(o.Row, 1)
	b.number(int64(o.Sub), 1)
	b.number(int64(o.Pass), 1)
}

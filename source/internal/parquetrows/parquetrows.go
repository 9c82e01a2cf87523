// Package parquetrows reads the rows of a Parquet file as records whose columns
// are JSON, for any schema.
//
// What a value becomes depends on the column's type alone:
//
//   - strings and enums are text, checked to be UTF-8;
//   - bool, integers (exact, signed or not) and decimals (exact, with as many
//     digits after the point as the type has) are JSON true, false and numbers;
//   - floats are the shortest number that reads back the same, whole ones with
//     ".0". NaN and the infinities, for which JSON has no number, are null, as
//     JavaScript's JSON has them;
//   - timestamps are RFC 3339 text, with "Z" where the column is adjusted to
//     UTC and without any offset where it is not; dates are "2006-01-02",
//     times of day "15:04:05", with a fraction where there is one;
//   - UUIDs are text of 36 characters;
//   - JSON columns are that JSON; text that is not JSON makes the row a bad one;
//   - other binary values are text where they are valid UTF-8 and otherwise
//     standard base64 with padding;
//   - lists are arrays, structs objects with the keys in the schema's order,
//     maps objects with keys that are text.
//
// A null column of a row is null, and so is a null element of a list or a null
// value in a map. A null member of a struct is left out: where one message in
// many has tool calls, writers with one schema for all rows add them to each
// message as null, and nobody means anything by that.
package parquetrows

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/datamix-go/datamix"
)

// Options configures Rows. The zero value of each field is its default.
type Options struct {
	// Path is the Origin.Path of the records.
	Path string
	// Columns names the top-level columns that are read, in the file's order;
	// nil stands for all. A name that the file does not have is an error.
	Columns []string
	// Want is asked about each row, in order, on the goroutine that ranges; rows
	// that it does not want are passed over without being decoded. nil stands
	// for all rows.
	Want func(row int64) bool
}

// blockSize is the number of bytes of values after which a new arena begins.
const blockSize = 256 << 10

// Rows returns the rows of a Parquet file of size bytes as records. Origin.Row
// is the number of the row in the file, Origin.Offset -1. A value that JSON
// cannot hold makes a *datamix.RecordError of its row; anything else that is
// wrong with the file is a final error that names the file, and where it can
// the row group and the column. r is read from several goroutines, all of
// which have ended when the range has.
func Rows(ctx context.Context, r io.ReaderAt, size int64, o Options) iter.Seq2[*datamix.Record, error] {
	return func(yield func(*datamix.Record, error) bool) {
		f, err := open(r, size, o)
		if err != nil {
			yield(nil, o.located(err))
			return
		}
		if err := f.run(ctx, yield); err != nil {
			yield(nil, err)
		}
	}
}

func (o Options) located(err error) error {
	if o.Path == "" {
		return fmt.Errorf("parquet: %w", err)
	}
	return fmt.Errorf("%s: parquet: %w", o.Path, err)
}

// file is an open Parquet file with the plan for the columns that are read.
type file struct {
	o       Options
	columns []*node
	groups  []parquet.RowGroup
	meta    *format.FileMetaData
}

func open(r io.ReaderAt, size int64, o Options) (f *file, err error) {
	if err := checkEnds(r, size); err != nil {
		return nil, err
	}
	defer recovered(&err, "damaged footer")
	if r, size, err = expand(r, size); err != nil {
		return nil, err
	}
	pf, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("damaged footer: %w", err)
	}
	f = &file{o: o, groups: pf.RowGroups(), meta: pf.Metadata()}
	if f.columns, err = plan(pf.Root(), f.meta.Schema, o.Columns); err != nil {
		return nil, err
	}
	return f, checkCodecs(f.meta)
}

const (
	magic       = "PAR1"
	magicSecret = "PARE" // the footer is encrypted
)

// checkEnds tells a file that is no Parquet from one that is not whole.
func checkEnds(r io.ReaderAt, size int64) error {
	var head [4]byte
	n, err := r.ReadAt(head[:min(max(size, 0), 4)], 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case string(head[:n]) == magicSecret:
		return errors.New("the file is encrypted, which is not supported: write it without encryption")
	case string(head[:n]) != magic:
		return fmt.Errorf("not a Parquet file: it starts with %q, want %q", head[:n], magic)
	}
	const noFooter = "the file has no Parquet footer: it was cut short or is still being written"
	if size < 12 {
		return errors.New(noFooter)
	}
	var tail [8]byte
	if n, err := r.ReadAt(tail[:], size-8); n < len(tail) {
		return fmt.Errorf("cannot read the footer: %w", err)
	}
	if string(tail[4:]) != magic {
		return errors.New(noFooter)
	}
	if length := int64(binary.LittleEndian.Uint32(tail[:])); length > size-12 {
		return fmt.Errorf("damaged footer: it claims %d bytes, and the file has %d", length, size)
	}
	return nil
}

// checkCodecs refuses what the Parquet library would read wrongly: it takes a
// column's codec from the first row group.
func checkCodecs(m *format.FileMetaData) error {
	for i := range m.RowGroups {
		for j := range m.RowGroups[i].Columns {
			first, this := &m.RowGroups[0].Columns[j].MetaData, &m.RowGroups[i].Columns[j].MetaData
			if this.Codec != first.Codec {
				return fmt.Errorf("column %q is compressed with %s in row group 0 and %s in row group %d, which is not supported: write the file anew",
					this.PathInSchema, first.Codec, this.Codec, i)
			}
		}
	}
	return nil
}

// run yields the rows; the error is final and was not yielded.
func (f *file) run(ctx context.Context, yield func(*datamix.Record, error) bool) error {
	a := &assembler{o: &f.o, columns: f.columns, fields: make([]datamix.Field, len(f.columns))}
	g, err := f.groupFrom(ctx, 0, 0)
	for err == nil && g != nil {
		var next *group // opened when most of g is read
		var nextErr error
		going, err := f.rowsOf(ctx, a, g, yield, func() {
			if next, nextErr = f.groupFrom(ctx, g.index+1, g.first+g.rows); next != nil {
				next.start()
			}
		})
		g.close()
		if err != nil || !going {
			next.close()
			return err
		}
		if nextErr != nil {
			return nextErr
		}
		g = next
	}
	return err
}

// group is a row group that is being read.
type group struct {
	index   int
	first   int64 // the number of its first row
	rows    int64
	want    []bool // nil for all
	cursors []*cursor
	cancel  context.CancelFunc
}

// groupFrom opens the first row group from an index on of which rows are wanted,
// nil if there is none. first is the number of that index's first row.
func (f *file) groupFrom(ctx context.Context, index int, first int64) (*group, error) {
	for ; index < len(f.groups); index++ {
		rows := f.groups[index].NumRows()
		if rows < 0 {
			return nil, f.o.located(fmt.Errorf("row group %d: damaged footer: it claims %d rows", index, rows))
		}
		want := f.wanted(first, rows)
		if want == nil || slices.Contains(want, true) {
			ctx, cancel := context.WithCancel(ctx)
			return &group{index, first, rows, want, openCursors(ctx, f.groups[index], f.meta.RowGroups[index].Columns, f.columns), cancel}, nil
		}
		first += rows
	}
	return nil, nil
}

// start begins to read the columns that are read ahead.
func (g *group) start() {
	for _, c := range g.cursors {
		if c != nil && c.start != nil {
			c.start()
		}
	}
}

func (g *group) close() {
	if g == nil {
		return
	}
	g.cancel()
	closeCursors(g.cursors)
}

// wanted asks Want about the rows of a row group; nil stands for all.
func (f *file) wanted(first, rows int64) []bool {
	if f.o.Want == nil {
		return nil
	}
	var want []bool // a damaged footer can claim any number
	for i := range rows {
		want = append(want, f.o.Want(first+i))
	}
	return want
}

// rowsOf yields the wanted rows of one row group. It calls ahead when three
// quarters of them are through.
func (f *file) rowsOf(ctx context.Context, a *assembler, g *group, yield func(*datamix.Record, error) bool, ahead func()) (going bool, err error) {
	a.cursors = g.cursors
	located := func(err error) error { return f.o.located(fmt.Errorf("row group %d: %w", g.index, err)) }
	mark := g.rows / 4 * 3
	for i := range g.rows {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if i == mark {
			ahead()
		}
		if g.want != nil && !g.want[i] {
			if err := a.skip(); err != nil {
				return false, stopped(ctx, located(fmt.Errorf("row %d: %w", g.first+i+1, err)))
			}
			continue
		}
		r, rowErr, err := a.row(g.first + i)
		if err != nil {
			return false, stopped(ctx, located(fmt.Errorf("row %d: %w", g.first+i+1, err)))
		}
		if !yield(r, rowErr) {
			return false, nil
		}
	}
	if g.rows == 0 {
		ahead()
	}
	return true, nil
}

// stopped prefers the reason why ctx ended to an error that came of it.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// recovered makes an error of a panic of the Parquet library, which data that
// lies about itself can cause.
func recovered(err *error, what string) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("%s: %v", what, v)
	}
}

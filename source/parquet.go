package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/internal/parquetrows"
)

// parquetInMemory is the largest Parquet file that is held in memory where its
// bytes cannot be read at any place, as those of a compressed file or of one in
// a zip archive. A larger one is copied to a temporary file.
const parquetInMemory = 64 << 20

// parquet emits the batches of a Parquet file. Its records are adapted here:
// they share memory with those that are being read.
func (p *pass) parquet(ctx context.Context, o *opened, f *file, emit func(*batch) bool) bool {
	f.format = Parquet
	final := func(err error) bool { return emit(&batch{file: f, err: located(o.path, err)}) && err == nil }
	if err := (start{head: []byte("PAR1")}).fits(Parquet, p.set); err != nil {
		return final(err)
	}
	d := decoder{set: p.set, file: f}
	r, size, done, err := o.readerAt()
	if p.set.salvages(ctx, err) {
		return p.lost(&d, 0, err, emit)
	}
	if err != nil {
		return final(err)
	}
	defer done()
	rows := parquetrows.Options{Path: o.path}
	if p.set.Parquet != nil {
		rows.Columns = p.set.Parquet.Columns
	}
	if p.early() {
		rows.Want = func(n int64) bool { return p.want(datamix.Origin{Path: o.path, Row: n, Offset: -1}) }
	}
	b := &batch{file: f}
	next := int64(0)
	for rec, err := range parquetrows.Rows(ctx, r, size, rows) {
		switch {
		case p.set.salvages(ctx, err) && datamix.Final(err):
			return p.lost(&d, next, err, emit)
		case datamix.Final(err):
			b.made, b.err = d.out, err
			if next > 0 {
				b.err = behindRows(ctx, err)
			}
			emit(b)
			return false
		case err != nil:
			d.out = append(d.out, element{err: err})
			next++
		default:
			next = rec.Origin.Row + 1
			if err := p.set.settleBy(f, rec); err != nil {
				b.err = located(o.path, err)
				b.made = d.out
				emit(b)
				return false
			}
			d.adapt(rec, row{})
		}
		if len(d.out) < parquetBatch {
			continue
		}
		b.made = d.out
		if !emit(b) {
			return false
		}
		b, d.out = &batch{file: f}, nil
	}
	b.made = d.out
	return emit(b)
}

// lost emits what d has made and a bad record at row next, in place of the rest
// of the file.
func (p *pass) lost(d *decoder, next int64, err error, emit func(*batch) bool) bool {
	d.bad("read", datamix.Origin{Path: d.file.path, Row: next, Offset: -1}, nil, err)
	return emit(&batch{file: d.file, made: d.out})
}

// parquetBatch is how many records of a Parquet file are handed over together.
const parquetBatch = 256

// settleBy finds the adapter of a Parquet file by its first row.
func (s *settings) settleBy(f *file, r *datamix.Record) error {
	if f.settled || s.adapter != nil {
		return nil
	}
	return s.ask(f, r)
}

// readerAt returns the bytes of a Parquet file for reading at any place: the
// file itself where it can do that, otherwise a copy.
func (o *opened) readerAt() (r io.ReaderAt, size int64, done func(), err error) {
	done = func() {}
	if st, ok := o.file.(interface{ Stat() (fs.FileInfo, error) }); ok && o.parquet {
		if r, ok := o.file.(io.ReaderAt); ok {
			if info, err := st.Stat(); err == nil && info.Mode().IsRegular() {
				return r, info.Size(), done, nil
			}
		}
	}
	all := io.Reader(&remainder{o.w})
	var memory bytes.Buffer
	n, err := io.CopyN(&memory, all, parquetInMemory+1)
	if errors.Is(err, io.EOF) {
		return bytes.NewReader(memory.Bytes()), n, done, nil
	}
	if err != nil {
		return nil, 0, nil, err
	}
	tmp, err := os.CreateTemp("", "datamix-*.parquet")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("the file can only be read in order, and a copy cannot be made: %w", err)
	}
	done = func() { _, _ = tmp.Close(), os.Remove(tmp.Name()) }
	n, err = io.Copy(tmp, io.MultiReader(&memory, all))
	if err != nil {
		done()
		return nil, 0, nil, fmt.Errorf("the file can only be read in order, and a copy cannot be made: %w", err)
	}
	return tmp, n, done, nil
}

// remainder reads what a window has and what follows.
type remainder struct{ w *window }

func (r *remainder) Read(b []byte) (int, error) {
	if len(r.w.rest()) == 0 {
		if i := 0; !r.w.fill(&i) {
			if err := r.w.fault(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
	}
	n := copy(b, r.w.rest())
	r.w.skip(n)
	return n, nil
}

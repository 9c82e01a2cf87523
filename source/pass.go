package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/input"
	"github.com/datamix-go/datamix/internal/ordered"
)

// place is a file that can be opened.
type place struct {
	path string
	open func() (io.ReadCloser, error)
	// interrupt ends a Read that waits; nil where it does not wait for long.
	interrupt func()
}

// pass is one range over the files of a source.
type pass struct {
	set    *settings
	places []place
	want   func(datamix.Origin) bool // nil: all
	lend   *lent                     // what is lent again; nil for new memory each time
	few    bool                      // the first batch ends where the schema is settled
}

// run yields the records of all files.
func (p *pass) run(ctx context.Context, yield func(*datamix.Record, error) bool) {
	if len(p.places) == 0 {
		return
	}
	if p.set.joiner == nil {
		p.rows(ctx, yield)
		return
	}
	j := &joining{p: p, join: p.set.joiner, yield: yield}
	p.rows(ctx, j.add)
	j.flush()
}

// rows yields the records that rows make.
func (p *pass) rows(ctx context.Context, yield func(*datamix.Record, error) bool) {
	first := p.open(ctx, p.places[0])
	if p.set.Workers == 1 || len(p.places) == 1 && first.small() {
		p.feed(ctx, first, func(b *batch) bool { return p.deliver(ctx, p.set.decode(b, new(datamix.Arena)), yield) })
		return
	}
	feed := func(ctx context.Context, emit func(*batch) bool) { p.feed(ctx, first, emit) }
	decode := func(_ context.Context, b *batch) []element { return p.set.decode(b, new(datamix.Arena)) }
	for elements, err := range ordered.Map(ctx, p.set.Workers, feed, decode) {
		if err != nil {
			yield(nil, err)
			return
		}
		if !p.deliver(ctx, elements, yield) {
			return
		}
	}
}

// deliver yields elements, and returns false when the range is over.
func (p *pass) deliver(ctx context.Context, elements []element, yield func(*datamix.Record, error) bool) bool {
	if ctx.Err() != nil { // also where a batch is empty
		yield(nil, context.Cause(ctx))
		return false
	}
	for _, e := range elements {
		if ctx.Err() != nil {
			yield(nil, context.Cause(ctx))
			return false
		}
		if e.err == nil && p.late() && !p.want(e.r.Origin) {
			continue
		}
		if !yield(e.r, e.err) || datamix.Final(e.err) {
			return false
		}
	}
	return true
}

// early and late say when want is asked: about rows before they are decoded,
// or about records, where one row may make several.
func (p *pass) early() bool { return p.want != nil && !p.set.several }
func (p *pass) late() bool  { return p.want != nil && p.set.several && p.set.joiner == nil }

// feed cuts one file after the other into batches. It closes first.
func (p *pass) feed(ctx context.Context, first *opened, emit func(*batch) bool) {
	defer first.close()
	first.src.ctx = ctx
	for i, pl := range p.places {
		if pl.interrupt != nil {
			defer context.AfterFunc(ctx, pl.interrupt)()
		}
		o := first
		if i > 0 {
			o = p.open(ctx, pl)
		}
		going := p.file(ctx, o, emit)
		o.close()
		if !going {
			return
		}
	}
}

// opened is a file of which the start was read.
type opened struct {
	path    string
	file    io.ReadCloser
	src     stoppable
	text    *input.Stream
	w       *window
	parquet bool // uncompressed
	err     error
}

func (p *pass) open(ctx context.Context, pl place) *opened {
	o := &opened{path: pl.path}
	f, err := pl.open()
	if err != nil {
		o.err = err
		return o
	}
	o.file, o.src = f, stoppable{ctx, f}
	buf := bufio.NewReaderSize(&o.src, input.SniffLen)
	head, _ := buf.Peek(input.SniffLen)
	if o.err = unreadable(head); o.err != nil {
		return o
	}
	if input.Sniff(head) == input.Parquet {
		o.parquet, o.w = true, newWindow(buf, p.set.MaxRow)
		return o
	}
	if o.text, o.err = input.Open(buf, input.Options{Encoding: p.set.Encoding}); o.err == nil {
		o.w = newWindow(o.text, p.set.MaxRow)
		if p.lend != nil {
			o.w.lend = &p.lend.blocks
		}
		o.w.peek(blockSize)
	}
	return o
}

// stoppable is a reader that fails once ctx is done.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.r.Read(b)
}

func (o *opened) close() {
	if o.text != nil {
		o.text.Close()
		o.text = nil
	}
	if o.file != nil {
		_ = o.file.Close() // read only: nothing can be lost
		o.file = nil
	}
}

// small reports whether the file was read to its end already.
func (o *opened) small() bool {
	return o.err != nil || !o.parquet && o.w.end != nil
}

// start returns what the format is told by.
func (o *opened) start() start {
	return start{name: o.path, head: o.w.rest(), whole: o.w.end != nil && o.w.fault() == nil}
}

// file emits the batches of one file.
func (p *pass) file(ctx context.Context, o *opened, emit func(*batch) bool) bool {
	f := &file{path: o.path}
	final := func(err error) bool {
		if err != nil {
			emit(&batch{file: f, err: located(o.path, err)})
		}
		return err == nil
	}
	if o.err != nil {
		return final(o.err)
	}
	if o.parquet {
		return p.parquet(ctx, o, f, emit)
	}
	s := o.start()
	if len(s.head) == 0 {
		err := o.w.fault()
		if err == nil {
			err = o.emptyByName()
		}
		if p.set.salvages(ctx, err) {
			return emit(&batch{file: f, rows: []row{{err: err}}})
		}
		return final(err)
	}
	l, err := s.layout(p.set)
	if err != nil {
		return final(err)
	}
	if f.format = l.format; f.format == Parquet {
		return p.parquet(ctx, o, f, emit)
	}
	c, err := p.cutter(o.w, s, l, f)
	if err != nil {
		return final(err)
	}
	return p.cut(ctx, c, o.w, f, emit)
}

// emptyByName returns an error for an empty file whose name promises a format in
// which even nothing takes some bytes.
func (o *opened) emptyByName() error {
	if o.text.Kind() != input.None {
		return nil // there was something, and nothing is in it
	}
	ext := path.Ext(strings.ToLower(o.path))
	if !compressions[ext] && dataExtensions[ext] != Parquet {
		return nil
	}
	return fmt.Errorf("the file has no bytes, and not even an empty %s file is so short: fetch or write it again", ext)
}

// cutter returns what cuts a file of this layout.
func (p *pass) cutter(w *window, s start, l layout, f *file) (cutter, error) {
	switch l.format {
	case JSONL:
		return &lineCutter{w: w}, nil
	case JSON:
		if l.box {
			return newJSONCutter(w, newJSONBox(w, p.set.At)), nil
		}
		return newJSONCutter(w, nil), nil
	case CSV, TSV:
		t, skip, err := newTable(s, l.format, p.set)
		if err != nil {
			return nil, err
		}
		f.table = t
		c := &csvCutter{w: w, d: t.dialect}
		if skip {
			_, _, err = c.cut()
			c.num = 0
		}
		return c, err
	}
	switch t := p.set.text; t.By {
	case ByParagraph:
		return &paragraphCutter{w: w}, nil
	case ByFile:
		return &fileCutter{w: w}, nil
	case BySeparator:
		return &separatorCutter{w: w, sep: []byte(t.Separator)}, nil
	}
	return &lineCutter{w: w, blank: true}, nil
}

// cut emits the rows that c cuts, in batches.
func (p *pass) cut(ctx context.Context, c cutter, w *window, f *file, emit func(*batch) bool) bool {
	b := &batch{file: f}
	next := int64(0)
	for {
		r, ok, err := c.cut()
		if ok {
			next = r.num + 1
		} else if p.set.salvages(ctx, err) {
			b.rows, err = append(b.rows, row{num: next, off: w.offset(), err: err}), nil
		}
		if ok && !p.wants(f, r) {
			if ctx.Err() != nil {
				emit(b)
				return false
			}
			continue
		}
		if ok {
			b.rows = append(b.rows, r)
			b.size += len(r.raw)
			b.hold(w.block)
		}
		if ok && !b.full() && (!p.few || len(b.rows) < detectRows) {
			continue
		}
		b.err = behindRows(ctx, located(f.path, err))
		final, rows := b.err != nil, len(b.rows)
		if err := p.set.settle(b); err != nil {
			b, final = &batch{file: f, err: located(f.path, err)}, true
		}
		if !emit(b) || final {
			return false
		}
		if !ok {
			return true
		}
		b = &batch{file: f, rows: p.lend.newRows(rows)}
	}
}

// salvages reports whether an error that ended a file costs the rest of the file
// alone.
func (s *settings) salvages(ctx context.Context, err error) bool {
	return s.Salvage && damage(ctx, err)
}

// damage reports whether an error says that a file is damaged, and not that it
// could not be read.
func damage(ctx context.Context, err error) bool {
	var fault *input.FaultError
	var pe *fs.PathError
	return err != nil && ctx.Err() == nil && !errors.As(err, &pe) && (!errors.As(err, &fault) || !fault.Reading())
}

// behindRows adds to an error that ended a file how to keep the rows before it.
func behindRows(ctx context.Context, err error) error {
	if damage(ctx, err) {
		err = fmt.Errorf("%w; the option salvage keeps the rows before", err)
	}
	return err
}

// wants asks about a row before it is decoded.
func (p *pass) wants(f *file, r row) bool {
	return !p.early() || p.want(datamix.Origin{Path: f.path, Row: r.num, Offset: r.off})
}

// located puts the path in front of an error that does not have it.
func located(path string, err error) error {
	var pe *fs.PathError
	if err == nil || errors.As(err, &pe) && pe.Path == path {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/input"
)

// Seek opens the files for reading single rows. That works for JSON and JSON
// Lines in UTF-8 without compression and byte order mark, where the file system
// has files that can be read at any place, as that of the operating system has,
// and where each record lies in one row.
func (s *FileSource) Seek(context.Context) (datamix.RowReader, bool) {
	if s.err != nil || s.set.Encoding != "" || s.set.joiner != nil {
		return nil, false
	}
	places, done, err := s.list()
	if err != nil {
		return nil, false
	}
	r := &rowReader{set: s.set, places: map[string]place{}, open: map[string]*seekable{}, done: done}
	for _, p := range places {
		r.places[p.path] = p
	}
	return r, true
}

// maxOpen is how many files a rowReader holds open.
const maxOpen = 128

type rowReader struct {
	set    *settings
	places map[string]place
	done   func()

	mu   sync.Mutex
	open map[string]*seekable
}

// seekable is an open file of which the format and the schema are known.
type seekable struct {
	file *file
	at   io.ReaderAt
	io.Closer
	users int
}

var errNoSeek = errors.New("single rows of it cannot be read")

// Readable opens the file.
func (r *rowReader) Readable(path string) bool {
	f, err := r.acquire(path)
	if err != nil {
		return false
	}
	r.release(f)
	return true
}

// acquire returns an open file; release gives it back.
func (r *rowReader) acquire(path string) (*seekable, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.open[path]; f != nil {
		f.users++
		return f, nil
	}
	p, known := r.places[path]
	if !known {
		return nil, fmt.Errorf("%s: %w", path, datamix.ErrMoved)
	}
	for other, f := range r.open {
		if len(r.open) < maxOpen {
			break
		}
		if f.users == 0 {
			delete(r.open, other)
			_ = f.Close() // read only: nothing can be lost
		}
	}
	f, err := r.set.seekable(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.users = 1
	r.open[path] = f
	return f, nil
}

func (r *rowReader) release(f *seekable) {
	r.mu.Lock()
	f.users--
	r.mu.Unlock()
}

// seekable opens a file and finds out what Records finds out by its start.
func (s *settings) seekable(p place) (*seekable, error) {
	raw, err := p.open()
	if err != nil {
		return nil, err
	}
	at, ok := raw.(io.ReaderAt)
	if !ok {
		return nil, errors.Join(errNoSeek, raw.Close())
	}
	head := make([]byte, input.SniffLen)
	n, _ := at.ReadAt(head, 0)
	if head = head[:n]; input.Sniff(head) != input.None || bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		return nil, errors.Join(errNoSeek, raw.Close())
	}
	// The first batch settles the format and the schema.
	var first *file
	var fault error
	start := &pass{set: s, few: true}
	o := start.open(context.Background(), place{path: p.path, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(at, 0, 1<<62)), nil
	}})
	start.file(context.Background(), o, func(b *batch) bool {
		first, fault = b.file, b.err
		return false
	})
	o.close()
	switch {
	case first == nil || fault != nil && !first.settled && s.adapter == nil:
		return nil, errors.Join(errNoSeek, raw.Close())
	case first.format != JSON && first.format != JSONL:
		return nil, errors.Join(errNoSeek, raw.Close())
	}
	return &seekable{file: first, at: at, Closer: raw}, nil
}

// ReadRows reads rows of one file after the other.
func (r *rowReader) ReadRows(ctx context.Context, at []datamix.Place, arena *datamix.Arena) ([]*datamix.Record, error) {
	out := make([]*datamix.Record, 0, len(at))
	for len(at) > 0 {
		n := 1
		for n < len(at) && at[n].Path == at[0].Path {
			n++
		}
		f, err := r.acquire(at[0].Path)
		if err != nil {
			return nil, err
		}
		d := decoder{set: r.set, file: f.file, arena: arena}
		if !r.set.borrows() || arena == nil {
			d.arena = new(datamix.Arena)
		}
		for _, p := range at[:n] {
			if err = ctx.Err(); err != nil {
				break
			}
			var rec *datamix.Record
			if rec, err = d.single(f.at, p); err != nil {
				break
			}
			out = append(out, rec)
		}
		r.release(f)
		if err != nil {
			return nil, err
		}
		at = at[n:]
	}
	return out, nil
}

// single reads one row and returns the record of it that is asked for.
func (d *decoder) single(file io.ReaderAt, p datamix.Place) (*datamix.Record, error) {
	if p.Size < 0 || p.Size > d.set.MaxRow {
		return nil, fmt.Errorf("%s: a row of %d bytes", p.Origin, p.Size)
	}
	buf := d.arena.Bytes(int(p.Size))
	if n, err := file.ReadAt(buf, p.Offset); n < len(buf) {
		if errors.Is(err, io.EOF) {
			err = datamix.ErrMoved
		}
		return nil, fmt.Errorf("%s: %w", p.Origin, err)
	}
	row := row{raw: buf, num: p.Row, off: p.Offset}
	rec, err := d.record(row)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", p.Origin, datamix.ErrMoved, err)
	}
	d.out = d.out[:0]
	d.adapt(rec, row)
	for _, e := range d.out {
		if e.err == nil && e.r.Origin.Sub == p.Sub {
			return e.r, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", p.Origin, datamix.ErrMoved)
}

// Close closes the files.
func (r *rowReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for path, f := range r.open {
		delete(r.open, path)
		_ = f.Close() // read only: nothing can be lost
	}
	r.done()
	return nil
}

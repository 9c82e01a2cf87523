package source

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/datamix-go/datamix"
)

// Reader returns a single-use source that reads r, standard input for example,
// as if it was a file of that name. The second range yields
// datamix.ErrConsumed. r is read in pieces of up to 256 KiB.
//
// If r is an io.Closer it is closed when the range ends, and at once when the
// context of the range does, which ends a Read that waits. Any other r is not
// closed, and a range whose context is done ends when the Read that is going on
// returns.
func Reader(r io.Reader, name string, o *Options) datamix.Source {
	s := &readerSource{r: r, name: name}
	s.set, s.err = o.settings()
	return s
}

type readerSource struct {
	r    io.Reader
	name string
	set  *settings
	err  error
	used atomic.Bool
}

// Records yields the records, once.
func (s *readerSource) Records(ctx context.Context) datamix.Seq { return s.Pick(ctx, nil) }

// Pick yields the wanted records, once.
func (s *readerSource) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if s.used.Swap(true) {
			yield(nil, datamix.ErrConsumed)
			return
		}
		if s.err != nil {
			yield(nil, fmt.Errorf("source reader: %w", s.err))
			return
		}
		pl := place{path: s.name, open: func() (io.ReadCloser, error) { return readCloser(s.r), nil }}
		if c, ok := s.r.(io.Closer); ok {
			pl.interrupt = func() { _ = c.Close() }
			defer context.AfterFunc(ctx, pl.interrupt)()
		}
		p := &pass{set: s.set, places: []place{pl}, want: want}
		p.run(ctx, yield)
	}
}

func readCloser(r io.Reader) io.ReadCloser {
	if c, ok := r.(io.ReadCloser); ok {
		return c
	}
	return io.NopCloser(r)
}

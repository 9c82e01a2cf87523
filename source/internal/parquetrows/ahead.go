package parquetrows

import (
	"context"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"

	"github.com/datamix-go/datamix/internal/ordered"
)

// ahead reads the pages of a column chunk on another goroutine, up to four of
// them ahead.
type ahead struct {
	pull func() (pageOrError, error, bool)
	end  func()
	// first takes the page that start asked for, nil once that was taken.
	first chan pageOrError
}

type pageOrError struct {
	page parquet.Page
	err  error
}

// readAhead reads nothing before start or next.
func readAhead(ctx context.Context, p *pages) *ahead {
	feed := func(_ context.Context, emit func(pageOrError) bool) {
		defer p.close()
		for {
			page, err := p.read()
			if !emit(pageOrError{page, err}) || err != nil {
				return
			}
		}
	}
	same := func(_ context.Context, p pageOrError) pageOrError { return p }
	a := &ahead{}
	a.pull, a.end = iter.Pull2(ordered.Map(ctx, 1, feed, same))
	return a
}

// start begins to read, so that pages are there when next is called.
func (a *ahead) start() {
	first := make(chan pageOrError, 1)
	a.first = first
	go func() { first <- a.one() }()
}

// next returns the next page, io.EOF at the end.
func (a *ahead) next() (parquet.Page, error) {
	if a.first == nil {
		p := a.one()
		return p.page, p.err
	}
	p := <-a.first
	a.first = nil
	return p.page, p.err
}

func (a *ahead) one() pageOrError {
	p, err, ok := a.pull()
	switch {
	case !ok:
		return pageOrError{nil, io.EOF}
	case err != nil:
		return pageOrError{nil, err}
	}
	return p
}

// stop ends the reading, soon if the context has ended. No goroutine is left.
func (a *ahead) stop() {
	if a.first != nil {
		if p := <-a.first; p.page != nil {
			parquet.Release(p.page)
		}
	}
	a.end()
}

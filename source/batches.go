package source

import (
	"context"
	"iter"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
	"github.com/datamix-go/datamix/internal/reuse"
)

// Batches shows the records batch by batch. That works where each row makes its
// records by itself.
func (s *FileSource) Batches(ctx context.Context, o datamix.BatchOptions, look func(datamix.Seq) any) (iter.Seq2[any, error], bool) {
	if s.err != nil || s.set.joiner != nil {
		return nil, false
	}
	return func(yield func(any, error) bool) {
		fail := func(err error) {
			yield(look(func(yield func(*datamix.Record, error) bool) { yield(nil, err) }), nil)
		}
		if ctx.Err() != nil {
			fail(context.Cause(ctx))
			return
		}
		places, done, err := s.list()
		if err != nil {
			fail(err)
			return
		}
		defer done()
		p := &pass{set: s.set, places: places}
		p.batches(ctx, o, look, yield)
	}, true
}

// batches calls look with the batches of all files and yields what it returns.
func (p *pass) batches(ctx context.Context, o datamix.BatchOptions, look func(datamix.Seq) any, yield func(any, error) bool) {
	if len(p.places) == 0 {
		return
	}
	w := &looking{set: p.set, look: look}
	if o.Lend && p.set.borrows() {
		w.lend = new(lent)
		p.lend = w.lend
	}
	first := p.open(ctx, p.places[0])
	if o.Workers <= 1 || len(p.places) == 1 && first.small() {
		p.feed(ctx, first, func(b *batch) bool {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return false
			}
			return yield(w.at(ctx, b), nil)
		})
		return
	}
	feed := func(ctx context.Context, emit func(*batch) bool) { p.feed(ctx, first, emit) }
	for seen, err := range ordered.Map(ctx, o.Workers, feed, w.at) {
		if !yield(seen, err) || err != nil {
			return
		}
	}
}

// looking shows batches to a function.
type looking struct {
	set  *settings
	look func(datamix.Seq) any
	lend *lent // nil where records are kept
}

// lent is the memory that a pass uses again once a batch has been looked at.
type lent struct {
	arenas   reuse.List[*datamix.Arena]
	blocks   reuse.List[*block]
	rows     reuse.List[[]row]
	elements reuse.List[[]element]
}

// at decodes a batch and shows it.
func (w *looking) at(ctx context.Context, b *batch) any {
	var arena *datamix.Arena
	if w.lend != nil {
		arena, _ = w.lend.arenas.Get()
		if b.made == nil {
			b.made, _ = w.lend.elements.Get()
		}
	}
	if arena == nil {
		arena = new(datamix.Arena)
	}
	arena.Reset(b.size)
	elements := w.set.decode(b, arena)
	seen := w.look(func(yield func(*datamix.Record, error) bool) {
		for _, e := range elements {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if !yield(e.r, e.err) || datamix.Final(e.err) {
				return
			}
		}
	})
	if w.lend != nil {
		w.lend.back(b, arena, elements)
	}
	return seen
}

// back takes the memory of a batch back that has been looked at.
func (l *lent) back(b *batch, arena *datamix.Arena, elements []element) {
	l.arenas.Put(arena)
	if !slices.ContainsFunc(elements, func(e element) bool { return e.err != nil }) { // which hold their rows
		for _, m := range b.held {
			m.release(&l.blocks)
		}
	}
	clear(elements)
	l.elements.Put(elements[:0])
	clear(b.rows)
	l.rows.Put(b.rows[:0])
}

// newRows returns memory for the rows of a batch, about as many as in the last.
func (l *lent) newRows(n int) []row {
	if l != nil {
		if rows, ok := l.rows.Get(); ok {
			return rows
		}
	}
	return make([]row, 0, n)
}

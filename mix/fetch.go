package mix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
)

// fetcher gets the records of one part that a mix has chosen: out of its source,
// row by row, where that can seek, or out of a store that was filled before.
type fetcher struct {
	part   *partIndex
	labels []partLabel
	rows   datamix.RowReader // nil for the store
	held   shelf

	rowwise func() *rowwise // of the part, nil where few of its records are drawn
}

type partLabel struct{ name, value string }

func labelsOf(part *Part) []partLabel {
	var out []partLabel
	for name, value := range part.Labels {
		out = append(out, partLabel{name, value})
	}
	slices.SortFunc(out, func(a, b partLabel) int { return cmp.Compare(a.name, b.name) })
	return out
}

// finish gives a record what the mix knows of it, after it has made sure that
// what stands at its place is what was measured.
func (f *fetcher) finish(r *datamix.Record, check uint32, counts datamix.Counts) error {
	if checksum(r) != check {
		return fmt.Errorf("%w: %s is another record now", errChanged, r.Origin)
	}
	r.Origin.Source = f.part.name
	for _, l := range f.labels {
		r.SetLabel(l.name, l.value)
	}
	r.SetCounts(counts)
	return nil
}

// sizeOf is about how many bytes a record takes.
func (f *fetcher) sizeOf(it item) int64 {
	if f.rows != nil {
		return int64(f.part.columns.length.at(int(it.ordinal)))
	}
	return f.held.sizeOf(it)
}

// fetch returns records of the part in the order of items, made of the memory of an
// arena.
func (f *fetcher) fetch(ctx context.Context, items []item, arena *datamix.Arena, memory *gathered) ([]*datamix.Record, error) {
	var rs []*datamix.Record
	var err error
	if f.rows == nil {
		rs, err = f.held.fetch(items, arena)
	} else {
		rs, err = f.seek(ctx, items, arena, memory)
	}
	if err != nil {
		return nil, partError(f.part.name, err)
	}
	for i, it := range items {
		rs[i].Origin.Pass = it.pass
	}
	return rs, nil
}

// seek reads rows where they lie.
func (f *fetcher) seek(ctx context.Context, items []item, arena *datamix.Arena, memory *gathered) ([]*datamix.Record, error) {
	if f.rowwise != nil {
		f.rowwise().gather(memory, items)
	} else {
		memory.gather(f.part.Index, items)
	}
	places := memory.places
	rs, err := f.rows.ReadRows(ctx, places, arena)
	if errors.Is(err, datamix.ErrMoved) {
		return nil, fmt.Errorf("%w: %w", errChanged, err)
	}
	for i := 0; i < len(rs) && err == nil; i++ {
		if p, o := &places[i], &rs[i].Origin; o.Row != p.Row || o.Sub != p.Sub || o.Path != p.Path {
			return nil, fmt.Errorf("%w: %s came where %s was expected", errChanged, o, p.Origin)
		}
		err = f.finish(rs[i], memory.checks[i], memory.counts[i])
	}
	return rs, err
}

const (
	// seekAlways is the size of a part in bytes up to which its rows are read one
	// by one whatever is drawn of it: so much is likely to be in the system's
	// memory since it was measured.
	seekAlways = 4 << 30
	// seekPart is the fraction of a larger part up to which that pays, as 1 in
	// so many: a row by itself costs a disk about as much as 20 in a row.
	seekPart = 20
	// seekFiles is how many files a part may have: each is opened beforehand.
	seekFiles = 128
)

// seekable opens the source of a part for reading single rows, nil where it
// cannot or where reading all of it is better.
func (f *fetcher) seekable(ctx context.Context, src datamix.Source, d *deal) datamix.RowReader {
	p := f.part
	if p.bytes == 0 || len(p.paths.list) > seekFiles || p.bytes > seekAlways && d.rows > int64(p.len())/seekPart {
		return nil
	}
	rows, ok := datamix.Seek(ctx, src)
	if !ok {
		return nil
	}
	for _, path := range p.paths.list {
		if !rows.Readable(path) {
			_ = rows.Close() // nothing was read
			return nil
		}
	}
	return rows
}

// fill reads the chosen records of a part once more and stores them, those that
// are kept for other mixes in the cache.
func (f *fetcher) fill(ctx context.Context, src datamix.Source, chosen, kept *bitmap, cache *drawnWriter) error {
	w := &wanted{part: f.part, chosen: kept}
	if w.left() == 0 {
		return nil
	}
	var buf []byte
	for r, err := range datamix.Pick(datamix.Quiet(ctx), src, w.want) {
		if err != nil {
			return partError(f.part.name, err)
		}
		i, err := w.came(r)
		if err == nil {
			err = f.finish(r, uint32(f.part.columns.check.at(i)), f.part.countsAt(i))
		}
		if err == nil {
			buf, err = r.AppendBinary(buf[:0])
		}
		if err == nil {
			cache.add(i, buf)
			if chosen.has(i) {
				err = f.held.add(i, buf)
			}
		}
		if err != nil {
			return partError(f.part.name, err)
		}
	}
	if left := w.left(); left > 0 {
		return partError(f.part.name, fmt.Errorf("%w: %d of its records are not there any more", errChanged, left))
	}
	f.held.done()
	return nil
}

// fillAll fills the store for several parts at a time.
func (d *drawing) fillAll(ctx context.Context, todo []*fetcher) error {
	m, s := d.mix, d.store
	if len(todo) == 0 {
		return nil
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	feed := func(_ context.Context, emit func(int) bool) {
		for i := range todo {
			if !emit(i) {
				return
			}
		}
	}
	fill := func(_ context.Context, i int) error {
		f := todo[i]
		n := slices.IndexFunc(d.deals, func(d *deal) bool { return d.part == f.part })
		err := d.fillPart(within, f, n, len(todo))
		if err != nil {
			cancel(errElsewhere)
		}
		return err
	}
	var failed error
	for r, err := range ordered.Map(ctx, min(m.workers(), len(todo), concurrentParts), feed, fill) {
		if err != nil {
			return err
		}
		if failed == nil || errors.Is(failed, errElsewhere) {
			failed = r
		}
	}
	return errors.Join(failed, s.seal())
}

// fillPart fills the shelf of part n, one of several, out of the cache or the source.
func (d *drawing) fillPart(ctx context.Context, f *fetcher, n, shelves int) error {
	chosen := d.deals[n].chosen()
	f.held = d.shelf(d.deals[n], chosen, shelves)
	file := d.drawnFile(ctx, n)
	done, err := replay(file, chosen, chosen.members(f.part.Len()), f.held.add)
	if done {
		f.held.done()
		return partError(f.part.name, err)
	}
	kept := chosen
	if file != "" {
		kept = d.ahead(n, chosen)
	}
	cache := newDrawnWriter(file)
	err = f.fill(ctx, d.mix.source(n), chosen, kept, cache)
	cache.close(err == nil)
	return err
}

// wanted tells a source which records of a part are chosen, and checks that
// these are what comes. Sources may ask ahead, from a goroutine of their own.
type wanted struct {
	part   *partIndex
	chosen *bitmap

	mu    sync.Mutex
	next  int   // the ordinal of the next candidate
	asked []int // ordinals that were wanted and have not come yet
}

func (w *wanted) want(o datamix.Origin) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.next < w.part.Len() && !w.chosen.has(w.next) {
		w.next++
	}
	if w.next == w.part.Len() || o.Key() != w.part.key(uint32(w.next)) {
		return false
	}
	w.asked = append(w.asked, w.next)
	w.next++
	return true
}

// came returns the ordinal of a record that was asked for.
func (w *wanted) came(r *datamix.Record) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.asked) == 0 || w.part.key(uint32(w.asked[0])) != r.Origin.Key() {
		return 0, fmt.Errorf("%w: %s came where another record was expected", errChanged, r.Origin)
	}
	i := w.asked[0]
	w.asked = w.asked[1:]
	return i, nil
}

// left is the number of chosen records that did not come.
func (w *wanted) left() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.asked)
	for i := w.next; i < w.part.Len(); i++ {
		if w.chosen.has(i) {
			n++
		}
	}
	return n
}

var errChanged = errors.New("the data changed between measuring and writing; run again")

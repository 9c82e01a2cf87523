package mix

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
	"github.com/datamix-go/datamix/internal/reuse"
)

// drawing is a planned mix, or a shard of one, whose records can be read.
type drawing struct {
	mix      *Mix
	plan     *Plan
	deals    []*deal
	hands    []*hand
	fetchers []*fetcher
	store    *store
	anywhere bool // records are taken in another order than that of the deals
}

// deals returns what a plan draws of each part.
func (m *Mix) deals(plan *Plan, parts []*partIndex) []*deal {
	deals := make([]*deal, len(parts))
	for i, p := range parts {
		d := newDeck(p, plan.Seed, m.leaves[i].MaxFraction)
		rows := plan.Parts[i].Rows
		order := func(pass int) []uint32 { return d.order(pass, rows-int64(pass)*d.usable) }
		if p.ranks.len() > 0 {
			preferred, ends := order, plan.stageEnds(i)
			order = func(pass int) []uint32 { return p.mingled(preferred(pass), plan.Seed, pass, d.usable, ends) }
		}
		deals[i] = &deal{part: p, number: i, usable: d.usable, rows: rows, order: lastOrder(order),
			first: func(n int64) []uint32 { return d.order(0, n) }}
	}
	return deals
}

// open plans the mix and makes its records readable: parts that cannot seek are
// read into the store. Close releases all.
//
// Records that are taken anywhere need not come in the order of the deals.
func (m *Mix) open(ctx context.Context, anywhere bool) (*drawing, error) {
	plan, err := m.Plan(ctx)
	if err != nil {
		return nil, err
	}
	d := &drawing{mix: m, plan: plan, deals: m.deals(plan, m.measured.parts), anywhere: anywhere,
		store: &store{dir: m.options.TempDir, limit: m.options.MemoryLimit}}
	d.hands = m.handsOf(d.deals)
	if err := d.fill(ctx); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// fill finds a way to the records of each part.
func (d *drawing) fill(ctx context.Context) error {
	m := d.mix
	for i, dl := range d.deals {
		d.fetchers = append(d.fetchers, &fetcher{part: dl.part, labels: labelsOf(&m.leaves[i])})
	}
	feed := func(_ context.Context, emit func(int) bool) {
		for i, dl := range d.deals {
			if dl.rows > 0 && !emit(i) {
				return
			}
		}
	}
	open := func(_ context.Context, i int) *fetcher {
		f := d.fetchers[i]
		f.rows = f.seekable(ctx, m.leaves[i].Source, d.deals[i])
		return f
	}
	var todo []*fetcher
	for f, err := range ordered.Map(ctx, min(m.workers(), concurrentParts), feed, open) {
		if err != nil {
			return err
		}
		if f.rows == nil {
			todo = append(todo, f)
		}
	}
	d.copyRowwise()
	return d.fillAll(ctx, todo)
}

// copyRowwise has the indexes copied of parts that can seek and of which much is drawn.
func (d *drawing) copyRowwise() {
	spare := int64(rowwiseMost)
	for i, dl := range d.deals {
		x, f := dl.part.Index, d.fetchers[i]
		if f.rows == nil || dl.rows < int64(x.Len())/rowwiseLeast {
			continue
		}
		if size := rowwiseBytes(x); size <= spare {
			spare -= size
			f.rowwise = sync.OnceValue(func() *rowwise { return newRowwise(x) })
		}
	}
}

const (
	// rowwiseMost is how many bytes the rowwise copies of a mix's indexes may take.
	rowwiseMost = 32 << 20
	// rowwiseLeast is the fraction of a part, as 1 in so many, from which on it is
	// worth a copy: making one takes about 40 ns a record, and looking one up in the
	// columns 60 to 250 (BenchmarkGather), the more the fuller the caches are.
	rowwiseLeast = 2
)

// shelf returns the shelf for the chosen records of a deal, one of several.
func (d *drawing) shelf(dl *deal, chosen *bitmap, shelves int) shelf {
	if d.anywhere || dl.rows > dl.usable || d.store.limit < leastBandMemory {
		return &stored{store: d.store, chosen: chosen}
	}
	return newBanded(d.store, dl.part, chosen, dl.order(0)[:dl.rows], shelves, d.mix.workers())
}

func (d *drawing) close() {
	for _, f := range d.fetchers {
		if f.rows != nil {
			_ = f.rows.Close() // what was read was whole
		}
	}
	d.store.close()
}

// source is a part's source for the second reading: what filters refused and
// what was no record is not asked for again.
func (m *Mix) source(i int) datamix.Source {
	src := m.leaves[i].Source
	if m.recipe.OnError != nil {
		return datamix.Chain(src, datamix.OnError(m.recipe.OnError))
	}
	return src
}

// arrange returns the order of the mix's records. A state says how much of it is
// over; nil stands for nothing.
func (d *drawing) arrange(s *start) (arrangement, error) {
	if d.mix.recipe.Order == Shuffled {
		a, err := newShuffled(d.hands, stretches(d.plan, d.hands), d.plan.Seed)
		if err == nil && s != nil {
			a.position += s.Rows
		}
		return a, err
	}
	all, over := stretches(d.plan, d.hands), make([]int64, len(d.hands))
	if s != nil {
		for i, h := range d.hands {
			over[i] = s.Parts[i].Rows
			h.skip(s.Parts[i].Rows)
		}
	}
	if d.mix.recipe.Order == Sequential {
		return newSequential(d.hands, all, over), nil
	}
	return newInterleaved(d.plan, d.hands, s)
}

// newInterleaved returns the arrangement of a plan.
func newInterleaved(plan *Plan, hands []*hand, s *start) (*interleaved, error) {
	v := &interleaved{hands: hands, unit: plan.Unit, stretches: stretches(plan, hands)}
	if s == nil {
		return v, v.start(nil, nil)
	}
	if s.other { // the ratio is that of what is left; there are no stages
		whole := v.stretches[0]
		for i, p := range s.Parts {
			whole.weights[i] -= min(whole.weights[i], uint64(p.Size))
			whole.rows[i] = max(0, whole.rows[i]-p.Rows)
		}
		return v, v.start(nil, nil)
	}
	left, rows, served := pass(v.stretches, hands, plan.Unit, s)
	v.stretches = left
	return v, v.start(rows, served)
}

const (
	// drawRecords and drawBytes end a batch of records that are fetched together. What
	// is fetched ahead is a few of them, whose memory a small mix takes for itself.
	drawRecords = 256
	drawBytes   = 256 << 10
)

// drawn is a batch of records in the order of the mix, with memory for fetching
// them.
type drawn struct {
	items   []item
	records []*datamix.Record
	arena   *datamix.Arena // of the records
	err     error

	byPart []item // the items, part by part
	from   []int  // where each of those stands in items
	ends   []int  // of the parts in byPart
	memory gathered
}

// drawnText is about how many bytes of text a batch has.
const drawnText = drawBytes

// run yields the records of an arrangement; each is told to took before. Their
// memory is used again where they are lent. It returns an error unless the consumer
// has stopped.
func (d *drawing) run(ctx context.Context, a arrangement, lend bool, took func(item), yield func(*datamix.Record, error) bool) error {
	q := &queue{drawing: d, from: a}
	deliver := func(b *drawn) (going bool, err error) {
		if b.err != nil {
			return false, b.err
		}
		for i, r := range b.records {
			if ctx.Err() != nil {
				return false, context.Cause(ctx)
			}
			took(b.items[i])
			if !yield(r, nil) {
				return false, nil
			}
		}
		clear(b.records)
		if lend {
			b.arena.Reset(drawnText)
		} else {
			b.arena = new(datamix.Arena)
		}
		q.used.Put(b)
		return true, nil
	}
	if d.mix.workers() == 1 {
		for b := q.batch(); b != nil; b = q.batch() {
			if going, err := deliver(d.fetch(ctx, b)); !going {
				return err
			}
		}
		return nil
	}
	feed := func(_ context.Context, emit func(*drawn) bool) {
		for b := q.batch(); b != nil && emit(b); b = q.batch() {
		}
	}
	for b, err := range ordered.Map(ctx, d.mix.workers(), feed, d.fetch) {
		if err != nil {
			return err
		}
		if going, err := deliver(b); !going {
			return err
		}
	}
	return nil
}

// queue cuts an arrangement into batches. It takes as many records as a batch can
// have before it asks for their sizes, so that these are looked up together.
type queue struct {
	drawing *drawing
	from    arrangement
	next    []item
	used    reuse.List[*drawn]
}

// batch returns the next items, nil at the end.
func (q *queue) batch() *drawn {
	for len(q.next) < drawRecords {
		it, ok := q.from.next()
		if !ok {
			break
		}
		q.next = append(q.next, it)
	}
	n := 0
	for size := int64(0); n < len(q.next) && size < drawBytes; n++ {
		size += q.drawing.fetchers[q.next[n].part].sizeOf(q.next[n])
	}
	if n == 0 {
		return nil
	}
	b, ok := q.used.Get()
	if !ok {
		b = &drawn{arena: new(datamix.Arena)}
	}
	b.items = append(b.items[:0], q.next[:n]...)
	q.next = append(q.next[:0], q.next[n:]...)
	return b
}

// fetch gets the records of a batch, part by part.
func (d *drawing) fetch(ctx context.Context, b *drawn) *drawn {
	b.records = slices.Grow(b.records[:0], len(b.items))[:len(b.items)]
	b.sort(len(d.fetchers))
	first := 0
	for part, f := range d.fetchers {
		end := b.ends[part]
		if first == end {
			continue
		}
		rs, err := f.fetch(ctx, b.byPart[first:end], b.arena, &b.memory)
		if err != nil {
			b.err = err
			return b
		}
		for i, r := range rs {
			b.records[b.from[first+i]] = r
		}
		first = end
	}
	return b
}

// sort puts the items of each part together, in their order.
func (b *drawn) sort(parts int) {
	b.byPart = slices.Grow(b.byPart[:0], len(b.items))[:len(b.items)]
	b.from = slices.Grow(b.from[:0], len(b.items))[:len(b.items)]
	b.ends = append(b.ends[:0], make([]int, parts+1)...)
	for i := range b.items {
		b.ends[b.items[i].part+1]++
	}
	for part := range parts {
		b.ends[part+1] += b.ends[part]
	}
	for i, it := range b.items { // what is the start of a part ends as its end
		at := &b.ends[it.part]
		b.byPart[*at], b.from[*at] = it, i
		*at++
	}
}

// Records yields the mix, or the shard that m is. A part that cannot be read
// again as it was measured is an error.
func (m *Mix) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if err := m.draw(ctx, nil, false, func(item) {}, yield); err != nil {
			yield(nil, err)
		}
	}
}

// Lend is Records with records that are valid until the loop asks for the next.
func (m *Mix) Lend(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if err := m.draw(ctx, nil, true, func(item) {}, yield); err != nil {
			yield(nil, err)
		}
	}
}

// draw yields the mix from a state on. It returns an error unless the consumer
// has stopped.
func (m *Mix) draw(ctx context.Context, from *start, lend bool, took func(item), yield func(*datamix.Record, error) bool) error {
	d, err := m.open(ctx, m.recipe.Order == Shuffled)
	if err != nil {
		return err
	}
	defer d.close()
	if part := datamix.ObserverFrom(ctx).Part; part != nil {
		for i := range d.plan.Parts {
			part(d.report(i))
		}
	}
	a, err := d.arrange(from)
	if err != nil {
		return fmt.Errorf("datamix/mix: %w", err)
	}
	return d.run(ctx, a, lend, took, yield)
}

// report is what a run begins with for a part. Those of the shards of a mix add
// up to that of the mix: what is not drawn by any shard is told by the first.
func (d *drawing) report(i int) datamix.PartReport {
	pp := &d.plan.Parts[i]
	r := pp.report(d.plan.Unit)
	r.Group = d.plan.groupOf(i)
	if d.mix.shard.Of < 2 {
		return r
	}
	h := *d.hands[i]
	r.Planned = 0
	var kept int64
	for ; h.len() > 0; h.skip(1) {
		it := h.at(h.next)
		if d.mix.recipe.Order == Shuffled {
			it = h.unordered(h.next)
		}
		r.Planned += h.part.size(it.ordinal, d.plan.Unit)
		if it.pass == 0 {
			kept++
		}
	}
	if d.mix.shard.Number > 0 {
		r.Available, r.Epochs = datamix.Tally{}, 0
		r.Ledger = datamix.Ledger{Read: kept, Kept: kept}
		return r
	}
	r.Ledger.Read -= r.Ledger.Kept - kept
	r.Ledger.Kept = kept
	return r
}

package mix

import (
	"context"
	"fmt"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
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
	return d.fillAll(ctx, todo)
}

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

// drawn is a batch of records in the order of the mix.
type drawn struct {
	items   []item
	records []*datamix.Record
	arena   *datamix.Arena // of the records
	err     error
}

// drawnText is about how many bytes of text a batch has.
const drawnText = drawBytes

// run yields the records of an arrangement; each is told to took before. Their
// memory is used again where they are lent. It returns an error unless the consumer
// has stopped.
func (d *drawing) run(ctx context.Context, a arrangement, lend bool, took func(item), yield func(*datamix.Record, error) bool) error {
	var arenas sync.Pool
	fetch := func(ctx context.Context, items []item) *drawn {
		arena, _ := arenas.Get().(*datamix.Arena)
		if arena == nil {
			arena = new(datamix.Arena)
		}
		return d.fetch(ctx, items, arena)
	}
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
		if lend {
			b.arena.Reset(drawnText)
			arenas.Put(b.arena)
		}
		return true, nil
	}
	if d.mix.workers() == 1 {
		for b := d.batch(a); len(b) > 0; b = d.batch(a) {
			if going, err := deliver(fetch(ctx, b)); !going {
				return err
			}
		}
		return nil
	}
	feed := func(_ context.Context, emit func([]item) bool) {
		for b := d.batch(a); len(b) > 0 && emit(b); b = d.batch(a) {
		}
	}
	for b, err := range ordered.Map(ctx, d.mix.workers(), feed, fetch) {
		if err != nil {
			return err
		}
		if going, err := deliver(b); !going {
			return err
		}
	}
	return nil
}

// batch returns the next records of an arrangement, none at its end.
func (d *drawing) batch(a arrangement) []item {
	out := make([]item, 0, drawRecords)
	for size := int64(0); len(out) < drawRecords && size < drawBytes; {
		it, ok := a.next()
		if !ok {
			break
		}
		out = append(out, it)
		size += d.fetchers[it.part].sizeOf(it)
	}
	return out
}

// fetch gets the records of a batch, part by part.
func (d *drawing) fetch(ctx context.Context, items []item, arena *datamix.Arena) *drawn {
	b := &drawn{items: items, records: make([]*datamix.Record, len(items)), arena: arena}
	byPart := make([]item, 0, len(items))
	for part, f := range d.fetchers {
		byPart = byPart[:0]
		for _, it := range items {
			if it.part == part {
				byPart = append(byPart, it)
			}
		}
		if len(byPart) == 0 {
			continue
		}
		rs, err := f.fetch(ctx, byPart, arena)
		if err != nil {
			b.err = err
			return b
		}
		for i, it := range items {
			if it.part == part {
				b.records[i], rs = rs[0], rs[1:]
			}
		}
	}
	return b
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

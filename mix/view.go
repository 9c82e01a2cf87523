package mix

import (
	"context"
	"fmt"
	"sync"

	"github.com/datamix-go/datamix"
)

// View reads the records of a mix, or of a shard of one, by their number: record
// i is the one that a range yields as the i-th, from 0. It is safe for concurrent
// use. Close it when done.
//
// Parts whose source can seek are read row by row; the chosen records of the
// others are held, as in a range. For the order interleaved it keeps a mark of 16
// bytes a part at every 1,024th record, which takes one walk through the order, without
// records, at the first At; for the orders of the passes 4 bytes a record.
type View struct {
	drawing *drawing
	len     int64

	mu    sync.Mutex
	marks []State
	order *shuffled
}

// markEvery is the number of records between two marks.
const markEvery = 1024

// Open measures and plans the mix and opens it for reading by number.
func (m *Mix) Open(ctx context.Context) (*View, error) {
	d, err := m.open(ctx, true)
	if err != nil {
		return nil, err
	}
	v := &View{drawing: d}
	for i, h := range d.hands {
		v.len += h.len()
		order := d.deals[i].order
		kept := map[int][]uint32{}
		d.deals[i].order = func(pass int) []uint32 {
			if kept[pass] == nil {
				kept[pass] = order(pass)
			}
			return kept[pass]
		}
	}
	return v, nil
}

// Len is the number of records.
func (v *View) Len() int64 { return v.len }

// At returns record i, 0 <= i < Len.
func (v *View) At(ctx context.Context, i int64) (*datamix.Record, error) {
	if i < 0 || i >= v.len {
		return nil, fmt.Errorf("datamix/mix: there is no record %d of %d", i, v.len)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	it, err := v.item(i)
	if err != nil {
		return nil, err
	}
	rs, err := v.drawing.fetchers[it.part].fetch(ctx, []item{it}, nil, new(gathered))
	if err != nil {
		return nil, err
	}
	return rs[0], nil
}

// item finds out which record has a number.
func (v *View) item(i int64) (item, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.drawing.mix.recipe.Order == Shuffled {
		if v.order == nil {
			var err error
			d := v.drawing
			if v.order, err = newShuffled(d.hands, stretches(d.plan, d.hands), d.plan.Seed); err != nil {
				return item{}, err
			}
		}
		it, _ := v.order.at(i)
		return it, nil
	}
	if v.marks == nil {
		if err := v.mark(); err != nil {
			return item{}, err
		}
	}
	a, err := v.from(&v.marks[i/markEvery])
	if err != nil {
		return item{}, err
	}
	var it item
	for range i%markEvery + 1 {
		it, _ = a.next()
	}
	return it, nil
}

// from returns the arrangement of fresh hands from a state on.
func (v *View) from(s *State) (arrangement, error) {
	d := *v.drawing
	d.hands = d.mix.handsOf(d.deals)
	return d.arrange(&start{State: *s})
}

// mark walks through the order and keeps a state now and then.
func (v *View) mark() error {
	s := State{Parts: make([]PartState, len(v.drawing.deals))}
	a, err := v.from(&s)
	if err != nil {
		return err
	}
	for i := range v.len {
		if i%markEvery == 0 {
			m := s
			m.Parts = append([]PartState(nil), s.Parts...)
			v.marks = append(v.marks, m)
		}
		it, _ := a.next()
		s.Rows++
		s.Parts[it.part].Rows++
		s.Parts[it.part].Size += v.drawing.deals[it.part].part.size(it.ordinal, v.drawing.plan.Unit)
	}
	return nil
}

// Close releases what the view holds.
func (v *View) Close() error {
	v.drawing.close()
	return nil
}

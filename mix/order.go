package mix

import (
	"cmp"
	"container/heap"
	"math"
	"slices"

	"github.com/datamix-go/datamix"
)

// order returns the ordinals of the part's records in the order of one pass:
// those with higher ranks first, then by a hash. With strata, each prefix holds
// their ratio to within less than one record. The order depends on the seed, the
// part's name, and each record's identity, rank and stratum alone.
//
// At least the first n are there, or all: a mix that draws a few of many records
// sorts a few. The last order is kept: the plan and the draw need the same. It
// must not be modified.
func (p *partIndex) order(seed uint64, pass, n int) []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := &p.ordered; o.ordinals == nil || o.seed != seed || o.pass != pass || len(o.ordinals) < min(n, p.len()) {
		*o = orderOf{} // one at a time
		*o = orderOf{seed, pass, p.sorted(seed, pass, n)}
	}
	return p.ordered.ordinals
}

// sorted returns the order of a pass, or the first records of it, at least n.
func (p *partIndex) sorted(seed uint64, pass, n int) []uint32 {
	keys := &partPriorities{part: p, base: datamix.PriorityBase(seed, passPurpose(p.name, pass))}
	ranked, stratified := p.ranks.len() > 0, len(p.values.list) > 0
	if !ranked && !stratified {
		for want := float64(n); ; want *= 2 {
			// Nearly always enough: nine standard deviations more than are wanted.
			share := (want + 9*math.Sqrt(want) + 32) / float64(p.len())
			if share > 0.9 {
				break
			}
			if out := p.settle(byPriority(p.Len(), uint64(share*(1<<63))<<1, keys)); len(out) >= n {
				return out
			}
		}
	}
	out := p.settle(byPriority(p.Len(), math.MaxUint64, keys))
	if ranked {
		slices.SortStableFunc(out, func(a, b uint32) int {
			return cmp.Compare(p.ranks.at(int(b)), p.ranks.at(int(a)))
		})
	}
	if stratified {
		out = p.stratify(out)
	}
	return out
}

// settle removes the records that are dropped.
func (p *partIndex) settle(ordinals []uint32) []uint32 {
	if p.live == nil {
		return ordinals
	}
	return slices.DeleteFunc(ordinals, func(i uint32) bool { return !p.live.has(int(i)) })
}

// partPriorities are those of a part's records.
type partPriorities struct {
	part *partIndex
	base uint64

	path, row, sub [blockRows]uint64
}

func (k *partPriorities) one(i uint32) uint64 { return datamix.PriorityFrom(k.base, k.part.key(i)) }

// of unpacks columns, so that it takes whole blocks.
func (k *partPriorities) of(first int, dst []uint64) {
	c := &k.part.columns
	block := first / blockRows
	row := c.row.unpack(block, &k.row)
	path, onePath := c.path.constant(block)
	sub, oneSub := c.sub.constant(block)
	if onePath && oneSub && sub == 0 {
		base := k.part.bases[path]
		for i := range dst {
			dst[i] = datamix.PriorityFrom(k.base, datamix.KeyFrom(base, int64(row[i]), 0))
		}
		return
	}
	paths, subs := c.path.unpack(block, &k.path), c.sub.unpack(block, &k.sub)
	for i := range dst {
		dst[i] = datamix.PriorityFrom(k.base, datamix.KeyFrom(k.part.bases[paths[i]], int64(row[i]), int(subs[i])))
	}
}

// stratify interleaves the strata of an order by worst-case fair queueing: at
// position t it takes, of the strata whose next record is due (i*n <= t*size),
// the one whose record must come first ((i+1)*n/size). That keeps every stratum
// less than one record from its ratio at every prefix.
func (p *partIndex) stratify(order []uint32) []uint32 {
	n := uint64(len(order))
	queues := make([]stratum, len(p.values.list))
	for i := range queues {
		queues[i] = stratum{name: p.values.list[i], n: n}
	}
	for _, ordinal := range order {
		q := &queues[p.columns.stratum.at(int(ordinal))]
		q.records = append(q.records, ordinal)
	}
	due, later := &stratumHeap{before: func(a, b *stratum) bool { return a.earlier(b, 1) }},
		&stratumHeap{before: func(a, b *stratum) bool { return a.earlier(b, 0) }}
	for i := range queues {
		if len(queues[i].records) > 0 {
			heap.Push(later, &queues[i])
		}
	}
	out := make([]uint32, 0, n)
	for t := range n {
		for later.Len() > 0 && later.items[0].due(t) {
			heap.Push(due, heap.Pop(later))
		}
		q := heap.Pop(due).(*stratum)
		out = append(out, q.records[q.taken])
		if q.taken++; q.taken < uint64(len(q.records)) {
			heap.Push(later, q)
		}
	}
	return out
}

// stratum is the records of one stratum in their order.
type stratum struct {
	name    string
	n       uint64 // of all strata
	records []uint32
	taken   uint64
}

// due reports whether the next record may be taken at position t.
func (s *stratum) due(t uint64) bool {
	return s.taken*s.n <= t*uint64(len(s.records)) // a part has less than 2^32 records
}

// earlier reports whether s reaches its (taken+more)-th record before t does
// its own. Strata that tie are taken by name, so that the order does not depend
// on which was seen first.
func (s *stratum) earlier(t *stratum, more uint64) bool {
	mine, other := (s.taken+more)*uint64(len(t.records)), (t.taken+more)*uint64(len(s.records))
	return mine < other || mine == other && s.name < t.name
}

type stratumHeap struct {
	items  []*stratum
	before func(a, b *stratum) bool
}

func (h *stratumHeap) Len() int           { return len(h.items) }
func (h *stratumHeap) Less(i, j int) bool { return h.before(h.items[i], h.items[j]) }
func (h *stratumHeap) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *stratumHeap) Push(x any)         { h.items = append(h.items, x.(*stratum)) }
func (h *stratumHeap) Pop() any {
	x := h.items[len(h.items)-1]
	h.items = h.items[:len(h.items)-1]
	return x
}

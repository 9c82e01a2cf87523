package mix

import (
	"math/bits"
	"sort"

	"github.com/datamix-go/datamix"
)

// item names one record of a mix: a part, a record of it, and which pass over
// the part it belongs to.
type item struct {
	part     int
	ordinal  uint32
	pass     int
	position int64 // in the deal, where it is known
}

// deal is what is drawn of a part: a stretch of an endless sequence of records,
// pass after pass, each in an order of its own.
type deal struct {
	part   *partIndex
	number int   // of the part
	usable int64 // records of a pass
	rows   int64 // that are drawn, repeats counted
	// order returns the order of a pass, as far as it is drawn. The last one is
	// kept, or all.
	order func(pass int) []uint32
	// first returns at least the first n records of a pass, as they would be drawn.
	first func(n int64) []uint32
}

// lastOrder keeps the order of the last pass that was asked for.
func lastOrder(order func(pass int) []uint32) func(pass int) []uint32 {
	last, kept := -1, []uint32(nil)
	return func(pass int) []uint32 {
		if pass != last {
			kept = nil // one at a time
			last, kept = pass, order(pass)
		}
		return kept
	}
}

// at returns record j of the deal.
func (d *deal) at(j int64) item {
	pass := int(j / d.usable)
	return item{d.number, d.order(pass)[j%d.usable], pass, j}
}

// chosen returns the set of the records that are drawn at all, nil for all of the
// index.
func (d *deal) chosen() *bitmap {
	if d.rows >= int64(d.part.len()) && d.usable == int64(d.part.len()) {
		return d.part.live
	}
	b := newBitmap(d.part.Len())
	if d.rows > 0 {
		for _, i := range d.order(0)[:min(d.rows, d.usable)] {
			b.set(int(i))
		}
	}
	b.count()
	return b
}

// hand is the part of a deal that goes to one shard of a mix: every Of-th
// record. It remembers how far it is.
type hand struct {
	*deal
	next, step int64
}

// newHand returns the hand of a shard. Of all records of the mix, the deals one
// behind the other, shard k of n gets every n-th from k on; first is the number
// of records in the deals before.
func newHand(d *deal, shard Slice, first int64) *hand {
	n := int64(max(shard.Of, 1))
	return &hand{deal: d, next: ((int64(shard.Number)-first)%n + n) % n, step: n}
}

// len is the number of records that are left.
func (h *hand) len() int64 {
	if h.next >= h.rows {
		return 0
	}
	return (h.rows-h.next-1)/h.step + 1
}

// skip moves on by n records.
func (h *hand) skip(n int64) { h.next += n * h.step }

// take returns the next record and moves on.
func (h *hand) take() item {
	it := h.at(h.next)
	h.next += h.step
	return it
}

// sizes appends the sizes of the next records to dst: of n, or of fewer where the
// pass ends before.
func (h *hand) sizes(dst []int64, n int64, u datamix.Unit) []int64 {
	order := h.order(int(h.next / h.usable))
	for at := h.next % h.usable; n > 0 && at < h.usable; at += h.step {
		dst = append(dst, h.part.size(order[at], u))
		n--
	}
	return dst
}

// bitmap is a set of ordinals that knows how many members come before one.
type bitmap struct {
	words  []uint64
	before []uint32 // members before each word
}

func newBitmap(n int) *bitmap { return &bitmap{words: make([]uint64, (n+63)/64)} }

func (b *bitmap) set(i int) { b.words[i/64] |= 1 << (i % 64) }

// has reports whether i is in the set; everything is in a nil one.
func (b *bitmap) has(i int) bool { return b == nil || b.words[i/64]>>(i%64)&1 == 1 }

// count makes rank possible.
func (b *bitmap) count() {
	b.before = make([]uint32, len(b.words)+1)
	for i, w := range b.words {
		b.before[i+1] = b.before[i] + uint32(bits.OnesCount64(w))
	}
}

// rank is the number of members before i.
func (b *bitmap) rank(i int) int {
	if b == nil {
		return i
	}
	return int(b.before[i/64]) + bits.OnesCount64(b.words[i/64]&(1<<(i%64)-1))
}

// members is the number of members, of all n where the set is nil.
func (b *bitmap) members(n int) int {
	if b == nil {
		return n
	}
	return int(b.before[len(b.words)])
}

// nth returns member j, 0 <= j < the number of members.
func (b *bitmap) nth(j int) int {
	k := sort.Search(len(b.words), func(k int) bool { return int(b.before[k+1]) > j })
	word := b.words[k]
	for range j - int(b.before[k]) {
		word &= word - 1
	}
	return k*64 + bits.TrailingZeros64(word)
}

package mix

import (
	"slices"

	"github.com/datamix-go/datamix"
)

// gathered is what an index holds of some records that are to be drawn. It is
// collected a column at a time: the records lie anywhere, so that nearly every
// number is far from the one before, and the processor waits for the memory of
// several at once where the next number does not depend on the last.
type gathered struct {
	places []datamix.Place
	checks []uint32
	counts []datamix.Counts
}

// gather replaces what is there by what an index holds of some records.
func (g *gathered) gather(x *Index, items []item) {
	g.places = slices.Grow(g.places[:0], len(items))[:len(items)]
	g.checks = slices.Grow(g.checks[:0], len(items))[:len(items)]
	g.counts = slices.Grow(g.counts[:0], len(items))[:len(items)]
	places, counts, c := g.places, g.counts, &x.columns
	c.path.gather(items, func(i int, n uint64) { places[i] = datamix.Place{Origin: datamix.Origin{Path: x.paths.list[n]}} })
	c.row.gather(items, func(i int, n uint64) { places[i].Row = int64(n) })
	c.sub.gather(items, func(i int, n uint64) { places[i].Sub = int(n) })
	c.offset.gather(items, func(i int, n uint64) { places[i].Offset = int64(n) - 1 })
	c.length.gather(items, func(i int, n uint64) { places[i].Size = int64(n) })
	c.check.gather(items, func(i int, n uint64) { g.checks[i] = uint32(n) })
	c.total.gather(items, func(i int, n uint64) { counts[i].Total = int(n) })
	c.context.gather(items, func(i int, n uint64) { counts[i].Context = int(n) })
	c.final.gather(items, func(i int, n uint64) { counts[i].Final = int(n) })
	c.trainable.gather(items, func(i int, n uint64) { counts[i].Trainable = int(n) })
	c.faults.gather(items, func(i int, n uint64) { counts[i].MaskFaults = int(n) })
}

// gather calls f with the values of some records.
func (c *column) gather(items []item, f func(i int, value uint64)) {
	for i := range items {
		f(i, c.at(int(items[i].ordinal)))
	}
}

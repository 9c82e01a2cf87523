package mix

import (
	"slices"

	"github.com/datamix-go/datamix"
)

// gathered is what an index holds of some records that are to be drawn.
type gathered struct {
	places []datamix.Place
	checks []uint32
	counts []datamix.Counts
}

// size makes room for n records.
func (g *gathered) size(n int) {
	g.places = slices.Grow(g.places[:0], n)[:n]
	g.checks = slices.Grow(g.checks[:0], n)[:n]
	g.counts = slices.Grow(g.counts[:0], n)[:n]
}

// gather replaces what is there by what an index holds of some records.
func (g *gathered) gather(x *Index, items []item) {
	g.size(len(items))
	for i := range items {
		ordinal := int(items[i].ordinal)
		g.places[i], g.checks[i], g.counts[i] = x.place(ordinal), uint32(x.columns.check.at(ordinal)), x.countsAt(ordinal)
	}
}

// rowwise is what a draw needs of an index, with the numbers of a record side by
// side: where most of the records are drawn, in an order that leaps about, each
// waits for memory once and not once a column. A record takes as many bits as the
// largest numbers of the part need, about 16 bytes.
type rowwise struct {
	paths  []string
	fields [len(rowwiseOrder)]packedField
	bits   int // of a record
	words  []uint64
}

// packedField is where a number stands in the bits of a record, less its base.
type packedField struct {
	base      uint64
	at, width int
}

// rowwiseOrder names the columns in the order of fields.
var rowwiseOrder = [...]func(*indexColumns) *column{
	func(c *indexColumns) *column { return &c.path },
	func(c *indexColumns) *column { return &c.row },
	func(c *indexColumns) *column { return &c.sub },
	func(c *indexColumns) *column { return &c.offset },
	func(c *indexColumns) *column { return &c.length },
	func(c *indexColumns) *column { return &c.check },
	func(c *indexColumns) *column { return &c.total },
	func(c *indexColumns) *column { return &c.context },
	func(c *indexColumns) *column { return &c.final },
	func(c *indexColumns) *column { return &c.trainable },
	func(c *indexColumns) *column { return &c.faults },
}

// newRowwise copies the numbers of an index that is complete.
func newRowwise(x *Index) *rowwise {
	w := &rowwise{paths: x.paths.list}
	for i, of := range rowwiseOrder {
		base, width := of(&x.columns).span()
		w.fields[i] = packedField{base, w.bits, width}
		w.bits += width
	}
	w.words = make([]uint64, x.Len()*w.bits/64+2) // reads take two words
	var buf [blockRows]uint64
	for k := 0; k*blockRows < x.Len(); k++ {
		for i, of := range rowwiseOrder {
			f := &w.fields[i]
			if f.width == 0 {
				continue
			}
			bit := k*blockRows*w.bits + f.at
			for _, value := range of(&x.columns).unpack(k, &buf) {
				value -= f.base
				w.words[bit/64] |= value << (bit % 64)
				w.words[bit/64+1] |= value >> (64 - bit%64) // no bits where the shift is 64
				bit += w.bits
			}
		}
	}
	return w
}

// rowwiseBytes is how much memory newRowwise needs.
func rowwiseBytes(x *Index) int64 {
	bits := 0
	for _, of := range rowwiseOrder {
		_, width := of(&x.columns).span()
		bits += width
	}
	return int64(bits) * int64(x.Len()) / 8
}

// gather is gathered.gather.
func (w *rowwise) gather(g *gathered, items []item) {
	g.size(len(items))
	for i := range items { // so little that the processor waits for many at once
		bit := uint(int(items[i].ordinal) * w.bits)
		g.checks[i] = uint32(w.words[bit/64] + w.words[(bit+uint(w.bits))/64])
	}
	var v [len(rowwiseOrder)]uint64
	for i := range items {
		record := int(items[i].ordinal) * w.bits
		for k := range w.fields {
			f := &w.fields[k]
			bit := uint(record + f.at)
			words := w.words[bit/64:]
			v[k] = f.base + (words[0]>>(bit%64)|words[1]<<(64-bit%64))&(1<<f.width-1)
		}
		g.places[i] = datamix.Place{Size: int64(v[4]), Origin: datamix.Origin{Path: w.paths[v[0]], Row: int64(v[1]), Sub: int(v[2]), Offset: int64(v[3]) - 1}}
		g.checks[i] = uint32(v[5])
		g.counts[i] = datamix.Counts{Total: int(v[6]), Context: int(v[7]), Final: int(v[8]), Trainable: int(v[9]), MaskFaults: int(v[10])}
	}
}

package mix

import (
	"math"
	"math/bits"
	"slices"
)

// column holds whole numbers, blockRows to a block. A full block is packed into
// as many bits a number as its largest distance from its smallest needs, so that
// token counts take one to two bytes each; any number can be read at any time.
// The last block of a column that is complete may hold fewer.
type column struct {
	n      int
	blocks []block
	tail   []uint64 // of the block that is being filled
}

// blockRows is the number of values of a block.
const blockRows = 1 << 12

type block struct {
	base  uint64
	width int
	words []uint64 // one more than the bits need: reads take two words
}

func (c *column) len() int { return c.n }

func (c *column) add(x uint64) {
	if c.tail == nil {
		c.tail = make([]uint64, 0, blockRows)
	}
	c.n++
	c.tail = append(c.tail, x)
	if len(c.tail) == blockRows {
		c.blocks = append(c.blocks, pack(c.tail))
		c.tail = c.tail[:0]
	}
}

// at returns value i.
func (c *column) at(i int) uint64 {
	k := i / blockRows
	if k == len(c.blocks) {
		return c.tail[i%blockRows]
	}
	return c.blocks[k].at(i % blockRows)
}

// trim completes the column: nothing is added any more.
func (c *column) trim() {
	if len(c.tail) > 0 {
		c.blocks = append(c.blocks, pack(c.tail))
	}
	c.tail = nil
	c.blocks = slices.Clip(c.blocks)
}

// rows is the number of values of block k.
func (c *column) rows(k int) int { return min(blockRows, c.n-k*blockRows) }

func pack(values []uint64) block {
	low, high := values[0], values[0]
	for _, x := range values {
		low, high = min(low, x), max(high, x)
	}
	b := block{base: low, width: bits.Len64(high - low)}
	if b.width == 0 {
		return b
	}
	b.words = make([]uint64, packedWords(len(values), b.width))
	for i, x := range values {
		bit := i * b.width
		x -= low
		b.words[bit/64] |= x << (bit % 64)
		b.words[bit/64+1] |= x >> (64 - bit%64) // no bits where the shift is 64
	}
	return b
}

func packedWords(values, width int) int {
	if width == 0 {
		return 0
	}
	return (values*width+63)/64 + 1
}

func (b *block) at(i int) uint64 {
	if b.width == 0 {
		return b.base
	}
	bit := i * b.width
	x := b.words[bit/64]>>(bit%64) | b.words[bit/64+1]<<(64-bit%64)
	return b.base + x&(1<<b.width-1)
}

// unpack returns the values of block k in buf.
func (c *column) unpack(k int, buf *[blockRows]uint64) []uint64 {
	if k == len(c.blocks) {
		return buf[:copy(buf[:], c.tail)]
	}
	out := buf[:c.rows(k)]
	b := &c.blocks[k]
	if b.width == 0 {
		for i := range out {
			out[i] = b.base
		}
		return out
	}
	mask, bit, width := uint64(1)<<b.width-1, uint(0), uint(b.width)
	words := b.words
	for i := range out {
		w := words[bit/64:]
		out[i] = b.base + (w[0]>>(bit%64)|w[1]<<(64-bit%64))&mask
		bit += width
	}
	return out
}

// constant returns the one value that all of block k have, if they have.
func (c *column) constant(k int) (value uint64, ok bool) {
	if k == len(c.blocks) || c.blocks[k].width > 0 {
		return 0, false
	}
	return c.blocks[k].base, true
}

// span returns a number that no value of a complete column is below, and how many
// bits their distances from it need at most.
func (c *column) span() (base uint64, width int) {
	if len(c.blocks) == 0 {
		return 0, 0
	}
	base = c.blocks[0].base
	most := base
	for i := range c.blocks {
		b := &c.blocks[i]
		top := b.base + (1<<b.width - 1)
		if top < b.base {
			top = math.MaxUint64
		}
		base, most = min(base, b.base), max(most, top)
	}
	return base, bits.Len64(most - base)
}

// each calls f with the values of the column, a block at a time, in memory that
// f may use.
func (c *column) each(f func(values []uint64)) {
	var buf [blockRows]uint64
	for k := 0; k*blockRows < c.len(); k++ {
		f(c.unpack(k, &buf))
	}
}

// sum adds the values up.
func (c *column) sum() (n int64) {
	c.each(func(values []uint64) {
		for _, x := range values {
			n += int64(x)
		}
	})
	return n
}

// positive returns how many values are not 0.
func (c *column) positive() (n int64) {
	if c.atMost(0) {
		return 0
	}
	c.each(func(values []uint64) {
		for _, x := range values {
			if x > 0 {
				n++
			}
		}
	})
	return n
}

// atMost reports whether no value is above a limit. It unpacks only blocks that
// could hold one.
func (c *column) atMost(limit uint64) bool {
	var buf [blockRows]uint64
	for k := 0; k*blockRows < c.len(); k++ {
		if k < len(c.blocks) {
			b := &c.blocks[k]
			if most := b.base + (1<<b.width - 1); most >= b.base && most <= limit {
				continue
			}
		}
		for _, x := range c.unpack(k, &buf) {
			if x > limit {
				return false
			}
		}
	}
	return true
}

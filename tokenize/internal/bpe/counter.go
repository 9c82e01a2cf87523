package bpe

import "unsafe"

// Counter counts pieces with a cache in front of merging. It is not safe for
// concurrent use. Its memory is fixed: a table of 2 MiB for pieces of up to 15
// bytes, one of 1 MiB for those of up to 31, and a store of 0.7 MiB for longer ones.
//
// Only computed counts enter the cache, and a lookup compares the whole piece.
type Counter struct {
	v      *Vocab
	table  []bucket
	wide   wideTable
	longer longCounts
	sc     Scratch
	misses [batch + 1]uint16
	longs  [batch]uint16
	keys   probeKeys
	turn   uint32

	froms, tos         [batch]uint32 // parts of long pieces
	parts              int
	wideFroms, wideTos [batch]uint32
	ends               [cutSize + 1]uint32 // of parts

	pad                [2 * readSize]byte // the end of a text
	tailFroms, tailTos [readSize]uint32
}

// batch is the number of pieces that are looked up together.
const batch = 256

const (
	tableBits = 15 // buckets, of 64 bytes
	countBits = 60 // where the count lies in the second word of a key
	keyMask   = 1<<countBits - 1
	ways      = 4

	maxKeyCount = 1<<(64-countBits) - 1 // the greatest count that a key holds
)

// bucket is four packed keys; the count is in the top four bits of the second
// word. A second word of 0 is a free place.
type bucket struct {
	lo, hi [ways]uint64
}

// NewCounter returns a counter of the vocabulary.
func NewCounter(v *Vocab) *Counter {
	return &Counter{v: v, table: make([]bucket, 1<<tableBits), wide: make(wideTable, 1<<wideBits)}
}

// Piece returns the number of tokens of one piece of valid UTF-8.
func (c *Counter) Piece(piece string) int {
	switch {
	case piece == "":
		return 0
	case len(piece) > shortLen:
		n := c.long(piece, 0, uint32(len(piece)))
		return n + c.flush(piece)
	}
	lo, hi := packString(piece)
	return c.short(piece, lo, hi, hashKey(lo, hi))
}

// Broken is Piece for what may be no valid UTF-8, if the base symbols are bytes.
func (c *Counter) Broken(piece string) int { return c.v.Count(&c.sc, piece) }

// short counts a piece of at most 15 bytes.
func (c *Counter) short(piece string, lo, hi, h uint64) int {
	h >>= 64 - tableBits
	b := &c.table[h]
	for w := range ways {
		if b.lo[w] == lo && b.hi[w]&keyMask == hi {
			return int(b.hi[w] >> countBits)
		}
	}
	return c.miss(piece, lo, hi, h)
}

// Pieces returns the number of tokens of the pieces of text that starts cuts out:
// each reaches from one start to the next, so there is one piece less than starts.
// Text may be longer than the pieces; 32 bytes more make for the fastest way.
func (c *Counter) Pieces(text string, starts []uint32) int {
	n := 0
	for len(starts) > 1 {
		group := starts[:min(len(starts), batch+1)]
		n += c.group(text, group)
		starts = starts[len(group)-1:]
	}
	return n + c.flush(text)
}

// group looks up at most batch pieces, and counts afterwards those that the table
// lacks. Long ones are cut at their seams, and the parts looked up together.
func (c *Counter) group(text string, starts []uint32) int {
	pieces := len(starts) - 1
	fast := readable(text, starts[:pieces])
	sum, missed := c.probe(text, starts[:fast], starts[1:fast+1])
	wides, longs := 0, 0
	for _, i := range c.misses[:missed] {
		from, to := starts[i], starts[i+1]
		switch {
		case to-from <= shortLen:
			sum += c.part(text[from:to])
		case to-from <= wideLen:
			c.wideFroms[wides], c.wideTos[wides] = from, to
			wides++
		default:
			c.longs[longs] = i
			longs++
		}
	}
	sum += c.tail(text, starts[fast:pieces], starts[fast+1:])
	if wides > 0 {
		found, missed := c.wides(text, wides)
		sum, wides = sum+found, missed
	}
	for l, w := 0, 0; l < longs || w < wides; { // in order of their places
		if l < longs && (w == wides || starts[c.longs[l]] < c.wideFroms[w]) {
			i := c.longs[l]
			sum += c.long(text, starts[i], starts[i+1])
			l++
		} else {
			sum += c.long(text, c.wideFroms[w], c.wideTos[w])
			w++
		}
	}
	return sum
}

// readSize is how many bytes of text a lookup may read from the start of a piece,
// loadSize how many those of up to 15 bytes take.
const (
	readSize = 32
	loadSize = 16
)

// readable returns how many of the places, which are in order, have as many bytes
// behind them as a lookup reads.
func readable(text string, froms []uint32) int {
	n := len(froms)
	for n > 0 && int(froms[n-1])+readSize > len(text) {
		n--
	}
	return n
}

// flush looks up the parts that push kept, all of one text, in order.
func (c *Counter) flush(text string) int {
	parts := c.parts
	if parts == 0 {
		return 0
	}
	c.parts = 0
	fast := readable(text, c.froms[:parts])
	sum, missed := c.probe(text, c.froms[:fast], c.tos[:fast])
	for _, i := range c.misses[:missed] {
		sum += c.part(text[c.froms[i]:c.tos[i]])
	}
	return sum + c.tail(text, c.froms[fast:parts], c.tos[fast:parts])
}

// tail looks up pieces of a text that begin in its last bytes, where a lookup has
// not enough of them to read.
func (c *Counter) tail(text string, froms, tos []uint32) int {
	if len(froms) == 0 {
		return 0
	}
	base := froms[0]
	c.pad = [2 * readSize]byte{}
	copy(c.pad[:], text[base:])
	for i := range froms {
		c.tailFroms[i], c.tailTos[i] = froms[i]-base, tos[i]-base
	}
	sum, missed := c.probe(unsafe.String(&c.pad[0], len(c.pad)), c.tailFroms[:len(froms)], c.tailTos[:len(froms)])
	for _, i := range c.misses[:missed] {
		sum += c.part(text[froms[i]:tos[i]])
	}
	return sum
}

// part counts what lies between two seams.
func (c *Counter) part(part string) int {
	switch {
	case len(part) > wideLen:
		return c.longPart(part)
	case len(part) > shortLen:
		return c.widePart(part)
	}
	lo, hi := packString(part)
	return c.short(part, lo, hi, hashKey(lo, hi))
}

// probeGo looks up the pieces from one of froms to that of tos in their buckets,
// without a branch that depends on the text but for the length. It returns the
// tokens of those that it found, and how many it did not: their numbers are in
// misses. Behind the start of each piece text has at least 16 bytes.
func (c *Counter) probeGo(text string, froms, tos []uint32) (sum, missed int) {
	total := uint64(0)
	tos = tos[:len(froms)]
	for i, p := range froms {
		n := tos[i] - p
		c.misses[missed] = uint16(i)
		if n > shortLen {
			missed++
			continue
		}
		lo, hi := pack16(text, p, n)
		got := c.table[hashKey(lo, hi)>>(64-tableBits)&(1<<tableBits-1)].match(lo, hi)
		total += got
		missed += int((got - 1) >> 63)
	}
	return int(total), missed
}

// match returns the count of a key in the bucket, 0 if it is not there.
func (b *bucket) match(lo, hi uint64) uint64 {
	return b.way(0, lo, hi) | b.way(1, lo, hi) | b.way(2, lo, hi) | b.way(3, lo, hi)
}

func (b *bucket) way(w int, lo, hi uint64) uint64 {
	h := b.hi[w]
	differ := (b.lo[w] ^ lo) | (h^hi)<<(64-countBits)
	return h >> countBits &^ uint64(int64(differ|-differ)>>63)
}

// miss counts a short piece that its bucket lacks: the neighbour bucket may hold
// it, else it is counted and stored.
func (c *Counter) miss(piece string, lo, hi, h uint64) int {
	side := &c.table[h^1]
	for w := range ways {
		if side.lo[w] == lo && side.hi[w]&keyMask == hi {
			c.promote(&c.table[h], side, w)
			return int(c.countOf(lo, hi, h))
		}
	}
	n := 1
	if c.v.findShort(lo, hi) == None {
		n = len(c.v.Merge(&c.sc, piece))
	}
	if n > 0 && n <= maxKeyCount {
		c.store(lo, hi|uint64(n)<<countBits, h)
	}
	return n
}

func (c *Counter) countOf(lo, hi, h uint64) uint64 {
	return c.table[h].match(lo, hi)
}

// promote swaps an entry of the neighbour bucket with one of the bucket proper.
func (c *Counter) promote(b, side *bucket, w int) {
	to := c.next()
	b.lo[to], side.lo[w] = side.lo[w], b.lo[to]
	b.hi[to], side.hi[w] = side.hi[w], b.hi[to]
}

// store puts a key with its count into a free place of its bucket, or in the
// place of another, which moves to a free place of the neighbour bucket.
func (c *Counter) store(lo, hi, h uint64) {
	b, side := &c.table[h], &c.table[h^1]
	w := b.free()
	if w < 0 {
		w = int(c.next())
		to := side.free()
		if to < 0 {
			to = int(c.next())
		}
		side.lo[to], side.hi[to] = b.lo[w], b.hi[w]
	}
	b.lo[w], b.hi[w] = lo, hi
}

func (b *bucket) free() int {
	for w, h := range b.hi {
		if h == 0 {
			return w
		}
	}
	return -1
}

// next chooses a way. Which one is chosen has no influence on any count.
func (c *Counter) next() uint32 {
	c.turn = c.turn*1664525 + 1013904223
	return c.turn >> 30
}

package bpe

import (
	"math/bits"
	"unsafe"
)

// Counter counts pieces with a cache in front of merging. It is not safe for
// concurrent use. Its memory is fixed: a table of 2 MiB for pieces of up to 15
// bytes, and a store of 1.5 MiB for longer ones.
//
// Only computed counts enter the cache, and a lookup compares the whole piece.
type Counter struct {
	v      *Vocab
	table  []bucket
	long   longCounts
	sc     Scratch
	misses [batch + 1]uint16
	longs  [batch]uint16
	keys   probeKeys
	turn   uint32

	froms, tos [batch]uint32 // parts of long pieces
	parts      int

	pad                [2 * loadSize]byte // the end of a text
	tailFroms, tailTos [loadSize]uint32
}

// batch is the number of pieces that are looked up together.
const batch = 256

const (
	tableBits = 15 // buckets, of 64 bytes
	countBits = 60 // where the count lies in the second word of a key
	keyMask   = 1<<countBits - 1
	ways      = 4
)

// bucket is four packed keys; the count is in the top four bits of the second
// word. A second word of 0 is a free place.
type bucket struct {
	lo, hi [ways]uint64
}

// NewCounter returns a counter of the vocabulary.
func NewCounter(v *Vocab) *Counter {
	return &Counter{v: v, table: make([]bucket, 1<<tableBits)}
}

// Piece returns the number of tokens of one piece of valid UTF-8.
func (c *Counter) Piece(piece string) int {
	switch {
	case piece == "":
		return 0
	case len(piece) > shortLen:
		n := c.cut(piece, 0, uint32(len(piece)))
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
	fast := pieces
	for fast > 0 && int(starts[fast-1])+loadSize > len(text) {
		fast--
	}
	sum, missed := c.probe(text, starts[:fast], starts[1:fast+1])
	longs := 0
	for _, i := range c.misses[:missed] {
		from, to := starts[i], starts[i+1]
		if to-from > shortLen {
			c.longs[longs] = i
			longs++
		} else {
			sum += c.part(text[from:to])
		}
	}
	sum += c.tail(text, starts[fast:pieces], starts[fast+1:])
	for _, i := range c.longs[:longs] {
		sum += c.cut(text, starts[i], starts[i+1])
	}
	return sum
}

// loadSize is how many bytes of text a lookup reads from the start of a piece.
const loadSize = 16

// push keeps a part of a long piece for flush.
func (c *Counter) push(text string, from, to uint32) (sum int) {
	if c.parts == batch {
		sum = c.flush(text)
	}
	c.froms[c.parts], c.tos[c.parts] = from, to
	c.parts++
	return sum
}

// flush looks up the parts that push kept, all of one text, in order.
func (c *Counter) flush(text string) int {
	parts := c.parts
	if parts == 0 {
		return 0
	}
	c.parts = 0
	fast := parts
	for fast > 0 && int(c.froms[fast-1])+loadSize > len(text) {
		fast--
	}
	sum, missed := c.probe(text, c.froms[:fast], c.tos[:fast])
	for _, i := range c.misses[:missed] {
		sum += c.part(text[c.froms[i]:c.tos[i]])
	}
	return sum + c.tail(text, c.froms[fast:parts], c.tos[fast:parts])
}

// tail looks up pieces of a text that begin in its last 15 bytes: where a lookup
// has enough bytes to read.
func (c *Counter) tail(text string, froms, tos []uint32) int {
	if len(froms) == 0 {
		return 0
	}
	base := froms[0]
	c.pad = [2 * loadSize]byte{}
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
	if len(part) > shortLen {
		return c.longPart(part)
	}
	lo, hi := packString(part)
	return c.short(part, lo, hi, hashKey(lo, hi))
}

// cut cuts the long piece text[from:to] at its seams and leaves the parts to
// flush. It returns the tokens of those that it counted itself.
func (c *Counter) cut(text string, from, to uint32) (sum int) {
	piece := text[from:to]
	if c.v.hasGap(piece) {
		return c.longPart(piece) // what vanishes makes other neighbours
	}
	start := uint32(0)
	for start < to-from {
		end := c.v.seams.next(piece, start)
		whole := start == 0 && end == to-from
		if !whole && c.v.alone.has(piece[start:end]) {
			sum += len(c.v.Merge(&c.sc, piece[start:end]))
		} else {
			sum += c.push(text, from+start, from+end)
		}
		start = end
	}
	return sum
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
	if c.v.whole.findKey(lo, hi) == None {
		n = len(c.v.Merge(&c.sc, piece))
	}
	if n > 0 && n <= shortLen {
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
		w = c.next()
		to := side.free()
		if to < 0 {
			to = c.next()
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
func (c *Counter) next() int {
	c.turn = c.turn*1664525 + 1013904223
	return int(c.turn >> 30)
}

// longCounts stores the counts of pieces of 16 to maxLong bytes: a table of
// hashes and a text that holds the pieces. It is emptied when it is full.
type longCounts struct {
	slots []longSlot
	text  []byte
	used  int
}

type longSlot struct {
	hash   uint64
	offset uint32
	length uint16
	count  uint16
}

const (
	maxLong   = 512
	longSlots = 1 << longBits
	longBits  = 15
	longText  = 1 << 20
)

// longPart counts a piece that has no seam.
func (c *Counter) longPart(piece string) int {
	if len(piece) > maxLong {
		return c.v.Count(&c.sc, piece)
	}
	l := &c.long
	if l.slots == nil {
		l.slots, l.text = make([]longSlot, longSlots), make([]byte, 0, longText)
	}
	hash := hashString(piece) | 1
	i := hash >> (64 - longBits)
	for ; l.slots[i].hash != 0; i = (i + 1) & (longSlots - 1) {
		s := &l.slots[i]
		if s.hash == hash && string(l.text[s.offset:s.offset+uint32(s.length)]) == piece {
			return int(s.count)
		}
	}
	n := c.v.Count(&c.sc, piece)
	if l.used >= longSlots/4*3 || len(l.text)+len(piece) > longText {
		clear(l.slots)
		l.text, l.used = l.text[:0], 0
		for i = hash >> (64 - longBits); l.slots[i].hash != 0; {
			i = (i + 1) & (longSlots - 1)
		}
	}
	l.slots[i] = longSlot{hash, uint32(len(l.text)), uint16(len(piece)), uint16(n)}
	l.text = append(l.text, piece...)
	l.used++
	return n
}

// hashString hashes a piece of at least 16 bytes.
func hashString(s string) uint64 {
	h := uint64(len(s)) * mixer
	i := 0
	for ; i+8 <= len(s); i += 8 {
		h = mix(h ^ load64(s, i))
	}
	return mix(h ^ load64(s, len(s)-8))
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

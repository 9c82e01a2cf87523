package bpe

import "math/bits"

// long counts the piece text[from:to], which has more than 15 bytes. It cuts it at
// its seams, unless its count is known, and leaves the parts to flush.
func (c *Counter) long(text string, from, to uint32) (sum int) {
	if to-from <= wideLen {
		k := packWide(text[from:to])
		if n := c.wide.find(&k, c.next()); n > 0 {
			return n
		}
	}
	if c.v.hasGap(text[from:to]) {
		return c.part(text[from:to]) // what vanishes makes other neighbours
	}
	start := from
	for at := from; at < to; {
		stop := min(to, at+cutSize)
		ends := c.ends[:c.seams(text, at, stop)+1]
		if at = stop; stop == to {
			ends[len(ends)-1] = to
		} else {
			ends = ends[:len(ends)-1]
			at = charStart(text, stop-1)
		}
		if to-from <= wideLen && len(ends) <= fewParts {
			return c.few(text, from, ends)
		}
		whole := start == from && len(ends) == 1 && ends[0] == to
		if c.v.alone.texts != nil && !whole {
			sum += c.pushMade(text, start, ends)
		} else {
			sum += c.push(text, start, ends)
		}
		if len(ends) > 0 {
			start = ends[len(ends)-1]
		}
	}
	return sum
}

// push keeps the parts of a long piece for flush: the first begins at start, each
// of the others where the one before ends.
func (c *Counter) push(text string, start uint32, ends []uint32) (sum int) {
	for len(ends) > 0 {
		if c.parts == batch {
			sum += c.flush(text)
		}
		n := min(len(ends), batch-c.parts)
		copy(c.tos[c.parts:], ends[:n])
		c.froms[c.parts] = start
		copy(c.froms[c.parts+1:], ends[:n-1])
		c.parts += n
		start, ends = ends[n-1], ends[n:]
	}
	return sum
}

// pushMade pushes the parts of a piece but those that are one token only as whole
// pieces, which it counts.
func (c *Counter) pushMade(text string, start uint32, ends []uint32) (sum int) {
	from, pushed := start, 0
	for i, end := range ends {
		if c.v.alone.has(text[start:end]) {
			sum += c.push(text, from, ends[pushed:i]) + c.between(text[start:end])
			from, pushed = end, i+1
		}
		start = end
	}
	return sum + c.push(text, from, ends[pushed:])
}

// few counts a piece of up to 31 bytes with few parts, whose ends are given, and
// keeps its count.
func (c *Counter) few(text string, from uint32, ends []uint32) (sum int) {
	to := ends[len(ends)-1]
	if len(ends) == 1 {
		return c.part(text[from:to])
	}
	start := from
	for _, end := range ends {
		sum += c.between(text[start:end])
		start = end
	}
	c.wide.store(packWide(text[from:to]), sum, c.next())
	return sum
}

// between counts a part that is not a whole piece.
func (c *Counter) between(part string) int {
	if c.v.alone.has(part) {
		return len(c.v.Merge(&c.sc, part))
	}
	return c.part(part)
}

// longCounts stores the counts of pieces of 32 to maxLong bytes: a table of
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
	longBits  = 14
	longText  = 448 << 10
)

// longPart counts a piece that has no seam.
func (c *Counter) longPart(piece string) int {
	if len(piece) > maxLong {
		return c.v.Count(&c.sc, piece)
	}
	l := &c.longer
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

package mix

import (
	"encoding/binary"
	"sync"

	"github.com/datamix-go/datamix"
)

// banded is a shelf whose records are taken once each, in the order of a pass. It
// deals them to bands as they come, each of which is a stretch of that order, and
// a band is read as a whole when the first of its records is needed: what is
// written and read lies together, where single records would be looked for all
// over the file.
type banded struct {
	store    *store
	chosen   *bitmap
	position []uint32 // in the order, by rank among the chosen, until done
	perBand  int
	bands    []band

	mu     sync.Mutex
	loaded map[int]*loadedBand
	keep   int // that are loaded at a time
	clock  int
}

// band is a stretch of an order. Its records stand in the order of the source,
// each behind its number in the band and its size, 32 bits each.
type band struct {
	records int
	bytes   int64
	extents []extent // what is in the file
	memory  [][]byte // what comes behind
}

// extent is a stretch of the file.
type extent struct{ at, size int64 }

const (
	// bandBytes is about how large a band is, where the memory of a store allows
	// so many that it can be.
	bandBytes = 1 << 20
	// bandChunk is the size in which bands take memory.
	bandChunk  = 8 << 10
	bandHeader = 8
	// leastBandMemory is the limit of memory from which on there are bands.
	leastBandMemory = 4 << 20
)

// newBanded returns the shelf for the first records of an order, one of several
// shelves of a store.
func newBanded(s *store, p *partIndex, chosen *bitmap, order []uint32, shelves, workers int) *banded {
	most := max(1, s.limit/bandChunk/2/int64(shelves)) // bands
	n := int64(len(order))
	perBand := max(1, bandBytes/p.recordSize(), (n+most-1)/most)
	b := &banded{store: s, chosen: chosen, position: make([]uint32, n), perBand: int(min(perBand, n)), loaded: map[int]*loadedBand{}}
	b.bands = make([]band, (int(n)+b.perBand-1)/b.perBand)
	b.keep = 2 + (workers+2)*drawRecords/b.perBand
	for j, ordinal := range order {
		b.position[chosen.rank(int(ordinal))] = uint32(j)
	}
	s.mu.Lock()
	s.bands.all = append(s.bands.all, b)
	s.mu.Unlock()
	return b
}

// recordSize is about how many bytes a record takes in a store.
func (p *partIndex) recordSize() int64 {
	if p.bytes > 0 {
		return p.bytes/int64(p.Len()) + 64
	}
	return p.available.Tokens*5/int64(p.len()) + 64
}

func (b *banded) add(ordinal int, data []byte) error {
	if err := storable(data); err != nil {
		return err
	}
	j := int(b.position[b.chosen.rank(ordinal)])
	var header [bandHeader]byte
	binary.LittleEndian.PutUint32(header[:], uint32(j%b.perBand))
	binary.LittleEndian.PutUint32(header[4:], uint32(len(data)))
	s := b.store
	s.mu.Lock()
	defer s.mu.Unlock()
	to := &b.bands[j/b.perBand]
	to.records++
	s.bands.add(to, header[:])
	s.bands.add(to, data)
	if s.inMem+s.bands.size > s.limit {
		return s.flushBands()
	}
	return nil
}

func (b *banded) done() { b.position = nil }

// bandMemory is what bands hold in memory.
type bandMemory struct {
	all  []*banded
	size int64
	free [][]byte
}

// add appends data to a band.
func (m *bandMemory) add(to *band, data []byte) {
	to.bytes += int64(len(data))
	for len(data) > 0 {
		last := len(to.memory) - 1
		if last < 0 || len(to.memory[last]) == bandChunk {
			to.memory = append(to.memory, m.chunk())
			last++
		}
		chunk := to.memory[last]
		n := min(len(data), bandChunk-len(chunk))
		to.memory[last] = append(chunk, data[:n]...)
		data = data[n:]
	}
}

func (m *bandMemory) chunk() []byte {
	m.size += bandChunk
	if n := len(m.free); n > 0 {
		chunk := m.free[n-1]
		m.free = m.free[:n-1]
		return chunk[:0]
	}
	return make([]byte, 0, bandChunk)
}

// flushBands writes what is in memory to the file.
func (s *store) flushBands() error {
	for _, b := range s.bands.all {
		for k := range b.bands {
			to := &b.bands[k]
			if len(to.memory) == 0 {
				continue
			}
			at := s.size
			for _, chunk := range to.memory {
				if err := s.write(chunk); err != nil {
					return err
				}
			}
			to.extents = append(to.extents, extent{at, s.size - at})
			s.bands.free = append(s.bands.free, to.memory...)
			to.memory = to.memory[:0]
		}
	}
	s.bands.size = 0
	return nil
}

// sizeOf is the mean of the band.
func (b *banded) sizeOf(it item) int64 {
	k := &b.bands[int(it.position)/b.perBand]
	return k.bytes / int64(max(1, k.records))
}

// loadedBand is a band in memory.
type loadedBand struct {
	once    sync.Once
	records [][]byte // by their numbers
	err     error
	left    int // records that were not fetched
	used    int // when, by the clock
}

func (b *banded) fetch(items []item, arena *datamix.Arena) ([]*datamix.Record, error) {
	out := make([]*datamix.Record, len(items))
	for i, it := range items {
		data, err := b.take(int(it.position))
		if err != nil {
			return nil, err
		}
		if out[i], err = arena.Binary(data); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// take returns the record at a position of the order.
func (b *banded) take(position int) ([]byte, error) {
	k := position / b.perBand
	b.mu.Lock()
	l := b.loaded[k]
	if l == nil {
		b.evict()
		l = &loadedBand{left: b.bands[k].records}
		b.loaded[k] = l
	}
	b.clock++
	l.used = b.clock
	if l.left--; l.left == 0 {
		delete(b.loaded, k)
	}
	b.mu.Unlock()
	l.once.Do(func() { l.records, l.err = b.load(k) })
	if l.err != nil {
		return nil, l.err
	}
	return l.records[position%b.perBand], nil
}

// evict makes room for one more band.
func (b *banded) evict() {
	for len(b.loaded) >= b.keep {
		oldest := -1
		for k, l := range b.loaded {
			if oldest < 0 || l.used < b.loaded[oldest].used {
				oldest = k
			}
		}
		delete(b.loaded, oldest)
	}
}

// load reads a band.
func (b *banded) load(k int) ([][]byte, error) {
	from := &b.bands[k]
	data := make([]byte, from.bytes)
	at := int64(0)
	for _, e := range from.extents {
		if err := b.store.readFile(data[at:at+e.size], e.at); err != nil {
			return nil, err
		}
		at += e.size
	}
	for _, chunk := range from.memory {
		at += int64(copy(data[at:], chunk))
	}
	out := make([][]byte, b.perBand)
	for len(data) > 0 {
		i, n := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
		out[i], data = data[bandHeader:bandHeader+n:bandHeader+n], data[bandHeader+n:]
	}
	return out, nil
}

var _, _ shelf = (*stored)(nil), (*banded)(nil)

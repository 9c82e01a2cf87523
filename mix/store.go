package mix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/datamix-go/datamix"
)

// store holds the encoded records that a mix has chosen, until they are drawn:
// in memory up to a limit, then in a temporary file.
type store struct {
	dir    string
	limit  int64
	chunks [][]byte
	inMem  int64 // bytes in chunks; what lies beyond is in file
	size   int64
	file   *os.File
	buf    []byte
}

// storeChunk is the size in which the store takes memory. A record never
// crosses two chunks.
const storeChunk = 1 << 20

// place says where a record lies: an offset and a length.
type place struct {
	at   int64
	size int32
	file bool
}

func (s *store) add(r *datamix.Record) (place, error) {
	var err error
	if s.buf, err = r.AppendBinary(s.buf[:0]); err != nil {
		return place{}, err
	}
	if int64(len(s.buf)) >= 1<<31 {
		return place{}, fmt.Errorf("a record of %d bytes is too large", len(s.buf))
	}
	p := place{size: int32(len(s.buf))}
	if s.file == nil && s.inMem+int64(len(s.buf)) <= s.limit {
		p.at = s.keep(s.buf)
		return p, nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "datamix-*.spool"); err != nil {
			return place{}, fmt.Errorf("temporary file: %w", err)
		}
		// Without a name the file goes away with the process, however it ends.
		_ = os.Remove(s.file.Name())
	}
	p.at, p.file = s.size, true
	n, err := s.file.Write(s.buf)
	s.size += int64(n)
	if err != nil {
		return place{}, fmt.Errorf("temporary file, after %d bytes: %w", s.size, err)
	}
	return p, nil
}

// keep stores data in memory and returns the chunk number and the offset in it.
func (s *store) keep(data []byte) int64 {
	last := len(s.chunks) - 1
	if last < 0 || cap(s.chunks[last])-len(s.chunks[last]) < len(data) {
		s.chunks = append(s.chunks, make([]byte, 0, max(storeChunk, len(data))))
		last++
	}
	at := len(s.chunks[last])
	s.chunks[last] = append(s.chunks[last], data...)
	s.inMem += int64(len(data))
	return int64(last)<<32 | int64(at)
}

func (s *store) get(p place) (*datamix.Record, error) {
	data := make([]byte, p.size)
	if !p.file {
		at := p.at & (1<<32 - 1)
		copy(data, s.chunks[p.at>>32][at:at+int64(p.size)])
	} else if n, err := s.file.ReadAt(data, p.at); n < len(data) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	return (*datamix.Arena)(nil).Binary(data)
}

func (s *store) close() {
	s.chunks = nil
	if s.file != nil {
		_ = s.file.Close()
	}
}

// fill reads the chosen records of a part once more and stores them. It returns
// the place of each by ordinal.
func (s *store) fill(ctx context.Context, src datamix.Source, p *partIndex, chosen []bool, labels []partLabel) ([]place, error) {
	places := make([]place, p.len())
	w := &wanted{part: p, chosen: chosen}
	if w.left() == 0 {
		return places, nil
	}
	for r, err := range datamix.Pick(datamix.Quiet(ctx), src, w.want) {
		if err != nil {
			return nil, partError(p.name, err)
		}
		i, err := w.came(r)
		if err != nil {
			return nil, partError(p.name, err)
		}
		r.Origin.Source = p.name
		for _, l := range labels {
			r.SetLabel(l.name, l.value)
		}
		r.SetCounts(p.countsAt(i))
		if places[i], err = s.add(r); err != nil {
			return nil, partError(p.name, err)
		}
	}
	if left := w.left(); left > 0 {
		return nil, partError(p.name, fmt.Errorf("%w: %d of its records are not there any more", errChanged, left))
	}
	return places, nil
}

// wanted tells a source which records of a part are chosen, and checks that
// these are what comes. Sources may ask ahead, from a goroutine of their own.
type wanted struct {
	part   *partIndex
	chosen []bool

	mu    sync.Mutex
	next  int   // the ordinal of the next candidate
	asked []int // ordinals that were wanted and have not come yet
}

func (w *wanted) want(o datamix.Origin) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.next < len(w.chosen) && !w.chosen[w.next] {
		w.next++
	}
	if w.next == len(w.chosen) || o.Key() != w.part.key(uint32(w.next)) {
		return false
	}
	w.asked = append(w.asked, w.next)
	w.next++
	return true
}

// came returns the ordinal of a record that was asked for.
func (w *wanted) came(r *datamix.Record) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.asked) == 0 || w.part.key(uint32(w.asked[0])) != r.Origin.Key() {
		return 0, fmt.Errorf("%w: %s came where another record was expected", errChanged, r.Origin)
	}
	i := w.asked[0]
	w.asked = w.asked[1:]
	return i, nil
}

// left is the number of chosen records that did not come.
func (w *wanted) left() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.asked)
	for _, c := range w.chosen[w.next:] {
		if c {
			n++
		}
	}
	return n
}

var errChanged = errors.New("the data changed between measuring and writing; run again")

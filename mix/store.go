package mix

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/datamix-go/datamix"
)

// store holds the encoded records that a mix has chosen, until they are drawn:
// in memory up to a limit, then in a temporary file. Parts may fill it at the same
// time; it is read only once it is sealed.
type store struct {
	dir   string
	limit int64

	mu     sync.Mutex
	chunks [][]byte
	inMem  int64 // bytes in chunks; what lies beyond is in file
	bands  bandMemory
	file   *os.File
	buf    *bufio.Writer // of file
	size   int64
}

const (
	// storeChunk is the size in which the store takes memory. A record never
	// crosses two chunks.
	storeChunk = 1 << 20
	// storeBuffer is how much is written to the file at a time.
	storeBuffer = 1 << 18
	// inFile marks addresses in the file; others are the number of a chunk above
	// 32 bits with the offset in it.
	inFile = 1 << 62
)

// add stores data and returns its address.
func (s *store) add(data []byte) (at uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inMem+s.bands.size+int64(len(data)) <= s.limit {
		return s.keep(data), nil
	}
	at = inFile | uint64(s.size)
	return at, s.write(data)
}

// write writes data to the end of the file, which it makes where there is none.
func (s *store) write(data []byte) (err error) {
	if s.file == nil {
		if s.file, err = unnamed(s.dir); err != nil {
			return fmt.Errorf("temporary file: %w", err)
		}
		s.buf = bufio.NewWriterSize(s.file, storeBuffer)
	}
	n, err := s.buf.Write(data)
	s.size += int64(n)
	return s.failed(err)
}

// unnamed makes a temporary file without a name, which goes away with the process,
// however that ends.
func unnamed(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "datamix-*.spool")
	if err == nil {
		_ = os.Remove(f.Name())
	}
	return f, err
}

func (s *store) failed(err error) error {
	if err != nil {
		return fmt.Errorf("temporary file, after %d bytes: %w; the TMPDIR of the environment or Options.TempDir can be on a larger disk", s.size, err)
	}
	return nil
}

// keep stores data in memory.
func (s *store) keep(data []byte) uint64 {
	last := len(s.chunks) - 1
	if last < 0 || cap(s.chunks[last])-len(s.chunks[last]) < len(data) {
		s.chunks = append(s.chunks, make([]byte, 0, max(storeChunk, len(data))))
		last++
	}
	at := len(s.chunks[last])
	s.chunks[last] = append(s.chunks[last], data...)
	s.inMem += int64(len(data))
	return uint64(last)<<32 | uint64(at)
}

// seal ends the writing.
func (s *store) seal() error {
	if s.buf == nil {
		return nil
	}
	err := s.failed(s.buf.Flush())
	s.buf = nil
	return err
}

// read copies len(data) bytes at an address. It is safe for concurrent use.
func (s *store) read(data []byte, at uint64) error {
	if at&inFile == 0 {
		copy(data, s.chunks[at>>32][at&(1<<32-1):])
		return nil
	}
	return s.readFile(data, int64(at&^inFile))
}

func (s *store) readFile(data []byte, at int64) error {
	if n, err := s.file.ReadAt(data, at); n < len(data) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("temporary file: %w", err)
	}
	return nil
}

func (s *store) close() {
	s.chunks, s.bands = nil, bandMemory{}
	if s.file != nil {
		_ = s.file.Close() // what was read was whole
	}
}

// shelf is the chosen records of one part in a store.
type shelf interface {
	// add stores the next chosen record, in the order of the source.
	add(ordinal int, data []byte) error
	// done ends the adding.
	done()
	// sizeOf is about how many bytes a record takes.
	sizeOf(it item) int64
	// fetch returns records, made of the memory of an arena.
	fetch(items []item, arena *datamix.Arena) ([]*datamix.Record, error)
}

// stored is a shelf from which records are taken in any order, any number of
// times.
type stored struct {
	store  *store
	chosen *bitmap
	at     column // addresses and sizes, by rank among the chosen
	size   column
}

func (s *stored) add(_ int, data []byte) error {
	if err := storable(data); err != nil {
		return err
	}
	at, err := s.store.add(data)
	s.at.add(at)
	s.size.add(uint64(len(data)))
	return err
}

func storable(data []byte) error {
	if int64(len(data)) >= 1<<31 {
		return fmt.Errorf("a record of %d bytes is too large", len(data))
	}
	return nil
}

func (s *stored) done() {
	s.at.trim()
	s.size.trim()
}

func (s *stored) sizeOf(it item) int64 { return int64(s.size.at(s.chosen.rank(int(it.ordinal)))) }

func (s *stored) fetch(items []item, arena *datamix.Arena) ([]*datamix.Record, error) {
	out := make([]*datamix.Record, len(items))
	for i, it := range items {
		rank := s.chosen.rank(int(it.ordinal))
		data := arena.Bytes(int(s.size.at(rank)))
		if err := s.store.read(data, s.at.at(rank)); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = arena.Binary(data); err != nil {
			return nil, err
		}
	}
	return out, nil
}

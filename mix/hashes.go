package mix

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// hashes are what the duplicates of a part are known by: one hash a record. Most
// are needed once, in their order: those that a spool has no room for lie in its
// file, and those of an index in the cache stay there.
type hashes struct {
	n     int
	sum   datamix.Hash // of all of them, zero for none
	full  []hashChunk
	last  []datamix.Hash // of the chunk that is being filled
	spool *hashSpool     // nil where all are in memory
	sums  *xxh3.Hasher

	file string // in the cache, which holds all of them
	skip int64  // what stands before them
}

// hashChunk is blockRows hashes, in memory or at a place in the file of a spool.
type hashChunk struct {
	memory []datamix.Hash
	at     int64
}

const hashBytes = len(datamix.Hash{})

func (h *hashes) len() int { return h.n }

func (h *hashes) add(x datamix.Hash) {
	if h.last == nil {
		h.last = make([]datamix.Hash, 0, blockRows)
	}
	h.last = append(h.last, x)
	h.n++
	if len(h.last) == blockRows {
		h.flush()
	}
}

// flush ends a chunk.
func (h *hashes) flush() {
	data := make([]byte, 0, hashBytes*blockRows)
	for i := range h.last {
		data = append(data, h.last[i][:]...)
	}
	if h.sums == nil {
		h.sums = xxh3.New()
	}
	_, _ = h.sums.Write(data) // a hash does not fail
	if at, ok := h.spool.put(data); ok {
		h.full = append(h.full, hashChunk{at: at})
		h.last = h.last[:0]
		return
	}
	h.full = append(h.full, hashChunk{memory: h.last})
	h.last = nil
}

// complete ends the adding.
func (h *hashes) complete() {
	if len(h.last) > 0 {
		h.flush()
	}
	if h.n > 0 {
		h.sum = h.sums.Sum128().Bytes()
	}
	h.last, h.sums = nil, nil
}

// at returns a hash that is in memory.
func (h *hashes) at(i int) datamix.Hash { return h.full[i/blockRows].memory[i%blockRows] }

// each calls f with all hashes in their order, some at a time.
func (h *hashes) each(f func([]datamix.Hash)) error {
	if h.file != "" {
		return h.stream(f)
	}
	var buf []byte
	var from []datamix.Hash
	for k, chunk := range h.full {
		if chunk.memory != nil {
			f(chunk.memory)
			continue
		}
		n := min(blockRows, h.n-k*blockRows)
		if buf == nil {
			buf, from = make([]byte, hashBytes*blockRows), make([]datamix.Hash, blockRows)
		}
		if err := h.spool.read(buf[:n*hashBytes], chunk.at); err != nil {
			return err
		}
		f(decodeHashes(from[:n], buf))
	}
	return nil
}

func decodeHashes(dst []datamix.Hash, data []byte) []datamix.Hash {
	for i := range dst {
		dst[i] = datamix.Hash(data[i*hashBytes:])
	}
	return dst
}

// errHashes is in the error for hashes in the cache that cannot be read or are
// damaged.
type errHashes struct{ error }

// stream is each for those in the cache. What f got is of no use where it returns
// an error.
func (h *hashes) stream(f func([]datamix.Hash)) error {
	file, err := os.Open(h.file)
	if err != nil {
		return errHashes{err}
	}
	defer func() { _ = file.Close() }()
	if err := eachHash(io.NewSectionReader(file, h.skip, int64(h.n)*int64(hashBytes)), h.n, h.sum, f); err != nil {
		return errHashes{err}
	}
	return nil
}

// eachHash reads n hashes that have a sum.
func eachHash(r io.Reader, n int, sum datamix.Hash, f func([]datamix.Hash)) error {
	buf := make([]byte, hashBytes*blockRows)
	chunk := make([]datamix.Hash, blockRows)
	hasher := xxh3.New()
	for left := n; left > 0; left -= blockRows {
		k := min(left, blockRows)
		if _, err := io.ReadFull(r, buf[:k*hashBytes]); err != nil {
			return err
		}
		_, _ = hasher.Write(buf[:k*hashBytes]) // a hash does not fail
		f(decodeHashes(chunk[:k], buf))
	}
	if n > 0 && hasher.Sum128().Bytes() != sum {
		return errChecksum
	}
	return nil
}

// write writes all hashes.
func (h *hashes) write(w io.Writer) (err error) {
	buf := make([]byte, 0, hashBytes*blockRows)
	failed := h.each(func(chunk []datamix.Hash) {
		buf = buf[:0]
		for i := range chunk {
			buf = append(buf, chunk[i][:]...)
		}
		if err == nil {
			_, err = w.Write(buf)
		}
	})
	if failed != nil {
		return failed
	}
	return err
}

// readHashes reads n hashes that have a sum into memory, which grows with what is
// there to read.
func readHashes(r io.Reader, n int, sum datamix.Hash) (h hashes, err error) {
	err = eachHash(r, n, sum, func(chunk []datamix.Hash) {
		for _, x := range chunk {
			h.add(x)
		}
	})
	h.complete()
	return h, err
}

// stay leaves the hashes in a file of the cache.
func (h *hashes) stay(f *os.File, skip int64, n int, sum datamix.Hash) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if size := skip + int64(n)*int64(hashBytes); st.Size() != size {
		return fmt.Errorf("it has %d bytes and should have %d", st.Size(), size)
	}
	if n > 0 {
		*h = hashes{file: f.Name(), skip: skip, n: n, sum: sum}
	}
	return nil
}

// load reads hashes in the cache into memory.
func (h *hashes) load() error {
	if h.file == "" {
		return nil
	}
	var there hashes
	if err := h.stream(func(chunk []datamix.Hash) {
		for _, x := range chunk {
			there.add(x)
		}
	}); err != nil {
		return err
	}
	there.complete()
	*h = there
	return nil
}

// hashMemory is how many bytes of hashes a spool leaves in memory.
const hashMemory = 32 << 20

// hashSpool takes hashes that memory has no room for into a temporary file. Several
// parts may use it at the same time. Where there can be no file, they stay in memory.
type hashSpool struct {
	dir string

	mu     sync.Mutex
	memory int64 // what it left in memory
	file   *os.File
	size   int64
	failed bool
}

// put writes data to the file and returns where, or leaves it in memory.
func (s *hashSpool) put(data []byte) (at int64, ok bool) {
	if s == nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed || s.memory+int64(len(data)) <= hashMemory {
		s.memory += int64(len(data))
		return 0, false
	}
	var err error
	if s.file == nil {
		if s.file, err = unnamed(s.dir); err != nil {
			s.failed = true
			return 0, false
		}
	}
	if _, err = s.file.WriteAt(data, s.size); err != nil {
		s.failed = true
		return 0, false
	}
	at = s.size
	s.size += int64(len(data))
	return at, true
}

func (s *hashSpool) read(data []byte, at int64) error {
	if _, err := s.file.ReadAt(data, at); err != nil {
		return fmt.Errorf("datamix/mix: temporary file: %w", err)
	}
	return nil
}

func (s *hashSpool) close() {
	if s.file != nil {
		_ = s.file.Close() // what was read was whole
	}
}

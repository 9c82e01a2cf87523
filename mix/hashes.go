package mix

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// hashes are what the duplicates of a part are known by: one hash a record.
type hashes struct {
	chunks[datamix.Hash]
	sum datamix.Hash // of all of them, zero for none

	// Those of an index in the cache wait there until they are needed.
	file  string
	skip  int64 // what stands before them
	count int
}

const hashBytes = len(datamix.Hash{})

// len is the number of hashes.
func (h *hashes) len() int {
	if h.file != "" {
		return h.count
	}
	return h.chunks.len()
}

// complete ends the adding.
func (h *hashes) complete() {
	if h.len() == 0 {
		return
	}
	sum := xxh3.New()
	_ = h.write(sum) // a hash does not fail
	h.sum = sum.Sum128().Bytes()
}

// write writes all hashes.
func (h *hashes) write(w io.Writer) error {
	buf := make([]byte, 0, hashBytes*blockRows)
	for _, chunk := range h.full {
		buf = buf[:0]
		for i := range chunk {
			buf = append(buf, chunk[i][:]...)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// readHashes reads n hashes that have a sum. Memory grows with what is there to
// read.
func readHashes(r io.Reader, n int, sum datamix.Hash) (h hashes, err error) {
	buf := make([]byte, hashBytes*blockRows)
	hasher := xxh3.New()
	for n > 0 {
		k := min(n, blockRows)
		if _, err := io.ReadFull(r, buf[:k*hashBytes]); err != nil {
			return h, err
		}
		_, _ = hasher.Write(buf[:k*hashBytes]) // a hash does not fail
		chunk := make([]datamix.Hash, k)
		for i := range chunk {
			chunk[i] = datamix.Hash(buf[i*hashBytes:])
		}
		h.full = append(h.full, chunk)
		n -= k
	}
	if h.sum = sum; h.len() > 0 && hasher.Sum128().Bytes() != sum {
		return h, errChecksum
	}
	return h, nil
}

// wait leaves the hashes in a file until load.
func (h *hashes) wait(f *os.File, skip int64, n int, sum datamix.Hash) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if size := skip + int64(n)*int64(hashBytes); st.Size() != size {
		return fmt.Errorf("it has %d bytes and should have %d", st.Size(), size)
	}
	if n > 0 {
		*h = hashes{file: f.Name(), skip: skip, count: n, sum: sum}
	}
	return nil
}

// load reads hashes that wait.
func (h *hashes) load() error {
	if h.file == "" {
		return nil
	}
	f, err := os.Open(h.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(h.skip, io.SeekStart); err != nil {
		return err
	}
	there, err := readHashes(bufio.NewReaderSize(f, 1<<16), h.count, h.sum)
	if err == nil {
		*h = there
	}
	return err
}

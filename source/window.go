package source

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/datamix-go/datamix/internal/reuse"
)

const (
	// blockSize is how much of a file is read into one piece of memory, and how
	// much of its start is looked at to tell the format. At 256 KiB the cost of
	// handing a block to another goroutine is lost in that of decoding it.
	blockSize = 256 << 10
	// sampleSize is how much is kept of a row that is too long.
	sampleSize = 4 << 10
	// emptyReads is how often in a row a reader may return nothing.
	emptyReads = 100
)

// row is one row cut out of a file.
type row struct {
	raw []byte // its bytes, which nobody changes any more
	num int64  // Origin.Row
	off int64  // Origin.Offset
	err error  // why it could not be cut; raw holds its first bytes
}

// window is the part of a file's decoded bytes that is being cut into rows.
// Rows stay valid: the window moves on to new memory rather than reuse it.
type window struct {
	r    io.Reader
	buf  []byte
	at   int   // where the row being cut starts in buf
	base int64 // offset in the file of buf[0]
	end  error // why there is no more to read: io.EOF or a fault
	max  int   // most bytes of one row

	passing bool   // what was scanned is not kept
	start   int64  // while passing, where the row starts
	sample  []byte // and its first bytes
	scratch bool   // no row lies in buf

	lend  *reuse.List[*block] // that were given back; nil for new memory each time
	block *block              // of buf, nil where it is not lent
}

// block is memory for one piece of a file. Who holds it counts in users; the last
// one to release it gives it back.
type block struct {
	buf   []byte
	users atomic.Int32
}

func (b *block) release(to *reuse.List[*block]) {
	if b != nil && b.users.Add(-1) == 0 {
		to.Put(b)
	}
}

func newWindow(r io.Reader, limit int64) *window {
	return &window{r: r, max: int(limit)}
}

// rest returns what was read from the start of the row on.
func (w *window) rest() []byte { return w.buf[w.at:] }

// offset returns the offset in the file of the first byte of rest.
func (w *window) offset() int64 { return w.base + int64(w.at) }

// fill reads on. i points to how far rest was scanned. Where the row is longer
// than max, or is not to be kept, fill drops what was scanned and sets i to 0.
// It returns false when there is no more.
func (w *window) fill(i *int) bool {
	if w.end != nil {
		return false
	}
	if !w.passing && len(w.rest()) > w.max {
		w.pass()
	}
	if w.passing {
		w.at += *i
		*i = 0
	}
	return w.more()
}

// more reads on behind rest. It returns false when there is no more.
func (w *window) more() bool {
	if w.end != nil {
		return false
	}
	w.room()
	for range emptyReads {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.end = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.end = io.ErrNoProgress
	return false
}

// room makes room behind buf, in new memory where rows lie in the old.
func (w *window) room() {
	rest := w.rest()
	if len(rest) == 0 && w.scratch {
		w.base += int64(w.at)
		w.buf, w.at = w.buf[:0], 0
	}
	if cap(w.buf)-len(w.buf) >= blockSize/8 {
		return
	}
	size := blockSize
	if len(rest) > blockSize/2 {
		size = min(2*len(rest), w.max+blockSize)
	}
	buf := append(w.memory(max(size, len(rest)+blockSize/4)), rest...)
	w.base += int64(w.at)
	w.buf, w.at, w.scratch = buf, 0, w.passing
}

// memory returns memory of n bytes. The first of a file, in which what is known of
// all of it stands, and such of unusual size is never lent.
func (w *window) memory(n int) []byte {
	first := w.buf == nil
	w.block.release(w.lend)
	w.block = nil
	if w.lend == nil || first || n != blockSize {
		return make([]byte, 0, n)
	}
	var ok bool
	if w.block, ok = w.lend.Get(); !ok {
		w.block = &block{buf: make([]byte, 0, blockSize)}
	}
	w.block.users.Store(1)
	return w.block.buf
}

// peek reads until n bytes are there, or all of a shorter file, and returns
// them. They are kept however long a row may be.
func (w *window) peek(n int) []byte {
	for len(w.rest()) < n && w.more() {
	}
	return w.rest()
}

// pass begins to drop what is scanned instead of keeping it.
func (w *window) pass() {
	w.passing, w.start = true, w.offset()
	w.sample = w.sampled(len(w.rest()))
}

// sampled copies the first of n bytes, as many for whatever size of reads.
func (w *window) sampled(n int) []byte {
	return append([]byte(nil), w.rest()[:min(n, sampleSize, w.max)]...)
}

// skip moves on by n bytes, which are no row.
func (w *window) skip(n int) {
	w.at += n
	w.passing, w.sample = false, nil
}

// take cuts the first n bytes of rest off as a row, and drops gap bytes behind.
func (w *window) take(n, gap int) row {
	r := row{raw: w.rest()[:n:n], off: w.offset()}
	if w.passing {
		r = row{raw: w.sample, off: w.start, err: tooLong(w.max)}
	} else if n > w.max {
		r.raw, r.err = w.sampled(n), tooLong(w.max)
	} else {
		w.scratch = false
	}
	w.skip(n + gap)
	return r
}

// fault returns the error that ended the file, nil at its regular end.
func (w *window) fault() error {
	if w.end == nil || errors.Is(w.end, io.EOF) {
		return nil
	}
	return w.end
}

func tooLong(limit int) error {
	return fmt.Errorf("the row is longer than the %d bytes that the option max_row allows", limit)
}

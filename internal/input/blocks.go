package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
)

// Block is a run of whole lines.
type Block struct {
	// Data are the lines with their line ends as they are in the file; only the
	// last line of the file may lack its line feed. Data is never empty, and
	// belongs to whoever received it.
	Data []byte
	// Offset is that of Data[0], as Stream.Offset counts.
	Offset int64
	// Line is the number of the first line, from 0.
	Line int64
}

// LongLineError says that a line is longer than Options.MaxRow. It is about
// that line only, which is skipped.
type LongLineError struct {
	// Line is the number of the line, from 0, and Offset where it starts, as
	// Stream.Offset counts.
	Line, Offset int64
	// Length is the number of bytes of the line, without its line feed.
	Length int64
	// Limit is Options.MaxRow.
	Limit int64
}

// Error names the line by its number from 1, and its length.
func (e *LongLineError) Error() string {
	return fmt.Sprintf("line %d, from byte %d on, has %d bytes, and the limit is %d; raise MaxRow, or split the line if a line feed is missing",
		e.Line+1, e.Offset, e.Length, e.Limit)
}

var errRanged = errors.New("Blocks was ranged over before, and can be only once")

// Blocks yields the text in blocks of whole lines, in order. Blocks have about
// Options.BlockSize bytes, more where a line is longer, and end behind a line
// feed, the last one also at the end of the text. Where they are cut depends on
// the text and the options only.
//
// A line of more than Options.MaxRow bytes is not yielded but a *LongLineError
// in its place, and the sequence goes on; the line is not held in memory. Every
// other error is final: a *FaultError behind all lines that are complete, or the
// cause of ctx. ctx is looked at before each read, and does not end a read that
// waits: close the reader for this, as with context.AfterFunc. Blocks do not
// come before they are full, so they come late where a reader is slow.
//
// Blocks starts no goroutine. It can be ranged over once, and not be mixed with
// Read, but for reads before it. It does not Close the stream.
func (s *Stream) Blocks(ctx context.Context) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		if s.ranged {
			yield(Block{}, errRanged)
			return
		}
		s.ranged = true
		c := newCutter(s)
		defer c.release()
		for {
			b, err := c.next(ctx)
			if err == io.EOF { //nolint:errorlint // the cutter's own
				return
			}
			var long *LongLineError
			if !yield(b, err) || err != nil && !errors.As(err, &long) {
				return
			}
		}
	}
}

// scratch holds memory of the default size of blocks, to be read into.
var scratch = sync.Pool{New: func() any {
	b := make([]byte, defaultBlockSize)
	return &b
}}

// cutter cuts a text into blocks. It reads into memory that it keeps, and hands
// copies on: they are of the right size, and need not be cleared first. Lines
// that are longer are read into memory of their own, which is handed on as it
// is.
type cutter struct {
	s     *Stream
	max   int     // most bytes to hold: MaxRow and a line feed
	base  []byte  // memory to read into
	pool  *[]byte // base, where it is of the pool
	buf   []byte  // what was read and not handed on; in base, or larger
	off   int64   // of buf[0]
	line  int64   // of buf[0], which starts a line
	ended error   // why there is no more to read
}

func newCutter(s *Stream) *cutter {
	c := &cutter{s: s, max: int(s.o.MaxRow) + 1, off: s.off}
	if s.o.BlockSize == defaultBlockSize {
		c.pool = scratch.Get().(*[]byte)
		c.base = *c.pool
	} else {
		c.base = make([]byte, s.o.BlockSize)
	}
	// No buffer is larger than max, so that a line in it is never too long.
	if len(c.base) > c.max {
		c.base = c.base[:c.max:c.max]
	}
	c.buf = c.base[:0]
	return c
}

func (c *cutter) release() {
	if c.pool != nil {
		scratch.Put(c.pool)
		c.pool = nil
	}
}

// next returns the next block, a *LongLineError, or a final error, which is
// io.EOF at the regular end.
func (c *cutter) next(ctx context.Context) (Block, error) {
	for scanned := 0; ; {
		if err := c.fill(ctx); err != nil {
			return Block{}, err
		}
		if i := bytes.LastIndexByte(c.buf[scanned:], '\n'); i >= 0 {
			return c.take(scanned + i + 1), nil
		}
		if len(c.buf) == c.max {
			return Block{}, c.skip(ctx)
		}
		if c.ended != nil {
			return c.last()
		}
		scanned = len(c.buf)
		c.grow()
	}
}

// fill reads until buf is full or the text ends.
func (c *cutter) fill(ctx context.Context) error {
	for len(c.buf) < cap(c.buf) && c.ended == nil && ctx.Err() == nil {
		var n int
		n, c.ended = c.s.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// grow makes room for a line that fills buf.
func (c *cutter) grow() {
	buf := make([]byte, len(c.buf), c.larger(cap(c.buf)))
	copy(buf, c.buf)
	c.buf = buf
}

// larger returns the size that follows a size below max.
func (c *cutter) larger(size int) int {
	if size < c.max/2 {
		return 2 * size
	}
	return c.max
}

// take hands the first n bytes of buf on.
func (c *cutter) take(n int) Block {
	b := Block{Offset: c.off, Line: c.line}
	rest := c.buf[n:]
	if cap(c.buf) == len(c.base) {
		b.Data = slices.Clip(bytes.Clone(c.buf[:n]))
		c.buf = c.buf[:copy(c.buf, rest)]
	} else {
		b.Data = c.buf[:n:n]
		c.restart(rest)
	}
	c.off += int64(n)
	c.line += int64(bytes.Count(b.Data, []byte{'\n'}))
	return b
}

// restart begins with rest, in base where that is large enough.
func (c *cutter) restart(rest []byte) {
	c.buf = c.base[:0]
	if len(rest) >= len(c.base) {
		size := len(c.base)
		for size <= len(rest) {
			size = c.larger(size)
		}
		c.buf = make([]byte, 0, size)
	}
	c.buf = append(c.buf, rest...)
}

// last returns what is left when the text has ended.
func (c *cutter) last() (Block, error) {
	var fault *FaultError
	if errors.As(c.ended, &fault) {
		return Block{}, fault.within(c.line, c.off)
	}
	if len(c.buf) == 0 || c.ended != io.EOF { //nolint:errorlint // the stream's own
		return Block{}, c.ended
	}
	return c.take(len(c.buf)), nil
}

// skip passes over a line of which the start fills buf.
func (c *cutter) skip(ctx context.Context) error {
	e := &LongLineError{Line: c.line, Offset: c.off, Limit: c.s.o.MaxRow}
	for i := -1; i < 0; {
		e.Length += int64(len(c.buf))
		c.buf = c.base[:0]
		if err := c.fill(ctx); err != nil {
			return err
		}
		i = bytes.IndexByte(c.buf, '\n')
		switch {
		case i >= 0:
			e.Length += int64(i)
			c.off += e.Length + 1
			c.buf = c.buf[:copy(c.buf, c.buf[i+1:])]
		case c.ended != nil:
			e.Length += int64(len(c.buf))
			c.buf = c.buf[:0]
			var fault *FaultError
			if errors.As(c.ended, &fault) {
				return fault.within(c.line, c.off)
			}
			c.off += e.Length
			i = 0
		}
	}
	c.line++
	return e
}

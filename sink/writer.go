package sink

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/datamix-go/datamix"
)

// bufferSize is how much of a stream is held back to write in larger pieces.
const bufferSize = 32 << 10

// errClosed is the error of a Write after Close or Abort.
var errClosed = errors.New("sink: write after close")

// Writer returns a sink that writes JSON Lines to w: a response of an HTTP
// server, standard output, a pipe. It uses of o the form and the columns;
// compression and shards are errors at the first Write.
//
// It buffers 32 KiB. Whenever that is full, and at Close, it writes whole lines
// to w and calls w's Flush where there is one, as http.Flusher has. The first
// error of w is kept and returned from then on. Abort writes what is whole and
// buffered; w is never closed.
func Writer(w io.Writer, o *Options) datamix.Sink {
	s := &stream{w: w}
	resolved, err := o.resolve(formatJSONL)
	switch {
	case err != nil:
		s.err = err
	case resolved.Compression != None:
		s.err = errors.New("sink: a stream is not compressed: give Writer a writer that compresses")
	case o.sharded() || resolved.Overwrite:
		s.err = errors.New("sink: a stream has no shards: leave out rows_per_shard, bytes_per_shard, prefix and overwrite")
	default:
		s.enc = newEncoder(resolved)
	}
	return s
}

// stream is the sink of Writer.
type stream struct {
	w      io.Writer
	enc    *encoder
	buf    []byte
	sent   int64
	closed bool
	err    error
}

// Write adds a line.
func (s *stream) Write(_ context.Context, r *datamix.Record) error {
	if s.err != nil {
		return s.err
	}
	if s.closed {
		return errClosed
	}
	var err error
	if s.buf, err = s.enc.appendLine(s.buf, r); err != nil {
		return err
	}
	if len(s.buf) >= bufferSize {
		return s.flush()
	}
	return nil
}

// Borrows reports that records are encoded at once.
func (s *stream) Borrows() bool { return true }

// Close writes what is buffered.
func (s *stream) Close() error {
	if s.closed {
		return s.err
	}
	s.closed = true
	return s.flush()
}

// Abort is Close: what a reader has got cannot be taken back.
func (s *stream) Abort() error { return s.Close() }

func (s *stream) flush() error {
	if s.err != nil || len(s.buf) == 0 {
		return s.err
	}
	n, err := s.w.Write(s.buf)
	s.sent += int64(n)
	if err == nil && n < len(s.buf) {
		err = io.ErrShortWrite
	}
	s.buf = s.buf[:0]
	if err == nil {
		err = flushWriter(s.w)
	}
	if err != nil {
		s.err = fmt.Errorf("sink: after %d bytes: %w", s.sent, err)
	}
	return s.err
}

// flushWriter calls the Flush method of w, which http.Flusher has without an
// error and bufio.Writer with one.
func flushWriter(w io.Writer) error {
	switch f := w.(type) {
	case interface{ Flush() error }:
		return f.Flush()
	case interface{ Flush() }:
		f.Flush()
	}
	return nil
}

// Package input is the byte layer under the text sources: it undoes compression
// that it finds by content, takes off a byte order mark, decodes other encodings
// than UTF-8 where it is told to, and says where in a file a fault lies.
package input

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Options configures Open.
type Options struct {
	// Encoding is the name of a character encoding as the WHATWG lists them,
	// such as "windows-1252", "utf-16le", "shift_jis" or "gb18030". Empty
	// stands for UTF-8.
	Encoding string
	// MaxWindow is the most memory that a zstd frame may ask for; 0 stands for
	// 512 MiB.
	MaxWindow uint64
}

const (
	defaultMaxWindow = 512 << 20
	bufferSize       = 64 << 10
)

// ErrKind is in the error for a file that holds no text.
var ErrKind = errors.New("not a text file")

// Stream is the decoded text of a file. It is not safe for concurrent use.
type Stream struct {
	kind    Kind
	raw     *counter // compressed bytes
	plain   *counter // decompressed bytes
	text    io.Reader
	closers []func()
}

// Open starts to read r. The kinds that hold no text are an error that wraps
// ErrKind and says what to do; Parquet and Arrow are for the caller to tell
// before, by Sniff.
func Open(r io.Reader, o Options) (*Stream, error) {
	s := &Stream{raw: &counter{r: r}}
	buf := bufio.NewReaderSize(s.raw, bufferSize)
	head, err := buf.Peek(SniffLen)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return nil, err
	}
	s.kind = Sniff(head)
	plain, err := s.decompress(buf, o)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.plain = &counter{r: plain}
	if s.text, err = decode(s.plain, o.Encoding); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stream) decompress(buf *bufio.Reader, o Options) (io.Reader, error) {
	switch s.kind {
	case Gzip:
		z, err := gzip.NewReader(buf)
		if err != nil {
			return nil, s.fault(err)
		}
		return z, nil
	case Zstd:
		limit := o.MaxWindow
		if limit == 0 {
			limit = defaultMaxWindow
		}
		z, err := zstd.NewReader(buf, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(limit))
		if err != nil {
			return nil, s.fault(err)
		}
		s.closers = append(s.closers, z.Close)
		return z, nil
	case Bzip2:
		return bzip2.NewReader(buf), nil
	case XZ:
		z, err := xz.NewReader(buf)
		if err != nil {
			return nil, s.fault(err)
		}
		return z, nil
	case Zip:
		return nil, fmt.Errorf("%w: it is a zip archive; open it with archive/zip and pass the reader as a file system", ErrKind)
	case Parquet, Arrow, Tar, SevenZip, LZ4:
		return nil, fmt.Errorf("%w: it is a %s file; unpack or convert it first", ErrKind, s.kind)
	}
	return buf, nil
}

// Read reads decoded text, without a byte order mark. A fault of the data is a
// *FaultError; all that lies before it has been returned then.
func (s *Stream) Read(p []byte) (int, error) {
	n, err := s.text.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = s.fault(err)
	}
	return n, err
}

// Kind is the compression, or Plain.
func (s *Stream) Kind() Kind { return s.kind }

// Close releases what decoders hold. It does not close the reader.
func (s *Stream) Close() {
	for _, f := range s.closers {
		f()
	}
	s.closers = nil
}

// FaultError says that a file is damaged, cut short or could not be read on.
type FaultError struct {
	// Kind is the compression.
	Kind Kind
	// Offset is the number of decompressed bytes before the fault, Compressed
	// that of bytes read from the file by then, which is up to 64 KiB ahead.
	Offset, Compressed int64
	// Err is what the decoder or the reader said.
	Err error
}

// Error says where the fault is and what it may be.
func (e *FaultError) Error() string {
	what := "damaged"
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		what = "cut short"
	}
	if e.Kind == Plain {
		return fmt.Sprintf("reading failed after %d bytes: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("the %s data is %s after %d decompressed bytes (about byte %d of the file): %v; fetch the file again",
		e.Kind, what, e.Offset, e.Compressed, e.Err)
}

// Unwrap returns what the decoder or the reader said.
func (e *FaultError) Unwrap() error { return e.Err }

func (s *Stream) fault(err error) error {
	e := &FaultError{Kind: s.kind, Compressed: s.raw.n, Err: err}
	if s.plain != nil {
		e.Offset = s.plain.n
	}
	return e
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

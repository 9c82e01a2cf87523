// Package input is the byte layer under the text sources: it undoes compression
// that it finds by content, takes off a byte order mark, decodes other encodings
// than UTF-8 where it is told to, cuts at line ends, and says where in a file a
// fault lies.
package input

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"sync"

	"golang.org/x/text/transform"
)

// Options configures Open. The zero value of each field is its default.
type Options struct {
	// Name of the file, for messages. Empty leaves it out, for callers that put
	// it there themselves.
	Name string
	// Encoding is the name of a character encoding as the WHATWG or IANA list
	// them, such as "windows-1252", "utf-16le", "shift_jis" or "gb18030". Empty
	// stands for UTF-8. As in browsers, "latin1" and "iso-8859-1" stand for
	// windows-1252, and "utf-16" without a mark for utf-16le. What is not valid
	// in an encoding other than UTF-8 becomes U+FFFD.
	Encoding string
	// MaxWindow is the most bytes of window that a zstd frame may ask for, or of
	// dictionary the first block of an xz file; at least 1024. 0 stands for 512
	// MiB.
	MaxWindow uint64
	// Concurrency is how many blocks zstd decodes at a time. 0 stands for 1,
	// which takes no goroutine.
	Concurrency int
	// BlockSize is about how many bytes the blocks of Blocks have. 0 stands for
	// 256 KiB.
	BlockSize int
	// MaxRow is the most bytes that a line of Blocks may have, without its line
	// feed. 0 stands for 64 MiB; with a negative one there is no limit.
	MaxRow int64
}

const (
	defaultMaxWindow = 512 << 20
	defaultBlockSize = 256 << 10
	defaultMaxRow    = 64 << 20
	bufferSize       = 64 << 10
)

// fill checks the options and sets the defaults.
func (o *Options) fill() error {
	switch {
	case o.MaxWindow > 0 && o.MaxWindow < 1<<10:
		return fmt.Errorf("Options.MaxWindow is %d, want 1024 or more", o.MaxWindow)
	case o.MaxWindow > 1<<40:
		return fmt.Errorf("Options.MaxWindow is %d, want at most %d", o.MaxWindow, 1<<40)
	case o.Concurrency < 0:
		return fmt.Errorf("Options.Concurrency is %d, want 0 or more", o.Concurrency)
	case o.BlockSize < 0:
		return fmt.Errorf("Options.BlockSize is %d, want 0 or more", o.BlockSize)
	}
	if o.MaxWindow == 0 {
		o.MaxWindow = defaultMaxWindow
	}
	if o.Concurrency == 0 {
		o.Concurrency = 1
	}
	if o.BlockSize == 0 {
		o.BlockSize = defaultBlockSize
	}
	if o.MaxRow == 0 {
		o.MaxRow = defaultMaxRow
	}
	if o.MaxRow < 0 || o.MaxRow > math.MaxInt-1 {
		o.MaxRow = math.MaxInt - 1
	}
	return nil
}

// Stream is the decoded text of a file. It is not safe for concurrent use.
type Stream struct {
	o      Options
	kind   Kind
	raw    counter       // the file
	buf    *bufio.Reader // of raw
	dec    decoder       // of buf
	plain  payload       // of dec
	text   io.Reader     // of plain
	off    int64
	err    error // why there is no more
	ranged bool  // by Blocks
}

var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}

// Open starts to read r, and waits for its first bytes. It fails for wrong
// options, for kinds of files that hold no text (a *KindError, which wraps
// ErrKind), and for byte order marks that the encoding does not go with (in
// which case the error wraps ErrEncoding). Damage, also in the first bytes, is
// told by Read and Blocks. Compressed text is decompressed once.
//
// Call Close when done, also before the end. A Read of r that waits can only be
// ended by closing r, as with context.AfterFunc.
func Open(r io.Reader, o Options) (*Stream, error) {
	named := func(err error) error {
		if o.Name == "" {
			return err
		}
		return fmt.Errorf("%s: %w", o.Name, err)
	}
	if err := o.fill(); err != nil {
		return nil, named(err)
	}
	set, err := charsetOf(o.Encoding)
	if err != nil {
		return nil, named(err)
	}
	s := &Stream{o: o, raw: counter{r: r}, buf: buffers.Get().(*bufio.Reader)}
	s.buf.Reset(&s.raw)
	if err := s.start(set); err != nil {
		s.Close()
		return nil, named(err)
	}
	return s, nil
}

// start finds the compression and looks at the start of what is inside.
func (s *Stream) start(set charset) error {
	head, _ := s.buf.Peek(SniffLen) // the error comes again
	switch s.kind = Sniff(head); s.kind {
	case Zip, SevenZip, LZ4, Tar, Parquet, ArrowIPC:
		return &KindError{Kind: s.kind}
	case UTF16LE, UTF16BE, UTF32LE, UTF32BE:
		s.kind = None
	}
	s.dec = s.decompressor(head)
	s.plain.r = s.dec
	s.plain.peek()
	if s.kind != None {
		switch inner := Sniff(s.plain.head); inner {
		case Tar, Gzip, Zstd, Bzip2, XZ:
			return &KindError{Kind: inner, Within: s.kind}
		}
	}
	mark, err := set.checkMark(s.plain.head)
	if err != nil {
		return err
	}
	if set.enc != nil {
		s.text = transform.NewReader(&s.plain, set.enc.NewDecoder())
		return nil
	}
	s.plain.head = s.plain.head[mark:]
	s.off = int64(mark)
	s.text = &s.plain
	return nil
}

// Read reads decoded text, without a byte order mark. Where the data is damaged
// or cannot be read on the error is a *FaultError, and comes after all that was
// decoded before it. Damage may show late: until the error is io.EOF, what was
// read of a compressed file is not known to be what was written.
func (s *Stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.text.Read(p)
	s.off += int64(n)
	if err == nil {
		return n, nil
	}
	s.err = s.verdict(err)
	if n > 0 {
		return n, nil
	}
	return 0, s.err
}

// Offset returns the number of bytes of decoded text that were read. A byte
// order mark of UTF-8 counts, so that for UTF-8 it is the position in the
// decompressed file. For other encodings it counts the bytes of the text as
// UTF-8.
func (s *Stream) Offset() int64 { return s.off }

// Kind returns the compression, None where there is none.
func (s *Stream) Kind() Kind { return s.kind }

// Close releases what decoders hold. It does not close the reader, and with a
// Concurrency above 1 waits until a Read of it has returned. To call it twice
// does nothing more; Read returns fs.ErrClosed then.
func (s *Stream) Close() {
	if s.dec != nil {
		var fault *FaultError
		s.dec.release(!errors.As(s.err, &fault))
		s.dec = nil
	}
	if s.buf != nil {
		s.buf.Reset(nil)
		buffers.Put(s.buf)
		s.buf = nil
	}
	s.text, s.plain.r, s.raw.r = nil, nil, nil
	s.err = fs.ErrClosed
}

// counter counts what is read of a file and remembers why it ended. It does not
// read on behind an error.
type counter struct {
	r     io.Reader
	mu    sync.Mutex // zstd may read in another goroutine
	n     int64
	end   error
	empty int // reads in a row of nothing
	tail  tail
}

// emptyReads is how often in a row a reader may return nothing.
const emptyReads = 100

func (c *counter) Read(p []byte) (int, error) {
	if _, end := c.state(); end != nil {
		return 0, end
	}
	n, err := c.r.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += int64(n)
	c.tail.add(p[:n])
	if c.empty++; n > 0 {
		c.empty = 0
	}
	if c.empty == emptyReads && err == nil {
		err = io.ErrNoProgress
	}
	c.end = err
	return n, err
}

func (c *counter) state() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n, c.end
}

// payload is decompressed data, of which the start can be looked at.
type payload struct {
	r     io.Reader
	head  []byte // read and not yet passed on
	start [SniffLen]byte
	err   error
}

// peek reads the start into head.
func (p *payload) peek() {
	n := 0
	for n < len(p.start) && p.err == nil {
		var m int
		m, p.err = p.r.Read(p.start[n:])
		n += m
	}
	p.head = p.start[:n]
}

func (p *payload) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.r.Read(b)
	p.err = err
	return n, err
}

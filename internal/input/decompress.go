package input

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// decoder undoes a compression.
type decoder interface {
	io.Reader
	// release ends the use of the decoder, which is of use to others only if it
	// met no fault.
	release(sound bool)
}

var (
	errTrailing = errors.New("something else follows the compressed data")
	errWindow   = errors.New("it needs a larger window than is allowed")
)

// decompressor returns the decoder for the kind of s. It does not read.
func (s *Stream) decompressor(head []byte) decoder {
	switch s.kind {
	case Gzip:
		return &gzipDecoder{in: s.buf}
	case Zstd:
		return newZstdDecoder(s.buf, s.o, head)
	case Bzip2:
		return unpooled{bzip2.NewReader(s.buf)}
	case XZ:
		return unpooled{&xzDecoder{in: s.buf, limit: s.o.MaxWindow}}
	}
	return unpooled{s.buf}
}

type unpooled struct{ io.Reader }

func (unpooled) release(bool) {}

var gzipReaders sync.Pool

// gzipDecoder reads the members of a gzip file one by one, so that it can tell
// zeros behind a member, which tapes and block devices leave and gzip ignores,
// and other things behind it, from a broken member.
type gzipDecoder struct {
	in     *bufio.Reader
	z      *gzip.Reader
	inside bool // of a member
}

func (g *gzipDecoder) Read(p []byte) (int, error) {
	for {
		if !g.inside {
			if err := g.next(); err != nil {
				return 0, err
			}
		}
		n, err := g.z.Read(p)
		if err == io.EOF { //nolint:errorlint // the decoder's own
			g.inside, err = false, nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// next reads the header of the next member, io.EOF where there is none.
func (g *gzipDecoder) next() error {
	first := g.z == nil
	if first {
		g.z, _ = gzipReaders.Get().(*gzip.Reader)
		if g.z == nil {
			g.z = new(gzip.Reader)
		}
	} else if err := g.between(); err != nil {
		return err
	}
	err := g.z.Reset(g.in)
	if err == io.EOF { //nolint:errorlint // the decoder's own
		err = io.ErrUnexpectedEOF // there is a first byte
	}
	if err != nil {
		return err
	}
	g.z.Multistream(false)
	g.inside = true
	return nil
}

// between moves over zeros to the next member or the end.
func (g *gzipDecoder) between() error {
	for {
		b, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		_ = g.in.UnreadByte() // there was a ReadByte
		magic, _ := g.in.Peek(2)
		if b != 0x1f || len(magic) == 2 && magic[1] != 0x8b {
			return errTrailing
		}
		return nil
	}
}

func (g *gzipDecoder) release(sound bool) {
	if g.z != nil && sound {
		gzipReaders.Put(g.z)
	}
	g.z = nil
}

// pooledWindow is the largest window of which the decoder is kept for reuse:
// what zstd takes without being told to take more.
const pooledWindow = 8 << 20

// zstdReaders holds decoders with default options. With a concurrency of 1 they
// have no goroutine.
var zstdReaders sync.Pool

type zstdDecoder struct {
	z      *zstd.Decoder
	in     io.Reader
	pooled bool
	err    error // of the options
}

func newZstdDecoder(in io.Reader, o Options, head []byte) *zstdDecoder {
	d := &zstdDecoder{in: in}
	var h zstd.Header
	usual := o.Concurrency == 1 && o.MaxWindow == defaultMaxWindow
	d.pooled = usual && h.Decode(head) == nil && h.WindowSize <= pooledWindow
	if d.pooled {
		d.z, _ = zstdReaders.Get().(*zstd.Decoder)
	}
	if d.z == nil {
		d.z, d.err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(o.Concurrency),
			zstd.WithDecoderMaxMemory(o.MaxWindow), zstd.WithDecoderMaxWindow(o.MaxWindow))
	}
	if d.err == nil {
		d.err = d.z.Reset(onlyReader{in})
	}
	return d
}

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }

func (d *zstdDecoder) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.z.Read(p)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = errWindow
	case errors.Is(err, zstd.ErrMagicMismatch):
		err = errTrailing
	}
	return n, err
}

func (d *zstdDecoder) release(sound bool) {
	if d.z == nil {
		return
	}
	if !d.pooled || !sound || d.z.Reset(nil) != nil {
		d.z.Close()
	} else {
		zstdReaders.Put(d.z)
	}
	d.z = nil
}

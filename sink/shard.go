package sink

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/datamix-go/datamix"
)

// The formats of folders, as the manifest names them.
const (
	formatJSONL   = "jsonl"
	formatParquet = "parquet"
)

// format writes the shards of a folder, one after the other.
type format interface {
	// start begins a shard in w.
	start(w io.Writer) error
	// write adds a record. A *datamix.RecordError leaves the shard as it was;
	// after another error the shard is lost.
	write(r *datamix.Record) error
	// size is the number of bytes of the shard before compression.
	size() int64
	// finish writes what is left of the shard.
	finish() error
	// halt ends what is going on for a shard that is given up.
	halt()
	// suffix ends the names of files.
	suffix() string
}

// lineBuffer is how much is encoded before it goes to the compressor or file.
const lineBuffer = 256 << 10

// lines is the format of JSON Lines. While one buffer is compressed, hashed and
// written by a goroutine, which lasts no longer than that, the next is filled.
type lines struct {
	o       Options
	enc     *encoder
	buf     []byte
	other   []byte     // the buffer that is being written, or was
	writing chan error // its result, nil while none is
	total   int64
	out     io.Writer
	pack    compressor
}

// compressor is what gzip and zstd have in common.
type compressor interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// newLines takes resolved options.
func newLines(o Options) (*lines, error) {
	l := &lines{o: o, enc: newEncoder(o), buf: make([]byte, 0, lineBuffer+lineBuffer/4)}
	var err error
	switch o.Compression {
	case Gzip:
		level := gzip.DefaultCompression
		if o.Level != 0 {
			level = o.Level
		}
		l.pack, err = gzip.NewWriterLevel(io.Discard, level)
	case Zstd:
		// One at a time: with more, a stream is worked on by goroutines that
		// would outlive a run whose sink nobody closes.
		l.pack, err = zstd.NewWriter(io.Discard, zstd.WithEncoderLevel(zstdLevel(o.Level)),
			zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
	}
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	return l, nil
}

func zstdLevel(level int) zstd.EncoderLevel {
	if level == 0 {
		return zstd.SpeedDefault
	}
	return zstd.EncoderLevelFromZstd(level)
}

func (l *lines) start(w io.Writer) error {
	l.buf, l.total, l.out = l.buf[:0], 0, w
	if l.pack != nil {
		l.pack.Reset(w)
		l.out = l.pack
	}
	return nil
}

func (l *lines) write(r *datamix.Record) error {
	before := len(l.buf)
	var err error
	if l.buf, err = l.enc.appendLine(l.buf, r); err != nil {
		return err
	}
	l.total += int64(len(l.buf) - before)
	if len(l.buf) >= lineBuffer {
		return l.flush()
	}
	return nil
}

// flush lets what is buffered be written. An error is that of the buffer before.
func (l *lines) flush() error {
	if err := l.wait(); err != nil {
		return err
	}
	full, out, done := l.buf, l.out, make(chan error, 1)
	l.buf, l.other, l.writing = l.other[:0], full, done
	go func() {
		_, err := out.Write(full)
		done <- err
	}()
	return nil
}

// wait waits for the buffer that is being written.
func (l *lines) wait() error {
	if l.writing == nil {
		return nil
	}
	err := <-l.writing
	l.writing = nil
	return err
}

func (l *lines) halt() { _ = l.wait() }

func (l *lines) size() int64 { return l.total }

func (l *lines) finish() error {
	if err := l.wait(); err != nil {
		return err
	}
	if _, err := l.out.Write(l.buf); err != nil {
		return err
	}
	l.buf = l.buf[:0]
	if l.pack == nil {
		return nil
	}
	return l.pack.Close()
}

func (l *lines) suffix() string { return ".jsonl" + compressionSuffix(l.o.Compression) }

func compressionSuffix(c Compression) string {
	switch c {
	case Gzip:
		return ".gz"
	case Zstd:
		return ".zst"
	}
	return ""
}

package input

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// FaultError says that a file is damaged, cut short or could not be read on. It
// is final: nothing behind the fault can be read.
type FaultError struct {
	// Name is that of the options.
	Name string
	// Kind is the compression.
	Kind Kind
	// Offset is the number of bytes of decoded text before the fault, as
	// Stream.Offset counts them. CompressedOffset is how far the decoder had
	// come in the file: behind the fault by at most the part that it decodes at
	// a time, and with a Concurrency above 1 by what was read ahead.
	Offset, CompressedOffset int64
	// Line and LineOffset are, in an error of Blocks, the 0-based number and the
	// offset of the line in which the fault is. All lines before were yielded;
	// what there was of this one was not. -1 in an error of Read.
	Line, LineOffset int64
	// Err is what the decoder or the reader said.
	Err error

	reading bool // it is the reader that failed
}

// Error says where the fault is and what would help.
func (e *FaultError) Error() string {
	at := fmt.Sprintf("after %d bytes", e.Offset)
	if e.Kind != None {
		at = fmt.Sprintf("after %d decoded bytes (byte %d of the file)", e.Offset, e.CompressedOffset)
	}
	s := ""
	switch {
	case e.reading && errors.Is(e.Err, io.ErrUnexpectedEOF):
		s = fmt.Sprintf("reading ended too early %s: %v; fetch the file again", at, e.Err)
	case e.reading:
		s = fmt.Sprintf("reading failed %s: %v", at, e.Err)
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		s = fmt.Sprintf("the %s data is cut short %s; fetch the file again", e.Kind, at)
	case errors.Is(e.Err, errTrailing):
		s = fmt.Sprintf("the %s data ends %s, and something else follows; take that off or fetch the file again", e.Kind, at)
	case errors.Is(e.Err, errWindow):
		s = fmt.Sprintf("the %s data stops %s: %v; compress it again without --long, or raise MaxWindow", e.Kind, at, e.Err)
	case errors.Is(e.Err, zstd.ErrUnknownDictionary):
		s = fmt.Sprintf("the %s data stops %s: %v; decompress it with the dictionary that it was made with", e.Kind, at, e.Err)
	default:
		s = fmt.Sprintf("the %s data is damaged %s: %v; fetch the file again", e.Kind, at, e.Err)
	}
	if e.Name != "" {
		s = e.Name + ": " + s
	}
	if e.LineOffset >= 0 && e.LineOffset < e.Offset {
		s += fmt.Sprintf("; line %d, from byte %d on, is incomplete and left out", e.Line+1, e.LineOffset)
	}
	return s
}

// Reading reports whether it is the reader that failed, and not the data that is
// damaged.
func (e *FaultError) Reading() bool { return e.reading }

// Unwrap returns what the decoder or the reader said.
func (e *FaultError) Unwrap() error { return e.Err }

// verdict turns the error that ended the text into io.EOF or a *FaultError.
// Decoders take some errors of a reader for the end of the data, or for damage;
// what the reader said is the truth.
func (s *Stream) verdict(err error) error {
	at, end := s.raw.state()
	if s.o.Concurrency == 1 {
		at -= int64(s.buf.Buffered())
	}
	fault := &FaultError{Name: s.o.Name, Kind: s.kind, Offset: s.off, CompressedOffset: at, Line: -1, LineOffset: -1, Err: err}
	switch {
	case end != nil && end != io.EOF: //nolint:errorlint // a wrapped io.EOF is a failure of the reader
		fault.reading, fault.Err = true, end
	case err != io.EOF: //nolint:errorlint // as above
		fault.reading = s.kind == None
	case s.kind == XZ && !s.raw.tail.isXZFooter():
		fault.Err = io.ErrUnexpectedEOF // between two blocks; the decoder does not tell
	default:
		return io.EOF
	}
	return fault
}

// within returns a copy of the fault that names the line in which it is.
func (e *FaultError) within(line, offset int64) *FaultError {
	c := *e
	c.Line, c.LineOffset = line, offset
	return &c
}

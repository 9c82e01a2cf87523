package datamix

import (
	"context"
	"errors"
)

// Place is where the row of a record lies: its Origin, with Path, Row, Sub and
// Offset, and how many bytes the row has.
type Place struct {
	Origin
	Size int64
}

// Seeker is a Source that can read single rows without those before them. Use
// the function Seek.
type Seeker interface {
	// Seek opens the source for reading single rows. ok is false where it
	// cannot, because the files are compressed for example.
	Seek(ctx context.Context) (rows RowReader, ok bool)
}

// RowReader reads single rows of a Source. It is safe for concurrent use; Close
// is not called while something is being read.
type RowReader interface {
	// Readable reports whether rows of the file at path can be read.
	Readable(path string) bool
	// ReadRows returns the records at the places, in their order, as Records
	// yields them, made of the memory of an arena, which may be nil. A row that is
	// no record any more is an error.
	ReadRows(ctx context.Context, at []Place, arena *Arena) ([]*Record, error)
	// Close closes what was opened.
	Close() error
}

// Seek opens src for reading single rows, where it can do that.
func Seek(ctx context.Context, src Source) (rows RowReader, ok bool) {
	if s, is := src.(Seeker); is {
		return s.Seek(ctx)
	}
	return nil, false
}

// Seek opens the source of a chain whose stages do nothing to records but drop
// and count them: whoever seeks has judged them before.
func (c *chain) Seek(ctx context.Context) (RowReader, bool) {
	for _, s := range c.stages {
		switch s := s.(type) {
		case Step:
			if !s.pure {
				return nil, false
			}
		case parallel:
			if len(impure(s.steps)) > 0 {
				return nil, false
			}
		case onError:
		default:
			return nil, false
		}
	}
	return Seek(ctx, c.src)
}

// RawSize returns the number of bytes of the row that the record was read from,
// 0 where that was not JSON.
func (r *Record) RawSize() int { return len(r.row.raw) }

// ErrMoved is in the error of a RowReader that finds another row than it was
// sent to.
var ErrMoved = errors.New("datamix: the row is not there any more")

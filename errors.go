package datamix

import (
	"errors"
	"fmt"
)

// ErrConsumed is what a single-use source yields when it is ranged over again.
var ErrConsumed = errors.New("datamix: the source can be read only once")

// ErrTooManyErrors is in the error with which SkipAtMost and SkipRatio end a
// run.
var ErrTooManyErrors = errors.New("datamix: too many bad records")

// RecordError says that one record is bad: which, at which stage, and why.
type RecordError struct {
	// Stage is the name of the stage that met the error: "read", "adapt", or a
	// stage's name in its Spec.
	Stage string
	// Origin is the record's. Where a row could not be read, Offset is the
	// first byte of the row and the message of Err says more.
	Origin Origin
	// Err is the reason.
	Err error
	// Raw is the row, or its first bytes, where it is known. It is not part of
	// the message.
	Raw []byte
}

// Error returns "part: path, row N, byte N: stage: reason". Rows count from 1
// here, as editors do.
func (e *RecordError) Error() string {
	s := ""
	if e.Origin.Source != "" {
		s = "part " + e.Origin.Source + ": "
	}
	if e.Origin.Path != "" {
		s += e.Origin.Path + ", "
	}
	s += fmt.Sprintf("row %d", e.Origin.Row+1)
	if e.Origin.Offset > 0 {
		s += fmt.Sprintf(", byte %d", e.Origin.Offset)
	}
	return s + ": " + e.Stage + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *RecordError) Unwrap() error { return e.Err }

type fatalError struct{ err error }

func (e fatalError) Error() string { return e.err.Error() }
func (e fatalError) Unwrap() error { return e.err }

// Fatal marks an error of a Filter or a Step as one that ends the run, not one
// of the record at hand.
func Fatal(err error) error { return fatalError{err} }

// recordError makes the error that a stage met with r what the sequence
// carries: a *RecordError, or err itself where it is final.
func recordError(stage string, r *Record, err error) error {
	var fatal fatalError
	if errors.As(err, &fatal) {
		return fmt.Errorf("%s: %w", stage, err)
	}
	var re *RecordError
	if errors.As(err, &re) {
		return err
	}
	return &RecordError{Stage: stage, Origin: r.Origin, Err: err, Raw: r.row.raw}
}

// Final reports whether err ends a sequence: it is not nil, and no *RecordError
// or one that Fatal marks.
func Final(err error) bool { return err != nil && isFinal(err) }

// isFinal stands apart so that Final allocates nothing where there is no error.
func isFinal(err error) bool {
	var re *RecordError
	var fatal fatalError
	return !errors.As(err, &re) || errors.As(err, &fatal)
}

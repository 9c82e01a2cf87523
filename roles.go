package datamix

import (
	"context"
	"iter"
)

// Seq is a sequence of records with their errors.
//
// An element is either a record and a nil error, or a nil record and an error.
// A *RecordError says that one row was bad and the sequence goes on; any other
// error is final and ends the sequence. Every stage passes errors on unchanged.
//
// A yielded record belongs to the consumer: nobody upstream touches it again.
type Seq = iter.Seq2[*Record, error]

// Source is where records come from.
//
// Records returns a sequence that may be ranged over any number of times, also
// at once from several goroutines, unless the source's documentation says that
// it is single-use; such a source yields ErrConsumed the second time. Nothing
// is opened before the first range and all is closed when the range ends,
// whether by exhaustion, break or panic. A source checks ctx and ends with
// context.Cause(ctx) soon after it is done.
type Source interface {
	Records(ctx context.Context) Seq
}

// SourceFunc makes a Source of a function.
type SourceFunc func(ctx context.Context) Seq

// Records calls f.
func (f SourceFunc) Records(ctx context.Context) Seq { return f(ctx) }

// Verdict is the answer of a Filter: Keep, or the reason why a record is
// dropped. Reasons are short, stable and countable ("too_long"), not sentences
// with the record's own numbers in them: the ledger counts by them.
type Verdict string

// Keep is the Verdict that lets a record pass.
const Keep Verdict = ""

// Filter decides about one record at a time.
//
// Check must not modify the record and must be safe for concurrent use. An
// error says that this record could not be judged, and becomes a *RecordError;
// wrap it with Fatal to end the run instead.
type Filter interface {
	Check(ctx context.Context, r *Record) (Verdict, error)
}

// FilterFunc makes a Filter of a function. It has no Spec, so a chain that
// holds it is local: see filter.Func for one with a name.
type FilterFunc func(ctx context.Context, r *Record) (Verdict, error)

// Check calls f.
func (f FilterFunc) Check(ctx context.Context, r *Record) (Verdict, error) { return f(ctx, r) }

// Tokenizer counts and encodes text. Implementations are immutable and safe
// for concurrent use.
type Tokenizer interface {
	// Count returns the number of tokens of text, without special tokens
	// around it.
	Count(text string) int
	// Append appends the token ids of text to dst and returns it.
	Append(dst []uint32, text string) []uint32
}

// Sampler chooses, orders or repeats records. It sees the whole sequence, and
// may range over in more than once; the first range over in must be a full
// one for the ledger to be right, and later ones use Quiet.
type Sampler interface {
	Sample(ctx context.Context, in Source) Seq
}

// SamplerFunc makes a Sampler of a function.
type SamplerFunc func(ctx context.Context, in Source) Seq

// Sample calls f.
func (f SamplerFunc) Sample(ctx context.Context, in Source) Seq { return f(ctx, in) }

// Stage transforms a sequence; it is the general form of everything between a
// source and a sink. It gets its input as a Source so that it can read on with
// a context of its own, or more than once.
type Stage interface {
	Apply(ctx context.Context, in Source) Seq
}

// Sink takes records. Write and Close are called from one goroutine at a time.
//
// Write must not keep r after it returns. Close commits what was written: a
// file gets its final name only there. A Sink that can also take everything
// back implements Aborter.
type Sink interface {
	Write(ctx context.Context, r *Record) error
	Close() error
}

// Aborter is a Sink that can give up: Abort releases what the sink holds and
// leaves nothing behind that looks finished. Use the function Abort.
type Aborter interface {
	Abort() error
}

// Abort ends dst without committing: by its Abort method, or by Close where it
// has none.
func Abort(dst Sink) error {
	if a, ok := dst.(Aborter); ok {
		return a.Abort()
	}
	return dst.Close()
}

// ReportSink is a Sink that keeps the report of the run: Run calls WriteReport
// when all is written, before Close.
type ReportSink interface {
	WriteReport(r Report) error
}

// Sized is a Source that knows how many records it yields, before reading
// them. Use the function Size.
type Sized interface {
	Size(ctx context.Context) (n int64, ok bool)
}

// Size returns the number of records that src will yield, where src knows it.
func Size(ctx context.Context, src Source) (n int64, ok bool) {
	if s, is := src.(Sized); is {
		return s.Size(ctx)
	}
	return 0, false
}

// Picker is a Source that can skip records cheaply, without decoding them.
// Use the function Pick.
type Picker interface {
	// Pick yields the records whose Origin satisfies want, in the order of
	// Records, and the errors of the others may be left out. want is called
	// once for each record, one call at a time, in the order of Records, with
	// Path, Row and Sub set; for a row that makes one record before the row is
	// decoded.
	Pick(ctx context.Context, want func(Origin) bool) Seq
}

// Pick yields those records of src whose Origin satisfies want, in order. Where
// src is no Picker it reads everything and leaves out the rest.
func Pick(ctx context.Context, src Source, want func(Origin) bool) Seq {
	if p, ok := src.(Picker); ok {
		return p.Pick(ctx, want)
	}
	return func(yield func(*Record, error) bool) {
		for r, err := range src.Records(ctx) {
			if err == nil && !want(r.Origin) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

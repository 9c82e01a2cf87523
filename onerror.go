package datamix

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// ErrorPolicy decides about bad records. It keeps no state: what was seen so
// far is passed to it, so that one policy serves any number of runs.
type ErrorPolicy interface {
	// Bad is asked about each bad record, which is counted in seen already. It
	// returns nil to pass over it, or an error that ends the sequence.
	Bad(ctx context.Context, seen ErrorCount, e *RecordError) error
	// Done is asked at the end of the sequence, if it was read to its end.
	Done(seen ErrorCount) error
}

// ErrorCount is what an OnError stage has seen.
type ErrorCount struct {
	Records int64 // good and bad
	Bad     int64
}

// OnError is the stage that handles the bad records of everything upstream.
// Without it Run ends at the first one.
func OnError(p ErrorPolicy) Stage { return onError{p} }

type onError struct{ policy ErrorPolicy }

// Spec describes the policy.
func (s onError) Spec() (Spec, bool) {
	inner, ok := Describe(s.policy)
	return Spec{Name: "on_error", Version: 1, Inner: []Spec{inner}}, ok
}

func (s onError) Apply(ctx context.Context, in Source) Seq {
	return func(yield func(*Record, error) bool) {
		obs, quiet := ObserverFrom(ctx), isQuiet(ctx)
		var seen ErrorCount
		for r, err := range in.Records(ctx) {
			if err == nil {
				seen.Records++
				if !yield(r, nil) {
					return
				}
				continue
			}
			var bad *RecordError
			if Final(err) || !errors.As(err, &bad) {
				yield(nil, err)
				return
			}
			seen.Records++
			seen.Bad++
			if quiet { // judged the first time
				continue
			}
			if obs.Skip != nil {
				obs.Skip(bad)
			}
			if err := s.policy.Bad(ctx, seen, bad); err != nil {
				yield(nil, err)
				return
			}
		}
		if err := s.policy.Done(seen); err != nil && !quiet {
			yield(nil, err)
		}
	}
}

// SkipAtMost passes over bad records and ends the run at the one after n. The
// error wraps ErrTooManyErrors and that record's error.
func SkipAtMost(n int64) ErrorPolicy { return skipAtMost(n) }

type skipAtMost int64

func (n skipAtMost) Bad(_ context.Context, seen ErrorCount, e *RecordError) error {
	if seen.Bad <= int64(n) {
		return nil
	}
	return Fatal(fmt.Errorf("%w: more than %d; the last one: %w", ErrTooManyErrors, int64(n), e))
}

func (n skipAtMost) Done(ErrorCount) error { return nil }

func (n skipAtMost) Spec() (Spec, bool) { return NewSpec("skip_at_most", 1, int64(n)), true }

// skipRatioAfter is the number of records after which SkipRatio judges before
// the end.
const skipRatioAfter = 1000

// SkipRatio passes over bad records as long as they are at most the given part
// of all, 0 to 1. It judges at the end, and from the 1,000th record on at every
// bad one.
func SkipRatio(ratio float64) ErrorPolicy { return skipRatio(ratio) }

type skipRatio float64

func (p skipRatio) Bad(_ context.Context, seen ErrorCount, e *RecordError) error {
	if seen.Records < skipRatioAfter || p.holds(seen) {
		return nil
	}
	return Fatal(fmt.Errorf("%w; the last one: %w", p.Done(seen), e))
}

func (p skipRatio) Done(seen ErrorCount) error {
	if p.holds(seen) {
		return nil
	}
	return Fatal(fmt.Errorf("%w: %d of %d, and %s %% are allowed", ErrTooManyErrors, seen.Bad, seen.Records,
		strconv.FormatFloat(float64(p)*100, 'g', -1, 64)))
}

func (p skipRatio) holds(seen ErrorCount) bool {
	return float64(seen.Bad) <= float64(p)*float64(seen.Records)
}

func (p skipRatio) Spec() (Spec, bool) { return NewSpec("skip_ratio", 1, float64(p)), true }

// Quarantine writes each bad record to dst, as RecordError.Record gives it, and
// then leaves the decision to then; nil stands for passing over all of them.
// dst is not closed: whoever made it closes it after the run.
func Quarantine(dst Sink, then ErrorPolicy) ErrorPolicy { return quarantine{dst, then} }

type quarantine struct {
	dst  Sink
	then ErrorPolicy
}

func (q quarantine) Bad(ctx context.Context, seen ErrorCount, e *RecordError) error {
	if err := q.dst.Write(ctx, e.Record()); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if q.then == nil {
		return nil
	}
	return q.then.Bad(ctx, seen, e)
}

func (q quarantine) Done(seen ErrorCount) error {
	if q.then == nil {
		return nil
	}
	return q.then.Done(seen)
}

// quarantinedBytes is how much of a bad row a quarantine keeps.
const quarantinedBytes = 1 << 20

// Record returns the error as a record with the columns part, path, row (from
// 0), offset, stage, error, and raw: the row as text, or raw_base64 where it is
// no valid UTF-8, at most its first MiB.
func (e *RecordError) Record() *Record {
	number := func(name string, n int64) Field { return JSONField(name, strconv.FormatInt(n, 10)) }
	fields := []Field{
		TextField("part", e.Origin.Source), TextField("path", e.Origin.Path),
		number("row", e.Origin.Row), number("offset", e.Origin.Offset),
		TextField("stage", e.Stage), TextField("error", e.Err.Error()),
	}
	if raw := e.Raw[:min(len(e.Raw), quarantinedBytes)]; len(raw) > 0 {
		if utf8.Valid(raw) {
			fields = append(fields, TextField("raw", string(raw)))
		} else {
			fields = append(fields, TextField("raw_base64", base64.StdEncoding.EncodeToString(raw)))
		}
	}
	return (*Arena)(nil).row(nil, fields, e.Origin)
}

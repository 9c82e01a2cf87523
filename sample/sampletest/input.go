package sampletest

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/datamix-go/datamix"
)

// Path is the path in the Origin of the records of an Input.
const Path = "input.jsonl"

// Input is a source of made-up records for tests of samplers: each is a text
// with a Row, a "category" label (of a to d, in the ratio 8:4:2:1, and some
// without) and token counts between 1 and 200. The zero Input is empty.
type Input struct {
	// N is the number of records.
	N int
	// Bad holds the ordinals of rows that are bad instead.
	Bad []int
	// Fail, if not nil, is the final error with which the sequence ends.
	Fail error
	// Reversed yields the same records in the reverse order.
	Reversed bool
	// SingleUse makes the source one that can be read only once.
	SingleUse bool
	// Uncounted leaves the tokens uncounted.
	Uncounted bool
	// Path is the path of the records; "" is the constant Path.
	Path string

	open, ranges atomic.Int64
	read         atomic.Int64
}

// Open returns the number of ranges over the source that have not ended.
func (in *Input) Open() int64 { return in.open.Load() }

// Ranges returns the number of ranges over the source so far.
func (in *Input) Ranges() int64 { return in.ranges.Load() }

// Read returns the number of elements that were yielded so far.
func (in *Input) Read() int64 { return in.read.Load() }

// Size returns N less the bad rows.
func (in *Input) Size(context.Context) (int64, bool) {
	return int64(in.N - len(in.Bad)), in.Fail == nil
}

// Records yields the records.
func (in *Input) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if in.ranges.Add(1) > 1 && in.SingleUse {
			yield(nil, datamix.ErrConsumed)
			return
		}
		in.open.Add(1)
		defer in.open.Add(-1)
		for i := range in.N {
			row := i
			if in.Reversed {
				row = in.N - 1 - i
			}
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			in.read.Add(1)
			if !yield(in.element(row)) {
				return
			}
		}
		if in.Fail != nil {
			yield(nil, in.Fail)
		}
	}
}

func (in *Input) element(row int) (*datamix.Record, error) {
	origin := datamix.Origin{Path: in.Path, Row: int64(row)}
	if in.Path == "" {
		origin.Path = Path
	}
	for _, bad := range in.Bad {
		if bad == row {
			return nil, &datamix.RecordError{Stage: "read", Origin: origin, Err: errBad}
		}
	}
	r := datamix.NewText(fmt.Sprintf("the text of record %d", row))
	r.Origin = origin
	if c := Category(row); c != "" {
		r.SetLabel("category", c)
	}
	if !in.Uncounted {
		total := TokensOf(row)
		r.SetCounts(datamix.Counts{Total: total, Final: total, Trainable: total / 2})
	}
	return r, nil
}

// Category returns the "category" of the record in a row, "" for none.
func Category(row int) string {
	switch k := row % 16; {
	case k < 8:
		return "a"
	case k < 12:
		return "b"
	case k < 14:
		return "c"
	case k < 15:
		return "d"
	}
	return ""
}

// TokensOf returns the number of tokens of the record in a row; half of them,
// rounded down, are trainable.
func TokensOf(row int) int { return 1 + (row*7919+row/7*104729)%200 }

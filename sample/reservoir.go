package sample

import (
	"context"
	"fmt"
	"slices"

	"github.com/datamix-go/datamix"
)

// Reservoir keeps n records of a stream of any length, at every moment a uniform
// draw without replacement of all that were added so far: those with the
// smallest priorities. It draws what Uniform draws with the same seed. Merging
// the reservoirs of the slices of an input gives that of the whole, provided
// that all records have identities of their own.
//
// It is a Source of what it holds. It is not safe for concurrent use while
// records are added.
type Reservoir struct {
	best smallest
	seed uint64
	base uint64
	seen int64
}

// NewReservoir returns an empty reservoir for n records.
func NewReservoir(n int64, seed uint64) (*Reservoir, error) {
	if n < 0 {
		return nil, fmt.Errorf("reservoir: the number of records is negative: %d", n)
	}
	return &Reservoir{best: smallest{target: n}, seed: seed, base: datamix.PriorityBase(seed, uniformPurpose)}, nil
}

// Add shows a record to the reservoir, which keeps a Clone where it keeps it.
func (v *Reservoir) Add(r *datamix.Record) {
	e := entry{priority: datamix.PriorityFrom(v.base, identity(r.Origin)), ordinal: v.seen, size: 1}
	v.seen++
	if v.best.accepts(e) {
		e.record = r.Clone()
		v.best.add(e)
	}
}

// Fill adds the records of src until it ends or ctx does, which is how a stream
// without end is cut and is no error. Any other error of src, also a bad record
// that no OnError stage has handled, ends it and is returned; what was added
// stays.
func (v *Reservoir) Fill(ctx context.Context, src datamix.Source) error {
	for r, err := range src.Records(ctx) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		v.Add(r)
	}
	return nil
}

// Merge adds what other holds, and counts what it has seen. Both must be for the
// same number of records and have the same seed. Other must not be used any
// more.
func (v *Reservoir) Merge(other *Reservoir) error {
	if v.best.target != other.best.target || v.seed != other.seed {
		return fmt.Errorf("reservoir: one for %d records with seed %d cannot be merged with one for %d with seed %d",
			v.best.target, v.seed, other.best.target, other.seed)
	}
	for _, e := range other.best.heap {
		e.ordinal += v.seen
		v.best.add(e)
	}
	v.seen += other.seen
	other.best.heap, other.best.sum = nil, 0
	return nil
}

// Len returns the number of records that the reservoir holds.
func (v *Reservoir) Len() int { return len(v.best.heap) }

// Seen returns the number of records that were added.
func (v *Reservoir) Seen() int64 { return v.seen }

// Size returns Len, for datamix.Size.
func (v *Reservoir) Size(context.Context) (int64, bool) { return int64(v.Len()), true }

// Records yields a Clone of each record that the reservoir holds when the range
// starts, in random order: that of the priorities.
func (v *Reservoir) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		held := slices.Clone(v.best.heap)
		slices.SortFunc(held, byPriority)
		for _, e := range held {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if !yield(e.record.Clone(), nil) {
				return
			}
		}
	}
}

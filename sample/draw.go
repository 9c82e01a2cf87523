package sample

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
)

// drawing is a sampler that measures its whole input and then yields what a
// chooser draws of it.
type drawing struct {
	name    string
	unit    datamix.Unit
	opts    Options
	base    uint64 // of the priorities
	keeping bool   // keeps candidates in the first range; there is no second one
	chooser func(evict func(entry)) chooser
}

// identity returns the key of a record for priorities: its Key, and for a
// repetition a key of its own.
func identity(o datamix.Origin) uint64 {
	key := o.Key()
	if o.Pass != 0 {
		key = datamix.Priority(uint64(o.Pass), "sample/pass", key)
	}
	return key
}

// measureOf returns the size of r in the unit; a record that is not counted is
// an error where tokens are wanted.
func measureOf(unit datamix.Unit, r *datamix.Record) (int64, error) {
	if unit == datamix.Rows {
		return 1, nil
	}
	if !r.Counted() {
		return 0, fmt.Errorf("%w: %s; put datamix.Count before the sampler", ErrUncounted, r.ID())
	}
	return unit.Of(r.Counts()), nil
}

// scan ranges over in, passes errors on to yield, and each record with its
// ordinal to do, whose error is final. It reports whether in was read to its
// end and the sequence may go on.
func scan(ctx context.Context, in datamix.Source, yield func(*datamix.Record, error) bool, do func(r *datamix.Record, ordinal int64) error) bool {
	var ordinal int64
	for r, err := range in.Records(ctx) {
		if err != nil {
			if !yield(nil, err) || datamix.Final(err) {
				return false
			}
			continue
		}
		if err := do(r, ordinal); err != nil {
			if !errors.Is(err, errStopped) {
				yield(nil, err)
			}
			return false
		}
		ordinal++
	}
	return true
}

// errStopped is what the function given to scan returns when the consumer has
// had enough.
var errStopped = errors.New("sample: stopped")

// priority returns the rank of a record in the draw.
func (d *drawing) priority(r *datamix.Record, ordinal int64) uint64 {
	if d.opts.First {
		return uint64(ordinal)
	}
	return datamix.PriorityFrom(d.base, identity(r.Origin))
}

// Sample draws from in.
func (d *drawing) Sample(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		mem := newMemory(d.opts.MaxBytes)
		choice := d.chooser(func(e entry) {
			if e.record != nil {
				mem.remove(e.record)
			}
		})
		if !scan(ctx, in, yield, func(r *datamix.Record, ordinal int64) error { return d.consider(choice, mem, r, ordinal) }) {
			return
		}
		drawn, err := choice.drawn()
		if err != nil {
			yield(nil, d.wrap(err))
			return
		}
		slices.SortFunc(drawn, byOrdinal)
		if !d.keeping && !d.fetch(ctx, in, drawn, mem, yield) || !d.inMemory() {
			return
		}
		if d.opts.Order == RandomOrder {
			slices.SortFunc(drawn, byPriority)
		}
		emit(ctx, drawn, yield)
	}
}

// consider shows a record to the chooser.
func (d *drawing) consider(choice chooser, mem *memory, r *datamix.Record, ordinal int64) error {
	size, err := measureOf(d.unit, r)
	if err != nil {
		return d.wrap(err)
	}
	e := entry{priority: d.priority(r, ordinal), ordinal: ordinal, size: size}
	if !d.keeping || !choice.accepts(e) {
		choice.add(e, r)
		return nil
	}
	e.record = r.Clone()
	choice.add(e, r)
	return d.wrap(mem.add(e.record))
}

// inMemory reports whether the drawn records are yielded from memory.
func (d *drawing) inMemory() bool { return d.keeping || d.opts.Order == RandomOrder }

// fetch reads the drawn records, given in the order of the input, and yields
// them or, for another order, keeps them.
func (d *drawing) fetch(ctx context.Context, in datamix.Source, drawn []entry, mem *memory, yield func(*datamix.Record, error) bool) bool {
	next := 0
	return again(ctx, in, d.name, drawn, d.priority, yield, func(r *datamix.Record) error {
		if !d.inMemory() {
			if !yield(r, nil) {
				return errStopped
			}
			return nil
		}
		drawn[next].record = r.Clone()
		next++
		return d.wrap(mem.add(r))
	})
}

func (d *drawing) wrap(err error) error { return wrap(d.name, err) }

func wrap(name string, err error) error {
	if err == nil || errors.Is(err, errStopped) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// again ranges over in once more and calls do for the drawn records, given in
// the order of the input. It checks that they are the same as before. Bad
// records were passed on before and are left out; other errors go to yield.
func again(ctx context.Context, in datamix.Source, name string, drawn []entry, priority func(*datamix.Record, int64) uint64,
	yield func(*datamix.Record, error) bool, do func(r *datamix.Record) error) bool {
	if len(drawn) == 0 {
		return true
	}
	var ordinal int64
	next := 0
	for r, err := range in.Records(datamix.Quiet(ctx)) {
		if err != nil {
			if !datamix.Final(err) {
				continue
			}
			yield(nil, rereadError(name, err))
			return false
		}
		if ordinal == drawn[next].ordinal {
			if priority(r, ordinal) != drawn[next].priority {
				yield(nil, wrap(name, fmt.Errorf("%w: %s stands where another record stood", ErrChanged, r.ID())))
				return false
			}
			if err := do(r); err != nil {
				if !errors.Is(err, errStopped) {
					yield(nil, err)
				}
				return false
			}
			if next++; next == len(drawn) {
				return true
			}
		}
		ordinal++
	}
	yield(nil, wrap(name, fmt.Errorf("%w: it ended after %s records", ErrChanged, strconv.FormatInt(ordinal, 10))))
	return false
}

// rereadError says what to do about a source that can be read only once.
func rereadError(name string, err error) error {
	if errors.Is(err, datamix.ErrConsumed) {
		return fmt.Errorf("%s makes two passes over its input; set OnePass with an amount that is no fraction, or write the input to a file first: %w", name, err)
	}
	return err
}

// emit yields records that are kept in memory.
func emit(ctx context.Context, drawn []entry, yield func(*datamix.Record, error) bool) {
	for i := range drawn {
		if ctx.Err() != nil {
			yield(nil, context.Cause(ctx))
			return
		}
		r := drawn[i].record
		drawn[i].record = nil // the consumer's from here on
		if !yield(r, nil) {
			return
		}
	}
}

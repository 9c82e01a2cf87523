package sample

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
)

// RepeatOptions are those of Repeat. Nil stands for the zero RepeatOptions.
type RepeatOptions struct {
	// Seed makes the orders and the last, partial pass other ones.
	Seed uint64 `json:"seed,omitempty"`
	// Order is the order inside every pass; "" is RandomOrder, for which all
	// records are kept in memory. With SourceOrder the source is read once a
	// pass and nothing is kept but 32 bytes a record for a partial pass.
	Order Order `json:"order,omitempty"`
	// FirstInOrder yields the first whole pass in the order of the source and
	// only the others in random order.
	FirstInOrder bool `json:"first_in_order,omitempty"`
	// Unit is what a partial pass is measured in; "" is rows.
	Unit datamix.Unit `json:"unit,omitempty"`
	// MaxBytes limits what is kept in memory, by estimate; 0 is 1 GiB, a
	// negative number no limit. Beyond it the sequence ends with an error that
	// wraps ErrTooLarge.
	MaxBytes int64 `json:"max_bytes,omitempty"`
}

// Repeat makes several passes over its input, for example 3 or 2.5: whole ones,
// and at last the wanted fraction of one, whose records are those that come
// first in the order of that pass: a fraction f of n rows is floor(f*n + 1/2),
// and in a unit of tokens it is met like a Quota. Each pass has a random order
// of its own unless the options say otherwise, and Origin.Pass says which pass
// a record belongs to. No record is yielded more than once more than another.
// passes must be positive.
func Repeat(passes float64, opts *RepeatOptions) (datamix.Sampler, error) {
	o := RepeatOptions{}
	if opts != nil {
		o = *opts
	}
	total, err := FloatShare(passes)
	switch {
	case err != nil || total.Sign() == 0:
		return nil, fmt.Errorf("repeat: the number of passes is %v, want a positive number", passes)
	case total.Cmp(big.NewRat(1<<31-1, 1)) > 0:
		return nil, fmt.Errorf("repeat: the number of passes is %v, want less than 2^31", passes)
	case o.FirstInOrder && o.Order == SourceOrder:
		return nil, errors.New("repeat: FirstInOrder is about random order; with SourceOrder every pass is in order")
	}
	if err := errors.Join(o.Order.check(), o.Unit.Check()); err != nil {
		return nil, wrap("repeat", err)
	}
	whole := new(big.Int).Quo(total.Num(), total.Denom())
	rest := total.Sub(total, new(big.Rat).SetInt(whole))
	return &repeat{passes: passes, opts: o, whole: int(whole.Int64()), rest: FractionOf(o.Unit, rest)}, nil
}

type repeat struct {
	passes float64
	opts   RepeatOptions
	whole  int
	rest   Amount // of the pass after the whole ones
}

// repeatSpec is the Options of the Spec of Repeat.
type repeatSpec struct {
	Passes float64 `json:"passes"`
	RepeatOptions
}

// Spec describes the sampler.
func (s *repeat) Spec() (datamix.Spec, bool) {
	return datamix.NewSpec("repeat", 1, repeatSpec{s.passes, s.opts}), true
}

// Sample repeats in.
func (s *repeat) Sample(ctx context.Context, in datamix.Source) datamix.Seq {
	if s.opts.Order == SourceOrder {
		return s.streamed(ctx, in)
	}
	return s.shuffled(ctx, in)
}

func (s *repeat) partial() bool { return s.rest.share.Sign() > 0 }

// rank returns the base of the priorities in a pass.
func (s *repeat) rank(pass int) uint64 {
	return datamix.PriorityBase(s.opts.Seed, "sample/repeat/"+strconv.Itoa(pass))
}

// measure returns the size of r for a partial pass, 0 where there is none.
func (s *repeat) measure(r *datamix.Record) (int64, error) {
	if !s.partial() {
		return 0, nil
	}
	size, err := measureOf(s.rest.Unit(), r)
	return size, wrap("repeat", err)
}

// passes numbers the passes of a sequence that may hold repetitions already:
// inner is the number of its own passes.
type passes struct{ inner int }

func (p *passes) see(r *datamix.Record) { p.inner = max(p.inner, r.Origin.Pass+1) }

func (p *passes) mark(r *datamix.Record, pass int) *datamix.Record {
	r.Origin.Pass += pass * p.inner
	return r
}

// shuffled keeps all records and yields clones of them pass by pass.
func (s *repeat) shuffled(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		mem := newMemory(s.opts.MaxBytes)
		var all []entry
		var inner passes
		begin := 0
		if s.opts.FirstInOrder && s.whole > 0 {
			begin = 1
		}
		complete := scan(ctx, in, yield, func(r *datamix.Record, ordinal int64) error {
			size, err := s.measure(r)
			if err != nil {
				return err
			}
			inner.see(r)
			if begin > 0 && s.single() {
				return stopIf(!yield(r, nil))
			}
			kept := r.Clone()
			all = append(all, entry{ordinal: ordinal, size: size, record: kept})
			if err := mem.add(kept); err != nil {
				return wrap("repeat", err)
			}
			return stopIf(begin > 0 && !yield(r, nil))
		})
		for pass := begin; complete && pass <= s.last(); pass++ {
			complete = s.yieldPass(ctx, all, pass, &inner, yield)
		}
	}
}

func stopIf(stop bool) error {
	if stop {
		return errStopped
	}
	return nil
}

// last is the number of the last pass.
func (s *repeat) last() int {
	if s.partial() {
		return s.whole
	}
	return s.whole - 1
}

// single reports whether there is one pass only.
func (s *repeat) single() bool { return s.last() == 0 }

// yieldPass yields one pass in its order; the last one gives the records
// themselves away.
func (s *repeat) yieldPass(ctx context.Context, all []entry, pass int, inner *passes, yield func(*datamix.Record, error) bool) bool {
	base := s.rank(pass)
	for i := range all {
		all[i].priority = datamix.PriorityFrom(base, identity(all[i].record.Origin))
	}
	order := all
	if pass == s.whole {
		order = s.remainder(all)
	}
	slices.SortFunc(order, byPriority)
	for i := range order {
		if ctx.Err() != nil {
			yield(nil, context.Cause(ctx))
			return false
		}
		r := order[i].record
		if pass < s.last() {
			r = r.Clone()
		} else {
			order[i].record = nil
		}
		if !yield(inner.mark(r, pass), nil) {
			return false
		}
	}
	return true
}

// remainder returns the entries of the partial pass.
func (s *repeat) remainder(all []entry) []entry {
	var total int64
	for _, e := range all {
		total += e.size
	}
	best := smallest{target: s.rest.Of(total)}
	for _, e := range all {
		best.add(e)
	}
	return best.drawn()
}

// streamed reads the source once a pass.
func (s *repeat) streamed(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		var all []entry // for the partial pass
		var inner passes
		var count int64
		base := s.rank(s.whole)
		complete := scan(ctx, in, yield, func(r *datamix.Record, ordinal int64) error {
			count++
			inner.see(r)
			size, err := s.measure(r)
			if err != nil {
				return err
			}
			if s.partial() {
				all = append(all, entry{priority: datamix.PriorityFrom(base, identity(r.Origin)), ordinal: ordinal, size: size})
			}
			return stopIf(s.whole > 0 && !yield(r, nil))
		})
		for pass := 1; complete && pass < s.whole; pass++ {
			complete = s.rereadPass(ctx, in, pass, count, &inner, yield)
		}
		if !complete || !s.partial() {
			return
		}
		rest := s.remainder(all)
		slices.SortFunc(rest, byOrdinal)
		priority := func(r *datamix.Record, _ int64) uint64 { return datamix.PriorityFrom(base, identity(r.Origin)) }
		again(ctx, in, "repeat", rest, priority, yield, func(r *datamix.Record) error {
			return stopIf(!yield(inner.mark(r, s.whole), nil))
		})
	}
}

// rereadPass yields one more pass in the order of the source, which must have
// count records again.
func (s *repeat) rereadPass(ctx context.Context, in datamix.Source, pass int, count int64, inner *passes, yield func(*datamix.Record, error) bool) bool {
	var n int64
	for r, err := range in.Records(datamix.Quiet(ctx)) {
		if err != nil {
			if !datamix.Final(err) {
				continue
			}
			if errors.Is(err, datamix.ErrConsumed) {
				err = fmt.Errorf("repeat in source order reads the source once a pass; use RandomOrder: %w", err)
			}
			yield(nil, err)
			return false
		}
		if n++; n > count {
			break
		}
		if !yield(inner.mark(r, pass), nil) {
			return false
		}
	}
	if n != count {
		yield(nil, wrap("repeat", fmt.Errorf("%w: %d records in the first pass, another number in the next", ErrChanged, count)))
		return false
	}
	return true
}

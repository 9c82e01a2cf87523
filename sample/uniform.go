package sample

import (
	"context"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// uniformPurpose is the purpose of the priorities of Uniform, Quota, Stratified
// and Reservoir: with the same seed they rank records alike.
const uniformPurpose = "sample/draw"

// Uniform draws exactly so many rows without replacement, every record with the
// same probability: those with the smallest priorities. The amount is Rows or
// Fraction. It makes two passes unless Options says otherwise.
func Uniform(amount Amount, opts *Options) (datamix.Sampler, error) {
	o := orDefault(opts)
	if amount.err == nil && amount.Unit() != datamix.Rows {
		return nil, fmt.Errorf("uniform: it draws rows, not %s; use Quota", amount)
	}
	if o.First {
		return nil, errors.New("uniform: First contradicts a random draw; use Quota")
	}
	return byAmountSampler("uniform", amount, o)
}

// Quota draws records until a number of rows, tokens or trainable tokens is
// reached: in the order of their priorities or, with Options.First, from the
// start of the input. By rows it is exact. In a unit of tokens it stops before
// the first record that would overshoot by more than half of its size, and
// otherwise after it, so that the sum is at most half a record away from what
// was asked for. Records have to be counted then (datamix.Count); one that is
// not ends the sequence with an error that wraps ErrUncounted.
//
// With First and an amount that is no fraction, records are yielded as they come
// and the input is read no further than needed. Otherwise there are two passes
// unless Options says otherwise.
func Quota(amount Amount, opts *Options) (datamix.Sampler, error) {
	o := orDefault(opts)
	if o.First && o.Order == RandomOrder {
		return nil, errors.New("quota: First yields the order of the source; put a Shuffle after it for another")
	}
	if o.First && amount.share == nil {
		if err := checkDraw(amount, o); err != nil {
			return nil, wrap("quota", err)
		}
		return &first{name: "quota", amount: amount, opts: o}, nil
	}
	return byAmountSampler("quota", amount, o)
}

// Take yields the first n records, or all where there are fewer, and reads no
// further.
func Take(n int64) (datamix.Sampler, error) {
	amount := Rows(n)
	if amount.err != nil {
		return nil, wrap("take", amount.err)
	}
	return &first{name: "take", amount: amount, opts: Options{First: true, UpTo: true}}, nil
}

func orDefault(opts *Options) Options {
	if opts == nil {
		return Options{}
	}
	return *opts
}

// checkDraw reports what is wrong with an amount and its options.
func checkDraw(amount Amount, o Options) error {
	if amount.err != nil {
		return amount.err
	}
	if o.OnePass && amount.share != nil {
		return fmt.Errorf("one pass cannot draw %s: their number is known only at the end; use a number of %s", amount, amount.Unit())
	}
	return o.Order.check()
}

// amountSpec is the Options of the Spec of a sampler with an Amount.
type amountSpec struct {
	Amount *Amount `json:"amount"`
	Label  string  `json:"label,omitempty"`
	Options
}

// amountSampler is a drawing that can be described.
type amountSampler struct {
	*drawing
	spec datamix.Spec
}

// Spec describes the sampler.
func (s amountSampler) Spec() (datamix.Spec, bool) { return s.spec, true }

func byAmountSampler(name string, amount Amount, o Options) (datamix.Sampler, error) {
	if err := checkDraw(amount, o); err != nil {
		return nil, wrap(name, err)
	}
	d := newDrawing(name, amount, o)
	d.keeping = amount.share == nil && (o.OnePass || o.Order == RandomOrder)
	d.chooser = func(evict func(entry)) chooser { return newByAmount(amount, o.UpTo, evict) }
	return amountSampler{d, datamix.NewSpec(name, 1, amountSpec{Amount: &amount, Options: o})}, nil
}

func newDrawing(name string, amount Amount, o Options) *drawing {
	return &drawing{name: name, unit: amount.Unit(), opts: o, base: datamix.PriorityBase(o.Seed, uniformPurpose)}
}

// first yields the records at the start of the input.
type first struct {
	name   string
	amount Amount // absolute
	opts   Options
}

// Spec describes the sampler.
func (f *first) Spec() (datamix.Spec, bool) {
	if f.name == "take" {
		return datamix.NewSpec("take", 1, takeSpec{f.amount.n}), true
	}
	return datamix.NewSpec("quota", 1, amountSpec{Amount: &f.amount, Options: f.opts}), true
}

// takeSpec is the Options of the Spec of Take.
type takeSpec struct {
	N int64 `json:"n"`
}

// Sample yields the first records of in.
func (f *first) Sample(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		target := f.amount.n
		if target == 0 {
			return
		}
		var sum int64
		whole := scan(ctx, in, yield, func(r *datamix.Record, _ int64) error {
			size, err := measureOf(f.amount.Unit(), r)
			if err != nil {
				return wrap(f.name, err)
			}
			if size >= target-sum && !nearer(target, sum, size) {
				return errStopped
			}
			sum += size
			if !yield(r, nil) || sum >= target {
				return errStopped
			}
			return nil
		})
		if !whole {
			return
		}
		if err := enough(f.amount, sum, f.opts.UpTo); err != nil {
			yield(nil, wrap(f.name, err))
		}
	}
}

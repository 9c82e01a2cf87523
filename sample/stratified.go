package sample

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/datamix-go/datamix"
)

// Stratified draws an amount so that the ratio of a label's values stays what it
// is in the input. Records without the label are a stratum of their own.
//
// By rows the strata get the largest-remainder quotas of the amount (see
// Apportion; values in string order), and the sum is exact. In a unit of tokens
// each stratum gets its part of the amount and meets it like a Quota, within
// half a record; the sum is then within half a record a stratum. In a stratum
// the records with the smallest priorities are drawn.
//
// It makes two passes, keeping 32 bytes a record and the different values.
func Stratified(label string, amount Amount, opts *Options) (datamix.Sampler, error) {
	if label == "" {
		return nil, errors.New("stratified: the name of the label is empty")
	}
	o := orDefault(opts)
	d, err := stratified(func(r *datamix.Record) string { return r.Label(label) }, amount, o)
	if err != nil {
		return nil, err
	}
	return amountSampler{d, datamix.NewSpec("stratified", 1, amountSpec{Amount: &amount, Label: label, Options: o})}, nil
}

// StratifiedBy is Stratified by any function of a record, which must always
// return the same for the same record. It has no Spec.
func StratifiedBy(by func(r *datamix.Record) string, amount Amount, opts *Options) (datamix.Sampler, error) {
	if by == nil {
		return nil, errors.New("stratified: the function is nil")
	}
	d, err := stratified(by, amount, orDefault(opts))
	if err != nil {
		return nil, err
	}
	return d, nil
}

func stratified(by func(*datamix.Record) string, amount Amount, o Options) (*drawing, error) {
	switch {
	case amount.err != nil:
		return nil, wrap("stratified", amount.err)
	case o.First:
		return nil, errors.New("stratified: First contradicts a random draw; use Quota")
	case o.OnePass:
		return nil, errors.New("stratified: one pass is not enough, the sizes of the strata are known only at the end")
	}
	if err := o.Order.check(); err != nil {
		return nil, wrap("stratified", err)
	}
	d := newDrawing("stratified", amount, o)
	d.chooser = func(func(entry)) chooser {
		return &byStratum{amount: amount, upTo: o.UpTo, by: by, strata: map[string]*stratum{}}
	}
	return d, nil
}

// byStratum draws from each stratum its part.
type byStratum struct {
	amount Amount
	upTo   bool
	by     func(*datamix.Record) string
	strata map[string]*stratum
}

type stratum struct {
	entries []entry
	size    int64
}

func (b *byStratum) accepts(entry) bool { return true }

func (b *byStratum) add(e entry, r *datamix.Record) {
	value := b.by(r)
	s := b.strata[value]
	if s == nil {
		s = &stratum{}
		b.strata[string([]byte(value))] = s // not the memory of the record
	}
	s.entries = append(s.entries, e)
	s.size += e.size
}

func (b *byStratum) drawn() ([]entry, error) {
	values := slices.Sorted(maps.Keys(b.strata))
	sizes := make([]int64, len(values))
	var total int64
	for i, v := range values {
		sizes[i] = b.strata[v].size
		total += sizes[i]
	}
	if err := enough(b.amount, total, b.upTo); err != nil {
		return nil, err
	}
	quotas, err := ApportionSizes(min(b.amount.Of(total), total), sizes)
	if err != nil {
		return nil, fmt.Errorf("strata: %w", err)
	}
	var out []entry
	for i, v := range values {
		best := smallest{target: quotas[i]}
		for _, e := range b.strata[v].entries {
			best.add(e)
		}
		out = append(out, best.drawn()...)
	}
	return out, nil
}

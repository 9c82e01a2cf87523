package sample

import (
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// Register makes the samplers of this package known to g under the names of
// their Specs: uniform, quota, stratified, take, shuffle, shuffle_buffer and
// repeat. Options with unknown keys are errors. Bernoulli is a filter: see
// RegisterFilters.
func Register(g *datamix.Registry[datamix.Sampler]) error {
	for _, kind := range []struct {
		name  string
		build func(s datamix.Spec) (datamix.Sampler, error)
	}{
		{"uniform", fromOptions(byAmountOnly(Uniform))},
		{"quota", fromOptions(byAmountOnly(Quota))},
		{"stratified", fromOptions(stratifiedSpec)},
		{"take", fromOptions(func(o takeSpec) (datamix.Sampler, error) { return Take(o.N) })},
		{"shuffle", fromOptions(func(o ShuffleOptions) (datamix.Sampler, error) { return Shuffle(&o) })},
		{"shuffle_buffer", fromOptions(func(o shuffleBufferSpec) (datamix.Sampler, error) { return ShuffleBuffer(o.Size, &o.ShuffleOptions) })},
		{"repeat", fromOptions(func(o repeatSpec) (datamix.Sampler, error) { return Repeat(o.Passes, &o.RepeatOptions) })},
	} {
		if err := g.Add(kind.name, kind.build); err != nil {
			return err
		}
	}
	return nil
}

// RegisterFilters makes Bernoulli known to g as bernoulli.
func RegisterFilters(g *datamix.Registry[datamix.Filter]) error {
	return g.Add("bernoulli", fromOptions(func(o bernoulliSpec) (datamix.Filter, error) { return Bernoulli(o.P, o.Seed) }))
}

var errNoAmount = errors.New("options: the amount is missing")

func byAmountOnly(build func(Amount, *Options) (datamix.Sampler, error)) func(amountSpec) (datamix.Sampler, error) {
	return func(o amountSpec) (datamix.Sampler, error) {
		switch {
		case o.Amount == nil:
			return nil, errNoAmount
		case o.Label != "":
			return nil, fmt.Errorf("options: the label %q needs the stratified sampler", o.Label)
		}
		return build(*o.Amount, &o.Options)
	}
}

func stratifiedSpec(o amountSpec) (datamix.Sampler, error) {
	if o.Amount == nil {
		return nil, errNoAmount
	}
	return Stratified(o.Label, *o.Amount, &o.Options)
}

// fromOptions makes a constructor of a Spec of one that takes its options.
func fromOptions[O, T any](build func(O) (T, error)) func(datamix.Spec) (T, error) {
	return func(s datamix.Spec) (T, error) {
		var o O
		var none T
		if s.Version > 1 {
			return none, fmt.Errorf("version %d is not known here, only 1 is", s.Version)
		}
		if len(s.Options) > 0 {
			if err := unmarshalStrict(s.Options, &o); err != nil {
				return none, fmt.Errorf("options: %w", err)
			}
		}
		return build(o)
	}
}

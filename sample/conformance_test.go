package sample_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

// samplers are those of the package, in their main modes, with what the
// conformance suite has to know.
var samplers = []struct {
	name string
	make func() (datamix.Sampler, error)
	opts sampletest.Options
}{
	{"uniform rows", func() (datamix.Sampler, error) { return sample.Uniform(sample.Rows(40), nil) }, sampletest.Options{}},
	{"uniform fraction", func() (datamix.Sampler, error) { return sample.Uniform(sample.Fraction(0.3), nil) }, sampletest.Options{}},
	{"uniform all", func() (datamix.Sampler, error) { return sample.Uniform(sample.Fraction(1), nil) }, sampletest.Options{}},
	{"uniform random order", func() (datamix.Sampler, error) {
		return sample.Uniform(sample.Rows(40), &sample.Options{Seed: 1, Order: sample.RandomOrder})
	}, sampletest.Options{}},
	{"uniform fraction random order", func() (datamix.Sampler, error) {
		return sample.Uniform(sample.Fraction(0.5), &sample.Options{Order: sample.RandomOrder})
	}, sampletest.Options{}},
	{"uniform one pass", func() (datamix.Sampler, error) {
		return sample.Uniform(sample.Rows(40), &sample.Options{OnePass: true})
	}, sampletest.Options{}},
	{"quota tokens", func() (datamix.Sampler, error) { return sample.Quota(sample.Tokens(5000), nil) }, sampletest.Options{}},
	{"quota trainable", func() (datamix.Sampler, error) {
		return sample.Quota(sample.TrainableTokens(2500), &sample.Options{OnePass: true, Order: sample.RandomOrder})
	}, sampletest.Options{}},
	{"quota first tokens", func() (datamix.Sampler, error) {
		return sample.Quota(sample.Tokens(5000), &sample.Options{First: true})
	}, sampletest.Options{ArrivalOrder: true, StopsEarly: true}},
	{"quota first fraction", func() (datamix.Sampler, error) {
		return sample.Quota(sample.Fraction(0.8), &sample.Options{First: true})
	}, sampletest.Options{ArrivalOrder: true}},
	{"take", func() (datamix.Sampler, error) { return sample.Take(17) },
		sampletest.Options{ArrivalOrder: true, StopsEarly: true}},
	{"stratified rows", func() (datamix.Sampler, error) { return sample.Stratified("category", sample.Rows(50), nil) }, sampletest.Options{}},
	{"stratified tokens", func() (datamix.Sampler, error) {
		return sample.Stratified("category", sample.Tokens(9000), &sample.Options{Order: sample.RandomOrder})
	}, sampletest.Options{}},
	{"stratified fraction of trainable", func() (datamix.Sampler, error) {
		return sample.Stratified("category", sample.FractionOf(datamix.TrainableTokens, big.NewRat(1, 3)), nil)
	}, sampletest.Options{}},
	{"shuffle", func() (datamix.Sampler, error) { return sample.Shuffle(nil) }, sampletest.Options{}},
	{"shuffle buffer", func() (datamix.Sampler, error) { return sample.ShuffleBuffer(32, nil) }, sampletest.Options{}},
	{"repeat 2.5", func() (datamix.Sampler, error) { return sample.Repeat(2.5, nil) }, sampletest.Options{Repeats: true}},
	{"repeat 3, first in order", func() (datamix.Sampler, error) {
		return sample.Repeat(3, &sample.RepeatOptions{FirstInOrder: true})
	}, sampletest.Options{Repeats: true}},
	{"repeat 1, in order", func() (datamix.Sampler, error) {
		return sample.Repeat(1, &sample.RepeatOptions{FirstInOrder: true})
	}, sampletest.Options{}},
	{"repeat in source order", func() (datamix.Sampler, error) {
		return sample.Repeat(2.25, &sample.RepeatOptions{Order: sample.SourceOrder, Unit: datamix.Tokens})
	}, sampletest.Options{Repeats: true}},
	{"repeat half", func() (datamix.Sampler, error) { return sample.Repeat(0.5, nil) }, sampletest.Options{}},
	{"repeat half in source order", func() (datamix.Sampler, error) {
		return sample.Repeat(0.5, &sample.RepeatOptions{Order: sample.SourceOrder})
	}, sampletest.Options{}},
}

func TestConformance(t *testing.T) {
	for _, c := range samplers {
		t.Run(c.name, func(t *testing.T) {
			sampletest.Run(t, func() datamix.Sampler {
				s, err := c.make()
				require.NoError(t, err)
				return s
			}, &c.opts)
		})
	}
}

// TestSpecRebuilds builds every sampler again from its Spec.
func TestSpecRebuilds(t *testing.T) {
	var registry datamix.Registry[datamix.Sampler]
	require.NoError(t, sample.Register(&registry))
	for _, c := range samplers {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.make()
			require.NoError(t, err)
			spec, ok := datamix.Describe(s)
			require.True(t, ok)
			rebuilt, err := registry.Build(spec)
			require.NoError(t, err)
			again, _ := datamix.Describe(rebuilt)
			assert.Equal(t, spec, again)
			in := &sampletest.Input{N: 300}
			assert.Equal(t, ids(t, s.Sample(t.Context(), in)), ids(t, rebuilt.Sample(t.Context(), in)))
		})
	}
}

// ids returns the identities and passes of a sequence without errors.
func ids(t testing.TB, seq datamix.Seq) []string {
	t.Helper()
	var out []string
	for r, err := range seq {
		require.NoError(t, err)
		id := r.ID()
		for range r.Origin.Pass {
			id += "+"
		}
		out = append(out, id)
	}
	return out
}

package sample_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

const benchRecords = 20_000

// BenchmarkInput is what the source of the other benchmarks takes by itself.
func BenchmarkInput(b *testing.B) { drain(b, &sampletest.Input{N: benchRecords}) }

func drain(b *testing.B, src datamix.Source) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range src.Records(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRecords, "ns/rec")
}

func BenchmarkSamplers(b *testing.B) {
	for _, c := range []struct {
		name string
		make func() (datamix.Sampler, error)
	}{
		{"uniform rows", func() (datamix.Sampler, error) { return sample.Uniform(sample.Rows(2000), nil) }},
		{"uniform fraction", func() (datamix.Sampler, error) { return sample.Uniform(sample.Fraction(0.1), nil) }},
		{"uniform one pass", func() (datamix.Sampler, error) {
			return sample.Uniform(sample.Rows(2000), &sample.Options{OnePass: true})
		}},
		{"quota tokens", func() (datamix.Sampler, error) { return sample.Quota(sample.Tokens(200_000), nil) }},
		{"stratified", func() (datamix.Sampler, error) { return sample.Stratified("category", sample.Fraction(0.1), nil) }},
		{"shuffle", func() (datamix.Sampler, error) { return sample.Shuffle(nil) }},
		{"shuffle buffer", func() (datamix.Sampler, error) { return sample.ShuffleBuffer(1000, nil) }},
		{"repeat 2", func() (datamix.Sampler, error) { return sample.Repeat(2, nil) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := must(b)(c.make())
			in := &sampletest.Input{N: benchRecords}
			drain(b, datamix.SourceFunc(func(ctx context.Context) datamix.Seq { return s.Sample(ctx, in) }))
		})
	}
}

func BenchmarkInterleave(b *testing.B) {
	for _, parts := range []int{2, 20, 200} {
		b.Run(fmt.Sprintf("%d parts", parts), func(b *testing.B) {
			var ps []sample.Part
			for i := range parts {
				ps = append(ps, part(fmt.Sprintf("p%03d", i), float64(1+i%5), benchRecords/parts))
			}
			drain(b, interleave(b, sample.StopAtAll, ps...))
		})
	}
}

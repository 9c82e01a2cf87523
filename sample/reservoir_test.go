package sample_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

func TestReservoirsOfSlicesMergeToThatOfTheWhole(t *testing.T) {
	whole, err := sample.NewReservoir(25, 9)
	require.NoError(t, err)
	require.NoError(t, whole.Fill(t.Context(), &sampletest.Input{N: 900}))
	merged, _ := sample.NewReservoir(25, 9)
	slicesOf := make([]*sample.Reservoir, 4)
	for i := range slicesOf {
		slicesOf[i], _ = sample.NewReservoir(25, 9)
	}
	for r, err := range (&sampletest.Input{N: 900, Reversed: true}).Records(t.Context()) {
		require.NoError(t, err)
		slicesOf[r.Origin.Row*7%4].Add(r)
	}
	for _, s := range slicesOf {
		require.NoError(t, merged.Merge(s))
	}
	want := rows(t, whole.Records(t.Context()))
	assert.Equal(t, want, rows(t, merged.Records(t.Context())))
	assert.Equal(t, want, rows(t, merged.Records(t.Context())), "ranged over again")
	assert.EqualValues(t, 900, merged.Seen())
	assert.Equal(t, 25, merged.Len())
	uniform := must(t)(sample.Uniform(sample.Rows(25), &sample.Options{Seed: 9, Order: sample.RandomOrder}))
	assert.Equal(t, want, rows(t, uniform.Sample(t.Context(), &sampletest.Input{N: 900})))
	size, ok := datamix.Size(t.Context(), merged)
	assert.True(t, ok)
	assert.EqualValues(t, 25, size)
	other, _ := sample.NewReservoir(25, 8)
	require.ErrorContains(t, merged.Merge(other), "seed 8")
}

func TestReservoirOfAStreamWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for row := int64(0); ; row++ {
				if row == 5000 {
					cancel()
				}
				if ctx.Err() != nil {
					yield(nil, context.Cause(ctx))
					return
				}
				r := datamix.NewText("x")
				r.Origin.Row = row
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	v, err := sample.NewReservoir(10, 0)
	require.NoError(t, err)
	require.NoError(t, v.Fill(ctx, stream))
	assert.EqualValues(t, 5000, v.Seen())
	assert.Len(t, rows(t, v.Records(t.Context())), 10)
	require.ErrorIs(t, firstError(v.Records(ctx)), context.Canceled)
	var bad *datamix.RecordError
	require.ErrorAs(t, v.Fill(t.Context(), &sampletest.Input{N: 3, Bad: []int{1}}), &bad)
}

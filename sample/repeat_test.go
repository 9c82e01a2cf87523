package sample_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

func TestRepeat(t *testing.T) {
	const n = 40
	for _, o := range []*sample.RepeatOptions{nil, {FirstInOrder: true}, {Order: sample.SourceOrder}} {
		for _, passes := range []float64{0.25, 1, 1.5, 2, 3.1} {
			s := must(t)(sample.Repeat(passes, o))
			count := map[int]int{}
			orders := map[int][]int{}
			for r, err := range s.Sample(t.Context(), &sampletest.Input{N: n}) {
				require.NoError(t, err)
				assert.Equal(t, count[int(r.Origin.Row)], r.Origin.Pass, "the pass says how often the record came before")
				count[int(r.Origin.Row)]++
				orders[r.Origin.Pass] = append(orders[r.Origin.Pass], int(r.Origin.Row))
			}
			total := 0
			for pass, order := range orders {
				total += len(order)
				if pass < int(passes) {
					assert.Len(t, order, n)
				}
				inOrder := o != nil && (o.Order == sample.SourceOrder || o.FirstInOrder && pass == 0 && passes >= 1)
				assert.Equal(t, inOrder, slices.IsSorted(order), "pass %d of %v with %+v", pass, passes, o)
				if pass > 0 && !inOrder {
					assert.NotEqual(t, orders[pass-1][:len(order)], order, "the same order again")
				}
			}
			assert.Equal(t, int(math.Floor(passes*n+0.5)), total)
		}
	}
}

func TestRepeatOfARepeatNumbersPassesOn(t *testing.T) {
	inner := must(t)(sample.Repeat(2, nil))
	for _, o := range []*sample.RepeatOptions{nil, {Order: sample.SourceOrder}} {
		outer := must(t)(sample.Repeat(1.5, o))
		chain := datamix.Chain(&sampletest.Input{N: 10}, datamix.Draw(inner), datamix.Draw(outer))
		got := ids(t, chain.Records(t.Context()))
		assert.Len(t, got, 30)
		slices.Sort(got)
		assert.Len(t, slices.Compact(got), 30, "a record in the same pass twice")
	}
}

func TestShuffleSeparatesRepetitions(t *testing.T) {
	chain := datamix.Chain(&sampletest.Input{N: 50}, datamix.Draw(must(t)(sample.Repeat(2, nil))), datamix.Draw(must(t)(sample.Shuffle(nil))))
	got := rows(t, chain.Records(t.Context()))
	next := 0
	for i := 1; i < len(got); i++ {
		if got[i] == got[i-1] {
			next++
		}
	}
	assert.Less(t, next, 10, "repetitions of a record stand together")
}

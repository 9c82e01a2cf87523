package solve

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

func TestFixedQuantitiesAndWeights(t *testing.T) {
	whole := func(qs ...Quantity) *Part {
		p := &Part{Unit: datamix.Rows}
		for i, q := range qs {
			p.Parts = append(p.Parts, Part{Path: string(rune('a' + i)), Quantity: q, MaxEpochs: 1, Supply: supplytest.Same{Records: []int64{30, 100, 100, 7}[i], Tokens: 1}})
		}
		return p
	}
	share := func(x float64) Quantity { return Quantity{Kind: Share, Number: Decimal(x)} }
	for _, test := range []struct {
		total int64
		whole *Part
		want  []int64
	}{
		{100, whole(epochs(1), weight(1), weight(1), rows(5)), []int64{30, 33, 32, 5}},
		{100, whole(epochs(1), share(0.5), weight(1), rows(5)), []int64{30, 50, 15, 5}},
		{0, whole(epochs(1), share(0.5), share(0.2), epochs(1)), []int64{30, 61, 25, 7}},
		{Largest, whole(rows(30), weight(1), weight(2), rows(0)), []int64{30, 50, 100, 0}},
		{0, whole(rows(3), rows(4), epochs(1), rows(0)), []int64{3, 4, 100, 0}},
		{90, whole(epochs(0.5), weight(1), share(0.5), epochs(1)), []int64{15, 23, 45, 7}},
	} {
		got, err := Solve(test.whole, test.total)
		require.NoError(t, err, "%v", test.want)
		for i, n := range test.want {
			require.Equal(t, n, got.Parts[i].Amount, "%v", test.want)
		}
	}
	_, err := Solve(whole(rows(31), epochs(1), epochs(1), epochs(1)), 0)
	var infeasible *Infeasible
	require.ErrorAs(t, err, &infeasible)
	require.Equal(t, []Shortage{{Part: "a", Unit: datamix.Rows, Limit: LimitEpochs, Need: 31, Have: 30, Available: 30, MaxEpochs: 1}}, infeasible.Short)
	require.Equal(t, "1.034", infeasible.Short[0].Epochs().FloatString(3), "rounded up")
	require.EqualError(t, err, "part a is to give 31 rows and can give 30 (max_epochs)")
}

// TestTinyShares holds that a total is found where stepping to the very largest
// would take too long.
func TestTinyShares(t *testing.T) {
	whole := &Part{Unit: datamix.Rows, Parts: []Part{
		{Path: "tiny", MaxEpochs: 1, Quantity: Quantity{Kind: Share, Number: big.NewRat(1, 100_000_000)}, Supply: supplytest.Same{Records: 30, Tokens: 1}},
		{Path: "rest", MaxEpochs: 1, Quantity: weight(1), Supply: supplytest.Same{Records: 1 << 40, Tokens: 1}},
	}}
	got, err := Solve(whole, Largest)
	require.NoError(t, err)
	require.GreaterOrEqual(t, got.Amount, int64(3_000_000_000))
	require.Less(t, got.Amount, int64(3_100_000_000))
	_, err = Solve(whole, 3_100_000_001)
	var infeasible *Infeasible
	require.ErrorAs(t, err, &infeasible)
	require.Equal(t, got.Amount, infeasible.Nearest)
}

// TestPartsGoOnBehindWhatWasTaken holds that a part of which something is gone
// gives what is left of it.
func TestPartsGoOnBehindWhatWasTaken(t *testing.T) {
	list := &supplytest.List{Tokens: []int64{5, 1, 9, 2, 3}, Trainable: []int64{1, 1, 1, 1, 1}}
	leaf := Part{Path: "a", MaxEpochs: 2, Skip: 3, Supply: list, Quantity: weight(1)}
	s, err := Solve(&Part{Unit: datamix.Rows, Parts: []Part{leaf}}, Largest)
	require.NoError(t, err)
	require.Equal(t, []int64{7, 7}, []int64{s.Parts[0].Rows, s.Parts[0].Size})
	s, err = Solve(&Part{Unit: datamix.Tokens, Parts: []Part{leaf}}, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 10}, []int64{s.Parts[0].Rows, s.Parts[0].Size}, "2 and 3, and 5 of the next pass")
	leaf.Max = Bound{Amount: 5, In: datamix.Rows, Taken: 3}
	s, err = Solve(&Part{Unit: datamix.Rows, Parts: []Part{leaf}}, Largest)
	require.NoError(t, err)
	require.Equal(t, int64(2), s.Parts[0].Rows, "what was taken counts")
}

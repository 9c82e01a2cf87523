package mix

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// randomIndex has numbers of all sizes, and columns in which all are the same.
func randomIndex(t testing.TB, n int, largest uint) *Index {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(largest)))
	x := new(Index)
	for i := range n {
		count := func() int { return int(rng.Uint64N(1 << min(largest, 32))) }
		f := facts{Entry: Entry{Check: rng.Uint32(), Turns: 2,
			Counts: datamix.Counts{Total: count(), Context: count(), Final: count(), Trainable: count(), MaskFaults: i % 2},
			Place: datamix.Place{Size: rng.Int64N(1 << largest), Origin: datamix.Origin{Path: []string{"a", "b", "c"}[i*3/n],
				Row: int64(i), Sub: i % 3, Offset: rng.Int64N(1<<largest) - 1}}}}
		if largest == 62 {
			f.Place.Row = math.MaxInt64 - int64(i)
		}
		require.NoError(t, x.add(&f, new(wants)))
	}
	x.trim()
	return x
}

func TestRowwise(t *testing.T) {
	for _, n := range []int{1, 2, 63, blockRows, 2*blockRows + 77} {
		for _, largest := range []uint{1, 9, 30, 62} {
			x := randomIndex(t, n, largest)
			items := make([]item, 2*n)
			for i := range items {
				items[i].ordinal = uint32(rand.IntN(n))
			}
			var columns, rows gathered
			columns.gather(x, items)
			w := newRowwise(x)
			w.gather(&rows, items)
			require.Equal(t, columns, rows, "%d records, numbers up to 2^%d", n, largest)
			assert.InDelta(t, 8*len(w.words), rowwiseBytes(x), 32)
			for i, it := range items {
				e := x.At(int(it.ordinal))
				require.Equal(t, gathered{[]datamix.Place{e.Place}, []uint32{e.Check}, []datamix.Counts{e.Counts}},
					gathered{rows.places[i : i+1], rows.checks[i : i+1], rows.counts[i : i+1]})
			}
		}
	}
}

func BenchmarkGather(b *testing.B) {
	const n = 1 << 19
	x := randomIndex(b, n, 11)
	items := make([]item, 256)
	all := rand.Perm(n)
	run := func(gather func(g *gathered, items []item)) func(*testing.B) {
		return func(b *testing.B) {
			var g gathered
			for i := 0; b.Loop(); i++ {
				for k := range items {
					items[k].ordinal = uint32(all[(i*len(items)+k)%n])
				}
				gather(&g, items)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(items)), "ns/rec")
		}
	}
	b.Run("columns", run(func(g *gathered, items []item) { g.gather(x, items) }))
	b.Run("rowwise", run(newRowwise(x).gather))
	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			newRowwise(x)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/rec")
	})
}

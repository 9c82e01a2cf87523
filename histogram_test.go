package datamix_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

func histogramOf(vs ...int64) (h datamix.Histogram) {
	for _, v := range vs {
		h.Add(v)
	}
	return h
}

// TestHistogramBuckets holds that buckets touch, hold their numbers and are
// narrow, up to the largest number.
func TestHistogramBuckets(t *testing.T) {
	var vs []int64
	for v := int64(0); v < 5000; v++ {
		vs = append(vs, v)
	}
	for shift := 12; shift < 63; shift++ {
		vs = append(vs, 1<<shift-1, 1<<shift, 1<<shift+1)
	}
	vs = append(vs, math.MaxInt64)
	last := int64(-1)
	for b := range histogramOf(vs...).Buckets() {
		if b.Low < 4096 {
			require.Equal(t, last+1, b.Low)
		}
		last = b.High
		require.LessOrEqual(t, b.Low, b.High)
		if b.High < 32 {
			require.Equal(t, b.Low, b.High)
		} else {
			require.LessOrEqual(t, b.High-b.Low+1, max(b.Low/16, 1), "bucket %d", b.Low)
		}
		n := 0
		for _, v := range vs {
			if b.Low <= v && v <= b.High {
				n++
			}
		}
		require.EqualValues(t, n, b.N, "bucket %d to %d", b.Low, b.High)
	}
	require.EqualValues(t, math.MaxInt64, last)
}

func TestHistogramQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		vs := make([]int64, 1+rng.IntN(300))
		for i := range vs {
			vs[i] = int64(math.Exp(rng.Float64() * 12))
		}
		h := histogramOf(vs...)
		slices.Sort(vs)
		for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
			exact := vs[max(0, int(math.Ceil(q*float64(len(vs))))-1)]
			got := h.Quantile(q)
			require.GreaterOrEqual(t, got, exact)
			require.LessOrEqual(t, float64(got), float64(exact)*(1+1.0/16))
		}
		require.Equal(t, vs[0], h.Min())
		require.Equal(t, vs[len(vs)-1], h.Max())
	}
	assert.Zero(t, datamix.Histogram{}.Quantile(0.5))
	assert.Zero(t, datamix.Histogram{}.Mean())
	assert.EqualValues(t, 0, histogramOf(-3).Max(), "what is negative counts as 0")
}

func TestHistogramMergesInAnyOrder(t *testing.T) {
	a, b, c := histogramOf(1, 2, 3000), histogramOf(), histogramOf(7, 1<<40, 0)
	whole := histogramOf(1, 2, 3000, 7, 1<<40, 0)
	for _, order := range [][]datamix.Histogram{{a, b, c}, {c, b, a}, {b, c, a}} {
		var h datamix.Histogram
		for _, o := range order {
			h.Merge(o)
		}
		require.Equal(t, whole, h)
	}
	kept := histogramOf(5)
	other := kept
	other.Merge(histogramOf(5))
	require.Equal(t, histogramOf(5), kept, "merging into a copy leaves the original")
}

func TestHistogramJSON(t *testing.T) {
	for _, h := range []datamix.Histogram{{}, histogramOf(0), histogramOf(3, 3, 100, 1<<50)} {
		data, err := json.Marshal(h)
		require.NoError(t, err)
		var back datamix.Histogram
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, h, back)
	}
	data, err := json.Marshal(histogramOf(3, 3, 100))
	require.NoError(t, err)
	require.Equal(t, `{"n":3,"sum":106,"min":3,"max":100,"buckets":{"3":2,"100":1}}`, string(data))
	for _, bad := range []string{
		`{"n":1,"buckets":{"33":1}}`, `{"n":1,"buckets":{"-1":1}}`, `{"n":1,"buckets":{"3":-1}}`, `{"n":2,"buckets":{"3":1}}`, `{"buckets":{"x":1}}`, `[]`,
	} {
		var h datamix.Histogram
		require.Error(t, json.Unmarshal([]byte(bad), &h), bad)
	}
}

func ExampleHistogram() {
	var h datamix.Histogram
	for _, tokens := range []int64{12, 30, 31, 400, 410, 9000} {
		h.Add(tokens)
	}
	fmt.Println("median", h.Quantile(0.5), "mean", h.Mean(), "largest", h.Max())
	for b := range h.Buckets() {
		fmt.Println(b.Low, "to", b.High, "holds", b.N)
	}
	// Output:
	// median 31 mean 1647.1666666666667 largest 9000
	// 12 to 12 holds 1
	// 30 to 30 holds 1
	// 31 to 31 holds 1
	// 400 to 415 holds 2
	// 8704 to 9215 holds 1
}

func TestSetHash(t *testing.T) {
	a, b := datamix.NewText("a"), datamix.NewChat(datamix.User("b"))
	sum := func(rs ...*datamix.Record) (s datamix.SetHash) {
		for _, r := range rs {
			s.Count(r)
		}
		return s
	}
	require.Equal(t, sum(a, b), sum(b, a))
	require.NotEqual(t, sum(a, b), sum(a, b, b), "repeats count")
	parts := sum(a)
	parts.Add(sum(b))
	require.Equal(t, sum(a, b), parts)
	text, err := sum(a, b).MarshalText()
	require.NoError(t, err)
	var back datamix.SetHash
	require.NoError(t, back.UnmarshalText(text))
	require.Equal(t, sum(a, b), back)
	require.Error(t, back.UnmarshalText([]byte("12")))
	require.Error(t, back.UnmarshalText([]byte("zz")))
}

func ExampleSetHash() {
	var one, other datamix.SetHash
	for _, text := range []string{"a", "b"} {
		one.Count(datamix.NewText(text))
	}
	for _, text := range []string{"b", "a"} {
		other.Count(datamix.NewText(text))
	}
	fmt.Println(one == other)
	// Output: true
}

// FuzzHistogramJSON holds that what is read as a histogram is one: written and
// read again it is the same, and its buckets add up.
func FuzzHistogramJSON(f *testing.F) {
	f.Add([]byte(`{"n":3,"sum":106,"min":3,"max":100,"buckets":{"3":2,"100":1}}`))
	f.Add([]byte(`{"n":1,"buckets":{"9223372036854775807":1}}`))
	f.Add([]byte(`{"n":0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h datamix.Histogram
		if json.Unmarshal(data, &h) != nil {
			return
		}
		var n int64
		for b := range h.Buckets() {
			n += b.N
		}
		require.Equal(t, h.N(), n)
		h.Quantile(0.5)
		written, err := json.Marshal(h)
		require.NoError(t, err)
		var back datamix.Histogram
		require.NoError(t, json.Unmarshal(written, &back))
		require.Equal(t, h, back)
	})
}

package datamix

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/bits"
	"slices"
)

// Histogram counts whole numbers from 0 up in buckets that are the same for
// every histogram: each number below 32 has one of its own, and from there each
// power of two is cut into 16 of equal width, so that a bucket is at most 1/16
// as wide as its numbers are large. This is the layout of HdrHistogram with four
// bits.
//
// The zero Histogram is empty. It takes at most 8 KiB. It is not safe for
// concurrent use, and a copy shares its buckets as one of a slice does: to go on
// counting in both, merge it into a zero Histogram.
type Histogram struct {
	buckets []int64 // up to the last that is not empty
	n       int64
	sum     int64
	min     int64
	max     int64
}

// Bucket is one bucket of a Histogram.
type Bucket struct {
	// Low and High are the smallest and the largest number that fall in it.
	Low, High int64
	// N is the number of numbers that did.
	N int64
}

// histogramBits is the number of bits that tell the buckets of one power of two
// apart.
const histogramBits = 4

// bucketOf returns the bucket of v, which is not negative.
func bucketOf(v int64) int {
	if v < 2<<histogramBits {
		return int(v)
	}
	shift := bits.Len64(uint64(v)) - histogramBits - 1
	return shift<<histogramBits + int(v>>shift)
}

// bucketLow returns the smallest number of a bucket.
func bucketLow(i int) int64 {
	if i < 2<<histogramBits {
		return int64(i)
	}
	shift := i>>histogramBits - 1
	return int64(i-shift<<histogramBits) << shift
}

// bucketHigh returns the largest number of a bucket.
func bucketHigh(i int) int64 { return bucketLow(i+1) - 1 }

// Add counts v; a negative v counts as 0.
func (h *Histogram) Add(v int64) {
	v = max(v, 0)
	i := bucketOf(v)
	if i >= len(h.buckets) {
		h.grow(i + 1)
	}
	h.buckets[i]++
	if h.n == 0 || v < h.min {
		h.min = v
	}
	h.max = max(h.max, v)
	h.n++
	h.sum += v
}

func (h *Histogram) grow(n int) {
	h.buckets = append(h.buckets, make([]int64, n-len(h.buckets))...)
}

// Merge adds the counts of o. It is associative and commutative: the histograms
// of slices merge into that of the whole.
func (h *Histogram) Merge(o Histogram) {
	if o.n == 0 {
		return
	}
	merged := make([]int64, max(len(h.buckets), len(o.buckets))) // copies of h keep their counts
	copy(merged, h.buckets)
	for i, n := range o.buckets {
		merged[i] += n
	}
	if h.n == 0 || o.min < h.min {
		h.min = o.min
	}
	h.buckets, h.max = merged, max(h.max, o.max)
	h.n += o.n
	h.sum += o.sum
}

// N returns the number of numbers that were counted.
func (h Histogram) N() int64 { return h.n }

// Sum returns their sum.
func (h Histogram) Sum() int64 { return h.sum }

// Min returns the smallest, 0 for an empty histogram.
func (h Histogram) Min() int64 { return h.min }

// Max returns the largest, 0 for an empty histogram.
func (h Histogram) Max() int64 { return h.max }

// Mean returns their mean, 0 for an empty histogram.
func (h Histogram) Mean() float64 {
	if h.n == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.n)
}

// Quantile returns a number that at least the part q of the numbers, 0 to 1, do
// not exceed: the smallest such number rounded up to the end of its bucket, so
// that it is exact below 32 and at most 1/16 too large above. For an empty
// histogram it is 0.
func (h Histogram) Quantile(q float64) int64 {
	if h.n == 0 {
		return 0
	}
	rank := int64(q * float64(h.n))
	if float64(rank) < q*float64(h.n) {
		rank++
	}
	rank = min(max(rank, 1), h.n)
	for b := range h.Buckets() {
		if rank -= b.N; rank <= 0 {
			return max(min(b.High, h.max), h.min)
		}
	}
	return h.max
}

// Buckets yields the buckets that are not empty, the smallest numbers first.
func (h Histogram) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		for i, n := range h.buckets {
			if n > 0 && !yield(Bucket{bucketLow(i), bucketHigh(i), n}) {
				return
			}
		}
	}
}

// histogramJSON is how a histogram is written.
type histogramJSON struct {
	N       int64        `json:"n"`
	Sum     int64        `json:"sum"`
	Min     int64        `json:"min"`
	Max     int64        `json:"max"`
	Buckets bucketCounts `json:"buckets,omitempty"`
}

// bucketCounts is an object of the counts by the smallest number of a bucket, in
// their order.
type bucketCounts []Bucket

func (c bucketCounts) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, bucket := range c {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `"%d":%d`, bucket.Low, bucket.N)
	}
	return append(b, '}'), nil
}

func (c *bucketCounts) UnmarshalJSON(data []byte) error {
	var counts map[int64]int64
	if err := json.Unmarshal(data, &counts); err != nil {
		return err
	}
	*c = nil
	for _, low := range slices.Sorted(maps.Keys(counts)) {
		*c = append(*c, Bucket{Low: low, N: counts[low]})
	}
	return nil
}

// MarshalJSON writes the sums, and the count of each bucket that is not empty
// under its smallest number.
func (h Histogram) MarshalJSON() ([]byte, error) {
	return json.Marshal(histogramJSON{N: h.n, Sum: h.sum, Min: h.min, Max: h.max, Buckets: slices.Collect(h.Buckets())})
}

// UnmarshalJSON reads what MarshalJSON wrote. Buckets that are not those of a
// Histogram, or counts that do not add up, are an error.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var j histogramJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	read := Histogram{n: j.N, sum: j.Sum, min: j.Min, max: j.Max}
	var n int64
	for _, b := range j.Buckets {
		if b.Low < 0 || b.N <= 0 || bucketLow(bucketOf(b.Low)) != b.Low {
			return fmt.Errorf("datamix: histogram: no bucket begins with %d and holds %d", b.Low, b.N)
		}
		i := bucketOf(b.Low)
		read.grow(i + 1)
		read.buckets[i] = b.N
		n += b.N
	}
	if n != j.N {
		return fmt.Errorf("datamix: histogram: the buckets hold %d numbers, and n is %d", n, j.N)
	}
	*h = read
	return nil
}

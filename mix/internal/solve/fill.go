package solve

import (
	"cmp"
	"math/bits"
	"slices"
)

// fill divides a total in proportion to weights between bounds: each part gets
// the same multiple of its weight, or the bound that is nearest to it. What is
// not at a bound is made whole by largest remainder. False stands for a total
// that the bounds do not allow. Weights must sum to at most 2^62 and bounds be
// at most MaxAmount; weight 0 gets the lower bound.
func fill(total int64, weights []uint64, low, high []int64) ([]int64, bool) {
	type event struct {
		part int
		at   int64 // where the part, growing with its weight, meets a bound
		end  bool
	}
	amounts := slices.Clone(low)
	var events []event
	left := total // for the parts that are growing
	for i, w := range weights {
		left -= low[i]
		if w > 0 && low[i] < high[i] {
			events = append(events, event{i, low[i], false}, event{i, high[i], true})
		}
	}
	if left < 0 {
		return nil, false
	}
	slices.SortFunc(events, func(a, b event) int {
		if c := compareProducts(uint64(a.at), weights[b.part], uint64(b.at), weights[a.part]); c != 0 {
			return c
		}
		if a.end != b.end { // a part that grows from here does so before another ends
			if a.end {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.part, b.part)
	})
	growing := make([]bool, len(weights))
	var sum uint64 // of the weights that are growing
	for _, e := range events {
		w := weights[e.part]
		// All that grow have reached at/w times their weight. Is that enough?
		if sum > 0 && compareProducts(sum, uint64(e.at), uint64(left), w) >= 0 {
			break
		}
		if e.end {
			growing[e.part] = false
			amounts[e.part] = high[e.part]
			sum -= w
			left -= high[e.part]
		} else {
			growing[e.part] = true
			sum += w
			left += low[e.part]
		}
	}
	if sum == 0 {
		return amounts, left == 0
	}
	grown := make([]uint64, len(weights))
	for i, g := range growing {
		if g {
			grown[i] = weights[i]
		}
	}
	q := &ratio{slope: grown, offset: make([]uint64, len(weights)), unit: sum}
	shares, _ := q.divide(left, 0)
	for i, g := range growing {
		if g {
			amounts[i] = shares[i]
		}
	}
	return amounts, true
}

// compareProducts compares a*b with c*d.
func compareProducts(a, b, c, d uint64) int {
	hi1, lo1 := bits.Mul64(a, b)
	hi2, lo2 := bits.Mul64(c, d)
	if hi1 != hi2 {
		return cmp.Compare(hi1, hi2)
	}
	return cmp.Compare(lo1, lo2)
}

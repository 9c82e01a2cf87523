package solve

import (
	"cmp"
	"math/big"
	"math/bits"
	"slices"

	"github.com/datamix-go/datamix/sample"
)

// ratio holds the targets of the proportional parts of a group, as linear
// functions of the group's total T and of what its fixed parts take, F:
//
//	target i = (slope i * T - offset i * F) / unit
//
// A share s has slope s and offset 0; a weight w of W beside shares that add up
// to S has slope (1-S)w/W and offset w/W. All are whole numbers of at most 2^62
// and products of two fit into 128 bits, so that no fractions grow.
type ratio struct {
	slope, offset []uint64
	unit          uint64
	// weights says that there are weights: the targets then add up to T - F.
	weights bool
}

// ratioBits bounds the numbers of a ratio. What needs more digits, such as a
// hundred shares with different denominators, is rounded to parts of 2^62.
const ratioBits = 62

// newRatio makes a ratio of shares and weights; nil stands for a part that has
// none. The shares add up to at most 1, which is checked elsewhere.
func newRatio(shares, weights []*big.Rat) (*ratio, error) {
	n := len(shares)
	left := big.NewRat(1, 1)
	for _, s := range shares {
		if s != nil {
			left.Sub(left, s)
		}
	}
	whole, sum, err := wholeWeights(weights)
	if err != nil {
		return nil, err
	}
	if sum > 0 && left.Cmp(big.NewRat(1, 1)) == 0 {
		return &ratio{slope: whole, offset: whole, unit: sum, weights: true}, nil
	}
	slopes, offsets := make([]*big.Rat, n), make([]*big.Rat, n)
	for i := range shares {
		slopes[i], offsets[i] = new(big.Rat), new(big.Rat)
		switch {
		case shares[i] != nil:
			slopes[i] = shares[i]
		case whole[i] > 0:
			offsets[i].SetFrac(new(big.Int).SetUint64(whole[i]), new(big.Int).SetUint64(sum))
			slopes[i].Mul(left, offsets[i])
		}
	}
	q := &ratio{weights: sum > 0}
	unit := big.NewInt(1)
	for _, x := range slices.Concat(slopes, offsets) {
		gcd := new(big.Int).GCD(nil, nil, unit, x.Denom())
		if unit.Mul(unit, gcd.Quo(x.Denom(), gcd)).BitLen() > ratioBits {
			return q, q.approximate(slopes, offsets)
		}
	}
	q.unit = unit.Uint64()
	q.slope, q.offset = make([]uint64, n), make([]uint64, n)
	for i := range slopes {
		q.slope[i] = new(big.Int).Mul(slopes[i].Num(), new(big.Int).Quo(unit, slopes[i].Denom())).Uint64()
		q.offset[i] = new(big.Int).Mul(offsets[i].Num(), new(big.Int).Quo(unit, offsets[i].Denom())).Uint64()
	}
	return q, nil
}

// wholeWeights returns whole numbers in the ratio of the weights, and their sum,
// at most 2^62.
func wholeWeights(weights []*big.Rat) (whole []uint64, sum uint64, err error) {
	given := make([]*big.Rat, len(weights))
	for i, w := range weights {
		if given[i] = w; w == nil {
			given[i] = new(big.Rat)
		}
	}
	if whole, err = sample.IntegerWeights(given); err != nil {
		return nil, 0, err
	}
	for _, w := range whole {
		sum += w
	}
	return whole, sum, nil
}

// approximate writes the fractions as parts of 2^62.
func (q *ratio) approximate(slopes, offsets []*big.Rat) (err error) {
	q.unit = 1 << ratioBits
	if q.slope, err = parts(slopes, q.unit); err != nil {
		return err
	}
	q.offset, err = parts(offsets, q.unit)
	return err
}

// parts rounds fractions of a unit to whole numbers with the same sum.
func parts(fractions []*big.Rat, unit uint64) ([]uint64, error) {
	out := make([]uint64, len(fractions))
	sum := new(big.Rat)
	for _, f := range fractions {
		sum.Add(sum, f)
	}
	if sum.Sign() == 0 {
		return out, nil
	}
	whole := Round(sum.Mul(sum, new(big.Rat).SetInt64(int64(unit))))
	quotas, err := sample.Apportion(whole, fractions)
	for i, n := range quotas {
		out[i] = uint64(n)
	}
	return out, err
}

// quotient is a target: a whole part and a remainder of the unit.
type quotient struct {
	whole int64
	rest  uint64
}

// target returns the target of part i, false if it is negative.
func (q *ratio) target(i int, total, given int64) (quotient, bool) {
	hi, lo := bits.Mul64(q.slope[i], uint64(total))
	if q.offset[i] > 0 && given > 0 {
		ghi, glo := bits.Mul64(q.offset[i], uint64(given))
		var borrow uint64
		lo, borrow = bits.Sub64(lo, glo, 0)
		if hi, borrow = bits.Sub64(hi, ghi, borrow); borrow > 0 {
			return quotient{}, false
		}
	}
	whole, rest := bits.Div64(hi, lo, q.unit) // hi < unit, because slope <= unit
	return quotient{int64(whole), rest}, true
}

// divide gives each part its whole amount of a total, by largest remainder: the
// lower index first where remainders are equal. False stands for a total that is
// too small for the fixed parts.
func (q *ratio) divide(total, given int64) ([]int64, bool) {
	n := len(q.slope)
	amounts, rests := make([]int64, n), make([]uint64, n)
	left := quotient{}
	for i := range amounts {
		t, ok := q.target(i, total, given)
		if !ok {
			return nil, false
		}
		amounts[i], rests[i] = t.whole, t.rest
		if left.rest += t.rest; left.rest >= q.unit {
			left.rest -= q.unit
			left.whole++
		}
	}
	grants := left.whole
	if left.rest >= q.unit-left.rest { // rounds half up where shares leave a fraction
		grants++
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rests[b], rests[a]) })
	for _, i := range order[:grants] {
		amounts[i]++
	}
	return amounts, true
}

// atMost returns the largest total for which the whole part of target i is at
// most n, and the largest for which the target itself is, so that rounding up
// does no harm; false if every one is.
func (q *ratio) atMost(i int, n, given int64) (most, sure int64, ok bool) {
	if q.slope[i] == 0 {
		return 0, 0, false
	}
	// slope*T - offset*given <= (n+1)*unit - 1
	hi, lo := bits.Mul64(uint64(n)+1, q.unit)
	hi, lo = plus(hi, lo, q.offset[i], uint64(given))
	var borrow uint64
	lo, borrow = bits.Sub64(lo, 1, 0)
	most = quoInt64(hi-borrow, lo, q.slope[i])
	hi, lo = bits.Mul64(uint64(n), q.unit)
	hi, lo = plus(hi, lo, q.offset[i], uint64(given))
	return most, quoInt64(hi, lo, q.slope[i]), true
}

// atLeast returns the smallest total for which target i, rounded up, is at least
// n, and the smallest for which its whole part is.
func (q *ratio) atLeast(i int, n, given int64) (least, sure int64, ok bool) {
	if n <= 0 || q.slope[i] == 0 {
		return 0, 0, q.slope[i] > 0
	}
	// slope*T - offset*given > (n-1)*unit
	hi, lo := bits.Mul64(uint64(n)-1, q.unit)
	hi, lo = plus(hi, lo, q.offset[i], uint64(given))
	least = quoInt64(hi, lo, q.slope[i]) + 1
	hi, lo = bits.Mul64(uint64(n), q.unit)
	hi, lo = plus(hi, lo, q.offset[i], uint64(given))
	return least, quoInt64(hi, lo, q.slope[i]) + 1, true
}

// least returns the smallest total at which no weight has a negative target.
func (q *ratio) least(given int64) int64 {
	for i := range q.offset {
		if q.offset[i] > 0 && q.slope[i] > 0 {
			hi, lo := bits.Mul64(q.offset[i], uint64(given))
			var carry uint64
			lo, carry = bits.Add64(lo, q.slope[i]-1, 0)
			return quoInt64(hi+carry, lo, q.slope[i])
		}
	}
	return 0
}

// plus returns (hi, lo) + a*b.
func plus(hi, lo, a, b uint64) (uint64, uint64) {
	phi, plo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, plo, 0)
	hi, _ = bits.Add64(hi, phi, carry)
	return hi, lo
}

// quoInt64 returns (hi, lo) / d, at most the largest amount.
func quoInt64(hi, lo, d uint64) int64 {
	if hi >= d {
		return MaxAmount
	}
	q, _ := bits.Div64(hi, lo, d)
	return int64(min(q, MaxAmount))
}

package sample

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// Apportion divides total into whole numbers in the ratio of the weights, by
// largest remainder (Hamilton's method): each gets the whole part of its exact
// quota, and what is left goes one by one to the largest fractions, the lower
// index first where they are equal. The result sums to total exactly, each
// number is less than 1 away from its quota, and weight 0 gets 0. The weights
// need not sum to 1. A negative total or weight, or a positive total with no
// positive weight, is an error.
func Apportion(total int64, weights []*big.Rat) ([]int64, error) {
	ints, err := scaleToIntegers(weights)
	if err != nil {
		return nil, err
	}
	sum := new(big.Int)
	for _, w := range ints {
		sum.Add(sum, w)
	}
	if err := checkTotal(total, sum.Sign()); err != nil {
		return nil, err
	}
	quotas := make([]int64, len(ints))
	if total == 0 {
		return quotas, nil
	}
	rests := make([]*big.Int, len(ints))
	left := total
	for i, w := range ints {
		product := new(big.Int).Mul(w, big.NewInt(total))
		q, r := product.QuoRem(product, sum, new(big.Int))
		quotas[i], rests[i] = q.Int64(), r
		left -= quotas[i]
	}
	grant(quotas, left, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	return quotas, nil
}

// ApportionSizes is Apportion in the ratio of sizes, which must sum to less
// than 2^63. Where total is at most that sum, no number is above its size.
func ApportionSizes(total int64, sizes []int64) ([]int64, error) {
	var sum int64
	for i, s := range sizes {
		if s < 0 {
			return nil, fmt.Errorf("apportion: size %d is negative: %d", i, s)
		}
		if s > math.MaxInt64-sum {
			return nil, errors.New("apportion: the sizes sum to 2^63 or more")
		}
		sum += s
	}
	if err := checkTotal(total, int(min(sum, 1))); err != nil {
		return nil, err
	}
	quotas := make([]int64, len(sizes))
	if total == 0 {
		return quotas, nil
	}
	rests := make([]uint64, len(sizes))
	left := total
	for i, s := range sizes {
		hi, lo := bits.Mul64(uint64(total), uint64(s))
		q, r := bits.Div64(hi, lo, uint64(sum)) // hi < sum, because s <= sum and total < 2^64
		quotas[i], rests[i] = int64(q), r
		left -= int64(q)
	}
	grant(quotas, left, func(a, b int) int {
		switch {
		case rests[a] > rests[b]:
			return -1
		case rests[a] < rests[b]:
			return 1
		}
		return 0
	})
	return quotas, nil
}

func checkTotal(total int64, sign int) error {
	switch {
	case total < 0:
		return fmt.Errorf("apportion: the total is negative: %d", total)
	case total > 0 && sign == 0:
		return fmt.Errorf("apportion: nothing to give %d to: no weight is positive", total)
	}
	return nil
}

// grant gives 1 more to the first of the order that byRest makes.
func grant(quotas []int64, left int64, byRest func(a, b int) int) {
	if left == 0 {
		return
	}
	order := make([]int, len(quotas))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, byRest)
	for _, i := range order[:left] {
		quotas[i]++
	}
}

// scaleToIntegers multiplies the weights by their common denominator.
func scaleToIntegers(weights []*big.Rat) ([]*big.Int, error) {
	common := big.NewInt(1)
	for i, w := range weights {
		if w == nil || w.Sign() < 0 {
			return nil, fmt.Errorf("apportion: weight %d is missing or negative", i)
		}
		gcd := new(big.Int).GCD(nil, nil, common, w.Denom())
		common.Mul(common, new(big.Int).Quo(w.Denom(), gcd))
	}
	ints := make([]*big.Int, len(weights))
	for i, w := range weights {
		factor := new(big.Int).Quo(common, w.Denom())
		ints[i] = factor.Mul(factor, w.Num())
	}
	return ints, nil
}

// weightBits bounds the sum of integer weights: 2^62.
const weightBits = 62

// IntegerWeights returns integers in the ratio of the weights, for a Scheduler.
// They are exact where they can be written with a sum of at most 2^62;
// otherwise they are the weights' parts of 2^62, by Apportion.
func IntegerWeights(weights []*big.Rat) ([]uint64, error) {
	ints, err := scaleToIntegers(weights)
	if err != nil {
		return nil, err
	}
	sum, gcd := new(big.Int), new(big.Int)
	for _, w := range ints {
		sum.Add(sum, w)
		gcd.GCD(nil, nil, gcd, w)
	}
	out := make([]uint64, len(ints))
	if sum.Sign() == 0 {
		return out, nil
	}
	if sum.Quo(sum, gcd).Cmp(new(big.Int).Lsh(big.NewInt(1), weightBits)) > 0 {
		quotas, err := Apportion(1<<weightBits, weights)
		for i, q := range quotas {
			out[i] = uint64(q)
		}
		return out, err
	}
	for i, w := range ints {
		out[i] = new(big.Int).Quo(w, gcd).Uint64()
	}
	return out, nil
}

package sample

import (
	"fmt"
	"math"
	"math/big"
	"slices"
)

// TemperatureWeights returns weights in the ratio size^(1/t), which sum to 1:
// t = 1 is proportional to size, larger t evens out, +Inf makes all parts that
// are not empty equal. It is the usual smoothing in multilingual training; papers
// that give an exponent alpha (mBERT and XLM-R 0.7 and 0.3, mT5 0.3) mean
// t = 1/alpha. Sizes are in any unit; size 0 gets weight 0, and so does a weight
// below 2^-63 of the largest. t must be positive.
//
// The result is the same on every machine: it is computed in software, not with
// the processor's floating point.
func TemperatureWeights(sizes []int64, t float64) ([]*big.Rat, error) {
	if math.IsNaN(t) || t <= 0 {
		return nil, fmt.Errorf("temperature weights: the temperature is %v, want a positive number", t)
	}
	largest, err := checkSizes("temperature weights", sizes)
	if err != nil {
		return nil, err
	}
	parts := make([]*big.Rat, len(sizes))
	for i, size := range sizes {
		parts[i] = new(big.Rat)
		switch {
		case size == 0:
		case math.IsInf(t, 1):
			parts[i].SetInt64(1)
		case t == 1:
			parts[i].SetInt64(size)
		default:
			parts[i].SetInt(root(size, largest, t))
		}
	}
	return normalize(parts), nil
}

// UniMaxWeights returns the weights of UniMax, which sum to 1: every part gets
// an equal part of the budget, but none more than maxEpochs times its size; what
// a small part cannot take is shared by the larger ones (Chung et al., UniMax,
// ICLR 2023, arXiv:2304.09151, algorithm 1). Sizes and budget are in the same
// unit; the paper counts characters. An empty part gets weight 0. Where the
// budget is above maxEpochs times all sizes, every part is at its cap and the
// weights are proportional to size. The arithmetic is exact.
func UniMaxWeights(sizes []int64, budget int64, maxEpochs float64) ([]*big.Rat, error) {
	if _, err := checkSizes("unimax weights", sizes); err != nil {
		return nil, err
	}
	if budget <= 0 {
		return nil, fmt.Errorf("unimax weights: the budget is %d, want a positive number", budget)
	}
	epochs, err := FloatShare(maxEpochs)
	if err != nil || epochs.Sign() == 0 {
		return nil, fmt.Errorf("unimax weights: the largest number of epochs is %v, want a positive number", maxEpochs)
	}
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(sizes[a], sizes[b]) })
	left := new(big.Rat).SetInt64(budget)
	parts := make([]*big.Rat, len(sizes))
	for rank, i := range order {
		equal := new(big.Rat).Quo(left, big.NewRat(int64(len(order)-rank), 1))
		most := new(big.Rat).SetInt64(sizes[i])
		most.Mul(most, epochs)
		parts[i] = equal
		if most.Cmp(equal) < 0 {
			parts[i] = most
		}
		left.Sub(left, parts[i])
	}
	return normalize(parts), nil
}

// checkSizes returns the largest of sizes, which must be positive.
func checkSizes(what string, sizes []int64) (int64, error) {
	var largest int64
	for i, s := range sizes {
		if s < 0 {
			return 0, fmt.Errorf("%s: size %d is negative: %d", what, i, s)
		}
		largest = max(largest, s)
	}
	if largest == 0 {
		return 0, fmt.Errorf("%s: every part is empty", what)
	}
	return largest, nil
}

// normalize divides the parts by their sum.
func normalize(parts []*big.Rat) []*big.Rat {
	sum := new(big.Rat)
	for _, p := range parts {
		sum.Add(sum, p)
	}
	for _, p := range parts {
		p.Quo(p, sum)
	}
	return parts
}

const (
	rootPrecision = 192 // bits
	rootScale     = 62  // the largest root is 2^rootScale
)

// root returns (n/largest)^(1/t) * 2^62, rounded to the nearest integer.
func root(n, largest int64, t float64) *big.Int {
	x := number().Sub(logarithm(n), logarithm(largest))
	x.Quo(x, number().SetFloat64(t))
	y := exponential(x)
	y.SetMantExp(y, rootScale)
	y.Add(y, number().SetFloat64(0.5))
	i, _ := y.Int(nil)
	return i
}

func number() *big.Float { return new(big.Float).SetPrec(rootPrecision) }

// logarithm returns ln n for n > 0: of the mantissa by the series of artanh,
// which converges by a factor of 9 or more a term, and of the exponent.
func logarithm(n int64) *big.Float {
	m := number()
	e := number().SetInt64(n).MantExp(m) // n = m * 2^e, m in [1/2, 1)
	z := number().Quo(number().Sub(m, number().SetInt64(1)), number().Add(m, number().SetInt64(1)))
	ln := artanh2(z)
	return ln.Add(ln, number().Mul(ln2(), number().SetInt64(int64(e))))
}

// ln2 returns ln 2 = 2 artanh(1/3).
func ln2() *big.Float { return artanh2(number().Quo(number().SetInt64(1), number().SetInt64(3))) }

// artanh2 returns 2 artanh(z) for |z| <= 1/3.
func artanh2(z *big.Float) *big.Float {
	sum, power, square := number(), number().Set(z), number().Mul(z, z)
	for k := int64(1); k < rootPrecision/3; k += 2 { // 9^-32 is about 2^-101 and lies below what is kept
		sum.Add(sum, number().Quo(power, number().SetInt64(k)))
		power.Mul(power, square)
	}
	return sum.Mul(sum, number().SetInt64(2))
}

// exponential returns e^x for x <= 0, and 0 where that is below 2^-128.
func exponential(x *big.Float) *big.Float {
	q := number().Quo(x, ln2())
	if q.Cmp(number().SetInt64(-128)) < 0 {
		return number()
	}
	whole, _ := q.Int64() // towards zero: the rest lies in (-ln 2, 0]
	rest := number().Sub(x, number().Mul(ln2(), number().SetInt64(whole)))
	sum, term := number(), number().SetInt64(1)
	for k := int64(1); k < 40; k++ { // 1/40! is below 2^-158
		sum.Add(sum, term)
		term.Mul(term, rest)
		term.Quo(term, number().SetInt64(k))
	}
	return sum.SetMantExp(sum, int(whole))
}

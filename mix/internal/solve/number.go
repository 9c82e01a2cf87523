package solve

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
)

// MaxAmount is above every amount, 10^15: what has no limit can give so much.
const MaxAmount = 1 << 50

// Decimal returns the decimal number that x prints as. What is no number becomes
// -1, for a check to refuse.
func Decimal(x float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	if !ok {
		return big.NewRat(-1, 1)
	}
	return r
}

// Floor returns the largest whole number that is at most x, and the largest
// int64 where that is more.
func Floor(x *big.Rat) int64 {
	q := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: rounds down
	if !q.IsInt64() {
		return 1<<63 - 1
	}
	return q.Int64()
}

// Round rounds half up.
func Round(x *big.Rat) int64 { return Floor(new(big.Rat).Add(x, big.NewRat(1, 2))) }

// EpochsOf is how much so many passes give.
func EpochsOf(epochs float64, once int64) int64 {
	return min(MaxAmount, Floor(new(big.Rat).Mul(Decimal(epochs), new(big.Rat).SetInt64(once))))
}

// Amount writes a number with its unit.
func Amount(n int64, u datamix.Unit) string {
	return datamix.Thousands(n) + " " + strings.ReplaceAll(string(u), "_", " ")
}

package sample

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxShareText is the longest text that ParseShare reads, in bytes.
const maxShareText = 64

// ParseShare reads a share or weight exactly: a decimal number ("0.4"), a
// percentage ("40%", "12.4 %") or a fraction ("2/3"). Decimal shares that sum
// to 1 on paper sum to 1 here. Signs, exponents, digit separators and texts
// above 64 bytes are errors; there is no upper bound on the value.
func ParseShare(s string) (*big.Rat, error) {
	share, err := parseShare(s)
	if err != nil {
		return nil, fmt.Errorf("share %.80q: %w", s, err)
	}
	return share, nil
}

func parseShare(s string) (*big.Rat, error) {
	if len(s) > maxShareText {
		return nil, fmt.Errorf("longer than %d bytes", maxShareText)
	}
	s = strings.TrimSpace(s)
	if number, ok := strings.CutSuffix(s, "%"); ok {
		r, err := parseDecimal(strings.TrimSpace(number))
		if err != nil {
			return nil, err
		}
		return r.Quo(r, big.NewRat(100, 1)), nil
	}
	over, under, ok := strings.Cut(s, "/")
	if !ok {
		return parseDecimal(s)
	}
	a, err := parseDecimal(strings.TrimSpace(over))
	if err != nil {
		return nil, err
	}
	b, err := parseDecimal(strings.TrimSpace(under))
	if err != nil {
		return nil, err
	}
	if b.Sign() == 0 {
		return nil, fmt.Errorf("division by zero")
	}
	return a.Quo(a, b), nil
}

func parseDecimal(s string) (*big.Rat, error) {
	digits, points := 0, 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		default:
			return nil, fmt.Errorf("want a number like 0.4, 40%% or 2/3, got %q in it", c)
		}
	}
	if digits == 0 || points > 1 {
		return nil, fmt.Errorf("want a number like 0.4, 40%% or 2/3")
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("want a number like 0.4, 40%% or 2/3")
	}
	return r, nil
}

// FloatShare returns the shortest decimal number that f is the nearest float64
// to, exactly: 0.1 becomes 1/10. NaN, infinities and negative numbers are
// errors.
func FloatShare(f float64) (*big.Rat, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		return nil, fmt.Errorf("share %v: want a number from 0 up", f)
	}
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	if !ok {
		return nil, fmt.Errorf("share %v: want a number from 0 up", f)
	}
	return r, nil
}

// roundShare returns floor(share*n + 1/2): the nearest integer, halves up.
func roundShare(share *big.Rat, n int64) int64 {
	num := new(big.Int).Mul(share.Num(), big.NewInt(2*n))
	num.Add(num, share.Denom())
	return num.Quo(num, new(big.Int).Lsh(share.Denom(), 1)).Int64()
}

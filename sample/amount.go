package sample

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/datamix-go/datamix"
)

// Amount says how much a sampler draws: a number of rows, tokens or trainable
// tokens, or a fraction of what there is in one of these units. The two cannot
// be confused: Rows(1) is one row, Fraction(1) is every row. The zero Amount is
// Rows(0). A nonsensical amount is an error of the constructor that it is given
// to.
//
// A fraction f of n is floor(f*n + 1/2) with f as it is written in decimal.
//
// In JSON an Amount is {"unit": "tokens", "n": 1000} or {"fraction": "1/10"};
// the fraction may be anything that ParseShare reads, or a number.
type Amount struct {
	unit  datamix.Unit
	n     int64
	share *big.Rat // nil for an absolute number
	err   error
}

// Rows is an amount of n records.
func Rows(n int64) Amount { return Absolute(datamix.Rows, n) }

// Tokens is an amount of n tokens, as datamix.Counts.Total counts them.
func Tokens(n int64) Amount { return Absolute(datamix.Tokens, n) }

// TrainableTokens is an amount of n tokens that carry loss.
func TrainableTokens(n int64) Amount { return Absolute(datamix.TrainableTokens, n) }

// Absolute is an amount of n in a unit.
func Absolute(unit datamix.Unit, n int64) Amount {
	a := Amount{unit: unit, n: n}
	switch {
	case unit.Check() != nil:
		a.err = unit.Check()
	case n < 0:
		a.err = fmt.Errorf("the amount is negative: %d", n)
	}
	return a
}

// Fraction is the fraction f of the rows, 0 to 1.
func Fraction(f float64) Amount {
	share, err := FloatShare(f)
	if err != nil {
		return Amount{err: err}
	}
	return FractionOf(datamix.Rows, share)
}

// FractionOf is a fraction, 0 to 1, of what there is in a unit.
func FractionOf(unit datamix.Unit, share *big.Rat) Amount {
	a := Amount{unit: unit}
	switch {
	case unit.Check() != nil:
		a.err = unit.Check()
	case share == nil || share.Sign() < 0 || share.Cmp(big.NewRat(1, 1)) > 0:
		a.err = fmt.Errorf("the fraction is %s, want 0 to 1; to repeat records use Repeat, for a number of rows use Rows", ratText(share))
	default:
		a.share = new(big.Rat).Set(share)
	}
	return a
}

// Unit returns what the amount is counted in, never "".
func (a Amount) Unit() datamix.Unit {
	if a.unit == "" {
		return datamix.Rows
	}
	return a.unit
}

// Of returns the amount as a number, where there are total in its unit.
func (a Amount) Of(total int64) int64 {
	if a.share == nil {
		return a.n
	}
	return roundShare(a.share, total)
}

// String returns for example "100 rows" or "1/10 of the tokens".
func (a Amount) String() string {
	unit := strings.ReplaceAll(string(a.Unit()), "_", " ")
	if a.share == nil {
		return fmt.Sprintf("%d %s", a.n, unit)
	}
	return fmt.Sprintf("%s of the %s", a.share.RatString(), unit)
}

func ratText(r *big.Rat) string {
	if r == nil {
		return "missing"
	}
	return r.RatString()
}

// amountState is the JSON form of an Amount.
type amountState struct {
	Unit     datamix.Unit    `json:"unit,omitempty"`
	N        *int64          `json:"n,omitempty"`
	Fraction json.RawMessage `json:"fraction,omitempty"`
}

// MarshalJSON returns the amount as described at Amount.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	s := amountState{Unit: a.Unit()}
	if a.share == nil {
		s.N = &a.n
	} else {
		s.Fraction = json.RawMessage(`"` + a.share.RatString() + `"`)
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads an amount as described at Amount.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var s amountState
	if err := unmarshalStrict(data, &s); err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	switch {
	case s.N != nil && s.Fraction != nil:
		return fmt.Errorf("amount: give n or fraction, not both")
	case s.N != nil:
		*a = Absolute(s.Unit, *s.N)
	case s.Fraction != nil:
		share, err := ParseShare(strings.Trim(string(s.Fraction), `"`))
		if err != nil {
			return fmt.Errorf("amount: %w", err)
		}
		*a = FractionOf(s.Unit, share)
	default:
		return fmt.Errorf("amount: n or fraction is missing")
	}
	return a.err
}

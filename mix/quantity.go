package mix

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/sample"
)

// Quantity is how much of a part goes into a mix. Exactly one field is set: use
// Share, Weight, Rows, Tokens, TrainableTokens, All, Epochs or Rest to make one.
type Quantity struct {
	// Share is absolute: the part of the whole mix, in the recipe's unit.
	Share *Fraction `json:"share,omitempty"`
	// Weight is relative: what other quantities leave of the total is shared
	// out in proportion to the weights. 0 draws nothing.
	Weight *float64 `json:"weight,omitempty"`
	// Rows is a number of records.
	Rows *int64 `json:"rows,omitempty"`
	// Tokens is a number of tokens, met within one record.
	Tokens *int64 `json:"tokens,omitempty"`
	// TrainableTokens is a number of tokens that carry loss, met within one
	// record.
	TrainableTokens *int64 `json:"trainable_tokens,omitempty"`
	// All is every record that passes the filters, once.
	All bool `json:"all,omitempty"`
	// Epochs is a number of passes, in rows: 0.5 is half of the records, 2.5
	// every record twice and half of them once more.
	Epochs *float64 `json:"epochs,omitempty"`
	// Rest is what the other parts of the recipe or group leave of it.
	Rest bool `json:"rest,omitempty"`
}

// Share is the given part of the whole mix, 0 to 1.
// It stands for the decimal number that x prints as: Share(0.1), Share(0.2) and
// Share(0.7) add up to exactly 1.
func Share(x float64) Quantity { return Quantity{Share: &Fraction{solve.Decimal(x)}} }

// Weight shares out what other quantities leave of the total, in proportion.
func Weight(x float64) Quantity { return Quantity{Weight: &x} }

// Rows is a number of records.
func Rows(n int64) Quantity { return Quantity{Rows: &n} }

// Tokens is a number of tokens.
func Tokens(n int64) Quantity { return Quantity{Tokens: &n} }

// TrainableTokens is a number of tokens that carry loss.
func TrainableTokens(n int64) Quantity { return Quantity{TrainableTokens: &n} }

// All is every record, once.
func All() Quantity { return Quantity{All: true} }

// Epochs is a number of passes over a part.
func Epochs(x float64) Quantity { return Quantity{Epochs: &x} }

// Rest is what the other parts leave.
func Rest() Quantity { return Quantity{Rest: true} }

func (q Quantity) check() error {
	var has []string
	note := func(name string, set bool) {
		if set {
			has = append(has, name)
		}
	}
	note("share", q.Share != nil)
	note("weight", q.Weight != nil)
	note("rows", q.Rows != nil)
	note("tokens", q.Tokens != nil)
	note("trainable_tokens", q.TrainableTokens != nil)
	note("all", q.All)
	note("epochs", q.Epochs != nil)
	note("rest", q.Rest)
	switch {
	case len(has) > 1:
		return fmt.Errorf("it has several quantities, %s; it can have one", strings.Join(has, " and "))
	case q.Share != nil && !q.Share.proper():
		return fmt.Errorf("share is %s, want 0%% to 100%%", q.Share)
	case q.Weight != nil && !(*q.Weight >= 0 && *q.Weight < math.MaxFloat64):
		return fmt.Errorf("weight is %v, want a number of at least 0", *q.Weight)
	case q.Epochs != nil && !(*q.Epochs >= 0 && *q.Epochs < math.MaxFloat64):
		return fmt.Errorf("epochs is %v, want a number of at least 0", *q.Epochs)
	}
	if n, _ := q.fixed(); n < 0 || n > solve.MaxAmount {
		return fmt.Errorf("%s is %d, want 0 to %d", has[0], n, int64(solve.MaxAmount))
	}
	return nil
}

const quantityNames = "share, weight, rows, tokens, trainable_tokens, all, epochs, rest"

// unquantified reports whether no field is set.
func (q Quantity) unquantified() bool { return q == Quantity{} }

// ownUnit returns the unit of a quantity that does not depend on other parts;
// false for the others.
func (q Quantity) ownUnit() (datamix.Unit, bool) {
	if q.All || q.Epochs != nil {
		return datamix.Rows, true
	}
	_, u := q.fixed()
	return u, q.Rows != nil || q.Tokens != nil || q.TrainableTokens != nil
}

// fixed returns the number and unit of a fixed quantity; for the others the
// unit is rows and the number 0.
func (q Quantity) fixed() (int64, datamix.Unit) {
	switch {
	case q.Rows != nil:
		return *q.Rows, datamix.Rows
	case q.Tokens != nil:
		return *q.Tokens, datamix.Tokens
	case q.TrainableTokens != nil:
		return *q.TrainableTokens, datamix.TrainableTokens
	}
	return 0, datamix.Rows
}

// Fraction is an exact number from 0 up. In a file it is written 0.4, "40%" or
// "2/3".
type Fraction struct{ exact *big.Rat }

// Float64 returns the nearest float64.
func (f Fraction) Float64() float64 {
	if f.exact == nil {
		return 0
	}
	x, _ := f.exact.Float64()
	return x
}

// String returns the number as a percentage, rounded to 4 places.
func (f Fraction) String() string { return percent(f.rat()) + "%" }

// proper reports whether f is from 0 to 1.
func (f Fraction) proper() bool { return f.rat().Sign() >= 0 && f.rat().Cmp(big.NewRat(1, 1)) <= 0 }

func (f Fraction) rat() *big.Rat {
	if f.exact == nil {
		return new(big.Rat)
	}
	return f.exact
}

// UnmarshalJSON reads 0.4, "40%" or "2/3".
func (f *Fraction) UnmarshalJSON(b []byte) error {
	s := string(b)
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	r, err := sample.ParseShare(s)
	f.exact = r
	return err
}

// MarshalJSON writes the exact number, as a text that UnmarshalJSON reads.
func (f Fraction) MarshalJSON() ([]byte, error) {
	if x := f.rat(); !x.IsInt() {
		return json.Marshal(x.RatString())
	}
	return []byte(f.rat().RatString()), nil
}

// Total is the size of a mix in the recipe's unit. 0 stands for whatever the
// parts' own quantities add up to.
type Total int64

// Largest is the Total that asks for the largest feasible mix.
const Largest Total = -1

// UnmarshalJSON reads a number, "largest", or a number with underscores.
func (t *Total) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "largest" {
		*t = Largest
		return nil
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("total is %s, want a number of at least 0, or largest", b)
	}
	*t = Total(n)
	return nil
}

// MarshalJSON writes "largest" or the number.
func (t Total) MarshalJSON() ([]byte, error) {
	if t == Largest {
		return []byte(`"largest"`), nil
	}
	return strconv.AppendInt(nil, int64(t), 10), nil
}

package datamix

import "fmt"

// Unit is what shares, quotas and budgets are counted in.
type Unit string

// The units. Token units need records that Count has counted.
const (
	Rows            Unit = "rows"
	Tokens          Unit = "tokens"
	TrainableTokens Unit = "trainable_tokens"
)

// Check returns an error when u is none of the units; the empty Unit stands
// for Rows.
func (u Unit) Check() error {
	switch u {
	case "", Rows, Tokens, TrainableTokens:
		return nil
	}
	return fmt.Errorf("datamix: unknown unit %q; known are %s, %s, %s", string(u), Rows, Tokens, TrainableTokens)
}

// Of returns the size of a record in the unit.
func (u Unit) Of(c Counts) int64 {
	switch u {
	case Tokens:
		return int64(c.Total)
	case TrainableTokens:
		return int64(c.Trainable)
	}
	return 1
}

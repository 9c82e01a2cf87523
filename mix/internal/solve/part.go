package solve

import (
	"math/big"

	"github.com/datamix-go/datamix"
)

// Part is a part of a mix: a leaf over a Supply, or a group of Parts.
type Part struct {
	// Path names the part; that of the whole mix is empty.
	Path string
	Quantity
	// Unit is what a group's total and the targets of its parts are counted in.
	Unit datamix.Unit
	// Parts make the part a group.
	Parts []Part
	// Fills lets the parts of a group that are short give what they can, and the
	// others the rest, in proportion to their targets.
	Fills bool
	// Temperature T gives the parts of a group that are Computed weights in the
	// ratio size^(1/T); +Inf makes all equal that are not empty.
	Temperature float64

	// Supply is what a leaf draws from.
	Supply Supply
	// Skip is the number of its first records that are gone. MaxEpochs counts them
	// too.
	Skip int64
	// MaxEpochs is how many passes a leaf gives at most; 0 for no limit.
	MaxEpochs float64
	// Fraction says that one pass of the supply is but a fraction of the part.
	Fraction bool

	// Min and Max bound what the part gives.
	Min, Max Bound
}

// Quantity is how much is asked of a part.
type Quantity struct {
	Kind Kind
	// Number is that of a Share, a Weight or Epochs, at least 0.
	Number *big.Rat
	// Amount and In are a Fixed number and its unit.
	Amount int64
	In     datamix.Unit
}

// Kind is the kind of a quantity.
type Kind int

// The kinds of quantities.
const (
	// Computed is a weight that follows from the part's size.
	Computed Kind = iota
	// Share is absolute: that part of the group's total.
	Share
	// Weight shares out what the other kinds leave of the group's total.
	Weight
	// Fixed is a number of rows or tokens.
	Fixed
	// Epochs is a number of passes, in rows.
	Epochs
	// Made is what the quantities inside a group add up to.
	Made
)

// fixed reports whether the quantity has an amount whatever the others have.
func (q Quantity) fixed() bool { return q.Kind >= Fixed }

// unit is the unit of a quantity inside a group whose parts are counted in one.
func (p *Part) unit(around datamix.Unit) datamix.Unit {
	switch p.Kind {
	case Fixed:
		return p.In
	case Epochs:
		return datamix.Rows
	case Made:
		return p.Unit
	}
	return around
}

// Bound is a limit in one unit; an empty unit stands for none.
type Bound struct {
	Amount int64
	In     datamix.Unit
	// Taken is what has gone of it: the part is bound to the rest.
	Taken int64
}

// Supply is an endless sequence of records, pass after pass.
type Supply interface {
	// Once is one pass.
	Once() datamix.Tally
	// Size is the size of the first so many records.
	Size(rows int64, u datamix.Unit) int64
	// Rows is the number of first records whose size is nearest to an amount: the
	// larger one of two that are equally near, and none for an empty part.
	Rows(amount int64, u datamix.Unit) int64
}

// later is what a supply holds behind its first records.
type later struct {
	Supply
	skip int64 // records
}

func (l later) used(u datamix.Unit) int64 {
	if l.skip == 0 {
		return 0
	}
	return l.Supply.Size(l.skip, u)
}

func (l later) size(rows int64, u datamix.Unit) int64 {
	return l.Supply.Size(l.skip+rows, u) - l.used(u)
}

func (l later) rows(amount int64, u datamix.Unit) int64 {
	return max(0, l.Supply.Rows(l.used(u)+amount, u)-l.skip)
}

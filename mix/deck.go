package mix

import (
	"math/big"
	"slices"
	"sort"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// deck is the sequence in which the records of a part are drawn: passes in the
// orders of a seed, over all records or a fraction of them. It is a supply of the
// solver. It is not safe for concurrent use.
type deck struct {
	part    *partIndex
	seed    uint64
	usable  int64
	pass    datamix.Tally
	allowed []bool // by ordinal; nil if all are

	cached *cut
}

// newDeck returns the deck of a part of which a fraction may be used, 0 to 1.
func newDeck(p *partIndex, seed uint64, fraction float64) *deck {
	d := &deck{part: p, seed: seed, usable: int64(p.len()), pass: p.available}
	if fraction >= 1 {
		return d
	}
	d.usable = solve.Floor(new(big.Rat).Mul(solve.Decimal(fraction), new(big.Rat).SetInt64(d.usable)))
	d.allowed = make([]bool, p.len())
	d.pass = datamix.Tally{Rows: d.usable}
	for _, i := range p.order(seed, 0)[:d.usable] {
		d.allowed[i] = true
		d.pass.Tokens += p.size(i, datamix.Tokens)
		d.pass.Trainable += p.size(i, datamix.TrainableTokens)
	}
	return d
}

// Once is one pass.
func (d *deck) Once() datamix.Tally { return d.pass }

// order returns the ordinals of a pass in the order in which they are drawn.
func (d *deck) order(pass int) []uint32 {
	order := d.part.order(d.seed, pass)
	if d.allowed == nil {
		return order
	}
	return slices.DeleteFunc(slices.Clone(order), func(i uint32) bool { return !d.allowed[i] })
}

// Size is the size of the first so many records.
func (d *deck) Size(rows int64, u datamix.Unit) int64 {
	if u == datamix.Rows || d.usable == 0 || rows == 0 {
		return rows * min(d.usable, 1)
	}
	size := rows / d.usable * d.pass.In(u)
	if rest := rows % d.usable; rest > 0 {
		size += d.cut(int(rows/d.usable)).size(rest, u)
	}
	return size
}

// Rows is the number of first records whose size is nearest to an amount.
func (d *deck) Rows(amount int64, u datamix.Unit) int64 {
	once := d.pass.In(u)
	if once == 0 || amount <= 0 {
		return 0
	}
	if u == datamix.Rows {
		return amount
	}
	rows := amount / once * d.usable
	if rest := amount % once; rest > 0 {
		rows += d.cut(int(amount/once)).rows(rest, u)
	}
	return rows
}

// distinct is the number of different records among the first so many.
func (d *deck) distinct(rows int64) int64 { return min(rows, d.usable) }

// cut returns the pass for cutting it at a record. The last one is remembered.
func (d *deck) cut(pass int) *cut {
	if d.cached == nil || d.cached.pass != pass {
		d.cached = newCut(d.part, pass, d.order(pass))
	}
	return d.cached
}

// cut finds out how much the first records of a pass hold. It keeps their order
// and the sums at every cutEvery-th.
type cut struct {
	part      *partIndex
	pass      int
	order     []uint32
	tokens    []int64
	trainable []int64
}

const cutEvery = 256

func newCut(p *partIndex, pass int, order []uint32) *cut {
	n := len(order)/cutEvery + 1
	c := &cut{part: p, pass: pass, order: order, tokens: make([]int64, 0, n), trainable: make([]int64, 0, n)}
	var tokens, trainable int64
	for i, ordinal := range order {
		if i%cutEvery == 0 {
			c.tokens, c.trainable = append(c.tokens, tokens), append(c.trainable, trainable)
		}
		tokens += p.size(ordinal, datamix.Tokens)
		trainable += p.size(ordinal, datamix.TrainableTokens)
	}
	return c
}

func (c *cut) sums(u datamix.Unit) []int64 {
	if u == datamix.TrainableTokens {
		return c.trainable
	}
	return c.tokens
}

func (c *cut) size(rows int64, u datamix.Unit) int64 {
	at := min(rows/cutEvery, int64(len(c.tokens)-1))
	size := c.sums(u)[at]
	for _, ordinal := range c.order[at*cutEvery : rows] {
		size += c.part.size(ordinal, u)
	}
	return size
}

// rows takes records up to the one that reaches the amount, and that one too if
// the sum is then as near or nearer.
func (c *cut) rows(amount int64, u datamix.Unit) int64 {
	sums := c.sums(u)
	at := sort.Search(len(sums), func(i int) bool { return sums[i] >= amount }) - 1
	rows, have := int64(at)*cutEvery, sums[at]
	for _, ordinal := range c.order[rows:] {
		next := have + c.part.size(ordinal, u)
		if next-amount > amount-have {
			break
		}
		rows++
		if have = next; have >= amount {
			break
		}
	}
	return rows
}

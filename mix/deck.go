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
	d.allowed = make([]bool, p.Len())
	d.pass = datamix.Tally{Rows: d.usable}
	for _, i := range p.order(seed, 0, int(d.usable))[:d.usable] {
		d.allowed[i] = true
		d.pass.Tokens += p.size(i, datamix.Tokens)
		d.pass.Trainable += p.size(i, datamix.TrainableTokens)
	}
	return d
}

// Once is one pass.
func (d *deck) Once() datamix.Tally { return d.pass }

// order returns the ordinals of a pass in the order in which they are drawn, at
// least the first n or all. It must not be modified.
func (d *deck) order(pass int, n int64) []uint32 {
	switch {
	case d.allowed == nil:
		return d.part.order(d.seed, pass, int(n))
	case pass == 0:
		return d.part.order(d.seed, 0, int(d.usable))[:d.usable]
	}
	order := d.part.order(d.seed, pass, d.part.len())
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
		d.cached = &cut{deck: d, pass: pass, tokens: []int64{0}, trainable: []int64{0}}
	}
	return d.cached
}

// cut finds out how much the first records of a pass hold. It keeps the sums at
// every cutEvery-th, as far as it was asked.
type cut struct {
	deck      *deck
	pass      int
	order     []uint32 // of the first records
	tokens    []int64
	trainable []int64
}

const cutEvery = 256

// sums returns the sums in a unit.
func (c *cut) sums(u datamix.Unit) *[]int64 {
	if u == datamix.TrainableTokens {
		return &c.trainable
	}
	return &c.tokens
}

// know has the order of at least the first n records.
func (c *cut) know(n int64) {
	if n = min(n, c.deck.usable); int64(len(c.order)) < n {
		c.order = c.deck.order(c.pass, n)
	}
}

// sum adds records up to the next sum. It returns false where the order is not
// known so far.
func (c *cut) sum(u datamix.Unit) bool {
	sums := c.sums(u)
	k := len(*sums)
	if k*cutEvery > len(c.order) {
		return false
	}
	sum := (*sums)[k-1]
	for _, ordinal := range c.order[(k-1)*cutEvery : k*cutEvery] {
		sum += c.deck.part.size(ordinal, u)
	}
	*sums = append(*sums, sum)
	return true
}

func (c *cut) size(rows int64, u datamix.Unit) int64 {
	c.know(rows)
	sums := c.sums(u)
	at := rows / cutEvery
	for int64(len(*sums)) <= at {
		c.sum(u)
	}
	size := (*sums)[at]
	for _, ordinal := range c.order[at*cutEvery : rows] {
		size += c.deck.part.size(ordinal, u)
	}
	return size
}

// rows takes records up to the one that reaches the amount, and that one too if
// the sum is then as near or nearer.
func (c *cut) rows(amount int64, u datamix.Unit) int64 {
	usable := c.deck.usable
	likely := float64(amount) / float64(c.deck.pass.In(u)) * float64(usable)
	c.know(int64(likely*1.05) + 2*cutEvery)
	for {
		rows, reached := c.reach(amount, u)
		if reached || int64(len(c.order)) >= usable {
			return rows
		}
		c.know(int64(len(c.order)) * 2)
	}
}

// reach is rows among the records whose order is known. It returns false where
// they do not reach the amount.
func (c *cut) reach(amount int64, u datamix.Unit) (rows int64, reached bool) {
	sums := c.sums(u)
	for (*sums)[len(*sums)-1] < amount && c.sum(u) {
	}
	at := sort.Search(len(*sums), func(i int) bool { return (*sums)[i] >= amount }) - 1
	rows, have := int64(at)*cutEvery, (*sums)[at]
	for _, ordinal := range c.order[rows:] {
		next := have + c.deck.part.size(ordinal, u)
		if next-amount > amount-have {
			return rows, true
		}
		rows++
		if have = next; have >= amount {
			return rows, true
		}
	}
	return rows, false
}

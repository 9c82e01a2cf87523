package mix

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
)

// entry is what is kept of a record between measuring and writing.
type entry struct {
	key    uint64 // Origin.Key
	counts [4]uint32
}

// partIndex is what measuring found of one part: its records in source order,
// and the account of those that did not become records.
type partIndex struct {
	name      string
	entries   []entry
	available datamix.Tally
	ledger    datamix.Ledger // Kept counts all entries
}

func newEntry(r *datamix.Record) (entry, error) {
	c := r.Counts()
	e := entry{key: r.Origin.Key()}
	for i, n := range []int{c.Total, c.Context, c.Final, c.Trainable} {
		if n < 0 || int64(n) >= 1<<32 {
			return e, fmt.Errorf("a count of %d tokens is out of range", n)
		}
		e.counts[i] = uint32(n)
	}
	return e, nil
}

func (e *entry) restore() datamix.Counts {
	return datamix.Counts{Total: int(e.counts[0]), Context: int(e.counts[1]), Final: int(e.counts[2]), Trainable: int(e.counts[3])}
}

func (e *entry) size(u datamix.Unit) int64 {
	switch u {
	case datamix.Tokens:
		return int64(e.counts[0])
	case datamix.TrainableTokens:
		return int64(e.counts[3])
	}
	return 1
}

// order returns the ordinals of the part's records in the order of one pass.
// It depends on the seed, the part's name and each record's identity alone.
func (p *partIndex) order(seed uint64, pass int) []uint32 {
	type ranked struct {
		priority uint64
		ordinal  uint32
	}
	base := datamix.PriorityBase(seed, "mix/"+p.name+"/pass "+strconv.Itoa(pass))
	rank := make([]ranked, len(p.entries))
	for i := range p.entries {
		rank[i] = ranked{datamix.PriorityFrom(base, p.entries[i].key), uint32(i)}
	}
	slices.SortFunc(rank, func(a, b ranked) int {
		if c := cmp.Compare(a.priority, b.priority); c != 0 {
			return c
		}
		return cmp.Compare(a.ordinal, b.ordinal)
	})
	out := make([]uint32, len(rank))
	for i, r := range rank {
		out[i] = r.ordinal
	}
	return out
}

// choice is how much of a part is drawn: whole passes, then the first records
// of one more.
type choice struct {
	passes int
	rest   int // records of the last pass
	rows   int64
	size   int64 // of all that is chosen, in the unit of the mix
}

// choose draws an amount in a unit: whole passes, then records in the order of
// the next pass until the amount is met as nearly as whole records allow; of
// two that are equally near, the smaller.
func (p *partIndex) choose(seed uint64, amount int64, in, of datamix.Unit) choice {
	once := p.available.In(in)
	if once == 0 || amount == 0 {
		return choice{}
	}
	c := choice{passes: int(amount / once)}
	left := amount % once
	c.size = int64(c.passes) * p.available.In(of)
	if left > 0 {
		var have int64
		for _, i := range p.order(seed, c.passes) {
			e := &p.entries[i]
			next := have + e.size(in)
			if next-left > left-have || next == have && have == left {
				break
			}
			have = next
			c.rest++
			c.size += e.size(of)
			if have >= left {
				break
			}
		}
	}
	c.rows = int64(c.passes)*int64(len(p.entries)) + int64(c.rest)
	return c
}

// distinct is the number of different records of a choice.
func (c choice) distinct(p *partIndex) int64 {
	if c.passes > 0 {
		return int64(len(p.entries))
	}
	return int64(c.rest)
}

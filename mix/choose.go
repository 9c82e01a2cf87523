package mix

import "github.com/datamix-go/datamix"

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
			next := have + p.size(i, in)
			if next-left > left-have || next == have && have == left {
				break
			}
			have = next
			c.rest++
			c.size += p.size(i, of)
			if have >= left {
				break
			}
		}
	}
	c.rows = int64(c.passes)*int64(p.len()) + int64(c.rest)
	return c
}

// distinct is the number of different records of a choice.
func (c choice) distinct(p *partIndex) int64 {
	if c.passes > 0 {
		return int64(p.len())
	}
	return int64(c.rest)
}

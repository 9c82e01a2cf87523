package mix

import (
	"fmt"

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

	// ranks are the numbers that the part prefers by, per entry, -Inf where a
	// record has none; nil for a part without Prefer.
	ranks []float64
	// strata says which of values each entry has; nil for a part without Strata.
	strata []uint32
	values []string
}

func (p *partIndex) len() int { return len(p.entries) }

// size is the size of a record in a unit.
func (p *partIndex) size(ordinal uint32, u datamix.Unit) int64 { return p.entries[ordinal].size(u) }

// key is the identity of a record.
func (p *partIndex) key(ordinal uint32) uint64 { return p.entries[ordinal].key }

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

package mix

import (
	"math"
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
)

// traits collects, while a part is measured, what its Prefer and Strata need to
// know of each record.
type traits struct {
	part   *Part
	index  *partIndex
	values map[string]uint32
	ranked bool
}

func newTraits(part *Part, p *partIndex) *traits {
	return &traits{part: part, index: p, values: map[string]uint32{}}
}

// note takes a record that becomes an entry.
func (t *traits) note(r *datamix.Record) {
	if t.part.Prefer != "" {
		x, err := strconv.ParseFloat(strings.TrimSpace(r.Label(t.part.Prefer)), 64)
		if err != nil || math.IsNaN(x) {
			x = math.Inf(-1)
		} else {
			t.ranked = true
		}
		t.index.ranks = append(t.index.ranks, x)
	}
	if t.part.Strata != "" {
		value := r.Label(t.part.Strata)
		i, known := t.values[value]
		if !known {
			value = strings.Clone(value) // not the memory of the record
			i = uint32(len(t.index.values))
			t.values[value] = i
			t.index.values = append(t.index.values, value)
		}
		t.index.strata = append(t.index.strata, i)
	}
}

// check returns an error when no record has what the part names: that is more
// likely a slip of the pen than a wish.
func (t *traits) check() error {
	n := t.index.len()
	if n > 0 && t.part.Prefer != "" && !t.ranked {
		return bad("part %s: prefer names %q, and none of its %d records has a number in a column or label of that name", t.part.Name, t.part.Prefer, n)
	}
	if n > 0 && t.part.Strata != "" && len(t.index.values) == 1 && t.index.values[0] == "" {
		return bad("part %s: strata names %q, and none of its %d records has a column or label of that name", t.part.Name, t.part.Strata, n)
	}
	return nil
}

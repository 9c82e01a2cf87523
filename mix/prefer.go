package mix

import (
	"math"

	"github.com/datamix-go/datamix"
)

// mingled returns the order of a pass over a part in which some records are
// preferred. These were put first, so that they are the ones that are chosen;
// now that it is known which are, none of them comes first any more. Ends are
// the numbers of records, of all passes, at which a stage of the mix ends: what
// it has chosen stays in it.
//
// The order is by another hash than the choice among equals: those that were
// chosen for their hash would come first by the same.
func (p *partIndex) mingled(order []uint32, seed uint64, pass int, usable int64, ends []int64) []uint32 {
	base := datamix.PriorityBase(seed, passPurpose(p.name, pass)+", chosen")
	out := make([]uint32, 0, len(order))
	first := int64(pass) * usable
	for _, end := range append(ends[:len(ends):len(ends)], first+int64(len(order))) {
		from, to := int64(len(out)), min(end-first, int64(len(order)))
		if to <= from {
			continue
		}
		chosen := order[from:to]
		priorities := eachPriority(func(i uint32) uint64 { return datamix.PriorityFrom(base, p.key(chosen[i])) })
		stretch := byPriority(len(chosen), math.MaxUint64, priorities)
		for i, at := range stretch {
			stretch[i] = chosen[at]
		}
		if len(p.values.list) > 0 {
			stretch = p.stratify(stretch)
		}
		out = append(out, stretch...)
	}
	return out
}

// stageEnds are the numbers of a part's records at which the stages of a plan
// end.
func (p *Plan) stageEnds(part int) []int64 {
	if len(p.Stages) == 0 {
		return []int64{p.Parts[part].Rows}
	}
	var ends []int64
	var sum int64
	for i := range p.Stages {
		sum += p.Stages[i].Parts[part].Rows
		ends = append(ends, sum)
	}
	return ends
}

package mix

import "github.com/datamix-go/datamix"

// stretches returns what each stage of a plan has of each hand, one stretch for
// a mix without stages. The weights of the parts are what the plan gives them,
// so that the ratio holds to the last record of each.
func stretches(plan *Plan, hands []*hand) []stretch {
	if len(plan.Stages) == 0 {
		allotments := make([]Allotment, len(plan.Parts))
		for i := range plan.Parts {
			allotments[i] = plan.Parts[i].Allotment
		}
		return []stretch{newStretch(plan.Unit, allotments, hands, make([]int64, len(hands)))}
	}
	before := make([]int64, len(hands)) // records in the stages before
	out := make([]stretch, len(plan.Stages))
	for i := range plan.Stages {
		out[i] = newStretch(plan.Unit, plan.Stages[i].Parts, hands, before)
	}
	return out
}

func newStretch(u datamix.Unit, allotments []Allotment, hands []*hand, before []int64) stretch {
	s := stretch{rows: make([]int64, len(hands)), weights: make([]uint64, len(hands))}
	for i := range allotments {
		a := &allotments[i]
		s.rows[i] = hands[i].among(before[i]+a.Rows) - hands[i].among(before[i])
		before[i] += a.Rows
		s.weights[i] = uint64(a.Size)
		if a.In == u {
			s.weights[i] = uint64(a.Amount)
		}
	}
	return s
}

// among is the number of the hand's records among the first so many of the deal.
func (h *hand) among(rows int64) int64 {
	first := h.next % h.step
	if rows <= first {
		return 0
	}
	return (rows-first-1)/h.step + 1
}

// pass drops the stretches that are over when so many records of each hand were
// yielded, and returns how many of these, and of what size, belong to the first
// that is left.
func pass(all []stretch, hands []*hand, u datamix.Unit, s *start) (left []stretch, rows, served []int64) {
	rows, served = make([]int64, len(hands)), make([]int64, len(hands))
	for i, p := range s.Parts {
		rows[i], served[i] = p.Rows, p.Size
	}
	gone := make([]int64, len(hands))
	for len(all) > 1 {
		for i, n := range all[0].rows {
			if rows[i] < n {
				return all, rows, served
			}
		}
		for i, n := range all[0].rows {
			h := hands[i]
			for k := gone[i]; k < gone[i]+n; k++ {
				served[i] -= h.part.size(h.deal.at(h.next%h.step+k*h.step).ordinal, u)
			}
			gone[i] += n
			rows[i] -= n
		}
		all = all[1:]
	}
	return all, rows, served
}

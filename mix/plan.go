package mix

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
)

// Plan says what a mix will draw from each part. It is plain data, a pure
// function of the recipe and of what measuring found.
type Plan struct {
	// Name is the recipe's.
	Name string `json:"name,omitempty"`
	// Seed is the recipe's.
	Seed uint64 `json:"seed"`
	// Unit is what Total and the parts' amounts are counted in.
	Unit datamix.Unit `json:"unit"`
	// Total is the size of the mix.
	Total int64 `json:"total"`
	// Parts are those that have a source, in the order of the recipe. Inside
	// groups their names are paths.
	Parts []PartPlan `json:"parts"`
	// Groups are the groups of parts, each before those that it holds.
	Groups []GroupPlan `json:"groups,omitempty"`
}

// GroupPlan is one group of a Plan.
type GroupPlan struct {
	// Name is the group's path.
	Name string `json:"name"`
	// From and To say which of the plan's Parts are in the group, To not
	// included.
	From int `json:"from"`
	To   int `json:"to"`
	// Share is the declared share of the mix, 0 to 1; for quantities of other
	// kinds the one that follows from the plan.
	Share float64 `json:"share"`
	// Size is what the group will give, in the plan's unit, and Rows the number
	// of its records, repeats counted.
	Size int64 `json:"size"`
	Rows int64 `json:"rows"`
}

// PartPlan is one part of a Plan.
type PartPlan struct {
	Name string `json:"name"`
	// Share is the declared share of the mix, 0 to 1; for quantities of other
	// kinds the one that follows from the plan.
	Share float64 `json:"share"`
	// Amount is what the part is to give, in In.
	Amount int64 `json:"amount"`
	// In is the unit of Amount: the plan's, or that of the part's own quantity.
	In datamix.Unit `json:"in"`
	// Size is what it will give, in the plan's unit: within one record of
	// Amount where that is in tokens.
	Size int64 `json:"size"`
	// Rows is the number of records that it will give, repeats counted.
	Rows int64 `json:"rows"`
	// Epochs is the number of passes over what is available, in In.
	Epochs float64 `json:"epochs"`
	// Binds reports that the part has nothing left under its max_epochs.
	Binds bool `json:"binds,omitempty"`
	// Available is one pass over the part, after its filters.
	Available datamix.Tally `json:"available"`
	// Ledger accounts for the part's rows under this plan.
	Ledger datamix.Ledger `json:"ledger"`
	// Labels are the part's.
	Labels map[string]string `json:"labels,omitempty"`

	choice choice
}

// plan solves the recipe over what measuring found.
func (r *Recipe) plan(parts []*partIndex) (*Plan, error) {
	u := r.unit()
	leaves := r.leaves()
	supplies := make([]supply, len(parts))
	for i, p := range parts {
		supplies[i] = supply{name: p.name, available: p.available, maxEpochs: leaves[i].MaxEpochs,
			sum: func(n int64, in, of datamix.Unit) int64 { return p.choose(r.Seed, n, in, of).size }}
	}
	amounts, err := solve(r, supplies)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Name: r.Name, Seed: r.Seed, Unit: u}
	for i, p := range parts {
		part := &leaves[i]
		pp := PartPlan{Name: p.name, Amount: amounts[i], In: u, Available: p.available, Ledger: p.Ledger, Labels: part.Labels}
		if part.All {
			pp.In = datamix.Rows
		} else if part.Share == nil && part.Weight == nil && !part.Rest {
			_, pp.In = part.fixed()
		}
		pp.choice = p.choose(r.Seed, pp.Amount, pp.In, u)
		pp.Size, pp.Rows = pp.choice.size, pp.choice.rows
		if once := p.available.In(pp.In); once > 0 {
			pp.Epochs = float64(pp.Amount) / float64(once)
		}
		pp.Binds = pp.Amount > 0 && pp.Amount >= supplies[i].cap(pp.In)
		distinct := pp.choice.distinct(p)
		pp.Ledger.Unused += int64(p.len()) - distinct
		pp.Ledger.Kept = distinct
		plan.Parts = append(plan.Parts, pp)
		if pp.In == u {
			plan.Total += pp.Amount
		} else {
			plan.Total += pp.Size
		}
	}
	plan.shares(leaves)
	plan.group(r.Parts, "", 0)
	return plan, nil
}

// group sums up the groups among parts, whose first leaf is at an index, and
// returns the index behind their leaves.
func (p *Plan) group(parts []Part, around string, at int) int {
	for i := range parts {
		if !parts[i].group() {
			at++
			continue
		}
		g := len(p.Groups)
		name := join(around, parts[i].Name)
		p.Groups = append(p.Groups, GroupPlan{Name: name, From: at})
		at = p.group(parts[i].Parts, name, at)
		x := &p.Groups[g]
		x.To = at
		for _, pp := range p.Parts[x.From:x.To] {
			x.Size += pp.Size
			x.Rows += pp.Rows
			x.Share += pp.Share
		}
	}
	return at
}

func (p *Plan) shares(leaves []Part) {
	for i := range p.Parts {
		pp := &p.Parts[i]
		switch {
		case leaves[i].Share != nil && !strings.Contains(leaves[i].Name, "/"):
			pp.Share = leaves[i].Share.Float64()
		case p.Total > 0 && pp.In == p.Unit:
			pp.Share = float64(pp.Amount) / float64(p.Total)
		case p.Total > 0:
			pp.Share = float64(pp.Size) / float64(p.Total)
		}
	}
}

// Rows is the number of records that the mix yields.
func (p *Plan) Rows() int64 {
	var n int64
	for i := range p.Parts {
		n += p.Parts[i].Rows
	}
	return n
}

// String returns the plan as a table for people.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan: %s %s, %s rows, seed %d\n", datamix.Thousands(p.Total), p.Unit, datamix.Thousands(p.Rows()), p.Seed)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "part\tshare\tamount\tin\tavailable\tepochs\trows\tread\tdropped\tquarantined\tunused\t\t\n")
	for _, x := range p.Parts {
		note := ""
		if x.Binds {
			note = "binds"
		}
		fmt.Fprintf(w, "%s\t%.2f %%\t%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\t\n", x.Name, x.Share*100,
			datamix.Thousands(x.Amount), x.In, datamix.Thousands(x.Available.In(x.In)), x.Epochs, datamix.Thousands(x.Rows),
			datamix.Thousands(x.Ledger.Read), datamix.Thousands(x.Ledger.DroppedTotal()), datamix.Thousands(x.Ledger.Skipped),
			datamix.Thousands(x.Ledger.Unused), note)
	}
	w.Flush()
	return b.String()
}

// report is the part's entry in the report of a run, before anything is written.
func (pp *PartPlan) report(u datamix.Unit) datamix.PartReport {
	return datamix.PartReport{Name: pp.Name, Unit: u, Share: pp.Share, Planned: pp.Size, Available: pp.Available,
		Epochs: pp.Epochs, Ledger: pp.Ledger, Labels: pp.Labels}
}

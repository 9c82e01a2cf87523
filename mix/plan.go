package mix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/datamix-go/datamix"
)

// Plan says what a mix will draw from each part. It is plain data, a pure
// function of the recipe and of what measuring found.
type Plan struct {
	// Name is the recipe's.
	Name string `json:"name,omitempty"`
	// Seed is the recipe's.
	Seed uint64 `json:"seed"`
	// Unit is what Total and the parts' sizes are counted in.
	Unit datamix.Unit `json:"unit"`
	// Total is the size of the mix.
	Total int64 `json:"total"`
	// Parts are those that have a source, in the order of the recipe. Inside
	// groups their names are paths.
	Parts []PartPlan `json:"parts"`
	// Groups are the groups of parts, each before those that it holds.
	Groups []GroupPlan `json:"groups,omitempty"`
	// Stages are those of the recipe, in order; empty for a mix without.
	Stages []StagePlan `json:"stages,omitempty"`
}

// Allotment is what a part or a group of a plan is to give.
type Allotment struct {
	// Name is the path.
	Name string `json:"name"`
	// Quantity is what the recipe asks for, as "share 40%"; "stages" for a part
	// of a mix with stages.
	Quantity string `json:"quantity"`
	// Share is the declared share of the mix, 0 to 1; for quantities of other
	// kinds or units the one that follows from the plan.
	Share float64 `json:"share"`
	// Target is what the recipe asks for in whole numbers, Amount what is given:
	// they differ where others stand in for a part that is short. Both are
	// counted in In.
	Target int64 `json:"target"`
	Amount int64 `json:"amount"`
	// In is the unit of Amount: that of the shares around the part, or that of
	// the part's own quantity.
	In datamix.Unit `json:"in"`
	// Size is what it will give, in the plan's unit: within one record of
	// Amount where that is in tokens.
	Size int64 `json:"size"`
	// Rows is the number of records that it will give, repeats counted.
	Rows int64 `json:"rows"`
	// Limit is what the part or group is at: max_epochs, max_fraction, max or
	// min, "its parts" for a group whose parts are at theirs, or empty.
	Limit string `json:"limit,omitempty"`
}

// PartPlan is one part of a Plan. Its first Rows records are drawn: whole passes
// over what is available, each in an order of its own, then the first of one
// more.
type PartPlan struct {
	Allotment
	// Epochs is the number of passes over what is available, in In.
	Epochs float64 `json:"epochs"`
	// Binds reports that the part has nothing left under its limits.
	Binds bool `json:"binds,omitempty"`
	// Available is one pass over the part, after its filters and max_fraction.
	Available datamix.Tally `json:"available"`
	// Ledger accounts for the part's rows under this plan.
	Ledger datamix.Ledger `json:"ledger"`
	// Labels are the part's.
	Labels map[string]string `json:"labels,omitempty"`
}

// GroupPlan is one group of a Plan.
type GroupPlan struct {
	Allotment
	// Unit is what the shares inside the group are counted in.
	Unit datamix.Unit `json:"unit"`
	// From and To say which of the plan's Parts are in the group, To not
	// included.
	From int `json:"from"`
	To   int `json:"to"`
}

// StagePlan is one stage of a Plan.
type StagePlan struct {
	Name string `json:"name"`
	// Total is the size of the stage, in the plan's unit.
	Total int64 `json:"total"`
	// Parts are as many as the plan's, in the same order, with what each gives
	// in this stage: the Rows records behind those of the stages before.
	Parts []Allotment `json:"parts"`
	// Groups are as many as the plan's.
	Groups []Allotment `json:"groups,omitempty"`
}

// Rows is the number of records that the mix yields.
func (p *Plan) Rows() int64 {
	var n int64
	for i := range p.Parts {
		n += p.Parts[i].Rows
	}
	return n
}

// Hash returns the SHA-256 of the plan's JSON form, in hex: equal plans have
// equal hashes.
func (p *Plan) Hash() string {
	data, err := json.Marshal(p)
	if err != nil { // a plan has only numbers, texts and lists of them
		panic(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// report is the part's entry in the report of a run, before anything is written.
func (pp *PartPlan) report(u datamix.Unit) datamix.PartReport {
	return datamix.PartReport{Name: pp.Name, Unit: u, Share: pp.Share, Planned: pp.Size, Available: pp.Available,
		Epochs: pp.Epochs, Ledger: pp.Ledger, Labels: pp.Labels}
}

package mix

import (
	"context"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// Estimate is a number that follows from a sample, with the bounds of its
// confidence interval. Where everything was looked at all three are the same.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// String returns "1,234 (1,100 to 1,368)".
func (e Estimate) String() string {
	if e.Low == e.High {
		return thousands(e.Value)
	}
	return fmt.Sprintf("%s (%s to %s)", thousands(e.Value), thousands(e.Low), thousands(e.High))
}

func thousands(x float64) string { return datamix.Thousands(int64(math.Round(x))) }

// PartEstimate is what a sample says of one part.
type PartEstimate struct {
	Name string `json:"name"`
	// Read is the number of rows of the source, which all were counted, save bad
	// ones of a source that cannot skip rows, and Sampled how many of them were
	// filtered and tokenised.
	Read    int64 `json:"read"`
	Sampled int64 `json:"sampled"`
	// Rows is how many pass the filters, and the others what those hold.
	Rows      Estimate `json:"rows"`
	Tokens    Estimate `json:"tokens"`
	Context   Estimate `json:"tokens_context"`
	Final     Estimate `json:"tokens_final"`
	Trainable Estimate `json:"tokens_trainable"`
	// Bad is the number of bad rows, and Dropped that of the rows that filters
	// drop, by reason.
	Bad     Estimate                     `json:"bad"`
	Dropped map[datamix.Verdict]Estimate `json:"dropped,omitempty"`
}

// In returns what the part has in a unit.
func (p *PartEstimate) In(u datamix.Unit) Estimate {
	switch u {
	case datamix.Tokens:
		return p.Tokens
	case datamix.TrainableTokens:
		return p.Trainable
	}
	return p.Rows
}

// Estimates is what samples say of the parts of a mix.
type Estimates struct {
	// Confidence is how probable it is for each interval that it holds the true
	// number, were the sample drawn again and again.
	Confidence float64        `json:"confidence"`
	Parts      []PartEstimate `json:"parts"`
	// Unit is the recipe's, and Largest the largest total that is feasible: with
	// the estimates of the parts, and with all their lower and upper bounds. nil
	// where the recipe has quantities that make its total, or stages that are not
	// shares of it.
	Unit    datamix.Unit `json:"unit"`
	Largest *Estimate    `json:"largest,omitempty"`
	// Total is what the recipe asks for, 0 where it does not say.
	Total int64 `json:"total,omitempty"`
}

// Feasible says whether the recipe's total can be met: "yes" where it can be even
// with the lower bounds, "no" where it cannot even with the upper ones,
// "uncertain" between, and "" where there is nothing to compare.
func (e *Estimates) Feasible() string {
	switch {
	case e.Largest == nil || e.Total == 0:
		return ""
	case float64(e.Total) <= e.Largest.Low:
		return "yes"
	case float64(e.Total) > e.Largest.High:
		return "no"
	}
	return "uncertain"
}

// EstimateOptions are those of Mix.Estimate; nil stands for the zero value.
type EstimateOptions struct {
	// Rows is about how many rows of each part are sampled, between that number
	// and its half; a part of at most so many is measured whole. 0 stands for
	// 10,000.
	Rows int
	// Confidence is that of the intervals, above 0 and below 1. 0 stands for 0.95.
	Confidence float64
}

// Estimate filters and tokenises a random sample of each part and says what the
// whole part has, with confidence intervals. Rows that are not sampled are
// counted, and not decoded where the source can skip them. What is the same
// content twice is counted twice: a recipe's Dedup finds little in a sample.
//
// Rows are sampled by a hash of the seed and their identity, at a rate that is
// halved whenever the sample is full, so that each row is in it with the same
// probability. Sums are estimated as the number of rows times the mean of the
// sample, with the finite population correction and Student's t (Cochran,
// Sampling Techniques, 3rd edition 1977, section 2.6 to 2.8); numbers of rows
// with the interval of Wilson (1927) for proportions, with the sample size that
// has the same variance without that correction. The first is an approximation
// that is good where no few rows hold most of the tokens.
func (m *Mix) Estimate(ctx context.Context, o *EstimateOptions) (*Estimates, error) {
	opts := EstimateOptions{}
	if o != nil {
		opts = *o
	}
	if opts.Rows == 0 {
		opts.Rows = 10_000
	}
	if opts.Confidence == 0 {
		opts.Confidence = 0.95
	}
	if opts.Rows < 2 || !(opts.Confidence > 0 && opts.Confidence < 1) {
		return nil, fmt.Errorf("datamix/mix: estimate: want at least 2 rows and a confidence between 0 and 1, not %d and %v", opts.Rows, opts.Confidence)
	}
	out := &Estimates{Confidence: opts.Confidence, Unit: m.recipe.unit(), Total: max(0, int64(m.recipe.Total))}
	for i := range m.leaves {
		p, err := m.estimatePart(ctx, &m.leaves[i], &opts)
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, p)
	}
	out.Largest = m.largest(out.Parts)
	return out, nil
}

// largest solves the recipe for the largest total over the estimates.
func (m *Mix) largest(parts []PartEstimate) *Estimate {
	r := m.recipe
	r.Total = Largest
	if r.Check() != nil {
		return nil
	}
	total := func(of func(Estimate) float64) float64 {
		supplies := make([]solve.Supply, len(parts))
		for i := range parts {
			p := &parts[i]
			f := m.leaves[i].MaxFraction
			supplies[i] = guess{n: of(p.Rows) * f, tokens: of(p.Tokens) * f, trainable: of(p.Trainable) * f}
		}
		plan, err := r.planOver(supplies)
		if err != nil {
			return 0 // nothing is feasible
		}
		return float64(plan.Total)
	}
	return &Estimate{total(func(e Estimate) float64 { return e.Value }),
		total(func(e Estimate) float64 { return e.Low }), total(func(e Estimate) float64 { return e.High })}
}

// guess is a supply of which only the size is known, about.
type guess struct{ n, tokens, trainable float64 }

func (g guess) in(u datamix.Unit) float64 {
	switch u {
	case datamix.Tokens:
		return g.tokens
	case datamix.TrainableTokens:
		return g.trainable
	}
	return g.n
}

// Once is one pass.
func (g guess) Once() datamix.Tally {
	return datamix.Tally{Rows: int64(g.n), Tokens: int64(g.tokens), Trainable: int64(g.trainable)}
}

// Size is the size of so many records.
func (g guess) Size(rows int64, u datamix.Unit) int64 {
	if g.n < 1 {
		return 0
	}
	return int64(float64(rows) * g.in(u) / g.n)
}

// Rows is the number of records of a size.
func (g guess) Rows(amount int64, u datamix.Unit) int64 {
	if g.in(u) < 1 {
		return 0
	}
	return int64(float64(amount) * g.n / g.in(u))
}

// String returns the estimates as a table for people.
func (e *Estimates) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "estimate: intervals of %v %% confidence\n", e.Confidence*100)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "part\tread\tsampled\trows\ttokens\ttrainable\tdropped\tbad\t\n")
	for _, p := range e.Parts {
		dropped := 0.0
		for _, d := range p.Dropped {
			dropped += d.Value
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", p.Name, datamix.Thousands(p.Read), datamix.Thousands(p.Sampled),
			p.Rows, p.Tokens, p.Trainable, thousands(dropped), p.Bad)
	}
	w.Flush()
	if e.Largest != nil {
		fmt.Fprintf(&b, "largest feasible total: %s %s", e.Largest, e.Unit)
		if f := e.Feasible(); f != "" {
			fmt.Fprintf(&b, "; %s as asked for: %s", datamix.Thousands(e.Total), f)
		}
		b.WriteString("\n")
	}
	return b.String()
}

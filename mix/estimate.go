package mix

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
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
	// where the recipe has stages, or quantities that make its total.
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
	if len(r.Stages) > 0 || r.Check() != nil {
		return nil
	}
	total := func(of func(Estimate) float64) float64 {
		supplies := make([]supply, len(parts))
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

func (g guess) once() datamix.Tally {
	return datamix.Tally{Rows: int64(g.n), Tokens: int64(g.tokens), Trainable: int64(g.trainable)}
}

func (g guess) size(rows int64, u datamix.Unit) int64 {
	if g.n < 1 {
		return 0
	}
	return int64(float64(rows) * g.in(u) / g.n)
}

func (g guess) rows(amount int64, u datamix.Unit) int64 {
	if g.in(u) < 1 {
		return 0
	}
	return int64(float64(amount) * g.n / g.in(u))
}

func (g guess) used(datamix.Unit) int64 { return 0 }

// sampled is what became of one row of a sample.
type sampled struct {
	priority uint64
	reason   datamix.Verdict // Keep, or why it was dropped
	bad      bool
	counts   datamix.Counts
}

func (m *Mix) estimatePart(ctx context.Context, part *Part, o *EstimateOptions) (PartEstimate, error) {
	lot := &lottery{base: datamix.PriorityBase(m.recipe.Seed, "mix/"+part.Name+"/estimate"), limit: o.Rows, below: math.MaxUint64}
	picked := *part
	base := datamix.Base(part.Source)
	picked.Source = datamix.Over(part.Source, datamix.SourceFunc(func(ctx context.Context) datamix.Seq { return datamix.Pick(ctx, base, lot.want) }))
	var mu sync.Mutex
	var seen []sampled
	note := func(o datamix.Origin, s sampled) {
		s.priority = lot.priority(o)
		mu.Lock()
		seen = append(seen, s)
		mu.Unlock()
	}
	obs := &datamix.Observer{
		Drop: func(_ string, r *datamix.Record, why datamix.Verdict) { note(r.Origin, sampled{reason: why}) },
		Skip: func(e *datamix.RecordError) { note(e.Origin, sampled{bad: true}) },
	}
	for r, err := range m.chain(&picked, nil).Records(datamix.WithObserver(ctx, obs)) {
		if err != nil {
			return PartEstimate{}, partError(part.Name, err)
		}
		note(r.Origin, sampled{counts: r.Counts()})
	}
	in := seen[:0]
	drawn := make(map[uint64]bool, len(lot.drawn))
	for _, p := range lot.drawn {
		drawn[p] = true
	}
	for _, s := range seen {
		if drawn[s.priority] { // not of a bad row that nobody asked for
			in = append(in, s)
		}
	}
	return lot.estimate(part.Name, in, o.Confidence), nil
}

// lottery decides which rows are sampled. A row stays sampled while its
// priority is below the threshold, which is halved whenever too many are.
type lottery struct {
	base  uint64
	limit int

	mu    sync.Mutex
	rows  int64
	below uint64
	drawn []uint64 // priorities
}

func (l *lottery) priority(o datamix.Origin) uint64 { return datamix.PriorityFrom(l.base, o.Key()) }

func (l *lottery) want(o datamix.Origin) bool {
	p := l.priority(o)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows++
	if p >= l.below {
		return false
	}
	l.drawn = append(l.drawn, p)
	for len(l.drawn) > l.limit {
		l.below /= 2
		l.drawn = slices.DeleteFunc(l.drawn, func(p uint64) bool { return p >= l.below })
	}
	return p < l.below
}

// estimate says what the whole part has.
func (l *lottery) estimate(name string, in []sampled, confidence float64) PartEstimate {
	e := estimator{rows: float64(l.rows), n: float64(len(l.drawn)), z: math.Sqrt2 * math.Erfinv(confidence)}
	p := PartEstimate{Name: name, Read: l.rows, Sampled: int64(len(l.drawn))}
	var kept, bad float64
	dropped := map[datamix.Verdict]float64{}
	for _, s := range in {
		switch {
		case s.bad:
			bad++
		case s.reason != datamix.Keep:
			dropped[s.reason]++
		default:
			kept++
		}
	}
	p.Rows, p.Bad = e.number(kept), e.number(bad)
	for reason, k := range dropped {
		if p.Dropped == nil {
			p.Dropped = map[datamix.Verdict]Estimate{}
		}
		p.Dropped[reason] = e.number(k)
	}
	sum := func(of func(datamix.Counts) int) Estimate {
		var sum, squares float64
		for _, s := range in {
			x := float64(of(s.counts))
			sum += x
			squares += x * x
		}
		return e.sum(sum, squares)
	}
	p.Tokens = sum(func(c datamix.Counts) int { return c.Total })
	p.Context = sum(func(c datamix.Counts) int { return c.Context })
	p.Final = sum(func(c datamix.Counts) int { return c.Final })
	p.Trainable = sum(func(c datamix.Counts) int { return c.Trainable })
	return p
}

// estimator knows the number of rows, that of the sample, and how many standard
// deviations around the mean of a normal distribution have the confidence.
type estimator struct{ rows, n, z float64 }

// sum estimates a sum from that of the sample and that of its squares.
func (e estimator) sum(sum, squares float64) Estimate {
	if e.n == 0 || e.n == e.rows {
		return Estimate{sum, sum, sum}
	}
	mean := sum / e.n
	variance := max(0, squares-e.n*mean*mean) / max(1, e.n-1)
	half := e.t() * e.rows * math.Sqrt(variance/e.n*(1-e.n/e.rows))
	value := e.rows * mean
	return Estimate{value, max(sum, value-half), value + half}
}

// t is the quantile of Student's t with n-1 degrees of freedom, by the expansion
// 26.7.5 of Abramowitz and Stegun.
func (e estimator) t() float64 {
	z, v := e.z, max(1, e.n-1)
	z3 := z * z * z
	z5 := z3 * z * z
	return z + (z3+z)/(4*v) + (5*z5+16*z3+3*z)/(96*v*v)
}

// number estimates how many rows are of a kind of which the sample has k.
func (e estimator) number(k float64) Estimate {
	if e.n == 0 || e.n == e.rows {
		return Estimate{k, k, k}
	}
	n := e.n * (e.rows - 1) / (e.rows - e.n)
	p, zz := k/e.n, e.z*e.z
	middle := (p + zz/(2*n)) / (1 + zz/n)
	half := e.z / (1 + zz/n) * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	return Estimate{e.rows * p, max(k, e.rows*(middle-half)), min(e.rows-(e.n-k), e.rows*(middle+half))}
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

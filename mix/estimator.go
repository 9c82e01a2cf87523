package mix

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
)

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

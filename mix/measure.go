package mix

import (
	"context"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// measure reads every part once, in order: filters, drops duplicates, counts.
func (m *Mix) measure(ctx context.Context) ([]*partIndex, error) {
	var seen map[datamix.Hash]struct{}
	if m.recipe.Dedup != "" {
		seen = map[datamix.Hash]struct{}{}
	}
	parts := make([]*partIndex, len(m.leaves))
	for i := range m.leaves {
		p, err := m.measurePart(ctx, &m.leaves[i], seen)
		if err != nil {
			return nil, err
		}
		parts[i] = p
	}
	return parts, nil
}

func (m *Mix) measurePart(ctx context.Context, part *Part, seen map[datamix.Hash]struct{}) (*partIndex, error) {
	p := &partIndex{name: part.Name}
	traits := newTraits(part, p)
	outer := datamix.ObserverFrom(datamix.Within(ctx))
	var recorder datamix.Recorder
	var read int64
	obs := recorder.Observer(named(part.Name, outer))
	ctx = datamix.WithObserver(ctx, obs)
	for r, err := range m.chain(part).Records(ctx) {
		if err != nil {
			return nil, partError(part.Name, err)
		}
		r.Origin.Source = part.Name
		if seen != nil {
			key := m.recipe.Dedup.Of(r)
			if _, dup := seen[key]; dup {
				obs.Drop("dedup", r, "duplicate")
				continue
			}
			seen[key] = struct{}{}
		}
		if m.recipe.needsTokens() && !r.Counted() {
			return nil, bad("part %s: its records are not counted and the recipe has no tokenizer", part.Name)
		}
		e, err := newEntry(r)
		if err != nil {
			return nil, partError(part.Name, &datamix.RecordError{Stage: "measure", Origin: r.Origin, Err: err})
		}
		if len(p.entries) == maxRecords {
			return nil, bad("part %s has more than %d records: split it", part.Name, maxRecords)
		}
		p.entries = append(p.entries, e)
		p.available.Count(r)
		traits.note(r)
		if read++; read%progressEvery == 0 && outer.Progress != nil {
			outer.Progress(datamix.Progress{Phase: "measure", Part: part.Name, Done: read})
		}
	}
	p.ledger = recorder.Ledger()
	p.ledger.Kept = int64(len(p.entries))
	if err := p.ledger.Check(); err != nil {
		return nil, partError(part.Name, err)
	}
	if err := traits.check(); err != nil {
		return nil, err
	}
	return p, nil
}

const (
	maxRecords    = 1<<32 - 1
	progressEvery = 1024
)

// chain is a part's source with the filters, the counting and the error policy
// of the recipe.
func (m *Mix) chain(part *Part) datamix.Source {
	var steps []datamix.Step
	if filters := append(append([]datamix.Filter(nil), m.recipe.Filters...), part.Filters...); len(filters) > 0 {
		steps = append(steps, datamix.Where(filters...))
	}
	if m.recipe.Tokenizer != nil {
		steps = append(steps, datamix.Count(m.recipe.Tokenizer))
	}
	var stages []datamix.Stage
	switch {
	case len(steps) == 0:
	case m.options.Workers == 1:
		for _, s := range steps {
			stages = append(stages, s)
		}
	default:
		stages = append(stages, datamix.Parallel(m.options.Workers, steps...))
	}
	if m.recipe.OnError != nil {
		stages = append(stages, datamix.OnError(namedPolicy{part.Name, m.recipe.OnError}))
	}
	return datamix.Chain(part.Source, stages...)
}

// namedPolicy tells a policy which part a bad record belongs to.
type namedPolicy struct {
	part   string
	policy datamix.ErrorPolicy
}

func (n namedPolicy) Bad(ctx context.Context, seen datamix.ErrorCount, e *datamix.RecordError) error {
	return n.policy.Bad(ctx, seen, of(n.part, e))
}

func (n namedPolicy) Done(seen datamix.ErrorCount) error { return n.policy.Done(seen) }

func of(part string, e *datamix.RecordError) *datamix.RecordError {
	c := *e
	c.Origin.Source = part
	return &c
}

// partError puts the part's name before an error that does not have it.
func partError(part string, err error) error {
	var e *datamix.RecordError
	if errors.As(err, &e) && e.Origin.Source == "" {
		err = of(part, e)
	}
	if errors.As(err, &e) && e.Origin.Source == part {
		return err
	}
	return fmt.Errorf("part %s: %w", part, err)
}

// named puts the part's name into the records that an observer sees.
func named(part string, o *datamix.Observer) *datamix.Observer {
	c := *o
	if o.Read != nil {
		c.Read = func(r *datamix.Record) {
			if r != nil {
				r.Origin.Source = part
			}
			o.Read(r)
		}
	}
	if o.Drop != nil {
		c.Drop = func(stage string, r *datamix.Record, v datamix.Verdict) {
			r.Origin.Source = part
			o.Drop(stage, r, v)
		}
	}
	if o.Skip != nil {
		c.Skip = func(e *datamix.RecordError) { o.Skip(of(part, e)) }
	}
	return &c
}

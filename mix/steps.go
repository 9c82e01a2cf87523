package mix

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/datamix-go/datamix"
)

// filters are those of the recipe and of a part.
func (m *Mix) filters(part *Part) []datamix.Filter {
	return append(m.recipe.Filters[:len(m.recipe.Filters):len(m.recipe.Filters)], part.Filters...)
}

// chain is a part's source with the filters, the counting and the error policy
// of the recipe.
func (m *Mix) chain(part *Part, before <-chan struct{}) datamix.Source {
	steps := m.steps(part)
	var stages []datamix.Stage
	switch {
	case len(steps) == 0:
	case m.workers() == 1:
		for _, s := range steps {
			stages = append(stages, s)
		}
	default:
		stages = append(stages, datamix.Parallel(m.workers(), steps...))
	}
	if m.recipe.OnError != nil {
		stages = append(stages, datamix.OnError(partPolicy{part.Name, m.recipe.OnError, before}))
	}
	return datamix.Chain(part.Source, stages...)
}

// steps are the filters and the counting. Records that are not huge are counted
// before the first filter that asks for their tokens, so that none is counted
// twice; of the others such a filter counts no more than it must.
func (m *Mix) steps(part *Part) (steps []datamix.Step) {
	where := func(filters []datamix.Filter) {
		if len(filters) > 0 {
			steps = append(steps, datamix.Where(filters...))
		}
	}
	filters, tok := m.filters(part), m.recipe.Tokenizer
	if tok == nil {
		where(filters)
		return steps
	}
	first := slices.IndexFunc(filters, func(f datamix.Filter) bool { return countsWith(f, tok) })
	if first < 0 {
		where(filters)
		return append(steps, datamix.Count(tok))
	}
	where(filters[:first])
	steps = append(steps, countIf(tok, func(r *datamix.Record) bool { return !huge(r) }))
	where(filters[first:])
	return append(steps, countIf(tok, huge))
}

// countsWith reports whether a filter judges records by the number of their
// tokens, by a tokenizer.
func countsWith(f datamix.Filter, tok datamix.Tokenizer) bool {
	spec, ok := datamix.Describe(f)
	mine, described := datamix.Describe(tok)
	if !ok || !described || len(spec.Inner) != 1 {
		return false
	}
	return slices.Contains([]string{"max_tokens", "min_tokens", "tokens"}, spec.Name) && reflect.DeepEqual(spec.Inner[0], mine)
}

// hugeBytes is more text than most limits in tokens let pass.
const hugeBytes = 64 << 10

func huge(r *datamix.Record) bool {
	n := 0
	for text := range r.Texts() {
		n += len(text)
	}
	return n > hugeBytes
}

func countIf(tok datamix.Tokenizer, which func(*datamix.Record) bool) datamix.Step {
	return datamix.NewStep(datamix.Spec{Name: "count", Version: 1}, func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if !which(r) {
			return datamix.Keep, nil
		}
		_, err := datamix.CountRecord(tok, r)
		return datamix.Keep, err
	})
}

// partPolicy tells a policy which part a bad record belongs to, once it is that
// part's turn.
type partPolicy struct {
	part   string
	policy datamix.ErrorPolicy
	before <-chan struct{} // nil where there is nothing to wait for
}

func (p partPolicy) Bad(ctx context.Context, seen datamix.ErrorCount, e *datamix.RecordError) error {
	if p.before != nil {
		select {
		case <-p.before:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return p.policy.Bad(ctx, seen, of(p.part, e))
}

func (p partPolicy) Done(seen datamix.ErrorCount) error { return p.policy.Done(seen) }

func of(part string, e *datamix.RecordError) *datamix.RecordError {
	c := *e
	c.Origin.Source = part
	return &c
}

// partError puts the part's name before an error that does not have it.
func partError(part string, err error) error {
	if err == nil {
		return nil
	}
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

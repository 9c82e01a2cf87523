package mix

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/reuse"
)

// looked is what became of the records of one batch, in their order.
type looked struct{ records []judged }

// judged is what became of a record: it is kept, dropped or bad.
type judged struct {
	facts
	counted bool
	reason  datamix.Verdict
	err     error
}

// looker measures records on the goroutines of their source.
type looker struct {
	steps []datamix.Step
	want  *wants
	free  reuse.List[*looked]
}

// at looks at a batch.
func (l *looker) at(ctx context.Context, batch datamix.Seq) *looked {
	b, ok := l.free.Get()
	if !ok {
		b = new(looked)
	}
	b.records = b.records[:0]
	for r, err := range batch {
		b.records = append(b.records, judged{err: err})
		if err != nil {
			continue
		}
		j := &b.records[len(b.records)-1]
		if _, j.reason, j.err = datamix.RunSteps(ctx, l.steps, r); j.reason != datamix.Keep || j.err != nil {
			if bad, ok := errors.AsType[*datamix.RecordError](j.err); ok {
				bad.Raw = bytes.Clone(bad.Raw) // the row may be lent
			}
			continue
		}
		j.counted, j.facts = r.Counted(), l.want.of(r)
		j.stratum = strings.Clone(j.stratum) // the record may be lent
	}
	return b
}

// kept yields the facts of a part's records that its filters keep. Each is valid
// until the next.
func (m *Mix) kept(ctx context.Context, part *Part, want *wants, before <-chan struct{}) iter.Seq2[*judged, error] {
	if seq := m.look(ctx, part, want, before); seq != nil {
		return seq
	}
	return func(yield func(*judged, error) bool) {
		for r, err := range m.chain(part, before).Records(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&judged{facts: want.of(r), counted: r.Counted()}, nil) {
				return
			}
		}
	}
}

// look is kept where the source shows its records in batches and nobody else wants
// to see them; otherwise it is nil.
func (m *Mix) look(ctx context.Context, part *Part, want *wants, before <-chan struct{}) iter.Seq2[*judged, error] {
	obs := datamix.ObserverFrom(ctx)
	if outer := datamix.ObserverFrom(datamix.Within(ctx)); outer.Read != nil || outer.Drop != nil {
		return nil
	}
	l := &looker{steps: m.steps(part), want: want}
	seq, ok := datamix.Batches(ctx, part.Source, datamix.BatchOptions{Workers: m.workers(), Lend: m.borrows(part)},
		func(batch datamix.Seq) any { return l.at(ctx, batch) })
	if !ok {
		return nil
	}
	var at *judged
	source := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			stand := new(datamix.Record) // in for those that are kept
			for seen, err := range seq {
				if err != nil {
					yield(nil, err)
					return
				}
				b := seen.(*looked)
				for i := range b.records {
					at = &b.records[i]
					if !datamix.Final(at.err) {
						obs.Read(nil)
					}
					switch {
					case at.reason != datamix.Keep:
						obs.Drop("", stand, at.reason)
					case at.err != nil:
						if !yield(nil, at.err) || datamix.Final(at.err) {
							return
						}
					case !yield(stand, nil):
						return
					}
				}
				l.free.Put(b)
			}
		}
	})
	standIns := source.Records(ctx)
	if m.recipe.OnError != nil {
		standIns = datamix.OnError(partPolicy{part.Name, m.recipe.OnError, before}).Apply(ctx, source)
	}
	return func(yield func(*judged, error) bool) {
		for _, err := range standIns {
			if !yield(at, err) || err != nil {
				return
			}
		}
	}
}

// borrows reports whether measuring a part keeps nothing of its records.
func (m *Mix) borrows(part *Part) bool {
	return (m.recipe.Tokenizer == nil || datamix.Borrows(m.recipe.Tokenizer)) &&
		!slices.ContainsFunc(m.filters(part), func(f datamix.Filter) bool { return !datamix.Borrows(f) })
}

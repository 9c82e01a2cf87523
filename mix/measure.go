package mix

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
)

// measure reads every part once: filters, counts, and drops what an earlier part
// has already.
func (m *Mix) measure(ctx context.Context) ([]*partIndex, error) {
	indexes, err := m.indexes(ctx)
	if err != nil {
		return nil, err
	}
	settled := func(k int) *Index { return indexes[k] }
	if m.recipe.Dedup != "" {
		if settled, err = findDuplicates(indexes); err != nil {
			return nil, err
		}
	}
	all := func(_ context.Context, emit func(int) bool) {
		for i := range indexes {
			if !emit(i) {
				return
			}
		}
	}
	settle := func(_ context.Context, i int) *partIndex {
		p := newPartIndex(m.leaves[i].Name, settled(i))
		p.order(m.recipe.Seed, 0) // which the plan needs next
		return p
	}
	var parts []*partIndex
	for p, err := range ordered.Map(ctx, min(m.workers(), len(indexes)), all, settle) {
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// Measure reads one part, by the name that its plan gives it, and returns its
// index: for a task that measures a part or, with a source that yields one,
// a slice of a part. See Index.OfSlice, Merge and Options.Indexes.
func (m *Mix) Measure(ctx context.Context, part string) (*Index, error) {
	for i := range m.leaves {
		if m.leaves[i].Name == part {
			return m.index(ctx, &m.leaves[i], nil)
		}
	}
	return nil, bad("it has no part %q", part)
}

// concurrentParts is how many parts are measured at a time, where there are as
// many workers. Each has a goroutine that reads, one that cuts batches and one
// that collects, which are idle most of the time.
const concurrentParts = 4

// indexes measures the parts, several at a time. The result does not depend on
// how many.
func (m *Mix) indexes(ctx context.Context) ([]*Index, error) {
	if err := makeCache(m.options.CacheDir); err != nil {
		return nil, err
	}
	atOnce := min(m.workers(), len(m.leaves), concurrentParts)
	if atOnce > 1 {
		ctx = datamix.WithObserver(ctx, serialized(datamix.ObserverFrom(datamix.Within(ctx))))
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	before := make([]chan struct{}, len(m.leaves)+1) // before[i] is closed when the parts before i are measured
	for i := range before {
		before[i] = make(chan struct{})
	}
	close(before[0])
	feed := func(_ context.Context, emit func(int) bool) {
		for i := range m.leaves {
			if !emit(i) {
				return
			}
		}
	}
	measure := func(_ context.Context, i int) measured {
		x, err := m.index(within, &m.leaves[i], before[i])
		if err != nil {
			cancel(errElsewhere)
		}
		return measured{x, err}
	}
	var out []*Index
	var failed error
	for r, err := range ordered.Map(ctx, atOnce, feed, measure) {
		if err != nil {
			return nil, err
		}
		if failed == nil || errors.Is(failed, errElsewhere) {
			failed = r.err
		}
		out = append(out, r.index)
		close(before[len(out)])
	}
	return out, failed
}

type measured struct {
	index *Index
	err   error
}

// errElsewhere ends the measuring of other parts when one has failed.
var errElsewhere = errors.New("another part has failed")

// serialized lets only one event reach an observer at a time.
func serialized(o *datamix.Observer) *datamix.Observer {
	c := *o
	var mu sync.Mutex
	if o.Read != nil {
		c.Read = func(r *datamix.Record) { mu.Lock(); defer mu.Unlock(); o.Read(r) }
	}
	if o.Drop != nil {
		c.Drop = func(s string, r *datamix.Record, v datamix.Verdict) { mu.Lock(); defer mu.Unlock(); o.Drop(s, r, v) }
	}
	if o.Skip != nil {
		c.Skip = func(e *datamix.RecordError) { mu.Lock(); defer mu.Unlock(); o.Skip(e) }
	}
	if o.Unused != nil {
		c.Unused = func(s string, n int64) { mu.Lock(); defer mu.Unlock(); o.Unused(s, n) }
	}
	if o.Derived != nil {
		c.Derived = func(s string, n int64) { mu.Lock(); defer mu.Unlock(); o.Derived(s, n) }
	}
	if o.Progress != nil {
		c.Progress = func(p datamix.Progress) { mu.Lock(); defer mu.Unlock(); o.Progress(p) }
	}
	return &c
}

// index returns the index of a part: one that was given, one from the cache, or
// one that it measures. Bad rows wait until the parts before are measured, so
// that a quarantine has them in order.
func (m *Mix) index(ctx context.Context, part *Part, before <-chan struct{}) (*Index, error) {
	want := &wants{m.recipe.Dedup, part.Prefer, part.Strata}
	if x := m.options.Indexes[part.Name]; x != nil {
		if err := want.met(x); err != nil {
			return nil, bad("part %s: %v", part.Name, err)
		}
		return x, want.check(part.Name, x)
	}
	file := m.cacheFile(ctx, part)
	if x := m.cached(file); x != nil {
		return x, want.check(part.Name, x)
	}
	x, err := m.read(ctx, part, want, before)
	if err != nil {
		return nil, err
	}
	keepable := x.policy != policyUnknown
	if file != "" && keepable && m.cacheFile(ctx, part) == file { // nobody changed it meanwhile
		keep(file, x)
	}
	return x, want.check(part.Name, x)
}

// read measures a part.
func (m *Mix) read(ctx context.Context, part *Part, want *wants, before <-chan struct{}) (*Index, error) {
	x := &Index{}
	outer := datamix.ObserverFrom(datamix.Within(ctx))
	var recorder datamix.Recorder
	ctx = datamix.WithObserver(ctx, recorder.Observer(named(part.Name, outer)))
	needsTokens := m.recipe.needsTokens()
	for r, err := range m.chain(part, before).Records(ctx) {
		if err != nil {
			return nil, partError(part.Name, err)
		}
		if needsTokens && !r.Counted() {
			return nil, bad("part %s: its records are not counted and the recipe has no tokenizer", part.Name)
		}
		f := want.of(r)
		if err := x.add(&f, want); err != nil {
			r.Origin.Source = part.Name
			return nil, partError(part.Name, &datamix.RecordError{Stage: "measure", Origin: r.Origin, Err: err})
		}
		if n := int64(x.Len()); n%progressEvery == 0 && outer.Progress != nil {
			outer.Progress(datamix.Progress{Phase: "measure", Part: part.Name, Done: n})
		}
	}
	x.trim()
	x.Ledger = recorder.Ledger()
	x.Ledger.Kept = int64(x.Len())
	if x.Ledger.Skipped > 0 {
		x.policy = m.policy()
	}
	return x, partError(part.Name, x.Ledger.Check())
}

const progressEvery = 1024

func (m *Mix) workers() int {
	if m.options.Workers > 0 {
		return m.options.Workers
	}
	return runtime.GOMAXPROCS(0)
}

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

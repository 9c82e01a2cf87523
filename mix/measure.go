package mix

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/ordered"
)

// measure reads every part once: filters, counts, and drops what an earlier part
// has already.
func (m *Mix) measure(ctx context.Context) ([]*partIndex, error) {
	spool := &hashSpool{dir: m.options.TempDir}
	defer spool.close()
	indexes, err := m.indexes(ctx, spool)
	if err != nil {
		return nil, err
	}
	again := make([]*dropped, len(indexes))
	if m.recipe.Dedup != "" {
		if again, err = m.duplicates(ctx, indexes, spool); err != nil {
			return nil, err
		}
	}
	parts := make([]*partIndex, len(indexes))
	for i, x := range indexes {
		parts[i] = newPartIndex(m.leaves[i].Name, x, again[i])
	}
	return parts, m.tellDuplicates(ctx, parts, again)
}

// duplicates returns which records of each part have the hash of an earlier one.
// Once that is known the hashes are let go.
func (m *Mix) duplicates(ctx context.Context, indexes []*Index, spool *hashSpool) ([]*dropped, error) {
	file := m.duplicatesFile(indexes)
	if again := cachedDuplicates(file, indexes); again != nil {
		withoutHashes(indexes)
		return again, nil
	}
	again, part, err := findDuplicates(indexes)
	for damaged := (errHashes{}); errors.As(err, &damaged); again, part, err = findDuplicates(indexes) {
		leaf := &m.leaves[part]
		if indexes[part], err = m.remeasured(ctx, leaf, m.wants(leaf, spool), nil, m.cacheFile(ctx, leaf)); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	if file != "" {
		keep(file, allDropped(again))
	}
	withoutHashes(indexes)
	return again, nil
}

// withoutHashes replaces indexes, which others may have, by such without hashes.
func withoutHashes(indexes []*Index) {
	for i, x := range indexes {
		y := *x
		y.hashes = hashes{}
		indexes[i] = &y
	}
}

// Measure reads one part, by the name that its plan gives it, and returns its
// index: for a task that measures a part or, with a source that yields one,
// a slice of a part. See Index.OfSlice, Merge and Options.Indexes.
func (m *Mix) Measure(ctx context.Context, part string) (*Index, error) {
	for i := range m.leaves {
		if m.leaves[i].Name == part {
			return m.whole(ctx, &m.leaves[i])
		}
	}
	return nil, bad("it has no part %q", part)
}

// whole returns the index of a part with its hashes.
func (m *Mix) whole(ctx context.Context, part *Part) (*Index, error) {
	if err := makeCache(m.options.CacheDir); err != nil {
		return nil, err
	}
	x, err := m.index(ctx, part, nil, nil)
	if err != nil || x.hashes.load() == nil {
		return x, err
	}
	return m.remeasured(ctx, part, m.wants(part, nil), nil, m.cacheFile(ctx, part))
}

// concurrentParts is how many parts are measured at a time, where there are as
// many workers. Each has a goroutine that reads, one that cuts batches and one
// that collects, which are idle most of the time.
const concurrentParts = 4

// indexes measures the parts, several at a time. The result does not depend on
// how many.
func (m *Mix) indexes(ctx context.Context, spool *hashSpool) ([]*Index, error) {
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
		x, err := m.index(within, &m.leaves[i], before[i], spool)
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
func (m *Mix) index(ctx context.Context, part *Part, before <-chan struct{}, spool *hashSpool) (*Index, error) {
	want := m.wants(part, spool)
	if x := m.options.Indexes[part.Name]; x != nil {
		if err := want.met(x); err != nil {
			return nil, bad("part %s: %v", part.Name, err)
		}
		return x, want.check(part.Name, x)
	}
	file := m.cacheFile(ctx, part)
	if x := m.cached(file); x != nil {
		progress(ctx, "cached", part, x)
		return x, want.check(part.Name, x)
	}
	return m.remeasured(ctx, part, want, before, file)
}

func (m *Mix) wants(part *Part, spool *hashSpool) *wants {
	return &wants{m.recipe.Dedup, part.Prefer, part.Strata, spool}
}

// remeasured measures a part and keeps the index in a file of the cache, if there
// is one for it.
func (m *Mix) remeasured(ctx context.Context, part *Part, want *wants, before <-chan struct{}, file string) (*Index, error) {
	x, err := m.read(ctx, part, want, before)
	if err != nil {
		return nil, err
	}
	progress(ctx, "measure", part, x)
	keepable := x.policy != policyUnknown
	if file != "" && keepable && m.cacheFile(ctx, part) == file { // nobody changed it meanwhile
		keep(file, x)
	}
	return x, want.check(part.Name, x)
}

// progress tells an observer that a part is over.
func progress(ctx context.Context, phase string, part *Part, x *Index) {
	if o := datamix.ObserverFrom(datamix.Within(ctx)); o.Progress != nil {
		o.Progress(datamix.Progress{Phase: phase, Part: part.Name, Done: int64(x.Len()), Total: int64(x.Len())})
	}
}

// read measures a part.
func (m *Mix) read(ctx context.Context, part *Part, want *wants, before <-chan struct{}) (*Index, error) {
	x := &Index{hashes: hashes{spool: want.spool}}
	outer := datamix.ObserverFrom(datamix.Within(ctx))
	var recorder datamix.Recorder
	ctx = datamix.WithObserver(ctx, recorder.Observer(named(part.Name, outer)))
	needsTokens := m.recipe.needsTokens()
	for r, err := range m.kept(ctx, part, want, before) {
		if err != nil {
			return nil, partError(part.Name, err)
		}
		if needsTokens && !r.counted {
			return nil, bad("part %s: its records are not counted and the recipe has no tokenizer", part.Name)
		}
		if err := x.add(&r.facts, want); err != nil {
			r.Place.Source = part.Name
			return nil, partError(part.Name, &datamix.RecordError{Stage: "measure", Origin: r.Place.Origin, Err: err})
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

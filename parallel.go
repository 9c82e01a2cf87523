package datamix

import (
	"context"
	"runtime"

	"github.com/datamix-go/datamix/internal/ordered"
)

const (
	batchRecords = 64
	batchBytes   = 1 << 20
)

// Parallel is a stage that runs the steps on several records at once and keeps
// their order. workers is the number of goroutines, GOMAXPROCS where it is not
// positive; the result never depends on it. Records travel in batches of 64 or
// 1 MiB. The source is read on a goroutine of its own, so cancelling the
// context ends the range even while the source blocks, provided that the
// source heeds its context. A panic in a step is raised in the consumer's
// range. No goroutine is left when the range ends.
func Parallel(workers int, steps ...Step) Stage { return parallel{workers, steps} }

type parallel struct {
	workers int
	steps   []Step
}

// Spec describes the steps; the number of workers is no part of it.
func (p parallel) Spec() (Spec, bool) {
	inner, ok := describeAll(p.steps)
	return Spec{Name: "parallel", Version: 1, Inner: inner}, ok
}

// item is a record or an error on its way through the workers, and what became
// of it.
type item struct {
	r       *Record
	err     error
	stage   string
	verdict Verdict
}

func (p parallel) Apply(ctx context.Context, in Source) Seq {
	workers := p.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	process := func(ctx context.Context, batch []item) []item {
		for i := range batch {
			if it := &batch[i]; it.err == nil {
				it.stage, it.verdict, it.err = RunSteps(ctx, p.steps, it.r)
			}
		}
		return batch
	}
	feed := func(ctx context.Context, emit func([]item) bool) { cutBatches(ctx, in, emit) }
	return func(yield func(*Record, error) bool) {
		obs := ObserverFrom(ctx)
		for batch, err := range ordered.Map(ctx, workers, feed, process) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, it := range batch {
				if it.err == nil && it.verdict != Keep {
					obs.dropped(it.stage, it.r, it.verdict)
					continue
				}
				if it.err != nil {
					it.r = nil
				}
				if !yield(it.r, it.err) || Final(it.err) {
					return
				}
			}
		}
	}
}

func cutBatches(ctx context.Context, in Source, emit func([]item) bool) {
	var batch []item
	size := 0
	for r, err := range in.Records(ctx) {
		if batch == nil {
			batch = make([]item, 0, batchRecords)
		}
		batch = append(batch, item{r: r, err: err})
		if r != nil {
			size += len(r.row.raw)
		}
		if len(batch) == batchRecords || size >= batchBytes {
			if !emit(batch) {
				return
			}
			batch, size = nil, 0
		}
	}
	if batch != nil {
		emit(batch)
	}
}

package datamix

import (
	"context"
	"errors"
	"sync"
)

// progressEvery is the number of records between two calls of
// Observer.Progress.
const progressEvery = 1024

// Run writes every record of src to dst and closes it. At the first error, also
// of a bad record that no OnError stage handles, it aborts dst and returns what
// was done until then with the error. Run never swallows an error.
//
// An Observer in ctx is told what happens. A Progress is sent every 1,024
// records.
func Run(ctx context.Context, src Source, dst Sink) (Report, error) {
	t := &runTally{}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	obs := t.observer(ObserverFrom(ctx))
	chained := Chain(src)
	total, _ := Size(ctx, chained)
	in := chained
	if l, ok := src.(Lender); ok && Borrows(dst) && ObserverFrom(ctx).Read == nil {
		in = Chain(SourceFunc(l.Lend))
	}
	err := func() error {
		for r, err := range in.Records(WithObserver(ctx, obs)) {
			if err != nil {
				return err
			}
			if err := dst.Write(ctx, r); err != nil {
				return err
			}
			t.written(r)
			if obs.Progress != nil && t.rows%progressEvery == 0 {
				obs.Progress(Progress{Phase: "write", Done: t.rows, Total: total})
			}
		}
		return context.Cause(ctx)
	}()
	report := t.report()
	report.Stages, _ = Stages(chained)
	if err == nil {
		err = commit(dst, report)
	} else {
		err = errors.Join(err, Abort(dst))
	}
	if err == nil && obs.Progress != nil {
		obs.Progress(Progress{Phase: "write", Done: t.rows, Total: t.rows})
	}
	return report, err
}

// commit hands the report to a sink that wants it, and closes the sink.
func commit(dst Sink, report Report) error {
	if s, ok := dst.(ReportSink); ok {
		if err := s.WriteReport(report); err != nil {
			return errors.Join(err, Abort(dst))
		}
	}
	return dst.Close()
}

// runTally collects what a Run reports.
type runTally struct {
	recorder Recorder
	rows     int64
	kept     int64
	content  SetHash
	rest     PartReport // what belongs to no part

	mu    sync.Mutex
	parts []PartReport
	index map[string]int
}

func (t *runTally) observer(next *Observer) *Observer {
	o := t.recorder.Observer(next)
	o.Part = func(p PartReport) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.index == nil {
			t.index = map[string]int{}
		}
		t.index[p.Name] = len(t.parts)
		t.parts = append(t.parts, p)
		if next.Part != nil {
			next.Part(p)
		}
	}
	return o
}

func (t *runTally) written(r *Record) {
	t.rows++
	if r.Origin.Pass == 0 {
		t.kept++
	}
	t.content.Count(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &t.rest
	if i, ok := t.index[r.Origin.Source]; ok {
		p = &t.parts[i]
	}
	p.Output.Count(r)
	p.Sizes.Count(r)
}

// report puts the counts of the parts and of the stages after the mix together.
func (t *runTally) report() Report {
	own := t.recorder.Ledger()
	own.Kept = t.kept
	rep := Report{Ledger: own, Output: t.rest.Output, Sizes: t.rest.Sizes, Content: t.content, Parts: t.parts}
	if len(t.parts) == 0 {
		return rep
	}
	var sum Ledger
	for _, p := range t.parts {
		sum.Add(p.Ledger)
		rep.Output.Add(p.Output)
		rep.Sizes.Merge(p.Sizes)
	}
	sum.Kept = 0
	own.Read = 0
	sum.Add(own)
	rep.Ledger = sum
	return rep
}

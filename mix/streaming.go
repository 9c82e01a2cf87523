package mix

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// streaming is one range over a stream.
type streaming struct {
	*Stream
	yield    func(*datamix.Record, error) bool
	heads    []head
	sizes    []int64 // of the heads, -1 for a part that has ended
	schedule sample.Scheduler
	unit     datamix.Unit
}

// head is a part with the record that it yields next.
type head struct {
	next   func() (*datamix.Record, error, bool)
	stop   func()
	record *datamix.Record
	fresh  bool // nothing came since the part began or began again
}

func (x *streaming) all(ctx context.Context) error {
	x.unit = x.recipe.unit()
	if err := x.restore(); err != nil {
		return err
	}
	defer func() {
		for _, h := range x.heads {
			if h.stop != nil {
				h.stop()
			}
		}
	}()
	for i := range x.heads {
		x.sizes[i] = -1
		if x.weights[i] == 0 || x.state.Parts[i].Ended {
			continue
		}
		x.begin(ctx, i, x.state.Parts[i].Last)
		if err := x.advance(ctx, i); err != nil {
			return err
		}
	}
	for x.recipe.Total == 0 || x.done() < int64(x.recipe.Total) {
		i, ok := x.schedule.Next(x.sizes)
		switch {
		case ok:
			if !x.deliver(i) {
				return nil
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := x.advance(ctx, i); err != nil {
				return err
			}
		case i < 0:
			return nil
		default:
			if going, err := x.ended(ctx, i); !going {
				return err
			}
		}
	}
	return nil
}

// done is what the stream has yielded.
func (x *streaming) done() (n int64) {
	for _, p := range x.state.Parts {
		n += p.Size
	}
	return n
}

// restore makes the scheduler go on where the state is.
func (x *streaming) restore() error {
	lanes := make([]map[string]uint64, len(x.weights))
	for i, w := range x.weights {
		lanes[i] = map[string]uint64{"weight": w, "served": 0}
		if w > 0 {
			lanes[i]["served"] = uint64(x.state.Parts[i].Size - x.state.Parts[i].Before)
		}
	}
	text, err := json.Marshal(lanes)
	if err != nil {
		return err
	}
	if err := x.schedule.UnmarshalJSON(text); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	return nil
}

// begin opens a part behind a record.
func (x *streaming) begin(ctx context.Context, i int, last *datamix.Origin) {
	part := x.mix.leaves[i]
	if last != nil {
		part.Source = datamix.Over(part.Source, &behind{datamix.Base(part.Source), *last})
	}
	outer := named(part.Name, datamix.ObserverFrom(datamix.Within(ctx)))
	ctx = datamix.WithObserver(ctx, x.reports[i].recorder.Observer(outer))
	x.heads[i] = head{fresh: last == nil}
	x.heads[i].next, x.heads[i].stop = iter.Pull2(x.mix.chain(&part, nil).Records(ctx))
}

// advance gets the next record of a part.
func (x *streaming) advance(ctx context.Context, i int) error {
	r, err, ok := x.heads[i].next()
	name := x.mix.leaves[i].Name
	switch {
	case !ok:
		x.sizes[i] = -1
		return nil
	case err != nil:
		return partError(name, err)
	case x.unit != datamix.Rows && !r.Counted():
		return bad("part %s: its records are not counted and the recipe has no tokenizer", name)
	}
	x.heads[i].record, x.heads[i].fresh = r, false
	x.sizes[i] = x.unit.Of(r.Counts())
	r.Origin.Source = name
	for _, l := range labelsOf(&x.mix.leaves[i]) {
		r.SetLabel(l.name, l.value)
	}
	return nil
}

// deliver yields the record of a part and notes that it is out.
func (x *streaming) deliver(i int) bool {
	r := x.heads[i].record
	x.heads[i].record = nil
	last := r.Origin
	last.Source = ""
	x.mu.Lock()
	p := &x.state.Parts[i]
	x.state.Rows++
	p.Rows++
	p.Size += x.sizes[i]
	p.Last = &last
	r.Origin.Pass += p.Passes
	x.reports[i].output.Count(r)
	x.mu.Unlock()
	return x.yield(r, nil)
}

// ended decides what the end of a part means.
func (x *streaming) ended(ctx context.Context, i int) (going bool, err error) {
	switch x.recipe.Shortfall {
	case Redistribute:
		x.mu.Lock()
		x.state.Parts[i].Ended = true
		x.mu.Unlock()
		x.schedule.Leave(i)
		return true, nil
	case RepeatParts:
		if x.heads[i].fresh {
			return false, bad("part %s: no record of it passes the filters, so it cannot be repeated", x.mix.leaves[i].Name)
		}
		x.heads[i].stop()
		x.mu.Lock()
		x.state.Parts[i].Passes++
		x.state.Parts[i].Last = nil
		x.mu.Unlock()
		x.begin(ctx, i, nil)
		return true, x.advance(ctx, i)
	}
	if x.recipe.Total > 0 {
		return false, fmt.Errorf("%w: part %s ended after %d records, before the total of %d %s; shortfall: redistribute or repeat goes on",
			ErrInfeasible, x.mix.leaves[i].Name, x.state.Parts[i].Rows, x.recipe.Total, x.unit)
	}
	return false, nil
}

// behind is the part of a source behind a record.
type behind struct {
	src  datamix.Source
	last datamix.Origin
}

func (b *behind) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		var mu sync.Mutex
		found := false
		want := func(o datamix.Origin) bool {
			mu.Lock()
			defer mu.Unlock()
			was := found
			found = found || same(o, b.last)
			return was
		}
		for r, err := range datamix.Pick(ctx, b.src, want) {
			mu.Lock()
			on := found
			mu.Unlock()
			if err != nil && !datamix.Final(err) && !on {
				continue // judged before
			}
			if !yield(r, err) {
				return
			}
		}
		if !found {
			yield(nil, fmt.Errorf("%w: the source has no record %s any more", ErrState, b.last))
		}
	}
}

func same(a, b datamix.Origin) bool {
	return a.Path == b.Path && a.Row == b.Row && a.Sub == b.Sub && a.Pass == b.Pass
}

package datamix

import (
	"context"
	"sync/atomic"
)

// Chain returns the source that passes the records of src through the stages
// in order. A chain is a Source: it can be chained further, mixed or served. It
// opens nothing before it is ranged over.
//
// The chain counts: what its source yields, what steps drop, what samplers
// leave unused; see Observer and Run.
func Chain(src Source, stages ...Stage) Source {
	if c, ok := src.(*chain); ok {
		return &chain{c.src, append(c.stages[:len(c.stages):len(c.stages)], stages...)}
	}
	return &chain{src, append([]Stage(nil), stages...)}
}

type chain struct {
	src    Source
	stages []Stage
}

// Stages describes the stages of a chain in order; ok is false when one of
// them has no Spec, so that the chain is local to this program. A source that
// is no chain has no stages.
func Stages(src Source) (specs []Spec, ok bool) {
	c, is := src.(*chain)
	if !is {
		return nil, true
	}
	return describeAll(c.stages)
}

// Base returns the source at the start of a chain, or src itself.
func Base(src Source) Source {
	if c, is := src.(*chain); is {
		return c.src
	}
	return src
}

// Over returns the chain of src over another base, or base where src is no chain.
func Over(src, base Source) Source {
	if c, is := src.(*chain); is {
		return Chain(base, c.stages...)
	}
	return base
}

// Rebuild returns the chain over src whose stages the specs describe; stages
// maps their names to constructors.
func Rebuild(src Source, specs []Spec, stages *Registry[Stage]) (Source, error) {
	built := make([]Stage, 0, len(specs))
	for _, s := range specs {
		stage, err := stages.Build(s)
		if err != nil {
			return nil, err
		}
		built = append(built, stage)
	}
	return Chain(src, built...), nil
}

func (c *chain) Records(ctx context.Context) Seq {
	return func(yield func(*Record, error) bool) { c.over(c.src).Records(ctx)(yield) }
}

// over puts the stages on top of src, for one range.
func (c *chain) over(src Source) Source {
	src = &observed{src: src}
	for i := 0; i < len(c.stages); {
		steps := leadingSteps(c.stages[i:])
		if len(steps) == 0 {
			src = &staged{c.stages[i], src}
			i++
			continue
		}
		below := src
		src = SourceFunc(func(ctx context.Context) Seq { return applySteps(ctx, steps, below) })
		i += len(steps)
	}
	return src
}

// leadingSteps returns the steps at the start of stages, which are run together.
func leadingSteps(stages []Stage) (steps []Step) {
	for _, s := range stages {
		step, ok := s.(Step)
		if !ok {
			break
		}
		steps = append(steps, step)
	}
	return steps
}

// Size returns the size of the source where no stage can change it.
func (c *chain) Size(ctx context.Context) (int64, bool) {
	if len(c.stages) > 0 {
		return 0, false
	}
	return Size(ctx, c.src)
}

// Pick reads only the wanted rows where every stage judges records one by one.
// Where and Count do not run on them: whoever picks has judged them before.
func (c *chain) Pick(ctx context.Context, want func(Origin) bool) Seq {
	again := &chain{src: SourceFunc(func(ctx context.Context) Seq { return Pick(ctx, c.src, want) })}
	for _, s := range c.stages {
		switch s := s.(type) {
		case Step:
			if !s.pure {
				again.stages = append(again.stages, s)
			}
		case parallel:
			if s.steps = impure(s.steps); len(s.steps) > 0 {
				again.stages = append(again.stages, s)
			}
		case onError:
			again.stages = append(again.stages, s)
		default:
			return pickAll(ctx, c, want)
		}
	}
	return again.Records(ctx)
}

// impure returns the steps that may modify records.
func impure(steps []Step) (out []Step) {
	for _, s := range steps {
		if !s.pure {
			out = append(out, s)
		}
	}
	return out
}

// pickAll is Pick by reading everything.
func pickAll(ctx context.Context, src Source, want func(Origin) bool) Seq {
	return Pick(ctx, SourceFunc(src.Records), want)
}

// observed reports what leaves the source of a chain, the first time that it
// is read in one range over the chain.
type observed struct {
	src  Source
	seen atomic.Bool
}

func (o *observed) Records(ctx context.Context) Seq {
	return func(yield func(*Record, error) bool) {
		read := ObserverFrom(ctx).Read
		if read == nil || o.seen.Swap(true) {
			o.src.Records(ctx)(yield)
			return
		}
		for r, err := range o.src.Records(ctx) {
			if first(r, err) {
				read(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// staged is a stage applied to a source, with the counts that the stage itself
// does not take.
type staged struct {
	stage Stage
	in    Source
}

func (s *staged) Records(ctx context.Context) Seq {
	switch s.stage.(type) {
	case parallel, onError:
		return s.stage.Apply(ctx, s.in)
	}
	return func(yield func(*Record, error) bool) {
		obs := ObserverFrom(ctx)
		in := &counted{src: s.in, obs: obs}
		var out, dropped int64
		inner := *obs
		inner.Drop = func(stage string, r *Record, reason Verdict) {
			dropped++
			if obs.Drop != nil {
				obs.Drop(stage, r, reason)
			}
		}
		defer func() { s.report(obs, in.good.Load()-out-dropped) }()
		for r, err := range s.stage.Apply(WithObserver(ctx, &inner), in) {
			if err == nil && r.Origin.Pass == 0 {
				out++
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// report accounts for the records that went in and did not come out, or came
// out without having gone in.
func (s *staged) report(obs *Observer, lost int64) {
	name := nameOf(s.stage, "stage")
	switch {
	case lost > 0 && obs.Unused != nil:
		obs.Unused(name, lost)
	case lost < 0 && obs.Derived != nil:
		obs.Derived(name, -lost)
	}
}

// first reports whether an element is one that the ledger counts as read: a
// bad record, or a good one that is no repetition.
func first(r *Record, err error) bool {
	return err == nil && r.Origin.Pass == 0 || err != nil && !Final(err)
}

// counted is what a stage reads: it counts the records of the first range over
// a source and shows the source the observer that the stage was given; later
// ranges are quiet.
type counted struct {
	src  Source
	obs  *Observer
	seen atomic.Bool
	good atomic.Int64
}

func (c *counted) Records(ctx context.Context) Seq {
	return func(yield func(*Record, error) bool) {
		if c.seen.Swap(true) {
			c.src.Records(Quiet(ctx))(yield)
			return
		}
		for r, err := range c.src.Records(WithObserver(ctx, c.obs)) {
			if err == nil && r.Origin.Pass == 0 {
				c.good.Add(1)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Draw is the stage that a Sampler makes of a sequence.
func Draw(s Sampler) Stage { return draw{s} }

type draw struct{ sampler Sampler }

// Spec describes the sampler.
func (d draw) Spec() (Spec, bool) { return Describe(d.sampler) }

func (d draw) Apply(ctx context.Context, in Source) Seq { return d.sampler.Sample(ctx, in) }

// StageFunc makes a Stage of a function. Records that go in and neither come out
// nor are reported with Drop count as unused, records beyond those that went in
// as derived.
type StageFunc func(ctx context.Context, in Source) Seq

// Apply calls f.
func (f StageFunc) Apply(ctx context.Context, in Source) Seq { return f(ctx, in) }

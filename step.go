package datamix

import "context"

// Step is a stage that handles one record at a time: it may modify the record,
// keep or drop it. Make one with StepFunc, NewStep, Where or Count. Steps that
// follow each other in a chain are run together, record by record.
type Step struct {
	do        func(ctx context.Context, r *Record) (Verdict, error)
	name      string
	spec      Spec
	described bool
	pure      bool // drops or counts, and does not modify records
}

// StepFunc makes a Step of a function, without a Spec. The function must be
// safe for concurrent use on different records; its errors are treated like a
// Filter's.
func StepFunc(do func(ctx context.Context, r *Record) (Verdict, error)) Step {
	return Step{do: do, name: "step"}
}

// NewStep is StepFunc with a Spec: a change of results must go with a change of
// the version in it.
func NewStep(spec Spec, do func(ctx context.Context, r *Record) (Verdict, error)) Step {
	return Step{do: do, name: spec.Name, spec: spec, described: true}
}

// Where is the step that keeps the records which every filter keeps. The
// filters are asked in order; the first reason counts.
func Where(filters ...Filter) Step {
	s := Step{name: "where", pure: true, do: func(ctx context.Context, r *Record) (Verdict, error) {
		for _, f := range filters {
			if v, err := f.Check(ctx, r); err != nil || v != Keep {
				return v, err
			}
		}
		return Keep, nil
	}}
	if len(filters) == 1 {
		s.do = filters[0].Check
		s.name = nameOf(filters[0], s.name)
	}
	if inner, ok := describeAll(filters); ok {
		s.spec, s.described = Spec{Name: "where", Version: 1, Inner: inner}, true
	}
	return s
}

// Spec returns the step's description.
func (s Step) Spec() (Spec, bool) { return s.spec, s.described }

// Process runs the step on one record.
func (s Step) Process(ctx context.Context, r *Record) (Verdict, error) { return s.do(ctx, r) }

// Apply makes the step a Stage.
func (s Step) Apply(ctx context.Context, in Source) Seq { return applySteps(ctx, []Step{s}, in) }

func applySteps(ctx context.Context, steps []Step, in Source) Seq {
	return func(yield func(*Record, error) bool) {
		obs := ObserverFrom(ctx)
		for r, err := range in.Records(ctx) {
			if err != nil {
				if !yield(nil, err) {
					return
				}
				continue
			}
			stage, verdict, err := RunSteps(ctx, steps, r)
			if err != nil {
				if !yield(nil, err) || Final(err) {
					return
				}
				continue
			}
			if verdict != Keep {
				obs.dropped(stage, r, verdict)
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// RunSteps runs the steps on r until one drops it or fails; it returns that
// step's name. An error is a *RecordError or final.
func RunSteps(ctx context.Context, steps []Step, r *Record) (string, Verdict, error) {
	for i := range steps {
		v, err := steps[i].do(ctx, r)
		if err != nil {
			return steps[i].name, Keep, recordError(steps[i].name, r, err)
		}
		if v != Keep {
			return steps[i].name, v, nil
		}
	}
	return "", Keep, nil
}

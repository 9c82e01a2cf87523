package datamix

import "context"

// Observer is told what happens to records. All functions may be nil. They may
// be called from several goroutines, though never two at once for the same
// stage of one range; they should return soon.
type Observer struct {
	// Read is called for each record that leaves the source of a chain.
	Read func(r *Record)
	// Drop is called for each record that a stage drops.
	Drop func(stage string, r *Record, reason Verdict)
	// Skip is called for each bad record that an OnError stage passes over.
	Skip func(e *RecordError)
	// Unused is called with the number of records that a sampler read and did
	// not yield, when its sequence ends.
	Unused func(stage string, n int64)
	// Derived is called with the number of records that a stage yielded beyond
	// those that it read, when its sequence ends.
	Derived func(stage string, n int64)
	// Part is called by a mix for each part, before its first record.
	Part func(p PartReport)
	// Progress is called now and then.
	Progress func(p Progress)

	next *Observer // the one that a Recorder passes events on to
}

// Progress says how far a run is.
type Progress struct {
	// Phase is what is going on: "measure" or "write"; or "cached", once for a part
	// that need not be measured.
	Phase string
	// Part is the part at hand, where there is one.
	Part string
	// Done and Total count records; Total is 0 where it is not known.
	Done, Total int64
}

type observerKey struct{}

// WithObserver returns a context in which o is told what happens, instead of
// any observer that ctx had.
func WithObserver(ctx context.Context, o *Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, o)
}

// ObserverFrom returns the observer of ctx. It is never nil.
func ObserverFrom(ctx context.Context) *Observer {
	if o, ok := ctx.Value(observerKey{}).(*Observer); ok && o != nil {
		return o
	}
	return &Observer{}
}

// Drop reports that a stage drops r, to the observer of ctx: for stages other
// than steps, which report by themselves.
func Drop(ctx context.Context, stage string, r *Record, reason Verdict) {
	ObserverFrom(ctx).dropped(stage, r, reason)
}

// dropped reports a drop, once for a record that is repeated.
func (o *Observer) dropped(stage string, r *Record, reason Verdict) {
	if o.Drop != nil && r.Origin.Pass == 0 {
		o.Drop(stage, r, reason)
	}
}

// Within returns the context for the parts of a source that is made of other
// sources and keeps their ledgers itself: the observers of ctx are told what
// happens there, the ledgers that are being recorded are not.
func Within(ctx context.Context) context.Context {
	o := ObserverFrom(ctx)
	for o.next != nil {
		o = o.next
	}
	return WithObserver(ctx, o)
}

type quietKey struct{}

// Quiet returns a context for reading a source once more: its records were
// observed before, so nothing is reported, counted or quarantined again.
func Quiet(ctx context.Context) context.Context {
	return context.WithValue(WithObserver(ctx, nil), quietKey{}, true)
}

func isQuiet(ctx context.Context) bool { return ctx.Value(quietKey{}) != nil }

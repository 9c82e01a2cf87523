package sample

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"slices"

	"github.com/datamix-go/datamix"
)

// Part is one of the sources of an Interleave.
type Part struct {
	// Name tells the parts apart; it must be unique and not empty. Records of
	// the part carry it in Origin.Source.
	Name string
	// Source yields the records of the part.
	Source datamix.Source
	// Weight is the part's share in relation to the others', as it is written
	// in decimal: 0.4 and 0.6 mean the same as 2 and 3. With weight 0 nothing
	// is drawn and the source not even opened.
	Weight float64
	// Observer is told what happens inside the part, if its source is a chain,
	// for example to keep a ledger of it; nil stands for what datamix.Within
	// leaves of the context's. In the ledger of a chain over the Interleave,
	// rows are read where they leave it.
	Observer *datamix.Observer
}

// Stop says when an Interleave ends.
type Stop string

const (
	// StopAtFirst ends it when a part has ended and it would be its turn again:
	// the ratio holds to the last record, and what the other parts have left is
	// not yielded.
	StopAtFirst Stop = "first"
	// StopAtAll ends it when all parts have ended; the remaining ones go on in
	// the ratio of their weights. Nothing is lost and nothing repeated.
	StopAtAll Stop = "all"
	// StopWithError makes a part that ends before the others an error that
	// wraps ErrExhausted.
	StopWithError Stop = "error"
)

// InterleaveOptions are those of Interleave. Nil stands for the zero
// InterleaveOptions.
type InterleaveOptions struct {
	// Unit is what the weights share out; "" is rows. In a unit of tokens all
	// records must be counted; one that is not ends the sequence with an error
	// that wraps ErrUncounted.
	Unit datamix.Unit
	// Stop is when the sequence ends; "" is StopAtFirst.
	Stop Stop
}

// Interleave returns a source that merges the parts so that every prefix keeps
// the ratio of their weights: by rows, each part is less than 1 row away from
// its exact share; in a unit of tokens, at most its own longest record above it
// and the longest of all below. The rule is that of Scheduler; equals go by
// name, so the order of parts does not matter, and the order inside a part is
// that of its source.
//
// It reads one record ahead in every part. The first error of a part that is not
// about one record ends the sequence, with the name of the part. It can be ranged
// over as often as its parts can.
func Interleave(parts []Part, opts *InterleaveOptions) (datamix.Source, error) {
	o := InterleaveOptions{}
	if opts != nil {
		o = *opts
	}
	if err := o.check(); err != nil {
		return nil, wrap("interleave", err)
	}
	sorted := slices.SortedStableFunc(slices.Values(parts), func(a, b Part) int { return cmp.Compare(a.Name, b.Name) })
	shares := make([]*big.Rat, len(sorted))
	for i, p := range sorted {
		share, err := FloatShare(p.Weight)
		switch {
		case p.Name == "":
			return nil, errors.New("interleave: a part has no name")
		case i > 0 && p.Name == sorted[i-1].Name:
			return nil, fmt.Errorf("interleave: two parts have the name %q", p.Name)
		case p.Source == nil:
			return nil, fmt.Errorf("interleave: part %s has no source", p.Name)
		case err != nil:
			return nil, fmt.Errorf("interleave: part %s: %w", p.Name, err)
		}
		shares[i] = share
	}
	weights, err := IntegerWeights(shares)
	if err != nil {
		return nil, wrap("interleave", err)
	}
	if len(parts) > 0 && !slices.ContainsFunc(weights, func(w uint64) bool { return w > 0 }) {
		return nil, errors.New("interleave: no part has a positive weight")
	}
	return &interleave{sorted, weights, o}, nil
}

func (o *InterleaveOptions) check() error {
	if o.Unit == "" {
		o.Unit = datamix.Rows
	}
	switch o.Stop {
	case "":
		o.Stop = StopAtFirst
	case StopAtFirst, StopAtAll, StopWithError:
	default:
		return fmt.Errorf("unknown stop %q; known are %s, %s, %s", string(o.Stop), StopAtFirst, StopAtAll, StopWithError)
	}
	return o.Unit.Check()
}

type interleave struct {
	parts   []Part // by name
	weights []uint64
	opts    InterleaveOptions
}

// Size returns the number of records where all of them are yielded and every
// part knows its own.
func (v *interleave) Size(ctx context.Context) (int64, bool) {
	var sum int64
	for i, p := range v.parts {
		if v.weights[i] == 0 {
			continue
		}
		n, ok := datamix.Size(ctx, p.Source)
		if !ok || v.opts.Stop == StopAtFirst {
			return 0, false
		}
		sum += n
	}
	return sum, true
}

// Records merges the parts.
func (v *interleave) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		schedule, err := NewScheduler(v.weights)
		if err != nil {
			yield(nil, wrap("interleave", err))
			return
		}
		m := &merging{interleave: v, yield: yield,
			next: make([]func() (*datamix.Record, error, bool), len(v.parts)),
			head: make([]*datamix.Record, len(v.parts)), size: make([]int64, len(v.parts))}
		for i, p := range v.parts {
			m.size[i] = -1
			if v.weights[i] == 0 {
				continue
			}
			within := datamix.Within(ctx)
			if p.Observer != nil {
				within = datamix.WithObserver(ctx, p.Observer)
			}
			next, stop := iter.Pull2(p.Source.Records(within))
			defer stop()
			m.next[i] = next
		}
		m.run(ctx, schedule)
	}
}

// merging is one range over an Interleave.
type merging struct {
	*interleave
	yield func(*datamix.Record, error) bool
	next  []func() (*datamix.Record, error, bool)
	head  []*datamix.Record
	size  []int64 // of head, -1 where the part has ended
}

func (m *merging) run(ctx context.Context, schedule *Scheduler) {
	for i := range m.parts {
		if m.next[i] != nil && !m.pull(i) {
			return
		}
	}
	for {
		i, ok := schedule.Next(m.size)
		switch {
		case ok:
			r := m.head[i]
			m.head[i] = nil
			if !m.yield(r, nil) || !m.pull(i) {
				return
			}
			if ctx.Err() != nil {
				m.yield(nil, context.Cause(ctx))
				return
			}
		case i < 0 || !m.ended(i):
			return
		default:
			schedule.Leave(i)
		}
	}
}

// ended decides what the end of a part means, and reports whether to go on.
func (m *merging) ended(part int) bool {
	if m.opts.Stop != StopWithError {
		return m.opts.Stop == StopAtAll
	}
	for i := range m.parts {
		if m.size[i] >= 0 {
			m.yield(nil, fmt.Errorf("interleave: %w: %s, and %s has more; repeat it, lower its weight, or choose another Stop",
				ErrExhausted, m.parts[part].Name, m.parts[i].Name))
			return false
		}
	}
	return false
}

// pull gets the next record of a part. It reports whether to go on.
func (m *merging) pull(i int) bool {
	for {
		r, err, ok := m.next[i]()
		switch {
		case !ok:
			m.size[i] = -1
			return true
		case err == nil:
			if m.size[i], err = measureOf(m.opts.Unit, r); err != nil {
				m.yield(nil, m.name(i, err))
				return false
			}
			r.Origin.Source = m.parts[i].Name
			m.head[i] = r
			return true
		case datamix.Final(err):
			m.yield(nil, m.name(i, err))
			return false
		case !m.yield(nil, m.name(i, err)):
			return false
		}
	}
}

// name says in an error which part it came from, if nobody has yet.
func (m *merging) name(i int, err error) error {
	if bad, ok := err.(*datamix.RecordError); ok { //nolint:errorlint // only the outermost is named anew
		named := *bad
		if named.Origin.Source == "" {
			named.Origin.Source = m.parts[i].Name
		}
		return &named
	}
	if datamix.Final(err) {
		return fmt.Errorf("part %s: %w", m.parts[i].Name, err)
	}
	return err
}

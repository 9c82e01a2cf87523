package mix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// Mix is a source that draws its parts in the ratio of a recipe, exactly. It is
// safe for concurrent use.
//
// The first use measures: every part is read, filtered, deduplicated and
// counted once, and for each record 24 bytes are kept. The plan follows from
// that. Each range then reads the chosen records once more, without judging or
// counting them again, holds them in memory or in a temporary file, and yields
// them in the order of the mix.
type Mix struct {
	recipe  Recipe
	leaves  []Part // of the recipe
	options Options

	mu    sync.Mutex
	parts []*partIndex
	plan  *Plan
}

// Options says how a mix does its work. None of it changes the result.
type Options struct {
	// Workers is the number of goroutines that filter and count; 0 stands for
	// GOMAXPROCS.
	Workers int
	// MemoryLimit is how many bytes of chosen records are held in memory during
	// a range, before a temporary file takes the rest; 0 stands for 64 MiB, a
	// negative number for none.
	MemoryLimit int64
	// CacheDir is a folder that keeps what measuring found, made where there is
	// none; empty for no cache. A part that was measured before, by whatever
	// recipe, is not read, filtered and counted again as long as nothing that
	// its numbers depend on is another: the state and options of its source, the
	// names, versions and options of its filters, the tokenizer, what duplicates
	// have in common, and the labels of Prefer and Strata. What has no
	// description, such as a filter that is a Go function, is never cached, nor
	// are bad rows that a Quarantine must see. Files are replaced whole, so that
	// any number of processes may share the folder; damaged ones are measured
	// anew, and nobody but the user removes any.
	CacheDir string
	// Indexes holds indexes of parts that were measured elsewhere, by the names
	// that the plan gives the parts.
	Indexes map[string]*Index
	// TempDir is where the temporary file goes; empty stands for the system's
	// default. The file has no name while it is in use.
	TempDir string
}

const defaultMemory = 64 << 20

// New returns the mix of a recipe whose parts all have a Source. It reads
// nothing yet. For a recipe from a file, see Recipe.Build.
func New(r Recipe, o *Options) (*Mix, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	leaves := r.leaves()
	for i := range leaves {
		if leaves[i].Source == nil {
			return nil, bad("part %s has no source", leaves[i].Name)
		}
	}
	if r.Tokenizer == nil && r.TokenizerName != "" {
		return nil, bad("the tokenizer %q is only named: call Build first", r.TokenizerName)
	}
	m := &Mix{recipe: r, leaves: leaves}
	if o != nil {
		m.options = *o
	}
	switch {
	case m.options.MemoryLimit == 0:
		m.options.MemoryLimit = defaultMemory
	case m.options.MemoryLimit < 0:
		m.options.MemoryLimit = 0
	}
	return m, nil
}

// Plan measures the parts, once for the life of the mix, and returns what will
// be drawn. Infeasible plans are an *InfeasibleError.
func (m *Mix) Plan(ctx context.Context) (*Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plan != nil {
		return m.plan, nil
	}
	if m.parts == nil {
		parts, err := m.measure(ctx)
		if err != nil {
			return nil, err
		}
		m.parts = parts
	}
	plan, err := m.recipe.plan(m.parts)
	if err != nil {
		return nil, err
	}
	m.plan = plan
	return plan, nil
}

// Size is the number of records of the mix, once it is planned.
func (m *Mix) Size(context.Context) (int64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plan == nil {
		return 0, false
	}
	return m.plan.Rows(), true
}

// Records yields the mix. A part that cannot be read again as it was measured
// is an error.
func (m *Mix) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		if err := m.draw(ctx, yield); err != nil {
			yield(nil, err)
		}
	}
}

// draw returns an error unless the consumer has stopped.
func (m *Mix) draw(ctx context.Context, yield func(*datamix.Record, error) bool) error {
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	obs := datamix.ObserverFrom(ctx)
	for i := range plan.Parts {
		if obs.Part != nil {
			obs.Part(plan.Parts[i].report(plan.Unit))
		}
	}
	s := &store{dir: m.options.TempDir, limit: m.options.MemoryLimit}
	defer s.close()
	queues := make([]*queue, len(plan.Parts))
	for i, p := range m.parts {
		q := &queue{part: p, choice: plan.Parts[i].choice, seed: plan.Seed, unit: plan.Unit}
		if q.places, err = s.fill(ctx, m.source(i), p, q.chosen(), m.labels(i)); err != nil {
			return err
		}
		queues[i] = q
	}
	next, err := m.recipe.schedule(plan, queues)
	if err != nil {
		return err
	}
	for i := next(); i >= 0; i = next() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r, err := queues[i].take(s)
		if err != nil {
			return partError(plan.Parts[i].Name, err)
		}
		if !yield(r, nil) {
			return nil
		}
	}
	return nil
}

// source is a part's source for the second reading: what filters refused and
// what was no record is not asked for again.
func (m *Mix) source(i int) datamix.Source {
	src := m.leaves[i].Source
	if m.recipe.OnError != nil {
		return datamix.Chain(src, datamix.OnError(m.recipe.OnError))
	}
	return src
}

type partLabel struct{ name, value string }

func (m *Mix) labels(i int) []partLabel {
	var out []partLabel
	for name, value := range m.leaves[i].Labels {
		out = append(out, partLabel{name, value})
	}
	slices.SortFunc(out, func(a, b partLabel) int { return cmp.Compare(a.name, b.name) })
	return out
}

// schedule returns a function that names the part of each next record, -1 at
// the end.
func (r *Recipe) schedule(plan *Plan, queues []*queue) (func() int, error) {
	if r.Order == Sequential {
		at := 0
		return func() int {
			for at < len(queues) && queues[at].head() < 0 {
				at++
			}
			if at == len(queues) {
				return -1
			}
			return at
		}, nil
	}
	weights := make([]uint64, len(queues))
	for i := range plan.Parts {
		pp := &plan.Parts[i]
		weights[i] = uint64(pp.Size)
		if pp.In == plan.Unit {
			weights[i] = uint64(pp.Amount)
		}
		if weights[i] == 0 && pp.Rows > 0 {
			weights[i] = 1 // records of size 0
		}
	}
	s, err := sample.NewScheduler(weights)
	if err != nil {
		return nil, fmt.Errorf("datamix/mix: %w", err)
	}
	heads := make([]int64, len(queues))
	for i, q := range queues {
		heads[i] = q.head()
	}
	last := -1
	return func() int {
		if last >= 0 {
			heads[last] = queues[last].head()
		}
		i, ok := s.Next(heads)
		for ; !ok && i >= 0; i, ok = s.Next(heads) {
			s.Leave(i) // it has given all that it was to give
		}
		last = i
		return i
	}, nil
}

// queue yields the chosen records of one part in their order.
type queue struct {
	part   *partIndex
	choice choice
	seed   uint64
	unit   datamix.Unit
	places []place

	pass  int
	at    int
	order []uint32 // of the pass
}

// chosen tells for each ordinal whether it is drawn at all.
func (q *queue) chosen() []bool {
	chosen := make([]bool, q.part.len())
	if q.choice.passes > 0 {
		for i := range chosen {
			chosen[i] = true
		}
		return chosen
	}
	if q.choice.rest > 0 {
		for _, i := range q.part.order(q.seed, 0)[:q.choice.rest] {
			chosen[i] = true
		}
	}
	return chosen
}

// head returns the size of the next record in the unit of the mix, -1 at the
// end.
func (q *queue) head() int64 {
	if q.order != nil && q.at == len(q.order) {
		q.pass, q.at, q.order = q.pass+1, 0, nil
	}
	if q.order == nil {
		switch {
		case q.pass < q.choice.passes:
			q.order = q.part.order(q.seed, q.pass)
		case q.pass == q.choice.passes && q.choice.rest > 0:
			q.order = q.part.order(q.seed, q.pass)[:q.choice.rest]
		default:
			return -1
		}
	}
	return q.part.size(q.order[q.at], q.unit)
}

// take returns the record that head spoke of and moves on.
func (q *queue) take(s *store) (*datamix.Record, error) {
	i := q.order[q.at]
	q.at++
	r, err := s.get(q.places[i])
	if err != nil {
		return nil, err
	}
	r.Origin.Pass = q.pass
	return r, nil
}

var _ interface {
	datamix.Source
	datamix.Sized
} = (*Mix)(nil)

// ErrInfeasible matches every *InfeasibleError.
var ErrInfeasible = errors.New("datamix/mix: infeasible")

// Is makes errors.Is(err, ErrInfeasible) hold.
func (e *InfeasibleError) Is(target error) bool { return target == ErrInfeasible }

package mix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/sample"
)

// Stream mixes parts in one pass, without measuring them: for sources without
// end, or too large to be read twice. It is a Source, and like a Cursor each
// range goes on where the one before has stopped; State says where that is.
//
// The parts are interleaved by their shares or weights, in the recipe's unit, by
// the rule of a Mix, so that every prefix holds the ratio of what passes the
// filters: by rows each part is within one row of its share, by tokens within
// the longest record. Inside a part the order is that of its source; shuffle a
// source beforehand, with sample.ShuffleBuffer for example, or write the files in
// random order. Memory is a few records a part.
//
// Total, where it is given, is where the stream ends: it is reached by the last
// record and not before. A part that ends before that ends the stream, since
// the ratio cannot go on; with Shortfall redistribute the others go on in their
// ratio, with repeat the part starts again. What needs the whole of a part, such
// as quantities other than shares and weights, groups, caps and dedup, is an
// error of NewStream.
type Stream struct {
	recipe  Recipe
	mix     *Mix // only for its parts
	weights []uint64

	mu      sync.Mutex
	ranging bool
	state   State
	reports []streamReport
}

// streamReport is what has happened to a part.
type streamReport struct {
	recorder datamix.Recorder
	output   datamix.Tally
}

// NewStream returns the stream of a recipe whose parts all have a Source. It
// reads nothing yet. Options.Workers is 1 by default: more of them work on
// batches of 64 records, which a slow source takes its time to fill. The other
// options are not for streams.
func NewStream(r Recipe, o *Options) (*Stream, error) {
	checked := r
	if r.Total == 0 {
		checked.Total = 1 // a stream needs none
	}
	m, err := New(checked, o)
	if err != nil {
		return nil, err
	}
	s := &Stream{recipe: r, mix: m, reports: make([]streamReport, len(m.leaves))}
	if m.options.Workers == 0 {
		m.options.Workers = 1
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	shares := make([]*big.Rat, len(s.mix.leaves))
	for i := range s.mix.leaves {
		if p := &s.mix.leaves[i]; p.Share != nil {
			shares[i] = p.Share.rat()
		} else {
			shares[i] = solve.Decimal(*p.Weight)
		}
		s.state.Parts = append(s.state.Parts, PartState{Name: s.mix.leaves[i].Name})
	}
	if s.weights, err = sample.IntegerWeights(shares); err != nil {
		return nil, fmt.Errorf("datamix/mix: %w", err)
	}
	if !slices.ContainsFunc(s.weights, func(w uint64) bool { return w > 0 }) {
		return nil, bad("no part of the stream has a share or weight above 0")
	}
	s.state.Mix, err = s.fingerprint()
	return s, err
}

// check refuses what a stream cannot do.
func (s *Stream) check() error {
	r := &s.recipe
	switch {
	case r.Total == Largest:
		return bad("a stream has no largest total: leave it out, or give a number")
	case r.Dedup != "":
		return bad("a stream cannot know all that it has yielded: put filter.Dedup into the chain of a part, or use a mix")
	case r.Order != "" && r.Order != Interleaved:
		return bad("a stream is interleaved; the order %s needs a mix", r.Order)
	case len(r.Stages) > 0:
		return bad("a stream has no stages")
	case r.Weights != nil:
		return bad("a stream does not measure, so its weights cannot be computed")
	}
	shares, weights := 0, 0
	for i := range r.Parts {
		p := &r.Parts[i]
		fail := func(format string, args ...any) error {
			return &misplaced{place([]int{i}), bad("part %s: %s", p.Name, fmt.Sprintf(format, args...))}
		}
		switch {
		case p.group():
			return fail("a stream has no groups")
		case p.Share == nil && p.Weight == nil:
			return fail("in a stream a part has a share or a weight")
		case p.MaxEpochs > 0 || p.MaxFraction > 0 || p.Min != nil || p.Max != nil:
			return fail("max_epochs, max_fraction, min and max need a mix, which knows how much a part has")
		case p.Prefer != "" || p.Strata != "":
			return fail("prefer and strata need a mix, which sees all records before it draws")
		}
		if p.Share != nil {
			shares++
		} else {
			weights++
		}
	}
	if shares > 0 && weights > 0 {
		return bad("the parts of a stream have shares or weights, not both")
	}
	return nil
}

// fingerprint describes what the order of the stream depends on beside its
// records.
func (s *Stream) fingerprint() (string, error) {
	type part struct {
		Name   string
		Weight uint64
	}
	x := struct {
		Unit      datamix.Unit
		Total     Total
		Shortfall Shortfall
		Parts     []part
	}{s.recipe.unit(), s.recipe.Total, s.recipe.Shortfall, nil}
	for i, p := range s.mix.leaves {
		x.Parts = append(x.Parts, part{p.Name, s.weights[i]})
	}
	text, err := json.Marshal(x)
	return datamix.Hash(xxh3.Hash128(text).Bytes()).String(), err
}

// Resume makes the stream go on from a state: what it yields is what the stream
// that the state is from would have gone on to yield, if its sources yield the
// same records. They are read up to the last record of the state, without
// decoding where they can do that.
//
// A state of another recipe is an error that wraps ErrState, unless o has
// NewRecipe: then parts that the state knows go on in their order, new ones
// begin, and the ratio is that of the new recipe from there on.
func (s *Stream) Resume(from State, o *ResumeOptions) error {
	if err := from.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ranging {
		return errors.New("datamix/mix: a stream cannot resume while it is ranged over")
	}
	other := o != nil && o.NewRecipe
	if from.Mix != s.state.Mix && !other {
		return fmt.Errorf("%w: it is of another recipe; ResumeOptions.NewRecipe goes on with another one", ErrState)
	}
	known := map[string]PartState{}
	for _, p := range from.Parts {
		known[p.Name] = p
	}
	state := State{Mix: s.state.Mix}
	for i := range s.mix.leaves {
		p := known[s.mix.leaves[i].Name]
		p.Name = s.mix.leaves[i].Name
		if p.Rows > 0 && p.Last == nil {
			return fmt.Errorf("%w: it does not say where part %s is", ErrState, p.Name)
		}
		state.Rows += p.Rows
		state.Parts = append(state.Parts, p)
	}
	if from.Mix != s.state.Mix { // the new ratio is that of what comes
		for i := range state.Parts {
			state.Parts[i].Before = state.Parts[i].Size
		}
	}
	s.state = state
	return nil
}

// State returns how far the stream is.
func (s *Stream) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state
	state.Parts = append([]PartState(nil), state.Parts...)
	return state
}

// Parts reports on the parts since the stream was made: what was yielded, and a
// ledger in which Unused counts the records that were read ahead.
func (s *Stream) Parts() []datamix.PartReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all uint64
	for _, w := range s.weights {
		all += w
	}
	out := make([]datamix.PartReport, len(s.mix.leaves))
	for i := range out {
		l := s.reports[i].recorder.Ledger()
		l.Kept = s.reports[i].output.Rows
		l.Unused += max(0, l.Read+l.Derived-l.Kept-l.DroppedTotal()-l.Skipped-l.Unused)
		out[i] = datamix.PartReport{Name: s.mix.leaves[i].Name, Unit: s.recipe.unit(), Share: float64(s.weights[i]) / float64(all),
			Output: s.reports[i].output, Ledger: l, Labels: s.mix.leaves[i].Labels}
	}
	return out
}

// Records yields what comes next. Bad records go to the recipe's OnError;
// without one, the first ends the range.
func (s *Stream) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		s.mu.Lock()
		if s.ranging {
			s.mu.Unlock()
			yield(nil, errors.New("datamix/mix: a stream is ranged over twice at the same time"))
			return
		}
		s.ranging = true
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			s.ranging = false
			s.mu.Unlock()
		}()
		run := &streaming{Stream: s, yield: yield, heads: make([]head, len(s.mix.leaves)), sizes: make([]int64, len(s.mix.leaves))}
		if err := run.all(ctx); err != nil {
			yield(nil, err)
		}
	}
}

var _ datamix.Source = (*Stream)(nil)

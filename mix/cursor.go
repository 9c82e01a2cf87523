package mix

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// Cursor is a place in a mix. It is a Source: each range goes on where the one
// before has stopped, and yields nothing once the mix is over. State tells where
// that is, so that another process can go on from there, with any number of
// workers.
//
// A record counts as yielded when the loop gets it. Ask for the State after what
// came of the record is safe, and the record comes neither again nor not at all.
// One range at a time; State may be called from other goroutines.
type Cursor struct {
	mix *Mix
	new bool // the state is of another recipe

	mu      sync.Mutex
	ranging bool
	state   *State
}

// Cursor returns a cursor at the start of the mix, which it measures and plans.
func (m *Mix) Cursor(ctx context.Context) (*Cursor, error) {
	if _, err := m.Plan(ctx); err != nil {
		return nil, err
	}
	return &Cursor{mix: m, state: m.startState()}, nil
}

// ResumeOptions are those of Resume. nil stands for the zero ResumeOptions.
type ResumeOptions struct {
	// NewRecipe goes on with another recipe than the state is of: with other
	// shares, a part more, a part fewer. Parts that the state knows go on where
	// they stopped, in the same order, new ones begin; the ratio is that of what
	// the new plan leaves for each. Their data and the seed must be the same.
	// Not for shards, for stages, for the order shuffled or for parts with Prefer.
	NewRecipe bool
}

// Resume returns a cursor that goes on from a state: what it yields is what the
// cursor that the state is from would have gone on to yield. A state of another
// mix, or of data that has changed, is an error that wraps ErrState.
func (m *Mix) Resume(ctx context.Context, s State, o *ResumeOptions) (*Cursor, error) {
	if _, err := m.Plan(ctx); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	start := m.startState()
	c := &Cursor{mix: m, new: o != nil && o.NewRecipe}
	var err error
	if c.new {
		c.state, err = m.carryOver(start, s)
	} else {
		c.state, err = m.continued(start, s)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// continued checks a state of the same mix.
func (m *Mix) continued(start *State, s State) (*State, error) {
	if s.Shard != start.Shard {
		return nil, fmt.Errorf("%w: it is of shard %d of %d, and this is shard %d of %d", ErrState,
			s.Shard.Number, s.Shard.Of, start.Shard.Number, start.Shard.Of)
	}
	if s.Mix != start.Mix || len(s.Parts) != len(start.Parts) {
		return nil, fmt.Errorf("%w: it is of another mix, or the recipe or its data has changed; ResumeOptions.NewRecipe goes on with another recipe over the same data", ErrState)
	}
	for i, h := range m.hands() {
		p := &s.Parts[i]
		if p.Name != start.Parts[i].Name || p.Rows > h.len() {
			return nil, fmt.Errorf("%w: part %s has %d records, and the state counts %d", ErrState, start.Parts[i].Name, h.len(), p.Rows)
		}
	}
	return &s, nil
}

// carryOver makes a state of another mix one of this mix.
func (m *Mix) carryOver(start *State, s State) (*State, error) {
	switch {
	case s.Shard != (Slice{}) || start.Shard != (Slice{}):
		return nil, fmt.Errorf("%w: a shard cannot go on with another recipe", ErrState)
	case m.recipe.Order == Shuffled || len(m.recipe.Stages) > 0:
		return nil, fmt.Errorf("%w: another recipe can go on only in the orders interleaved and sequential, without stages", ErrState)
	}
	known := map[string]PartState{}
	for _, p := range s.Parts {
		known[p.Name] = p
	}
	hands := m.hands()
	for i := range start.Parts {
		p := &start.Parts[i]
		old, ok := known[p.Name]
		switch {
		case !ok:
			continue
		case old.Data != p.Data:
			return nil, fmt.Errorf("%w: the records of part %s, or the seed, are others than those of the state", ErrState, p.Name)
		case old.Rows > 0 && m.leaves[i].Prefer != "":
			return nil, fmt.Errorf("%w: part %s prefers some records, so that their order depends on how many are drawn; another recipe cannot go on in it", ErrState, p.Name)
		}
		p.Rows = min(old.Rows, hands[i].len())
		p.Size = old.Size
		start.Rows += p.Rows
	}
	return start, nil
}

// State returns how far the cursor is.
func (c *Cursor) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := *c.state
	s.Parts = append([]PartState(nil), s.Parts...)
	return s
}

// Records yields what comes next.
func (c *Cursor) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		c.mu.Lock()
		if c.ranging {
			c.mu.Unlock()
			yield(nil, fmt.Errorf("datamix/mix: a cursor is ranged over twice at the same time"))
			return
		}
		c.ranging = true
		from := *c.state
		from.Parts = append([]PartState(nil), from.Parts...)
		c.mu.Unlock()
		defer func() {
			c.mu.Lock()
			c.ranging = false
			c.mu.Unlock()
		}()
		if err := c.mix.draw(ctx, &start{State: from, other: c.new}, false, c.took, yield); err != nil {
			yield(nil, err)
		}
	}
}

// took counts a record.
func (c *Cursor) took(it item) {
	p := c.mix.measured.parts[it.part]
	size := p.size(it.ordinal, c.mix.measured.plan.Unit)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Rows++
	c.state.Parts[it.part].Rows++
	c.state.Parts[it.part].Size += size
}

// start is where a draw begins.
type start struct {
	State
	other bool // the state is of another recipe
}

// startState is the state before the first record.
func (m *Mix) startState() *State {
	m.measured.mu.Lock()
	defer m.measured.mu.Unlock()
	s := &State{Shard: m.shard}
	for _, p := range m.measured.parts {
		s.Parts = append(s.Parts, PartState{Name: p.name, Data: p.fingerprint(m.recipe.Seed)})
	}
	text, err := json.Marshal(struct {
		Order  Order
		Plan   *Plan
		Parts  []PartState
		Stages []Stage
	}{m.recipe.Order, m.measured.plan, s.Parts, m.recipe.Stages})
	if err == nil { // plain data
		s.Mix = datamix.Hash(xxh3.Hash128(text).Bytes()).String()
	}
	return s
}

// fingerprint is a hash of the part's name, the seed and all its records. It is
// computed once.
func (p *partIndex) fingerprint(seed uint64) string {
	if p.print != "" {
		return p.print
	}
	h := xxh3.NewSeed(seed)
	_, _ = h.WriteString(p.name) // a hash does not fail
	var buf []byte
	for i := range p.Len() {
		if !p.live.has(i) {
			continue
		}
		buf = binary.LittleEndian.AppendUint64(buf[:0], p.key(uint32(i)))
		buf = binary.LittleEndian.AppendUint32(buf, uint32(p.columns.check.at(i)))
		buf = binary.LittleEndian.AppendUint32(buf, uint32(p.columns.total.at(i)))
		_, _ = h.Write(buf)
	}
	p.print = datamix.Hash(h.Sum128().Bytes()).String()
	return p.print
}

var _ datamix.Source = (*Cursor)(nil)

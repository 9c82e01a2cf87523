package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Scheduler decides which of several parts is next, so that every prefix of the
// result keeps the ratio of their weights. It is worst-case fair weighted fair
// queueing, WF2Q (J. C. R. Bennett and H. Zhang, INFOCOM 1996): in an ideal
// fluid system all parts flow at once, each at its weight's rate. Of the parts
// whose next record has begun to flow there, the one is drawn whose next record
// is through there first; where two are, the lower index.
//
// Let S be what was drawn of all parts together and p the part's weight over
// the sum of weights. What was drawn of a part is never more than (1-p) times
// its own longest record above p*S, nor more than the longest record of all
// below it. With records of size 1, the deviation is below 1 in both
// directions, so that after as many steps as the weights sum to every part was
// drawn exactly as often as its weight says.
//
// The arithmetic is exact: products are compared in 128 bits. A step takes time
// in proportion to the number of parts. A Scheduler is not safe for concurrent
// use. Its JSON form is its whole state: a scheduler restored from it goes on
// exactly as this one would.
type Scheduler struct {
	parts  []lane
	weight uint64 // of the parts that have not left
	served uint64 // of the same parts
}

// lane is one part of a Scheduler.
type lane struct {
	weight, served uint64
	left, ended    bool
}

// NewScheduler returns a scheduler for parts with these weights, which must sum
// to less than 2^63: any integers in the wanted ratio, such as the planned
// quantities of the parts or IntegerWeights. A part of weight 0 is never drawn.
func NewScheduler(weights []uint64) (*Scheduler, error) {
	s := &Scheduler{parts: make([]lane, len(weights))}
	for i, w := range weights {
		if w > math.MaxInt64-s.weight {
			return nil, errors.New("scheduler: the weights sum to 2^63 or more")
		}
		s.weight += w
		s.parts[i] = lane{weight: w, left: w == 0}
	}
	return s, nil
}

// Next chooses the part to draw from. sizes holds the size of each part's next
// record, in the unit that the weights are in the ratio of, or -1 for a part
// that has no record left; it must be as long as the weights. All that is drawn
// together must stay below 2^63.
//
// If ok, the record of that part counts as drawn. Otherwise part is one that
// should be drawn from about now and has ended: stop, or call End(part) or
// Leave(part) and then Next again to go on with the others; or part is -1, and
// no part is left.
// A part that has ended is not reported before the records that were drawn of
// it stop to be enough for the ratio, or nothing else is due.
func (s *Scheduler) Next(sizes []int64) (part int, ok bool) {
	if len(sizes) != len(s.parts) {
		panic(fmt.Sprintf("sample: Next got %d sizes for %d parts", len(sizes), len(s.parts)))
	}
	part = -1
	first := -1            // the part that starts first of those that have not ended
	var end, weight uint64 // of the best so far
	for i := range s.parts {
		l := &s.parts[i]
		if l.left || l.ended {
			continue
		}
		if f := first; f < 0 || productLess(l.served, s.parts[f].weight, s.parts[f].served, l.weight) {
			first = i
		}
		if productLess(l.weight, s.served, l.served, s.weight) {
			continue // its start has not come: served/weight > S/W
		}
		if sizes[i] < 0 {
			return i, false
		}
		e := l.served + uint64(sizes[i])
		if part < 0 || productLess(e, weight, end, l.weight) {
			part, end, weight = i, e, l.weight
		}
	}
	if part < 0 && first < 0 {
		return -1, false
	}
	if part < 0 {
		if part = first; sizes[part] < 0 {
			return part, false
		}
	}
	s.parts[part].served += uint64(sizes[part])
	s.served += uint64(sizes[part])
	return part, true
}

// productLess reports whether a*b < c*d.
func productLess(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 < l2
}

// Leave takes a part out: from now on the others share in the ratio of their
// weights, counting what was drawn of them so far.
func (s *Scheduler) Leave(part int) {
	l := &s.parts[part]
	if !l.left {
		l.left = true
		s.weight -= l.weight
		s.served -= l.served
	}
}

// End says that a part has given all that it was to give. The others keep their
// share of the whole, of which what was drawn of the part stays a part: where
// each part gives its share to within a record, the last ones to end make up for
// what the first have left, and no other falls behind for it.
func (s *Scheduler) End(part int) { s.parts[part].ended = true }

// Served returns how much was drawn of a part so far, in the unit of sizes.
func (s *Scheduler) Served(part int) int64 { return int64(s.parts[part].served) }

// laneState is the JSON form of a lane.
type laneState struct {
	Weight uint64 `json:"weight"`
	Served uint64 `json:"served"`
	Left   bool   `json:"left,omitempty"`
	Ended  bool   `json:"ended,omitempty"`
}

// MarshalJSON returns the state.
func (s *Scheduler) MarshalJSON() ([]byte, error) {
	state := make([]laneState, len(s.parts))
	for i, l := range s.parts {
		state[i] = laneState{l.weight, l.served, l.left, l.ended}
	}
	return json.Marshal(state)
}

// UnmarshalJSON replaces the scheduler's state by one that MarshalJSON wrote.
func (s *Scheduler) UnmarshalJSON(data []byte) error {
	var state []laneState
	if err := json.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("scheduler state: %w", err)
	}
	weights := make([]uint64, len(state))
	for i, l := range state {
		weights[i] = l.Weight
	}
	restored, err := NewScheduler(weights)
	if err != nil {
		return err
	}
	var all uint64
	for i, l := range state {
		if l.Served > math.MaxInt64-all {
			return errors.New("scheduler state: 2^63 or more was drawn")
		}
		all += l.Served
		restored.parts[i].served, restored.parts[i].ended = l.Served, l.Ended
		restored.served += l.Served
		if l.Weight == 0 && l.Served > 0 {
			return fmt.Errorf("scheduler state: part %d has weight 0 and was drawn from", i)
		}
		if l.Left {
			restored.Leave(i)
		}
	}
	*s = *restored
	return nil
}

package mix

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/samber/lo"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// arrangement says in which order the hands of a mix, or of a shard of one, are
// played.
type arrangement interface {
	// next returns the next record; ok is false at the end.
	next() (it item, ok bool)
}

// sequential plays one hand after the other, in each stretch.
type sequential struct {
	hands []*hand
	left  [][]int64 // records of each hand in each stretch
}

// newSequential returns the arrangement of stretches of which the first rows of
// each hand are over.
func newSequential(hands []*hand, all []stretch, over []int64) *sequential {
	s := &sequential{hands: hands}
	for _, x := range all {
		left := slices.Clone(x.rows)
		for i := range left {
			n := min(left[i], over[i])
			left[i] -= n
			over[i] -= n
		}
		s.left = append(s.left, left)
	}
	return s
}

func (s *sequential) next() (item, bool) {
	for ; len(s.left) > 0; s.left = s.left[1:] {
		for i, n := range s.left[0] {
			if n > 0 {
				s.left[0][i]--
				return s.hands[i].take(), true
			}
		}
	}
	return item{}, false
}

// stretch is a part of a mix with one ratio: a stage, or the whole mix.
type stretch struct {
	rows    []int64  // of each part
	weights []uint64 // in which the parts are interleaved
}

// interleaved plays the hands so that every prefix of a stretch has the ratio of
// its weights, one stretch after the other.
type interleaved struct {
	hands     []*hand
	unit      datamix.Unit
	stretches []stretch

	schedule *sample.Scheduler
	left     []int64 // records of each part in the stretch
	heads    []int64 // sizes of their next ones, -1 where none is left
	ahead    []sizesAhead
}

// sizesAhead are the sizes of the next records of a hand. They are looked up many at
// a time: records lie anywhere in the index, and the processor waits for the memory
// of several at once.
type sizesAhead struct {
	sizes []int64
	at    int
}

// lookAhead is how many sizes are looked up at a time.
const lookAhead = 64

// start begins the first stretch, of which so much was drawn already.
func (v *interleaved) start(rows, served []int64) error {
	v.left = make([]int64, len(v.hands))
	v.heads = make([]int64, len(v.hands))
	v.ahead = make([]sizesAhead, len(v.hands))
	s := v.stretches[0]
	lanes := make([]map[string]uint64, len(v.hands))
	for i, h := range v.hands {
		v.left[i] = s.rows[i]
		weight, done := s.weights[i], uint64(0)
		if rows != nil {
			v.left[i] -= rows[i]
			done = uint64(served[i])
		}
		if v.left[i] = min(v.left[i], h.len()); weight == 0 && s.rows[i] > 0 {
			weight = 1 // records of size 0
		}
		lanes[i] = map[string]uint64{"weight": weight, "served": done}
		v.head(i)
	}
	state, err := json.Marshal(lanes)
	if err != nil {
		return err
	}
	v.schedule = new(sample.Scheduler)
	if err := v.schedule.UnmarshalJSON(state); err != nil {
		return fmt.Errorf("datamix/mix: %w", err)
	}
	return nil
}

func (v *interleaved) head(i int) {
	v.heads[i] = -1
	if v.left[i] == 0 {
		return
	}
	a := &v.ahead[i]
	if a.at == len(a.sizes) {
		a.at, a.sizes = 0, v.hands[i].sizes(a.sizes[:0], min(v.left[i], lookAhead), v.unit)
	}
	v.heads[i] = a.sizes[a.at]
	a.at++
}

func (v *interleaved) next() (item, bool) {
	for {
		i, ok := v.schedule.Next(v.heads)
		switch {
		case ok:
			it := v.hands[i].take()
			v.left[i]--
			v.head(i)
			return it, true
		case i >= 0:
			v.schedule.End(i) // it has given all that it was to give
		case len(v.stretches) == 1:
			return item{}, false
		default:
			v.stretches = v.stretches[1:]
			if err := v.start(nil, nil); err != nil {
				return item{}, false // weights were checked at the start
			}
		}
	}
}

// shuffled plays all records of each stretch in one random order, a permutation
// by priority.
type shuffled struct {
	hands     []*hand
	seed      uint64
	stretches []stretch
	first     []int64 // number of the first record of each stretch, and of the end
	orders    []*permutation
	position  int64
}

// errTooManyToShuffle is the limit of the numbers of a permutation.
var errTooManyToShuffle = errors.New("datamix/mix: more than 4,294,967,295 records cannot be shuffled: use the order interleaved")

func newShuffled(hands []*hand, stretches []stretch, seed uint64) (*shuffled, error) {
	s := &shuffled{hands: hands, seed: seed, stretches: stretches, first: []int64{0}, orders: make([]*permutation, len(stretches))}
	for i := range stretches {
		n := lo.Sum(stretches[i].rows)
		if n > math.MaxUint32 {
			return nil, errTooManyToShuffle
		}
		s.first = append(s.first, s.first[i]+n)
	}
	return s, nil
}

// at returns the record at a position.
func (s *shuffled) at(i int64) (item, bool) {
	if i >= s.first[len(s.stretches)] {
		return item{}, false
	}
	k := sort.Search(len(s.stretches), func(k int) bool { return s.first[k+1] > i })
	if s.orders[k] == nil {
		before := make([]int64, len(s.hands))
		for _, x := range s.stretches[:k] {
			for h, n := range x.rows {
				before[h] += n
			}
		}
		s.orders[k] = newPermutation(s.hands, before, s.stretches[k].rows, s.seed, len(s.stretches) == 1)
	}
	return s.orders[k].at(i - s.first[k]), true
}

func (s *shuffled) next() (item, bool) {
	it, ok := s.at(s.position)
	s.position++
	for k := range s.orders { // what is over needs no order any more
		if s.first[k+1] <= s.position {
			s.orders[k] = nil
		}
	}
	return it, ok
}

// permutation is a random order of the records of a stretch.
type permutation struct {
	hands  []*hand
	before []int64 // records of each hand in the stretches before
	first  []int64 // number of the first record of each hand
	whole  bool    // the stretch is the whole mix
	order  []uint32
}

func newPermutation(hands []*hand, before, rows []int64, seed uint64, whole bool) *permutation {
	p := &permutation{hands: hands, before: before, whole: whole}
	var n int64
	bases := make([]uint64, len(hands))
	for i, h := range hands {
		p.first = append(p.first, n)
		n += rows[i]
		bases[i] = datamix.PriorityBase(seed, "mix/"+h.part.name+"/shuffled")
	}
	p.order = byPriority(int(n), math.MaxUint64, eachPriority(func(i uint32) uint64 {
		it := p.item(int64(i))
		key := hands[it.part].part.key(it.ordinal)
		if it.pass > 0 {
			key = datamix.Priority(uint64(it.pass), "mix/pass", key)
		}
		return datamix.PriorityFrom(bases[it.part], key)
	}))
	return p
}

func (p *permutation) at(i int64) item { return p.item(int64(p.order[i])) }

// item returns a record by its number: hand after hand.
func (p *permutation) item(number int64) item {
	k := sort.Search(len(p.first), func(k int) bool { return p.first[k] > number }) - 1 // an empty hand has the number of the next
	h := p.hands[k]
	j := h.next + (p.before[k]+number-p.first[k])*h.step
	if p.whole {
		return h.unordered(j)
	}
	return h.at(j)
}

// unordered numbers the records of a deal in any way that lasts: whole passes in
// the order of the source, so that no order of theirs must be kept.
func (d *deal) unordered(j int64) item {
	pass := int(j / d.usable)
	if int64(pass+1)*d.usable <= d.rows && d.usable == int64(d.part.len()) {
		return item{part: d.number, ordinal: d.part.nth(j % d.usable), pass: pass}
	}
	return d.at(j)
}

// passPurpose is what the order of a pass over a part is a choice for.
func passPurpose(part string, pass int) string { return "mix/" + part + "/pass " + strconv.Itoa(pass) }

package mix

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// arrangement says in which order the hands of a mix, or of a shard of one, are
// played.
type arrangement interface {
	// next returns the next record; ok is false at the end.
	next() (it item, ok bool)
}

// sequential plays one hand after the other.
type sequential struct{ hands []*hand }

func (s *sequential) next() (item, bool) {
	for _, h := range s.hands {
		if h.len() > 0 {
			return h.take(), true
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
}

// start begins the first stretch, of which so much was drawn already.
func (v *interleaved) start(rows, served []int64) error {
	v.left = make([]int64, len(v.hands))
	v.heads = make([]int64, len(v.hands))
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
	if h := v.hands[i]; v.left[i] > 0 {
		v.heads[i] = h.part.size(h.at(h.next).ordinal, v.unit)
	}
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

// shuffled plays all records in one random order, a permutation by priority.
type shuffled struct {
	deals    []*deal
	first    []int64 // number of the first record of each deal
	shard    Slice
	order    []uint32 // numbers of records, deal behind deal, of the shard
	position int64    // in order
}

// errTooManyToShuffle is the limit of the numbers of a permutation.
var errTooManyToShuffle = errors.New("datamix/mix: more than 4,294,967,295 records cannot be shuffled: use the order interleaved")

func newShuffled(deals []*deal, seed uint64, shard Slice) (*shuffled, error) {
	s := &shuffled{deals: deals, shard: shard}
	var n int64
	for _, d := range deals {
		s.first = append(s.first, n)
		n += d.rows
	}
	if n > math.MaxUint32 {
		return nil, errTooManyToShuffle
	}
	bases := make([]uint64, len(deals))
	for i, d := range deals {
		bases[i] = datamix.PriorityBase(seed, "mix/"+d.part.name+"/shuffled")
	}
	of := int64(max(shard.Of, 1))
	s.order = byPriority(int((n-int64(shard.Number)+of-1)/of), math.MaxUint64, eachPriority(func(i uint32) uint64 {
		it := s.item(i)
		key := deals[it.part].part.key(it.ordinal)
		if it.pass > 0 {
			key = datamix.Priority(uint64(it.pass), "mix/pass", key)
		}
		return datamix.PriorityFrom(bases[it.part], key)
	}))
	return s, nil
}

// item returns a record of the shard by its number.
func (s *shuffled) item(i uint32) item {
	number := int64(s.shard.Number) + int64(i)*int64(max(s.shard.Of, 1))
	k, found := slices.BinarySearch(s.first, number)
	if !found {
		k--
	}
	for number >= s.first[k]+s.deals[k].rows { // empty deals have the number of the next
		k++
	}
	return s.deals[k].unordered(number - s.first[k])
}

// unordered numbers the records of a deal in any way that lasts: whole passes in
// the order of the source, so that no order of theirs must be kept.
func (d *deal) unordered(j int64) item {
	pass := int(j / d.usable)
	if int64(pass+1)*d.usable <= d.rows && d.usable == int64(d.part.len()) {
		return item{d.number, d.part.nth(j % d.usable), pass}
	}
	return d.at(j)
}

// at returns the record at a position.
func (s *shuffled) at(i int64) (item, bool) {
	if i >= int64(len(s.order)) {
		return item{}, false
	}
	return s.item(s.order[i]), true
}

func (s *shuffled) next() (item, bool) {
	it, ok := s.at(s.position)
	s.position++
	return it, ok
}

// passPurpose is what the order of a pass over a part is a choice for.
func passPurpose(part string, pass int) string { return "mix/" + part + "/pass " + strconv.Itoa(pass) }

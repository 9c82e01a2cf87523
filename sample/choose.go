package sample

import (
	"fmt"
	"slices"

	"github.com/datamix-go/datamix"
)

// entry is what is kept of a record while a draw is decided: 32 bytes.
type entry struct {
	priority uint64
	ordinal  int64 // among the good records of the input, from 0
	size     int64 // in the unit of the draw
	record   *datamix.Record
}

// before is the order in which entries are drawn.
func (e entry) before(f entry) bool {
	return e.priority < f.priority || e.priority == f.priority && e.ordinal < f.ordinal
}

func byPriority(e, f entry) int {
	switch {
	case e.before(f):
		return -1
	case f.before(e):
		return 1
	}
	return 0
}

func byOrdinal(e, f entry) int { return compare(e.ordinal, f.ordinal) }

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// smallest keeps the entries that are drawn first, as many as it takes to reach
// target and no more.
type smallest struct {
	target, sum int64
	heap        entryHeap // the last to be drawn on top
	evict       func(e entry)
}

// accepts reports whether add would keep e.
func (s *smallest) accepts(e entry) bool {
	return s.sum < s.target || len(s.heap) > 0 && e.before(s.heap[0])
}

func (s *smallest) add(e entry) {
	if !s.accepts(e) {
		return
	}
	s.heap.push(e)
	s.sum += e.size
	for len(s.heap) > 0 && s.sum-s.heap[0].size >= s.target {
		top := s.heap.pop()
		s.sum -= top.size
		if s.evict != nil {
			s.evict(top)
		}
	}
}

// drawn returns the entries in the order in which they are drawn. The last one
// may overshoot the target; it is left out where that misses the target by
// less.
func (s *smallest) drawn() []entry {
	slices.SortFunc(s.heap, byPriority)
	out := []entry(s.heap)
	if n := len(out); n > 0 && !nearer(s.target, s.sum-out[n-1].size, out[n-1].size) {
		out = out[:n-1]
	}
	return out
}

// nearer reports whether sum+size is at least as near to target as sum is, for
// sum <= target: whether the overshoot is at most half of size.
func nearer(target, sum, size int64) bool { return sum+size-target <= target-sum }

// entryHeap is a binary heap with the entry that is drawn last on top. It does
// without container/heap, which would allocate for every entry.
type entryHeap []entry

func (h *entryHeap) push(e entry) {
	*h = append(*h, e)
	s := *h
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !s[parent].before(s[i]) {
			return
		}
		s[parent], s[i] = s[i], s[parent]
		i = parent
	}
}

func (h *entryHeap) pop() entry {
	s := *h
	top, last := s[0], len(s)-1
	s[0], s[last] = s[last], entry{}
	s = s[:last]
	*h = s
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && s[child].before(s[child+1]) {
			child++
		}
		if !s[i].before(s[child]) {
			return top
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}

// chooser decides what is drawn.
type chooser interface {
	// accepts reports whether e may be drawn, as far as is known.
	accepts(e entry) bool
	// add takes e into account; r is its record.
	add(e entry, r *datamix.Record)
	// drawn returns the entries that are drawn, in any order.
	drawn() ([]entry, error)
}

// byAmount draws an amount by priority.
type byAmount struct {
	amount Amount
	upTo   bool
	total  int64     // in the unit
	best   *smallest // for an absolute amount
	all    []entry   // for a fraction
}

func newByAmount(amount Amount, upTo bool, evict func(entry)) *byAmount {
	b := &byAmount{amount: amount, upTo: upTo}
	if amount.share == nil {
		b.best = &smallest{target: amount.n, evict: evict}
	}
	return b
}

func (b *byAmount) accepts(e entry) bool { return b.best == nil || b.best.accepts(e) }

func (b *byAmount) add(e entry, _ *datamix.Record) {
	b.total += e.size
	if b.best != nil {
		b.best.add(e)
	} else {
		b.all = append(b.all, e)
	}
}

func (b *byAmount) drawn() ([]entry, error) {
	if err := enough(b.amount, b.total, b.upTo); err != nil {
		return nil, err
	}
	if b.best == nil {
		b.best = &smallest{target: b.amount.Of(b.total)}
		for _, e := range b.all {
			b.best.add(e)
		}
	}
	return b.best.drawn(), nil
}

// enough returns an error when the input holds less than the amount.
func enough(amount Amount, total int64, upTo bool) error {
	if amount.Of(total) <= total || upTo {
		return nil
	}
	return fmt.Errorf("%w: %s wanted, %d there; ask for less, set UpTo, or use Repeat", ErrTooFew, amount, total)
}

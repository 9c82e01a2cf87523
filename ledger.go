package datamix

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Ledger accounts for every record that was read:
//
//	Read + Derived = Kept + Dropped + Skipped + Unused
//
// Records count once, however often a sampler repeats them.
type Ledger struct {
	// Read is the number of records and bad rows that came out of the source.
	Read int64 `json:"read"`
	// Derived is the number of records that stages made of others.
	Derived int64 `json:"derived,omitempty"`
	// Kept is the number of different records that came out at the end.
	Kept int64 `json:"kept"`
	// Dropped counts the records that filters refused, by reason.
	Dropped map[Verdict]int64 `json:"dropped,omitempty"`
	// Skipped is the number of bad records that an OnError stage let pass by,
	// into quarantine where there is one.
	Skipped int64 `json:"quarantined"`
	// Unused is the number of good records that no quota had room for.
	Unused int64 `json:"unused"`
}

// DroppedTotal returns the number of records dropped for any reason.
func (l Ledger) DroppedTotal() int64 {
	var n int64
	for _, d := range l.Dropped {
		n += d
	}
	return n
}

// Reasons returns the reasons for drops, the most frequent first.
func (l Ledger) Reasons() []Verdict {
	return slices.SortedFunc(maps.Keys(l.Dropped), func(a, b Verdict) int {
		if d := l.Dropped[b] - l.Dropped[a]; d != 0 {
			return int(min(max(d, -1), 1))
		}
		if a < b {
			return -1
		}
		return 1
	})
}

// Check returns an error when the sum does not hold.
func (l Ledger) Check() error {
	in, out := l.Read+l.Derived, l.Kept+l.DroppedTotal()+l.Skipped+l.Unused
	if in != out {
		return fmt.Errorf("datamix: the ledger does not add up: read %d + derived %d, but kept %d + dropped %d + quarantined %d + unused %d",
			l.Read, l.Derived, l.Kept, l.DroppedTotal(), l.Skipped, l.Unused)
	}
	return nil
}

// Add adds the counts of m. It is associative and commutative: ledgers of
// slices of an input add up to that of the whole.
func (l *Ledger) Add(m Ledger) {
	l.Read += m.Read
	l.Derived += m.Derived
	l.Kept += m.Kept
	l.Skipped += m.Skipped
	l.Unused += m.Unused
	for reason, n := range m.Dropped {
		l.drop(reason, n)
	}
}

func (l *Ledger) drop(reason Verdict, n int64) {
	if l.Dropped == nil {
		l.Dropped = map[Verdict]int64{}
	}
	l.Dropped[reason] += n
}

// Recorder fills a Ledger with what an Observer is told, except Kept, which
// only the consumer of a sequence knows. It is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	ledger Ledger
}

// Observer returns an observer that counts into the recorder and passes every
// event on to next, which may be nil.
func (c *Recorder) Observer(next *Observer) *Observer {
	if next == nil {
		next = &Observer{}
	}
	o := *next
	o.next = next
	o.Read = func(r *Record) {
		c.add(func(l *Ledger) { l.Read++ })
		if next.Read != nil {
			next.Read(r)
		}
	}
	o.Drop = func(stage string, r *Record, reason Verdict) {
		c.add(func(l *Ledger) { l.drop(reason, 1) })
		if next.Drop != nil {
			next.Drop(stage, r, reason)
		}
	}
	o.Skip = func(e *RecordError) {
		c.add(func(l *Ledger) { l.Skipped++ })
		if next.Skip != nil {
			next.Skip(e)
		}
	}
	o.Unused = func(stage string, n int64) {
		c.add(func(l *Ledger) { l.Unused += n })
		if next.Unused != nil {
			next.Unused(stage, n)
		}
	}
	o.Derived = func(stage string, n int64) {
		c.add(func(l *Ledger) { l.Derived += n })
		if next.Derived != nil {
			next.Derived(stage, n)
		}
	}
	return &o
}

// Ledger returns a copy of the counts so far.
func (c *Recorder) Ledger() Ledger {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.ledger
	l.Dropped = maps.Clone(l.Dropped)
	return l
}

func (c *Recorder) add(f func(*Ledger)) {
	c.mu.Lock()
	f(&c.ledger)
	c.mu.Unlock()
}

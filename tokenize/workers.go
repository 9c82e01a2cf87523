package tokenize

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// worker is what one goroutine needs at a time.
type worker struct {
	vocab   *bpe.Vocab
	counter *bpe.Counter
	scratch bpe.Scratch
	scanner *split.Scanner // nil without a family
	starts  []uint32       // of words
}

// workers keeps idle workers with the counts that they have learnt, twice as many
// as there are processors and at least eight: a goroutine may be stopped while it
// holds one. A sync.Pool would lose them to the garbage collector, and with each
// of them some megabytes of counts.
type workers struct{ idle []slot }

// slot is a place for a worker, on a cache line of its own: goroutines take and
// give back workers for every text, at the same time.
type slot struct {
	atomic.Pointer[worker]
	_ [120]byte
}

func newWorkers() workers { return workers{make([]slot, max(8, 2*runtime.GOMAXPROCS(0)))} }

// get returns an idle worker, nil when there is none.
func (p *workers) get() *worker {
	for i, first := 0, p.first(); i < len(p.idle); i++ {
		slot := &p.idle[(first+i)%len(p.idle)]
		if slot.Load() == nil {
			continue
		}
		if w := slot.Swap(nil); w != nil {
			return w
		}
	}
	return nil
}

// put keeps a worker for the next get, unless there are enough.
func (p *workers) put(w *worker) {
	for i, first := 0, p.first(); i < len(p.idle); i++ {
		if slot := &p.idle[(first+i)%len(p.idle)]; slot.Load() == nil && slot.CompareAndSwap(nil, w) {
			return
		}
	}
}

// first is the slot at which a goroutine begins to look. It comes from the
// place of the goroutine's stack, so that goroutines seldom meet and find their
// own worker again; results do not depend on it.
func (p *workers) first() int {
	var here byte
	return int(uintptr(unsafe.Pointer(&here)) >> 13 % uintptr(len(p.idle)))
}

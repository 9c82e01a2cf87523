package audit

import (
	"cmp"
	"encoding/binary"
	"runtime"
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
)

// key is what is kept of a record: 96 bits of its hash and its group, 16 bytes
// in all. Two of n different records share those bits with probability
// n*n/2^97.
type key struct {
	hi    uint64
	lo    uint32
	group uint32
}

func keyOf(h datamix.Hash, group uint32) key {
	return key{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint32(h[8:12]), group}
}

func (k key) same(o key) bool { return k.hi == o.hi && k.lo == o.lo }

func compareKeys(a, b key) int {
	if c := cmp.Compare(a.hi, b.hi); c != 0 {
		return c
	}
	if c := cmp.Compare(a.lo, b.lo); c != 0 {
		return c
	}
	return cmp.Compare(a.group, b.group)
}

// keys holds the keys of a set, cut by their first byte, so that growing copies
// a 256th at a time and sorting can be shared.
type keys struct{ cuts [256][]key }

func (k *keys) add(x key) {
	cut := &k.cuts[x.hi>>56]
	*cut = append(*cut, x)
}

// sort sorts the cuts. Equal hashes stand together then, in order of groups.
func (k *keys) sort() {
	each(func(cut int) { slices.SortFunc(k.cuts[cut], compareKeys) })
}

// each calls f for every cut, on all processors.
func each(f func(cut int)) {
	next := make(chan int, 256)
	for cut := range 256 {
		next <- cut
	}
	close(next)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 256) {
		wg.Go(func() {
			for cut := range next {
				f(cut)
			}
		})
	}
	wg.Wait()
}

// runs calls f with the keys of each different record, which stand together.
// The keys must be sorted.
func (k *keys) runs(f func(run []key)) {
	for _, cut := range k.cuts {
		for start := 0; start < len(cut); {
			end := start + 1
			for end < len(cut) && cut[end].same(cut[start]) {
				end++
			}
			f(cut[start:end])
			start = end
		}
	}
}

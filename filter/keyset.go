package filter

import (
	"encoding/binary"
	"math/bits"

	"github.com/datamix-go/datamix"
)

// keySet is a set of hashes in open addressing with linear probing. It is cut
// into shards by the first byte of a hash, so that growing copies a 256th of it
// at a time. The zero keySet is empty.
type keySet struct{ shards [256]keyShard }

type keyShard struct {
	slots []datamix.Hash // the zero hash marks a free slot
	used  int
	zero  bool // the zero hash itself is in the set
}

// add adds a hash and reports whether it is new.
func (k *keySet) add(h datamix.Hash) bool {
	s := &k.shards[h[0]]
	if h == (datamix.Hash{}) {
		known := s.zero
		s.zero = true
		return !known
	}
	if s.used*5 >= len(s.slots)*4 { // at most 80 % full
		s.grow()
	}
	return s.add(h)
}

func (s *keyShard) add(h datamix.Hash) bool {
	// A product instead of a remainder lets the table have any size.
	at, _ := bits.Mul64(binary.LittleEndian.Uint64(h[8:]), uint64(len(s.slots)))
	for {
		switch s.slots[at] {
		case h:
			return false
		case datamix.Hash{}:
			s.slots[at] = h
			s.used++
			return true
		}
		if at++; at == uint64(len(s.slots)) {
			at = 0
		}
	}
}

func (s *keyShard) grow() {
	old := s.slots
	s.slots, s.used = make([]datamix.Hash, max(8, len(old)*3/2)), 0
	for _, h := range old {
		if h != (datamix.Hash{}) {
			s.add(h)
		}
	}
}

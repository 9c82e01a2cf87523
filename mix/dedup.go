package mix

import (
	"encoding/binary"
	"iter"
	"math/bits"

	"github.com/datamix-go/datamix"
)

// dropped is a set of records of an index.
type dropped struct {
	bits []uint64
	n    int64
}

func newDropped(x *Index) *dropped { return &dropped{bits: make([]uint64, (x.Len()+63)/64)} }

func (d *dropped) add(i int) {
	d.bits[i/64] |= 1 << (i % 64)
	d.n++
}

// others is the set of those of n records that are not in the set.
func (d *dropped) others(n int) *bitmap {
	b := newBitmap(n)
	for k, word := range d.bits {
		b.words[k] = ^word
	}
	if n%64 > 0 {
		b.words[n/64] &= 1<<(n%64) - 1
	}
	b.count()
	return b
}

// all yields the records in their order.
func (d *dropped) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for k, word := range d.bits {
			for ; word != 0; word &= word - 1 {
				if !yield(k*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

const (
	// dedupAtOnce is about how many records duplicates are looked for among at a
	// time, by their hashes, or a dedupMost-th of all where that is more.
	dedupAtOnce = 1 << 21
	dedupMost   = 8
)

// findDuplicates finds the records of indexes, given in the order of the parts,
// that have the hash of an earlier one. It looks at a fraction of all hashes at a
// time, so that the table of those that were seen is bounded. An error is of the
// part that it returns.
func findDuplicates(indexes []*Index) (out []*dropped, part int, err error) {
	n := 0
	out = make([]*dropped, len(indexes))
	for k, x := range indexes {
		n += x.hashes.len()
		out[k] = newDropped(x)
	}
	fractions := min(uint64(n/dedupAtOnce+1), dedupMost)
	seen := newHashTable(n / int(fractions))
	for f := range fractions {
		seen.clear()
		for k, x := range indexes {
			i := 0
			if err := x.hashes.each(func(chunk []datamix.Hash) {
				for j := range chunk {
					if fraction, _ := bits.Mul64(binary.LittleEndian.Uint64(chunk[j][:]), fractions); fraction == f && !seen.add(&chunk[j]) {
						out[k].add(i + j)
					}
				}
				i += len(chunk)
			}); err != nil {
				return nil, k, err
			}
		}
	}
	return out, 0, nil
}

// duplicate is the reason for which records are dropped by a recipe's Dedup.
const duplicate datamix.Verdict = "duplicate"

// hashTable is a set of hashes in open addressing.
type hashTable struct {
	slots []datamix.Hash // zero is free
	zero  bool           // the zero hash is in the set
	n     int            // slots that are taken
}

// newHashTable returns a set for about n hashes.
func newHashTable(n int) *hashTable { return &hashTable{slots: make([]datamix.Hash, n+n/2+8)} }

func (t *hashTable) clear() {
	clear(t.slots)
	t.zero, t.n = false, 0
}

// add adds a hash and reports whether it is new.
func (t *hashTable) add(h *datamix.Hash) bool {
	if *h == (datamix.Hash{}) {
		was := t.zero
		t.zero = true
		return !was
	}
	at, _ := bits.Mul64(binary.LittleEndian.Uint64(h[8:]), uint64(len(t.slots)))
	for t.slots[at] != (datamix.Hash{}) {
		if t.slots[at] == *h {
			return false
		}
		if at++; at == uint64(len(t.slots)) {
			at = 0
		}
	}
	t.slots[at] = *h
	if t.n++; t.n > len(t.slots)/8*7 {
		t.grow()
	}
	return true
}

func (t *hashTable) grow() {
	old := t.slots
	*t = hashTable{slots: make([]datamix.Hash, 2*len(old)), zero: t.zero}
	for i := range old {
		if old[i] != (datamix.Hash{}) {
			t.add(&old[i])
		}
	}
}

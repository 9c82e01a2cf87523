package mix

import (
	"encoding/binary"
	"iter"
	"math"
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

// findDuplicates finds the records of indexes, given in the order of the parts,
// that have the hash of an earlier one.
func findDuplicates(indexes []*Index) ([]*dropped, error) {
	seen, err := newHashTable(indexes)
	if err != nil {
		return nil, err
	}
	out := make([]*dropped, len(indexes))
	for k, x := range indexes {
		out[k] = newDropped(x)
		for i := range x.Len() {
			if !seen.add() {
				out[k].add(i)
			}
		}
		seen.next()
	}
	return out, nil
}

// duplicate is the reason for which records are dropped by a recipe's Dedup.
const duplicate datamix.Verdict = "duplicate"

// hashTable is the set of the hashes of several indexes up to a point. It keeps
// the numbers of records in open addressing, not their hashes, which the indexes
// have: 5 to 11 bytes a record.
type hashTable struct {
	chunks [][]datamix.Hash // of all indexes
	slots  []uint32         // number of a record + 1; 0 is free
	chunk  int              // the record that is next
	at     int
}

func newHashTable(indexes []*Index) (*hashTable, error) {
	t := &hashTable{}
	n := 0
	for _, x := range indexes {
		t.chunks = append(t.chunks, x.hashes.full...)
		n += x.hashes.len()
	}
	if len(t.chunks) > math.MaxUint32/blockRows {
		return nil, bad("its parts have %d records, and duplicates can be dropped among %d: use several recipes", n, math.MaxUint32)
	}
	t.slots = make([]uint32, n+n/3+1) // 75 % full at the end
	return t, nil
}

// add adds the next record and reports whether its hash is new.
func (t *hashTable) add() bool {
	if t.at == blockRows {
		t.chunk, t.at = t.chunk+1, 0
	}
	h := &t.chunks[t.chunk][t.at]
	number := uint32(t.chunk*blockRows + t.at + 1)
	t.at++
	at, _ := bits.Mul64(binary.LittleEndian.Uint64(h[8:]), uint64(len(t.slots)))
	for {
		other := t.slots[at]
		if other == 0 {
			t.slots[at] = number
			return true
		}
		if t.chunks[(other-1)/blockRows][(other-1)%blockRows] == *h {
			return false
		}
		if at++; at == uint64(len(t.slots)) {
			at = 0
		}
	}
}

// next moves on to the next index.
func (t *hashTable) next() {
	if t.at > 0 {
		t.chunk, t.at = t.chunk+1, 0
	}
}

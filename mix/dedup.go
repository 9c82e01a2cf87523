package mix

import (
	"encoding/binary"
	"maps"
	"math"
	"math/bits"

	"github.com/datamix-go/datamix"
)

// findDuplicates finds the records of indexes, given in the order of the parts,
// that have the hash of an earlier one. It returns what makes an index without
// them and without hashes. The indexes stay as they are; those made of them share
// their columns where nothing was dropped.
func findDuplicates(indexes []*Index) (without func(k int) *Index, err error) {
	seen, err := newHashTable(indexes)
	if err != nil {
		return nil, err
	}
	marks := make([]marked, len(indexes))
	for k, x := range indexes {
		again := make([]uint64, (x.Len()+63)/64) // a bit for each record that is one
		var n int64
		for i := range x.Len() {
			if !seen.add() {
				again[i/64] |= 1 << (i % 64)
				n++
			}
		}
		seen.next()
		marks[k] = marked{again, n}
	}
	return func(k int) *Index { return indexes[k].without(marks[k].records, marks[k].n) }, nil
}

// marked is n records of an index, as bits.
type marked struct {
	records []uint64
	n       int64
}

// without returns the index without hashes and without the n records that are
// marked.
func (x *Index) without(marked []uint64, n int64) *Index {
	y := *x
	y.hashes = chunks[datamix.Hash]{}
	if n == 0 {
		return &y
	}
	y = Index{Ledger: x.Ledger, values: x.values, paths: x.paths, policy: x.policy}
	y.Ledger.Dropped = maps.Clone(x.Ledger.Dropped)
	if y.Ledger.Dropped == nil {
		y.Ledger.Dropped = map[datamix.Verdict]int64{}
	}
	y.Ledger.Dropped[duplicate] += n
	y.Ledger.Kept -= n
	theirs := x.columns.all()
	for k, c := range y.columns.all() {
		word := 0
		theirs[k].each(func(values []uint64) {
			kept := 0 // values[:kept] stay
			for at := 0; at < len(values); at, word = at+64, word+1 {
				part := values[at:min(at+64, len(values))]
				if marked[word] == 0 {
					kept += copy(values[kept:], part)
					continue
				}
				for i, value := range part {
					if marked[word]>>i&1 == 0 {
						values[kept] = value
						kept++
					}
				}
			}
			c.addAll(values[:kept])
		})
	}
	y.trim()
	for i := range x.ranks.len() {
		if marked[i/64]>>(i%64)&1 == 0 {
			y.ranks.add(x.ranks.at(i))
		}
	}
	return &y
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

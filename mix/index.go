package mix

import (
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// partIndex is a part whose records are settled: duplicates are gone. They are
// left out of what is counted and drawn, and keep their ordinals.
type partIndex struct {
	*Index
	name      string
	ledger    datamix.Ledger
	available datamix.Tally
	live      *bitmap // the records that are not dropped; nil for all
	print     string  // fingerprint

	mu      sync.Mutex
	ordered orderOf // the last one that was asked for
}

type orderOf struct {
	seed     uint64
	pass     int
	ordinals []uint32
}

// newPartIndex returns a part without the records that are dropped as duplicates.
func newPartIndex(name string, x *Index, again *dropped) *partIndex {
	p := &partIndex{Index: x, name: name, ledger: x.Ledger, available: x.Tally()}
	if again == nil || again.n == 0 {
		return p
	}
	p.ledger.Dropped = maps.Clone(x.Ledger.Dropped)
	if p.ledger.Dropped == nil {
		p.ledger.Dropped = map[datamix.Verdict]int64{}
	}
	p.ledger.Dropped[duplicate] += again.n
	p.ledger.Kept -= again.n
	p.live = again.others(x.Len())
	p.available = x.tallyWithout(again)
	return p
}

// len is the number of records.
func (p *partIndex) len() int { return int(p.available.Rows) }

// nth is the ordinal of the j-th record in the order of the source.
func (p *partIndex) nth(j int64) uint32 {
	if p.live == nil {
		return uint32(j)
	}
	return uint32(p.live.nth(int(j)))
}

// size is the size of a record in a unit.
func (p *partIndex) size(ordinal uint32, u datamix.Unit) int64 {
	switch u {
	case datamix.Tokens:
		return int64(p.columns.total.at(int(ordinal)))
	case datamix.TrainableTokens:
		return int64(p.columns.trainable.at(int(ordinal)))
	}
	return 1
}

// key is the identity of a record.
func (p *partIndex) key(ordinal uint32) uint64 { return p.Index.key(int(ordinal)) }

// Index is what measuring found of a part, or of a slice of one: the records
// that the filters kept, in the order of the source, and the ledger of the
// others. Duplicates are still among them where the recipe drops those: which
// record is one depends on other parts, and is decided when indexes are put
// together. An Index takes about 15 bytes of memory a record, 16 more for a
// recipe with Dedup until the duplicates are dropped, 8 for a part that prefers,
// and what the paths of its files take.
//
// It is plain data that does not change: safe for concurrent use, with a binary
// form (MarshalBinary, WriteTo, ReadIndex), made by Mix.Measure and Merge.
type Index struct {
	// Ledger accounts for the rows that were read; Kept is Len.
	Ledger datamix.Ledger

	slices  []sliced
	columns indexColumns
	hashes  hashes          // by which duplicates are known; none without Dedup
	ranks   chunks[float64] // what Prefer names, -Inf where a record has no number; none without
	values  names           // those of Strata, none without
	paths   names
	bases   []uint64 // of the paths, for keys
	policy  string   // the Spec of what let bad rows pass
	tally   datamix.Tally
	bytes   int64 // of the rows; 0 where they cannot be read by themselves
}

// indexColumns are the columns that every index has.
type indexColumns struct {
	check, total, context, final, trainable, faults, turns, stratum column
	// Where the record lies: a number in paths, and the rest of its Place.
	path, row, sub, offset, length column
}

func (c *indexColumns) all() []*column {
	return []*column{&c.check, &c.total, &c.context, &c.final, &c.trainable, &c.faults, &c.turns, &c.stratum,
		&c.path, &c.row, &c.sub, &c.offset, &c.length}
}

// Entry is one record of an Index.
type Entry struct {
	// Key is the record's identity: Origin.Key.
	Key uint64
	// Check is a checksum of the row, by which a draw notices that a record is
	// not what was measured.
	Check uint32
	// Counts are the record's tokens, zero where nothing counted them.
	Counts datamix.Counts
	// Turns is the number of messages, 0 for a plain text.
	Turns int
	// Place is where the row lies; Size is 0 where it cannot be read by itself.
	Place datamix.Place
}

// Len is the number of records.
func (x *Index) Len() int { return x.columns.check.len() }

// At returns record i in the order of the source, 0 <= i < Len.
func (x *Index) At(i int) Entry {
	c := &x.columns
	return Entry{Key: x.key(i), Check: uint32(c.check.at(i)), Turns: int(c.turns.at(i)), Counts: x.countsAt(i), Place: x.place(i)}
}

// key is Origin.Key of a record. It is not kept: its parts take less memory, and
// are needed.
func (x *Index) key(i int) uint64 {
	c := &x.columns
	return datamix.KeyFrom(x.bases[c.path.at(i)], int64(c.row.at(i)), int(c.sub.at(i)))
}

func (x *Index) countsAt(i int) datamix.Counts {
	c := &x.columns
	return datamix.Counts{Total: int(c.total.at(i)), Context: int(c.context.at(i)), Final: int(c.final.at(i)), Trainable: int(c.trainable.at(i)),
		MaskFaults: int(c.faults.at(i))}
}

func (x *Index) place(i int) datamix.Place {
	c := &x.columns
	return datamix.Place{Size: int64(c.length.at(i)), Origin: datamix.Origin{Path: x.paths.list[c.path.at(i)],
		Row: int64(c.row.at(i)), Sub: int(c.sub.at(i)), Offset: int64(c.offset.at(i)) - 1}}
}

// All yields the records in the order of the source.
func (x *Index) All() iter.Seq2[int, Entry] {
	return func(yield func(int, Entry) bool) {
		for i := range x.Len() {
			if !yield(i, x.At(i)) {
				return
			}
		}
	}
}

// Tally is the sums over all records.
func (x *Index) Tally() datamix.Tally { return x.tally }

// tallyWithout is Tally without some records.
func (x *Index) tallyWithout(gone *dropped) datamix.Tally {
	t := x.tally
	t.Rows -= gone.n
	for i := range gone.all() {
		counts := x.countsAt(i)
		t.Turns -= int64(x.columns.turns.at(i))
		t.Tokens -= int64(counts.Total)
		t.Context -= int64(counts.Context)
		t.Final -= int64(counts.Final)
		t.Trainable -= int64(counts.Trainable)
		t.MaskFaults -= int64(min(1, counts.MaskFaults))
	}
	return t
}

// sum computes the sums.
func (x *Index) sum() {
	c := &x.columns
	x.tally = datamix.Tally{Rows: int64(x.Len()), Turns: c.turns.sum(), Tokens: c.total.sum(), Context: c.context.sum(),
		Final: c.final.sum(), Trainable: c.trainable.sum(), MaskFaults: c.faults.positive()}
	if x.bytes = 0; c.length.positive() == int64(x.Len()) {
		x.bytes = c.length.sum()
	}
}

// maxRecords is how many records an index can have: ordinals are 32 bits long.
const maxRecords = 1<<32 - 1

func (x *Index) add(f *facts, want *wants) error {
	if x.Len() == maxRecords {
		return fmt.Errorf("it has more than %d records: split it", maxRecords)
	}
	c := &x.columns
	for _, n := range []int{f.Counts.Total, f.Counts.Context, f.Counts.Final, f.Counts.Trainable, f.Counts.MaskFaults} {
		if n < 0 || n > math.MaxUint32 {
			return fmt.Errorf("a count of %d tokens is out of range", n)
		}
	}
	c.check.add(uint64(f.Check))
	c.total.add(uint64(f.Counts.Total))
	c.context.add(uint64(f.Counts.Context))
	c.final.add(uint64(f.Counts.Final))
	c.trainable.add(uint64(f.Counts.Trainable))
	c.faults.add(uint64(f.Counts.MaskFaults))
	c.turns.add(uint64(f.Turns))
	var stratum uint64
	if want.strata != "" {
		stratum = x.values.number(f.stratum)
	}
	c.stratum.add(stratum)
	p := f.Place
	if p.Row < 0 || p.Sub < 0 || p.Offset < -1 {
		return fmt.Errorf("its place is %s at byte %d", p.Origin, p.Offset)
	}
	c.path.add(x.paths.number(p.Path))
	c.row.add(uint64(p.Row))
	c.sub.add(uint64(p.Sub))
	c.offset.add(uint64(p.Offset + 1))
	c.length.add(uint64(p.Size))
	if want.dedup != "" {
		x.hashes.add(f.hash)
	}
	if want.prefer != "" {
		x.ranks.add(f.rank)
	}
	return nil
}

// names numbers texts in the order in which they come.
type names struct {
	list  []string
	known map[string]uint64 // nil until it is needed
	last  string            // with its number, for the next that is the same
	at    uint64
}

func (n *names) number(s string) uint64 {
	if len(n.list) > 0 && s == n.last {
		return n.at
	}
	if n.known == nil {
		n.known = make(map[string]uint64, len(n.list))
		for i, s := range n.list {
			n.known[s] = uint64(i)
		}
	}
	i, known := n.known[s]
	if !known {
		s = strings.Clone(s) // not the memory of the record
		i = uint64(len(n.list))
		n.known[s] = i
		n.list = append(n.list, s)
	}
	n.last, n.at = n.list[i], i
	return i
}

// trim completes the index.
func (x *Index) trim() {
	for _, c := range x.columns.all() {
		c.trim()
	}
	x.values.known, x.paths.known = nil, nil
	x.hashes.complete()
	x.sum()
	x.ready()
}

// ready makes the index fit for reading.
func (x *Index) ready() {
	x.bases = make([]uint64, len(x.paths.list))
	for i, path := range x.paths.list {
		x.bases[i] = datamix.KeyBase(path)
	}
}

// content is a hash of what the records are and of where they lie.
func (x *Index) content() uint64 {
	h := xxh3.New()
	var buf []byte
	for _, c := range []*column{&x.columns.check, &x.columns.path, &x.columns.row, &x.columns.sub} {
		for i := range c.blocks {
			b := &c.blocks[i]
			buf = binary.LittleEndian.AppendUint64(buf[:0], b.base)
			buf = append(buf, byte(b.width))
			for _, word := range b.words {
				buf = binary.LittleEndian.AppendUint64(buf, word)
			}
			_, _ = h.Write(buf) // a hash does not fail
		}
	}
	return h.Sum64()
}

// chunks is a list that grows without being copied.
type chunks[T any] struct{ full [][]T }

func (c *chunks[T]) len() int {
	if len(c.full) == 0 {
		return 0
	}
	last := len(c.full) - 1
	return last*blockRows + len(c.full[last])
}

func (c *chunks[T]) add(x T) {
	last := len(c.full) - 1
	if last < 0 || len(c.full[last]) == blockRows {
		c.full = append(c.full, make([]T, 0, blockRows))
		last++
	}
	c.full[last] = append(c.full[last], x)
}

func (c *chunks[T]) at(i int) T { return c.full[i/blockRows][i%blockRows] }

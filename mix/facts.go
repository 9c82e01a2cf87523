package mix

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// wants says what an index must hold of each record beside its counts.
type wants struct {
	dedup  filter.DedupKey // empty for no hashes
	prefer string
	strata string
	spool  *hashSpool // for hashes; nil where they stay in memory
}

// facts is what an index keeps of a record.
type facts struct {
	Entry
	hash    datamix.Hash
	rank    float64
	stratum string
}

// of collects the facts of a record.
func (w *wants) of(r *datamix.Record) facts {
	f := facts{Entry: Entry{Key: r.Origin.Key(), Check: checksum(r), Counts: r.Counts(), Turns: len(r.Messages()),
		Place: datamix.Place{Origin: r.Origin}}}
	if _, raw := r.Raw(); raw && r.Origin.Offset >= 0 {
		f.Place.Size = int64(r.RawSize())
	}
	if w.dedup != "" {
		f.hash = w.dedup.Of(r)
	}
	if w.prefer != "" {
		x, err := strconv.ParseFloat(strings.TrimSpace(r.Label(w.prefer)), 64)
		if err != nil || math.IsNaN(x) {
			x = math.Inf(-1)
		}
		f.rank = x
	}
	if w.strata != "" {
		f.stratum = r.Label(w.strata)
	}
	return f
}

// checksum is a hash of the row as it was read, or of what the record says
// where its row was not JSON or a stage changed it.
func checksum(r *datamix.Record) uint32 {
	if raw, ok := r.Raw(); ok {
		return uint32(xxh3.Hash(raw))
	}
	h := r.ContentHash()
	return binary.LittleEndian.Uint32(h[:])
}

// check returns an error when no record has what the part names: that is more
// likely a slip of the pen than a wish.
func (w *wants) check(part string, x *Index) error {
	n := x.Len()
	if n == 0 {
		return nil
	}
	if w.prefer != "" && !x.ranked() {
		return bad("part %s: prefer names %q, and none of its %d records has a number in a column or label of that name", part, w.prefer, n)
	}
	if w.strata != "" && len(x.values.list) == 1 && x.values.list[0] == "" {
		return bad("part %s: strata names %q, and none of its %d records has a column or label of that name", part, w.strata, n)
	}
	return nil
}

// met returns an error when an index lacks what is wanted.
func (w *wants) met(x *Index) error {
	switch n := x.Len(); {
	case !x.Whole():
		return errors.New("its index covers only some of its slices: merge them all")
	case n > 0 && w.dedup != "" && x.hashes.len() == 0:
		return errors.New("its index was measured without dedup")
	case n > 0 && w.prefer != "" && x.ranks.len() == 0:
		return errors.New("its index was measured without prefer")
	case n > 0 && w.strata != "" && len(x.values.list) == 0:
		return errors.New("its index was measured without strata")
	}
	return nil
}

// ranked reports whether any record has a number to prefer by.
func (x *Index) ranked() bool {
	for _, chunk := range x.ranks.full {
		for _, rank := range chunk {
			if !math.IsInf(rank, -1) {
				return true
			}
		}
	}
	return false
}

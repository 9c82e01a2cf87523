package mix

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Slice names one of Of slices of a part: consecutive stretches of its records,
// numbered from 0. The zero Slice stands for the whole part.
type Slice struct {
	Number int `json:"number"`
	Of     int `json:"of"`
}

// sliced is a slice in an index that holds several.
type sliced struct {
	Slice
	Rows int `json:"rows"`
}

// OfSlice returns the index as that of one slice of a part, for Merge. It
// shares its columns with x.
func (x *Index) OfSlice(s Slice) (*Index, error) {
	if s.Of < 1 || s.Number < 0 || s.Number >= s.Of {
		return nil, fmt.Errorf("datamix/mix: there is no slice %d of %d", s.Number, s.Of)
	}
	y := *x
	y.slices = []sliced{{s, x.Len()}}
	return y.whole(), nil
}

// Slices are the slices of the part that the index covers, in order; none where
// it covers the whole part.
func (x *Index) Slices() []Slice {
	out := make([]Slice, len(x.slices))
	for i, s := range x.slices {
		out[i] = s.Slice
	}
	return out
}

// Whole reports whether the index covers all of its part.
func (x *Index) Whole() bool { return len(x.slices) == 0 }

// whole forgets the slices when all of them are there.
func (x *Index) whole() *Index {
	if len(x.slices) > 0 && len(x.slices) == x.slices[0].Of {
		x.slices = nil
	}
	return x
}

// Merge puts the indexes of slices of one part together. It is associative, and
// the order of its arguments does not matter: the result is the index of all
// the slices, in the end that of the whole part, the same bytes as if nobody had
// cut it. Indexes that were measured with different wishes (one has hashes for
// duplicates, strata or preferences and the other has not), slices of different
// cuts, and a slice that is there twice are errors.
func Merge(indexes ...*Index) (*Index, error) {
	if len(indexes) == 0 {
		return nil, errors.New("datamix/mix: merge: there is no index")
	}
	if len(indexes) == 1 {
		return indexes[0], nil
	}
	var pieces []piece
	out := &Index{}
	for _, x := range indexes {
		out.policy = max(out.policy, x.policy)
		if err := mergeable(indexes[0], x); err != nil {
			return nil, fmt.Errorf("datamix/mix: merge: %w", err)
		}
		out.Ledger.Add(x.Ledger)
		at := 0
		for _, s := range x.slices {
			pieces = append(pieces, piece{s, x, at})
			at += s.Rows
		}
	}
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.Number, b.Number) })
	for i, p := range pieces {
		if i > 0 && p.Number == pieces[i-1].Number {
			return nil, fmt.Errorf("datamix/mix: merge: slice %d of %d is there twice", p.Number, p.Of)
		}
		out.slices = append(out.slices, p.sliced)
		out.append(p.index, p.at, p.at+p.Rows)
	}
	out.trim()
	return out.whole(), nil
}

// piece is a slice inside an index.
type piece struct {
	sliced
	index *Index
	at    int
}

func mergeable(x, y *Index) error {
	switch {
	case x.Whole() || y.Whole():
		return errors.New("an index is of a whole part: say with OfSlice which slice it is")
	case x.slices[0].Of != y.slices[0].Of:
		return fmt.Errorf("slices of %d and of %d are of different cuts", x.slices[0].Of, y.slices[0].Of)
	case x.policy != "" && y.policy != "" && x.policy != y.policy:
		return errors.New("bad rows were treated by different rules")
	case x.Len() == 0 || y.Len() == 0:
		return nil
	case (x.hashes.len() > 0) != (y.hashes.len() > 0):
		return errors.New("one index has hashes for duplicates and the other has not")
	case (x.ranks.len() > 0) != (y.ranks.len() > 0):
		return errors.New("one index has numbers to prefer by and the other has not")
	case (len(x.values.list) > 0) != (len(y.values.list) > 0):
		return errors.New("one index has strata and the other has not")
	}
	return nil
}

// append adds the records from to to of y.
func (x *Index) append(y *Index, from, to int) {
	theirs := y.columns.all()
	for i := from; i < to; i++ {
		x.take(y, theirs, i)
	}
}

// take adds record i of y, whose columns are given.
func (x *Index) take(y *Index, theirs []*column, i int) {
	for k, c := range x.columns.all() {
		n := theirs[k].at(i)
		switch {
		case c == &x.columns.path:
			n = x.paths.number(y.paths.list[n])
		case c == &x.columns.stratum && len(y.values.list) > 0:
			n = x.values.number(y.values.list[n])
		}
		c.add(n)
	}
	if y.hashes.len() > 0 {
		x.hashes.add(y.hashes.at(i))
	}
	if y.ranks.len() > 0 {
		x.ranks.add(y.ranks.at(i))
	}
}

package datamix

import (
	"math/bits"
	"strconv"

	"github.com/zeebo/xxh3"
)

// Origin says where a record came from. Its Path, Row and Sub are the record's
// identity: every random choice about a record hashes them, so that it depends
// neither on arrival order nor on other sources.
type Origin struct {
	// Source is the name of the part of a mix that the record was drawn for,
	// empty outside a mix.
	Source string `json:"part,omitempty"`
	// Path is the file's path in its file system, or the name of the source
	// where there is no file.
	Path string `json:"path,omitempty"`
	// Row is the record's number in the file, from 0: for line formats the
	// number of its line, for others the number of its element or row.
	Row int64 `json:"row"`
	// Sub tells the records of one row apart, from 0, where an adapter made
	// several of it.
	Sub int `json:"sub,omitempty"`
	// Offset is the row's first byte in the decompressed file, where the
	// format has one, otherwise -1.
	Offset int64 `json:"offset,omitempty"`
	// Pass is the number of times that the record was yielded before in the
	// same sequence: 0 for the first pass over a source, 1 for the second.
	Pass int `json:"pass,omitempty"`
}

// String returns "path:row", with ".sub" where Sub is not 0. Rows count from 0.
func (o Origin) String() string {
	s := o.Path + ":" + strconv.FormatInt(o.Row, 10)
	if o.Sub != 0 {
		s += "." + strconv.Itoa(o.Sub)
	}
	return s
}

// Key returns a 64-bit hash of the identity: Path, Row and Sub. It does not
// depend on Source, Offset or Pass. Two of n records share a key with
// probability about n*n/2^65.
func (o Origin) Key() uint64 { return KeyFrom(KeyBase(o.Path), o.Row, o.Sub) }

// KeyBase returns what Key computes once for a path; with KeyFrom it saves that
// work when many rows follow.
func KeyBase(path string) uint64 { return xxh3.HashStringSeed(path, 0) }

// KeyFrom returns the Key of a record, for base = KeyBase(path).
func KeyFrom(base uint64, row int64, sub int) uint64 {
	h := mix64(base ^ uint64(row))
	if sub != 0 {
		h = mix64(h ^ bits.RotateLeft64(uint64(sub), 32))
	}
	return h
}

// Priority is the library's only source of randomness: a pure function of a
// seed, the purpose of a choice and a record's Key. To take n records at
// random, take those with the smallest priorities.
func Priority(seed uint64, purpose string, key uint64) uint64 {
	return PriorityFrom(PriorityBase(seed, purpose), key)
}

// PriorityBase returns what Priority computes once for a seed and a purpose;
// with PriorityFrom it saves that work when many keys follow.
func PriorityBase(seed uint64, purpose string) uint64 {
	return xxh3.HashStringSeed(purpose, seed)
}

// PriorityFrom returns Priority(seed, purpose, key) for
// base = PriorityBase(seed, purpose).
func PriorityFrom(base, key uint64) uint64 {
	return mix64(mix64(base^key) + base)
}

// mix64 is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014,
// variant 13 of Stafford): a bijection in which every input bit reaches every
// output bit.
func mix64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

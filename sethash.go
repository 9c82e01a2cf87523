package datamix

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// SetHash is a hash of a collection of records that does not depend on their
// order, on how they are cut into files or on the form in which they are
// written, but on how often each is there: the sum of their content hashes
// modulo 2^128. Like Hash it is no defence against somebody who makes
// collisions on purpose. The zero SetHash is that of no records.
type SetHash struct{ hi, lo uint64 }

// Count adds a record.
func (s *SetHash) Count(r *Record) { s.AddHash(r.ContentHash()) }

// AddHash adds a record by its content hash.
func (s *SetHash) AddHash(h Hash) {
	s.Add(SetHash{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:])})
}

// Add adds the records of o. It is associative and commutative.
func (s *SetHash) Add(o SetHash) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, o.lo, 0)
	s.hi, _ = bits.Add64(s.hi, o.hi, carry)
}

// String returns the hash in hexadecimal.
func (s SetHash) String() string {
	return fmt.Sprintf("%016x%016x", s.hi, s.lo)
}

// MarshalText returns the hash in hexadecimal.
func (s SetHash) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *SetHash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != 16 {
		return fmt.Errorf("datamix: %q is no hash of 32 hexadecimal digits", text)
	}
	s.hi, s.lo = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	return nil
}

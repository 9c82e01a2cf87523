package parquetrows

import (
	"encoding/binary"
	"errors"
)

// The decoder of the Parquet library makes room for as many elements as a list
// says it has, before it looks for them: a damaged footer of some kilobytes can
// ask for more memory than there is. checkFooter goes through the footer first.

// errFooter is a footer that no writer has made.
var errFooter = errors.New("damaged footer: it is not what its lengths say")

// checkFooter returns an error unless b begins with one struct in Thrift's
// compact protocol all of whose parts lie in b.
// Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
func checkFooter(b []byte) error {
	w := thriftWalk{b}
	if !w.structure(0) {
		return errFooter
	}
	return nil
}

// The types of the compact protocol.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
	thriftUUID
)

// thriftDepth bounds how deep values may lie in each other; a Parquet footer has
// about ten levels.
const thriftDepth = 64

// thriftWalk is what is left of the bytes. Its methods pass over one thing each
// and report whether it was there.
type thriftWalk struct{ rest []byte }

func (w *thriftWalk) skip(n uint64) bool {
	if n > uint64(len(w.rest)) {
		return false
	}
	w.rest = w.rest[n:]
	return true
}

func (w *thriftWalk) byte() (byte, bool) {
	if len(w.rest) == 0 {
		return 0, false
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b, true
}

func (w *thriftWalk) varint() (uint64, bool) {
	n, size := binary.Uvarint(w.rest)
	return n, size > 0 && w.skip(uint64(size))
}

func (w *thriftWalk) structure(depth int) bool {
	if depth > thriftDepth {
		return false
	}
	for {
		head, ok := w.byte()
		if !ok || head&0x0f == thriftStop {
			return ok
		}
		if head>>4 == 0 { // the field's number follows
			if _, ok := w.varint(); !ok {
				return false
			}
		}
		kind := head & 0x0f
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is in the type
		}
		if !w.value(kind, depth+1) {
			return false
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) bool {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, ok := w.varint()
		return ok
	case thriftDouble:
		return w.skip(8)
	case thriftUUID:
		return w.skip(16)
	case thriftBinary:
		n, ok := w.varint()
		return ok && w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.pairs(depth)
	case thriftStruct:
		return w.structure(depth)
	}
	return false
}

func (w *thriftWalk) list(depth int) bool {
	head, ok := w.byte()
	if !ok || depth > thriftDepth {
		return false
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, ok = w.varint(); !ok {
			return false
		}
	}
	if n > uint64(len(w.rest)) { // every element takes a byte at least
		return false
	}
	for range n {
		if !w.value(head&0x0f, depth+1) {
			return false
		}
	}
	return true
}

func (w *thriftWalk) pairs(depth int) bool {
	n, ok := w.varint()
	if !ok || n == 0 {
		return ok
	}
	kinds, ok := w.byte()
	if !ok || depth > thriftDepth || n > uint64(len(w.rest)) {
		return false
	}
	for range n {
		if !w.value(kinds>>4, depth+1) || !w.value(kinds&0x0f, depth+1) {
			return false
		}
	}
	return true
}

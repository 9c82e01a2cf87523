package bpe

import "math/bits"

// None is no symbol.
const None = uint32(1<<symbolBits - 1)

const (
	symbolBits = 21 // vocabularies of up to two million tokens
	emptySlot  = ^uint64(0)
	mixer      = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
)

// pairs maps a pair of symbols to the symbol of their merge: an open-addressing
// table of 8-byte slots, three symbols each.
type pairs struct {
	slots []uint64
	shift uint
}

func newPairs(n int) pairs {
	size := max(1<<bits.Len(uint(2*n)), 16)
	p := pairs{slots: make([]uint64, size), shift: uint(64 - bits.TrailingZeros(uint(size)))}
	for i := range p.slots {
		p.slots[i] = emptySlot
	}
	return p
}

func (p *pairs) set(left, right, merged uint32) {
	key := uint64(left)<<symbolBits | uint64(right)
	for i := key * mixer >> p.shift; ; i = (i + 1) & uint64(len(p.slots)-1) {
		if p.slots[i] == emptySlot || p.slots[i]>>symbolBits == key {
			p.slots[i] = key<<symbolBits | uint64(merged)
			return
		}
	}
}

// get returns the symbol of left and right merged, None where they do not merge.
func (p *pairs) get(left, right uint32) uint32 {
	key := uint64(left)<<symbolBits | uint64(right)
	for i := key * mixer >> p.shift; ; i++ {
		s := p.slots[i&uint64(len(p.slots)-1)]
		if s>>symbolBits == key {
			return uint32(s) & None
		}
		if s == emptySlot {
			return None
		}
	}
}

package bpe

import "math/bits"

// shortLen is the length in bytes of the longest piece whose key is the piece
// itself: 15 bytes and the length fill 16 bytes.
const shortLen = 15

// wholes finds the symbol of a piece that is a token: short ones in a table of
// packed keys, the others in a map.
type wholes struct {
	keys    [][2]uint64 // the second word is 0 for a free slot
	symbols []uint32
	long    map[string]uint32
	shift   uint
}

// newWholes indexes symbols but the first few, which are the fallback bytes of a
// vocabulary of characters. Where two have the same text the first wins.
func newWholes(symbols []symbol, fallback int) wholes {
	size := 1 << bits.Len(uint(len(symbols)+len(symbols)/2)) // at most two thirds full
	w := wholes{keys: make([][2]uint64, size), symbols: make([]uint32, size), long: map[string]uint32{},
		shift: uint(64 - bits.TrailingZeros(uint(size)))}
	for s, sym := range symbols {
		if sym.text == "" || s < fallback {
			continue
		}
		if len(sym.text) > shortLen {
			if _, ok := w.long[sym.text]; !ok {
				w.long[sym.text] = uint32(s)
			}
			continue
		}
		lo, hi := packString(sym.text)
		for i := hashKey(lo, hi) >> w.shift; ; i = (i + 1) & uint64(size-1) {
			if w.keys[i][1] == 0 {
				w.keys[i], w.symbols[i] = [2]uint64{lo, hi}, uint32(s)
				break
			}
			if w.keys[i] == [2]uint64{lo, hi} {
				break
			}
		}
	}
	return w
}

// find returns the symbol that piece is, or None.
func (w *wholes) find(piece string) uint32 {
	if len(piece) > shortLen {
		if s, ok := w.long[piece]; ok {
			return s
		}
		return None
	}
	if piece == "" {
		return None
	}
	lo, hi := packString(piece)
	return w.findKey(lo, hi)
}

func (w *wholes) findKey(lo, hi uint64) uint32 {
	for i := hashKey(lo, hi) >> w.shift; ; i = (i + 1) & uint64(len(w.keys)-1) {
		k := &w.keys[i]
		if k[0] == lo && k[1] == hi {
			return w.symbols[i]
		}
		if k[1] == 0 {
			return None
		}
	}
}

// hashKey spreads a packed key over 64 bits; the high bits are the good ones.
func hashKey(lo, hi uint64) uint64 {
	return (lo ^ bits.RotateLeft64(hi*mixer, 29)) * 0xD6E8FEB86659FD93
}

// packString packs a piece of 1 to 15 bytes into its key: the bytes, zeros, the
// length in bits 56 to 59 of the second word. The bits above are the caller's.
func packString(s string) (lo, hi uint64) {
	n := min(len(s), 8)
	for i := range n {
		lo |= uint64(s[i]) << (8 * i)
	}
	for i := 8; i < len(s); i++ {
		hi |= uint64(s[i]) << (8 * (i - 8))
	}
	return lo, hi | uint64(len(s))<<56
}

// alone is the tokens that are one token only as a whole piece, not as a part of
// one. The zero value is none.
type alone struct {
	texts   map[string]struct{}
	lengths [256]uint64 // by the first byte, a filter: bits of the lengths there are
}

func newAlone(symbols []symbol) (a alone) {
	if len(symbols) == 0 {
		return a
	}
	a.texts = map[string]struct{}{}
	for _, s := range symbols {
		a.texts[s.text] = struct{}{}
		if s.text != "" {
			a.lengths[s.text[0]] |= 1 << min(len(s.text), 63)
		}
	}
	return a
}

// has reports whether part, which is not empty, is one of them.
func (a *alone) has(part string) bool {
	if a.lengths[part[0]]>>min(len(part), 63)&1 == 0 {
		return false
	}
	_, ok := a.texts[part]
	return ok
}

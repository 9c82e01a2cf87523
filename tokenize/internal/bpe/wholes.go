package bpe

import "math/bits"

// shortLen is the length in bytes of the longest piece whose key is the piece
// itself: 15 bytes and the length fill 16 bytes.
const shortLen = 15

// wholes finds the symbol of a piece that is a token: an open-addressing table of
// symbols, next to bits of their hashes, which spare most looks at keys that
// differ.
type wholes struct {
	// keys is by symbol: the packed text of a short one; of another its hash
	// and its length, which leaves the top byte zero.
	keys  [][2]uint64
	slots []uint32 // the tag, then the symbol plus one; 0 for a free slot
	shift uint
}

const tagBits = 32 - symbolBits

// indexWholes indexes the first n symbols but the fallback bytes of a vocabulary
// of characters. Where two have the same text the first wins.
func (v *Vocab) indexWholes(n int) {
	size := 1 << bits.Len(uint(n+n/2)) // at most two thirds full
	w := wholes{keys: make([][2]uint64, n), slots: make([]uint32, max(size, 2)), shift: uint(64 - bits.TrailingZeros(uint(max(size, 2))))}
	v.whole = w
	for s := range n {
		text := v.text(uint32(s))
		key, h := keyOf(text)
		w.keys[s] = key
		if text == "" || s < v.bytes || v.findKey(text, key, h) != None {
			continue
		}
		i := h >> w.shift
		for w.slots[i] != 0 {
			i = (i + 1) & uint64(len(w.slots)-1)
		}
		w.slots[i] = w.tag(h)<<symbolBits | uint32(s+1)
	}
}

// keyOf returns the key of a text and the hash of the key.
func keyOf(text string) (key [2]uint64, h uint64) {
	if len(text) <= shortLen {
		lo, hi := packString(text)
		return [2]uint64{lo, hi}, hashKey(lo, hi)
	}
	h = hashString(text)
	return [2]uint64{h, uint64(len(text))}, h
}

// tag is bits of a hash that do not choose the slot.
func (w *wholes) tag(h uint64) uint32 { return uint32(h>>(w.shift-tagBits)) & (1<<tagBits - 1) }

// size returns the length in bytes of a symbol's text.
func (w *wholes) size(symbol uint32) int {
	hi := w.keys[symbol][1]
	if short := hi >> 56; short != 0 {
		return int(short)
	}
	return int(hi)
}

// find returns the symbol that piece is, or None.
func (v *Vocab) find(piece string) uint32 {
	if piece == "" {
		return None
	}
	key, h := keyOf(piece)
	return v.findKey(piece, key, h)
}

// findKey is find of a piece with its key. The text of a short one is not read.
func (v *Vocab) findKey(piece string, key [2]uint64, h uint64) uint32 {
	w := &v.whole
	tag := w.tag(h)
	for i := h >> w.shift; ; i = (i + 1) & uint64(len(w.slots)-1) {
		slot := w.slots[i]
		if slot == 0 {
			return None
		}
		if slot>>symbolBits != tag {
			continue
		}
		s := slot&None - 1
		if w.keys[s] == key && (key[1]>>56 != 0 || v.text(s) == piece) {
			return s
		}
	}
}

// findShort is find of the packed text of a short piece.
func (v *Vocab) findShort(lo, hi uint64) uint32 {
	return v.findKey("", [2]uint64{lo, hi}, hashKey(lo, hi))
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

func (a *alone) add(text string) {
	if a.texts == nil {
		a.texts = map[string]struct{}{}
	}
	a.texts[text] = struct{}{}
	if text != "" {
		a.lengths[text[0]] |= 1 << min(len(text), 63)
	}
}

// has reports whether part, which is not empty, is one of them.
func (a *alone) has(part string) bool {
	if a.lengths[part[0]]>>min(len(part), 63)&1 == 0 {
		return false
	}
	_, ok := a.texts[part]
	return ok
}

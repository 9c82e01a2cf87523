//go:build amd64 && !purego

package bpe

import (
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// probeKeys is what the assembly keeps of the pieces between its two loops: of
// each the key, the second word moved by the bits of the count, and the offset of
// its bucket.
type probeKeys [batch][4]uint64

// keyLengths is the masks of keyMasks for 0 to 15 bytes, with the length that
// belongs into a key, and one for more, whose key is found nowhere.
var keyLengths = func() (t [17][4]uint64) {
	for n, m := range keyMasks {
		t[n] = [4]uint64{m[0], m[1], 0, uint64(n) << 56}
	}
	return t
}()

// probeAVX2 is probeGo of n pieces.
//
//go:noescape
func probeAVX2(text unsafe.Pointer, froms, tos *uint32, n int, table *bucket, lengths *[17][4]uint64, keys *probeKeys, misses *uint16) (sum, missed int)

// probe looks up at most batch pieces, as probeGo does. They are in order.
func (c *Counter) probe(text string, froms, tos []uint32) (sum, missed int) {
	n := len(froms)
	if !cpu.AVX2 {
		return c.probeGo(text, froms, tos)
	}
	if n == 0 {
		return 0, 0
	}
	_, _ = text[froms[n-1]+loadSize-1], tos[n-1]
	return probeAVX2(unsafe.Pointer(unsafe.StringData(text)), &froms[0], &tos[0], n, &c.table[0], &keyLengths, &c.keys, &c.misses[0])
}

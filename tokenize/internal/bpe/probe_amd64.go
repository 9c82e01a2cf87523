//go:build amd64 && !purego

package bpe

import (
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// probeKeys is what the assembly keeps of the pieces between its two loops: of
// each the key, the second word moved by the bits of the count, and the offset of
// its bucket. Of those of up to 31 bytes the key takes all four words.
type probeKeys struct {
	_ [batch][4]uint64 // keys
	_ [batch]uint32    // offsets
}

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

// probeWideAVX2 is probeWideGo of n pieces.
//
//go:noescape
func probeWideAVX2(text unsafe.Pointer, froms, tos *uint32, n int, table *wideBucket, lengths *[17][4]uint64, keys *probeKeys, misses *uint16) (sum, missed int)

// probeWide looks up at most batch pieces of 16 to 31 bytes, as probeWideGo does.
// They are in order.
func (c *Counter) probeWide(text string, froms, tos []uint32) (sum, missed int) {
	n := len(froms)
	if !cpu.AVX2 {
		return c.probeWideGo(text, froms, tos)
	}
	if n == 0 {
		return 0, 0
	}
	_, _ = text[froms[n-1]+readSize-1], tos[n-1]
	return probeWideAVX2(unsafe.Pointer(unsafe.StringData(text)), &froms[0], &tos[0], n, &c.wide[0], &keyLengths, &c.keys, &c.misses[0])
}

// seamsAVX2 is cutGo of a text that has at least 35 bytes behind to.
//
//go:noescape
func seamsAVX2(text unsafe.Pointer, from, to int, s *seams, masks *[256]uint32, ends *uint32) (n int)

// charMasks keeps the bytes of a character of a word, by the first of them.
var charMasks = func() (m [256]uint32) {
	for b := range m {
		m[b] = sizes[b].mask
	}
	return m
}()

// seams notes in ends where the parts of text end that begin at from, as cutGo
// does.
func (c *Counter) seams(text string, from, to uint32) int {
	if !cpu.AVX2 || int(to)+seamsRead > len(text) || from >= to || to-from > cutSize {
		return c.v.seams.cutGo(text, from, to, &c.ends)
	}
	return seamsAVX2(unsafe.Pointer(unsafe.StringData(text)), int(from), int(to), c.v.seams, &charMasks, &c.ends[0])
}

// seamsRead is how many bytes seamsAVX2 may read behind the end.
const seamsRead = 35

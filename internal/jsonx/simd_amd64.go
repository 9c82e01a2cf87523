//go:build amd64 && !purego

package jsonx

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// wide says that the functions in assembly may run.
var wide = cpu.X86.HasAVX2

//go:noescape
func scanAVX2(b *byte, n, i int) (next int, high uint32)

//go:noescape
func decodeAVX2(dst *byte, room, w int, src *byte, n, i int) (dstNext, srcNext int, high uint32)

//go:noescape
func quoteAVX2(dst *byte, room, w int, src *byte, n, i int) (dstNext, srcNext int, high uint32)

// scanWide passes over string content in b from i on: ordinary bytes and escapes
// of two bytes. It stops at a quote, a control character, any other backslash,
// or where fewer than 32 bytes are left. high is as in run, and may tell of bytes
// behind the stop too.
func scanWide(b []byte, i int, high uint64) (int, uint64) {
	if !wide {
		return i, high
	}
	next, h := scanAVX2(unsafe.SliceData(b), len(b), i)
	return next, high | widened(h)
}

// decodeWide is scanWide and writes what the content stands for to dst from w on.
// It also stops where dst has room for fewer than 32 bytes; of what it writes
// behind the new w nothing counts.
func decodeWide(dst []byte, w int, raw []byte, i int, high uint64) (newW, next int, newHigh uint64) {
	if !wide {
		return w, i, high
	}
	newW, next, h := decodeAVX2(unsafe.SliceData(dst), len(dst), w, unsafe.SliceData(raw), len(raw), i)
	return newW, next, high | widened(h)
}

// quoteWide writes b from i on to dst from w on as string content, with escapes
// of two bytes. It stops at a byte that needs a longer escape, and where b has or
// dst takes fewer than 32 bytes.
func quoteWide(dst []byte, w int, b []byte, i int, high uint64) (newW, next int, newHigh uint64) {
	if !wide {
		return w, i, high
	}
	newW, next, h := quoteAVX2(unsafe.SliceData(dst), len(dst), w, unsafe.SliceData(b), len(b), i)
	return newW, next, high | widened(h)
}

// widened makes of the high bits of 32 bytes those of one word.
func widened(h uint32) uint64 {
	if h == 0 {
		return 0
	}
	return 1 << 63
}

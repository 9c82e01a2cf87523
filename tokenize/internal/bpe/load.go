//go:build (amd64 || arm64) && !purego

package bpe

import "unsafe"

// The functions here read words of a string where it has them; their twins for
// the build tag purego do the same without package unsafe.

// load64 returns the eight bytes of s at i, which must be there.
func load64(s string, i int) uint64 {
	_ = s[i+7]
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
}

// load32 returns the first four bytes of s, which must be there.
func load32(s string) uint32 {
	_ = s[3]
	return *(*uint32)(unsafe.Pointer(unsafe.StringData(s)))
}

// pack16 is packString of the n bytes at p, n at most 15. Sixteen bytes must be
// there.
func pack16(s string, p, n uint32) (lo, hi uint64) {
	_ = s[p+15]
	at := unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), p)
	m := &keyMasks[n&15]
	return *(*uint64)(at) & m[0], *(*uint64)(unsafe.Add(at, 8))&m[1] | uint64(n)<<56
}

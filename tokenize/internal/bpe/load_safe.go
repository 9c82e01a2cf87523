//go:build !(amd64 || arm64) || purego

package bpe

func load64(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load32(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func pack16(s string, p, n uint32) (lo, hi uint64) {
	m := &keyMasks[n&15]
	return load64(s, int(p)) & m[0], load64(s, int(p)+8)&m[1] | uint64(n)<<56
}

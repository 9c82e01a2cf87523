package bpe

// keyMasks keeps the first n of 16 bytes.
var keyMasks = func() (m [16][2]uint64) {
	for n := range m {
		m[n][0] = 1<<(8*min(n, 8)) - 1
		m[n][1] = 1<<(8*max(n-8, 0)) - 1
	}
	return m
}()

//go:build !amd64 || purego

package jsonx

// Without assembly the wide functions do nothing: what follows them does all.

var wide = false

func scanWide(_ []byte, i int, high uint64) (int, uint64) { return i, high }

func decodeWide(_ []byte, w int, _ []byte, i int, high uint64) (int, int, uint64) {
	return w, i, high
}

func quoteWide(_ []byte, w int, _ []byte, i int, high uint64) (int, int, uint64) {
	return w, i, high
}

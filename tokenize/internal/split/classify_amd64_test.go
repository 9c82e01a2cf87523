//go:build amd64 && !purego

package split

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// TestClassifyAVX2 compares with the Go twin: every byte in every place, random
// bytes of every number of blocks and at every alignment.
func TestClassifyAVX2(t *testing.T) {
	if !cpu.AVX2 {
		return // there is nothing to compare with
	}
	check := func(text string) {
		n := len(text) / blockSize
		want, got := make([]ascii, n), make([]ascii, n)
		classifyGo(text, want)
		classifyAVX2(unsafe.Pointer(unsafe.StringData(text)), &got[0], n)
		require.Equal(t, want, got, "%q", text)
	}
	for b := range 256 {
		for i := range blockSize {
			var block [blockSize]byte
			block[i] = byte(b)
			check(string(block[:]))
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	raw := make([]byte, 8*blockSize+64)
	for align := range 64 {
		for blocks := 1; blocks <= 5; blocks++ {
			for i := range raw {
				raw[i] = byte(rng.Uint32())
			}
			check(string(raw)[align : align+blocks*blockSize])
		}
	}
}

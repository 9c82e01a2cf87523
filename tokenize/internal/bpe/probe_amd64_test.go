//go:build amd64 && !purego

package bpe

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// TestProbeAVX2 compares with the Go twin: texts of every length from 0 to 300 at
// every alignment, cut in pieces of 1 to 20 bytes, some of which the table has.
func TestProbeAVX2(t *testing.T) {
	if !cpu.AVX2 {
		return // there is nothing to compare with
	}
	rng := rand.New(rand.NewPCG(11, 1))
	v, err := FromMerges(randomMerges(rng, 100, vocabulary{ordered: true}))
	require.NoError(t, err)
	c := NewCounter(v)
	raw := make([]byte, 300+64+loadSize)
	misses := make([]uint16, batch+1)
	for length := range 301 {
		for align := range 64 {
			for i := range raw {
				raw[i] = "abc= "[rng.IntN(5)]
			}
			text := unsafe.String(&raw[align], length+loadSize)
			var froms, tos []uint32
			for at := rng.IntN(3); at < length && len(froms) < batch; {
				n := min(1+rng.IntN(6)*(1+rng.IntN(4)), length-at)
				if n <= shortLen && rng.IntN(2) == 0 {
					c.Piece(text[at : at+n])
				}
				froms, tos = append(froms, uint32(at)), append(tos, uint32(at+n))
				at += n + rng.IntN(2) // pieces need not be side by side
			}
			wantSum, wantMissed := c.probeGo(text, froms, tos)
			copy(misses, c.misses[:])
			sum, missed := c.probe(text, froms, tos)
			require.Equal(t, wantSum, sum, "%q", text)
			require.Equal(t, misses[:wantMissed], c.misses[:missed], "%q", text)
		}
	}
}

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
	c := NewCounter(randomMerges(rng, 100, vocabulary{ordered: true}).build(t))
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

// TestProbeWideAVX2 does so with pieces of 16 to 31 bytes.
func TestProbeWideAVX2(t *testing.T) {
	if !cpu.AVX2 {
		return
	}
	rng := rand.New(rand.NewPCG(11, 2))
	v := randomMerges(rng, 100, vocabulary{ordered: true}).build(t)
	c := NewCounter(v)
	raw := make([]byte, 300+64+readSize)
	misses := make([]uint16, batch+1)
	found := 0
	for length := range 301 {
		for align := range 64 {
			for i := range raw {
				raw[i] = "abc= "[rng.IntN(5)]
			}
			text := unsafe.String(&raw[align], length+readSize)
			var froms, tos []uint32
			for at := rng.IntN(3); at+shortLen < length; {
				n := min(16+rng.IntN(16), length-at)
				if rng.IntN(2) == 0 {
					c.Piece(text[at : at+n])
				}
				froms, tos = append(froms, uint32(at)), append(tos, uint32(at+n))
				at += 1 + rng.IntN(n)
			}
			wantSum, wantMissed := c.probeWideGo(text, froms, tos)
			copy(misses, c.misses[:])
			sum, missed := c.probeWide(text, froms, tos)
			require.Equal(t, wantSum, sum, "%q", text)
			require.Equal(t, misses[:wantMissed], c.misses[:missed], "%q", text)
			found += len(froms) - missed
		}
	}
	require.Positive(t, found)
}

// TestSeamsAVX2 compares with the Go twin: texts of every length up to the most at
// every alignment, that end where a character does or inside of one.
func TestSeamsAVX2(t *testing.T) {
	if !cpu.AVX2 {
		return
	}
	rng := rand.New(rand.NewPCG(11, 3))
	chars := []string{"a", "b", "é", "я", "а", "中", "文", "字", "ก", "า", "😀", "\U0001F600\u200d", "。"}
	s := &seams{}
	for range 60 {
		text := ""
		for range 1 + rng.IntN(3) {
			text += chars[rng.IntN(len(chars))]
		}
		s.add(text[:1+rng.IntN(len(text))])
	}
	cuts := 0
	for length := range cutSize + 1 {
		for align := range 64 {
			text := "a"
			for len(text) < align+length+seamsRead+4 {
				text += chars[rng.IntN(len(chars))]
			}
			from := charStart(text, uint32(align))
			to := from + uint32(length)
			var want, got [cutSize + 1]uint32
			n := s.cutGo(text, from, to, &want)
			if m := seamsAVX2(unsafe.Pointer(unsafe.StringData(text)), int(from), int(to), s, &charMasks, &got[0]); length > 0 {
				require.Equal(t, want[:n], got[:m], "%q", text[from:to])
			}
			cuts += n
		}
	}
	require.Positive(t, cuts)
}

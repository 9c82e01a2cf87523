package bpe

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testVocab is a vocabulary of random merges.
func testVocab(t testing.TB, merges int) *Vocab {
	return randomMerges(rand.New(rand.NewPCG(12, 1)), merges, vocabulary{ordered: true}).build(t)
}

// TestTheCacheHoldsWhatWasComputed counts more distinct pieces than the cache has
// room for, again and again: what it answers is what merging gives.
func TestTheCacheHoldsWhatWasComputed(t *testing.T) {
	v := testVocab(t, 200)
	c := NewCounter(v)
	var sc Scratch
	rng := rand.New(rand.NewPCG(13, 1))
	for range 400_000 {
		piece := fmt.Sprint("ab=", rng.IntN(300_000))
		switch rng.IntN(50) {
		case 0:
			piece = strings.Repeat(piece, 4)
		case 1, 2, 3, 4, 5:
			piece += piece + "ab中"
		}
		if n := c.Piece(piece); n != len(v.Merge(&sc, piece)) {
			require.Equal(t, len(v.Merge(&sc, piece)), n, "%q", piece)
		}
	}
}

// TestKeysAreComparedWhole gives pieces that share their bucket, their hash or all
// but one byte.
func TestKeysAreComparedWhole(t *testing.T) {
	v := testVocab(t, 0) // every byte is a token
	c := NewCounter(v)
	byBucket := map[uint64][]string{}
	for i := range 200_000 {
		s := strings.Repeat("x", 1+i%11) + string([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		h := hashKey(packString(s)) >> (64 - tableBits)
		byBucket[h] = append(byBucket[h], s)
	}
	most := uint64(0)
	for h, list := range byBucket {
		if len(list) > len(byBucket[most]) || len(list) == len(byBucket[most]) && h < most {
			most = h
		}
	}
	require.Greater(t, len(byBucket[most]), 2*ways)
	for range 3 {
		for _, s := range byBucket[most] {
			require.Equal(t, len(s), c.Piece(s))
		}
	}
	for n := 1; n <= 40; n++ {
		a := strings.Repeat("a", n)
		require.Equal(t, n, c.Piece(a))
		require.Equal(t, n, c.Piece(a[:n-1]+"b"))
		require.Equal(t, n, c.Piece(a[:n-1]+"\x00"))
	}
}

// TestWideKeysShareBuckets gives more pieces of 16 to 31 bytes than their bucket
// and those beside it have room for.
func TestWideKeysShareBuckets(t *testing.T) {
	v := testVocab(t, 200)
	c := NewCounter(v)
	var sc Scratch
	var list []string
	for i := 0; len(list) < 3*wideSide*wideWays; i++ {
		s := strings.Repeat("a", 10+i%12) + fmt.Sprintf("%06d", i)
		k := packWide(s)
		if k.hash()/wideSide == 7 {
			list = append(list, s)
		}
	}
	for i := range 20 * len(list) {
		s := list[i*i%len(list)]
		require.Equal(t, len(v.Merge(&sc, s)), c.Piece(s), "%q", s)
	}
}

// TestMemoryIsBounded counts long and short pieces for a while and looks at what a
// worker keeps.
func TestMemoryIsBounded(t *testing.T) {
	v := testVocab(t, 200)
	before := heap()
	c := NewCounter(v)
	for i := range 60_000 {
		c.Piece(fmt.Sprint(strings.Repeat("long piece ", i%40), i))
	}
	c.Piece(strings.Repeat("ab c", 300_000))
	c.Piece(strings.Repeat("a", 1_000_000))
	after := heap()
	assert.Less(t, int64(after-before), int64(4<<20), "bytes of one worker")
	runtime.KeepAlive(c)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestHitsDoNotAllocate counts pieces of all lengths that were counted before.
func TestHitsDoNotAllocate(t *testing.T) {
	c := NewCounter(testVocab(t, 200))
	text, starts := "", []uint32{0}
	for i := range 300 {
		text += strings.Repeat("ab=中 ", 1+i%9)
		starts = append(starts, uint32(len(text)))
	}
	assert.Zero(t, testing.AllocsPerRun(20, func() { c.Pieces(text, starts) }))
}

// BenchmarkMerge merges pieces that no cache has: random letters, and what repeats
// itself.
func BenchmarkMerge(b *testing.B) {
	v := testVocab(b, 300)
	rng := rand.New(rand.NewPCG(14, 1))
	letters := make([]byte, 1_000_000)
	for i := range letters {
		letters[i] = "abc="[rng.IntN(4)]
	}
	for name, piece := range map[string]string{
		"12 bytes": "abc=abcc==ba", "40 bytes": string(letters[:40]), "1 MB": string(letters),
		"1 MB of one letter": strings.Repeat("a", 1_000_000), "1 MB of two": strings.Repeat("ab", 500_000), "1 MB of 中": strings.Repeat("中", 333_333),
	} {
		b.Run(name, func(b *testing.B) {
			var sc Scratch
			b.SetBytes(int64(len(piece)))
			for b.Loop() {
				v.Merge(&sc, piece)
			}
		})
	}
}

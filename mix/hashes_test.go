package mix

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// hashOf makes hashes of which many are equal.
func hashOf(x uint64) (h datamix.Hash) {
	if x > 0 { // the zero hash is one too
		binary.LittleEndian.PutUint64(h[:], datamix.Priority(x, "a", 1))
		binary.LittleEndian.PutUint64(h[8:], datamix.Priority(x, "b", 2))
	}
	return h
}

// hashed returns indexes that hold nothing but hashes.
func hashed(spool *hashSpool, sizes []int, next func() uint64) (out []*Index, all [][]datamix.Hash) {
	for _, n := range sizes {
		x := &Index{hashes: hashes{spool: spool}}
		x.columns.check.n = n
		var own []datamix.Hash
		for range n {
			own = append(own, hashOf(next()))
			x.hashes.add(own[len(own)-1])
		}
		x.hashes.complete()
		out, all = append(out, x), append(all, own)
	}
	return out, all
}

func TestFindDuplicates(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, sizes := range [][]int{{}, {0}, {1, 1}, {5000, 0, 4096, 1}, {dedupAtOnce, 3}} {
		for _, distinct := range []uint64{1, 1000, 1 << 40} {
			if len(sizes) == 2 && sizes[0] == dedupAtOnce && distinct < 1<<40 {
				continue // as before, and slow
			}
			indexes, all := hashed(nil, sizes, func() uint64 { return rng.Uint64N(distinct) })
			again, _, err := findDuplicates(indexes)
			require.NoError(t, err)
			seen := map[datamix.Hash]bool{}
			for k, own := range all {
				live, n := again[k].others(len(own)), int64(0)
				for i, h := range own {
					if live.has(i) == seen[h] {
						require.Fail(t, "wrong", "record %d of %d", i, k)
					}
					if seen[h] {
						n++
					}
					seen[h] = true
				}
				require.Equal(t, n, again[k].n)
			}
		}
	}
}

func TestHashTableGrows(t *testing.T) {
	s := newHashTable(0)
	for x := range uint64(10_000) {
		h := hashOf(x)
		require.True(t, s.add(&h))
	}
	for x := range uint64(10_000) {
		h := hashOf(x)
		require.False(t, s.add(&h))
	}
}

func TestHashesThatMemoryHasNoRoomFor(t *testing.T) {
	for name, dir := range map[string]string{"a file": t.TempDir(), "no file": filepath.Join(t.TempDir(), "missing")} {
		spool := &hashSpool{dir: dir, memory: hashMemory - 100_000}
		var x uint64
		indexes, all := hashed(spool, []int{3, 20_000, 7}, func() uint64 { x++; return x % 19_000 })
		assert.Equal(t, name == "a file", spool.size > 0)
		for k, own := range all {
			var got []datamix.Hash
			require.NoError(t, indexes[k].hashes.each(func(chunk []datamix.Hash) { got = append(got, chunk...) }))
			require.Equal(t, own, got)
		}
		again, _, err := findDuplicates(indexes)
		require.NoError(t, err)
		assert.EqualValues(t, 20_010-19_000, again[0].n+again[1].n+again[2].n)
		spool.close()
		left, _ := os.ReadDir(dir)
		assert.Empty(t, left, "the file has no name")
	}
}

func BenchmarkFindDuplicates(b *testing.B) {
	var x uint64
	indexes, _ := hashed(nil, []int{500_000, 500_000}, func() uint64 { x++; return x })
	for b.Loop() {
		if _, _, err := findDuplicates(indexes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/rec")
}

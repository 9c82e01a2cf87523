package filter

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix"
)

func TestKeySet(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var set keySet
	seen := map[datamix.Hash]bool{}
	add := func(h datamix.Hash) {
		assert.Equal(t, !seen[h], set.add(h), "%v", h)
		seen[h] = true
	}
	for range 20_000 {
		var h datamix.Hash
		binary.LittleEndian.PutUint64(h[:], rng.Uint64N(50))
		binary.LittleEndian.PutUint64(h[8:], rng.Uint64N(50)*^uint64(0)/50)
		add(h)
		h[15] = byte(rng.Uint32())
		add(h)
	}
	add(datamix.Hash{})
	add(datamix.Hash{})
}

// TestKeySetMemory bounds what a key takes.
func TestKeySetMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var set keySet
	const n = 300_000
	for range n {
		var h datamix.Hash
		binary.LittleEndian.PutUint64(h[:], rng.Uint64())
		binary.LittleEndian.PutUint64(h[8:], rng.Uint64())
		set.add(h)
	}
	slots := 0
	for i := range set.shards {
		slots += len(set.shards[i].slots)
	}
	assert.LessOrEqual(t, 16*slots/n, 32, "bytes a key")
	assert.GreaterOrEqual(t, 16*slots/n, 20, "bytes a key")
}

package mix

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// TestStoreOnAFullDisk writes to a device that is always full.
func TestStoreOnAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	s := &store{file: full, buf: bufio.NewWriterSize(full, 4096)}
	defer s.close()
	for range 10 {
		if _, err = s.add(make([]byte, 1000)); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "Options.TempDir can be on a larger disk")
	require.Error(t, s.seal())
}

func TestStoreKeepsWhatItGot(t *testing.T) {
	for _, limit := range []int64{0, 10_000, 1 << 30} {
		s := &store{dir: t.TempDir(), limit: limit}
		rows := &stored{store: s}
		var want [][]byte
		for i := range 300 {
			data := bytes.Repeat([]byte{byte(i)}, i*i%5000)
			want = append(want, data)
			require.NoError(t, rows.add(i, data))
		}
		require.NoError(t, s.seal())
		for i, data := range want {
			got := make([]byte, rows.sizeOf(item{ordinal: uint32(i)}))
			require.NoError(t, s.read(got, rows.at.at(i)))
			require.True(t, bytes.Equal(data, got), "%d", i)
		}
		left, err := os.ReadDir(s.dir)
		require.NoError(t, err)
		assert.Empty(t, left, "the file has no name")
		s.close()
	}
}

func TestBandsKeepWhatTheyGot(t *testing.T) {
	const n = 9000
	p := benchmarkPart(n)
	for _, limit := range []int64{0, 100_000, 1 << 20, 1 << 30} {
		for _, rows := range []int{1, 100, n} {
			s := &store{dir: t.TempDir(), limit: limit}
			order := p.sorted(7, 0, n)[:rows]
			chosen := newBitmap(n)
			for _, i := range order {
				chosen.set(int(i))
			}
			chosen.count()
			b := newBanded(s, p, chosen, order, 1, 2)
			text := func(i int) string { return strings.Repeat(strconv.Itoa(i), i%50) }
			for i := range n {
				if chosen.has(i) {
					data, err := datamix.NewText(text(i)).AppendBinary(nil)
					require.NoError(t, err)
					require.NoError(t, b.add(i, data))
				}
			}
			b.done()
			require.NoError(t, s.seal())
			var wg sync.WaitGroup
			for from := range 2 { // every other batch
				wg.Go(func() {
					for j := from * 100; j < rows; j += 200 {
						var items []item
						for k := j; k < min(j+100, rows); k++ {
							items = append(items, item{ordinal: order[k], position: int64(k)})
						}
						rs, err := b.fetch(items, nil)
						if !assert.NoError(t, err) {
							return
						}
						for k, r := range rs {
							assert.Equal(t, text(int(items[k].ordinal)), r.Text())
						}
					}
				})
			}
			wg.Wait()
			assert.LessOrEqual(t, len(b.loaded), b.keep, "what is over is let go")
			assert.LessOrEqual(t, s.bands.size, max(limit, bandChunk))
			s.close()
		}
	}
}

func TestPackedColumns(t *testing.T) {
	var c column
	var want []uint64
	add := func(x uint64) { c.add(x); want = append(want, x) }
	for i := range 3*blockRows + 7 {
		switch i / blockRows {
		case 0:
			add(42) // no bits at all
		case 1:
			add(uint64(i) * 0x9e3779b97f4a7c15) // all 64
		case 2:
			add(1<<62 + uint64(i%13))
		default:
			add(uint64(i))
		}
	}
	check := func() {
		var buf [blockRows]uint64
		for i, x := range want {
			require.Equal(t, x, c.at(i))
			require.Equal(t, x, c.unpack(i/blockRows, &buf)[i%blockRows])
		}
		require.Equal(t, len(want), c.len())
	}
	check()
	c.trim()
	check()
}

func TestByPriorityIsASort(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, 1000, 50_000, 300_000} {
		for _, limit := range []uint64{0, 1 << 40, 1 << 61, 3 << 61, 1<<64 - 1} {
			priority := func(i uint32) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 >> (n % 3 * 20) } // also with equal ones
			got := byPriority(n, limit, eachPriority(priority))
			below := 0
			for i := range n {
				if priority(uint32(i)) <= limit {
					below++
				}
			}
			require.Len(t, got, below)
			for k := 1; k < len(got); k++ {
				a, b := got[k-1], got[k]
				if priority(a) > priority(b) || priority(a) == priority(b) && a >= b {
					require.Fail(t, "not in order", "%d of %d up to %d", k, n, limit)
				}
			}
		}
	}
}

func TestFirstOfAnOrder(t *testing.T) {
	p := benchmarkPart(70_000)
	whole := p.sorted(7, 0, p.len())
	require.Len(t, whole, p.len())
	for _, n := range []int{0, 1, 100, 30_000, 60_000} {
		first := p.sorted(7, 0, n)
		require.GreaterOrEqual(t, len(first), n)
		require.Equal(t, whole[:len(first)], first)
	}
}

func BenchmarkOrder(b *testing.B) {
	p := benchmarkPart(1 << 20)
	for b.Loop() {
		p.sorted(7, 0, p.len())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(p.len()), "ns/rec")
}

func BenchmarkTally(b *testing.B) {
	p := benchmarkPart(1 << 20)
	for b.Loop() {
		p.Tally()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(p.len()), "ns/rec")
}

// benchmarkPart is a part of n records.
func benchmarkPart(n int) *partIndex {
	x := &Index{}
	for i := range n {
		f := facts{Entry: Entry{Check: uint32(i * 7919)}}
		f.Place.Path, f.Place.Row = "a.jsonl", int64(i)
		f.Counts.Total, f.Counts.Context = i%900, i%300
		if err := x.add(&f, &wants{}); err != nil {
			panic(err)
		}
	}
	x.trim()
	return newPartIndex("part", x, nil)
}

package mix

import (
	"cmp"
	"math/bits"
	"slices"
)

// priorities knows the priorities of numbered things, which are spread evenly.
type priorities interface {
	// of returns those of the numbers from first on, which is where a block of
	// blockRows begins, in dst, which holds a block or what is left of it.
	of(first int, dst []uint64)
	// one returns that of one number.
	one(i uint32) uint64
}

// eachPriority is priorities that are computed one by one.
type eachPriority func(i uint32) uint64

func (f eachPriority) one(i uint32) uint64 { return f(i) }

func (f eachPriority) of(first int, dst []uint64) {
	for i := range dst {
		dst[i] = f(uint32(first + i))
	}
}

// bandSize is about how many numbers are sorted at a time, in memory that stays
// in the processor's cache.
const bandSize = 1 << 15

// byPriority returns the numbers below n with a priority of at most limit in the
// order of their priorities, equal ones in their own. It takes little memory beside
// the result, and time in proportion to n: numbers are dealt to bands by their
// first bits, one band behind the other in the result, and each band is sorted.
// Priorities are computed anew each time, which is cheaper than to keep them.
func byPriority(n int, limit uint64, p priorities) []uint32 {
	share, _ := bits.Mul64(limit, uint64(n)) // about as many are below
	if share <= bandSize {
		return oneBand(n, limit, p, int(share))
	}
	shift := max(0, bits.Len64(limit)-bits.Len64(share/bandSize))
	ends := make([]int, limit>>shift+2) // of bands; shifted by one until numbers are dealt
	var buf [blockRows]uint64
	for first := 0; first < n; first += blockRows {
		block := buf[:min(blockRows, n-first)]
		p.of(first, block)
		for _, x := range block {
			if x <= limit {
				ends[x>>shift+1]++
			}
		}
	}
	for i := range len(ends) - 1 {
		ends[i+1] += ends[i]
	}
	out := make([]uint32, ends[len(ends)-1])
	for first := 0; first < n; first += blockRows {
		block := buf[:min(blockRows, n-first)]
		p.of(first, block)
		for i, x := range block {
			if x <= limit {
				at := &ends[x>>shift]
				out[*at] = uint32(first + i)
				*at++
			}
		}
	}
	var s rankedSorter
	from := 0
	for _, to := range ends[:len(ends)-1] {
		band := out[from:to]
		s.in = s.in[:0]
		for _, i := range band {
			s.in = append(s.in, ranked{p.one(i), i})
		}
		s.sort(band, shift)
		from = to
	}
	return out
}

// oneBand is byPriority for so few numbers that they need not be dealt first.
func oneBand(n int, limit uint64, p priorities, about int) []uint32 {
	var s rankedSorter
	s.in = make([]ranked, 0, min(n, about+about/8+64))
	var buf [blockRows]uint64
	for first := 0; first < n; first += blockRows {
		block := buf[:min(blockRows, n-first)]
		p.of(first, block)
		for i, x := range block {
			if x <= limit {
				s.in = append(s.in, ranked{x, uint32(first + i)})
			}
		}
	}
	out := make([]uint32, len(s.in))
	s.sort(out, bits.Len64(limit))
	return out
}

// ranked is a number with its priority.
type ranked struct {
	priority uint64
	number   uint32
}

// rankedSorter sorts numbers, and keeps its memory for the next.
type rankedSorter struct {
	in, sorted []ranked
	starts     []uint32
}

// sort writes the numbers that are in the sorter to out, which is as long, in the
// order of their priorities, of which the lowest bits tell them apart. They come
// in their own order.
func (s *rankedSorter) sort(out []uint32, low int) {
	const perBucket = 4
	width := min(low, bits.Len64(uint64(len(s.in)/perBucket)))
	shift, mask := low-width, uint64(1)<<width-1
	s.starts = append(s.starts[:0], make([]uint32, mask+2)...)
	for i := range s.in {
		s.starts[s.in[i].priority>>shift&mask+1]++
	}
	for i := range len(s.starts) - 1 {
		s.starts[i+1] += s.starts[i]
	}
	s.sorted = append(s.sorted[:0], s.in...)
	for _, r := range s.in {
		at := &s.starts[r.priority>>shift&mask]
		s.sorted[*at] = r
		*at++
	}
	from := uint32(0)
	for _, to := range s.starts[:len(s.starts)-1] {
		sortRanked(s.sorted[from:to])
		from = to
	}
	for i := range out {
		out[i] = s.sorted[i].number
	}
}

// sortRanked sorts numbers that are in their own order, few by insertion.
func sortRanked(s []ranked) {
	if len(s) > 24 {
		slices.SortStableFunc(s, func(a, b ranked) int { return cmp.Compare(a.priority, b.priority) })
		return
	}
	for i := 1; i < len(s); i++ {
		x := s[i]
		k := i
		for ; k > 0 && s[k-1].priority > x.priority; k-- {
			s[k] = s[k-1]
		}
		s[k] = x
	}
}

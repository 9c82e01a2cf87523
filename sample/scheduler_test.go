package sample_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/sample"
)

// skewed returns weights of which some are many times others.
func skewed(rng *rand.Rand, parts int, bits uint) []uint64 {
	out := make([]uint64, parts)
	for i := range out {
		out[i] = 1 + rng.Uint64N(1<<rng.UintN(bits))
	}
	return out
}

// deviation is how far what was drawn of a part is from its exact share, times
// the sum of weights: served*sum - total*weight.
func deviation(served, total int64, weight, sum uint64) int64 {
	return served*int64(sum) - total*int64(weight)
}

func sum(weights []uint64) (s uint64) {
	for _, w := range weights {
		s += w
	}
	return s
}

func TestSchedulerKeepsRowsWithinOne(t *testing.T) {
	for _, parts := range []int{2, 3, 8, 30, 80} {
		for trial := range 6 {
			t.Run(fmt.Sprintf("%d parts, weights %d", parts, trial), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(parts), uint64(trial)))
				weights := skewed(rng, parts, 12)
				all := sum(weights)
				s, err := sample.NewScheduler(weights)
				require.NoError(t, err)
				sizes := make([]int64, parts)
				for i := range sizes {
					sizes[i] = 1
				}
				for n := int64(1); n <= min(int64(all), 3000); n++ {
					_, ok := s.Next(sizes)
					require.True(t, ok)
					for i, w := range weights {
						d := deviation(s.Served(i), n, w, all)
						if max(d, -d) >= int64(all) {
							require.Failf(t, "a row or more away", "part %d of weight %d/%d after %d rows: %d", i, w, all, n, s.Served(i))
						}
					}
				}
			})
		}
	}
}

func TestSchedulerKeepsTokensWithinOneRecord(t *testing.T) {
	for _, parts := range []int{2, 5, 20, 80} {
		for trial := range 5 {
			t.Run(fmt.Sprintf("%d parts, weights %d", parts, trial), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(parts), uint64(100+trial)))
				weights := skewed(rng, parts, 20)
				all := sum(weights)
				s, err := sample.NewScheduler(weights)
				require.NoError(t, err)
				longest := make([]int64, parts) // of those drawn
				var most int64                  // the longest record that was seen, drawn or next
				size := func(i int) int64 {
					n := int64(rng.ExpFloat64() * float64(10+100*(i%7)))
					most = max(most, n)
					return n
				}
				sizes := make([]int64, parts)
				for i := range sizes {
					sizes[i] = size(i)
				}
				var total int64
				for range 5000 {
					i, ok := s.Next(sizes)
					require.True(t, ok)
					total += sizes[i]
					longest[i] = max(longest[i], sizes[i])
					for j, w := range weights {
						d := deviation(s.Served(j), total, w, all)
						if d > longest[j]*int64(all-w) || d < -most*int64(all) {
							require.Failf(t, "more than a record away", "part %d of weight %d/%d: %d of %d", j, w, all, s.Served(j), total)
						}
					}
					sizes[i] = size(i)
				}
			})
		}
	}
}

// TestSchedulerDrawsThePlanExactly gives it quantities as weights: all parts
// run out together, and none is asked for more.
func TestSchedulerDrawsThePlanExactly(t *testing.T) {
	for trial := range 50 {
		rng := rand.New(rand.NewPCG(7, uint64(trial)))
		parts := 2 + rng.IntN(20)
		left := make([][]int64, parts)
		weights := make([]uint64, parts)
		records := 0
		for i := range left {
			for range rng.IntN(30) {
				n := int64(1 + rng.IntN(500))
				left[i] = append(left[i], n)
				weights[i] += uint64(n)
				records++
			}
		}
		s, err := sample.NewScheduler(weights)
		require.NoError(t, err)
		sizes := make([]int64, parts)
		for drawn := 0; ; drawn++ {
			for i := range sizes {
				if sizes[i] = -1; len(left[i]) > 0 {
					sizes[i] = left[i][0]
				}
			}
			i, ok := s.Next(sizes)
			if !ok {
				assert.Equal(t, records, drawn, "trial %d: a part was due before all was drawn", trial)
				break
			}
			left[i] = left[i][1:]
		}
	}
}

func TestSchedulerOrder(t *testing.T) {
	for _, c := range []struct {
		weights []uint64
		sizes   []int64
		want    []int
	}{
		{[]uint64{1, 1}, []int64{1, 1}, []int{0, 1, 0, 1, 0, 1}},
		{[]uint64{1, 2}, []int64{1, 1}, []int{1, 0, 1, 1, 0, 1}},
		{[]uint64{3, 1}, []int64{1, 1}, []int{0, 1, 0, 0, 0, 1, 0, 0}},
		{[]uint64{1, 1}, []int64{10, 1}, []int{1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}},
		{[]uint64{0, 1}, []int64{1, 1}, []int{1, 1, 1}},
		{[]uint64{1 << 61, 1 << 61}, []int64{1 << 50, 1 << 50}, []int{0, 1, 0, 1}},
	} {
		s, err := sample.NewScheduler(c.weights)
		require.NoError(t, err)
		var got []int
		for range c.want {
			i, ok := s.Next(c.sizes)
			require.True(t, ok)
			got = append(got, i)
		}
		assert.Equal(t, c.want, got, "weights %v, sizes %v", c.weights, c.sizes)
	}
}

func TestSchedulerReportsEndedPartsWhenTheyAreDue(t *testing.T) {
	s, err := sample.NewScheduler([]uint64{1, 3, 0})
	require.NoError(t, err)
	sizes := []int64{1, 1, 1}
	step := func(part int, ok bool) {
		t.Helper()
		p, o := s.Next(sizes)
		assert.Equal(t, part, p)
		assert.Equal(t, ok, o)
	}
	step(1, true)
	step(0, true)
	sizes[0] = -1
	step(1, true)
	step(1, true) // 1:3, the ratio still holds
	step(0, false)
	step(0, false) // says so again
	s.Leave(0)
	step(1, true)
	sizes[1] = -1
	step(1, false)
	s.Leave(1)
	s.Leave(1)
	step(-1, false)
	assert.EqualValues(t, 4, s.Served(1))
}

// TestSaveResumeSaveResumeEqualsAnUninterruptedRun is after datasets #8308, #8145
// and litData #694.
func TestSaveResumeSaveResumeEqualsAnUninterruptedRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	weights := skewed(rng, 9, 50)
	next := func(served int64, part int) int64 { return 1 + (served*31+int64(part))%97 }
	run := func(resume bool) (order []int) {
		s, err := sample.NewScheduler(weights)
		require.NoError(t, err)
		sizes := make([]int64, len(weights))
		for range 500 {
			for i := range sizes {
				if sizes[i] = next(s.Served(i), i); i == 4 && s.Served(i) > 200 {
					sizes[i] = -1
				}
			}
			i, ok := s.Next(sizes)
			if !ok {
				s.Leave(i)
			}
			order = append(order, i)
			if resume {
				state, err := json.Marshal(s)
				require.NoError(t, err)
				s = new(sample.Scheduler)
				require.NoError(t, json.Unmarshal(state, s))
			}
		}
		return order
	}
	assert.Equal(t, run(false), run(true))
}

func TestSchedulerErrors(t *testing.T) {
	_, err := sample.NewScheduler([]uint64{1 << 62, 1 << 62})
	require.ErrorContains(t, err, "2^63")
	for state, want := range map[string]string{
		`{}`:                        "scheduler state",
		`[{"weight":0,"served":1}]`: "weight 0",
		`[{"weight":1,"served":9223372036854775807},{"weight":1,"served":1}]`: "2^63",
		`[{"weight":9223372036854775807},{"weight":1}]`:                       "2^63",
	} {
		require.ErrorContains(t, json.Unmarshal([]byte(state), new(sample.Scheduler)), want, state)
	}
	s, err := sample.NewScheduler(nil)
	require.NoError(t, err)
	part, ok := s.Next(nil)
	assert.Equal(t, -1, part)
	assert.False(t, ok)
	assert.Panics(t, func() { s.Next([]int64{1}) })
}

func BenchmarkScheduler(b *testing.B) {
	for _, parts := range []int{2, 20, 200} {
		b.Run(fmt.Sprintf("%d parts", parts), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(3, 4))
			s, err := sample.NewScheduler(skewed(rng, parts, 50))
			require.NoError(b, err)
			sizes := make([]int64, parts)
			for i := range sizes {
				sizes[i] = int64(1 + i%7*100)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Next(sizes)
			}
		})
	}
}

// TestSchedulerEnd: where parts end one after the other, each with what its
// weight says, the others keep their share of the whole.
func TestSchedulerEnd(t *testing.T) {
	s, err := sample.NewScheduler([]uint64{10, 20, 70})
	require.NoError(t, err)
	left := []int64{9, 21, 70} // one less, one more than the share
	var order []int
	for {
		sizes := make([]int64, len(left))
		for i, n := range left {
			if sizes[i] = 1; n == 0 {
				sizes[i] = -1
			}
		}
		i, ok := s.Next(sizes)
		if i < 0 {
			break
		}
		if !ok {
			s.End(i)
			data, err := json.Marshal(s)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(data, s), "the state knows who has ended")
			continue
		}
		left[i]--
		order = append(order, i)
		for part, weight := range []uint64{10, 20, 70} {
			d := deviation(s.Served(part), int64(len(order)), weight, 100)
			require.Less(t, max(d, -d), int64(200), "part %d after %d", part, len(order))
		}
	}
	assert.Equal(t, []int64{0, 0, 0}, left)
	assert.Len(t, order, 100)
}

package sample_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
	"github.com/datamix-go/datamix/sample/sampletest"
)

func part(name string, weight float64, n int) sample.Part {
	return sample.Part{Name: name, Weight: weight, Source: &sampletest.Input{N: n, Path: name}}
}

func interleave(t testing.TB, stop sample.Stop, parts ...sample.Part) datamix.Source {
	t.Helper()
	src, err := sample.Interleave(parts, &sample.InterleaveOptions{Stop: stop})
	require.NoError(t, err)
	return src
}

// names returns the part of each record.
func names(t testing.TB, src datamix.Source) string {
	t.Helper()
	var b strings.Builder
	next := map[string]int64{}
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, r.Origin.Path, r.Origin.Source)
		require.Equal(t, next[r.Origin.Path], r.Origin.Row, "the order inside a part is that of its source")
		next[r.Origin.Path]++
		b.WriteString(r.Origin.Source)
	}
	return b.String()
}

func TestInterleaveStops(t *testing.T) {
	for _, c := range []struct {
		stop  sample.Stop
		parts []sample.Part
		want  string
	}{
		{"", []sample.Part{part("a", 1, 2), part("b", 1, 9)}, "abab"},
		{sample.StopAtAll, []sample.Part{part("a", 1, 2), part("b", 1, 4)}, "ababbb"},
		{"", []sample.Part{part("a", 0.4, 4), part("b", 0.6, 6)}, "bababbabab"},
		{sample.StopAtFirst, []sample.Part{part("a", 2, 4), part("b", 3, 100)}, "bababbabab"},
		{sample.StopWithError, []sample.Part{part("a", 2, 4), part("b", 3, 6)}, "bababbabab"},
		{"", []sample.Part{part("a", 1, 3)}, "aaa"},
		{"", nil, ""},
		{sample.StopAtAll, []sample.Part{part("a", 1, 2), part("b", 2, 2), part("c", 1, 4)}, "babcaccc"},
	} {
		src := interleave(t, c.stop, c.parts...)
		got := names(t, src)
		assert.Equal(t, c.want, got, "%q %v", c.stop, c.parts)
		assert.Equal(t, got, names(t, src), "ranged over again")
	}
}

func TestInterleaveStopWithError(t *testing.T) {
	src := interleave(t, sample.StopWithError, part("a", 1, 2), part("b", 1, 9))
	var n int
	var last error
	for _, err := range src.Records(t.Context()) {
		if err != nil {
			last = err
			continue
		}
		n++
	}
	assert.Equal(t, 4, n)
	require.ErrorIs(t, last, sample.ErrExhausted)
	assert.ErrorContains(t, last, "a, and b has more")
}

func TestInterleaveKeepsThePrefixByTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, parts := range []int{2, 7, 40} {
		var ps []sample.Part
		var all float64
		for i := range parts {
			w := float64(1 + rng.IntN(100))
			all += w
			ps = append(ps, part(fmt.Sprintf("p%02d", i), w, 3000))
		}
		src, err := sample.Interleave(ps, &sample.InterleaveOptions{Unit: datamix.Tokens})
		require.NoError(t, err)
		got := map[string]int{}
		total := 0
		for r, err := range src.Records(t.Context()) {
			require.NoError(t, err)
			got[r.Origin.Source] += r.Counts().Total
			total += r.Counts().Total
			for _, p := range ps {
				if d := float64(got[p.Name]) - p.Weight/all*float64(total); d > 200 || d < -200 {
					require.Failf(t, "more than the longest record away", "%s: %v of %d", p.Name, d, total)
				}
			}
		}
		assert.Greater(t, total, 100_000)
	}
}

func TestInterleaveOrderOfPartsDoesNotMatter(t *testing.T) {
	a, b, c := part("a", 1, 20), part("b", 2, 20), part("c", 3.5, 20)
	want := ids(t, interleave(t, sample.StopAtAll, a, b, c).Records(t.Context()))
	assert.Equal(t, want, ids(t, interleave(t, sample.StopAtAll, c, a, b).Records(t.Context())))
}

func TestInterleaveErrors(t *testing.T) {
	gone := errors.New("gone")
	bad := sample.Part{Name: "bad", Weight: 1, Source: &sampletest.Input{N: 9, Bad: []int{0, 2, 8}, Fail: gone}}
	src := interleave(t, "", bad, part("good", 1, 100))
	var rows []int64
	var last error
	good := 0
	for r, err := range src.Records(t.Context()) {
		var re *datamix.RecordError
		switch {
		case err == nil && r != nil:
			good++
		case errors.As(err, &re):
			assert.Equal(t, "bad", re.Origin.Source)
			assert.Contains(t, err.Error(), "part bad")
			rows = append(rows, re.Origin.Row)
		default:
			last = err
		}
	}
	assert.Equal(t, []int64{0, 2, 8}, rows)
	require.ErrorIs(t, last, gone)
	assert.EqualError(t, last, "part bad: gone")
	assert.Equal(t, 11, good)

	uncounted, err := sample.Interleave([]sample.Part{{Name: "a", Weight: 1, Source: &sampletest.Input{N: 3, Uncounted: true}}},
		&sample.InterleaveOptions{Unit: datamix.Tokens})
	require.NoError(t, err)
	require.ErrorIs(t, firstError(uncounted.Records(t.Context())), sample.ErrUncounted)
}

func TestInterleaveConstructorErrors(t *testing.T) {
	for want, call := range map[string]struct {
		parts []sample.Part
		opts  *sample.InterleaveOptions
	}{
		"has no name":                       {[]sample.Part{part("", 1, 1)}, nil},
		"two parts have the name \"a\"":     {[]sample.Part{part("a", 1, 1), part("a", 1, 1)}, nil},
		"part a has no source":              {[]sample.Part{{Name: "a", Weight: 1}}, nil},
		"part a: share -1":                  {[]sample.Part{part("a", -1, 1)}, nil},
		"no part has a positive weight":     {[]sample.Part{part("a", 0, 1)}, nil},
		"unknown stop \"late\"":             {nil, &sample.InterleaveOptions{Stop: "late"}},
		"interleave: datamix: unknown unit": {nil, &sample.InterleaveOptions{Unit: "bytes"}},
	} {
		_, err := sample.Interleave(call.parts, call.opts)
		assert.ErrorContains(t, err, want)
	}
}

func TestInterleaveClosesItsParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &sampletest.Input{N: 10}, &sampletest.Input{N: 10}
		src := interleave(t, "", sample.Part{Name: "a", Weight: 1, Source: a}, sample.Part{Name: "b", Weight: 1, Source: b})
		for _, at := range []int{1, 2, 7, 100} {
			n := 0
			for range src.Records(t.Context()) {
				if n++; n == at {
					break
				}
			}
			assert.Zero(t, a.Open()+b.Open(), "a break at record %d leaves a source open", at)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		var last error
		for _, err := range src.Records(ctx) {
			if last = err; err == nil {
				n++
				cancel()
			}
		}
		assert.Equal(t, 1, n)
		require.ErrorIs(t, last, context.Canceled)
		assert.Zero(t, a.Open()+b.Open())
	})
}

// TestInterleaveReadsOneAhead counts what is read before a record is yielded.
func TestInterleaveReadsOneAhead(t *testing.T) {
	a, b := &sampletest.Input{N: 100}, &sampletest.Input{N: 100}
	src := interleave(t, "", sample.Part{Name: "a", Weight: 1, Source: a}, sample.Part{Name: "b", Weight: 1, Source: b})
	n := int64(0)
	for range src.Records(t.Context()) {
		n++
		require.LessOrEqual(t, a.Read()+b.Read(), n+1)
	}
}

func TestInterleaveSize(t *testing.T) {
	size := func(src datamix.Source) int64 {
		n, ok := datamix.Size(t.Context(), src)
		if !ok {
			return -1
		}
		return n
	}
	assert.EqualValues(t, 7, size(interleave(t, sample.StopAtAll, part("a", 1, 3), part("b", 1, 4), part("c", 0, 9))))
	assert.EqualValues(t, -1, size(interleave(t, sample.StopAtFirst, part("a", 1, 3))))
}

// TestLedgerOverInterleave has filters inside a part and after the Interleave.
func TestLedgerOverInterleave(t *testing.T) {
	even := datamix.Where(datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if r.Origin.Row%2 == 1 {
			return "odd", nil
		}
		return datamix.Keep, nil
	}))
	var inside datamix.Recorder
	src := interleave(t, sample.StopAtAll,
		sample.Part{Name: "a", Weight: 1, Source: datamix.Chain(&sampletest.Input{N: 10}, even), Observer: inside.Observer(nil)}, part("b", 1, 10))
	report, err := datamix.Run(t.Context(), datamix.Chain(src, even), nothing{})
	require.NoError(t, err)
	require.NoError(t, report.Ledger.Check())
	assert.EqualValues(t, 15, report.Ledger.Read)
	assert.EqualValues(t, 10, report.Ledger.Kept)
	assert.EqualValues(t, 10, inside.Ledger().Read)
	assert.EqualValues(t, 5, inside.Ledger().DroppedTotal())
}

type nothing struct{}

func (nothing) Write(context.Context, *datamix.Record) error { return nil }
func (nothing) Close() error                                 { return nil }

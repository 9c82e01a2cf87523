// Package sampletest tests that a datamix.Sampler keeps its contract. Authors of
// samplers call Run from a test of their own:
//
//	func TestMySampler(t *testing.T) {
//		sampletest.Run(t, func() datamix.Sampler { return mysampler.New(10) }, nil)
//	}
package sampletest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// Options says what a sampler is allowed to do. Nil stands for the zero Options.
type Options struct {
	// Records is the number of records of the input that the sampler is tried
	// on; 0 is 300. The sampler must be able to work with as many, less a few
	// that are bad.
	Records int
	// Repeats says that the sampler may yield a record more than once, then with
	// another Origin.Pass each time.
	Repeats bool
	// ArrivalOrder says that what is chosen depends on the order of the input.
	ArrivalOrder bool
	// StopsEarly says that the sampler need not read its input to the end, so
	// that errors at the end may not be met.
	StopsEarly bool
}

var (
	errBad   = errors.New("sampletest: a bad row")
	errFinal = errors.New("sampletest: the disk is gone")
)

// Run tests the sampler that mk returns, which must be the same at every call.
func Run(t *testing.T, mk func() datamix.Sampler, opts *Options) {
	t.Helper()
	s := suite{mk: mk}
	if opts != nil {
		s.Options = *opts
	}
	if s.Records == 0 {
		s.Records = 300
	}
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"reruns are equal", s.rerun},
		{"yields records of the input unchanged", s.subset},
		{"arrival order does not choose", s.arrival},
		{"empty input", s.empty},
		{"bad records are passed on once", s.badRecords},
		{"a final error ends the sequence", s.finalError},
		{"break at every record", s.earlyBreak},
		{"cancel", s.cancel},
		{"the consumer owns the records", s.ownership},
		{"ranges at once", s.concurrent},
		{"opens nothing before it is ranged over", s.lazy},
		{"the ledger adds up", s.ledger},
	} {
		t.Run(test.name, test.run)
	}
}

type suite struct {
	Options
	mk func() datamix.Sampler
}

func (s *suite) input() *Input { return &Input{N: s.Records} }

// line is what matters of an element of a sequence.
func line(r *datamix.Record, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%s pass %d: %s", r.ID(), r.Origin.Pass, r.Text())
}

// collect returns the elements of a sequence, and fails on one that is neither a
// record nor an error.
func collect(t *testing.T, seq datamix.Seq) (lines []string, errs []error) {
	t.Helper()
	for r, err := range seq {
		require.NotEqual(t, r == nil, err == nil, "an element is a record or an error")
		lines = append(lines, line(r, err))
		if err != nil {
			errs = append(errs, err)
		}
	}
	return lines, errs
}

func (s *suite) rerun(t *testing.T) {
	in := s.input()
	seq := s.mk().Sample(t.Context(), in)
	want, errs := collect(t, seq)
	require.Empty(t, errs)
	require.NotEmpty(t, want, "the sampler yields nothing of the test's input")
	again, _ := collect(t, seq)
	assert.Equal(t, want, again, "the same sequence ranged over again")
	other, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	assert.Equal(t, want, other, "another sampler on the same input")
	assert.Zero(t, in.Open(), "a range over the input is still open")
}

func (s *suite) subset(t *testing.T) {
	all := map[string]bool{}
	for r, err := range s.input().Records(t.Context()) {
		require.NoError(t, err)
		all[line(r, nil)] = true
	}
	seen := map[string]bool{}
	for r, err := range s.mk().Sample(t.Context(), s.input()) {
		require.NoError(t, err)
		if !s.Repeats {
			require.Zero(t, r.Origin.Pass)
		}
		l := line(r, nil)
		require.False(t, seen[l], "twice in one pass: %s", l)
		seen[l] = true
		r.Origin.Pass = 0
		require.True(t, all[line(r, nil)], "not in the input: %s", l)
		require.Equal(t, Category(int(r.Origin.Row)), r.Label("category"))
		require.Equal(t, TokensOf(int(r.Origin.Row)), r.Counts().Total)
	}
}

func (s *suite) arrival(t *testing.T) {
	want, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	got, errs := collect(t, s.mk().Sample(t.Context(), &Input{N: s.Records, Reversed: true}))
	require.Empty(t, errs)
	if s.ArrivalOrder {
		assert.NotEmpty(t, got)
		return
	}
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, want, got, "the input reversed: other records are drawn")
}

func (s *suite) empty(t *testing.T) {
	for r, err := range s.mk().Sample(t.Context(), &Input{}) {
		assert.Error(t, err, "a record out of nothing: %v", r)
	}
	for r, err := range s.mk().Sample(t.Context(), &Input{N: 2, Bad: []int{0, 1}}) {
		assert.Error(t, err, "a record out of bad rows: %v", r)
	}
}

func (s *suite) badRecords(t *testing.T) {
	in := &Input{N: s.Records, Bad: []int{0, 3, s.Records - 1}}
	_, errs := collect(t, s.mk().Sample(t.Context(), in))
	var rows []int64
	for _, err := range errs {
		var bad *datamix.RecordError
		require.ErrorAs(t, err, &bad, "a bad row must not become another error")
		require.ErrorIs(t, err, errBad)
		rows = append(rows, bad.Origin.Row)
	}
	want := []int64{0, 3, int64(s.Records) - 1}
	if s.StopsEarly {
		want = want[:len(rows)]
	}
	assert.Equal(t, want, rows, "every bad row once")
}

func (s *suite) finalError(t *testing.T) {
	if s.StopsEarly {
		return
	}
	in := &Input{N: s.Records, Fail: errFinal}
	_, errs := collect(t, s.mk().Sample(t.Context(), in))
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], errFinal)
	assert.True(t, datamix.Final(errs[0]), "the error has become one of a record")
	assert.Zero(t, in.Open())
}

// earlyBreak breaks after each number of records. The bubble of synctest fails
// when a goroutine is left behind.
func (s *suite) earlyBreak(t *testing.T) {
	whole, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{1, 2, len(whole)/2 + 1, len(whole)} {
			in := s.input()
			got := 0
			for _, err := range s.mk().Sample(t.Context(), in) {
				require.NoError(t, err)
				if got++; got == n {
					break
				}
			}
			require.Equal(t, min(n, len(whole)), got)
			require.Zero(t, in.Open(), "a range over the input is still open after a break at record %d", n)
		}
	})
}

func (s *suite) cancel(t *testing.T) {
	cause := errors.New("sampletest: enough")
	whole, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	for _, n := range []int{0, 1} {
		ctx, cancel := context.WithCancelCause(t.Context())
		if n == 0 {
			cancel(cause)
		}
		in := s.input()
		records := 0
		var last error
		for _, err := range s.mk().Sample(ctx, in) {
			if last = err; err == nil {
				if records++; records == n {
					cancel(cause)
				}
			}
		}
		cancel(nil)
		if records < len(whole) {
			require.ErrorIs(t, last, cause, "cancelled after record %d", n)
		}
		assert.LessOrEqual(t, records, n+1, "records after the context has ended")
		assert.Zero(t, in.Open())
	}
}

func (s *suite) ownership(t *testing.T) {
	want, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	var got []string
	for r, err := range s.mk().Sample(t.Context(), s.input()) {
		require.NoError(t, err)
		got = append(got, line(r, nil))
		r.SetText("the consumer's")
		r.SetLabel("category", "the consumer's")
		r.SetCounts(datamix.Counts{})
		r.Origin = datamix.Origin{}
	}
	assert.Equal(t, want, got, "what the consumer does to a record shows in others")
}

func (s *suite) concurrent(t *testing.T) {
	want, _ := collect(t, s.mk().Sample(t.Context(), s.input()))
	sampler, in := s.mk(), s.input()
	seq := sampler.Sample(t.Context(), in)
	got := make([][]string, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			for r, err := range seq {
				got[i] = append(got[i], line(r, err))
			}
		})
	}
	wg.Wait()
	for i := range got {
		assert.Equal(t, want, got[i], "range %d of several at once", i)
	}
}

func (s *suite) lazy(t *testing.T) {
	in := s.input()
	seq := s.mk().Sample(t.Context(), in)
	require.Zero(t, in.Ranges())
	_, _ = collect(t, seq)
	require.NotZero(t, in.Ranges())
}

type discard struct{}

func (discard) Write(context.Context, *datamix.Record) error { return nil }
func (discard) Close() error                                 { return nil }

func (s *suite) ledger(t *testing.T) {
	in := &Input{N: s.Records, Bad: []int{1}}
	chain := datamix.Chain(in, datamix.OnError(datamix.SkipAtMost(1)), datamix.Draw(s.mk()))
	report, err := datamix.Run(t.Context(), chain, discard{})
	require.NoError(t, err)
	require.NoError(t, report.Ledger.Check())
	assert.LessOrEqual(t, report.Ledger.Kept, report.Output.Rows)
	if !s.StopsEarly {
		assert.Equal(t, int64(s.Records), report.Ledger.Read)
	}
}

package datamix_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// numbers yields n text records "0", "1", ...; the rows in bad are bad.
func numbers(n int, bad ...int) datamix.Source {
	return datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range n {
				if ctx.Err() != nil {
					yield(nil, context.Cause(ctx))
					return
				}
				r := datamix.NewText(strconv.Itoa(i))
				r.Origin = datamix.Origin{Path: "numbers", Row: int64(i)}
				var err error
				for _, b := range bad {
					if i == b {
						r, err = nil, &datamix.RecordError{Stage: "read", Origin: r.Origin, Err: errors.New("bad"), Raw: []byte("raw" + r.Text())}
					}
				}
				if !yield(r, err) {
					return
				}
			}
		}
	})
}

func number(r *datamix.Record) int { n, _ := strconv.Atoi(r.Text()); return n }

// multiples drops what k does not divide.
func multiples(k int) datamix.Filter {
	return datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if number(r)%k != 0 {
			return datamix.Verdict("no_multiple_of_" + strconv.Itoa(k)), nil
		}
		return datamix.Keep, nil
	})
}

func texts(t testing.TB, src datamix.Source) (out []string) {
	t.Helper()
	for r, err := range src.Records(t.Context()) {
		require.NoError(t, err)
		out = append(out, r.Text())
	}
	return out
}

// list is a sink that remembers texts.
type list struct {
	texts  []string
	closed bool
	abort  bool
	fail   error
}

func (l *list) Write(_ context.Context, r *datamix.Record) error {
	if l.fail != nil {
		return l.fail
	}
	l.texts = append(l.texts, r.Text())
	return nil
}
func (l *list) Close() error { l.closed = true; return nil }
func (l *list) Abort() error { l.abort = true; return nil }

func TestChainRunsStagesInOrder(t *testing.T) {
	double := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		r.SetText(strconv.Itoa(2 * number(r)))
		return datamix.Keep, nil
	})
	src := datamix.Chain(numbers(10), datamix.Where(multiples(3)), double, datamix.Where(multiples(4)))
	want := []string{"0", "12"}
	assert.Equal(t, want, texts(t, src))
	assert.Equal(t, want, texts(t, src), "a chain can be read again")
	nested := datamix.Chain(datamix.Chain(numbers(10), datamix.Where(multiples(3))), datamix.Parallel(3, double, datamix.Where(multiples(4))))
	assert.Equal(t, want, texts(t, nested))
}

func TestLedgerAddsUp(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) {
			src := datamix.Chain(numbers(1000, 5, 6, 700),
				datamix.Parallel(workers, datamix.Where(multiples(2)), datamix.Where(multiples(5))),
				datamix.OnError(datamix.SkipAtMost(3)))
			src = datamix.Chain(src, datamix.Draw(datamix.SamplerFunc(firstTwice)))
			var out list
			rep, err := datamix.Run(t.Context(), src, &out)
			require.NoError(t, err)
			require.NoError(t, rep.Ledger.Check())
			assert.Equal(t, datamix.Ledger{Read: 1000, Kept: 1, Skipped: 3, Unused: 98,
				Dropped: map[datamix.Verdict]int64{"no_multiple_of_2": 499, "no_multiple_of_5": 399}}, rep.Ledger)
			assert.Equal(t, []string{"0", "0"}, out.texts)
			assert.Equal(t, int64(2), rep.Output.Rows)
			assert.True(t, out.closed && !out.abort)
		})
	}
}

// firstTwice reads its input twice and yields the first record of each pass.
func firstTwice(ctx context.Context, in datamix.Source) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for pass := range 2 {
			var first *datamix.Record
			for r, err := range in.Records(ctx) {
				if err != nil {
					yield(nil, err)
					return
				}
				if first == nil {
					first = r
				}
			}
			first.Origin.Pass = pass
			if !yield(first, nil) {
				return
			}
		}
	}
}

func TestStageThatDropsByItself(t *testing.T) {
	odd := datamix.StageFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for r, err := range in.Records(ctx) {
				if err == nil && number(r)%2 == 0 {
					datamix.Drop(ctx, "odd", r, "even")
					continue
				}
				if !yield(r, err) {
					return
				}
			}
		}
	})
	twice := datamix.StageFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for r, err := range in.Records(ctx) {
				if !yield(r, err) || !yield(r.Copy(), nil) {
					return
				}
			}
		}
	})
	var out list
	rep, err := datamix.Run(t.Context(), datamix.Chain(numbers(10), datamix.Where(multiples(1)), odd, twice), &out)
	require.NoError(t, err)
	require.NoError(t, rep.Ledger.Check())
	assert.Equal(t, datamix.Ledger{Read: 10, Derived: 5, Kept: 10, Dropped: map[datamix.Verdict]int64{"even": 5}}, rep.Ledger)
}

func TestRunStopsAtTheFirstBadRecord(t *testing.T) {
	var out list
	_, err := datamix.Run(t.Context(), numbers(10, 4), &out)
	var bad *datamix.RecordError
	require.ErrorAs(t, err, &bad)
	assert.EqualValues(t, 4, bad.Origin.Row)
	assert.True(t, out.abort && !out.closed)
	assert.Len(t, out.texts, 4)

	out = list{fail: errors.New("disk full")}
	_, err = datamix.Run(t.Context(), numbers(10), &out)
	require.ErrorContains(t, err, "disk full")
	assert.True(t, out.abort)
}

func TestErrorPolicies(t *testing.T) {
	tests := []struct {
		name   string
		policy datamix.ErrorPolicy
		n      int
		bad    []int
		ok     bool
	}{
		{"at most, enough", datamix.SkipAtMost(2), 10, []int{1, 9}, true},
		{"at most, one more", datamix.SkipAtMost(1), 10, []int{1, 9}, false},
		{"at most 0", datamix.SkipAtMost(0), 10, nil, true},
		{"ratio held", datamix.SkipRatio(0.2), 10, []int{0, 1}, true},
		{"ratio missed at the end", datamix.SkipRatio(0.1), 10, []int{0, 1}, false},
		{"ratio missed late", datamix.SkipRatio(0.001), 5000, []int{1500, 1501}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out list
			rep, err := datamix.Run(t.Context(), datamix.Chain(numbers(test.n, test.bad...), datamix.OnError(test.policy)), &out)
			if !test.ok {
				require.ErrorIs(t, err, datamix.ErrTooManyErrors)
				assert.True(t, datamix.Final(err))
				var last *datamix.RecordError
				assert.Equal(t, len(test.bad) > 0 && test.name != "ratio missed at the end", errors.As(err, &last))
				return
			}
			require.NoError(t, err)
			require.NoError(t, rep.Ledger.Check())
			assert.EqualValues(t, len(test.bad), rep.Ledger.Skipped)
			assert.Len(t, out.texts, test.n-len(test.bad))
		})
	}
}

func TestQuarantine(t *testing.T) {
	var out, jail fields
	src := datamix.Chain(numbers(10, 3, 7), datamix.OnError(datamix.Quarantine(&jail, datamix.SkipAtMost(2))))
	rep, err := datamix.Run(t.Context(), src, &out)
	require.NoError(t, err)
	assert.EqualValues(t, 2, rep.Ledger.Skipped)
	require.Len(t, jail.rows, 2)
	assert.Equal(t, `part="" path="numbers" row=3 offset=0 stage="read" error="bad" raw="raw3" `, jail.rows[0])
}

type fields struct{ rows []string }

func (f *fields) Write(_ context.Context, r *datamix.Record) error {
	line := ""
	for _, c := range r.Fields() {
		line += c.Name + "=" + c.JSON() + " "
	}
	f.rows = append(f.rows, line)
	return nil
}
func (f *fields) Close() error { return nil }

func TestStepErrors(t *testing.T) {
	cause := errors.New("cannot judge")
	fails := datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if number(r) == 5 {
			return "", cause
		}
		return "", nil
	})
	fatal := datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if number(r) == 5 {
			return "", datamix.Fatal(cause)
		}
		return "", nil
	})
	for _, stage := range []func(...datamix.Step) datamix.Stage{
		func(s ...datamix.Step) datamix.Stage { return s[0] },
		func(s ...datamix.Step) datamix.Stage { return datamix.Parallel(4, s...) },
	} {
		var good int
		var errs []error
		for r, err := range datamix.Chain(numbers(10), stage(datamix.Where(fails))).Records(t.Context()) {
			if err != nil {
				assert.Nil(t, r)
				errs = append(errs, err)
				continue
			}
			good++
		}
		assert.Equal(t, 9, good, "the sequence goes on")
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], cause)
		assert.False(t, datamix.Final(errs[0]))

		good, errs = 0, nil
		for _, err := range datamix.Chain(numbers(10), stage(datamix.Where(fatal))).Records(t.Context()) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			good++
		}
		assert.Equal(t, 5, good, "a fatal error ends the sequence")
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], cause)
		assert.True(t, datamix.Final(errs[0]))
	}
}

func TestParallelKeepsOrder(t *testing.T) {
	slow := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if number(r)%64 == 0 {
			time.Sleep(time.Millisecond)
		}
		return datamix.Keep, nil
	})
	want := texts(t, numbers(3000))
	for _, workers := range []int{0, 1, 2, 8} {
		assert.Equal(t, want, texts(t, datamix.Chain(numbers(3000), datamix.Parallel(workers, slow))), workers)
	}
}

func TestParallelLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		src := datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				open.Add(1)
				defer open.Add(-1)
				numbers(100000).Records(ctx)(yield)
			}
		})
		n := 0
		for range datamix.Chain(src, datamix.Parallel(4, datamix.Where(multiples(1)))).Records(t.Context()) {
			if n++; n == 10 {
				break
			}
		}
		assert.Zero(t, open.Load(), "the source is closed when the loop ends")
	}) // the bubble ends only when every goroutine has
}

func TestCancelWhileUpstreamBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := datamix.SourceFunc(func(ctx context.Context) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				select {
				case <-ctx.Done():
					yield(nil, context.Cause(ctx))
				case <-time.After(time.Hour):
				}
			}
		})
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		start := time.Now()
		var errs []error
		for _, err := range datamix.Chain(blocked, datamix.Parallel(2, datamix.Where(multiples(1)))).Records(ctx) {
			errs = append(errs, err)
		}
		assert.Equal(t, time.Second, time.Since(start))
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], cause)
	})
}

func TestPanicReachesTheCaller(t *testing.T) {
	boom := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if number(r) == 77 {
			panic("boom")
		}
		return datamix.Keep, nil
	})
	defer func() { assert.ErrorContains(t, recover().(error), "boom") }()
	for range datamix.Chain(numbers(1000), datamix.Parallel(3, boom)).Records(t.Context()) {
	}
	t.Error("no panic")
}

func TestPickReadsOnlyWhatIsWanted(t *testing.T) {
	var judged int
	where := datamix.Where(datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) {
		judged++
		return datamix.Keep, nil
	}))
	upper := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		r.SetText("n" + r.Text())
		return datamix.Keep, nil
	})
	want := func(o datamix.Origin) bool { return o.Row%4 == 1 }
	for name, stages := range map[string][]datamix.Stage{
		"steps":    {where, upper},
		"parallel": {datamix.Parallel(2, where, upper)},
		"other":    {where, upper, datamix.StageFunc(func(ctx context.Context, in datamix.Source) datamix.Seq { return in.Records(ctx) })},
	} {
		judged = 0
		var got []string
		for r, err := range datamix.Pick(t.Context(), datamix.Chain(numbers(10), stages...), want) {
			require.NoError(t, err)
			got = append(got, r.Text())
		}
		assert.Equal(t, []string{"n1", "n5", "n9"}, got, name)
		if name != "other" {
			assert.Zero(t, judged, "%s: what is picked was judged before", name)
		}
	}
}

func TestSpecsRebuildAChain(t *testing.T) {
	var filters datamix.Registry[datamix.Filter]
	require.NoError(t, filters.Add("multiples", func(s datamix.Spec) (datamix.Filter, error) {
		var k int
		if _, err := fmt.Sscan(string(s.Options), &k); err != nil {
			return nil, err
		}
		return described{multiples(k), s}, nil
	}))
	require.Error(t, filters.Add("multiples", nil))
	stages := datamix.BuildStages(&filters, nil)
	three, err := filters.Build(datamix.NewSpec("multiples", 1, 3))
	require.NoError(t, err)
	src := datamix.Chain(numbers(20), datamix.Where(three), datamix.Parallel(2, datamix.Where(three)), datamix.OnError(datamix.SkipAtMost(4)))
	specs, ok := datamix.Stages(src)
	require.True(t, ok)
	again, err := datamix.Rebuild(numbers(20), specs, stages)
	require.NoError(t, err)
	assert.Equal(t, texts(t, src), texts(t, again))
	back, ok := datamix.Stages(again)
	require.True(t, ok)
	assert.Equal(t, specs, back)

	_, err = datamix.Rebuild(numbers(1), []datamix.Spec{{Name: "where", Inner: []datamix.Spec{{Name: "nope"}}}}, stages)
	require.ErrorIs(t, err, datamix.ErrUnknownName)
	assert.ErrorContains(t, err, "multiples")
	_, ok = datamix.Stages(datamix.Chain(numbers(1), datamix.Where(multiples(2))))
	assert.False(t, ok, "a function without a name is local")
}

type described struct {
	datamix.Filter
	spec datamix.Spec
}

func (d described) Spec() (datamix.Spec, bool) { return d.spec, true }

func TestReportText(t *testing.T) {
	rep := datamix.Report{
		Ledger: datamix.Ledger{Read: 12345, Kept: 10, Dropped: map[datamix.Verdict]int64{"a": 1, "b": 5, "c": 5}},
		Output: datamix.Tally{Rows: 10, Tokens: 1000},
		Parts:  []datamix.PartReport{{Name: "p", Unit: datamix.Tokens, Share: 0.25, Output: datamix.Tally{Rows: 4, Tokens: 250}}},
	}
	text := rep.String()
	assert.Contains(t, text, "12,345")
	assert.Contains(t, text, "25.00 %   25.00 %")
	assert.Contains(t, text, "dropped: b 5, c 5, a 1\n")
}

func BenchmarkSixSteps(b *testing.B) {
	keep := datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return datamix.Keep, nil })
	pass := datamix.StageFunc(func(ctx context.Context, in datamix.Source) datamix.Seq { return in.Records(ctx) })
	r := datamix.NewText("x")
	const n = 1000
	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for range n {
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	w := datamix.Where(keep)
	for name, stages := range map[string][]datamix.Stage{
		"steps": {w, w, w, w, w, w}, "stages": {pass, pass, pass, pass, pass, pass}, "none": nil,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			chain := datamix.Chain(src, stages...)
			for b.Loop() {
				for range chain.Records(b.Context()) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
		})
	}
}

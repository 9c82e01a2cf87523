package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/sourcetest"
)

// recorder keeps what a check reports.
type recorder struct {
	testing.TB
	errs []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Errorf(f string, args ...any) { r.errs = append(r.errs, fmt.Sprintf(f, args...)) }

func texts(n int) (rs []*datamix.Record) {
	for i := range n {
		r := datamix.NewText(fmt.Sprintf("text %d", i))
		r.Origin = datamix.Origin{Path: "texts", Row: int64(i)}
		rs = append(rs, r)
	}
	return rs
}

func TestGoodSourcePasses(t *testing.T) {
	sourcetest.Run(t, func() datamix.Source { return source.Records(texts(10)...) })
}

// faulty is a source with one fault.
type faulty struct {
	rs    []*datamix.Record
	fault string
	runs  *atomic.Int64
}

func (f faulty) Size(context.Context) (int64, bool) { return 7, f.fault == "size" }

func (f faulty) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for r, err := range f.Records(ctx) {
			if r == nil {
				yield(nil, err)
				return
			}
			if f.fault == "ask" {
				want(r.Origin)
			}
			if f.fault == "pick" && r.Origin.Row == 3 || err == nil && want(r.Origin) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

func (f faulty) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		runs := f.runs.Add(1)
		var before *datamix.Record
		if f.fault == "leak" {
			done := make(chan bool)
			go func() { <-done }()
		}
		for i, r := range f.rs {
			if f.fault != "share" {
				r = r.Clone()
			}
			if ctx.Err() != nil && f.fault != "cancel" {
				if f.fault != "cause" {
					yield(nil, context.Cause(ctx))
				}
				return
			}
			switch {
			case f.fault == "rerun" && runs > 1 && i == 4:
				continue
			case f.fault == "twice" && i == 4:
				r.Origin.Row = 3
			case f.fault == "both" && i == 4 && !yield(r, errors.New("x")),
				f.fault == "neither" && i == 4 && !yield(nil, nil),
				f.fault == "behind" && i == 4 && !yield(nil, errors.New("final")),
				f.fault == "stage" && i == 4 && !yield(nil, &datamix.RecordError{}):
				return
			case f.fault == "reuse" && before != nil:
				before.SetText("reused")
			}
			before = r
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestFaultsAreFound(t *testing.T) {
	for fault, want := range map[string]string{
		"rerun":   "a second range: element 4 differs",
		"leak":    "goroutines, before there were",
		"cancel":  "is no error with its cause",
		"cause":   "want the cause",
		"twice":   "two records have the origin texts:3",
		"both":    "a record together with the error x",
		"neither": "without a record and without an error",
		"behind":  "an element behind a final error",
		"stage":   "a RecordError without a stage or a reason",
		"reuse":   "changed after it was yielded",
		"share":   "a range after records were modified",
		"size":    "Size says 7 records",
		"pick":    "Pick yields",
		"ask":     "Pick asked about texts:0 twice",
	} {
		t.Run(fault, func(t *testing.T) {
			rec := &recorder{TB: t}
			rs := texts(100)
			if fault == "share" {
				rs = rs[:6]
			}
			sourcetest.Run(rec, func() datamix.Source { return faulty{rs, fault, new(atomic.Int64)} })
			assert.Contains(t, strings.Join(rec.errs, "\n"), want)
		})
	}
	t.Run("none", func(t *testing.T) {
		rec := &recorder{TB: t}
		sourcetest.Run(rec, func() datamix.Source { return faulty{texts(100), "", new(atomic.Int64)} })
		assert.Empty(t, rec.errs)
	})
}

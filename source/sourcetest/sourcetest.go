// Package sourcetest checks that a datamix.Source keeps the promises of the
// role. Whoever writes a source of his own calls [Run] from a test:
//
//	func TestConformance(t *testing.T) {
//		sourcetest.Run(t, func() datamix.Source { return mysource.Open("testdata/rows") })
//	}
package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/datamix-go/datamix"
)

// maxAfterCancel is how many records a source may still yield after its context
// was cancelled.
const maxAfterCancel = 64

// Run reports with t.Errorf what of the contract of datamix.Source, and of
// Picker and Sized where they are implemented, the sources that mk returns do
// not keep. Each call of mk returns a new source over the same rows, at least
// three of them good and not all of them needed; bad rows are welcome. A source
// that may be read only once shows it by yielding datamix.ErrConsumed.
//
// It checks that ranges are equal, one after the other and at once; that after
// a break, a panic or the end no goroutine is left; that a cancelled context
// ends the sequence with its cause; that yielded records stay as they are,
// whatever the source or others do later; that errors are well formed and only
// the last is final; that no two records have the same identity; and that Pick
// and Size agree with Records.
//
// Tests that use Run must not run in parallel with others: it counts the
// goroutines of the process.
func Run(t testing.TB, mk func() datamix.Source) {
	t.Helper()
	c := check{t, mk, nil}
	c.want = read(context.Background(), mk())
	good := c.elements()
	if len(good) < 3 {
		t.Errorf("the source yields %d good records, want at least 3 to test with", len(good))
		return
	}
	c.identities(good)
	c.rerun()
	c.concurrent()
	c.leaves("the end", len(c.want), false)
	c.leaves("a break at the first element", 1, false)
	c.leaves("a break in the middle", (len(c.want)+1)/2, false)
	c.leaves("a panic of the loop", 2, true)
	c.cancelledBefore()
	c.cancelledBetween()
	c.ownership()
	c.pick()
	c.size(len(good))
}

type check struct {
	t    testing.TB
	mk   func() datamix.Source
	want []element
}

// element is an element of a sequence in a form that can be compared.
type element struct {
	record string // the whole record, encoded
	err    string
	origin datamix.Origin
}

// read ranges over src and notes every element, and breaches of the rules of
// sequences as errors.
func read(ctx context.Context, src datamix.Source) (out []element) {
	final := false
	for r, err := range src.Records(ctx) {
		if final {
			out = append(out, element{err: "an element behind a final error"})
		}
		out = append(out, encode(r, err))
		final = datamix.Final(err)
	}
	return out
}

func encode(r *datamix.Record, err error) element {
	var re *datamix.RecordError
	switch {
	case r == nil && err == nil:
		return element{err: "an element without a record and without an error"}
	case r != nil && err != nil:
		return element{err: fmt.Sprintf("a record together with the error %v", err)}
	case errors.As(err, &re) && (re.Stage == "" || re.Err == nil):
		return element{err: "a RecordError without a stage or a reason"}
	case err != nil:
		return element{err: "error: " + err.Error()}
	}
	b, err := r.AppendBinary(nil)
	if err != nil {
		return element{err: fmt.Sprintf("the record cannot be encoded: %v", err)}
	}
	return element{record: string(b), origin: r.Origin}
}

// elements returns the good records of a full range, after reporting what is
// wrong with any of them.
func (c *check) elements() (good []element) {
	c.t.Helper()
	for i, e := range c.want {
		switch {
		case e.err == "":
			good = append(good, e)
		case len(e.err) < 7 || e.err[:7] != "error: ":
			c.t.Errorf("element %d: %s", i, e.err)
		}
	}
	return good
}

func (c *check) identities(good []element) {
	c.t.Helper()
	type identity struct {
		path string
		row  int64
		sub  int
	}
	seen := map[identity]bool{}
	for _, e := range good {
		id := identity{e.origin.Path, e.origin.Row, e.origin.Sub}
		if seen[id] {
			c.t.Errorf("two records have the origin %s", e.origin)
		}
		seen[id] = true
	}
}

func (c *check) same(what string, got []element) {
	c.t.Helper()
	if slices.Equal(got, c.want) {
		return
	}
	for i := range min(len(got), len(c.want)) {
		if got[i] != c.want[i] {
			c.t.Errorf("%s: element %d differs: %s %s, at first %s %s", what, i, got[i].origin, got[i].err, c.want[i].origin, c.want[i].err)
			return
		}
	}
	c.t.Errorf("%s: %d elements, at first %d", what, len(got), len(c.want))
}

// consumed reports whether a sequence says that the source was read before.
func consumed(es []element) bool {
	return len(es) == 1 && es[0].err == "error: "+datamix.ErrConsumed.Error()
}

func (c *check) rerun() {
	c.t.Helper()
	src := c.mk()
	c.same("a first range over a second source", read(context.Background(), src))
	if again := read(context.Background(), src); !consumed(again) {
		c.same("a second range", again)
	}
}

func (c *check) concurrent() {
	c.t.Helper()
	src := c.mk()
	results := make([][]element, 4)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = read(context.Background(), src) })
	}
	wg.Wait()
	for _, r := range results {
		if !consumed(r) {
			c.same("ranges at once", r)
		}
	}
}

// leaves checks that a range that ends after n elements leaves no goroutine,
// and that the source can be read afterwards.
func (c *check) leaves(what string, n int, panics bool) {
	c.t.Helper()
	before := runtime.NumGoroutine()
	src := c.mk()
	func() {
		defer func() {
			if v := recover(); v != nil && v != any(c) {
				panic(v)
			}
		}()
		i := 0
		for _, err := range src.Records(context.Background()) {
			_ = err // only where the loop ends matters
			if i++; i >= n && n < len(c.want) {
				if panics {
					panic(c)
				}
				break
			}
		}
	}()
	if left := settled(before); left > before {
		c.t.Errorf("after %s there are %d goroutines, before there were %d", what, left, before)
	}
	if again := read(context.Background(), src); !consumed(again) {
		c.same("a range after "+what, again)
	}
}

// settled returns the number of goroutines once it is down to want, or after
// one second.
func settled(want int) int {
	for range 100 {
		if runtime.NumGoroutine() <= want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}

var errCause = errors.New("cancelled by the test")

func (c *check) cancelledBefore() {
	c.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	n := 0
	for _, err := range c.mk().Records(ctx) {
		if n++; !errors.Is(err, errCause) {
			c.t.Errorf("with a cancelled context element %d is no error with its cause, but %v", n-1, err)
			return
		}
	}
	if n != 1 {
		c.t.Errorf("with a cancelled context there are %d elements, want the cause alone", n)
	}
}

func (c *check) cancelledBetween() {
	c.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	n, after := 0, 0
	var last error
	for _, err := range c.mk().Records(ctx) {
		if n++; n == 1 {
			cancel(errCause)
			continue
		}
		if last = err; err == nil {
			after++
		}
	}
	if after > maxAfterCancel {
		c.t.Errorf("%d records came after the context was cancelled, want at most %d", after, maxAfterCancel)
	}
	if !errors.Is(last, errCause) && n < len(c.want) {
		c.t.Errorf("a cancelled range ends with %v, want the cause", last)
	}
}

// ownership keeps all records without cloning them and modifies every other one
// while the range goes on.
func (c *check) ownership() {
	c.t.Helper()
	var kept []*datamix.Record
	var was []element
	src := c.mk()
	i := 0
	for r, err := range src.Records(context.Background()) {
		if err != nil {
			continue
		}
		if i++; i%2 == 0 {
			r.SetLabel("sourcetest", "modified")
			r.SetText("modified")
			r.SetField(datamix.TextField("sourcetest", "modified"))
			r.Origin.Path = "modified"
			continue
		}
		kept, was = append(kept, r), append(was, encode(r, nil))
	}
	for i, r := range kept {
		if encode(r, nil) != was[i] {
			c.t.Errorf("the record %s changed after it was yielded", was[i].origin)
			return
		}
	}
	if again := read(context.Background(), src); !consumed(again) {
		c.same("a range after records were modified", again)
	}
}

func (c *check) pick() {
	c.t.Helper()
	src := c.mk()
	p, ok := src.(datamix.Picker)
	if !ok {
		return
	}
	wanted := func(o datamix.Origin) bool { return o.Key()%2 == 0 }
	var want, got []element
	for _, e := range c.want {
		if e.err == "" && wanted(e.origin) {
			want = append(want, e)
		}
	}
	var mu sync.Mutex
	var asked []datamix.Origin
	for r, err := range p.Pick(context.Background(), func(o datamix.Origin) bool {
		if !mu.TryLock() {
			c.t.Errorf("Pick calls its function several times at once")
			return false
		}
		defer mu.Unlock()
		asked = append(asked, datamix.Origin{Path: o.Path, Row: o.Row, Sub: o.Sub})
		return wanted(o)
	}) {
		if err == nil {
			got = append(got, encode(r, err))
		}
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("Pick yields %d records, those of Records that it should yield are %d, or others", len(got), len(want))
	}
	c.asked(asked)
}

// asked checks that Pick asked about every record once and in order; it may
// also ask about rows that turn out bad.
func (c *check) asked(asked []datamix.Origin) {
	c.t.Helper()
	times := map[datamix.Origin]int{}
	for _, o := range asked {
		if times[o]++; times[o] == 2 {
			c.t.Errorf("Pick asked about %s twice", o)
		}
	}
	for _, e := range c.want {
		if e.err != "" {
			continue
		}
		o := datamix.Origin{Path: e.origin.Path, Row: e.origin.Row, Sub: e.origin.Sub}
		i := slices.Index(asked, o)
		if i < 0 {
			c.t.Errorf("Pick did not ask about %s, or not in the order of Records", o)
			return
		}
		asked = asked[i+1:]
	}
}

func (c *check) size(good int) {
	c.t.Helper()
	if n, ok := datamix.Size(context.Background(), c.mk()); ok && n != int64(good) {
		c.t.Errorf("Size says %d records, Records yields %d", n, good)
	}
}

// Package filtertest tests implementations of datamix.Filter, as testing/fstest
// does file systems.
//
//	func TestMyFilter(t *testing.T) {
//		filtertest.Run(t, mypackage.NewFilter(3))
//	}
package filtertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/datamix-go/datamix"
)

// maxReason is the length of the longest reason that Run takes for a name.
const maxReason = 64

// Run tests that a filter keeps the rules of datamix.Filter, on Records:
//
//   - it does not modify records;
//   - its verdict about a record is always the same: again, in another order,
//     for a copy, and from several goroutines at once;
//   - its reasons can be counted: they are short, hold no white space, and do
//     not differ in numbers alone, which would be those of the record;
//   - one that is a datamix.Borrower which keeps nothing judges lent records alike,
//     whose memory other records get;
//   - an error is that of a record and does not end the run;
//   - its Spec, where it has one, has a name, a version and valid options, and
//     is always the same.
//
// Run it with the race detector.
func Run(tb testing.TB, f datamix.Filter) {
	tb.Helper()
	lent := lentVerdicts(tb, f) // before it has seen records that it might keep
	rs := Records()
	want := verdicts(f, rs)
	for i, r := range Records() {
		if !bytes.Equal(encode(r), encode(rs[i])) {
			tb.Errorf("record %d (%s) was modified", i, r.ID())
		}
	}
	checkReasons(tb, want)

	clones := make([]*datamix.Record, len(rs))
	for i, r := range rs {
		clones[i] = r.Clone()
	}
	compare(tb, "a second time", want, verdicts(f, rs))
	compare(tb, "for copies", want, verdicts(f, clones))
	slices.Reverse(rs)
	backwards := verdicts(f, rs)
	slices.Reverse(backwards)
	compare(tb, "in the reverse order", want, backwards)
	for _, got := range lent {
		compare(tb, "for lent records", want, got)
	}
	checkConcurrent(tb, f, want)
	checkSpec(tb, f)
}

// RoundTrip tests that a registry builds the same filter from its Spec, by way
// of JSON: the verdicts about Records and the Spec are the same.
func RoundTrip(tb testing.TB, f datamix.Filter, registry *datamix.Registry[datamix.Filter]) {
	tb.Helper()
	spec, ok := datamix.Describe(f)
	if !ok {
		tb.Errorf("the filter has no Spec")
		return
	}
	data, err := json.Marshal(spec)
	if err != nil {
		tb.Errorf("the Spec has no JSON form: %v", err)
		return
	}
	var read datamix.Spec
	if err := json.Unmarshal(data, &read); err != nil {
		tb.Errorf("the Spec cannot be read back: %v", err)
		return
	}
	again, err := registry.Build(read)
	if err != nil {
		tb.Errorf("the registry cannot build %s: %v", data, err)
		return
	}
	compare(tb, "when rebuilt from "+string(data), verdicts(f, Records()), verdicts(again, Records()))
	spec, ok = datamix.Describe(again)
	if back, err := json.Marshal(spec); !ok || err != nil || !bytes.Equal(back, data) {
		tb.Errorf("the Spec is %s, but %s when rebuilt", data, back)
	}
}

// verdict is a verdict or an error.
type verdict struct {
	reason datamix.Verdict
	err    string
	final  bool
}

func (v verdict) String() string {
	if v.err != "" {
		return "error " + v.err
	}
	return fmt.Sprintf("%q", string(v.reason))
}

func verdicts(f datamix.Filter, rs []*datamix.Record) (out []verdict) {
	for _, r := range rs {
		reason, err := f.Check(context.Background(), r)
		v := verdict{reason: reason}
		if err != nil {
			// A step makes a RecordError of what a filter returns, and leaves
			// alone what Fatal marks.
			v.err, v.final = err.Error(), datamix.Final(&datamix.RecordError{Err: err})
		}
		out = append(out, v)
	}
	return out
}

func compare(tb testing.TB, when string, want, got []verdict) {
	tb.Helper()
	for i := range want {
		if got[i] != want[i] {
			tb.Errorf("the verdict about record %d is %v, but %v %s", i, want[i], got[i], when)
		}
	}
}

// lentVerdicts shows a filter that borrows records which all lie in the same memory,
// one after the other, twice: what it has kept of one has become another.
func lentVerdicts(tb testing.TB, f datamix.Filter) (out [][]verdict) {
	tb.Helper()
	if !datamix.Borrows(f) {
		return nil
	}
	var memory []byte
	for range 2 {
		var got []verdict
		for _, r := range Records() {
			memory = append(memory[:0], encode(r)...)
			lent, err := new(datamix.Arena).Binary(memory)
			if err != nil {
				tb.Errorf("record %s has no binary form: %v", r.ID(), err)
				return nil
			}
			got = append(got, verdicts(f, []*datamix.Record{lent})...)
			for i := range memory {
				memory[i] = 'x'
			}
		}
		out = append(out, got)
	}
	return out
}

func checkConcurrent(tb testing.TB, f datamix.Filter, want []verdict) {
	tb.Helper()
	shared := Records()
	got := make([][]verdict, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			for range 3 {
				got[i] = verdicts(f, shared)
			}
		})
	}
	wg.Wait()
	for _, g := range got {
		compare(tb, "from several goroutines", want, g)
	}
}

func checkReasons(tb testing.TB, vs []verdict) {
	tb.Helper()
	seen := map[string]datamix.Verdict{}
	for i, v := range vs {
		if v.final {
			tb.Errorf("record %d ends the run: %s", i, v.err)
		}
		reason := string(v.reason)
		if strings.ContainsFunc(reason, unicode.IsSpace) || len(reason) > maxReason {
			tb.Errorf("the reason %q is a sentence, want a short name", reason)
		}
		if v.err != "" && reason != "" {
			tb.Errorf("record %d has both the reason %q and an error", i, reason)
		}
		form := strings.Join(strings.FieldsFunc(reason, unicode.IsDigit), "0")
		if other, ok := seen[form]; ok && other != v.reason {
			tb.Errorf("the reasons %q and %q differ in numbers alone: leave them out", other, reason)
		}
		seen[form] = v.reason
	}
}

func checkSpec(tb testing.TB, f datamix.Filter) {
	tb.Helper()
	spec, ok := datamix.Describe(f)
	if !ok {
		return
	}
	if spec.Name == "" || spec.Version < 1 {
		tb.Errorf("the Spec has the name %q and version %d, want a name and at least 1", spec.Name, spec.Version)
	}
	if len(spec.Options) > 0 && !json.Valid(spec.Options) {
		tb.Errorf("the options of the Spec are not JSON: %s", spec.Options)
		return
	}
	first, _ := json.Marshal(spec)
	spec, _ = datamix.Describe(f)
	if second, _ := json.Marshal(spec); !bytes.Equal(first, second) {
		tb.Errorf("the Spec changes from %s to %s", first, second)
	}
}

func encode(r *datamix.Record) []byte {
	b, err := r.AppendBinary(nil)
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

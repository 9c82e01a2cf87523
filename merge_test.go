package datamix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// sliceReport returns what a slice of a run over two or three parts may report.
func sliceReport(rng *rand.Rand, names ...string) (r datamix.Report) {
	for _, name := range names {
		p := datamix.PartReport{Name: name, Unit: datamix.Rows, Share: 0.5, Labels: map[string]string{"license": name}}
		for range rng.IntN(20) {
			rec := datamix.NewChat(datamix.User(fmt.Sprint(rng.IntN(1000))))
			rec.SetCounts(datamix.Counts{Total: rng.IntN(5000)})
			p.Output.Count(rec)
			p.Sizes.Count(rec)
			r.Content.Count(rec)
		}
		p.Available = datamix.Tally{Rows: p.Output.Rows + 3}
		p.Planned = p.Output.Rows
		p.Ledger = datamix.Ledger{Read: p.Output.Rows + 4, Kept: p.Output.Rows, Unused: 3, Dropped: map[datamix.Verdict]int64{"why": 1}}
		r.Parts = append(r.Parts, p)
		r.Ledger.Add(p.Ledger)
		r.Output.Add(p.Output)
		r.Sizes.Merge(p.Sizes)
	}
	return r
}

func copyOf(t *testing.T, r datamix.Report) (c datamix.Report) {
	data, err := json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &c))
	return c
}

// TestMergeIsAssociativeAndCommutative merges the reports of slices in every
// order and grouping of three.
func TestMergeIsAssociativeAndCommutative(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	names := [][]string{{"a", "b"}, {"b", "a"}, {"a"}, {"c", "a"}, {}}
	for range 200 {
		var rs [3]datamix.Report
		for i := range rs {
			rs[i] = sliceReport(rng, names[rng.IntN(len(names))]...)
		}
		merged := func(a, b, c int, first bool) datamix.Report {
			x, y, z := copyOf(t, rs[a]), copyOf(t, rs[b]), copyOf(t, rs[c])
			if first {
				require.NoError(t, x.Merge(y))
				require.NoError(t, x.Merge(z))
				return x
			}
			require.NoError(t, y.Merge(z))
			require.NoError(t, x.Merge(y))
			return x
		}
		want := merged(0, 1, 2, true)
		for _, o := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			require.Equal(t, want, merged(o[0], o[1], o[2], true))
			require.Equal(t, want, merged(o[0], o[1], o[2], false))
		}
		require.NoError(t, want.Ledger.Check())
	}
}

func TestMergeOfOtherWork(t *testing.T) {
	a := datamix.Report{Parts: []datamix.PartReport{{Name: "p", Unit: datamix.Rows, Share: 0.5}}}
	b := datamix.Report{Parts: []datamix.PartReport{{Name: "p", Unit: datamix.Tokens, Share: 0.5}}}
	require.EqualError(t, a.Merge(b), "datamix: merge: part p is 0.5 of the rows in one report and 0.5 of the tokens in another")
	c := datamix.Report{Stages: []datamix.Spec{{Name: "x"}}}
	require.EqualError(t, c.Merge(datamix.Report{Stages: []datamix.Spec{{Name: "y"}}}), "datamix: merge: the reports are of different chains")
}

// TestRunReportsSizes holds the report of a run against what it wrote.
func TestRunReportsSizes(t *testing.T) {
	var written []*datamix.Record
	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range 40 {
				r := datamix.NewChat(datamix.User("q"), datamix.Assistant(fmt.Sprint(i%30)))
				r.Origin.Pass = i / 30
				r.SetCounts(datamix.Counts{Total: i * 10})
				written = append(written, r)
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	rep, err := datamix.Run(t.Context(), src, discard{})
	require.NoError(t, err)
	var want datamix.Report
	for _, r := range written {
		want.Output.Count(r)
		want.Sizes.Count(r)
		want.Content.Count(r)
	}
	require.Equal(t, want.Output, rep.Output)
	require.Equal(t, want.Sizes, rep.Sizes)
	require.Equal(t, want.Content, rep.Content)
	require.EqualValues(t, 30, rep.Ledger.Kept)
	require.EqualValues(t, 1, rep.Sizes.Passes.Max())
	rep.Stages = nil
	require.Equal(t, rep, copyOf(t, rep), "a report survives JSON")
}

type discard struct{}

func (discard) Write(context.Context, *datamix.Record) error { return nil }
func (discard) Close() error                                 { return nil }

func BenchmarkReportCounting(b *testing.B) {
	text := make([]byte, 2000)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	r := datamix.NewChat(datamix.User(string(text[:500])), datamix.Assistant(string(text)))
	r.SetCounts(datamix.Counts{Total: 700, Context: 100, Final: 600, Trainable: 600})
	b.Run("tally", func(b *testing.B) {
		var t datamix.Tally
		for b.Loop() {
			t.Count(r)
		}
	})
	b.Run("sizes", func(b *testing.B) {
		var s datamix.Sizes
		b.ReportAllocs()
		for b.Loop() {
			s.Count(r)
		}
	})
	b.Run("content", func(b *testing.B) {
		var s datamix.SetHash
		b.ReportAllocs()
		b.SetBytes(2500)
		for b.Loop() {
			s.Count(r)
		}
	})
}

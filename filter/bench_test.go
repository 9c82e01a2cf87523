package filter_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// ordinary is a chat of the size that instruction sets have, 2 KB.
func ordinary() *datamix.Record {
	r := chat("How do I keep a sourdough starter alive while I travel for three weeks?",
		strings.Repeat("Feed it well, let it rise for an hour, then put it in the coldest part of the fridge; it will sleep there. ", 10),
		"And when I am back?", strings.Repeat("Take it out, pour off the grey liquid, and feed it twice a day until it doubles again. ", 10))
	r.SetLabel("language", "en")
	r.SetLabel("score", "0.5")
	return r
}

// TestFiltersDoNotAllocate covers the hot path of the filters that can do
// without memory. Regular expressions and parsed columns are not among them.
func TestFiltersDoNotAllocate(t *testing.T) {
	registry := filter.Registry(limited{})
	r := ordinary()
	for _, form := range builtin {
		f := build(t, registry, form)
		if strings.Contains(form, "match\": ") || strings.Contains(form, "error") {
			continue
		}
		n := testing.AllocsPerRun(20, func() { _, _ = f.Check(context.Background(), r) })
		assert.Zero(t, n, form)
	}
}

func BenchmarkFilters(b *testing.B) {
	registry := filter.Registry(limited{})
	r := ordinary()
	for _, form := range builtin {
		f := build(b, registry, form)
		b.Run(strings.NewReplacer(`"`, "", " ", "").Replace(form), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = f.Check(b.Context(), r)
			}
		})
	}
}

func BenchmarkDedup(b *testing.B) {
	const n = 10_000
	rs := make([]*datamix.Record, n)
	for i := range rs {
		rs[i] = chat(fmt.Sprintf("Question %d, and some words around it.", i*2/3), strings.Repeat("An answer of an ordinary length. ", 20))
	}
	src := sourceOf(rs...)
	for _, by := range []filter.DedupKey{filter.ByContent, filter.ByPrompt, filter.ByResponse, filter.ByNormalized} {
		stage, err := filter.Dedup(&filter.DedupOptions{By: by})
		require.NoError(b, err)
		b.Run(string(by), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range stage.Apply(b.Context(), src) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
		})
	}
}

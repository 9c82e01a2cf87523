package mix_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/source"
)

func lookedAt() fstest.MapFS {
	var lines strings.Builder
	for i := range 4000 {
		answer := fmt.Sprintf(`answer\n%d`, i)
		switch {
		case i%10 == 3:
			answer = " "
		case i%1000 == 5:
			answer = `\ud800` // no text
		}
		fmt.Fprintf(&lines, `{"prompt":"question\t%d %s","completion":"%s","kind":"k%d"}`+"\n", i, strings.Repeat("and more ", i%50), answer, i%3)
	}
	return fstest.MapFS{"a.jsonl": {Data: []byte(lines.String())}}
}

// TestMeasuringInBatches holds what a mix measures in the batches of a source
// against what it measures record by record, which it does where somebody watches.
func TestMeasuringInBatches(t *testing.T) {
	recipe := mix.Recipe{Seed: 1, Total: 1000, Dedup: filter.ByContent, Filters: []datamix.Filter{filter.NoEmptyTurns()}, OnError: datamix.SkipAtMost(4),
		Parts: []mix.Part{{Name: "a", Source: source.Files(lookedAt(), "a.jsonl", nil), Strata: "kind", Quantity: mix.All()}}}
	recipe.Total = 0
	measured := func(ctx context.Context, workers int) *mix.Index {
		m, err := mix.New(recipe, &mix.Options{Workers: workers})
		require.NoError(t, err)
		x, err := m.Measure(ctx, "a")
		require.NoError(t, err)
		return x
	}
	seen := 0
	watched := datamix.WithObserver(t.Context(), &datamix.Observer{Drop: func(string, *datamix.Record, datamix.Verdict) { seen++ }})
	want := measured(watched, 2)
	require.Equal(t, datamix.Ledger{Read: 4000, Kept: 3596, Skipped: 4, Dropped: map[datamix.Verdict]int64{"empty_turn": 400}}, want.Ledger)
	assert.Equal(t, 400, seen)
	for _, workers := range []int{1, 2, 8} {
		got := measured(t.Context(), workers)
		require.Equal(t, want, got)
	}
	recipe.OnError = datamix.SkipAtMost(2)
	m, err := mix.New(recipe, nil)
	require.NoError(t, err)
	_, err = m.Measure(t.Context(), "a")
	require.ErrorIs(t, err, datamix.ErrTooManyErrors)
	require.ErrorContains(t, err, "a.jsonl, row 2006")
	recipe.OnError = nil
	m, err = mix.New(recipe, nil)
	require.NoError(t, err)
	_, err = m.Measure(t.Context(), "a")
	require.ErrorContains(t, err, "part a: a.jsonl, row 6")
}

// TestFiltersMayKeepTexts measures with a filter that remembers what it has seen.
func TestFiltersMayKeepTexts(t *testing.T) {
	var mu sync.Mutex
	texts := map[string]string{}
	remember := filter.Func("remember", func(r *datamix.Record) bool {
		mu.Lock()
		defer mu.Unlock()
		texts[r.ID()] = r.Prompt()
		return true
	})
	for _, f := range []datamix.Filter{remember, filter.All(filter.NoEmptyTurns(), remember), filter.Reason(filter.Not(remember), "r")} {
		assert.False(t, datamix.Borrows(f))
		m, err := mix.New(mix.Recipe{Filters: []datamix.Filter{f}, OnError: datamix.SkipAtMost(4),
			Parts: []mix.Part{{Name: "a", Source: source.Files(lookedAt(), "a.jsonl", nil), Quantity: mix.All()}}}, nil)
		require.NoError(t, err)
		_, err = m.Measure(t.Context(), "a")
		require.NoError(t, err)
		for id, text := range texts {
			require.True(t, strings.HasPrefix(text, "question\t"+strings.TrimPrefix(id, "a.jsonl:")+" "), "%s: %q", id, text)
		}
		clear(texts)
	}
}

// TestLentRecords holds records that are lent, which are right while the loop is at
// them, against those that belong to the loop.
func TestLentRecords(t *testing.T) {
	fsys := lookedAt()
	fsys["b.csv"] = &fstest.MapFile{Data: []byte("question,answer\n" + strings.Repeat("what,that\n", 500))}
	for _, order := range orders {
		for _, workers := range []int{1, 3} {
			m, err := mix.New(mix.Recipe{Order: order, OnError: datamix.SkipAtMost(4), Parts: []mix.Part{
				{Name: "a", Source: source.Files(fsys, "a.jsonl", nil), Quantity: mix.Epochs(2.5)},
				{Name: "b", Source: source.Files(fsys, "b.csv", nil), Quantity: mix.Epochs(2)}}}, &mix.Options{Workers: workers})
			require.NoError(t, err)
			var kept []*datamix.Record
			for r, err := range m.Records(t.Context()) {
				require.NoError(t, err)
				kept = append(kept, r)
			}
			require.Greater(t, len(kept), 9000)
			for r, err := range m.Lend(t.Context()) {
				require.NoError(t, err)
				want := kept[0]
				kept = kept[1:]
				require.Equal(t, want.Origin, r.Origin)
				require.Equal(t, want.ContentHash(), r.ContentHash())
				require.Equal(t, want.Label("kind"), r.Label("kind"))
			}
			require.Empty(t, kept)
		}
	}
}

// hoarder is a sink that keeps what it is given.
type hoarder struct{ records []*datamix.Record }

func (h *hoarder) Write(_ context.Context, r *datamix.Record) error {
	h.records = append(h.records, r)
	return nil
}

func (h *hoarder) Close() error { return nil }

func TestSinksMayKeepRecords(t *testing.T) {
	m, err := mix.New(mix.Recipe{OnError: datamix.SkipAtMost(4), Parts: []mix.Part{{Name: "a", Source: source.Files(lookedAt(), "a.jsonl", nil), Quantity: mix.All()}}}, nil)
	require.NoError(t, err)
	var h hoarder
	_, err = datamix.Run(t.Context(), m, &h)
	require.NoError(t, err)
	require.Len(t, h.records, 3996)
	for _, r := range h.records {
		require.True(t, strings.HasPrefix(r.Prompt(), fmt.Sprintf("question\t%d ", r.Origin.Row)))
	}
}

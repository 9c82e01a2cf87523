package published_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/published"
)

// generated is a source of rows that cost next to nothing to make: counted
// chats of one text, whose sizes in tokens follow from their numbers.
type generated struct {
	name string
	rows int64
	// tokens is the mean size; sizes go from a quarter of it to about four
	// times.
	tokens int
}

var generatedTurns = []datamix.Message{
	{Role: datamix.RoleUser, Content: "a question"}, {Role: datamix.RoleAssistant, Content: "an answer"},
}

func (g generated) size(row int64) int {
	x := float64(datamix.Priority(1, g.name, uint64(row))>>11) / (1 << 53)
	return max(1, int(float64(g.tokens)*(0.25+0.75*min(-math.Log(1-x), 5))))
}

func (g generated) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for i := range g.rows {
			if i%1024 == 0 && ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			r := datamix.NewChat(generatedTurns...)
			r.Origin = datamix.Origin{Path: g.name, Row: i}
			if n := g.size(i); g.tokens > 0 {
				r.SetCounts(datamix.Counts{Total: n, Context: n / 3, Final: n - n/3, Trainable: n - n/3})
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Pick skips rows without making them.
func (g generated) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for i := range g.rows {
			if !want(datamix.Origin{Path: g.name, Row: i}) {
				continue
			}
			for r, err := range (generated{g.name, 1, 0}).Records(ctx) {
				if err == nil {
					r.Origin.Row = i
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// draw draws a recipe and returns what each part gave. It holds every prefix
// against the shares of the plan: rows to within one, tokens to within the
// longest record.
func draw(t *testing.T, r *mix.Recipe) (*mix.Plan, map[string]datamix.Tally) {
	t.Helper()
	require.NoError(t, r.Build(nil))
	m, err := mix.New(*r, &mix.Options{Workers: 1})
	require.NoError(t, err)
	plan, err := m.Plan(t.Context())
	require.NoError(t, err)
	index := map[string]int{}
	share := make([]float64, len(plan.Parts))
	for i, p := range plan.Parts {
		index[p.Name] = i
		share[i] = float64(p.Amount) / float64(plan.Total)
	}
	tallies := make([]datamix.Tally, len(plan.Parts))
	var all, longest int64
	var worst float64
	for rec, err := range m.Records(t.Context()) {
		require.NoError(t, err)
		size := plan.Unit.Of(rec.Counts())
		all, longest = all+size, max(longest, size)
		i := index[rec.Origin.Source]
		tallies[i].Count(rec)
		// The part that just grew is the one that can be ahead; those behind are
		// looked at from time to time.
		off := math.Abs(float64(tallies[i].In(plan.Unit)) - share[i]*float64(all))
		if tallies[i].Rows%101 == 0 {
			for j := range tallies {
				off = max(off, math.Abs(float64(tallies[j].In(plan.Unit))-share[j]*float64(all)))
			}
		}
		worst = max(worst, off)
	}
	assert.LessOrEqual(t, worst, 1.0001*float64(longest), "the farthest that a prefix is from the mix")
	found := map[string]datamix.Tally{}
	for i, p := range plan.Parts {
		found[p.Name] = tallies[i]
	}
	return plan, found
}

// pools makes a source for every component of a mixture in rows: of the
// published pool where that limits the draw, otherwise of somewhat more rows
// than are drawn, so that there is something to choose. scale is the size of the
// mix that will be drawn, as a part of the published one.
func pools(m *published.Mixture, scale float64) map[string]datamix.Source {
	drawn, _ := m.Numbers(m.Measure)
	sources := map[string]datamix.Source{}
	for i := range m.Components {
		rows := drawn[i].Value
		pool := rows + math.Ceil(rows/16)
		if j := slices.IndexFunc(m.Columns, func(c published.Column) bool { return c.Is == published.Pool && c.Of == "rows" }); j >= 0 {
			if n := m.Components[i].Values[j]; n != nil {
				pool = min(pool, n.Value)
			}
		}
		sources[m.Components[i].ID] = generated{m.Components[i].ID, int64(math.Ceil(pool * scale)), 0}
	}
	return sources
}

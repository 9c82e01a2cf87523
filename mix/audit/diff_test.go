package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/sink"
)

func TestDiffOfTwoDraws(t *testing.T) {
	older := drawn(t, &sink.Options{Provenance: true})
	open := func(dir string) datamix.Source {
		s, err := audit.Open(dir, nil)
		require.NoError(t, err)
		return s
	}
	d, err := audit.Sets(t.Context(), open(older), open(older), nil)
	require.NoError(t, err)
	assert.True(t, d.Equal())
	assert.True(t, d.SameOrder)
	assert.Equal(t, audit.KeyProvenance, d.Key)
	assert.EqualValues(t, 152, d.Same)

	r := recipe()
	r.Parts[0].Quantity, r.Parts[1].Quantity = mix.Share(0.25), mix.Share(0.75)
	m, err := mix.New(*r, nil)
	require.NoError(t, err)
	newer := t.TempDir()
	_, err = datamix.Run(t.Context(), m, sink.JSONL(newer, &sink.Options{RowsPerShard: 10, Provenance: true}))
	require.NoError(t, err)
	for _, key := range []string{audit.KeyContent, audit.KeyProvenance} {
		d, err = audit.Sets(t.Context(), open(older), open(newer), &audit.DiffOptions{Key: key, Tokenizer: words{}, Examples: 2})
		require.NoError(t, err)
		assert.Zero(t, d.Changed)
		assert.EqualValues(t, 152, d.Same+d.Removed, "all old records")
		var rows int64
		for _, g := range d.Groups {
			rows += g.New.Rows
		}
		assert.Equal(t, rows, d.Same+d.Added, "all new records")
		assert.False(t, d.SameOrder)
		assert.InDelta(t, 0.25, d.Groups[0].NewShare, 0.01)
		require.Len(t, d.Examples, 4)
		for _, e := range d.Examples {
			assert.NotEmpty(t, e.ID)
			assert.NotEmpty(t, e.Group)
			assert.NotEmpty(t, e.Old+e.New)
		}
	}
}

// TestDiffAgainstByHand compares random small sets with a diff by definition.
func TestDiffAgainstByHand(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var sets [2][]*datamix.Record
		var counts [2]map[string]map[string]int // times by id, then content
		for i := range sets {
			counts[i] = map[string]map[string]int{}
			for range rng.IntN(12) {
				id, content := fmt.Sprint(rng.IntN(5)), fmt.Sprint(rng.IntN(3))
				r := datamix.NewText(content)
				r.SetLabel("id", id)
				sets[i] = append(sets[i], r)
				if counts[i][id] == nil {
					counts[i][id] = map[string]int{}
				}
				counts[i][id][content]++
			}
		}
		var want audit.SetDiff
		for id := range 5 {
			a, b := counts[0][fmt.Sprint(id)], counts[1][fmt.Sprint(id)]
			var restA, restB int64
			for content := range 3 {
				x, y := int64(a[fmt.Sprint(content)]), int64(b[fmt.Sprint(content)])
				want.Same += min(x, y)
				restA += x - min(x, y)
				restB += y - min(x, y)
			}
			want.Changed += min(restA, restB)
			want.Removed += restA - min(restA, restB)
			want.Added += restB - min(restA, restB)
		}
		d, err := audit.Sets(t.Context(), records(sets[0]), records(sets[1]), &audit.DiffOptions{Key: "id"})
		require.NoError(t, err)
		require.Equal(t, [4]int64{want.Same, want.Changed, want.Removed, want.Added}, [4]int64{d.Same, d.Changed, d.Removed, d.Added})
	}
}

func TestDiffShowsWhatChanged(t *testing.T) {
	chat := func(id, answer string) *datamix.Record {
		r := datamix.NewChat(datamix.User("a question"), datamix.Assistant(answer))
		r.SetLabel("id", id)
		r.SetLabel("source", "part")
		return r
	}
	long := strings.Repeat("the same words ", 40)
	older := []*datamix.Record{chat("1", "kept"), chat("2", long+"é old end"), chat("3", "gone"), chat("5", "other order")}
	newer := []*datamix.Record{chat("5", "other order"), chat("2", long+"è new end"), chat("4", "new"), chat("1", "kept")}
	d, err := audit.Sets(t.Context(), records(older), records(newer), nil)
	require.NoError(t, err)
	assert.Equal(t, "id", d.Key)
	s := d.String()
	assert.Contains(t, s, "matched by id: 2 the same, 1 changed, 1 removed, 1 added\n")
	assert.Contains(t, s, "changed 2 (part)\n  - …the same words the same words é old end\n  + …the same words the same words è new end\n")
	assert.Contains(t, s, "removed 3 (part)\n  - user: a question | assistant: gone\n")
	assert.Contains(t, s, "added 4 (part)\n  + user: a question | assistant: new\n")
	_, err = json.Marshal(d)
	require.NoError(t, err)

	d, err = audit.Sets(t.Context(), records(older[:1]), records(nil), &audit.DiffOptions{Examples: -1})
	require.NoError(t, err)
	assert.Empty(t, d.Examples)
	assert.EqualValues(t, 1, d.Removed)

	d, err = audit.Sets(t.Context(), records([]*datamix.Record{older[0], older[3]}), records([]*datamix.Record{newer[0], newer[3]}), nil)
	require.NoError(t, err)
	assert.Contains(t, d.String(), "the order differs")
}

func TestDiffOfBadSets(t *testing.T) {
	broken := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			_ = yield(datamix.NewText("x"), nil) && yield(nil, &datamix.RecordError{Stage: "read", Err: errors.New("no JSON")})
		}
	})
	_, err := audit.Sets(t.Context(), records(nil), broken, nil)
	require.EqualError(t, err, "datamix/mix/audit: the new set: row 1: read: no JSON")
	_, err = audit.Sets(t.Context(), broken, records(nil), nil)
	require.ErrorContains(t, err, "the old set")
}

func TestDiffOfRecipes(t *testing.T) {
	parse := func(text string) *mix.Recipe {
		r, err := mix.Parse([]byte(text), "recipe")
		require.NoError(t, err)
		return r
	}
	older := parse(`
seed: 1
total: 100
filters: [no_empty_turns]
parts:
  - {name: a, share: 40%, source: {path: a.jsonl}}
  - {name: b, share: 30%, source: {path: b.jsonl}, labels: {license: mit}}
  - name: g
    share: 30%
    parts: [{name: x, weight: 1, source: {path: x}}, {name: y, weight: 1, source: {path: y}}]
`)
	newer := parse(`
seed: 1
total: 200
filters: [no_empty_turns, {max_tokens: 100}]
parts:
  - {name: b, share: 1/3, source: {path: b2.jsonl, format: jsonl}, labels: {license: mit}}
  - {name: a, share: 36.6666%, source: {path: a.jsonl}}
  - name: g
    share: 30%
    parts: [{name: x, weight: 2, source: {path: x}}, {name: z, weight: 1, source: {path: z}}]
  - {name: rest, rest: true, source: {path: r}}
`)
	d, err := audit.Recipes(older, newer)
	require.NoError(t, err)
	assert.Equal(t, `~ filters: ["no_empty_turns"] -> ["no_empty_turns",{"max_tokens":100}]
~ parts[a].share: 40% -> 36.6666%
~ parts[b].share: 30% -> 33.3333%
+ parts[b].source.format: "jsonl"
~ parts[b].source.path: "b.jsonl" -> "b2.jsonl"
~ parts[g].parts[x].weight: 1 -> 2
- parts[g].parts[y]: {"name":"y","source":{"path":"y"},"weight":1}
+ parts[g].parts[z]: {"name":"z","source":{"path":"z"},"weight":1}
+ parts[rest]: {"name":"rest","rest":true,"source":{"path":"r"}}
~ parts: in order a, b, g -> in order b, a, g
~ total: 100 -> 200
`, d.String())
	same, err := audit.Recipes(older, older)
	require.NoError(t, err)
	assert.Empty(t, same)
}

func ExampleSets() {
	older := []*datamix.Record{datamix.NewText("one"), datamix.NewText("two")}
	newer := []*datamix.Record{datamix.NewText("two"), datamix.NewText("three")}
	d, err := audit.Sets(context.Background(), records(older), records(newer), &audit.DiffOptions{Examples: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Same, d.Removed, d.Added)
	// Output: 1 1 1
}

func ExampleRecipes() {
	older := &mix.Recipe{Total: 100, Parts: []mix.Part{{Name: "a", Quantity: mix.Weight(1)}}}
	newer := &mix.Recipe{Total: 100, Parts: []mix.Part{{Name: "a", Quantity: mix.Weight(2)}}}
	d, err := audit.Recipes(older, newer)
	fmt.Print(d)
	fmt.Println(err)
	// Output:
	// ~ parts[a].weight: 1 -> 2
	// <nil>
}

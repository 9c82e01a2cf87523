package mix_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

const treeRecipe = `
seed: 1
total: 1_000
parts:
  - {name: math, share: 40%, source: {path: a.jsonl}}
  - name: chat
    share: 60%
    labels: {category: chat, license: mit}
    max_epochs: 3
    parts:
      - {name: oasst, weight: 2, source: {path: b.jsonl}, labels: {license: apache}}
      - name: tools
        weight: 1
        parts:
          - {name: a, share: 25%, source: {path: c.jsonl}, prefer: reward, strata: language}
          - {name: b, rest: true, source: {path: d.jsonl}, max_epochs: 1}
`

func TestParseTree(t *testing.T) {
	r, err := mix.Parse([]byte(treeRecipe), "r.yaml")
	require.NoError(t, err)
	tools := r.Parts[1].Parts[1]
	assert.Equal(t, "tools", tools.Name)
	assert.True(t, tools.Parts[1].Rest)
	assert.Equal(t, "reward", tools.Parts[0].Prefer)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	again, err := mix.Parse(text, "r.json")
	require.NoError(t, err, string(text))
	assert.Equal(t, r, again)
}

func TestGroupsShareOutTheirShare(t *testing.T) {
	r := mix.Recipe{Total: 1000, Parts: []mix.Part{
		{Name: "math", Source: gen("math", 1000), Quantity: mix.Share(0.4)},
		{Name: "chat", Quantity: mix.Share(0.6), Labels: map[string]string{"category": "chat"}, Parts: []mix.Part{
			{Name: "oasst", Source: gen("oasst", 1000), Quantity: mix.Weight(2)},
			{Name: "tools", Quantity: mix.Weight(1), Parts: []mix.Part{
				{Name: "a", Source: gen("a", 1000), Quantity: mix.Share(0.25)},
				{Name: "b", Source: gen("b", 1000), Quantity: mix.Rest()},
			}},
		}},
	}}
	assert.Equal(t, map[string]int64{"math": 400, "chat/oasst": 400, "chat/tools/a": 50, "chat/tools/b": 150},
		counts(draw(t, r, nil), datamix.Rows))
	m, err := mix.New(r, nil)
	require.NoError(t, err)
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"category": "chat"}, p.Parts[2].Labels)
	require.Len(t, p.Groups, 2)
	assert.Equal(t, "chat/tools", p.Groups[1].Name)
	assert.EqualValues(t, 200, p.Groups[1].Size)
	assert.Equal(t, [2]int{2, 4}, [2]int{p.Groups[1].From, p.Groups[1].To})
}

// columned is generated with columns: score and language.
type columned struct{ *generated }

func (c columned) Records(ctx context.Context) datamix.Seq {
	return c.Pick(ctx, func(datamix.Origin) bool { return true })
}

func (c columned) Pick(ctx context.Context, want func(datamix.Origin) bool) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for r, err := range c.generated.Pick(ctx, want) {
			if err == nil {
				i := r.Origin.Row
				if i%10 != 9 {
					r.SetLabel("score", string('0'+rune(i%7)))
				}
				r.SetLabel("language", []string{"en", "en", "en", "de", "fr"}[i%5])
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// score is the number of a record of columned, -1 for none.
func score(d drawn) int64 {
	if d.row%10 == 9 {
		return -1
	}
	return d.row % 7
}

// TestPreferChoosesHigherNumbersFirst holds that higher numbers are chosen, and
// have no part in the order.
func TestPreferChoosesHigherNumbersFirst(t *testing.T) {
	src := columned{gen("a", 1000)}
	part := mix.Part{Name: "a", Source: src, Quantity: mix.Rows(200), Prefer: "score"}
	out := draw(t, mix.Recipe{Seed: 3, Parts: []mix.Part{part}}, nil)
	var sixes [2]int
	for i, d := range out {
		require.GreaterOrEqual(t, score(d), int64(5), "the 128 or so with 6, then some with 5")
		if score(d) == 6 {
			sixes[i/100]++
		}
	}
	assert.InDelta(t, sixes[0], sixes[1], 20, "they are spread")
	other := draw(t, mix.Recipe{Seed: 4, Parts: []mix.Part{part}}, nil)
	assert.NotSubset(t, out, other, "the hash decides among equals")

	part.Quantity = mix.Quantity{} // two stages and two passes
	r := mix.Recipe{Seed: 3, MaxEpochs: 2, Parts: []mix.Part{part}, Stages: []mix.Stage{
		{Name: "one", Parts: []mix.StagePart{{Name: "a", Quantity: mix.Rows(100)}}},
		{Name: "two", Parts: []mix.StagePart{{Name: "a", Quantity: mix.Rows(1000)}}},
		{Name: "three", Parts: []mix.StagePart{{Name: "a", Quantity: mix.Rows(100)}}}}}
	out = draw(t, r, nil)
	seen := map[drawn]bool{}
	for i, d := range out {
		require.False(t, seen[d], "once in each pass")
		seen[d] = true
		switch {
		case i < 100:
			require.EqualValues(t, 6, score(d))
		case i >= 1000 && i < 1100:
			require.EqualValues(t, 6, score(d), "the best of the second pass")
		}
	}
	m, err := mix.New(r, nil)
	require.NoError(t, err)
	v, err := m.Open(t.Context())
	require.NoError(t, err)
	defer v.Close()
	for _, i := range []int64{0, 99, 100, 999, 1000, 1099, 1199} {
		x, err := v.At(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, out[i], drawn{x.Origin.Source, x.Origin.Row, x.Origin.Pass, x.Counts()})
	}

	part.Quantity, part.Strata = mix.Rows(200), "language"
	var n [5]int
	for i, d := range draw(t, mix.Recipe{Seed: 3, Parts: []mix.Part{part}}, nil) {
		n[d.row%5]++
		require.Less(t, abs(float64(n[0]+n[1]+n[2])-0.6*float64(i+1)), 1+1e-9, "strata keep their ratio at every prefix")
	}
	part.Strata = ""

	part.Prefer = "scroe"
	m, err = mix.New(mix.Recipe{Parts: []mix.Part{part}}, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.ErrorContains(t, err, `prefer names "scroe"`)
}

func TestStrataKeepTheirRatioAtEveryPrefix(t *testing.T) {
	src := columned{gen("a", 1000)}
	out := draw(t, mix.Recipe{Seed: 3, MaxEpochs: 2, Parts: []mix.Part{{Name: "a", Source: src, Quantity: mix.Rows(1500), Strata: "language"}}}, nil)
	share := []float64{.6, .2, .2}
	var n [3]float64
	for i, d := range out {
		n[max(0, d.row%5-2)]++
		for s := range n {
			require.Less(t, abs(n[s]-share[s]*float64(i+1)), 1+1e-9)
		}
	}
	assert.Equal(t, [3]float64{900, 300, 300}, n)
}

func TestTreeErrorsNameTheLine(t *testing.T) {
	for want, text := range map[string]string{
		"line 6: datamix/mix: bad recipe: part g/b: it has no quantity": "total: 5\nparts:\n  - name: g\n    share: 1\n    parts:\n      - {name: b}\n",
		"line 5: datamix/mix: bad recipe: part a: unit is for groups":   "total: 5\nparts:\n\n\n  - {name: a, share: 1, unit: tokens}\n",
		"both a source and parts":                                       "total: 5\nparts:\n  - {name: a, share: 1, source: {path: x}, parts: [{name: b, share: 1}]}\n",
		`two parts are called "a/b"`:                                    "total: 5\nparts:\n  - {name: a, share: 1, parts: [{name: b, weight: 1}, {name: b, weight: 1}]}\n",
		"unknown shortfall":                                             "shortfall: never\ntotal: 5\nparts:\n  - {name: a, share: 1}\n",
		"max_fraction is 2":                                             "total: 5\nparts:\n  - {name: a, share: 1, max_fraction: 2}\n",
	} {
		_, err := mix.Parse([]byte(text), "r.yaml")
		require.ErrorIs(t, err, mix.ErrRecipe, want)
		assert.ErrorContains(t, err, want)
	}
}

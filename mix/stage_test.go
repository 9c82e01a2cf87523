package mix_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

func curriculum() mix.Recipe {
	return mix.Recipe{Seed: 3, MaxEpochs: 2, Parts: []mix.Part{
		{Name: "web", Source: gen("web", 1000)},
		{Name: "code", Source: gen("code", 400)},
		{Name: "good", MaxEpochs: 1, Parts: []mix.Part{
			{Name: "math", Source: gen("math", 300), Quantity: mix.Weight(2)},
			{Name: "books", Source: gen("books", 200), Quantity: mix.Weight(1)},
		}},
	}, Stages: []mix.Stage{
		{Name: "stable", Total: 800, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Share(0.85)}, {Name: "code", Quantity: mix.Rest()}}},
		{Name: "decay", Total: 600, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Share(0.25)}, {Name: "code", Quantity: mix.Share(0.25)}, {Name: "good", Quantity: mix.Share(0.5)}}},
		{Name: "last", Parts: []mix.StagePart{{Name: "good", Quantity: mix.Rows(30)}, {Name: "code", Quantity: mix.Rows(10)}}},
	}}
}

func TestStagesFollowEachOther(t *testing.T) {
	r := curriculum()
	out := draw(t, r, nil)
	require.Len(t, out, 1440)
	assert.Equal(t, map[string]int64{"web": 680, "code": 120}, counts(out[:800], datamix.Rows))
	assert.Equal(t, map[string]int64{"web": 150, "code": 150, "good/math": 200, "good/books": 100}, counts(out[800:1400], datamix.Rows))
	assert.Equal(t, map[string]int64{"code": 10, "good/math": 20, "good/books": 10}, counts(out[1400:], datamix.Rows))
	at := map[string]float64{}
	for n, d := range out[800:1400] { // every prefix of a stage is the stage
		at[d.part]++
		require.Less(t, abs(at["good/math"]-float64(n+1)/3), 1+1e-9)
	}
	seen := map[drawn]bool{}
	for _, d := range out {
		require.False(t, seen[d], "a stage goes on where the one before stopped")
		seen[d] = true
	}

	m, err := mix.New(r, nil)
	require.NoError(t, err)
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1440, p.Total)
	require.Len(t, p.Stages, 3)
	assert.EqualValues(t, 300, p.Stages[1].Groups[0].Amount)
	assert.EqualValues(t, 830, p.Parts[0].Rows)
	assert.EqualValues(t, 280, p.Parts[1].Rows)
}

func TestStagesGoOnFromAState(t *testing.T) {
	want := draw(t, curriculum(), nil)
	m, err := mix.New(curriculum(), nil)
	require.NoError(t, err)
	for _, stop := range []int{0, 1, 799, 800, 801, 1399, 1400, 1439, 1440} {
		c, err := m.Cursor(t.Context())
		require.NoError(t, err)
		n := 0
		for _, err := range c.Records(t.Context()) {
			require.NoError(t, err)
			if n++; n >= stop {
				break
			}
		}
		if stop == 0 {
			n, c = 0, must(m.Cursor(t.Context()))
		}
		c, err = m.Resume(t.Context(), c.State(), nil)
		require.NoError(t, err)
		for r, err := range c.Records(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, want[n], drawn{r.Origin.Source, r.Origin.Row, r.Origin.Pass, r.Counts()}, "record %d after a stop at %d", n, stop)
			n++
		}
		require.Equal(t, len(want), n)
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func TestShardsOfStages(t *testing.T) {
	m, err := mix.New(curriculum(), nil)
	require.NoError(t, err)
	total := map[string]int64{}
	for i := range 3 {
		s, err := m.Shard(i, 3)
		require.NoError(t, err)
		var rows []string
		for r, err := range s.Records(t.Context()) {
			require.NoError(t, err)
			rows = append(rows, r.Origin.Source)
			total[r.Origin.Source]++
		}
		first := map[string]float64{}
		for _, part := range rows[:800/3] {
			first[part]++
		}
		assert.Zero(t, first["good/math"], "the first stage is the first third of each shard's 800 rows")
		assert.InDelta(t, 680/3, first["web"], 2)
	}
	assert.Equal(t, counts(draw(t, curriculum(), nil), datamix.Rows), total)
}

func TestStagesShareTheLimitsOfParts(t *testing.T) {
	r := curriculum()
	r.Stages[1].Total = 1000 // good gives 500, all that it has, and 30 more are asked for
	m, err := mix.New(r, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.ErrorIs(t, err, mix.ErrInfeasible)
	assert.ErrorContains(t, err, "stage decay: ")
	assert.ErrorContains(t, err, "part good/math needs 333 rows")
}

func TestStagesByShareOfTheTotal(t *testing.T) {
	r := curriculum()
	r.Total = 1001
	third, rest := mix.Share(1./4).Share, mix.Share(3./4).Share
	r.Stages = []mix.Stage{
		{Name: "a", Share: third, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Share(1)}}},
		{Name: "b", Share: rest, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Weight(1)}, {Name: "code", Quantity: mix.Weight(1)}}},
	}
	p := must(must(mix.New(r, nil)).Plan(t.Context()))
	assert.EqualValues(t, 250, p.Stages[0].Total)
	assert.EqualValues(t, 751, p.Stages[1].Total)
	assert.EqualValues(t, 1001, p.Total)
}

func TestStagesThatContradictThemselves(t *testing.T) {
	for want, change := range map[string]func(*mix.Recipe){
		"a stage has no name":               func(r *mix.Recipe) { r.Stages[0].Name = "" },
		`two stages are called "decay"`:     func(r *mix.Recipe) { r.Stages[0].Name = "decay" },
		"needs a total in numbers":          func(r *mix.Recipe) { r.Total = mix.Largest },
		"total is 5 rows, but the stages":   func(r *mix.Recipe) { r.Total, r.Stages = 5, r.Stages[:1] },
		"the recipe has no such part":       func(r *mix.Recipe) { r.Stages[0].Parts[0].Name = "wbe" },
		"part math: the recipe has no such": func(r *mix.Recipe) { r.Stages[1].Parts[2].Name = "math" },
		"it stands twice":                   func(r *mix.Recipe) { r.Stages[0].Parts[1].Name = "web" },
		"part web: it has no quantity":      func(r *mix.Recipe) { r.Stages[0].Parts[0].Quantity = mix.Quantity{} },
		"stage stable has no total":         func(r *mix.Recipe) { r.Stages[0].Total = 0 },
		"the recipe has no total":           func(r *mix.Recipe) { r.Stages[0].Total, r.Stages[0].Share = 0, mix.Share(0.5).Share },
		"has both a total and a share":      func(r *mix.Recipe) { r.Total, r.Stages[0].Share = 10, mix.Share(0.5).Share },
		"stage decay: datamix/mix: bad recipe: the shares add up to 90 %": func(r *mix.Recipe) {
			r.Stages[1].Parts[0].Quantity = mix.Share(0.15)
		},
		"the order interleaved": func(r *mix.Recipe) { r.Order = mix.Shuffled },
		"cannot promise a min":  func(r *mix.Recipe) { n := int64(1); r.Parts[0].Min = &mix.Bound{Rows: &n} },
		"its weight cannot be":  func(r *mix.Recipe) { r.Weights = &mix.Weights{UniMax: 2} },
	} {
		r := curriculum()
		change(&r)
		require.ErrorIs(t, r.Check(), mix.ErrRecipe, want)
		assert.ErrorContains(t, r.Check(), want)
	}
}

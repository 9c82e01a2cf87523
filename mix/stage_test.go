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
		"a stage has no name":           func(r *mix.Recipe) { r.Stages[0].Name = "" },
		`two stages are called "decay"`: func(r *mix.Recipe) { r.Stages[0].Name = "decay" },
		"stable has no share of the":    func(r *mix.Recipe) { r.Total = mix.Largest },
		"the stages add up to 90 %, not": func(r *mix.Recipe) {
			r.Total = mix.Largest
			for i := range r.Stages {
				r.Stages[i].Total, r.Stages[i].Share = 0, mix.Share(0.3).Share
			}
		},
		"stable has the largest total, and": func(r *mix.Recipe) { r.Total, r.Stages[0].Total = 800, mix.Largest },
		"last has the largest total, and":   func(r *mix.Recipe) { r.Stages[2].Total = mix.Largest },
		"total is -2":                       func(r *mix.Recipe) { r.Stages[0].Total = -2 },
		"weights is for groups":             func(r *mix.Recipe) { r.Stages[0].Parts[0].Weights = &mix.Weights{UniMax: 2} },
		"and all have one":                  func(r *mix.Recipe) { r.Stages[1].Parts[2].Weights = &mix.Weights{UniMax: 2} },
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
		"weight: 0 leaves one out": func(r *mix.Recipe) { r.Weights = &mix.Weights{UniMax: 2} },
	} {
		r := curriculum()
		change(&r)
		require.ErrorIs(t, r.Check(), mix.ErrRecipe, want)
		assert.ErrorContains(t, r.Check(), want)
	}
}

// TestOrdersOfStages holds that a stage has the same records in every order, and
// that states, shards and numbers lead to the same ones.
func TestOrdersOfStages(t *testing.T) {
	r := curriculum()
	interleaved := draw(t, r, nil)
	for _, order := range []mix.Order{mix.Sequential, mix.Shuffled} {
		r.Order = order
		out := draw(t, r, nil)
		require.Len(t, out, len(interleaved))
		for _, stage := range [][2]int{{0, 800}, {800, 1400}, {1400, 1440}} {
			require.ElementsMatch(t, interleaved[stage[0]:stage[1]], out[stage[0]:stage[1]], "%s %v", order, stage)
		}
		assert.NotEqual(t, interleaved, out)
		if order == mix.Sequential {
			assert.Equal(t, "web", out[679].part)
			assert.Equal(t, "code", out[680].part)
			assert.Equal(t, "web", out[800].part)
		}
		m := must(mix.New(r, nil))
		v := must(m.Open(t.Context()))
		defer v.Close()
		for _, i := range []int64{0, 1, 799, 800, 1023, 1024, 1399, 1400, 1439} {
			x := must(v.At(t.Context(), i))
			require.Equal(t, out[i], drawn{x.Origin.Source, x.Origin.Row, x.Origin.Pass, x.Counts()}, "%s %d", order, i)
		}
		for _, stop := range []int{1, 799, 800, 801, 1400, 1439} {
			c := must(m.Cursor(t.Context()))
			n := 0
			for _, err := range c.Records(t.Context()) {
				require.NoError(t, err)
				if n++; n >= stop {
					break
				}
			}
			c = must(m.Resume(t.Context(), c.State(), nil))
			for x, err := range c.Records(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, out[n], drawn{x.Origin.Source, x.Origin.Row, x.Origin.Pass, x.Counts()}, "%s: record %d after a stop at %d", order, n, stop)
				n++
			}
			require.Equal(t, len(out), n)
		}
		var all []drawn
		for i := range 3 {
			s := must(m.Shard(i, 3))
			n := len(all)
			for x, err := range s.Records(t.Context()) {
				require.NoError(t, err)
				all = append(all, drawn{x.Origin.Source, x.Origin.Row, x.Origin.Pass, x.Counts()})
			}
			require.Subset(t, out[:810], all[n:n+250], "the first stage comes first in each shard")
		}
		require.ElementsMatch(t, out, all)
	}
}

// TestLargestStage lets the last stage take what the others leave.
func TestLargestStage(t *testing.T) {
	r := curriculum()
	r.Stages = r.Stages[:2]
	r.Stages[1].Total = mix.Largest
	p := planOf(t, r)
	assert.EqualValues(t, 900, p.Stages[1].Total, "a third is the 300 rows of math")
	assert.Equal(t, "max_epochs", p.Stages[1].Parts[2].Limit)
	r.Stages = append(r.Stages[:2:2], mix.Stage{Name: "rest", Total: mix.Largest, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Share(1)}}})
	p = planOf(t, r)
	assert.EqualValues(t, 2000, p.Parts[0].Rows, "both passes")
	assert.Equal(t, "max_epochs", p.Stages[2].Parts[0].Limit)

	r.Total, r.Shortfall, r.MaxEpochs = mix.Largest, mix.RepeatParts, 0
	r.Parts[2].MaxEpochs = 0
	for i := range r.Stages {
		r.Stages[i].Total, r.Stages[i].Share = 0, mix.Share(0.25).Share
	}
	r.Stages[0].Share = mix.Share(0.5).Share
	assert.ErrorContains(t, planError(t, r), "there is no largest total")
}

// TestMinOfStages holds that the last stage of a part makes up what its min
// lacks.
func TestMinOfStages(t *testing.T) {
	r := curriculum()
	r.Stages = r.Stages[:2]
	r.Parts[1].Min = bound(datamix.Rows, 300)
	assert.ErrorContains(t, planError(t, r), "stage decay: datamix/mix: infeasible: part code is to give 150 rows of a total of 600, less than its min of 300, and the stages before have taken 120; "+
		"the smallest feasible total is 719; a min of 270 for this part would free it")
	r.Shortfall = mix.Redistribute
	p := planOf(t, r)
	assert.EqualValues(t, 120, p.Stages[0].Parts[1].Rows)
	assert.EqualValues(t, 180, p.Stages[1].Parts[1].Rows)
	assert.Equal(t, "min", p.Stages[1].Parts[1].Limit)
	r.Parts[1].Min = bound(datamix.Rows, 250)
	r.Shortfall = ""
	assert.EqualValues(t, 270, planOf(t, r).Parts[1].Rows, "enough as it is")

	r.Parts[2].Min = bound(datamix.Tokens, 700) // of a group, in another unit
	r.Shortfall = mix.Redistribute
	p = planOf(t, r)
	assert.EqualValues(t, 350, p.Groups[0].Rows)
}

// TestMaxOfGroupInStages counts what parts have taken that a later stage has
// not.
func TestMaxOfGroupInStages(t *testing.T) {
	r := curriculum()
	r.Stages = r.Stages[1:2]
	r.Parts[2].Max = bound(datamix.Rows, 400)
	r.Stages = append(r.Stages, mix.Stage{Name: "math", Total: 101, Parts: []mix.StagePart{
		{Name: "good", Quantity: mix.Share(1)}, {Name: "good/books", Quantity: mix.Weight(0)}}})
	assert.ErrorContains(t, planError(t, r), "part good needs 101 rows of a total of 101, but its max is 400, and the stages before have taken 300")
	r.Stages[1].Total = 100
	assert.EqualValues(t, 400, planOf(t, r).Groups[0].Rows)
}

// TestComputedWeightsOfStages gives parts weights by their sizes in some stages,
// by other temperatures in others.
func TestComputedWeightsOfStages(t *testing.T) {
	r := mix.Recipe{Weights: &mix.Weights{Temperature: 1}, MaxEpochs: 3, Parts: []mix.Part{
		{Name: "en", Source: gen("en", 900)}, {Name: "de", Source: gen("de", 100)},
		{Name: "code", Source: gen("code", 400), Quantity: mix.Share(0.2)},
	}, Stages: []mix.Stage{
		{Name: "natural", Total: 500},
		{Name: "even", Total: 250, Weights: &mix.Weights{UniMax: 3}},
		{Name: "given", Total: 100, Parts: []mix.StagePart{{Name: "en", Quantity: mix.Weight(1)}, {Name: "de", Quantity: mix.Weight(3)}}},
		{Name: "without", Total: 100, Parts: []mix.StagePart{{Name: "en", Quantity: mix.Weight(0)}}},
	}}
	p := planOf(t, r)
	rows := func(stage int) (out []int64) {
		for _, x := range p.Stages[stage].Parts {
			out = append(out, x.Rows)
		}
		return out
	}
	assert.Equal(t, []int64{360, 40, 100}, rows(0))
	assert.Equal(t, []int64{100, 100, 50}, rows(1))
	assert.Equal(t, []int64{20, 60, 20}, rows(2))
	assert.Equal(t, []int64{0, 80, 20}, rows(3))
	assert.Equal(t, "temperature 1", p.Stages[0].Parts[0].Quantity)
	assert.Equal(t, "unimax 3", p.Stages[1].Parts[0].Quantity)
	r.Stages = append(r.Stages, mix.Stage{Name: "more", Total: 400, Weights: &mix.Weights{UniMax: 3}})
	p = planOf(t, r)
	assert.EqualValues(t, 300, p.Parts[1].Rows, "never more than 3 passes in all")

	r.Parts = []mix.Part{{Name: "web", Source: gen("web", 500)},
		{Name: "languages", Weights: &mix.Weights{Temperature: 1}, Parts: []mix.Part{{Name: "en", Source: gen("en", 900)}, {Name: "de", Source: gen("de", 100)}}}}
	r.Weights = nil
	r.Stages = []mix.Stage{
		{Name: "web", Total: 100, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Share(1)}}},
		{Name: "both", Total: 200, Parts: []mix.StagePart{{Name: "web", Quantity: mix.Weight(1)}, {Name: "languages", Quantity: mix.Weight(1), Weights: &mix.Weights{Temperature: 1000}}}},
	}
	p = planOf(t, r)
	assert.Equal(t, []int64{100, 0, 0}, rows(0))
	assert.Equal(t, []int64{100, 50, 50}, rows(1))
}

// TestStagesMakeTheTotal holds a total against stages whose parts make theirs.
func TestStagesMakeTheTotal(t *testing.T) {
	r := curriculum()
	r.Total = 1440
	planOf(t, r)
	r.Total = 1441
	assert.ErrorContains(t, planError(t, r), "total is 1,441 rows, but the stages add up to 1,440")
}

package mix_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sample"
)

func planOf(t testing.TB, r mix.Recipe) *mix.Plan {
	t.Helper()
	m, err := mix.New(r, nil)
	require.NoError(t, err)
	p, err := m.Plan(t.Context())
	require.NoError(t, err)
	return p
}

func planError(t testing.TB, r mix.Recipe) error {
	t.Helper()
	m, err := mix.New(r, nil)
	require.NoError(t, err)
	_, err = m.Plan(t.Context())
	require.Error(t, err)
	return err
}

func amounts(p *mix.Plan) map[string]int64 {
	out := map[string]int64{}
	for _, x := range p.Parts {
		out[x.Name] = x.Amount
	}
	return out
}

func sized(name string, n, mean int) *generated {
	return &generated{name: name, n: n, size: spread(mean)}
}

func bound(u datamix.Unit, n int64) *mix.Bound {
	switch u {
	case datamix.Tokens:
		return &mix.Bound{Tokens: &n}
	case datamix.TrainableTokens:
		return &mix.Bound{TrainableTokens: &n}
	}
	return &mix.Bound{Rows: &n}
}

func TestQuantities(t *testing.T) {
	for name, test := range map[string]struct {
		q    mix.Quantity
		want int64
	}{
		"share":  {mix.Share(0.25), 100},
		"weight": {mix.Weight(1), 100},
		"rows":   {mix.Rows(7), 7},
		"all":    {mix.All(), 101},
		"none":   {mix.Epochs(0), 0},
		"tenth":  {mix.Epochs(0.1), 10},
		"half":   {mix.Epochs(0.5), 51},
		"twice":  {mix.Epochs(2), 202},
		"2.5":    {mix.Epochs(2.5), 253},
		"rest":   {mix.Rest(), 100},
	} {
		other := mix.Part{Name: "b", Source: gen("b", 1000), Quantity: mix.Share(0.75)}
		if test.q.Share == nil && test.q.Weight == nil && !test.q.Rest {
			other.Quantity = mix.Rest()
		}
		p := planOf(t, mix.Recipe{Total: 400, Parts: []mix.Part{{Name: "a", Source: gen("a", 101), Quantity: test.q}, other}})
		assert.Equal(t, test.want, p.Parts[0].Amount, name)
		assert.Equal(t, 400-test.want, p.Parts[1].Amount, name)
		assert.EqualValues(t, 400, p.Total)
	}
}

// TestGroupsCountInTheirOwnUnit mixes by tokens, and inside a group by rows.
func TestGroupsCountInTheirOwnUnit(t *testing.T) {
	r := mix.Recipe{Seed: 5, Unit: datamix.Tokens, Total: 100_000, Parts: []mix.Part{
		{Name: "text", Source: sized("text", 5000, 40), Quantity: mix.Share(0.4)},
		{Name: "chat", Quantity: mix.Share(0.6), Unit: datamix.Rows, Parts: []mix.Part{
			{Name: "long", Source: sized("long", 3000, 100), Quantity: mix.Weight(1)},
			{Name: "short", Source: sized("short", 3000, 10), Quantity: mix.Weight(2)},
		}},
	}}
	out := draw(t, r, nil)
	rows, tokens := counts(out, datamix.Rows), counts(out, datamix.Tokens)
	assert.InDelta(t, 2*rows["chat/long"], rows["chat/short"], 1, "one to two by rows")
	assert.InDelta(t, 60_000, tokens["chat/long"]+tokens["chat/short"], 200, "within the longest record by tokens")
	assert.InDelta(t, 40_000, tokens["text"], 80)
	p := planOf(t, r)
	assert.Equal(t, datamix.Rows, p.Parts[1].In)
	assert.Equal(t, datamix.Rows, p.Groups[0].Unit)
	assert.EqualValues(t, 60_000, p.Groups[0].Amount)
	assert.Equal(t, rows["chat/long"], p.Parts[1].Amount)

	r.Total = mix.Largest
	p = planOf(t, r)
	assert.Equal(t, "max_epochs", p.Parts[2].Limit, "the short ones are all drawn")
	assert.EqualValues(t, 3000, p.Parts[2].Rows)
	assert.EqualValues(t, 1500, p.Parts[1].Rows)
	r.Total = mix.Total(p.Total) + 1000
	err := planError(t, r)
	assert.ErrorContains(t, err, "part chat/short needs")
	var infeasible *mix.InfeasibleError
	require.ErrorAs(t, err, &infeasible)
	assert.Equal(t, p.Total, infeasible.Nearest)
}

func TestFixedGroups(t *testing.T) {
	r := mix.Recipe{Total: 1000, Parts: []mix.Part{
		{Name: "made", Parts: []mix.Part{
			{Name: "a", Source: gen("a", 60), Quantity: mix.All()},
			{Name: "b", Source: gen("b", 90), Quantity: mix.Rows(40)},
		}},
		{Name: "rows", Quantity: mix.Rows(300), Parts: []mix.Part{
			{Name: "c", Source: gen("c", 500), Quantity: mix.Share(2. / 3)},
			{Name: "d", Source: gen("d", 500), Quantity: mix.Rest()},
		}},
		{Name: "tokens", Quantity: mix.Tokens(200), Unit: datamix.Rows, Parts: []mix.Part{
			{Name: "e", Source: gen("e", 500), Quantity: mix.Weight(3)}, // of 2 tokens each
			{Name: "f", Source: gen("f", 500), Quantity: mix.Weight(1)},
		}},
		{Name: "rest", Source: gen("rest", 1000), Quantity: mix.Rest()},
	}}
	assert.Equal(t, map[string]int64{"made/a": 60, "made/b": 40, "rows/c": 200, "rows/d": 100, "tokens/e": 75, "tokens/f": 25, "rest": 500},
		amounts(planOf(t, r)))
	r.Parts[1].Quantity = mix.Epochs(0.5)
	assert.EqualValues(t, 333, planOf(t, r).Parts[2].Amount, "half of the thousand rows of the group")
}

func TestBounds(t *testing.T) {
	recipe := func(shortfall mix.Shortfall, total mix.Total, b mix.Part) mix.Recipe {
		b.Name, b.Source = "b", sized("b", 1000, 20)
		return mix.Recipe{Shortfall: shortfall, Total: total, Parts: []mix.Part{
			{Name: "a", Source: sized("a", 1000, 20), Quantity: mix.Weight(1)}, b}}
	}
	half := mix.Part{Quantity: mix.Weight(1), Max: bound(datamix.Rows, 30)}
	assert.Equal(t, map[string]int64{"a": 31, "b": 30}, amounts(planOf(t, recipe("", mix.Largest, half))))
	assert.EqualError(t, planError(t, recipe("", 100, half)),
		"datamix/mix: infeasible: part b needs 50 rows of a total of 100, but its max is 30; the largest feasible total is 61; a max of 50 for this part would free it")
	p := planOf(t, recipe(mix.Redistribute, 100, half))
	assert.Equal(t, map[string]int64{"a": 70, "b": 30}, amounts(p))
	assert.EqualValues(t, 50, p.Parts[1].Target)
	assert.Equal(t, "max", p.Parts[1].Limit)

	half.Max = bound(datamix.Tokens, 300)
	p = planOf(t, recipe(mix.Redistribute, 100, half))
	var size int64
	for _, d := range draw(t, recipe(mix.Redistribute, 100, half), nil) {
		if d.part == "b" {
			size += int64(d.size.Total)
		}
	}
	assert.LessOrEqual(t, size, int64(300), "a max is never exceeded")
	assert.Greater(t, size, int64(260))
	assert.EqualValues(t, 100, p.Total)

	half.Max, half.Min = nil, bound(datamix.Rows, 60)
	assert.EqualError(t, planError(t, recipe("", 100, half)),
		"datamix/mix: infeasible: part b is to give 50 rows of a total of 100, less than its min of 60; the smallest feasible total is 120; a min of 50 for this part would free it")
	assert.Equal(t, map[string]int64{"a": 40, "b": 60}, amounts(planOf(t, recipe(mix.Redistribute, 100, half))))
	half.Min = bound(datamix.TrainableTokens, 700)
	size = 0
	for _, d := range draw(t, recipe(mix.Redistribute, 100, half), nil) {
		if d.part == "b" {
			size += int64(d.size.Trainable)
		}
	}
	assert.GreaterOrEqual(t, size, int64(700))
	assert.Less(t, size, int64(720))
}

func TestBoundsOfGroups(t *testing.T) {
	group := mix.Part{Name: "g", Quantity: mix.Weight(1), Max: bound(datamix.Tokens, 100), Parts: []mix.Part{
		{Name: "a", Source: gen("a", 1000), Quantity: mix.Weight(1)}, {Name: "b", Source: gen("b", 1000), Quantity: mix.Weight(1)}}}
	r := mix.Recipe{Total: mix.Largest, Parts: []mix.Part{group, {Name: "c", Source: gen("c", 500), Quantity: mix.Weight(3)}}}
	assert.Equal(t, map[string]int64{"g/a": 25, "g/b": 25, "c": 151}, amounts(planOf(t, r)), "50 rows hold 100 tokens")
	r.Total = 400
	assert.ErrorContains(t, planError(t, r), "part g needs 200 tokens of a total of 400, but its max is 100")
	r.Shortfall = mix.Redistribute
	assert.Equal(t, map[string]int64{"g/a": 25, "g/b": 25, "c": 350}, amounts(planOf(t, r)))
}

func TestShortfalls(t *testing.T) {
	recipe := mix.Recipe{Total: 300, Parts: []mix.Part{
		{Name: "a", Source: gen("a", 20), Quantity: mix.Share(0.5)},
		{Name: "b", Source: gen("b", 500), Quantity: mix.Share(0.3)},
		{Name: "c", Source: gen("c", 500), Quantity: mix.Share(0.2)},
	}}
	assert.ErrorContains(t, planError(t, recipe), "part a needs 150 rows of a total of 300, but has 20 in one pass and max_epochs is 1; the largest feasible total is 40;")
	recipe.Shortfall = mix.Redistribute
	p := planOf(t, recipe)
	assert.Equal(t, map[string]int64{"a": 20, "b": 168, "c": 112}, amounts(p))
	assert.Equal(t, []int64{150, 90, 60}, []int64{p.Parts[0].Target, p.Parts[1].Target, p.Parts[2].Target})
	recipe.Shortfall = mix.RepeatParts
	p = planOf(t, recipe)
	assert.Equal(t, map[string]int64{"a": 150, "b": 90, "c": 60}, amounts(p))
	assert.Equal(t, 7.5, p.Parts[0].Epochs)
	recipe.Parts[0].MaxEpochs = 5
	assert.ErrorContains(t, planError(t, recipe), "max_epochs is 5; the largest feasible total is 200; max_epochs of 7.5", "one that is written down holds")
	recipe.Total, recipe.Parts[0].MaxEpochs = mix.Largest, 0
	assert.ErrorContains(t, planError(t, recipe), "there is no largest total")

	recipe.Shortfall, recipe.Total = mix.Redistribute, 1021
	assert.ErrorContains(t, planError(t, recipe), "the largest feasible total is 1,020")
}

// TestMaxFraction holds that the same fraction is repeated.
func TestMaxFraction(t *testing.T) {
	r := mix.Recipe{Seed: 1, Total: mix.Largest, MaxEpochs: 3, Parts: []mix.Part{
		{Name: "a", Source: gen("a", 100), Quantity: mix.Share(1), MaxFraction: 0.25}}}
	out := draw(t, r, nil)
	require.Len(t, out, 75)
	rows := map[int64]int{}
	for _, d := range out {
		rows[d.row]++
	}
	assert.Len(t, rows, 25)
	p := planOf(t, r)
	assert.Equal(t, "max_fraction", p.Parts[0].Limit)
	assert.EqualValues(t, 75, p.Parts[0].Ledger.Unused)
	require.NoError(t, p.Parts[0].Ledger.Check())
	r.Total = 76
	assert.ErrorContains(t, planError(t, r), "has 25 in one pass within max_fraction and max_epochs is 3")
}

func TestComputedWeights(t *testing.T) {
	sizes := []int64{10_000, 1000, 100, 10}
	recipe := func(w mix.Weights, total mix.Total, epochs float64) mix.Recipe {
		r := mix.Recipe{Total: total, Weights: &w, MaxEpochs: epochs}
		for i, n := range sizes {
			r.Parts = append(r.Parts, mix.Part{Name: string(rune('a' + i)), Source: gen(string(rune('a'+i)), int(n))})
		}
		return r
	}
	for _, temperature := range []float64{1, 2, 3.3, 100} {
		weights, err := sample.TemperatureWeights(sizes, temperature)
		require.NoError(t, err)
		want, err := sample.Apportion(500, weights)
		require.NoError(t, err)
		got := amounts(planOf(t, recipe(mix.Weights{Temperature: temperature}, 500, 100)))
		for i, n := range want {
			assert.Equal(t, n, got[string(rune('a'+i))], "temperature %v", temperature)
		}
	}
	for _, budget := range []int64{5, 40, 100, 401, 2000, 11_000, 14_440} {
		weights, err := sample.UniMaxWeights(sizes, budget, 4)
		require.NoError(t, err)
		want, err := sample.Apportion(budget, weights)
		require.NoError(t, err)
		got := amounts(planOf(t, recipe(mix.Weights{UniMax: 4}, mix.Total(budget), 0)))
		for i, n := range want {
			assert.Equal(t, n, got[string(rune('a'+i))], "budget %d", budget)
		}
	}
	p := planOf(t, recipe(mix.Weights{UniMax: 4}, mix.Largest, 0))
	assert.EqualValues(t, 4*11_110, p.Total)
	assert.ErrorContains(t, planError(t, recipe(mix.Weights{UniMax: 4}, 44_441, 0)), "the largest feasible total is 44,440")
}

// TestWeightsOfGroups computes weights beside a share, inside a group, of parts
// and groups.
func TestWeightsOfGroups(t *testing.T) {
	r := mix.Recipe{Unit: datamix.Tokens, Total: 1000, Parts: []mix.Part{
		{Name: "languages", Quantity: mix.Share(0.5), Weights: &mix.Weights{Temperature: 2}, Parts: []mix.Part{
			{Name: "en", Source: gen("en", 800)}, // 2 tokens each
			{Name: "others", Parts: []mix.Part{
				{Name: "de", Source: gen("de", 50), Quantity: mix.Weight(1)}, {Name: "fr", Source: gen("fr", 50), Quantity: mix.Weight(1)}}},
			{Name: "code", Source: gen("code", 800), Quantity: mix.Share(0.2)},
		}},
		{Name: "rest", Source: gen("rest", 1000), Quantity: mix.Rest()},
	}}
	root := math.Sqrt(1600) / (math.Sqrt(1600) + math.Sqrt(200))
	p := planOf(t, r)
	assert.Equal(t, map[string]int64{"languages/en": int64(math.Round(400 * root)), "languages/others/de": 52, "languages/others/fr": 52,
		"languages/code": 100, "rest": 500}, amounts(p))
	assert.Equal(t, "temperature 2", p.Parts[0].Quantity)
}

// TestRedistributionBesideFixedQuantities lets a share, weights and a number of
// rows stand beside each other, at totals at which weights get nothing.
func TestRedistributionBesideFixedQuantities(t *testing.T) {
	r := mix.Recipe{Shortfall: mix.Redistribute, Parts: []mix.Part{
		{Name: "fixed", Source: gen("fixed", 100), Quantity: mix.Rows(50)},
		{Name: "share", Source: gen("share", 60), Quantity: mix.Share(0.5)},
		{Name: "one", Source: gen("one", 300), Quantity: mix.Weight(1)},
		{Name: "two", Source: gen("two", 100), Quantity: mix.Weight(2)},
	}}
	for _, test := range []struct {
		total                 mix.Total
		share, one, two, last int64
	}{
		{total: 100, share: 50}, // 50 and 50 % are all
		{total: 60, share: 10},  // and here more than all
		{total: 120, share: 60, one: 3, two: 7},
		{total: 200, share: 60, one: 30, two: 60}, // 50 are the weights', and 40 what the share is short of
		{total: 330, share: 60, one: 120, two: 100},
		{total: 510, share: 60, one: 300, two: 100},
	} {
		r.Total = test.total
		p := planOf(t, r)
		assert.Equal(t, map[string]int64{"fixed": 50, "share": test.share, "one": test.one, "two": test.two}, amounts(p), "total %d", test.total)
		assert.EqualValues(t, test.total, p.Total)
	}
	r.Total = 511
	assert.ErrorContains(t, planError(t, r), "the largest feasible total is 510")
	r.Total = 49
	assert.Error(t, planError(t, r))
}

func ExampleQuantity() {
	part := func(name string, q mix.Quantity) mix.Part {
		return mix.Part{Name: name, Source: gen(name, 1000), Quantity: q}
	}
	m, err := mix.New(mix.Recipe{Total: 3000, MaxEpochs: 2, Parts: []mix.Part{
		part("a quarter of all", mix.Share(0.25)),
		part("so many records", mix.Rows(100)),
		part("so many tokens", mix.Tokens(100)),
		part("what carries loss", mix.TrainableTokens(100)),
		part("every record once", mix.All()),
		part("a tenth of them", mix.Epochs(0.1)),
		{Name: "what is left", Quantity: mix.Rest(), Parts: []mix.Part{
			part("one", mix.Weight(1)),
			part("two", mix.Weight(2)),
		}},
	}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := m.Plan(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range plan.Parts {
		fmt.Printf("%-19s %-22s %4d rows\n", p.Name, p.Quantity, p.Rows)
	}
	// Output:
	// a quarter of all    share 25%               750 rows
	// so many records     100 rows                100 rows
	// so many tokens      100 tokens               50 rows
	// what carries loss   100 trainable tokens    100 rows
	// every record once   all                    1000 rows
	// a tenth of them     epochs 0.1              100 rows
	// what is left/one    weight 1                300 rows
	// what is left/two    weight 2                600 rows
}

func ExampleParse() {
	_, err := mix.Parse([]byte("seed: 1\ntotal: 1_000\nparts:\n  - name: chat\n    share: 40%\n    wieght: 2\n"), "recipe.yaml")
	fmt.Println(err)
	// Output: recipe.yaml, line 6: datamix/mix: bad recipe: parts[0]: unknown key "wieght"; did you mean weight?
}

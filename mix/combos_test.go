package mix

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
	"github.com/datamix-go/datamix/mix/internal/solve/supplytest"
)

// longest is the size of the largest record of the supplies in these tests.
const longest = 12

func randomSupply(rng *rand.Rand, n int) *supplytest.List {
	s := &supplytest.List{}
	for range n {
		size := 1 + rng.Int64N(longest)
		s.Tokens, s.Trainable = append(s.Tokens, size), append(s.Trainable, 1+rng.Int64N(size))
	}
	return s
}

// TestQuantitiesWithUnitsLimitsAndShortfalls goes through every quantity, in
// each unit, with each bound in each unit, each shortfall, flat and in groups of
// each unit: the plan holds what was asked for, or the error says what to change.
func TestQuantitiesWithUnitsLimitsAndShortfalls(t *testing.T) {
	units := []datamix.Unit{datamix.Rows, datamix.Tokens, datamix.TrainableTokens}
	quantities := []Quantity{Share(0.3), Weight(2), Rest(), Rows(30), Tokens(150), TrainableTokens(70), All(), Epochs(0.5), Epochs(1.5), {}}
	solved, refused := 0, map[string]int{}
	for n := range 3 * len(units) * len(quantities) * 7 * 4 * 2 {
		rng := rand.New(rand.NewPCG(uint64(n), 21))
		at := n
		pick := func(of int) int { k := at % of; at /= of; return k }
		r := &Recipe{Shortfall: []Shortfall{ShortfallError, Redistribute, RepeatParts}[pick(3)], Unit: units[pick(3)]}
		q := quantities[pick(len(quantities))]
		p := Part{Name: "p", Quantity: q}
		switch k := pick(7); {
		case k > 3:
			p.Min = boundOf(units[k-4], []int64{10, 40, 20}[k-4])
		case k > 0:
			p.Max = boundOf(units[k-1], []int64{40, 200, 100}[k-1])
		}
		nested := pick(4) // 0: a leaf; otherwise a group in a unit
		p.MaxEpochs = []float64{0, 2}[pick(2)]
		r.Total = []Total{200, 1000, Largest}[rng.IntN(3)]
		supplies := []solve.Supply{randomSupply(rng, 60)}
		if nested > 0 {
			p.Unit = units[nested-1]
			p.Parts = []Part{{Name: "a", Quantity: Weight(2)}, {Name: "b", Quantity: Weight(1)}}
			supplies = append(supplies, randomSupply(rng, 60))
		}
		if q == (Quantity{}) {
			r.Weights = &Weights{Temperature: 2}
		}
		r.Parts = []Part{p, {Name: "other", Quantity: Weight(1)}}
		switch {
		case q.Rest:
			r.Parts[1].Quantity = Share(0.4)
		case q == (Quantity{}):
			r.Parts[1].Quantity = Quantity{}
		}
		supplies = append(supplies, randomSupply(rng, 90))
		what := fmt.Sprintf("%d: %s unit %s total %d; %v min %v max %v epochs %v, group %d by %q", n, r.Shortfall, r.Unit, r.Total, p.text(r.Weights), p.Min, p.Max, p.MaxEpochs, nested, p.Unit)
		require.NoError(t, r.Check(), what)
		plan, err := r.planOver(supplies)
		if err != nil {
			refused[refusal(t, r, supplies, err, what)]++
			continue
		}
		solved++
		holdsPlan(t, r, plan, supplies, what)
	}
	t.Log(solved, refused)
	require.Greater(t, solved, 1500)
}

func boundOf(u datamix.Unit, n int64) *Bound {
	switch u {
	case datamix.Tokens:
		return &Bound{Tokens: &n}
	case datamix.TrainableTokens:
		return &Bound{TrainableTokens: &n}
	}
	return &Bound{Rows: &n}
}

// holdsPlan holds a plan against its recipe.
func holdsPlan(t *testing.T, r *Recipe, plan *Plan, supplies []solve.Supply, what string) {
	if r.Total > 0 {
		require.EqualValues(t, r.Total, plan.Total, what)
	}
	last := len(plan.Parts) - 1
	in := func(u datamix.Unit) (n int64) { // of the first part, leaf or group
		for i := range last {
			n += supplies[i].Size(plan.Parts[i].Rows, u)
		}
		return n
	}
	slack := func(u datamix.Unit) int64 {
		switch {
		case last == 1:
			return 0
		case u == datamix.Rows:
			return 2
		}
		return 2 * longest
	}
	p := &r.Parts[0]
	if n, u, ok := p.Max.get(); ok {
		require.LessOrEqual(t, in(u), n+slack(u), what)
	}
	if n, u, ok := p.Min.get(); ok {
		require.GreaterOrEqual(t, in(u), n-slack(u), what)
	}
	a := plan.Parts[0].Allotment
	if p.group() {
		a = plan.Groups[0].Allotment
	}
	if n, u := p.fixed(); n > 0 {
		require.Equal(t, n, a.Amount, what)
		require.InDelta(t, n, in(u), float64(longest*last+longest), what)
	}
	for i := range plan.Parts {
		x := &plan.Parts[i]
		limit := p.MaxEpochs
		if i == last {
			limit = 0
		}
		if limit == 0 {
			limit = 1
			if p.Epochs != nil && i < last {
				limit = 2
			}
			if r.Shortfall == RepeatParts {
				continue
			}
		}
		require.LessOrEqual(t, x.Rows, int64(limit*float64(x.Available.Rows))+1, what)
	}
	if plan.Unit == datamix.Rows && a.In == datamix.Rows {
		require.EqualValues(t, plan.Total, plan.Rows(), what)
	} else {
		var size int64
		for i := range plan.Parts {
			size += plan.Parts[i].Size
		}
		require.InDelta(t, plan.Total, size, float64(2*longest*len(plan.Parts)), what)
	}
	if r.Shortfall != Redistribute && p.Share != nil {
		require.InDelta(t, 0.3*float64(plan.Total), a.Amount, 1, what)
	}
}

// refusal holds that an error tells what would help, and that it does, and
// returns its kind.
func refusal(t *testing.T, r *Recipe, supplies []solve.Supply, err error, what string) string {
	var e *InfeasibleError
	if !errors.As(err, &e) {
		require.ErrorIs(t, err, ErrRecipe, what)
		for _, known := range []string{"there is no largest total", "does not hold beside the shares and weights; the smallest feasible total is", "leave nothing for the weights"} {
			if strings.Contains(err.Error(), known) {
				return known
			}
		}
		require.Fail(t, "an error without a remedy", "%v\n%s", err, what)
	}
	require.NotContains(t, err.Error(), "part  ", what)
	if e.Nearest > 0 {
		again := *r
		again.Total = Total(e.Nearest)
		_, err := again.planOver(supplies)
		require.NoError(t, err, "%v\n%s", e, what)
	}
	require.NotEmpty(t, e.Limit, what)
	return e.Limit
}

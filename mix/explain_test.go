package mix_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

func explained() mix.Recipe {
	return mix.Recipe{Name: "assistant", Seed: 7, Unit: datamix.Tokens, Total: 20_000, MaxEpochs: 2, Shortfall: mix.Redistribute, Parts: []mix.Part{
		{Name: "math", Source: gen("math", 9000), Quantity: mix.Share(0.4)},
		{Name: "chat", Quantity: mix.Share(0.5), Unit: datamix.Rows, Parts: []mix.Part{
			{Name: "oasst", Source: gen("oasst", 9000), Quantity: mix.Weight(2)},
			{Name: "tools", Quantity: mix.Weight(1), Parts: []mix.Part{
				{Name: "a", Source: gen("tools a", 100), Quantity: mix.Share(0.25)},
				{Name: "b", Source: gen("tools b", 9000), Quantity: mix.Rest(), MaxFraction: 0.5},
			}},
		}},
		{Name: "extra", Source: gen("extra", 70), Quantity: mix.Epochs(1.5)},
		{Name: "web", Source: gen("web", 9000), Quantity: mix.Rest(), Max: bound(datamix.Tokens, 1000)},
	}}
}

func TestExplain(t *testing.T) {
	text := planOf(t, explained()).Explain() + "\n"
	text += planOf(t, curriculum()).Explain()
	const golden = "testdata/explain.txt"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
}

func TestPlanIsPlainData(t *testing.T) {
	for _, r := range []mix.Recipe{explained(), curriculum()} {
		p := planOf(t, r)
		text, err := json.Marshal(p)
		require.NoError(t, err)
		var again mix.Plan
		require.NoError(t, json.Unmarshal(text, &again))
		assert.Equal(t, p, &again)
		assert.Equal(t, p.Hash(), again.Hash())
		assert.Equal(t, p.Hash(), planOf(t, r).Hash())
		assert.Equal(t, p.Explain(), again.Explain())
		r.Seed++
		assert.NotEqual(t, p.Hash(), planOf(t, r).Hash())
	}
}

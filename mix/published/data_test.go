package published_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/published"
	"github.com/datamix-go/datamix/source/schema"
)

// each calls f for every published mixture.
func each(t *testing.T, f func(t *testing.T, m *published.Mixture)) {
	t.Helper()
	for _, name := range published.Names() {
		t.Run(name, func(t *testing.T) { f(t, recipe(t, name)) })
	}
}

// Reading a mixture checks it: Check finds numbers without evidence and columns
// that do not come to their totals. This test holds what else was promised.
func TestMixturesSayWhatIsKnown(t *testing.T) {
	hub := regexp.MustCompile(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`)
	each(t, func(t *testing.T, m *published.Mixture) {
		assert.Contains(t, published.Names(), m.Name)
		used := map[string]bool{}
		for _, c := range m.Columns {
			used[c.Source] = true
		}
		for i := range m.Components {
			c := &m.Components[i]
			for _, id := range []string{c.Hub, c.Upstream} {
				assert.True(t, id == "" || hub.MatchString(id), "%s: %q is no repository", c.ID, id)
			}
			for _, other := range m.Components {
				assert.False(t, strings.HasPrefix(other.ID, c.ID+"."), "a file of %s would be taken for one of %s", other.ID, c.ID)
			}
			assert.NotContains(t, c.ID, "/", "it becomes the name of a part")
		}
		assert.NotEmpty(t, m.Sources)
		for _, s := range m.Sources {
			assert.True(t, s.URL != "" || strings.Contains(s.Title, "third") || used[s.Key] || s.Key == "ours" || strings.HasPrefix(s.Title, "Text bytes"),
				"%s: nobody finds it", s.Key)
		}
		assert.True(t, slices.Contains([]published.Evidence{published.Primary, published.Secondary, published.Derived}, m.Evidence()))
	})
}

// The totals of the reference tables, written here once more by hand.
func TestTotals(t *testing.T) {
	for _, x := range []struct {
		name, column string
		components   int
		sum          float64
	}{
		{"tulu-3-sft", "rows", 19, 939_344},
		{"tulu-3-sft", "released_rows", 19, 939_343},
		{"smoltalk", "train_rows", 13, 1_043_917},
		{"smoltalk", "all_rows", 13, 1_098_865},
		{"smollm-corpus", "tokens", 3, 252e9},
		{"smollm-corpus", "rows", 3, 236_980_453},
		{"smollm1-1.7b-stage2", "weight", 6, 1},
		{"no-robots", "rows", 10, 10_000},
		{"llama-3-pretraining", "share", 4, 1},
		{"llama-3-sft", "share", 6, 1},
		{"hermes-3", "tokens", 8, 393e6},
		{"losslessmegacode-v3-tiny", "share", 2, 1},
		{"cosmopedia-v0.1", "token_share", 8, 1},
		{"smoltalk2-sft", "pool_rows", 25, 3_383_242},
		{"smoltalk2-sft", "used_rows", 25, 1_444_084},
		{"smollm3-stage3-decay", "weight", 56, 1.00565},
		{"olmo-3-32b-midtraining", "weight", 61, 1.000000613},
		{"olmo-2-dolmino-50b", "config_tokens", 6, 51.47e9},
	} {
		m := recipe(t, x.name)
		numbers, ok := m.Numbers(x.column)
		require.True(t, ok, "%s has no column %s", x.name, x.column)
		sum := 0.0
		for _, n := range numbers {
			sum += n.Value
		}
		assert.Len(t, numbers, x.components, x.name)
		assert.InEpsilon(t, x.sum, sum, 1e-4, "%s: %s", x.name, x.column)
		if x.sum > 1 && x.sum < 1e8 {
			assert.InDelta(t, x.sum, sum, 1e-6, "%s: %s", x.name, x.column)
		}
	}
	_, ok := recipe(t, "no-robots").Numbers("turns")
	assert.False(t, ok)
}

func TestCategoriesOfTulu3(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	rows, _ := m.Numbers("rows")
	by := map[string]int64{}
	for i, c := range m.Components {
		by[c.Category] += int64(rows[i].Value)
	}
	assert.Equal(t, map[string]int64{"General": 116_872, "Knowledge Recall": 104_982, "Math Reasoning": 334_252, "Coding": 142_275,
		"Safety & Non-compliance": 110_983, "Multilingual": 100_000, "Precise IF": 29_980}, by)
}

func TestUnknownStaysUnknown(t *testing.T) {
	assert.Empty(t, recipe(t, "tulu-3-sft").Component("wildjailbreak").Schema, "its columns are not confirmed")
	assert.Empty(t, recipe(t, "losslessmegacode-v3-tiny").Schema)
	rows, _ := recipe(t, "cosmopedia-v0.1").Numbers("rows")
	assert.InDelta(t, 12_400_000, rows[0].Value, 0, "known rounded")
	assert.InDelta(t, 100_000, rows[0].Step, 0)
	tokens, _ := recipe(t, "cosmopedia-v0.1").Numbers("gemma2_tokens")
	assert.Nil(t, tokens[0])
	assert.Nil(t, recipe(t, "smollm3-long-context-32k").Budget)
	assert.Nil(t, recipe(t, "tulu-3-sft").Component("guanaco"))
}

func TestLicenses(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	for id, want := range map[string]struct {
		stricter string
		nc       bool
	}{
		"no-robots": {"CC-BY-NC-4.0", true}, "numina-tir": {"CC-BY-NC-4.0", true}, "openmath2-gsm8k": {"CC-BY-4.0", false},
		"flan": {"none stated", false}, "coconot": {"ODC-BY-1.0", false}, "table-gpt": {"MIT", false},
	} {
		c := m.Component(id)
		assert.Equal(t, want.stricter, c.StricterLicense(), id)
		assert.Equal(t, want.nc, c.NonCommercial(), id)
	}
	assert.True(t, (&published.Component{License: "apache-2.0", UpstreamLicense: "cc-by-nc"}).NonCommercial())
	assert.Equal(t, "cc-by-nc", (&published.Component{License: "apache-2.0", UpstreamLicense: "cc-by-nc"}).StricterLicense())
	assert.False(t, (&published.Component{License: "SINC-1.0"}).NonCommercial())
	assert.Equal(t, "MIT", (&published.Component{License: "none stated", UpstreamLicense: "MIT"}).StricterLicense())
}

// The adapters of the library recognise the published forms of rows by their
// columns.
func TestSchemasAreDetected(t *testing.T) {
	values := map[string]string{
		"messages":      `[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]`,
		"conversation":  `[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]`,
		"conversations": `[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]`,
		"chosen":        `[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]`,
		"rejected":      `[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]`,
		"input":         `[{"role":"user","content":"q"}]`,
		"metadata":      `{}`,
	}
	seen := map[string]bool{}
	each(t, func(t *testing.T, m *published.Mixture) {
		for key, s := range m.Schemas {
			if seen[key] || s.Adapter == "" {
				continue
			}
			seen[key] = true
			require.Contains(t, schema.Names(), s.Adapter)
			r := &datamix.Record{}
			for _, c := range s.Columns {
				v, ok := values[c]
				if !ok {
					v = `"x"`
				}
				require.True(t, json.Valid([]byte(v)))
				r.SetField(datamix.JSONField(c, v))
			}
			name, _, err := schema.Detect(r)
			if assert.NoError(t, err, key) {
				assert.Equal(t, s.Adapter, name, key)
			}
		}
	})
	assert.Greater(t, len(seen), 15)
}

func TestMixturesSurviveJSON(t *testing.T) {
	each(t, func(t *testing.T, m *published.Mixture) {
		data, err := json.Marshal(m)
		require.NoError(t, err)
		again, err := published.Parse(data, "again")
		require.NoError(t, err)
		assert.Equal(t, m.String(), again.String())
		more, err := json.Marshal(again)
		require.NoError(t, err)
		assert.Equal(t, string(data), string(more))
	})
}

// A mixture that somebody changes is not the one that others get.
func TestRecipeReturnsAValueOfItsOwn(t *testing.T) {
	m := recipe(t, "no-robots")
	m.Components[0].ID, m.Components[0].Values[0].Value = "x", 1
	assert.Equal(t, "generation", recipe(t, "no-robots").Components[0].ID)
}

func TestRecipeUnknown(t *testing.T) {
	for _, name := range []string{"tulu-4", "", "../parse", "data", `a\b`} {
		_, err := published.Recipe(name)
		require.ErrorIs(t, err, datamix.ErrUnknownName, name)
		assert.ErrorContains(t, err, "hermes-3, ")
	}
}

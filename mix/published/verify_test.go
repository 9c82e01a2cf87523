package published_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/published"
)

// exact returns the groups of a set that is the mixture.
func exact(m *published.Mixture, name func(*published.Component) string) map[string]datamix.Tally {
	numbers, _ := m.Numbers(m.Measure)
	groups := map[string]datamix.Tally{}
	for i := range m.Components {
		key := name(&m.Components[i])
		t := groups[key]
		n := int64(numbers[i].Value)
		t.Add(datamix.Tally{Rows: n, Tokens: n, Trainable: n})
		groups[key] = t
	}
	return groups
}

func TestVerifyNames(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	for by, name := range map[string]func(*published.Component) string{
		"id":    func(c *published.Component) string { return c.ID },
		"name":  func(c *published.Component) string { return c.Name },
		"label": func(c *published.Component) string { return c.Label },
		"hub":   func(c *published.Component) string { return c.Hub },
		"path":  func(c *published.Component) string { return c.Category + "/" + c.ID },
	} {
		v, err := m.Verify(exact(m, name), &published.VerifyOptions{Share: 1e-12, Exact: true})
		require.NoError(t, err, by)
		require.NoError(t, v.Err(), by)
		assert.Equal(t, "component", v.By)
		assert.Equal(t, []string{"rows"}, v.Exact)
	}
	v, err := m.Verify(exact(m, func(c *published.Component) string { return c.Category }), &published.VerifyOptions{Exact: true})
	require.NoError(t, err)
	require.NoError(t, v.Err())
	assert.Equal(t, "category", v.By)
	assert.Equal(t, published.Check{Group: "General", Column: "rows", Is: published.Share, Of: "rows", Published: 116_872.0 / 939_344, Found: 116_872.0 / 939_344,
		Allowed: published.DefaultShare + 1.0/939_344, Judged: true, OK: true, Evidence: published.Primary}, v.Checks[0])

	// A repository that holds all components names none of them.
	s := recipe(t, "smoltalk")
	v, err = s.Verify(map[string]datamix.Tally{"HuggingFaceTB/smoltalk": {Rows: 5}}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"HuggingFaceTB/smoltalk"}, v.Unknown)
	require.ErrorIs(t, v.Err(), published.ErrVerify)
}

func TestVerifyFindsWhatIsOff(t *testing.T) {
	m := recipe(t, "no-robots")
	id := func(c *published.Component) string { return c.ID }
	change := func(group string, rows int64) map[string]datamix.Tally {
		groups := exact(m, id)
		groups[group] = datamix.Tally{Rows: groups[group].Rows + rows}
		return groups
	}
	for _, x := range []struct {
		what   string
		groups map[string]datamix.Tally
		o      *published.VerifyOptions
		want   string // "" for none
	}{
		{"the mixture", exact(m, id), nil, ""},
		{"rounded to tens", change("coding", 5), &published.VerifyOptions{Exact: true}, ""},
		{"one more", change("coding", 6), &published.VerifyOptions{Exact: true}, "coding: rows 356, published 350"},
		{"within a tenth of a point", change("coding", 10), nil, ""},
		{"a point", change("coding", 100), nil, "coding: rows 4.455 %, published 3.500 %"},
		{"a point is allowed", change("coding", 100), &published.VerifyOptions{Share: 0.01}, ""},
		{"a row off", change("coding", 1), &published.VerifyOptions{Share: -1}, ""},
		{"a step and a row off", change("coding", 7), &published.VerifyOptions{Share: -1}, "coding: rows 3.568 %, published 3.500 %"},
		{"a part is missing", change("coding", -350), nil, "coding: rows 0.000 %, published 3.500 %"},
		{"another group", change("poems", 1), nil, `it has "poems", which the mixture does not`},
		{"no name", change("", 1), nil, `it has "", which the mixture does not`},
	} {
		v, err := m.Verify(x.groups, x.o)
		require.NoError(t, err, x.what)
		assert.Equal(t, x.want == "", v.OK, x.what)
		if x.want == "" {
			assert.NoError(t, v.Err(), x.what)
			continue
		}
		require.ErrorIs(t, v.Err(), published.ErrVerify, x.what)
		assert.ErrorContains(t, v.Err(), x.want, x.what)
	}
	v, err := m.Verify(map[string]datamix.Tally{"generation": {Rows: 1}, "chat": {Rows: 10_000}}, nil)
	require.NoError(t, err)
	assert.ErrorContains(t, v.Err(), "; and 5 more")
}

func TestVerifyRefuses(t *testing.T) {
	m := recipe(t, "no-robots")
	for _, o := range []published.VerifyOptions{{Share: 2}, {Share: math.NaN()}, {Average: -1}} {
		_, err := m.Verify(exact(m, func(c *published.Component) string { return c.ID }), &o)
		require.ErrorContains(t, err, "a tolerance of")
	}
	_, err := m.Verify(nil, nil)
	require.ErrorContains(t, err, "the set is empty")
	_, err = m.Verify(map[string]datamix.Tally{"chat": {}}, nil)
	require.ErrorContains(t, err, "the set is empty")
	_, err = recipe(t, "hermes-3").Verify(map[string]datamix.Tally{"math": {Rows: 5}}, nil)
	require.ErrorContains(t, err, "counted in tokens, and the set is not counted: give a tokenizer")
	for name, want := range map[string]string{"dclm-7b": "gives repetitions of", "dclm-cooldown": "gives keep probabilities of", "smollm1-instruct": "gives fractions of"} {
		_, err = recipe(t, name).Verify(map[string]datamix.Tally{"math": {Rows: 5, Tokens: 5}}, nil)
		require.ErrorContains(t, err, want)
	}
}

func TestVerifyShowsOtherColumns(t *testing.T) {
	// Rows of a corpus by tokens are shown, not judged.
	m := recipe(t, "smollm-corpus")
	groups := map[string]datamix.Tally{"cosmopedia-v2": {Rows: 28, Tokens: 28_000}, "python-edu": {Rows: 4, Tokens: 4000}, "fineweb-edu-dedup": {Rows: 220, Tokens: 220_000}}
	v, err := m.Verify(groups, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err())
	judged := 0
	for _, c := range v.Checks {
		if c.Judged {
			judged++
			assert.Equal(t, "tokens", c.Column)
		}
	}
	assert.Equal(t, 3, judged)
	// Numbers that are not known for all cannot make shares.
	c := recipe(t, "cosmopedia-v0.1")
	v, err = c.Verify(map[string]datamix.Tally{"stories": {Rows: 1, Tokens: 1}}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"gemma2_tokens"}, v.Unchecked)
	// Averages are judged on request.
	l := recipe(t, "llama-3-sft")
	for _, average := range []float64{0, 0.1} {
		v, err = l.Verify(map[string]datamix.Tally{
			"general-english": {Rows: 5266, Turns: 5266 * 2}, "Code": {Rows: 1489}, "multilingual": {Rows: 301}, "exam-like": {Rows: 814},
			"reasoning and tools": {Rows: 2119}, "long_context": {Rows: 11},
		}, &published.VerifyOptions{Average: average})
		require.NoError(t, err)
		assert.Equal(t, average == 0, v.OK)
		assert.Equal(t, []string{"tokens", "context", "final"}, v.Unchecked)
	}
	assert.ErrorContains(t, v.Err(), "code: turns 0.0, published 2.7")
}

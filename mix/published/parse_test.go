package published_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix/published"
)

const small = `{
  "name": "small", "title": "Small", "stage": "sft", "license": "unknown", "unit": "rows", "measure": "rows",
  "columns": [{"name": "rows", "is": "amount", "of": "rows", "evidence": "P", "source": "card"}],
  "totals": [{"column": "rows", "value": 30, "evidence": "P", "source": "card"}],
  "components": [
    {"id": "a", "license": "MIT", "values": [10]},
    {"id": "b", "license": "unknown", "values": [{"is": 20, "evidence": "S"}]}
  ],
  "filters": [{"name": "no_refusals", "says": "no refusals", "evidence": "P", "source": "card"}],
  "sources": [{"key": "card", "title": "A card"}]
}`

func TestParse(t *testing.T) {
	m, err := published.Parse([]byte(small), "small.json")
	require.NoError(t, err)
	rows, _ := m.Numbers("rows")
	assert.Equal(t, published.Primary, rows[0].Evidence, "the column's")
	assert.Equal(t, published.Secondary, rows[1].Evidence, "its own")
	assert.Equal(t, published.Secondary, m.Evidence())
}

func TestParseRefuses(t *testing.T) {
	for _, x := range []struct{ from, to, want string }{
		{`"stage": "sft"`, `"stagee": "sft"`, `unknown field "stagee"`},
		{`"stage": "sft"`, `"stage": 5`, "cannot unmarshal number"},
		{`"stage": "sft"`, `"stage": ""`, "lacks a title, a stage or a license"},
		{`"stage": "sft",`, `"stage": "sft"`, "byte 55"},
		{`"name": "small"`, `"name": "../small"`, `the name "../small" is none`},
		{`"unit": "rows"`, `"unit": "bytes"`, `unknown unit "bytes"`},
		{`"unit": "rows"`, `"unit": ""`, "no unit"},
		{`"unit": "rows"`, `"unit": "tokens"`, "measure counts rows, but the unit is tokens"},
		{`"measure": "rows"`, `"measure": "lines"`, `measure is "lines", which is no column`},
		{`"is": "amount"`, `"is": "pool"`, "of which no mix can be made"},
		{`"is": "amount"`, `"is": "part"`, `no "part" of "rows"`},
		{`"of": "rows"`, `"of": "turns"`, `no "amount" of "turns"`},
		{`"evidence": "P", "source": "card"}],`, `"evidence": "U", "source": "card"}],`, `its evidence is "U", want P, S or D`},
		{`"evidence": "P", "source": "card"}],`, `"evidence": "", "source": "card"}],`, `its evidence is ""`},
		{`"source": "card"}],`, `"source": "memory"}],`, `its source "memory" is not among the sources`},
		{`"value": 30`, `"value": 31`, "the column rows comes to 30, its total is 31"},
		{`"column": "rows"`, `"column": "row"`, `the total of "row" has no column`},
		{`[10]`, `[]`, "component a has 0 numbers for 1 columns"},
		{`[10]`, `[10, 11]`, "component a has 2 numbers for 1 columns"},
		{`[10]`, `[null]`, "component a has no rows"},
		{`[10]`, `[10.5]`, "component a: rows: it is 10.5, want a whole number"},
		{`[10]`, `[-10]`, "it is -10, want a number from 0"},
		{`[10]`, `["10"]`, "cannot unmarshal string"},
		{`[10]`, `[{"is": 10, "evidence": "U"}]`, `its evidence is "U"`},
		{`[10]`, `[{"is": 10, "of": "rows"}]`, `unknown field "of"`},
		{`"id": "b"`, `"id": "A"`, "two components have the id A"},
		{`"id": "b"`, `"id": "a/b"`, `the id "a/b" is none`},
		{`"license": "MIT"`, `"license": ""`, "component a has no license"},
		{`"license": "MIT"`, `"schema": "x", "license": "MIT"`, `component a: schema "x" is not among the schemas`},
		{`"says": "no refusals"`, `"says": ""`, `the filter "no_refusals" does not say what it keeps`},
		{`"key": "card", "title": "A card"`, `"key": "card", "title": ""`, "source 0 lacks"},
		{`"sources": [`, `"sources": [{"key": "card", "title": "A card"}, `, `two sources have the key "card"`},
		{`"title": "A card"}]` + "\n}", `"title": "A card"}]` + "\n} {}", "something follows"},
		{`"title": "A card"}]` + "\n}", `"title": "A card"}]`, "it ends too early"},
	} {
		require.Contains(t, small, x.from)
		_, err := published.Parse([]byte(strings.Replace(small, x.from, x.to, 1)), "small.json")
		if assert.ErrorIs(t, err, published.ErrMixture, x.to) {
			assert.ErrorContains(t, err, "small.json", x.to)
			assert.ErrorContains(t, err, x.want, x.to)
		}
	}
	_, err := published.Parse(nil, "none")
	require.ErrorContains(t, err, "it ends too early")
}

// What is read is checked, can be shown and written, and reads the same again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range []string{"dclm-7b", "llama-3-sft", "losslessmegacode-v3-tiny"} {
		data, err := os.ReadFile(filepath.Join("data", name+".json"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := published.Parse(data, "fuzz")
		if err != nil {
			return
		}
		require.NoError(t, m.Check())
		shown := m.String()
		written, err := json.Marshal(m)
		require.NoError(t, err)
		again, err := published.Parse(written, "again")
		require.NoError(t, err)
		require.Equal(t, shown, again.String())
	})
}

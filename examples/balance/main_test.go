package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/mix"
)

func TestBalance(t *testing.T) {
	data, out := shareddata.Dir(t), filepath.Join(t.TempDir(), "out")
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, data, out))
	assert.Regexp(t, `structured +share 50%`, b.String())
	assert.Contains(t, b.String(), "   ├─ alpaca")
	assert.Contains(t, b.String(), "max_epochs", "some part sets the size of the largest mix")

	text, err := os.ReadFile(filepath.Join(out, "report.json"))
	require.NoError(t, err)
	var rep datamix.Report
	require.NoError(t, json.Unmarshal(text, &rep))
	size := map[string]float64{}
	for _, p := range rep.Parts {
		for group := p.Name; group != "."; group = filepath.Dir(group) {
			size[group] += float64(p.Output.In(p.Unit))
		}
		size[""] += float64(p.Output.In(p.Unit))
		assert.NoError(t, p.Ledger.Check())
	}
	within := func(part, of string, share float64) {
		assert.InDelta(t, share*size[of], size[part], 2000, "%s is %v of %s, within a few records", part, share, of)
	}
	within("structured", "", 0.5)
	within("prose", "", 0.5)
	within("structured/queries", "structured", 0.4)
	within("structured/calls", "structured", 0.3)
	within("prose/chat", "prose", 0.4)
	rows := map[string]int64{}
	for _, p := range rep.Parts {
		rows[p.Name] = p.Output.Rows
	}
	assert.InDelta(t, rows["structured/code/alpaca"], 2*rows["structured/code/mbpp"], 1)
}

func TestRecipeIsWhole(t *testing.T) {
	_, err := mix.Parse(recipe, "recipe.yaml")
	require.NoError(t, err)
	require.Error(t, run(t.Context(), io.Discard, t.TempDir(), ""), "without the data it says so")
}

package mix_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/sink"
)

// TestRunReportsTheRecipe holds what the pages beside the shards say of recipes
// from files and from programs.
func TestRunReportsTheRecipe(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", `{"prompt":"p","completion":"c"}`+"\n")
	path := write(t, dir, "recipe.yaml", "seed: 1 # a comment\nparts:\n- {name: a, all: true, source: {path: a.jsonl}}\noutput: {dir: my-mix}\n")
	r, err := mix.Read(path)
	require.NoError(t, err)
	rep, err := mix.Run(t.Context(), r, nil)
	require.NoError(t, err)
	card, err := os.ReadFile(filepath.Join(dir, "my-mix", "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(card), "# my-mix")
	assert.Contains(t, string(card), "seed: 1 # a comment", "the file as it is")
	assert.EqualValues(t, 1, rep.Output.Rows)

	made := &mix.Recipe{Name: "made", Parts: []mix.Part{{Name: "a", Quantity: mix.All(), Source: datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			yield(datamix.NewChat(datamix.User("q"), datamix.Assistant("a")), nil)
		}
	})}}, Output: &mix.Output{Dir: filepath.Join(dir, "made")}}
	_, err = mix.Run(t.Context(), made, nil)
	require.NoError(t, err)
	card, err = os.ReadFile(filepath.Join(dir, "made", "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(card), `"all": true`)
}

// TestReportKnowsGroups holds that the parts of a report name the groups that
// they are in.
func TestReportKnowsGroups(t *testing.T) {
	one := func(name string) mix.Part {
		return mix.Part{Name: name, Quantity: mix.Weight(1), Source: datamix.SourceFunc(func(context.Context) datamix.Seq {
			return func(yield func(*datamix.Record, error) bool) {
				yield(datamix.NewChat(datamix.User(name), datamix.Assistant("a")), nil)
			}
		})}
	}
	inner := mix.Part{Name: "inner", Quantity: mix.Weight(1), Parts: []mix.Part{one("b")}}
	m, err := mix.New(mix.Recipe{Total: mix.Largest, Parts: []mix.Part{one("top"),
		{Name: "outer", Quantity: mix.Weight(2), Parts: []mix.Part{one("a"), inner}}}}, nil)
	require.NoError(t, err)
	rep, err := datamix.Run(t.Context(), m, sink.Discard())
	require.NoError(t, err)
	got := map[string]string{}
	for _, p := range rep.Parts {
		got[p.Name] = p.Group
	}
	assert.Equal(t, map[string]string{"top": "", "outer/a": "outer", "outer/inner/b": "outer/inner"}, got)
}

package source_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
	"github.com/datamix-go/datamix/source/sourcetest"
)

// flattened returns the trees of a file as a row for each message.
func flattened(t *testing.T, trees []byte) string {
	t.Helper()
	var out bytes.Buffer
	var write func(tree string, parent any, m map[string]any)
	write = func(tree string, parent any, m map[string]any) {
		replies, _ := m["replies"].([]any)
		delete(m, "replies")
		m["message_tree_id"], m["parent_id"] = tree, parent
		line, err := json.Marshal(m)
		require.NoError(t, err)
		out.Write(append(line, '\n'))
		for _, r := range replies {
			write(tree, m["message_id"], r.(map[string]any))
		}
	}
	for line := range bytes.Lines(trees) {
		var tree struct {
			ID     string `json:"message_tree_id"`
			Prompt map[string]any
		}
		require.NoError(t, json.Unmarshal(line, &tree))
		write(tree.ID, nil, tree.Prompt)
	}
	return out.String()
}

// TestMessageRows reads real trees as one row each and as a row for each message:
// both make the same records.
func TestMessageRows(t *testing.T) {
	trees, err := fs.ReadFile(shareddata.FS(t), "oasst-trees/en_100_tree.jsonl")
	require.NoError(t, err)
	fsys := files("flat.jsonl", flattened(t, trees), "tree.jsonl", string(trees))
	for _, options := range []*schema.Options{nil, {Tree: "all"}, {Tree: "top_k", TopK: 2}} {
		read := func(name, of string, workers int) (all []datamix.Hash) {
			src := source.Files(fsys, name, &source.Options{Schema: of, SchemaOptions: options, Workers: workers, Labels: map[string]string{"license": "x"}})
			for r, err := range src.Records(context.Background()) {
				require.NoError(t, err)
				require.Equal(t, "x", r.Label("license"))
				all = append(all, r.ContentHash())
			}
			return all
		}
		want := read("tree.jsonl", "oasst_tree", 1)
		require.GreaterOrEqual(t, len(want), 100)
		for _, workers := range []int{1, 2} {
			assert.Equal(t, want, read("flat.jsonl", "oasst_messages", workers))
		}
	}
	sourcetest.Run(t, func() datamix.Source {
		return source.Files(fsys, "flat.jsonl", &source.Options{Schema: "oasst_messages"})
	})
}

func TestMessageRowsThatAreBad(t *testing.T) {
	const rows = `{"message_tree_id":"a","message_id":"1","text":"q","role":"prompter"}
{"message_tree_id":"a","message_id":"2","parent_id":"1","text":"one","role":"assistant"}
broken
{"message_tree_id":"b","message_id":"3","text":"q","role":"prompter"}
{"text":"no tree"}
{"message_tree_id":"b","message_id":"4","parent_id":"3","text":"two","role":"assistant"}
{"message_tree_id":"c","message_id":"5","parent_id":"0","text":"lost","role":"assistant"}
`
	texts, bad, final := read(source.Files(files("x.jsonl", rows), "x.jsonl", &source.Options{Schema: "oasst_messages"}))
	require.NoError(t, final)
	assert.Equal(t, []string{"one", "two"}, texts)
	require.Len(t, bad, 3)
	assert.EqualValues(t, 2, bad[0].Origin.Row)
	assert.EqualValues(t, 4, bad[1].Origin.Row)
	assert.ErrorContains(t, bad[2], "x.jsonl, row 7, byte")
	assert.ErrorContains(t, bad[2], "the tree has no first message")
}

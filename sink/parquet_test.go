package sink

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// everything is a row of form messages with all columns.
type everything struct {
	Messages []struct {
		Role       string  `parquet:"role"`
		Content    string  `parquet:"content"`
		Reasoning  *string `parquet:"reasoning_content"`
		Name       *string `parquet:"name"`
		ToolCalls  *string `parquet:"tool_calls"`
		ToolCallID *string `parquet:"tool_call_id"`
		Train      *bool   `parquet:"train"`
	} `parquet:"messages,list"`
	Tools      *string `parquet:"tools"`
	Extra      *string `parquet:"extra"`
	Part       *string `parquet:"part"`
	Provenance *struct {
		Part string `parquet:"part"`
		Path string `parquet:"path"`
		Row  int64  `parquet:"row"`
		Sub  int64  `parquet:"sub"`
		Pass int64  `parquet:"pass"`
	} `parquet:"provenance"`
}

func TestParquetValues(t *testing.T) {
	dir := t.TempDir()
	f := Parquet(dir, &Options{SourceColumn: "part", Provenance: true})
	full, err := (*datamix.Arena)(nil).JSON([]byte(`{"id": 9007199254740993}`), datamix.Origin{Source: "p", Path: "f", Row: 1 << 40, Sub: 2, Pass: 3})
	require.NoError(t, err)
	full.Adapt([]datamix.Message{
		{Role: "user", Content: "Q", Name: "n", Extra: []datamix.Field{datamix.JSONField("w", "1")}},
		{Role: "assistant", Reasoning: "R", Train: datamix.TrainNo, ToolCalls: []datamix.ToolCall{{ID: "1", Name: "f", Arguments: `{"a":1}`}, {Name: "g"}}},
		{Role: "tool", Content: "T", ToolCallID: "1", Train: datamix.TrainYes},
	})
	full.AdaptTools("[]")
	require.NoError(t, f.Write(t.Context(), datamix.NewChat(datamix.User("a\xffb"), datamix.Assistant(""))))
	require.Error(t, f.Write(t.Context(), datamix.NewText("no chat")))
	require.NoError(t, f.Write(t.Context(), full))
	require.NoError(t, f.Close())

	rows, err := parquet.ReadFile[everything](filepath.Join(dir, "train-00000-of-00001.parquet"))
	require.NoError(t, err)
	require.Len(t, rows, 2)
	bare, all := rows[0], rows[1]
	require.Len(t, bare.Messages, 2)
	assert.Equal(t, "a\ufffdb", bare.Messages[0].Content)
	for _, p := range []any{bare.Messages[0].Reasoning, bare.Messages[0].Name, bare.Messages[0].ToolCalls, bare.Messages[0].ToolCallID,
		bare.Messages[0].Train, bare.Tools, bare.Extra, bare.Part, all.Messages[0].Train} {
		assert.Nil(t, p)
	}
	require.Len(t, all.Messages, 3)
	assert.Equal(t, "n", *all.Messages[0].Name)
	assert.Equal(t, "R", *all.Messages[1].Reasoning)
	assert.False(t, *all.Messages[1].Train)
	assert.Equal(t, `[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"","type":"function","function":{"name":"g","arguments":""}}]`,
		*all.Messages[1].ToolCalls)
	assert.Equal(t, "1", *all.Messages[2].ToolCallID)
	assert.True(t, *all.Messages[2].Train)
	assert.Equal(t, "[]", *all.Tools)
	assert.Equal(t, `{"id":9007199254740993,"message_keys":[{"w":1},null,null]}`, *all.Extra)
	assert.Equal(t, "p", *all.Part)
	assert.Equal(t, int64(1<<40), all.Provenance.Row)
	assert.Equal(t, []int64{2, 3}, []int64{all.Provenance.Sub, all.Provenance.Pass})
	assert.Equal(t, []string{"p", "f"}, []string{all.Provenance.Part, all.Provenance.Path})
}

func TestParquetRowGroups(t *testing.T) {
	dir := t.TempDir()
	f := Parquet(dir, &Options{As: FormText, Compression: None})
	for i := range 100 {
		require.NoError(t, f.Write(t.Context(), datamix.NewText(fmt.Sprint(i)+strings.Repeat("x", 1000))))
		f.writer.(*table).limit = 10_000
	}
	require.NoError(t, f.Close())
	file, err := os.Open(filepath.Join(dir, "train-00000-of-00001.parquet"))
	require.NoError(t, err)
	defer file.Close()
	info, err := file.Stat()
	require.NoError(t, err)
	p, err := parquet.OpenFile(file, info.Size())
	require.NoError(t, err)
	assert.Len(t, p.RowGroups(), 10)
	rows, err := parquet.Read[struct {
		Text string `parquet:"text"`
	}](file, info.Size())
	require.NoError(t, err)
	require.Len(t, rows, 100)
	assert.True(t, strings.HasPrefix(rows[99].Text, "99x"))
}

package sink_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/sink/sinktest"
)

// jsonRow is a row of form messages, of JSON Lines or Parquet.
type jsonRow struct {
	Messages []struct {
		Role       string  `json:"role" parquet:"role"`
		Content    string  `json:"content" parquet:"content"`
		Reasoning  *string `json:"reasoning_content" parquet:"reasoning_content"`
		Name       *string `json:"name" parquet:"name"`
		ToolCallID *string `json:"tool_call_id" parquet:"tool_call_id"`
		Train      *bool   `json:"train" parquet:"train"`
	} `json:"messages" parquet:"messages,list"`
	Tools  *string `json:"tools" parquet:"tools"`
	Extra  *string `json:"extra" parquet:"extra"`
	Source *string `json:"source" parquet:"source"`
}

func (j jsonRow) record() *datamix.Record {
	var ms []datamix.Message
	for _, m := range j.Messages {
		ms = append(ms, datamix.Message{Role: m.Role, Content: m.Content})
	}
	return datamix.NewChat(ms...)
}

func decodeLines(t *testing.T, text string) (rs []*datamix.Record) {
	for line := range strings.Lines(text) {
		var j jsonRow
		require.NoError(t, json.Unmarshal([]byte(line), &j))
		rs = append(rs, j.record())
	}
	return rs
}

func decodeParquet(t *testing.T, path string) (rs []*datamix.Record) {
	rows, err := parquet.ReadFile[jsonRow](path)
	require.NoError(t, err)
	for _, j := range rows {
		rs = append(rs, j.record())
	}
	return rs
}

// readFolder reads a folder as its manifest has it, nothing where there is none.
func readFolder(t *testing.T, dir string) (rs []*datamix.Record) {
	m, err := sink.ReadManifest(dir)
	if err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
		return nil
	}
	for _, s := range m.Shards {
		if m.Format == "parquet" {
			rs = append(rs, decodeParquet(t, filepath.Join(dir, s.Name))...)
		} else {
			rs = append(rs, decodeLines(t, content(t, filepath.Join(dir, s.Name)))...)
		}
	}
	return rs
}

func TestConformance(t *testing.T) {
	small := func(c sink.Compression) *sink.Options { return &sink.Options{Compression: c, RowsPerShard: 777} }
	for name, open := range map[string]func(dir string) datamix.Sink{
		"jsonl":   func(dir string) datamix.Sink { return sink.JSONL(dir, small(sink.None)) },
		"gzip":    func(dir string) datamix.Sink { return sink.JSONL(dir, small(sink.Gzip)) },
		"zstd":    func(dir string) datamix.Sink { return sink.JSONL(dir, small(sink.Zstd)) },
		"parquet": func(dir string) datamix.Sink { return sink.Parquet(dir, small(sink.Zstd)) },
		"tee":     func(dir string) datamix.Sink { return sink.Tee(sink.JSONL(dir, nil), sink.Writer(io.Discard, nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			var dir string
			sinktest.Run(t, func(t *testing.T) datamix.Sink {
				dir = filepath.Join(t.TempDir(), "out")
				return open(dir)
			}, func(t *testing.T) []*datamix.Record { return readFolder(t, dir) })
		})
	}
}

func TestConformanceOfFile(t *testing.T) {
	var path string
	sinktest.Run(t, func(t *testing.T) datamix.Sink {
		path = filepath.Join(t.TempDir(), "out.jsonl")
		return sink.File(path, nil)
	}, func(t *testing.T) []*datamix.Record {
		if _, err := os.Stat(path); err != nil {
			return nil
		}
		return decodeLines(t, content(t, path))
	})
}

// closeOnly hides Abort: what was written to a stream is committed.
type closeOnly struct{ datamix.Sink }

func TestConformanceOfWriter(t *testing.T) {
	var b *bytes.Buffer
	sinktest.Run(t, func(*testing.T) datamix.Sink {
		b = &bytes.Buffer{}
		return closeOnly{sink.Writer(b, nil)}
	}, func(t *testing.T) []*datamix.Record { return decodeLines(t, b.String()) })
}

func TestParquetSchemaGolden(t *testing.T) {
	for _, as := range []sink.Form{sink.FormMessages, sink.FormText} {
		dir := t.TempDir()
		require.NoError(t, sink.Parquet(dir, &sink.Options{As: as, Provenance: true}).Close())
		file, err := os.ReadFile(filepath.Join(dir, "train-00000-of-00001.parquet"))
		require.NoError(t, err)
		p, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		golden(t, filepath.Join("testdata", "schema_"+string(as)+".golden"), []byte(p.Schema().String()+"\n"))
	}
}

// TestRoundTrip writes form messages, reads it again and compares.
func TestRoundTrip(t *testing.T) {
	for _, r := range []*datamix.Record{plain(t), withSystem(t), withCalls(t), withEverything(t)} {
		line, err := encode(nil, r)
		require.NoError(t, err)
		var v struct {
			Messages []struct {
				Role, Content, Name string
				Reasoning           string `json:"reasoning_content"`
				ToolCallID          string `json:"tool_call_id"`
				Calls               []struct {
					ID       string
					Function struct{ Name, Arguments string }
				} `json:"tool_calls"`
			}
			Tools string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		var ms []datamix.Message
		for _, m := range v.Messages {
			one := datamix.Message{Role: m.Role, Content: m.Content, Name: m.Name, Reasoning: m.Reasoning, ToolCallID: m.ToolCallID}
			for _, c := range m.Calls {
				one.ToolCalls = append(one.ToolCalls, datamix.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
			}
			ms = append(ms, one)
		}
		again := datamix.NewChat(ms...)
		again.SetTools(v.Tools)
		require.Equal(t, r.ContentHash(), again.ContentHash(), line)
	}
}

package sink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
	"github.com/datamix-go/datamix/sink"
)

var update = flag.Bool("update", false, "write the golden files anew")

// row returns a record of a JSON row whose "messages" column holds what ms says.
func row(t testing.TB, raw string, ms ...datamix.Message) *datamix.Record {
	t.Helper()
	r, err := (*datamix.Arena)(nil).JSON([]byte(raw), datamix.Origin{Source: "math", Path: "train.jsonl", Row: 7, Offset: 100})
	require.NoError(t, err)
	r.Adapt(ms, "messages")
	return r
}

// plain is a chat that every chat form can hold.
func plain(t testing.TB) *datamix.Record {
	return row(t, `{"id":12345678901234567890,"messages":[],"source":"their own","extra":{"a": [1, 2]}}`,
		datamix.User("What is 2+2?\n\"Four\"?"), datamix.Assistant("4 \\o/ ça va 日本"))
}

func withSystem(t testing.TB) *datamix.Record {
	return row(t, `{"messages":[]}`, datamix.System("Be brief."), datamix.User("Hi"), datamix.Assistant("Hello"),
		datamix.User("Bye"), datamix.Assistant("So long"))
}

func withCalls(t testing.TB) *datamix.Record {
	call := datamix.ToolCall{ID: "c1", Name: "add", Arguments: `{"b":9007199254740993, "a":[1,"x",null]}`}
	r := row(t, `{"messages":[],"tools":[]}`, datamix.User("Add"),
		datamix.Message{Role: datamix.RoleAssistant, ToolCalls: []datamix.ToolCall{call}},
		datamix.Message{Role: datamix.RoleTool, ToolCallID: "c1", Content: "9007199254740994"},
		datamix.Assistant("Done"))
	r.AdaptTools(`[{"type":"function","function":{"name":"add"}}]`, "tools")
	return r
}

func withEverything(t testing.TB) *datamix.Record {
	return row(t, `{"messages":[],"row_source":1,"source":2,"message_keys":null}`,
		datamix.Message{Role: "developer", Content: "Rules", Name: "boss", Train: datamix.TrainYes},
		datamix.Message{Role: datamix.RoleUser, Content: "Q", Extra: []datamix.Field{datamix.JSONField("weight", "0.5"), datamix.TextField("role", "x")}},
		datamix.Message{Role: datamix.RoleAssistant, Reasoning: "hm", Content: "A", Train: datamix.TrainNo})
}

func text(testing.TB) *datamix.Record {
	r := datamix.NewText("Once\tupon \u2028 a time")
	r.Origin = datamix.Origin{Source: "web", Path: "a.txt", Row: 3, Sub: 2, Pass: 1}
	return r
}

func columns(t testing.TB) *datamix.Record {
	r, err := (*datamix.Arena)(nil).Row([]datamix.Field{datamix.TextField("q", "a,\nb"), datamix.JSONField("n", "1")}, datamix.Origin{Path: "t.csv"})
	require.NoError(t, err)
	return r
}

// encode writes one record.
func encode(o *sink.Options, r *datamix.Record) (string, error) {
	var b bytes.Buffer
	w := sink.Writer(&b, o)
	err := errors.Join(w.Write(context.Background(), r), w.Close())
	return b.String(), err
}

func TestFormsGolden(t *testing.T) {
	makers := []struct {
		name string
		make func(testing.TB) *datamix.Record
	}{{"plain", plain}, {"system", withSystem}, {"calls", withCalls}, {"everything", withEverything}, {"text", text}, {"columns", columns}}
	optionSets := []struct {
		name string
		o    sink.Options
	}{
		{"messages", sink.Options{}},
		{"messages_columns", sink.Options{Extra: sink.ExtraColumns, Provenance: true}},
		{"messages_drop", sink.Options{As: sink.FormMessages, Extra: sink.ExtraDrop, SourceColumn: "-"}},
		{"sharegpt", sink.Options{As: sink.FormShareGPT}},
		{"alpaca", sink.Options{As: sink.FormAlpaca, SourceColumn: "part"}},
		{"prompt_completion", sink.Options{As: sink.FormPromptCompletion}},
		{"text", sink.Options{As: sink.FormText, Provenance: true}},
		{"raw", sink.Options{As: sink.FormRaw}},
	}
	for _, set := range optionSets {
		t.Run(set.name, func(t *testing.T) {
			var b bytes.Buffer
			for _, m := range makers {
				var one bytes.Buffer
				w := sink.Writer(&one, &set.o)
				err := w.Write(t.Context(), m.make(t))
				require.NoError(t, w.Close())
				if err != nil {
					var re *datamix.RecordError
					require.ErrorAs(t, err, &re)
					assert.Equal(t, "write", re.Stage)
					assert.Contains(t, err.Error(), "use form", "the error names what would fit")
					assert.Empty(t, one.String(), "nothing of a bad record is written")
					b.WriteString("# " + m.name + ": " + err.Error() + "\n")
					continue
				}
				line := strings.TrimSuffix(one.String(), "\n")
				assert.NotContains(t, line, "\n")
				require.NoError(t, jsonx.Valid([]byte(line)), line)
				b.WriteString(line + "\n")
			}
			golden(t, filepath.Join("testdata", set.name+".golden"), b.Bytes())
		})
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestErrorsNameAForm(t *testing.T) {
	image := datamix.Message{Role: datamix.RoleUser, Parts: []datamix.Part{{Type: "image_url", JSON: `{}`}}}
	changed := plain(t)
	changed.SetText("new")
	for _, c := range []struct {
		name string
		as   sink.Form
		r    *datamix.Record
		want string
	}{
		{"no messages", sink.FormMessages, row(t, `{"a":1}`), "no messages and no text"},
		{"image", sink.FormMessages, row(t, `{}`, image), `turn 1 has a part of type "image_url"`},
		{"chat as text", sink.FormText, plain(t), "use form messages"},
		{"changed as raw", sink.FormRaw, changed, "use form text"},
		{"reasoning", sink.FormShareGPT, datamix.NewChat(datamix.Message{Role: "assistant", Reasoning: "x"}), "turn 1 has reasoning"},
		{"flag", sink.FormAlpaca, datamix.NewChat(datamix.User("a"), datamix.Message{Role: "assistant", Train: datamix.TrainNo}), "turn 2 has a loss flag"},
		{"late system", sink.FormShareGPT, datamix.NewChat(datamix.User("a"), datamix.System("b")), "after the first turn"},
		{"only system", sink.FormAlpaca, datamix.NewChat(datamix.System("b")), "only a system turn"},
		{"no answer", sink.FormAlpaca, datamix.NewChat(datamix.System("s"), datamix.User("b")), "without an answer"},
		{"order", sink.FormAlpaca, datamix.NewChat(datamix.System("s"), datamix.Assistant("b"), datamix.User("b")), `turn 2 is of role "assistant"`},
		{"long", sink.FormPromptCompletion, datamix.NewChat(datamix.User("a"), datamix.Assistant("b"), datamix.User("a"), datamix.Assistant("b")), "4 turns"},
		{"role", sink.FormShareGPT, datamix.NewChat(datamix.Message{Role: "critic"}), `role "critic"`},
		{"arguments", sink.FormShareGPT, datamix.NewChat(datamix.Message{Role: "assistant", ToolCalls: []datamix.ToolCall{{Name: "f", Arguments: "{"}}}), "no JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := encode(&sink.Options{As: c.as}, c.r)
			assert.ErrorContains(t, err, c.want)
			assert.False(t, datamix.Final(err))
			assert.Empty(t, out)
		})
	}
}

func TestABadRecordLeavesTheOthers(t *testing.T) {
	var b bytes.Buffer
	w := sink.Writer(&b, nil)
	require.NoError(t, w.Write(t.Context(), plain(t)))
	require.Error(t, w.Write(t.Context(), text(t)))
	require.NoError(t, w.Write(t.Context(), withSystem(t)))
	require.NoError(t, w.Close())
	assert.Equal(t, 2, strings.Count(b.String(), "\n"))
}

func TestRawKeepsBytesOnOneLine(t *testing.T) {
	for raw, want := range map[string]string{
		`{"b" : 1,  "a":2.50, "s":"\u00e9" }`:         `{"b" : 1,  "a":2.50, "s":"\u00e9" }`,
		"{\n  \"b\": 1,\r\n  \"a\": [\n\"x  y\"\n] }": `{"b":1,"a":["x  y"]}`,
	} {
		got, err := encode(&sink.Options{As: sink.FormRaw}, row(t, raw))
		require.NoError(t, err)
		assert.Equal(t, want+"\n", got)
	}
}

func TestExtraHoldsTheColumnsUnchanged(t *testing.T) {
	line, err := encode(nil, plain(t))
	require.NoError(t, err)
	var got struct{ Extra, Source string }
	require.NoError(t, json.Unmarshal([]byte(line), &got))
	assert.Equal(t, `{"id":12345678901234567890,"source":"their own","extra":{"a": [1, 2]}}`, got.Extra)
	assert.Equal(t, "math", got.Source)
}

func TestOptionErrors(t *testing.T) {
	for want, o := range map[string]sink.Options{
		`unknown form "chatml"`:       {As: "chatml"},
		`unknown compression "lz4"`:   {Compression: "lz4"},
		`unknown extra "keep"`:        {Extra: "keep"},
		"must not be negative":        {RowsPerShard: -1},
		"begin a file name":           {Prefix: "a/b"},
		`no "." the first`:            {Prefix: ".a"},
		"is a column of form":         {SourceColumn: "messages"},
		"level 3 needs a compression": {Level: 3},
		"gzip has 1 to 9":             {Level: 10, Compression: sink.Gzip},
		"do not go with it":           {As: sink.FormRaw, Provenance: true},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		assert.ErrorContains(t, sink.JSONL(dir, &o).Write(t.Context(), plain(t)), want)
		f := sink.JSONL(dir, &o)
		assert.ErrorContains(t, f.Close(), want)
		assert.NoDirExists(t, dir)
	}
	for want, o := range map[string]sink.Options{
		"one schema":                   {Extra: sink.ExtraColumns},
		"cannot be written as parquet": {As: sink.FormAlpaca},
	} {
		assert.ErrorContains(t, sink.Parquet(t.TempDir(), &o).Write(t.Context(), plain(t)), want)
	}
}

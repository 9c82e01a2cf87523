package sink_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// FuzzForms holds for all texts: a line is one line of valid JSON that decodes
// to the texts, with U+FFFD for bytes that are no UTF-8.
func FuzzForms(f *testing.F) {
	f.Add("plain", "text", "src")
	f.Add("a\n\r\"\\\x00\u2028", "\xff\xc3", "日本 😀")
	f.Fuzz(func(t *testing.T, user, assistant, source string) {
		r := datamix.NewChat(datamix.User(user), datamix.Assistant(assistant))
		r.Origin.Source = source
		valid := func(s string) string { return string([]rune(s)) }
		for _, as := range []sink.Form{sink.FormMessages, sink.FormShareGPT, sink.FormAlpaca, sink.FormPromptCompletion} {
			line, err := encode(&sink.Options{As: as, Provenance: true}, r)
			require.NoError(t, err)
			assert.Equal(t, 1, strings.Count(line, "\n"))
			var v map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &v), line)
			want := valid(source)
			if source == "" {
				assert.NotContains(t, v, "source")
			} else {
				assert.Equal(t, want, v["source"])
			}
			texts := map[sink.Form]func() []any{
				sink.FormMessages:         func() []any { return texts(v["messages"], "content") },
				sink.FormShareGPT:         func() []any { return texts(v["conversations"], "value") },
				sink.FormAlpaca:           func() []any { return []any{v["instruction"], v["output"]} },
				sink.FormPromptCompletion: func() []any { return []any{v["prompt"], v["completion"]} },
			}[as]()
			assert.Equal(t, []any{valid(user), valid(assistant)}, texts)
		}
	})
}

func texts(list any, key string) (all []any) {
	for _, turn := range list.([]any) {
		all = append(all, turn.(map[string]any)[key])
	}
	return all
}

// FuzzRaw holds for all JSON objects: the row is written on one line with the
// same values, and its columns are in extra.
func FuzzRaw(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":"x\n","c":[ 1 ,{"d":null}]}`))
	f.Add([]byte("{\n\"a\" :\r\n1e5}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := (*datamix.Arena)(nil).JSON(raw, datamix.Origin{})
		if err != nil {
			return
		}
		line, err := encode(&sink.Options{As: sink.FormRaw}, r)
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(line, "\n"))
		assert.Equal(t, squeeze(t, raw), squeeze(t, []byte(line)))

		r.Adapt([]datamix.Message{datamix.User("q")})
		line, err = encode(&sink.Options{SourceColumn: sink.NoSource}, r)
		require.NoError(t, err)
		var v struct{ Extra string }
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		if len(r.Fields()) == 0 {
			assert.Empty(t, v.Extra)
		} else if _, taken := r.Field("message_keys"); !taken {
			assert.Equal(t, squeeze(t, raw), squeeze(t, []byte(v.Extra)))
		}
	})
}

// squeeze returns JSON without white space, and with escapes spelled one way.
func squeeze(t *testing.T, raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var b strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return b.String()
		}
		one, err := json.Marshal(token)
		if delim, ok := token.(json.Delim); ok {
			one, err = []byte(delim.String()), nil
		}
		require.NoError(t, err)
		b.Write(append(one, ' '))
	}
}

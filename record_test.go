package datamix_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

func row(t testing.TB, text string) *datamix.Record {
	t.Helper()
	r, err := (*datamix.Arena)(nil).JSON([]byte(text), datamix.Origin{Path: "a.jsonl", Row: 3, Offset: 40})
	require.NoError(t, err)
	return r
}

const wide = `{"id":"x1","messages":[],"big":12345678901234567890,"args":{"b":1,"a":[true,null,1.50]},"lang":"fr","n":7,"none":null}`

func TestRowKeepsEveryByte(t *testing.T) {
	r := row(t, wide)
	raw, ok := r.Raw()
	require.True(t, ok)
	assert.Equal(t, wide, string(raw))
	big, ok := r.Field("big")
	require.True(t, ok)
	assert.Equal(t, "12345678901234567890", big.JSON())
	args, _ := r.Field("args")
	assert.Equal(t, `{"b":1,"a":[true,null,1.50]}`, args.JSON())
	assert.Equal(t, "object", args.Kind())
	none, _ := r.Field("none")
	assert.True(t, none.IsNull())
	_, ok = r.Field("absent")
	assert.False(t, ok)
}

func TestSetMethodsMarkTheRecordChanged(t *testing.T) {
	for name, change := range map[string]func(*datamix.Record){
		"messages": func(r *datamix.Record) { r.SetMessages([]datamix.Message{datamix.User("hi")}) },
		"text":     func(r *datamix.Record) { r.SetText("hi") },
		"tools":    func(r *datamix.Record) { r.SetTools("[]") },
		"field":    func(r *datamix.Record) { r.SetField(datamix.TextField("id", "other")) },
	} {
		t.Run(name, func(t *testing.T) {
			r := row(t, wide)
			r.SetCounts(datamix.Counts{Total: 5})
			change(r)
			assert.True(t, r.Changed())
			_, ok := r.Raw()
			assert.False(t, ok)
			assert.Equal(t, name == "field", r.Counted(), "counts are forgotten when the text changes")
		})
	}
	r := row(t, wide)
	r.SetLabel("category", "math")
	r.Adapt([]datamix.Message{datamix.User("hi")}, "messages")
	assert.False(t, r.Changed())
}

func TestExtraIsWhatNoAdapterTook(t *testing.T) {
	r := row(t, wide)
	r.Adapt([]datamix.Message{datamix.User("hi")}, "messages", "id")
	var names []string
	for f := range r.Extra() {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"big", "args", "lang", "n", "none"}, names)
}

func TestLabels(t *testing.T) {
	r := row(t, wide)
	assert.Equal(t, "fr", r.Label("lang"), "from the column")
	assert.Equal(t, "7", r.Label("n"))
	assert.Equal(t, "", r.Label("none"))
	r.SetLabel("lang", "de")
	r.SetLabel("category", "chat")
	assert.Equal(t, "de", r.Label("lang"), "a label goes before the column")
	c := r.Copy()
	c.SetLabel("lang", "it")
	c.SetLabel("more", "x")
	assert.Equal(t, "de", r.Label("lang"), "a copy's labels are its own")
	assert.Equal(t, "", r.Label("more"))
}

func TestDuplicateKeysAreAnError(t *testing.T) {
	_, err := (*datamix.Arena)(nil).JSON([]byte(`{"a":1,"b":2,"a":3}`), datamix.Origin{})
	require.ErrorContains(t, err, `"a" stands twice`)
	var many strings.Builder
	many.WriteString("{")
	for i := range 40 {
		fmt.Fprintf(&many, `"k%d":1,`, i)
	}
	many.WriteString(`"k7":2}`)
	_, err = (*datamix.Arena)(nil).JSON([]byte(many.String()), datamix.Origin{})
	require.ErrorContains(t, err, `"k7" stands twice`)
}

func TestBadRowsAreErrors(t *testing.T) {
	for _, text := range []string{``, `[1]`, `"x"`, `{"a":1`, `{"a":1} x`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", `{"a":"\q"}`, `{"a":01}`} {
		_, err := (*datamix.Arena)(nil).JSON([]byte(text), datamix.Origin{})
		assert.Error(t, err, "%q", text)
	}
}

func TestPromptResponseTexts(t *testing.T) {
	r := datamix.NewChat(datamix.System("s"), datamix.User("u1"), datamix.Assistant("a1"), datamix.User("u2"),
		datamix.Message{Role: datamix.RoleAssistant, Content: "a2", Reasoning: "why", ToolCalls: []datamix.ToolCall{{Name: "f", Arguments: `{"x":1}`}}})
	assert.Equal(t, "u1", r.Prompt())
	assert.Equal(t, "a2", r.Response())
	var texts []string
	for s := range r.Texts() {
		texts = append(texts, s)
		if s == "why" {
			break
		}
	}
	assert.Equal(t, []string{"s", "u1", "a1", "u2", "why"}, texts)
	assert.Equal(t, "all", datamix.NewText("all").Response())
}

func TestContentHash(t *testing.T) {
	base := datamix.NewChat(datamix.User("ab"), datamix.Assistant("c"))
	same := row(t, `{"q":"ab","a":"c","extra":9}`)
	same.Adapt([]datamix.Message{datamix.User("ab"), datamix.Assistant("c")}, "q", "a")
	assert.Equal(t, base.ContentHash(), same.ContentHash(), "schema and extra columns do not matter")
	for name, other := range map[string]*datamix.Record{
		"border": datamix.NewChat(datamix.User("a"), datamix.Assistant("bc")),
		"role":   datamix.NewChat(datamix.User("ab"), datamix.User("c")),
		"order":  datamix.NewChat(datamix.Assistant("c"), datamix.User("ab")),
		"text":   datamix.NewText("abc"),
		"call":   datamix.NewChat(datamix.User("ab"), datamix.Message{Role: "assistant", Content: "c", ToolCalls: []datamix.ToolCall{{Name: "f"}}}),
		"think":  datamix.NewChat(datamix.User("ab"), datamix.Message{Role: "assistant", Content: "c", Reasoning: "r"}),
	} {
		assert.NotEqual(t, base.ContentHash(), other.ContentHash(), name)
	}
	assert.Equal(t, datamix.HashText("abc"), datamix.NewText("abc").ContentHash())
	assert.Equal(t, "b61f0d8c6af8397c33a06c039fc2c615", datamix.HashText("abc").String(), "stable across versions")
}

func TestCloneSharesNothing(t *testing.T) {
	raw := []byte(wide)
	r, err := new(datamix.Arena).JSON(raw, datamix.Origin{Path: "p"})
	require.NoError(t, err)
	content := []byte("hello")
	r.Adapt([]datamix.Message{{Role: "user", Content: string(content), Parts: []datamix.Part{{Type: "text", Text: "hello"}}}}, "messages")
	c := r.Clone()
	for i := range raw {
		raw[i] = '#'
	}
	kept, ok := c.Raw()
	require.True(t, ok)
	assert.Equal(t, wide, string(kept))
	f, _ := c.Field("lang")
	assert.Equal(t, `"fr"`, f.JSON())
}

func TestCountRecord(t *testing.T) {
	r := datamix.NewChat(
		datamix.System("a b"), datamix.User("c d e"), datamix.Message{Role: "assistant", Content: "f", Train: datamix.TrainNo},
		datamix.Message{Role: "user", Content: "g h", Train: datamix.TrainYes}, datamix.Assistant("i j k l"))
	c, err := datamix.CountRecord(words{}, r)
	require.NoError(t, err)
	assert.Equal(t, datamix.Counts{Total: 12, Context: 8, Final: 4, Trainable: 6}, c)
	assert.Equal(t, c, r.Counts())
	assert.Equal(t, 3, r.Messages()[1].Tokens)

	text := datamix.NewText("one two")
	c, err = datamix.CountRecord(words{}, text)
	require.NoError(t, err)
	assert.Equal(t, datamix.Counts{Total: 2, Final: 2, Trainable: 2}, c)

	open := datamix.NewChat(datamix.User("a b c"))
	c, _ = datamix.CountRecord(words{}, open)
	assert.Equal(t, datamix.Counts{Total: 3}, c, "no assistant turn: nothing final, nothing trainable")
}

// words counts white-space separated words.
type words struct{}

func (words) Count(text string) int { return len(strings.Fields(text)) }

func (words) Append(dst []uint32, text string) []uint32 {
	for range strings.Fields(text) {
		dst = append(dst, 0)
	}
	return dst
}

func (words) Spec() (datamix.Spec, bool) { return datamix.NewSpec("words", 1, nil), true }

func TestCodecRoundTrip(t *testing.T) {
	r := row(t, wide)
	r.Adapt([]datamix.Message{
		{Role: "user", Content: "hi", Name: "n", Extra: []datamix.Field{datamix.JSONField("k", "[1]")}},
		{Role: "assistant", Reasoning: "r", Train: datamix.TrainNo, Tokens: 9,
			ToolCalls: []datamix.ToolCall{{ID: "1", Name: "f", Arguments: `{"x":1e400}`}},
			Parts:     []datamix.Part{{Type: "image_url", JSON: `{"type":"image_url"}`}}},
		{Role: "tool", Content: "42", ToolCallID: "1"},
	}, "messages")
	r.AdaptTools(`[{"name":"f"}]`)
	r.SetLabel("category", "x")
	r.SetCounts(datamix.Counts{Total: 1 << 33, Context: 2, Final: 3, Trainable: 4})
	r.Origin = datamix.Origin{Source: "s", Path: "p", Row: 1 << 40, Sub: 3, Offset: -1, Pass: 2}
	data, err := r.AppendBinary([]byte("before"))
	require.NoError(t, err)
	data = data[len("before"):]
	for _, arena := range []*datamix.Arena{nil, new(datamix.Arena)} {
		got, err := arena.Binary(data)
		require.NoError(t, err)
		assert.Equal(t, r.Messages(), got.Messages())
		assert.Equal(t, r.Fields(), got.Fields())
		assert.Equal(t, r.Origin, got.Origin)
		assert.Equal(t, r.Counts(), got.Counts())
		assert.Equal(t, "x", got.Label("category"))
		assert.Equal(t, r.Tools(), got.Tools())
		raw, ok := got.Raw()
		assert.True(t, ok)
		assert.Equal(t, wide, string(raw))
	}
	text, err := datamix.NewText("only text").AppendBinary(nil)
	require.NoError(t, err)
	got, err := (*datamix.Arena)(nil).Binary(text)
	require.NoError(t, err)
	assert.True(t, got.IsText() && got.Changed())
	assert.Equal(t, "only text", got.Text())
}

func FuzzCodec(f *testing.F) {
	r := datamix.NewChat(datamix.User("hello"), datamix.Assistant("there"))
	data, _ := r.AppendBinary(nil)
	f.Add(data)
	f.Add([]byte{2, 255, 3, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := (*datamix.Arena)(nil).Binary(data)
		if err != nil {
			return
		}
		again, err := r.AppendBinary(nil)
		require.NoError(t, err)
		s, err := (*datamix.Arena)(nil).Binary(again)
		require.NoError(t, err)
		require.Equal(t, r.Origin, s.Origin)
		require.Equal(t, r.Messages(), s.Messages())
	})
}

func TestOriginKey(t *testing.T) {
	seen := map[uint64]datamix.Origin{}
	for _, path := range []string{"", "a", "b", "dir/a"} {
		for row := range int64(500) {
			for sub := range 3 {
				o := datamix.Origin{Path: path, Row: row, Sub: sub}
				other, twice := seen[o.Key()]
				require.False(t, twice, "%v and %v", o, other)
				seen[o.Key()] = o
			}
		}
	}
	a := datamix.Origin{Path: "x", Row: 5}
	b := datamix.Origin{Path: "x", Row: 5, Source: "part", Offset: 99, Pass: 3}
	assert.Equal(t, a.Key(), b.Key())
	assert.Equal(t, "x:5", a.String())
	assert.Equal(t, "x:5.2", datamix.Origin{Path: "x", Row: 5, Sub: 2}.String())
}

func TestPriorityIsStableAndUniform(t *testing.T) {
	assert.Equal(t, uint64(0x4a5a37f310fa5983), datamix.Priority(42, "draw", 7), "a change here changes every mix")
	rng := rand.New(rand.NewPCG(1, 2))
	const n, buckets = 1 << 16, 16
	for _, purpose := range []string{"a", "b"} {
		var count [buckets]int
		start := rng.Uint64()
		for i := range uint64(n) {
			count[datamix.Priority(9, purpose, start+i)>>60]++
		}
		chi := 0.0
		for _, c := range count {
			d := float64(c) - n/buckets
			chi += d * d / (n / buckets)
		}
		assert.Less(t, chi, 45.0, "15 degrees of freedom, p about 1e-4")
	}
	assert.NotEqual(t, datamix.Priority(1, "a", 1), datamix.Priority(1, "b", 1))
	assert.NotEqual(t, datamix.Priority(1, "a", 1), datamix.Priority(2, "a", 1))
}

func TestRecordErrorText(t *testing.T) {
	e := &datamix.RecordError{Stage: "read", Origin: datamix.Origin{Source: "math", Path: "a.jsonl", Row: 41, Offset: 900}, Err: json.Unmarshal([]byte("{"), new(int))}
	assert.Equal(t, "part math: a.jsonl, row 42, byte 900: read: unexpected end of JSON input", e.Error())
}

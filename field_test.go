package datamix_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

func TestFieldKindsAndText(t *testing.T) {
	for _, test := range []struct {
		field datamix.Field
		kind  string
		text  string
		err   string
	}{
		{datamix.TextField("f", `a "b"`), "string", `a "b"`, ""},
		{datamix.JSONField("f", `"a \"b\" \u00e9"`), "string", `a "b" é`, ""},
		{datamix.JSONField("f", `null`), "null", "", ""},
		{datamix.JSONField("f", `true`), "bool", "", `field "f" is a bool, want string`},
		{datamix.JSONField("f", `1e3`), "number", "", `field "f" is a number, want string`},
		{datamix.JSONField("f", `[1]`), "array", "", `field "f" is an array, want string`},
		{datamix.JSONField("f", `{"a":1}`), "object", "", `field "f" is an object, want string`},
		{datamix.JSONField("f", `"\ud800"`), "string", "", "surrogate"},
	} {
		t.Run(test.field.JSON(), func(t *testing.T) {
			assert.Equal(t, test.kind, test.field.Kind())
			assert.Equal(t, test.kind == "null", test.field.IsNull())
			text, err := test.field.Text()
			if test.err == "" {
				require.NoError(t, err)
				assert.Equal(t, test.text, text)
			} else {
				require.ErrorContains(t, err, test.err)
			}
			assert.Equal(t, test.field.JSON(), string(test.field.AppendJSON(nil)))
			out, err := json.Marshal(test.field)
			require.NoError(t, err)
			assert.JSONEq(t, test.field.JSON(), string(out))
		})
	}
}

func TestFieldDecode(t *testing.T) {
	var v struct{ A []int }
	require.NoError(t, datamix.JSONField("f", `{"A":[1,2]}`).Decode(&v))
	assert.Equal(t, []int{1, 2}, v.A)
	assert.ErrorContains(t, datamix.JSONField("f", `{"A":"x"}`).Decode(&v), `field "f"`)
}

func TestUnits(t *testing.T) {
	c := datamix.Counts{Total: 10, Trainable: 4}
	assert.EqualValues(t, 1, datamix.Rows.Of(c))
	assert.EqualValues(t, 10, datamix.Tokens.Of(c))
	assert.EqualValues(t, 4, datamix.TrainableTokens.Of(c))
	assert.NoError(t, datamix.Unit("").Check())
	assert.ErrorContains(t, datamix.Unit("bytes").Check(), "rows, tokens, trainable_tokens")
}

// TestAdapterMemory reads texts the way adapters do, with an arena and without.
func TestAdapterMemory(t *testing.T) {
	for _, arena := range []*datamix.Arena{nil, {}} {
		r, err := arena.JSON([]byte(`{"text": "a\nb", "n": 3, "parts": [{"t": "x\ty"}]}`), datamix.Origin{})
		require.NoError(t, err)
		text, err := r.FieldText("text")
		require.NoError(t, err)
		assert.Equal(t, "a\nb", text)
		_, err = r.FieldText("title")
		assert.ErrorContains(t, err, `no column "title"`)
		_, err = r.FieldText("n")
		assert.ErrorContains(t, err, `field "n" is a number`)
		inner, err := r.DecodeText([]byte(`"x\ty"`))
		require.NoError(t, err)
		assert.Equal(t, "x\ty", inner)
		r.AdaptText(text, "text")
		assert.True(t, r.IsText())
		assert.False(t, r.Changed())

		row, err := arena.Row([]datamix.Field{datamix.TextField("a", "1"), datamix.TextField("b", "2")}, datamix.Origin{Path: "t.csv", Row: 4})
		require.NoError(t, err)
		assert.Equal(t, "t.csv:4", row.ID())
		_, err = arena.Row([]datamix.Field{datamix.TextField("a", "1"), datamix.TextField("a", "2")}, datamix.Origin{})
		assert.ErrorContains(t, err, `"a" stands twice`)
	}
}

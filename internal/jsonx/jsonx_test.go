package jsonx_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// requireSyntax checks that err is a SyntaxError at offset with msg in it.
func requireSyntax(t *testing.T, err error, offset int, msg string) {
	t.Helper()
	var syntax *jsonx.SyntaxError
	require.ErrorAs(t, err, &syntax)
	assert.Equal(t, offset, syntax.Offset, syntax.Msg)
	assert.Contains(t, syntax.Msg, msg)
}

func TestKindOf(t *testing.T) {
	for raw, want := range map[string]jsonx.Kind{
		"": jsonx.Invalid, "x": jsonx.Invalid, " 1": jsonx.Invalid, "}": jsonx.Invalid, "+1": jsonx.Invalid,
		"null": jsonx.Null, "true": jsonx.Bool, "false": jsonx.Bool,
		"0": jsonx.Number, "9": jsonx.Number, "-1": jsonx.Number,
		`"a"`: jsonx.String, "[]": jsonx.Array, "{}": jsonx.Object,
	} {
		assert.Equal(t, want, jsonx.KindOf([]byte(raw)), "%q", raw)
	}
}

func TestSyntaxErrorNamesOffsetAndReason(t *testing.T) {
	err := jsonx.Valid([]byte(`{"a":}`))
	require.EqualError(t, err, "invalid JSON at byte 5: unexpected '}', want a value")
}

func TestValidAccepts(t *testing.T) {
	for _, raw := range []string{
		`null`, ` true `, "\t\r\nfalse\n", `0`, `-0`, `-0.5e-7`, `1E+9`, `10.25`, `""`, `[]`, `{}`, `[ ]`, `{ }`,
		`"\"\\\/\b\f\n\r\tA\u00e9"`, `"\ud83d"`, "\"\x7f\u2028日本\"", `[[],{},[1,"a",null]]`,
		`{"a":1,"a":2}`, `{"":{"b":[true,false]}}`, "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }",
		nested(jsonx.MaxDepth),
	} {
		assert.NoError(t, jsonx.Valid([]byte(raw)), "%.80q", raw)
	}
}

func TestValidRejects(t *testing.T) {
	for _, c := range []struct {
		raw    string
		offset int
		msg    string
	}{
		{"", 0, "unexpected end"},
		{"  ", 2, "want a value"},
		{"nul", 3, "want null"},
		{"nulL", 3, "want null"},
		{"truefalse", 4, "want the end"},
		{"1 2", 2, "want the end"},
		{"+1", 0, "want a value"},
		{"01", 1, "must not start with 0"},
		{"-", 1, "want a digit"},
		{"-a", 1, "want a digit"},
		{"1.", 2, "want a digit"},
		{"1.e3", 2, "want a digit"},
		{"1e", 2, "want a digit"},
		{"1e+", 3, "want a digit"},
		{".5", 0, "want a value"},
		{"NaN", 0, "unexpected 'N'"},
		{"[", 1, "want a value"},
		{"[1", 2, "want ',' or ']'"},
		{"[1,]", 3, "want a value"},
		{"[1 2]", 3, "want ',' or ']'"},
		{"[1}", 2, "want ',' or ']'"},
		{"{", 1, "want a key"},
		{"{1:2}", 1, "want a key"},
		{`{"a"}`, 4, "want ':'"},
		{`{"a":1`, 6, "want ',' or '}'"},
		{`{"a":1,}`, 7, "want a key"},
		{`{"a":1 "b":2}`, 7, "want ',' or '}'"},
		{`{"a":1}}`, 7, "want the end"},
		{`"abc`, 4, "closing quote"},
		{`"abc\"`, 6, "closing quote"},
		{`"abc\`, 4, "end of the text in an escape"},
		{`"a\x"`, 2, "followed by 'x'"},
		{`"a\u12g4"`, 2, "four hexadecimal digits"},
		{`"\u12`, 1, "four hexadecimal digits"},
		{"\"0123456789\n\"", 11, "control character 0x0a"},
		{"\"\x00\"", 1, "control character 0x00"},
		{"[\"0123456789\xff\"]", 12, "invalid UTF-8: byte 0xff"},
		{"\"\xed\xa0\x80\"", 1, "invalid UTF-8: byte 0xed"},
		{"\"\xc0\xaf\"", 1, "invalid UTF-8"},
		{"\"\xf4\x90\x80\x80\"", 1, "invalid UTF-8"},
		{"\"\xe3\x81\\n\"", 1, "invalid UTF-8: byte 0xe3"},
		{"\xff", 0, "unexpected byte 0xff"},
		{"\ufeff{}", 0, "unexpected '\\ufeff'"},
		{"[\u00a01]", 1, "want a value"},
		{nested(jsonx.MaxDepth + 1), jsonx.MaxDepth, "more than 512"},
		{strings.Repeat("[", 1<<20), jsonx.MaxDepth, "more than 512"},
		{strings.Repeat(`{"a":`, 1<<18), 5 * jsonx.MaxDepth, "more than 512"},
	} {
		t.Run(limit(c.raw), func(t *testing.T) {
			requireSyntax(t, jsonx.Valid([]byte(c.raw)), c.offset, c.msg)
		})
	}
}

// TestValidFindsEveryPosition puts a byte at fault at all distances from the
// borders of the words in which strings are read.
func TestValidFindsEveryPosition(t *testing.T) {
	for n := range 40 {
		for at := range n {
			for _, c := range []byte{0x00, 0x1f, '\n', '\\', '"', 0x80, 0xff} {
				raw := []byte(`"` + strings.Repeat("a", n) + `"`)
				raw[1+at] = c
				assert.Error(t, jsonx.Valid(raw), "%q", raw)
				_, err := jsonx.Text(raw, nil)
				assert.Error(t, err, "%q", raw)
			}
			for _, c := range []byte{' ', '!', '#', '[', ']', '|', 0x7f} {
				raw := []byte(`"` + strings.Repeat("\x7f", n) + `"`)
				raw[1+at] = c
				assert.NoError(t, jsonx.Valid(raw), "%q", raw)
			}
		}
	}
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func limit(s string) string {
	if len(s) > 20 {
		return s[:20]
	}
	return s
}

package jsonx_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/jsonx"
)

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		`""`:                                  "",
		`"a"`:                                 "a",
		`"plain text, 20 bytes"`:              "plain text, 20 bytes",
		`"日本語 é"`:                             "日本語 é",
		`"\"\\\/\b\f\n\r\t"`:                  "\"\\/\b\f\n\r\t",
		`"\u0041\u00e9\u20AC\u65e5"`:          "Aé€日",
		`"\ud83d\ude00"`:                      "😀",
		`"\uD83D\uDE00\udbff\udfff"`:          "😀\U0010ffff",
		`"\u0000\uffff\ufffd"`:                "\x00\uffff\ufffd",
		`"0123456789\n0123456789\\"`:          "0123456789\n0123456789\\",
		`"\n日本語日本語日本語\n"`:                     "\n日本語日本語日本語\n",
		"\"\x7f\u2028\"":                      "\x7f\u2028",
		`"` + strings.Repeat("x", 99) + `\t"`: strings.Repeat("x", 99) + "\t",
	} {
		for _, buf := range []*[]byte{nil, new([]byte)} {
			got, err := jsonx.Text([]byte(raw), buf)
			require.NoError(t, err, raw)
			assert.Equal(t, want, got, raw)
		}
	}
}

func TestTextErrors(t *testing.T) {
	for _, c := range []struct {
		raw    string
		offset int
		msg    string
	}{
		{"", 0, "want a string"},
		{"1", 0, "want a string"},
		{` "a"`, 0, "want a string"},
		{`"`, 1, "closing quote"},
		{`"a`, 2, "closing quote"},
		{`"\n`, 3, "closing quote"},
		{`"\n\n\n`, 7, "closing quote"},
		{`"0123456789\n0123456789`, 23, "closing quote"},
		{`"\"`, 3, "closing quote"},
		{`"\`, 1, "end of the text in an escape"},
		{`"a\n\`, 4, "end of the text in an escape"},
		{`"a"b"`, 3, "nothing behind the closing quote"},
		{`"a" `, 3, "nothing behind the closing quote"},
		{`"\n"b"`, 4, "nothing behind the closing quote"},
		{`"a\'"`, 2, `unknown escape \ followed by '\''`},
		{"\"a\\\xff\"", 2, "followed by byte 0xff"},
		{`"\u123"`, 1, "four hexadecimal digits"},
		{`"\U0041"`, 1, "unknown escape"},
		{"\"ab\tc\"", 3, "control character 0x09"},
		{"\"\\nab\tc\"", 5, "control character 0x09"},
		{`"a\ud83d"`, 2, `lone surrogate \ud83d: not encodable as UTF-8`},
		{`"a\ud83dx\ude00"`, 2, `lone surrogate \ud83d`},
		{`"a\uD83D\ud83d\ude00"`, 2, `lone surrogate \uD83D`},
		{`"a\n\ude00\ud83d"`, 4, `lone surrogate \ude00`},
		{"\"a\xff\"", 2, "invalid UTF-8: byte 0xff"},
		{"\"a\\n\xe3\x81\"", 4, "invalid UTF-8: byte 0xe3"},
		{"\"a\xe3\\u0081\"", 2, "invalid UTF-8: byte 0xe3"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			buf := append(make([]byte, 0, 64), "kept"...)
			_, err := jsonx.Text([]byte(c.raw), &buf)
			requireSyntax(t, err, c.offset, c.msg)
			assert.Equal(t, "kept", string(buf))
		})
	}
}

func TestTextWithoutEscapesAliasesTheText(t *testing.T) {
	raw, buf := []byte(`"no escapes in here"`), []byte(nil)
	s, err := jsonx.Text(raw, &buf)
	require.NoError(t, err)
	assert.Same(t, &raw[1], unsafe.StringData(s))
	assert.Nil(t, buf)
	assert.Zero(t, testing.AllocsPerRun(20, func() { _, _ = jsonx.Text(raw, nil) }))
}

func TestTextSharesTheBuffer(t *testing.T) {
	buf := append(make([]byte, 0, 32), "first"...)
	first := buf
	s, err := jsonx.Text([]byte(`"a\nb"`), &buf)
	require.NoError(t, err)
	assert.Equal(t, "firsta\nb", string(buf), "appended to what was there")
	assert.Same(t, &first[0], &buf[0])
	assert.Same(t, &buf[5], unsafe.StringData(s))
}

func TestTextNeverMovesEarlierResults(t *testing.T) {
	var buf []byte
	var got, want []string
	for i := range 3000 {
		body := strings.Repeat("é", i%700)
		s, err := jsonx.Text([]byte(fmt.Sprintf(`"%d\n%s\u00e9"`, i, body)), &buf)
		require.NoError(t, err)
		got = append(got, s)
		want = append(want, fmt.Sprintf("%d\n%sé", i, body))
	}
	assert.Equal(t, want, got)
}

func TestTextChunkSizes(t *testing.T) {
	var buf []byte
	_, err := jsonx.Text([]byte(`"\n"`), &buf)
	require.NoError(t, err)
	assert.Equal(t, 2<<10, cap(buf), "a small string starts a shared piece")
	for range 5 {
		buf = buf[:cap(buf)]
		_, err = jsonx.Text([]byte(`"\n"`), &buf)
		require.NoError(t, err)
	}
	assert.Equal(t, 16<<10, cap(buf), "pieces grow")
	long := `"\n` + strings.Repeat("x", 20<<10) + `"`
	_, err = jsonx.Text([]byte(long), &buf)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, cap(buf), 20<<10, "a large one gets its own")
	assert.Len(t, buf, 20<<10+1)
}

func ExampleText() {
	var buf []byte
	s, err := jsonx.Text([]byte(`"one\ntwo \ud83d\ude00"`), &buf)
	fmt.Println(s, err)
	_, err = jsonx.Text([]byte(`"broken \ud83d"`), &buf)
	fmt.Println(err)
	// Output:
	// one
	// two 😀 <nil>
	// invalid JSON at byte 8: lone surrogate \ud83d: not encodable as UTF-8
}

func TestValidText(t *testing.T) {
	for _, raw := range []string{`""`, `"a"`, `"häß"`, `"a\nb"`, `"\u00e9\ud83d\ude00 日本\/"`, `"` + strings.Repeat(`line\n`, 100) + `ö"`, `1`, `"`, `"\ud800"`} {
		want, wantErr := jsonx.Text([]byte(raw), nil)
		got, err := jsonx.ValidText([]byte(raw), nil)
		assert.Equal(t, want, got, raw)
		assert.Equal(t, wantErr, err, raw)
	}
}

func TestConcat(t *testing.T) {
	assert.Equal(t, "a\n\nb", jsonx.Concat(nil, "a", "\n\n", "b"))
	assert.Empty(t, jsonx.Concat(nil))
	var buf []byte
	var got []string
	for i := range 3000 {
		got = append(got, jsonx.Concat(&buf, strconv.Itoa(i), "", strings.Repeat("é", i)))
	}
	for i, s := range got { // none lies where another does
		require.Equal(t, strconv.Itoa(i)+strings.Repeat("é", i), s)
	}
}

package jsonx_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix/internal/jsonx"
)

func TestAppendString(t *testing.T) {
	for s, want := range map[string]string{
		"":                         `""`,
		"plain":                    `"plain"`,
		"a \"b\" \\ c/":            `"a \"b\" \\ c/"`,
		"\b\f\n\r\t":               `"\b\f\n\r\t"`,
		"\x00\x01\x1f\x0b":         `"\u0000\u0001\u001f\u000b"`,
		"\x7f<b>&amp;</b>":         "\"\x7f<b>&amp;</b>\"",
		"日本語 é 😀 \u2028\u2029":     "\"日本語 é 😀 \u2028\u2029\"",
		"0123456789012345\n67":     `"0123456789012345\n67"`,
		"a\xff\xfeb":               "\"a\ufffd\ufffdb\"",
		"\n\xe3\x81\n\xed\xa0\x80": "\"\\n\ufffd\ufffd\\n\ufffd\ufffd\ufffd\"",
	} {
		got := jsonx.AppendString([]byte("x="), s)
		assert.Equal(t, "x="+want, string(got), "%q", s)
		assert.NoError(t, jsonx.Valid(got[2:]))
	}
}

func TestAppendStringWithRoomDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	assert.Zero(t, testing.AllocsPerRun(20, func() { dst = jsonx.AppendString(dst[:0], "a\nb é 日本語 \"quoted\"") }))
}

func TestAppendCompact(t *testing.T) {
	for raw, want := range map[string]string{
		"":                            "",
		"1":                           "1",
		" 1 \n":                       "1",
		`{"a":1,"b":[1,2],"c":"x y"}`: `{"a":1,"b":[1,2],"c":"x y"}`,
		"{ \"a b\" : \"c \\\" d\" ,\r\n\t\"e\" : [ 1 , null, { } ] }": `{"a b":"c \" d","e":[1,null,{}]}`,
		`[ "\\" , " \\\" " ]`: `["\\"," \\\" "]`,
		`[ "a b`:              `["a b`,
	} {
		assert.Equal(t, "x="+want, string(jsonx.AppendCompact([]byte("x="), []byte(raw))), "%q", raw)
	}
}

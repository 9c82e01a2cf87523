package jsonx_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/jsonx"
)

var seeds = []string{
	``, `null`, ` [1, -0.5e+3, true, false, null] `, `{"a":1,"b":{"c":["x\"y\\"]},"a":2}`,
	`{"text":"line 1\nline 2 \u00e9 \ud83d\ude00","lone":"\udc00"}`, `"0123456789\n0123456789é"`,
	"{\"bad\":\"\xff\"}", "\"\xed\xa0\x80\"", "[\"\x1f\"]", `{"caf\u00e9":1, "\ud83d":2}`, `[1,]`, `{"a" 1}`, `"\`, `01`, `1.`,
	`{"a":"b\\","c":"\\\""}`, "\"\x7f日本語\u2028\"", nested(600), `"\ud800\b\udC00"`,
}

// loneSurrogate finds escapes of surrogates that are not a pair. It expects
// valid JSON.
func loneSurrogate(raw []byte) bool {
	rest := regexp.MustCompile(`\\[^u]`).ReplaceAll(raw, []byte(" "))
	rest = regexp.MustCompile(`(?i)\\ud[89ab]..\\ud[cdef]..`).ReplaceAll(rest, nil)
	return regexp.MustCompile(`(?i)\\ud[89a-f]`).Match(rest)
}

func FuzzValid(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := jsonx.Valid(raw)
		want := json.Valid(raw) && utf8.Valid(raw)
		if err == nil {
			require.True(t, want, "%q", raw)
			return
		}
		var syntax *jsonx.SyntaxError
		require.True(t, errors.As(err, &syntax))
		require.True(t, syntax.Offset >= 0 && syntax.Offset <= len(raw))
		if strings.Contains(syntax.Msg, "nested") {
			require.Greater(t, bytes.Count(raw, []byte("["))+bytes.Count(raw, []byte("{")), jsonx.MaxDepth)
			return
		}
		require.False(t, want, "%v: %q", err, raw)
	})
}

func FuzzIterate(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		gotMembers, errObject := members(t, raw)
		gotElements, errArray := elements(t, raw)
		require.Equal(t, before, raw)
		invalid := jsonx.Valid(raw)
		if invalid != nil {
			if errObject == nil || errArray == nil {
				require.Regexp(t, `control character|escape|\\u|invalid UTF-8`, invalid.Error(),
					"iteration may only pass over what is inside of strings: %q", raw)
			}
			return
		}
		switch jsonx.KindOf(bytes.TrimLeft(raw, " \t\r\n")) {
		case jsonx.Object:
			if errObject != nil {
				require.ErrorContains(t, errObject, "lone surrogate")
				require.True(t, loneSurrogate(raw), "%q", raw)
				return
			}
			require.Equal(t, stdMembers(t, raw), gotMembers)
		case jsonx.Array:
			require.NoError(t, errArray)
			var want []json.RawMessage
			require.NoError(t, json.Unmarshal(raw, &want))
			require.Len(t, gotElements, len(want))
			for i := range want {
				require.Equal(t, string(want[i]), gotElements[i])
			}
		default:
			require.Error(t, errObject)
			require.Error(t, errArray)
		}
	})
}

// stdMembers is the iteration over a valid object by encoding/json.
func stdMembers(t *testing.T, raw []byte) []member {
	d := json.NewDecoder(bytes.NewReader(raw))
	_, err := d.Token()
	require.NoError(t, err)
	var all []member
	for d.More() {
		key, err := d.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, d.Decode(&value))
		all = append(all, member{key.(string), string(value)})
	}
	return all
}

func FuzzText(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
		f.Add([]byte(`"` + s + `"`))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		buf := append(make([]byte, 0, 64), "kept"...)
		start := buf
		got, err := jsonx.Text(raw, &buf)
		alone, errAlone := jsonx.Text(raw, nil)
		require.Equal(t, err, errAlone)
		require.Equal(t, got, alone)
		again, _ := jsonx.Text(raw, &buf)
		require.Equal(t, got, again)
		require.Equal(t, "kept", string(start))

		isString := jsonx.KindOf(raw) == jsonx.String && raw[len(raw)-1] == '"' && jsonx.Valid(raw) == nil
		if err != nil {
			require.True(t, !isString || loneSurrogate(raw), "%v: %q", err, raw)
			return
		}
		require.True(t, isString && !loneSurrogate(raw), "%q", raw)
		var want string
		require.NoError(t, json.Unmarshal(raw, &want))
		require.Equal(t, want, got)
	})
}

func FuzzAppendString(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := jsonx.AppendString(nil, s)
		require.NoError(t, jsonx.Valid(quoted))
		got, err := jsonx.Text(quoted, nil)
		require.NoError(t, err)
		require.Equal(t, string([]rune(s)), got)
		var std string
		require.NoError(t, json.Unmarshal(quoted, &std))
		require.Equal(t, got, std)
	})
}

func FuzzAppendCompact(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := jsonx.AppendCompact(nil, raw)
		if jsonx.Valid(raw) != nil {
			return
		}
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, raw))
		require.Equal(t, want.String(), string(got))
	})
}

// FuzzAppendMembers holds AppendMembers against Valid and the iteration.
func FuzzAppendMembers(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":[{"c":"d"}]}`, `{"a\n":"\ud800"}`, `{"\ud800":1}`, "{\"\xff\":1}", `{"a":1}x`, `[1]`, `{"a" : {} , "b":`, `{"a":1,}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want []jsonx.Member
		wantErr := jsonx.Valid(raw)
		if wantErr == nil {
			o, err := jsonx.OpenObject(raw)
			for wantErr = err; wantErr == nil; {
				key, value, ok, err := o.Next()
				if wantErr = err; !ok {
					break
				}
				want = append(want, jsonx.Member{Key: key, Value: value})
			}
		}
		got, err := jsonx.AppendMembers(nil, raw)
		if wantErr != nil {
			require.EqualError(t, err, wantErr.Error())
			require.Empty(t, got)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

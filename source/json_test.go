package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func plainJSON(w *window) cutter { return newJSONCutter(w, nil) }

func boxed(at string) func(*window) cutter {
	return func(w *window) cutter { return newJSONCutter(w, newJSONBox(w, at)) }
}

func TestJSONValues(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cutter     func(*window) cutter
		want       []string
	}{
		{"empty array", " [ ] \n", plainJSON, nil},
		{"one line", `[{"a":1},{"b":[1,{"c":2}]}]`, plainJSON, []string{`{"a":1}`, `{"b":[1,{"c":2}]}`}},
		{"one a line", "[\n {\"a\":1},\n {\"a\":2}\n]\n", plainJSON, []string{`{"a":1}`, `{"a":2}`}},
		{"brackets and quotes in strings", `[{"a":"]}\"[{,"},{"a":"\\"},{"a":"\\\""}]`, plainJSON,
			[]string{`{"a":"]}\"[{,"}`, `{"a":"\\"}`, `{"a":"\\\""}`}},
		{"scalars", `[1, -2.5e3 ,"x",null]`, plainJSON, []string{"1", "-2.5e3", `"x"`, "null"}},
		{"objects without a newline", `{"a":1}{"a":2} {"a":3}`, plainJSON, []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"objects over several lines", "{\n\"a\": 1\n}\n{\n\"a\": 2\n}", plainJSON, []string{"{\n\"a\": 1\n}", "{\n\"a\": 2\n}"}},
		{"scalar at the end", "1 2", plainJSON, []string{"1", "2"}},
		{"found inside of an object", `{"canary":"x","n":[1,2],"examples":[{"a":1},{"a":2}],"end":{"x":[{}]}}`, boxed(""),
			[]string{`{"a":1}`, `{"a":2}`}},
		{"at", `{"train":[{"a":1}],"test":[{"a":2}]}`, boxed("test"), []string{`{"a":2}`}},
		{"at further in", `{"x":{"data":0},"data":{"x":[], "train":[1,2]}, "z":1}`, boxed("data.train"), []string{"1", "2"}},
		{"empty inside", `{"examples":[]}`, boxed(""), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 1000, c.cutter)
			require.NoError(t, err)
			assert.Equal(t, c.want, raws(got))
			for i, s := range got {
				assert.EqualValues(t, i, s.Num)
				assert.Equal(t, s.Raw, c.text[s.Off:s.Off+int64(len(s.Raw))])
			}
		})
	}
}

func TestJSONFaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cutter     func(*window) cutter
		want       []string
		err        string
	}{
		{"cut in front of an element", `[{"a":1},`, plainJSON, []string{`{"a":1}`}, "byte 9: the array is not closed"},
		{"cut inside an element", `[{"a":1},{"a"`, plainJSON, []string{`{"a":1}`}, "byte 13: the file ends inside of a value that starts at byte 9"},
		{"cut behind an element", `[{"a":1}`, plainJSON, []string{`{"a":1}`}, "byte 8: the array is not closed"},
		{"no comma", `[{"a":1} {"a":2}]`, plainJSON, []string{`{"a":1}`}, `byte 9: unexpected '{', want ',' or ']'`},
		{"wrong bracket", `[{"a":[1}]`, plainJSON, nil, `byte 8: '}' closes a bracket that was not opened`},
		{"more behind the array", `[1] 2`, plainJSON, []string{"1"}, `byte 4: unexpected '2' behind the array`},
		{"bracket between values", `{} ] {}`, plainJSON, []string{"{}"}, `byte 3: unexpected ']' between two values`},
		{"two arrays", `{"a":[{}],"b":[{}]}`, boxed(""), []string{"{}"}, `byte 14: two arrays of objects, "a" and "b": set the option "at"`},
		{"no array", `{"a":{"b":[{}]},"c":[1]}`, boxed(""), nil, `no array of objects in the object; it has "a", "c": set the option "at"`},
		{"nothing at", `{"a":[{}],"b":[{}]}`, boxed("c"), nil, `the option "at": the file has no "c"; its object has "a", "b"`},
		{"at no array", `{"a":{"b":1}}`, boxed("a.b"), nil, `byte 10: the option "at": "a.b" is no array`},
		{"at no object", `{"a":[1]}`, boxed("a.b"), nil, `byte 5: the option "at": "a" is no object`},
		{"at twice", `{"a":[1],"a":[2]}`, boxed("a"), []string{"1"}, `the key "a" stands twice`},
		{"cut behind the array", `{"a":[{}]`, boxed(""), []string{"{}"}, "byte 9: the file ends inside of an object"},
		{"more behind the object", `{"a":[{}]} {}`, boxed(""), []string{"{}"}, `byte 11: unexpected '{' behind the object`},
		{"no key", `{"a":[{}],1}`, boxed(""), []string{"{}"}, `byte 10: unexpected '1', want a key`},
		{"empty object", `{}`, boxed(""), nil, "the object in the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 1000, c.cutter)
			require.ErrorContains(t, err, c.err)
			assert.Equal(t, c.want, raws(got))
		})
	}
}

func TestMissingAndLongElements(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 2*blockSize) + `"}`
	text := `[1,,` + long + `,2,]`
	got, err := cutAll(t, text, 40, plainJSON)
	require.NoError(t, err)
	require.Len(t, got, 5)
	assert.Contains(t, got[1].Err, "an element is missing")
	assert.EqualValues(t, 3, got[1].Off)
	assert.Contains(t, got[2].Err, "longer than the 40 bytes")
	assert.EqualValues(t, 4, got[2].Off)
	assert.Equal(t, "2", got[3].Raw)
	assert.Contains(t, got[4].Err, "an element is missing")
}

func TestWhatIsPassedOverIsNotKept(t *testing.T) {
	w := newWindow(io.MultiReader(strings.NewReader(`{"skip":"`), io.LimitReader(repeat('x'), 64<<20), strings.NewReader(`","data":[{"a":1}]}`)), 1<<20)
	c := newJSONCutter(w, newJSONBox(w, ""))
	r, ok, err := c.cut()
	require.NoError(t, err)
	require.True(t, ok)
	assert.Equal(t, `{"a":1}`, string(r.raw))
	assert.LessOrEqual(t, cap(w.buf), 2*blockSize)
}

// repeat is an endless reader of one byte.
type repeat byte

func (c repeat) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c)
	}
	return len(b), nil
}

// FuzzJSONCutter holds the cutter against encoding/json: what that one decodes
// as a sequence of values or an array, the cutter cuts into the same values.
func FuzzJSONCutter(f *testing.F) {
	for _, s := range []string{`[{"a":"\\\""},[1,2],3]`, `{"a":1}{"b":[]}`, "[\n1 , 2]", `["\u005d",null]`, `[[[]]]`, `[1,,2]`, `{"a":"}`, `"a""b"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := cutAll(t, string(data), 1<<20, plainJSON)
		want, ok := reference(data)
		if !ok {
			return
		}
		require.NoError(t, err, "%q", data)
		require.Equal(t, want, raws(got), "%q", data)
	})
}

// reference decodes data with encoding/json; ok is false where it has errors.
func reference(data []byte) (values []string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	array := false
	if b := bytes.TrimLeft(data, " \t\r\n"); len(b) > 0 && b[0] == '[' {
		array = true
		if _, err := d.Token(); err != nil {
			return nil, false
		}
	}
	for !array || d.More() {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) && !array {
			return values, true
		}
		if err != nil || !array && raw[0] != '{' && raw[0] != '[' {
			return nil, false // scalars without anything between them are no rows
		}
		values = append(values, string(raw))
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return values, errors.Is(err, io.EOF)
}

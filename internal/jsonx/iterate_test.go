package jsonx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/jsonx"
)

type member struct{ key, value string }

// members collects what an iteration returns and checks what holds for each.
func members(t *testing.T, raw []byte) ([]member, error) {
	t.Helper()
	o, err := jsonx.OpenObject(raw)
	if err != nil {
		return nil, err
	}
	var all []member
	for {
		key, value, ok, err := o.Next()
		if !ok {
			_, _, again, err2 := o.Next()
			require.False(t, again)
			require.Equal(t, err, err2, "the end and errors stay")
			return all, err
		}
		require.NoError(t, err)
		checkSpan(t, raw, value)
		all = append(all, member{key, string(value)})
	}
}

func elements(t *testing.T, raw []byte) ([]string, error) {
	t.Helper()
	a, err := jsonx.OpenArray(raw)
	if err != nil {
		return nil, err
	}
	var all []string
	for {
		value, ok, err := a.Next()
		if !ok {
			_, again, err2 := a.Next()
			require.False(t, again)
			require.Equal(t, err, err2, "the end and errors stay")
			return all, err
		}
		require.NoError(t, err)
		checkSpan(t, raw, value)
		all = append(all, string(value))
	}
}

func checkSpan(t *testing.T, raw, value []byte) {
	t.Helper()
	require.NotEmpty(t, value)
	aliases := false
	for i := range raw {
		aliases = aliases || &raw[i] == &value[0]
	}
	require.True(t, aliases, "the value aliases the text")
	require.Equal(t, len(value), cap(value))
	require.NotEqual(t, jsonx.Invalid, jsonx.KindOf(value))
}

func TestMembers(t *testing.T) {
	raw := []byte(" { \"a\" : 1 ,\"b\":\"x\\\"y\\\\\",\n\"caf\\u00e9\":[1, {\"z\":\"]}\"}] , \"d\":null,\"a\":{ } , \"é\":-1.5e3}\n")
	got, err := members(t, raw)
	require.NoError(t, err)
	assert.Equal(t, []member{
		{"a", "1"}, {"b", `"x\"y\\"`}, {"café", `[1, {"z":"]}"}]`}, {"d", "null"}, {"a", "{ }"}, {"é", "-1.5e3"},
	}, got)
}

func TestMembersEmpty(t *testing.T) {
	for _, raw := range []string{"{}", " { } ", "{\n}"} {
		got, err := members(t, []byte(raw))
		require.NoError(t, err)
		assert.Empty(t, got)
	}
}

func TestMembersErrors(t *testing.T) {
	for _, c := range []struct {
		raw    string
		before int // members before the error
		offset int
		msg    string
	}{
		{"", 0, 0, "want an object"},
		{" [1]", 0, 1, "want an object"},
		{"{", 0, 1, "want a key"},
		{"{,}", 0, 1, "want a key"},
		{`{"a"`, 0, 4, "want ':'"},
		{`{"a":`, 0, 5, "want a value"},
		{`{"a":1`, 1, 6, "want ',' or '}'"},
		{`{"a":1,`, 1, 7, "want a key"},
		{`{"a":1,}`, 1, 7, "want a key"},
		{`{"a":1]`, 1, 6, "want ',' or '}'"},
		{`{"a":1,"b`, 1, 9, "closing quote"},
		{`{"a":1,"b":"x\"`, 1, 15, "closing quote"},
		{`{"a":1,"b":[1,]}`, 1, 14, "want a value"},
		{`{"a":1,"b":tru}`, 1, 14, "want true"},
		{`{"a":1} x`, 1, 8, "want the end"},
		{`{"a":1,"b\q":2}`, 1, 9, "unknown escape"},
		{"{\"a\":1,\"b\n\":2}", 1, 9, "control character 0x0a"},
		{"{\"a\":1,\"b\xff\":2}", 1, 9, "invalid UTF-8: byte 0xff"},
		{`{"a":1,"b\udc00":2}`, 1, 9, `lone surrogate \udc00`},
		{`{"a":` + nested(jsonx.MaxDepth) + `}`, 0, 5 + jsonx.MaxDepth - 1, "more than 512"},
	} {
		t.Run(limit(c.raw), func(t *testing.T) {
			got, err := members(t, []byte(c.raw))
			requireSyntax(t, err, c.offset, c.msg)
			assert.Len(t, got, c.before)
		})
	}
}

func TestMembersPassOverStringContents(t *testing.T) {
	raw := []byte("{\"a\":\"\x01\\q\xff\",\"b\":[\"\n\"]}")
	require.Error(t, jsonx.Valid(raw))
	got, err := members(t, raw)
	require.NoError(t, err)
	assert.Equal(t, []member{{"a", "\"\x01\\q\xff\""}, {"b", "[\"\n\"]"}}, got)
}

func TestElements(t *testing.T) {
	got, err := elements(t, []byte(" [ 1,\"a,]\" , [2 ,3],{\"k\":[ ]} ,true\t] "))
	require.NoError(t, err)
	assert.Equal(t, []string{"1", `"a,]"`, "[2 ,3]", `{"k":[ ]}`, "true"}, got)

	got, err = elements(t, []byte("[ ]"))
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestElementsErrors(t *testing.T) {
	for _, c := range []struct {
		raw    string
		before int
		offset int
		msg    string
	}{
		{"", 0, 0, "want an array"},
		{"{}", 0, 0, "want an array"},
		{"[", 0, 1, "want a value"},
		{"[,]", 0, 1, "want a value"},
		{"[1,", 1, 3, "want a value"},
		{"[1,]", 1, 3, "want a value"},
		{"[1 2]", 1, 3, "want ',' or ']'"},
		{"[1}", 1, 2, "want ',' or ']'"},
		{"[1]]", 1, 3, "want the end"},
		{`["a]`, 0, 4, "closing quote"},
		{"[1,2.]", 1, 5, "want a digit"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			got, err := elements(t, []byte(c.raw))
			requireSyntax(t, err, c.offset, c.msg)
			assert.Len(t, got, c.before)
		})
	}
}

func TestZeroIteratorsFail(t *testing.T) {
	var o jsonx.Members
	_, _, ok, err := o.Next()
	assert.False(t, ok)
	requireSyntax(t, err, 0, "unexpected end")
	var a jsonx.Elements
	_, ok, err = a.Next()
	assert.False(t, ok)
	requireSyntax(t, err, 0, "unexpected end")
}

func TestIterationDoesNotAllocate(t *testing.T) {
	raw := []byte(`{"id":"a-1","text":"` + strings.Repeat(`line\n`, 100) + `","meta":{"tags":["x","y"]},"n":3}`)
	assert.Zero(t, testing.AllocsPerRun(20, func() {
		o, _ := jsonx.OpenObject(raw)
		for {
			if _, _, ok, _ := o.Next(); !ok {
				break
			}
		}
	}))
}

func ExampleOpenObject() {
	raw := []byte(`{"id": 7, "text": "caf\u00e9", "tags": ["a", "b"]}`)
	o, err := jsonx.OpenObject(raw)
	if err != nil {
		panic(err)
	}
	for {
		key, value, ok, err := o.Next()
		if err != nil {
			panic(err)
		}
		if !ok {
			break
		}
		fmt.Println(key, string(value))
	}
	// Output:
	// id 7
	// text "caf\u00e9"
	// tags ["a", "b"]
}

func ExampleOpenArray() {
	a, err := jsonx.OpenArray([]byte(`["x", {"y": 1}]`))
	if err != nil {
		panic(err)
	}
	for {
		value, ok, err := a.Next()
		if err != nil {
			panic(err)
		}
		if !ok {
			break
		}
		fmt.Println(string(value))
	}
	// Output:
	// "x"
	// {"y": 1}
}

func TestAppendElements(t *testing.T) {
	raw := []byte(` [ {"a":1, "b\n":"c"} , 2, {}, "x", [{"d":3}], {"e":{"f":4}} ] `)
	elements, members, err := jsonx.AppendElements(make([]jsonx.Element, 0, 1), make([]jsonx.Member, 0, 1), raw)
	require.NoError(t, err)
	require.Len(t, members, 3)
	var got []string
	for _, e := range elements {
		s := string(e.Raw)
		for _, m := range members[e.First : e.First+max(e.Count, 0)] {
			s += " " + m.Key + "=" + string(m.Value)
		}
		got = append(got, s)
	}
	require.Equal(t, -1, elements[1].Count)
	require.Equal(t, 0, elements[2].Count)
	require.Equal(t, []string{`{"a":1, "b\n":"c"} a=1 b` + "\n" + `="c"`, "2", "{}", `"x"`, `[{"d":3}]`, `{"e":{"f":4}} e={"f":4}`}, got)
	for _, bad := range []string{`{}`, `[`, `[1`, `[{"a":1]`, `[{"\ud800":1}]`, `[1,]`, `[] x`, `[{"a"}]`} {
		_, _, err := jsonx.AppendElements(nil, nil, []byte(bad))
		require.Error(t, err, bad)
	}
}

package shape_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/mix/internal/shape"
)

type leaf struct {
	Count *int64            `json:"count,omitempty"`
	Ratio float64           `json:"ratio,omitempty"`
	Tags  map[string]string `json:"tags,omitempty"`
}

type even int

func (e *even) UnmarshalJSON(b []byte) error {
	if string(b) != "2" {
		return errOdd
	}
	*e = 2
	return nil
}

var errOdd = errors.New("want 2")

type tree struct {
	leaf
	Name   string `json:"name"`
	Even   even   `json:"even,omitempty"`
	Hidden string `json:"-"`
	Kids   []tree `json:"kids,omitempty"`
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		text string
		line int
		want string
	}{
		{"name: a\nkids:\n  - name: b\n    count: 1_0\n    ratio: 1e-3\n    tags: {x: 5}\n", 0, ""},
		{"name: a\nbase: 1\n", 2, `unknown key "base"`},
		{"leaf: 1\n", 1, `unknown key "leaf"`},
		{"Hidden: x\n", 1, `unknown key "Hidden"`},
		{"name: a\nkids:\n  - &k {name: b, count: 1}\n  - *k\n  - {<<: *k, ratio: 2}\n", 0, ""},
		{"name: a\nkids:\n  - *k\n", 3, `no anchor is called "k"`},
		{"name: a\nkids: [{kids: [{count: x}]}]\n", 2, "kids[0].kids[0].count: want a whole number"},
		{"even: 3\n", 1, "even: want 2"},
		{"name: ~\ncount: null\n", 0, ""},
		{"name: !!str 5\n", 0, ""},
		{"name: |\n  long\n  text\n", 0, ""},
		{"count: 9223372036854775808\n", 1, "out of range"},
		{"count: 1e3\n", 0, ""},
		{"count: true\n", 1, `got "true"`},
		{"tags: {a: [1]}\n", 1, "tags.a: want a text, got a list"},
		{laughs(), 1, "more than 1048576 values"},
		{strings.Repeat("{kids: [", 150) + strings.Repeat("]}", 150), 1, "levels deep"},
	} {
		err := shape.Check([]byte(test.text), reflect.TypeFor[tree]())
		if test.want == "" {
			require.NoError(t, err, test.text)
			continue
		}
		var e *shape.Error
		require.ErrorAs(t, err, &e, test.text)
		assert.Equal(t, test.line, e.Line, test.text)
		assert.ErrorContains(t, err, test.want)
	}
	require.ErrorIs(t, shape.Check([]byte("even: 3\n"), reflect.TypeFor[tree]()), errOdd)
}

// laughs is a document of a few hundred bytes whose aliases stand for 8^9 values.
func laughs() string {
	inner := "&a0 {name: ha}"
	for i := range 9 {
		name := string(rune('0' + i))
		inner = "&a" + string(rune('1'+i)) + " {kids: [" + inner + strings.Repeat(", *a"+name, 7) + "]}"
	}
	return inner
}

// FuzzCheck holds that no document makes it fall.
func FuzzCheck(f *testing.F) {
	f.Add("name: a\nkids: [{count: 1_0, even: 2}, *x]\n")
	f.Add("a: &a {<<: *a}")
	f.Fuzz(func(_ *testing.T, text string) {
		_ = shape.Check([]byte(text), reflect.TypeFor[tree]())
	})
}

package jinja2

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSyntaxErrorsNameTheLine(t *testing.T) {
	for source, want := range map[string]string{
		"a\n{{ ":                                 "line 2: the tag has no end",
		"{# x":                                   "line 1: the comment has no end",
		"{% raw %}x":                             "line 1: the raw block has no end",
		"\n{{ 'x }}":                             "line 2: the string has no end",
		"{{ $ }}":                                "unexpected character '$'",
		"{{ (1 }}":                               `unexpected "}"`,
		"{{ 1 2 }}":                              `expected "}}", got "2"`,
		"{{ }}":                                  "expected an expression",
		"{% if x %}":                             "line 1: the block if has no endif",
		"\n\n{% endif %}":                        "line 3: unexpected {% endif %}",
		"{% for x %}{% endfor %}":                `expected "in"`,
		"{% for x in y recursive %}{% endfor %}": "recursive loops are not supported",
		"{% break %}":                            "break stands outside a loop",
		"{% set true = 1 %}":                     "can't assign to true",
		"{% macro f(a=1, b) %}{% endmacro %}":    "a parameter without a default",
		"{% call 1 %}{% endcall %}":              "expected a call",
		"{% nothing %}":                          "unknown tag {% nothing %}",
		"{% extends 'x' %}":                      "{% extends %} is not supported",
		"{{ f(*a) }}":                            "are not supported",
		"{{ f(a=1, 2) }}":                        "a positional argument follows",
		"{{ x is y is z }}":                      "cannot be chained",
		"{{ loop.depth }}":                       "loop.depth is not supported",
		"{{ x | none_such }}":                    `no filter is named "none_such"`,
		"{{ x is none_such }}":                   `no test is named "none_such"`,
		"{{ 99999999999999999999 }}":             "is none that is supported",
		"{{ '\\N{DASH}' }}":                      "are not supported",
		strings.Repeat("{% if x %}", 200):        "more than 100 deep",
		"{{ " + strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500) + " }}": "more than 100 deep",
		"{{ " + strings.Repeat("not ", 500) + "x }}":                              "more than 100 deep",
		"{{ " + strings.Repeat("-", 500) + "1 }}":                                 "more than 100 deep",
		strings.Repeat("x", MaxSource+1):                                          "the limit is",
	} {
		_, err := Compile(source, Options{})
		assert.ErrorContains(t, err, want, "%.60q", source)
	}
}

// TestLongChains holds that operators in a long row, which lie deep in each other
// when written for the engine, do no harm.
func TestLongChains(t *testing.T) {
	for _, source := range []string{
		"{{ 1" + strings.Repeat(" + 1", 20_000) + " }}",
		"{{ x" + strings.Repeat(".y", 20_000) + " }}",
		"{{ x" + strings.Repeat("|e", 20_000) + " }}",
		"{{ x" + strings.Repeat("()", 20_000) + " }}",
		"{{ true" + strings.Repeat(" and true", 20_000) + " }}",
		"{{ 1" + strings.Repeat(" if 1", 20_000) + " }}",
		"{{ " + strings.Repeat("(1 < 2 < ", 40) + "3" + strings.Repeat(")", 40) + " }}",
		"{% if 1 %}" + strings.Repeat("{% elif 1 %}", 20_000) + "{% endif %}",
		"{{ " + strings.Repeat("[", 90) + strings.Repeat("]", 90) + " }}",
	} {
		tmpl, err := Compile(source, Options{})
		if err == nil {
			_, _, _ = tmpl.Render(map[string]Value{}, marks)
		}
	}
}

func TestJSONOfAnyForm(t *testing.T) {
	for text, want := range map[string]string{
		`{"b":1,"a":2,"b":3}`:      `{"b": 3, "a": 2}`,
		`[1,1.0,1e3,-0,1E-7,1e22]`: `[1, 1.0, 1000.0, 0, 1e-07, 1e+22]`,
		`"\ud83d\ude00\u0000"`:     "\"😀\\u0000\"",
		`123456789012345678901234`: `123456789012345678901234`,
		` null `:                   `null`,
	} {
		v, err := FromJSON(text)
		require.NoError(t, err, text)
		st := jsonStyle{item: ", ", key: ": "}
		got, err := st.appendJSON(nil, v, 0)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	for _, text := range []string{"", "{", "[1,", "{} x", "nul", `{"a"}`, strings.Repeat("[", 100_000)} {
		_, err := FromJSON(text)
		assert.Error(t, err, "%.20q", text)
	}
}

func FuzzRender(f *testing.F) {
	files, _ := filepath.Glob("testdata/templates/*.jinja")
	more, _ := filepath.Glob("../../forms/*.jinja")
	for _, file := range append(files, more...) {
		source, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(source), `[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]`)
	}
	f.Add("{{ messages | map(attribute='x') | selectattr('x') }}{{ messages[::0] }}{{ 1 % 0 }}{{ messages | batch(0) }}", "{}")
	f.Fuzz(func(t *testing.T, source, messages string) {
		tmpl, err := Compile(source, date)
		if err != nil {
			assert.NotContains(t, err.Error(), "the template engine failed", "%q", source)
			return
		}
		v, err := FromJSON(messages)
		if err != nil {
			return
		}
		vars := map[string]Value{"messages": v, "tools": jinja.None(), "add_generation_prompt": jinja.NewBool(true)}
		text, spans, err := tmpl.Render(vars, marks)
		if err != nil {
			assert.NotContains(t, err.Error(), "the template engine failed", "%q over %q", source, messages)
			return
		}
		for _, s := range spans {
			require.True(t, 0 <= s.From && s.From <= s.To && s.To <= len(text))
		}
		again, _, err := tmpl.Render(vars, marks)
		require.NoError(t, err)
		require.Equal(t, text, again)
		if utf8.ValidString(source) && utf8.ValidString(messages) {
			assert.True(t, utf8.ValidString(text) || strings.Contains(source, "["), "%q", source)
		}
	})
}

package chat

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// looks are ways of templates to look into texts, and to put them somewhere.
var looks = []string{
	"{{ m.content }}", "{{ m.content | trim }}", "{{ m.content.strip() }}", "{{ ' ' ~ m.content }}", "{{ m['content'] + '!' }}", "{{ m.content or 'none' }}",
	"{% if m.content %}x{% endif %}", "{{ m.content | default('d', true) }}", "{{ m.content is string }}", "{{ m.content is none }}", "{{ m.content | length }}",
	"{{ m.content[0] }}", "{{ m.content[:2] }}", "{{ m.content[-1:] }}", "{{ m.content == 'a' }}", "{{ 'a' != m.content }}", "{{ m.content == none }}", "{{ m.content == m.role }}",
	"{{ m.content == m.content }}", "{{ 'a' in m.content }}", "{{ '</think>' not in m.content }}", "{{ m.content in ['a', 'b'] }}", "{{ m.content in messages }}",
	"{{ m.content < 'b' }}", "{{ m.content.split('</think>')[-1] }}", "{{ m.content.split('a') | length }}", "{{ m.content.split() }}", "{{ m.content.split('</think>')[-1].lstrip('\\n') }}",
	"{{ m.content.lstrip() }}", "{{ m.content.rstrip('\\n') }}", "{{ m.content.strip('a') }}", "{{ m.content.startswith('a') }}", "{{ m.content.endswith('b') }}", "{{ m.content.startswith(('a', 'b')) }}",
	"{{ m.content.replace('a', 'bb') }}", "{{ m.content | replace('a', 'bb') }}", "{{ m.content.upper() }}", "{{ m.content | upper }}", "{{ m.content | int }}", "{{ m.content * 2 }}",
	"{{ '%s' % m.content }}", "{{ '{}'.format(m.content) }}", "{{ (m.content ~ 'x') | length }}", "{{ (m.content + '  ') | trim }}", "{{ m.content | trim | length }}",
	"{{ m | tojson }}", "{{ m.content | tojson }}", "{{ m }}", "{{ messages | string }}", "{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}", "{{ m.values() | list | length }}",
	"{% for c in m.content %}{{ c }}.{% endfor %}", "{{ m.content is lower }}", "{{ m.content | list | length }}", "{{ m.content | first }}", "{{ m.content | reverse }}",
	"{% set ns.all = ns.all + m.content %}{{ ns.all }}", "{% set ns.all = ns.all ~ m.content %}{{ ns.all | length }}", "{% set x %}[{{ m.content }}]{% endset %}{{ x }}", "{% set x %}{{ m.content }}{% endset %}{{ x | length }}",
	"{% set x %}{{ m.content }}{% endset %}{{ x | trim }}", "{{ messages | map(attribute='content') | join('/') }}", "{{ messages | map(attribute='content') | list | tojson }}", "{{ messages | map('upper') | list }}",
	"{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}", "{{ messages | selectattr('content', 'equalto', 'a') | list | length }}", "{{ messages | selectattr('content') | list | length }}",
	"{{ (messages | sort(attribute='content') | first).role }}", "{{ messages | map(attribute='content') | unique | list | length }}", "{{ put(m.content) }}", "{{ size(m.content) }}", "{{ put(content=m.content) }}",
	"{% filter upper %}{{ m.content }}{% endfilter %}", "{{ m.get('content') }}", "{{ m.get('content', 'x') | trim }}", "{{ m[m.content] }}", "{{ {'a': 1}[m.content] }}", "{{ {m.content: 1} }}", "{{ {'x': m.content}.x }}",
	"{{ {'x': m.content} | tojson }}", "{{ [m.content, 'b'] | join('-') }}", "{{ [m.content] | tojson }}", "{{ dict(x=m.content).x }}", "{{ m.content if m.content | length > 3 else 'short' }}", "{{ m.reasoning_content }}",
	"{{ m.reasoning_content | trim if m.reasoning_content is defined else '-' }}", "{{ m.note }}", "{{ m.note is defined }}", "{{ 'note' in m }}", "{{ m.keys() | list }}", "{{ m | length }}", "{% set c = m.content %}{{ c }}{{ c | trim }}",
	"{{ m.content ~ m.content }}", "{{ m.content.count('a') }}", "{{ m.content | e }}", "{{ '<b>'|safe + m.content }}", "{{ m.content | indent(2) }}", "{{ m.content is sameas 'a' }}", "{{ m.content is eq 'a' }}", "{{ m.content is in 'abc' }}",
	"{{ 'a' is in m.content }}", "{{ m.content.isdigit() }}", "{% if m.content == 'b' %}{{ raise_exception('b: ' ~ m.content) }}{% endif %}", "{% generation %}{{ m.content }}{% endgeneration %}", "{% generation %}{{ m.content | trim }}<e>{% endgeneration %}",
	"{% set f = m.content.strip %}{{ f() }}", "{% set f = m.get %}{{ f('content') }}", "{{ m.content | wordcount }}", "{{ tools | tojson }}", "{{ (tools or []) | tojson(indent=2) ~ m.content }}", "{{ m.tool_calls | tojson if m.tool_calls }}",
	"{% for c in m.tool_calls or [] %}{{ c.function.name }}({{ c.function.arguments | tojson }}){{ m.content }}{% endfor %}", "{{ m.tool_call_id }}{{ m.name }}", "{{ m.content | length > 2 }}", "{% if m.content | length == 0 %}e{% endif %}", "{{ m.content | trim | length >= 3 }}", "{{ 2 < m.content | length }}",
	"{% if m.content | length %}x{% endif %}", "{{ m.content | length + 1 }}", "{{ (m.content | length) ~ 'x' }}", "{{ 'a' in '<' + m.content }}", "{{ '<a' in '<' + m.content + '>' }}", "{{ ('a' + m.content).split('ab')[0] }}",
	"{{ ('[' + m.content + ']') | trim }}", "{{ (' ' + m.content).strip() }}", "{{ {'c': m.content}['c'] }}", "{{ (m.content ~ 'b').endswith('ab') }}", "{{ ([m.content, 'x'] | join)[1:] }}", "{{ [m.content | length, 2] | max }}",
	"{{ m.content | length is odd }}", "{{ m.content | length in [1, 2] }}", "{{ m.content | length == m.content | length }}", "{{ range(m.content | length) | list }}", "{{ m.content | length | string }}", "{{ 'ab' | trim(chars=m.content) }}", "{% set f = {'a': 'x'}.get %}{{ f(m.content, 'y') }}", "{{ [1, 2] | join(d=m.content) }}", "{{ ['a', 'b'] | map(attribute=m.content) | list }}", "{{ 'ab'.replace('a', m.content) }}", "{{ 'a,b'.split(',') | join(m.content) }}", "{{ m.content.join(['a', 'b']) }}",
}

// TestRecipesAgreeWithTheEngine holds what recipes write, and the spans that they
// lead to, against renderings of the engine.
func TestRecipesAgreeWithTheEngine(t *testing.T) {
	begin := "{% macro put(content) %}({{ content }}){% endmacro %}{% macro size(content) %}{{ content | length }}{% endmacro %}{% set ns = namespace(all='') %}"
	rng := rand.New(rand.NewPCG(7, 7))
	templates := map[string]string{}
	for _, look := range looks {
		templates[look] = begin + "{% for m in messages %}<{{ m.role }}>" + look + "<end>\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
	}
	for i := range 200 {
		text := ""
		for range 2 + rng.IntN(3) {
			text += looks[rng.IntN(len(looks))]
		}
		templates[string(rune('a'+i%26))+text] = begin + "{% for m in messages %}<{{ m.role }}>" + text + "<end>\n{% endfor %}"
	}
	for _, folder := range []string{"forms", "internal/jinja2/testdata/templates"} {
		files, err := filepath.Glob(folder + "/*.jinja")
		require.NoError(t, err)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			templates[file] = string(raw)
		}
	}
	raw, err := os.ReadFile("internal/jinja2/testdata/random.jsonl")
	require.NoError(t, err)
	every := 0
	for line := range bytes.Lines(raw) {
		if every++; every%5 > 0 {
			continue
		}
		var random struct{ Template string }
		require.NoError(t, json.Unmarshal(line, &random))
		templates[random.Template] = random.Template
	}
	chats := oddChats(rng, 26)
	written := 0
	for name, source := range templates {
		tmpl, err := Parse(source, "t", &Options{BOS: "<s>", EOS: "</s>", Now: time.Unix(1e9, 0)})
		if err != nil {
			continue // the random ones have none without errors
		}
		slow := *tmpl
		slow.traceable = false
		for _, r := range chats {
			want, errWant := slow.Render(r)
			got, err := tmpl.Render(r)
			require.Equal(t, errWant, err, "%s", name)
			require.Equal(t, want, got, "%s", name)
			spansWant, faultsWant, _ := slow.Spans(r)
			spans, faults, _ := tmpl.Spans(r)
			assert.LessOrEqual(t, faults, faultsWant, "%s", name)
			if faults == faultsWant && found(tmpl, r) {
				assert.Equal(t, spansWant, spans, "%s of %q", name, got)
			}
		}
		for _, list := range *tmpl.recipes.known.Load() {
			for _, c := range list {
				if !c.opaque {
					written++
				}
			}
		}
	}
	t.Logf("%d recipes", written)
	assert.Greater(t, written, 1500)
}

// found reports whether renderings with signs tell the places of a chat's texts, too.
// A recipe tells those of more templates.
func found(t *Template, r *datamix.Record) bool {
	f := &finder{t: t, r: r, jinja: t.jinja, ms: r.Messages()}
	p := newPage()
	defer p.release()
	return f.traced(p) && f.open() == nil && assert.ObjectsAreEqual(p.places, f.search())
}

// oddChats returns chats of few shapes, with texts that templates ask about.
func oddChats(rng *rand.Rand, n int) (out []*datamix.Record) {
	words := []string{"a", "b", "ab", " ", "\n", "</think>", "<think>", "user", "<end>", "é", "1", "B", "<", "long text here"}
	text := func() string {
		var b strings.Builder
		for range rng.IntN(4) {
			b.WriteString(words[rng.IntN(len(words))])
		}
		return b.String()
	}
	for i := range n {
		var ms []datamix.Message
		if i%4 == 0 {
			ms = append(ms, datamix.Message{Role: "system", Content: text()})
		}
		for range 1 + i%2 {
			ms = append(ms, datamix.User(text()), datamix.Assistant(text()))
		}
		if i%5 == 0 {
			ms[len(ms)-1].Reasoning = text()
		}
		if i%7 == 0 {
			ms[0].Extra = []datamix.Field{datamix.TextField("note", text())}
		}
		if i%9 == 0 {
			ms = ms[:len(ms)-1]
		}
		r := datamix.NewChat(ms...)
		if i%6 == 1 {
			call := datamix.ToolCall{ID: "c1", Name: "look", Arguments: `{"at": "a\u00e9 b", "n": [1, null]}`}
			ms = append(ms, datamix.Message{Role: "assistant", Content: text(), ToolCalls: []datamix.ToolCall{call}},
				datamix.Message{Role: "tool", Name: "look", ToolCallID: "c1", Content: text()}, datamix.Assistant(text()))
			r = datamix.NewChat(ms...)
			r.SetTools(`[{"type": "function", "function": {"name": "look", "description": "` + []string{"Looks.", `\ufdd2` + "0" + `\ufdd4`}[i%2*(i/6%2)] + `", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}}]`)
		}
		out = append(out, r)
	}
	return out
}

package chat_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat"
)

func ExampleBuiltin() {
	form, err := chat.Builtin("zephyr", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := form.Render(datamix.NewChat(datamix.User("Why?"), datamix.Assistant("Because.")))
	fmt.Printf("%q %v\n", text, err)
	// Output: "<|user|>\nWhy?</s>\n<|assistant|>\nBecause.</s>\n" <nil>
}

func ExampleParse() {
	form, err := chat.Parse("{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}\n{% endfor %}", "mine", &chat.Options{EOS: "</s>"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := datamix.NewChat(datamix.User("Why?"), datamix.Assistant("Because."))
	text, _ := form.Render(r)
	spans, faults, err := form.Spans(r)
	fmt.Printf("%q %v %d %v\n", text, spans, faults, err)
	// Output: "user: Why?</s>\nassistant: Because.</s>\n" [[26 38]] 0 <nil>
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	config := `{"bos_token": {"content": "<s>"}, "eos_token": "</s>",
		"chat_template": "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}"}`
	path := filepath.Join(dir, "tokenizer_config.json")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	form, err := chat.File(path, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := form.Render(datamix.NewChat(datamix.User("Why?"), datamix.Assistant("Because.")))
	fmt.Println(text, err)
	// Output: <s>[user] Why?</s>[assistant] Because.</s> <nil>
}

func write(t *testing.T, files map[string]string) string {
	dir := filepath.Join(t.TempDir(), "model")
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestFiles(t *testing.T) {
	const tokens = `{"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null, "unk_token": "<unk>", "additional_special_tokens": ["<a>", {"content": "<b>"}]}`
	const body = `{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token is defined }}{{ additional_special_tokens }}`
	config := func(template any) string {
		raw, _ := json.Marshal(template)
		return strings.TrimSuffix(tokens, "}") + `, "chat_template": ` + string(raw) + "}"
	}
	const want = "<s>hi</s>False['<a>', '<b>']"
	for _, test := range []struct {
		name, path string
		files      map[string]string
		want       string
		options    *chat.Options
	}{
		{"text in the config", "tokenizer_config.json", map[string]string{"tokenizer_config.json": config(body)}, want, nil},
		{"list in the config", "tokenizer_config.json", map[string]string{"tokenizer_config.json": config([]map[string]string{{"name": "default", "template": body}, {"name": "rag", "template": "rag"}})}, want, nil},
		{"variant", "tokenizer_config.json", map[string]string{"tokenizer_config.json": config([]map[string]string{{"name": "default", "template": body}, {"name": "rag", "template": "rag"}})}, "rag", &chat.Options{Variant: "rag"}},
		{"template beside the config", "tokenizer_config.json", map[string]string{"tokenizer_config.json": tokens, "chat_template.jinja": body}, want, nil},
		{"jinja file", "chat_template.jinja", map[string]string{"tokenizer_config.json": tokens, "chat_template.jinja": body}, want, nil},
		{"jinja file of another name", "mine.jinja", map[string]string{"tokenizer_config.json": config("other"), "mine.jinja": body}, want, nil},
		{"json file", "chat_template.json", map[string]string{"tokenizer_config.json": tokens, "chat_template.json": `{"chat_template": "` + strings.ReplaceAll(body, `"`, `\"`) + `"}`}, want, nil},
		{"folder", "", map[string]string{"tokenizer_config.json": config("old"), "chat_template.jinja": body}, want, nil},
		{"folder with a config", "", map[string]string{"tokenizer_config.json": config(body)}, want, nil},
		{"special_tokens_map", "chat_template.jinja", map[string]string{"special_tokens_map.json": tokens, "chat_template.jinja": body}, want, nil},
		{"additional templates", "", map[string]string{"chat_template.jinja": body, "additional_chat_templates/rag.jinja": "more"}, "more", &chat.Options{Variant: "rag"}},
		{"no tokens", "chat_template.jinja", map[string]string{"chat_template.jinja": "{{ bos_token }}{{ bos_token is defined }}"}, "False", nil},
		{"tokens by option", "chat_template.jinja", map[string]string{"chat_template.jinja": "{{ bos_token }}{{ eos_token }}", "tokenizer_config.json": tokens}, "<B></s>", &chat.Options{BOS: "<B>"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmpl, err := chat.File(filepath.Join(write(t, test.files), test.path), test.options)
			require.NoError(t, err)
			text, err := tmpl.Render(datamix.NewChat(datamix.User("hi")))
			require.NoError(t, err)
			assert.Equal(t, test.want, text)
		})
	}
}

func TestToolUseTemplateIsForChatsWithTools(t *testing.T) {
	dir := write(t, map[string]string{"tokenizer_config.json": `{"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]}`})
	tmpl, err := chat.File(dir, nil)
	require.NoError(t, err)
	r := datamix.NewChat(datamix.User("hi"))
	text, err := tmpl.Render(r)
	require.NoError(t, err)
	assert.Equal(t, "plain", text)
	r.SetTools(`[{"type": "function"}]`)
	text, err = tmpl.Render(r)
	require.NoError(t, err)
	assert.Equal(t, "tools", text)
}

func TestBadFiles(t *testing.T) {
	big := strings.Repeat("x", 1<<20+1)
	for _, test := range []struct {
		name  string
		files map[string]string
		path  string
		want  []string
	}{
		{"missing", nil, "none.jinja", []string{"model/none.jinja", "no such file"}},
		{"no template", map[string]string{"tokenizer_config.json": "{}"}, "tokenizer_config.json", []string{"no chat_template"}},
		{"empty folder", map[string]string{"x": ""}, "", []string{"no chat_template.jinja"}},
		{"no JSON", map[string]string{"tokenizer_config.json": "{"}, "tokenizer_config.json", []string{"not a tokenizer_config.json"}},
		{"other type", map[string]string{"tokenizer_config.json": `{"chat_template": 7}`}, "tokenizer_config.json", []string{"neither a text nor a list"}},
		{"bad token", map[string]string{"tokenizer_config.json": `{"bos_token": 7, "chat_template": ""}`}, "tokenizer_config.json", []string{"bos_token"}},
		{"other file", map[string]string{"model.bin": "x"}, "model.bin", []string{"want a tokenizer_config.json"}},
		{"too large", map[string]string{"x.jinja": big}, "x.jinja", []string{"1048576 bytes"}},
		{"no default", map[string]string{"tokenizer_config.json": `{"chat_template": [{"name": "rag", "template": ""}]}`}, "", []string{"no template called default", "rag"}},
		{"syntax", map[string]string{"x.jinja": "one\n{% if x %}\ntwo {{ 1 + }}"}, "x.jinja", []string{"model/x.jinja", "line 3"}},
		{"unclosed", map[string]string{"x.jinja": "one\n{% for x in y %}\ntwo"}, "x.jinja", []string{"line 2", "endfor"}},
		{"unknown tag", map[string]string{"x.jinja": "\n\n{% include 'x' %}"}, "x.jinja", []string{"line 3", "include"}},
		{"unknown filter", map[string]string{"x.jinja": "{{ x | nothing }}"}, "x.jinja", []string{"line 1", "nothing"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := chat.File(filepath.Join(write(t, test.files), test.path), nil)
			require.Error(t, err)
			for _, w := range test.want {
				assert.ErrorContains(t, err, w)
			}
		})
	}
	_, err := chat.Builtin("chatlm", nil)
	require.ErrorContains(t, err, "chatml")
	_, err = chat.Parse("x", "x", &chat.Options{Variant: "rag"})
	require.ErrorContains(t, err, "rag")
	_, err = chat.Parse("x", "x", &chat.Options{Variables: map[string]any{"messages": 1}})
	require.ErrorContains(t, err, "messages")
	_, err = chat.Parse("x", "x", &chat.Options{Variables: map[string]any{"f": func() {}}})
	require.ErrorContains(t, err, "variable f")
}

func TestRefusedRecords(t *testing.T) {
	ask := datamix.User("Why?")
	for _, test := range []struct {
		name, source string
		record       *datamix.Record
		want         []string
	}{
		{"roles", "", datamix.NewChat(ask, ask), []string{"turn 2 (user)", "alternate"}},
		{"system", "", datamix.NewChat(datamix.System("x"), ask), []string{"turn 1 (system)", "system"}},
		{"text", "", datamix.NewText("x"), []string{"plain text"}},
		{"no turns", "", datamix.NewChat(), []string{"no turns"}},
		{"undefined", "{% for m in messages %}\n{{ m.thing.part }}{% endfor %}", datamix.NewChat(ask), []string{"turn 1 (user)", "line 2", "'m.thing' is undefined"}},
		{"no role", "{{ messages }}", datamix.NewChat(ask, datamix.Message{Content: "x"}), []string{"turn 2", "no role"}},
		{"bad arguments", "{{ messages }}", datamix.NewChat(ask, datamix.Message{Role: "assistant", ToolCalls: []datamix.ToolCall{{Name: "f", Arguments: "{"}}}), []string{"turn 2 (assistant)", "tool call 1 (f)", "no JSON"}},
		{"date", "{{ strftime_now('%Y') }}", datamix.NewChat(ask), []string{"Now"}},
		{"endless loop", "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}", datamix.NewChat(ask), []string{"too many steps"}},
		{"endless macro", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", datamix.NewChat(ask), []string{"200 deep"}},
		{"endless text", "{% set n = namespace(s='xxxxxxxx') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}", datamix.NewChat(ask), []string{"too much text"}},
		{"endless value", "{% set n = namespace() %}{% set n.n = n %}{{ n }}", datamix.NewChat(ask), []string{"deep in each other"}},
		{"too large a range", "{% for a in range(100001) %}{% endfor %}", datamix.NewChat(ask), []string{"Range too big"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmpl, err := chat.Builtin("gemma", nil)
			if test.source != "" {
				tmpl, err = chat.Parse(test.source, "mine", nil)
			}
			require.NoError(t, err)
			_, err = tmpl.Render(test.record)
			require.ErrorIs(t, err, chat.ErrTemplate)
			for _, w := range test.want {
				assert.ErrorContains(t, err, w)
			}
			_, err = tmpl.Render(datamix.NewChat(ask, datamix.Assistant("x")))
			if test.source == "" {
				assert.NoError(t, err, "the template still works")
			}
		})
	}
}

func TestWhatTemplatesSee(t *testing.T) {
	const dump = `{{ messages | tojson }}{{ tools | tojson }}{{ documents }}{{ enable_thinking }}{{ strftime_now('%d %b %Y') }}`
	options := &chat.Options{Variables: map[string]any{"enable_thinking": false}, Now: time.Date(2024, 7, 26, 0, 0, 0, 0, time.UTC)}
	r := datamix.NewChat(
		datamix.User("q"),
		datamix.Message{Role: "assistant", Reasoning: "hm", ToolCalls: []datamix.ToolCall{{ID: "1", Name: "f", Arguments: `{"z": 1, "a": 1.0, "big": 123456789012345678901234567890}`}}},
		datamix.Message{Role: "tool", Content: "ok", ToolCallID: "1", Name: "f", Extra: []datamix.Field{datamix.JSONField("weight", "0"), datamix.JSONField("role", `"x"`)}},
	)
	r.SetTools(`[{"b": 1, "a": {}}]`)
	tmpl, err := chat.Parse(dump, "dump", options)
	require.NoError(t, err)
	text, err := tmpl.Render(r)
	require.NoError(t, err)
	assert.Equal(t, `[{"role": "user", "content": "q"}, {"role": "assistant", "content": "", "thinking": "hm", "reasoning_content": "hm", `+
		`"tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": {"z": 1, "a": 1.0, "big": 123456789012345678901234567890}}}]}, `+
		`{"role": "tool", "content": "ok", "tool_call_id": "1", "name": "f", "weight": 0}]`+
		`[{"b": 1, "a": {}}]NoneFalse26 Jul 2024`, text)
	options.TextArguments = true
	tmpl, err = chat.Parse(`{{ messages[1].tool_calls[0].function.arguments is string }}{{ messages[1].content is none }}`, "dump", options)
	require.NoError(t, err)
	text, err = tmpl.Render(r)
	require.NoError(t, err)
	assert.Equal(t, "TrueTrue", text)
}

func TestFingerprints(t *testing.T) {
	seen := map[string]string{}
	add := func(name string, tmpl *chat.Template, err error) {
		require.NoError(t, err)
		assert.Empty(t, seen[tmpl.Fingerprint()], name)
		seen[tmpl.Fingerprint()] = name
	}
	for _, n := range chat.Names() {
		tmpl, err := chat.Builtin(n, nil)
		add(n, tmpl, err)
	}
	for name, o := range map[string]*chat.Options{
		"eos": {EOS: "x"}, "bos": {BOS: "x"}, "variable": {Variables: map[string]any{"x": 1}}, "now": {Now: time.Unix(0, 0)}, "arguments": {TextArguments: true},
	} {
		tmpl, err := chat.Builtin("chatml", o)
		add(name, tmpl, err)
	}
	one, err := chat.Builtin("chatml", nil)
	require.NoError(t, err)
	assert.Equal(t, "chatml", seen[one.Fingerprint()])
}

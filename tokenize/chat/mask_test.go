package chat_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/chat"
)

// trained returns the texts that carry loss.
func trained(t *testing.T, tmpl *chat.Template, r *datamix.Record) (texts []string, faults int) {
	text, err := tmpl.Render(r)
	require.NoError(t, err)
	spans, faults, err := tmpl.Spans(r)
	require.NoError(t, err)
	for _, s := range spans {
		texts = append(texts, text[s[0]:s[1]])
	}
	return texts, faults
}

func called(content string, names ...string) datamix.Message {
	m := datamix.Assistant(content)
	for _, n := range names {
		m.ToolCalls = append(m.ToolCalls, datamix.ToolCall{ID: "id", Name: n, Arguments: `{"b": 1, "a": 1.0}`})
	}
	return m
}

func thinking(reasoning, content string) datamix.Message {
	return datamix.Message{Role: datamix.RoleAssistant, Reasoning: reasoning, Content: content}
}

const (
	simple  = `{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{{ '\n' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	trimmed = `{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}<|end|>{{ '\n' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	splits  = `{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1].strip() }}<|end|>{{ '\n' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	counts  = `{% for m in messages %}<|{{ m.role }}|>{{ m.content | length }} {{ m.content }}<|end|>{{ '\n' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	calls   = `{% for m in messages %}<|{{ m.role }}|>{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content or '' }}` +
		`{% for c in m.tool_calls or [] %}<call>{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	ownEnd  = `{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% if loop.last %}<|return|>{% else %}<|end|>{% endif %}{% endfor %}`
	prompts = `{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}<think></think>{% endif %}{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	twice   = `{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{{ messages[-1].content }}`
	parts   = `{% for m in messages %}<|{{ m.role }}|>{% for c in m.content %}{% if c['type'] == 'text' %}{{ c['text'] }}{% else %}<image>{% endif %}{% endfor %}<|end|>{% endfor %}`
	noEnd   = `{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`
	drops   = `{% for m in messages %}{% if loop.last or m.role != 'assistant' %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endif %}{% endfor %}`
	wrong   = `{% for m in messages %}{% if m.role == 'user' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}`
	upper   = `{% for m in messages %}{% generation %}{{ m.content | upper }}{% endgeneration %}{% endfor %}`
)

func TestSpansOfTemplatesWithoutBlocks(t *testing.T) {
	user, yes := datamix.User("Why?"), datamix.Assistant("Because.")
	for _, test := range []struct {
		name, source string
		messages     []datamix.Message
		want         []string
		faults       int
	}{
		{"simple", simple, []datamix.Message{user, yes, user, datamix.Assistant("So.")}, []string{"Because.<|end|>", "So.<|end|>"}, 0},
		{"text of other turns", simple, []datamix.Message{datamix.User("assistant"), datamix.Assistant("user")}, []string{"user<|end|>"}, 0},
		{"white space kept", simple, []datamix.Message{user, datamix.Assistant("\n a ")}, []string{"\n a <|end|>"}, 0},
		{"white space trimmed", trimmed, []datamix.Message{user, datamix.Assistant("\n a ")}, []string{"a<|end|>"}, 0},
		{"reasoning cut off", splits, []datamix.Message{user, datamix.Assistant("<think>hm</think>\n\nyes"), user, yes}, []string{"yes<|end|>", "Because.<|end|>"}, 0},
		{"text looked at", counts, []datamix.Message{user, yes, user, yes}, []string{"8 Because.<|end|>", "8 Because.<|end|>"}, 0},
		{"tool calls", calls, []datamix.Message{user, called("I look.", "find"), {Role: "tool", Content: "found find"}, yes},
			[]string{`I look.<call>find{"b": 1, "a": 1.0}<|end|>`, "Because.<|end|>"}, 0},
		{"tool calls without text", calls, []datamix.Message{user, called("", "find", "get"), {Role: "tool", Content: "x"}, yes},
			[]string{`<call>find{"b": 1, "a": 1.0}<call>get{"b": 1, "a": 1.0}<|end|>`, "Because.<|end|>"}, 0},
		{"reasoning", calls, []datamix.Message{user, thinking("hm", "yes"), user, thinking("oh", "no")},
			[]string{"<think>hm</think>yes<|end|>", "<think>oh</think>no<|end|>"}, 0},
		{"reasoning not rendered", simple, []datamix.Message{user, thinking("hm", "yes")}, []string{"yes<|end|>"}, 0},
		{"tool calls not rendered", simple, []datamix.Message{user, called("I look.", "find")}, []string{"I look.<|end|>"}, 1},
		{"own end of the last turn", ownEnd, []datamix.Message{user, yes, user, yes}, []string{"Because.<|end|>", "Because.<|return|>"}, 0},
		{"what the prompt leaves to write", prompts, []datamix.Message{user, yes}, []string{"<think></think>Because.<|end|>"}, 0},
		{"text that stands twice", twice, []datamix.Message{user, yes}, nil, 1},
		{"no end", noEnd, []datamix.Message{user, yes, user, yes}, []string{"Because.", "Because."}, 0},
		{"contents in parts", parts, []datamix.Message{user, yes}, []string{"Because.<|end|>"}, 0},
		{"an image", parts, []datamix.Message{{Role: "user", Content: "Why?", Parts: []datamix.Part{{Type: "image", JSON: `{"type": "image"}`}, {Type: "text", Text: "Why?"}}}, yes},
			[]string{"Because.<|end|>"}, 0},
		{"turns left out", drops, []datamix.Message{user, datamix.Assistant("gone"), user, yes}, []string{"Because.<|end|>"}, 1},
		{"empty answer", simple, []datamix.Message{user, datamix.Assistant("")}, []string{"<|end|>"}, 0},
		{"signs in the text", simple, []datamix.Message{user, datamix.Assistant("a\ufdd0b\ufdd2c")}, []string{"a\ufdd0b\ufdd2c<|end|>"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmpl, err := chat.Parse(test.source, test.name, nil)
			require.NoError(t, err)
			got, faults := trained(t, tmpl, datamix.NewChat(test.messages...))
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.faults, faults)
		})
	}
}

func TestSpansOfBlocksAreVerified(t *testing.T) {
	r := datamix.NewChat(datamix.User("Why?"), datamix.Assistant("Because."))
	for name, source := range map[string]string{"another turn's text": wrong, "another text": upper} {
		tmpl, err := chat.Parse(source, name, nil)
		require.NoError(t, err)
		got, faults := trained(t, tmpl, r)
		assert.Empty(t, got, name)
		assert.Positive(t, faults, name)
		c, err := chat.New(harmony(t), tmpl, nil)
		require.NoError(t, err)
		counts, err := datamix.CountRecord(c, r)
		require.NoError(t, err)
		assert.Zero(t, counts.Trainable)
		assert.Equal(t, faults, counts.MaskFaults)
		assert.Equal(t, counts, r.Counts())
	}
}

func TestFlagsOfTemplatesWithAndWithoutBlocks(t *testing.T) {
	blocks := strings.Replace(simple, "{{ m.content }}<|end|>", "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}", 1)
	for _, source := range []string{simple, blocks} {
		tmpl, err := chat.Parse(source, "flags", nil)
		require.NoError(t, err)
		ms := []datamix.Message{datamix.User("q1"), datamix.Assistant("a1"), datamix.User("q2"), datamix.Assistant("a2")}
		ms[1].Train, ms[2].Train = datamix.TrainNo, datamix.TrainYes
		got, faults := trained(t, tmpl, datamix.NewChat(ms...))
		assert.Equal(t, []string{"q2", "a2<|end|>"}, got)
		assert.Zero(t, faults)
		ms[3].Train = datamix.TrainNo
		c, err := chat.New(plainWords{}, tmpl, nil)
		require.NoError(t, err)
		counts, err := c.CountRecord(datamix.NewChat(ms...))
		require.NoError(t, err)
		assert.Equal(t, len("q2"), counts.Trainable)
		assert.Equal(t, len("a2<|end|>"), counts.Final, "the last turn is the final response, trained or not")
	}
}

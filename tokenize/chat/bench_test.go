package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
	"github.com/datamix-go/datamix/tokenize/chat"
)

// benchChat is a chat of six turns and 3 KB.
func benchChat() *datamix.Record {
	question := "How does a hash table find a key, and what happens when two keys meet in one slot? "
	answer := "A hash table turns the key into a number and looks at the slot with that number. When two keys meet there, " +
		"the table either keeps a list in the slot or looks at the next free one; either way it compares the keys themselves. "
	var ms []datamix.Message
	for range 3 {
		ms = append(ms, datamix.User(question+question), datamix.Assistant(answer+answer+answer+answer))
	}
	return datamix.NewChat(ms...)
}

// BenchmarkCount compares counting a rendered chat with counting the same bytes as
// one text: the difference is what a template costs.
func BenchmarkCount(b *testing.B) {
	tok, err := tokenize.EncodingWith("o200k_harmony", &tokenize.Options{Special: tokenize.Parse})
	require.NoError(b, err)
	r := benchChat()
	count := func(t *chat.Template) func(b *testing.B) {
		c, err := chat.New(tok, t, nil)
		require.NoError(b, err)
		text, err := t.Render(r)
		require.NoError(b, err)
		return func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = c.CountRecord(r)
			}
		}
	}
	for _, name := range []string{"chatml", "llama3.1", "qwen3"} {
		tmpl, err := chat.Builtin(name, nil)
		require.NoError(b, err)
		text, err := tmpl.Render(r)
		require.NoError(b, err)
		b.Run(name+"/text", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				tok.Count(text)
			}
		})
		b.Run(name+"/native", count(tmpl))
		// A variable that nothing reads takes the Jinja path.
		slow, err := chat.Builtin(name, &chat.Options{Variables: map[string]any{"unused": 1}})
		require.NoError(b, err)
		b.Run(name+"/jinja", count(slow))
	}
	blocks, err := chat.Parse("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"+
		"{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", "without blocks", nil)
	require.NoError(b, err)
	b.Run("without blocks", count(blocks))
}

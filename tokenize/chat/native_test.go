package chat

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
)

// randomChat returns a chat of odd texts, in the usual order of roles or not.
func randomChat(rng *rand.Rand) *datamix.Record {
	words := []string{"Hello", " ", "\n", "\n\n", "the answer", "<tool_response>x</tool_response>", "é", "日本", "\u00a0", "</think>", "<|im_end|>", "  ", "1"}
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteString(words[rng.IntN(len(words))])
		}
		return b.String()
	}
	var ms []datamix.Message
	if rng.IntN(3) == 0 {
		ms = append(ms, datamix.System(text()))
	}
	for range rng.IntN(3) {
		ms = append(ms, datamix.User(text()), datamix.Assistant(text()))
	}
	if rng.IntN(4) == 0 {
		ms = append(ms, datamix.User(text()))
	}
	if len(ms) > 0 && rng.IntN(8) == 0 {
		ms[rng.IntN(len(ms))].Role = []string{"system", "user", "assistant", "narrator"}[rng.IntN(4)]
	}
	return datamix.NewChat(ms...)
}

// TestNativeFormsAreTheirJinja holds every native form against the Jinja text of
// the same name: the same text and spans, and refusals of the same records.
func TestNativeFormsAreTheirJinja(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			native, err := Builtin(name, nil)
			require.NoError(t, err)
			slow := *native
			slow.native = nil
			rng := rand.New(rand.NewPCG(7, 8))
			written, refused := 0, 0
			for range 1500 {
				r := randomChat(rng)
				got, gotErr := native.Render(r)
				want, wantErr := slow.Render(r)
				if wantErr != nil {
					require.Error(t, gotErr, "%q", r.Messages())
					assert.Equal(t, wantErr.Error(), gotErr.Error())
					refused++
					continue
				}
				require.NoError(t, gotErr, "%q", r.Messages())
				require.Equal(t, want, got, "%q", r.Messages())
				written++
				spans, faults, err := native.Spans(r)
				require.NoError(t, err)
				wantSpans, wantFaults, err := slow.Spans(r)
				require.NoError(t, err)
				assert.Equal(t, wantFaults, faults)
				require.Equal(t, wantSpans, spans, "%q", got)
			}
			assert.Greater(t, written, 500)
			assert.Greater(t, refused, 50) // chats without turns, if no others
		})
	}
}

// FuzzForms holds the native forms against their Jinja texts on any contents.
func FuzzForms(f *testing.F) {
	f.Add("sys", "question", "answer", "")
	f.Add("", "<tool_response>x</tool_response>", "<think>a</think>\n\nb", "\u00a0 c \n")
	f.Add("\ufdd0", "\xff", "a\ufdd1", "</think>")
	var forms [][2]*Template
	for _, name := range Names() {
		native, err := Builtin(name, nil)
		require.NoError(f, err)
		slow := *native
		slow.native = nil
		forms = append(forms, [2]*Template{native, &slow})
	}
	f.Fuzz(func(t *testing.T, system, user, first, second string) {
		ms := []datamix.Message{datamix.User(user), datamix.Assistant(first), datamix.User(user), datamix.Assistant(second)}
		if system != "" {
			ms = append([]datamix.Message{datamix.System(system)}, ms...)
		}
		r := datamix.NewChat(ms...)
		for _, form := range forms {
			want, wantErr := form[1].Render(r)
			got, err := form[0].Render(r)
			require.Equal(t, wantErr == nil, err == nil, form[0].name)
			require.Equal(t, want, got, form[0].name)
			if err != nil {
				continue
			}
			spans, _, err := form[0].Spans(r)
			require.NoError(t, err)
			wantSpans, faults, err := form[1].Spans(r)
			require.NoError(t, err)
			if faults == 0 {
				require.Equal(t, wantSpans, spans, form[0].name)
			}
		}
	})
}

// FuzzConfig reads any tokenizer_config.json.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"bos_token": {"content": "<s>"}, "eos_token": "</s>", "chat_template": "{{ bos_token }}", "additional_special_tokens": ["a", {"content": "b"}]}`))
	f.Add([]byte(`{"chat_template": [{"name": "default", "template": "x"}, {"name": "tool_use", "template": "y"}]}`))
	f.Add([]byte(`{"chat_template": {"default": "x"}, "pad_token": null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := config{templates: map[string]string{}}
		if c.addJSON(raw) != nil {
			return
		}
		tmpl, err := newTemplate("fuzz", c, Options{})
		if err != nil {
			return
		}
		_, _ = tmpl.Render(datamix.NewChat(datamix.User("q"), datamix.Assistant("a")))
	})
}

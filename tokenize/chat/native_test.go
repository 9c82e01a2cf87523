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

package chat_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/tokenize/chat"
)

// TestSharedChats counts real chats by every form, native and as Jinja text, and by
// a template without blocks, whose spans must be those of the form.
func TestSharedChats(t *testing.T) {
	dir := shareddata.Dir(t)
	without, err := chat.Parse(`{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`, "chatml without blocks", nil)
	require.NoError(t, err)
	for _, set := range []string{"tulu3-sample", "reason-tool-use", "glaive-toolcall-en", "v1-sft-demo", "vicuna-dummy-conversation", "stanford-alpaca"} {
		t.Run(set, func(t *testing.T) {
			records := firstChats(t, dir+"/"+set, 150)
			for _, name := range chat.Names() {
				native, err := chat.Builtin(name, nil)
				require.NoError(t, err)
				slow, err := chat.Builtin(name, &chat.Options{Variables: map[string]any{"unused": 1}})
				require.NoError(t, err)
				refused, faults := 0, 0
				for _, r := range records {
					want, err := slow.Render(r)
					if err != nil {
						refused++
						continue
					}
					got, err := native.Render(r)
					require.NoError(t, err)
					require.Equal(t, want, got)
					spans, n, err := native.Spans(r)
					require.NoError(t, err)
					faults += n
					if name == "chatml" && n == 0 {
						other, n, err := without.Spans(r)
						require.NoError(t, err)
						assert.Equal(t, spans, other, "%s", r.ID())
						assert.Zero(t, n)
					}
				}
				t.Logf("%s: %d of %d refused, %d faults", name, refused, len(records), faults)
				if name == "qwen3" {
					assert.Zero(t, refused+faults)
				}
			}
		})
	}
}

// firstChats reads chats of a data set.
func firstChats(t *testing.T, dir string, n int) (out []*datamix.Record) {
	for r, err := range source.Files(os.DirFS(dir), "**", nil).Records(t.Context()) {
		if datamix.Final(err) {
			t.Log(err)
			break
		}
		if err == nil && len(r.Messages()) > 0 {
			out = append(out, r.Clone())
		}
		if len(out) == n {
			break
		}
	}
	require.NotEmpty(t, out)
	return out
}

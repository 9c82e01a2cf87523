package chat_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/tokenize"
	"github.com/datamix-go/datamix/tokenize/chat"
	"github.com/datamix-go/datamix/tokenize/tokenizetest"
)

func ExampleNew() {
	tok, err := tokenize.Encoding("o200k_harmony")
	if err != nil {
		fmt.Println(err)
		return
	}
	form, err := chat.Builtin("chatml", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	counter, err := chat.New(tok, form, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := datamix.NewChat(datamix.User("Two and two?"), datamix.Assistant("Four."))
	counts, err := datamix.CountRecord(counter, r)
	fmt.Println(counts.Total, counts.Context, counts.Final, counts.Trainable, err)
	// Output: 32 25 7 7 <nil>
}

// readChats reads the chats of the parity tests as records. Some are odd: those
// have nil.
func readChats(t testing.TB) []*datamix.Record {
	raw, err := os.ReadFile("internal/jinja2/testdata/chats.jsonl")
	require.NoError(t, err)
	var out []*datamix.Record
	scanner := bufio.NewScanner(bytes.NewReader(raw))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var row struct {
			Messages []struct {
				Role, Name string
				Content    json.RawMessage
				Reasoning  string `json:"reasoning_content"`
				CallID     string `json:"tool_call_id"`
				Calls      []struct {
					ID       string
					Function struct {
						Name      string
						Arguments json.RawMessage
					}
				} `json:"tool_calls"`
			}
			Tools json.RawMessage
		}
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &row))
		var ms []datamix.Message
		odd := false
		for _, m := range row.Messages {
			one := datamix.Message{Role: m.Role, Name: m.Name, Reasoning: m.Reasoning, ToolCallID: m.CallID}
			if len(m.Content) == 0 || json.Unmarshal(m.Content, &one.Content) != nil {
				odd = true
			}
			for _, c := range m.Calls {
				one.ToolCalls = append(one.ToolCalls, datamix.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: string(c.Function.Arguments)})
			}
			odd = odd || len(m.Calls) > 0 && string(m.Content) == `""`
			ms = append(ms, one)
		}
		r := datamix.NewChat(ms...)
		if string(row.Tools) != "null" {
			r.SetTools(string(row.Tools))
		}
		if odd {
			r = nil
		}
		out = append(out, r)
	}
	return out
}

// TestCountsOfTransformers holds counts and masks against those of transformers,
// which testdata/counts.py stored.
func TestCountsOfTransformers(t *testing.T) {
	dir := shareddata.Tokenizers(t)
	raw, err := os.ReadFile("testdata/counts.tsv")
	require.NoError(t, err)
	chats := readChats(t)
	counters := map[string]*chat.Counter{}
	compared := 0
	for line := range bytes.Lines(raw) {
		f := strings.Split(strings.TrimRight(string(line), "\n"), "\t")
		c := counters[f[0]+f[1]]
		if c == nil {
			tok, err := tokenize.File(filepath.Join(dir, f[0], "tokenizer.json"), nil)
			require.NoError(t, err)
			form, err := chat.Builtin(f[1], nil)
			require.NoError(t, err)
			c, err = chat.New(tok, form, nil)
			require.NoError(t, err)
			counters[f[0]+f[1]] = c
		}
		i, err := strconv.Atoi(f[2])
		require.NoError(t, err)
		if chats[i] == nil {
			continue
		}
		counts, err := c.CountRecord(chats[i])
		if f[3] == "!" {
			assert.Error(t, err, "%v", f)
			continue
		}
		if assert.NoError(t, err, "%v", f) {
			text, _ := c.Template().Render(chats[i])
			assert.Equal(t, f[3], fmt.Sprint(counts.Total), "%v\n%s", f, text)
			if counts.MaskFaults > 0 { // the form has no place for tool calls
				assert.Contains(t, "llama3 tulu chatml gemma3 zephyr llama2 mistral-v1", f[1])
				assert.NotEmpty(t, chats[i].Tools())
				continue
			}
			assert.Equal(t, f[4], fmt.Sprint(counts.Trainable), "%v\n%s", f, text)
			compared++
		}
	}
	assert.Greater(t, compared, 800)
}

var loadHarmony = sync.OnceValues(func() (*tokenize.Tokenizer, error) { return tokenize.Encoding("o200k_harmony") })

func harmony(t testing.TB) *tokenize.Tokenizer {
	tok, err := loadHarmony()
	require.NoError(t, err)
	return tok
}

func counter(t testing.TB, name string, o *chat.CountOptions) *chat.Counter {
	form, err := chat.Builtin(name, nil)
	require.NoError(t, err)
	c, err := chat.New(harmony(t), form, o)
	require.NoError(t, err)
	return c
}

func TestConformance(t *testing.T) { tokenizetest.Run(t, counter(t, "chatml", nil)) }

func TestCountsAreOfOneText(t *testing.T) {
	parsing := harmony(t).Parsing()
	for _, name := range chat.Names() {
		c := counter(t, name, nil)
		for _, r := range readChats(t) {
			if r == nil {
				continue
			}
			text, err := c.Template().Render(r)
			if err != nil {
				continue
			}
			counts, err := c.CountRecord(r)
			require.NoError(t, err)
			assert.Equal(t, parsing.Count(text), counts.Total)
			assert.LessOrEqual(t, counts.Context+counts.Final, counts.Total)
			assert.LessOrEqual(t, counts.Trainable, counts.Total)
			for _, limit := range []int{-1, 0, 1, counts.Total - 1, counts.Total, counts.Total + 1, 1 << 20} {
				fits, err := c.RecordWithin(r, limit)
				require.NoError(t, err)
				assert.Equal(t, counts.Total <= limit, fits, "%d tokens, limit %d", counts.Total, limit)
			}
			spans, _, err := c.Template().Spans(r)
			require.NoError(t, err)
			first := counts.Total
			if len(spans) > 0 {
				cuts := []tokenize.Cut{{At: spans[0][0]}}
				parsing.CountCuts(text, cuts)
				first = cuts[0].Ended
			}
			for _, limit := range []int{1, first - 1, first, first + 1, counts.Total, 1 << 20} {
				ok, err := c.TrainableWithin(r, limit)
				require.NoError(t, err)
				assert.Equal(t, counts.Trainable > 0 && first < limit, ok, "first %d, limit %d\n%s", first, limit, text)
			}
		}
	}
}

func TestTrainFlags(t *testing.T) {
	c := counter(t, "chatml", nil)
	count := func(r *datamix.Record) int {
		counts, err := c.CountRecord(r)
		require.NoError(t, err)
		assert.Zero(t, counts.MaskFaults)
		return counts.Trainable
	}
	chatOf := func(flags ...datamix.Train) *datamix.Record {
		ms := []datamix.Message{datamix.User("one two"), datamix.Assistant("three"), datamix.User("four"), datamix.Assistant("five six seven")}
		for i, f := range flags {
			ms[i].Train = f
		}
		return datamix.NewChat(ms...)
	}
	first, second := harmony(t).Parsing().Count("three<|im_end|>"), harmony(t).Parsing().Count("five six seven<|im_end|>")
	assert.Equal(t, first+second, count(chatOf()))
	assert.Equal(t, second, count(chatOf(0, datamix.TrainNo)))
	assert.Equal(t, first, count(chatOf(0, 0, 0, datamix.TrainNo)))
	assert.Equal(t, 0, count(chatOf(0, datamix.TrainNo, 0, datamix.TrainNo)))
	assert.Equal(t, 2+first+second, count(chatOf(datamix.TrainYes)))
}

func TestTextRecords(t *testing.T) {
	tok := harmony(t)
	text := "plain <|end|> text"
	n := tok.Count(text)
	counts, err := counter(t, "llama3", nil).CountRecord(datamix.NewText(text))
	require.NoError(t, err)
	assert.Equal(t, datamix.Counts{Total: n, Final: n, Trainable: n}, counts)
	around := counter(t, "llama3", &chat.CountOptions{TextBOS: true, TextEOS: true})
	counts, err = around.CountRecord(datamix.NewText(text))
	require.NoError(t, err)
	assert.Equal(t, datamix.Counts{Total: n + 2, Final: n + 1, Trainable: n + 1}, counts)
	for limit, want := range map[int]bool{n + 1: false, n + 2: true} {
		fits, err := around.RecordWithin(datamix.NewText(text), limit)
		require.NoError(t, err)
		assert.Equal(t, want, fits)
	}
	for limit, want := range map[int]bool{1: false, 2: true} {
		ok, err := around.TrainableWithin(datamix.NewText(text), limit)
		require.NoError(t, err)
		assert.Equal(t, want, ok)
	}
}

func TestSpecs(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []*chat.Counter{counter(t, "chatml", nil), counter(t, "qwen3", nil), counter(t, "chatml", &chat.CountOptions{TextBOS: true})} {
		s, ok := c.Spec()
		require.True(t, ok)
		b, err := json.Marshal(s)
		require.NoError(t, err)
		assert.False(t, seen[string(b)], string(b))
		assert.False(t, seen[c.Fingerprint()])
		seen[string(b)], seen[c.Fingerprint()] = true, true
	}
}

// plainWords is a tokenizer of somebody else: one token for each byte.
type plainWords struct{}

func (plainWords) Count(text string) int { return len(text) }
func (plainWords) Append(dst []uint32, text string) []uint32 {
	for _, b := range []byte(text) {
		dst = append(dst, uint32(b))
	}
	return dst
}

func TestOtherTokenizers(t *testing.T) {
	form, err := chat.Builtin("chatml", nil)
	require.NoError(t, err)
	c, err := chat.New(plainWords{}, form, nil)
	require.NoError(t, err)
	counts, err := c.CountRecord(datamix.NewChat(datamix.User("hi"), datamix.Assistant("yes")))
	require.NoError(t, err)
	end := len("yes<|im_end|>")
	total := len("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n")
	assert.Equal(t, datamix.Counts{Total: total, Context: total - end - 1, Final: end, Trainable: end}, counts)
	_, err = chat.New(nil, form, nil)
	require.Error(t, err)
}

func TestConcurrentUse(t *testing.T) {
	c := counter(t, "qwen3", nil)
	r := datamix.NewChat(datamix.User("hi"), datamix.Assistant("<think>\nhm\n</think>\n\nyes"))
	want, err := c.CountRecord(r)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				got, err := c.CountRecord(r)
				assert.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
	wg.Wait()
}

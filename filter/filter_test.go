package filter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/filter/filtertest"
)

// words counts words and, as a LimitCounter, notes how much text it looked at.
type words struct{ looked *int }

func (w words) Count(text string) int {
	if w.looked != nil {
		*w.looked += len(text)
	}
	return len(strings.Fields(text))
}

func (w words) Append(dst []uint32, text string) []uint32 {
	return append(dst, make([]uint32, w.Count(text))...)
}

type limited struct{ words }

func (l limited) CountUpTo(text string, limit int) (int, bool) {
	n := l.Count(text)
	return n, n <= limit
}

func verdict(t testing.TB, f datamix.Filter, r *datamix.Record) datamix.Verdict {
	t.Helper()
	v, err := f.Check(t.Context(), r)
	require.NoError(t, err)
	return v
}

func chat(turns ...string) *datamix.Record {
	var ms []datamix.Message
	for i, s := range turns {
		m := datamix.User(s)
		if i%2 == 1 {
			m = datamix.Assistant(s)
		}
		ms = append(ms, m)
	}
	return datamix.NewChat(ms...)
}

func TestVerdicts(t *testing.T) {
	low, high := 0.5, 0.8
	must := func(f datamix.Filter, err error) datamix.Filter { require.NoError(t, err); return f }
	scored := func(s string) *datamix.Record { r := chat("a", "b"); r.SetLabel("score", s); return r }
	spanish := chat("hola", "sí")
	spanish.SetLabel("language", "es")
	system := datamix.NewChat(datamix.System("s"), datamix.User("u"), datamix.Assistant("a"))
	tool := datamix.NewChat(datamix.User("u"), datamix.Message{Role: "assistant", ToolCalls: []datamix.ToolCall{{Name: "f"}}},
		datamix.Message{Role: "tool", Content: "1"}, datamix.Assistant("1"))
	for _, test := range []struct {
		name string
		f    datamix.Filter
		r    *datamix.Record
		want datamix.Verdict
	}{
		{"max tokens met", filter.MaxTokens(words{}, 4), chat("a b", "c d"), ""},
		{"max tokens passed", filter.MaxTokens(words{}, 3), chat("a b", "c d"), "too_many_tokens"},
		{"min tokens met", filter.MinTokens(words{}, 4), chat("a b", "c d"), ""},
		{"min tokens missed", filter.MinTokens(words{}, 5), chat("a b", "c d"), "too_few_tokens"},
		{"trainable in reach", filter.TrainableWithin(words{}, 3), chat("a b", "c d"), ""},
		{"trainable out of reach", filter.TrainableWithin(words{}, 2), chat("a b", "c d"), "nothing_trainable_in_reach"},
		{"nothing trainable", filter.TrainableWithin(words{}, 9), chat("a"), "nothing_trainable_in_reach"},
		{"turns", filter.Turns(filter.Range{Min: 2, Max: 2}), system, ""},
		{"too few turns", filter.Turns(filter.Range{Min: 3}), system, "too_few_turns"},
		{"too many turns", filter.Turns(filter.Range{Max: 3}), chat("a", "b", "c", "d"), "too_many_turns"},
		{"turns of a text", filter.Turns(filter.Range{Min: 3}), datamix.NewText("x"), ""},
		{"chars are code points", filter.Chars(filter.Range{Max: 4}), chat("日本", "é!"), ""},
		{"too many chars", filter.Chars(filter.Range{Max: 3}), chat("日本", "é!"), "too_many_chars"},
		{"response chars", filter.ResponseChars(filter.Range{Min: 3}), chat("long enough", "no"), "too_few_response_chars"},
		{"full turns", filter.NoEmptyTurns(), tool, ""},
		{"empty answer", filter.NoEmptyTurns(), chat("a", " \n"), "empty_turn"},
		{"no answer", filter.NoEmptyTurns(), chat("a"), "empty_turn"},
		{"no turns", filter.NoEmptyTurns(), datamix.NewChat(), "empty_turn"},
		{"empty text", filter.NoEmptyTurns(), datamix.NewText(" "), "empty_turn"},
		{"ends with assistant", filter.EndsWithAssistant(), chat("a", "b"), ""},
		{"ends with user", filter.EndsWithAssistant(), chat("a", "b", "c"), "no_final_response"},
		{"order with system", filter.RoleOrder(), system, ""},
		{"order with tools", filter.RoleOrder(), tool, ""},
		{"two users", filter.RoleOrder(), datamix.NewChat(datamix.User("a"), datamix.User("b")), "role_order"},
		{"assistant first", filter.RoleOrder(), datamix.NewChat(datamix.Assistant("a")), "role_order"},
		{"late system", filter.RoleOrder(), datamix.NewChat(datamix.User("a"), datamix.System("s"), datamix.Assistant("b")), "role_order"},
		{"unicode", filter.ValidUnicode(), chat("a\ufffd", "b"), "replacement_character"},
		{"refusal", filter.NoRefusals(), chat("x", "I’m sorry, but I can’t do that."), "refusal"},
		{"refusal as a model", filter.NoRefusals(), chat("x", "As an AI language model, I cannot feel."), "refusal"},
		{"sorry without refusal", filter.NoRefusals(), chat("x", "I am sorry to hear that. Try this:"), ""},
		{"refusal by the user", filter.NoRefusals(), chat("I can't help with that", "Then rest."), ""},
		{"identity", filter.NoSelfIdentification(), chat("x", "I'm an AI assistant named Claude."), "self_identification"},
		{"maker", filter.NoSelfIdentification(), chat("x", "I was developed by OpenAI."), "self_identification"},
		{"talk about a maker", filter.NoSelfIdentification(), chat("x", "OpenAI published the paper."), ""},
		{"label", filter.Label("language", "en", "es"), spanish, ""},
		{"other label", filter.Label("language", "en"), spanish, "label_language"},
		{"missing label", filter.Label("topic", "x"), spanish, "label_topic"},
		{"not label", filter.NotLabel("language", "es"), spanish, "label_language"},
		{"score", filter.Score(filter.ScoreRule{Name: "score", Min: &low, Max: &high}), scored("0.5"), ""},
		{"low score", filter.Score(filter.ScoreRule{Name: "score", Min: &low}), scored("0.49"), "score_score"},
		{"high score", filter.Score(filter.ScoreRule{Name: "score", Max: &high}), scored("1e3"), "score_score"},
		{"no score", filter.Score(filter.ScoreRule{Name: "score", Max: &high}), chat("a", "b"), "no_score_score"},
		{"match", must(filter.Match(filter.Pattern{Pattern: `\d+`, In: "response"})), chat("a", "b 7"), ""},
		{"no match", must(filter.Match(filter.Pattern{Pattern: `\d+`, In: "response"})), chat("a 7", "b"), "match"},
		{"unwanted", must(filter.NoMatch(filter.Pattern{Pattern: `https?://`, Reason: "link"})), chat("see http://x.y", "b"), "link"},
		{"by role", must(filter.NoMatch(filter.Pattern{Pattern: `s`, In: "system"})), system, "no_match"},
		{"func", filter.Func("short", func(r *datamix.Record) bool { return len(r.Response()) < 2 }), chat("a", "long"), "short"},
		{"not", filter.Not(filter.NoEmptyTurns()), chat("a", "b"), "not_no_empty_turns"},
		{"not dropped", filter.Not(filter.NoEmptyTurns()), chat("a", ""), ""},
		{"any", filter.Any(filter.Label("language", "en"), filter.ValidUnicode()), spanish, ""},
		{"none of any", filter.Any(filter.Label("language", "en"), filter.Label("language", "fr")), spanish, "label_language"},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, verdict(t, test.f, test.r))
		})
	}
}

// builtin holds recipe forms of every filter in the registry.
var builtin = []string{
	`{"max_tokens": 100}`, `{"min_tokens": 3}`, `{"trainable_within": 50}`, `{"turns": {"min": 2, "max": 4}}`, `{"chars": {"max": 500}}`,
	`{"response_chars": {"min": 2}}`, `"no_empty_turns"`, `"ends_with_assistant"`, `"role_order"`, `"valid_unicode"`, `"no_refusals"`,
	`"no_self_identification"`, `{"label": {"name": "language", "values": ["en"]}}`, `{"not_label": {"name": "language", "values": ["en"]}}`,
	`{"score": {"name": "score", "min": 0.2}}`, `{"match": {"pattern": "[aeiou]", "in": "user"}}`, `{"no_match": {"pattern": "z", "reason": "zed"}}`,
	`{"not": "no_empty_turns"}`, `{"any": ["no_empty_turns", {"max_tokens": 5}]}`,
}

func TestEveryFilterConformsAndRoundTrips(t *testing.T) {
	registry := filter.Registry(words{})
	seen := map[string]bool{}
	for _, text := range builtin {
		t.Run(text, func(t *testing.T) {
			spec, err := filter.ParseSpec([]byte(text))
			require.NoError(t, err)
			seen[spec.Name] = true
			f, err := registry.Build(spec)
			require.NoError(t, err)
			filtertest.Run(t, f)

			own, ok := datamix.Describe(f)
			require.True(t, ok)
			data, err := json.Marshal(own)
			require.NoError(t, err)
			var back datamix.Spec
			require.NoError(t, json.Unmarshal(data, &back))
			again, err := registry.Build(back)
			require.NoError(t, err)
			for _, r := range filtertest.Records() {
				assert.Equal(t, verdict(t, f, r), verdict(t, again, r), r.ID())
			}
		})
	}
	for _, name := range registry.Names() {
		assert.True(t, seen[name], "the test has no %s", name)
	}
}

func TestBadSpecs(t *testing.T) {
	registry := filter.Registry(nil)
	for text, want := range map[string]string{
		`{"max_tokens": 10}`:                           "needs a tokenizer",
		`{"max_tokens": "10"}`:                         `options are "10", want a number of tokens`,
		`{"turns": {"mn": 2}}`:                         `unknown field "mn"`,
		`{"turns": {"min": 3, "max": 2}}`:              "want 0 <= min <= max",
		`{"match": {"pattern": "("}}`:                  "missing closing )",
		`{"match": {"pattern": "a", "in": "nowhere"}}`: `cannot look in "nowhere"`,
		`{"label": {"name": "x"}}`:                     "needs a name and values",
		`{"score": {"name": "x"}}`:                     "min or max",
		`{"no_empty_turns": 3}`:                        "takes no options",
		`"nothing"`:                                    "known are any, chars",
		`{"not": {"max_tokens": 0}}`:                   "want more than 0",
	} {
		spec, err := filter.ParseSpec([]byte(text))
		require.NoError(t, err, text)
		f, err := registry.Build(spec)
		assert.Nil(t, f)
		assert.ErrorContains(t, err, want, text)
	}
	for _, text := range []string{`3`, `{}`, `{"a": 1, "b": 2}`, `[`, `{"any": 3}`, `{"not": 3}`} {
		_, err := filter.ParseSpec([]byte(text))
		assert.Error(t, err, text)
	}
	assert.NoError(t, registry.Add("mine", func(datamix.Spec) (datamix.Filter, error) { return filter.NoEmptyTurns(), nil }))
	assert.Error(t, registry.Add("turns", nil))
}

// TestTokenLimitsEqualFullCounts holds the early exits against counting all.
func TestTokenLimitsEqualFullCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var turns []string
		for range rng.IntN(5) {
			turns = append(turns, strings.Repeat("w ", rng.IntN(12)))
		}
		r := chat(turns...)
		counts, err := datamix.CountRecord(words{}, r.Copy())
		require.NoError(t, err)
		limit := 1 + rng.IntN(40)
		for _, tok := range []datamix.Tokenizer{words{}, limited{words{}}} {
			assert.Equal(t, counts.Total <= limit, verdict(t, filter.MaxTokens(tok, limit), r) == "", "%d tokens, limit %d", counts.Total, limit)
			assert.Equal(t, counts.Total >= limit, verdict(t, filter.MinTokens(tok, limit), r) == "", "%d tokens, limit %d", counts.Total, limit)
		}
	}
	r := chat("a", "b")
	r.SetCounts(datamix.Counts{Total: 1000})
	assert.NotEmpty(t, verdict(t, filter.MaxTokens(words{}, 10), r), "a counted record is not counted again")
}

func TestShortRecordsAreNotCounted(t *testing.T) {
	looked := 0
	assert.Empty(t, verdict(t, filter.MaxTokens(words{&looked}, 100), chat("short", "text")))
	assert.Zero(t, looked)
	assert.NotEmpty(t, verdict(t, filter.MaxTokens(limited{words{&looked}}, 2), chat("a b c d", strings.Repeat("never looked at ", 100))))
	assert.Less(t, looked, 20)
}

func TestDedup(t *testing.T) {
	rs := []*datamix.Record{chat("Hi  There", "a"), chat("hi there", "A"), chat("Hi  There", "a"), chat("Hi  There", "b"), datamix.NewText("b")}
	for i, r := range rs {
		r.Origin.Row = int64(i)
	}
	repeat := rs[0].Clone()
	repeat.Origin.Pass = 1
	src := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for _, r := range append(rs[:len(rs):len(rs)], repeat) {
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	for key, want := range map[filter.DedupKey][]int64{
		filter.ByContent: {0, 1, 3, 4, 0}, filter.ByPrompt: {0, 1, 4, 0}, filter.ByResponse: {0, 1, 3, 0}, filter.ByNormalized: {0, 3, 4, 0},
	} {
		stage, err := filter.Dedup(key)
		require.NoError(t, err)
		for range 2 {
			var rec datamix.Recorder
			var got []int64
			for r, err := range datamix.Chain(src, stage).Records(datamix.WithObserver(t.Context(), rec.Observer(nil))) {
				require.NoError(t, err)
				got = append(got, r.Origin.Row)
			}
			assert.Equal(t, want, got, string(key))
			l := rec.Ledger()
			l.Kept = int64(len(want) - 1)
			require.NoError(t, l.Check())
			assert.EqualValues(t, 5-(len(want)-1), l.Dropped["duplicate"])
		}
	}
	_, err := filter.Dedup("sound")
	require.ErrorContains(t, err, "normalized")
}

func ExampleFunc() {
	short := filter.Func("too-long", func(r *datamix.Record) bool { return len(r.Response()) < 10 })
	v, _ := short.Check(context.Background(), datamix.NewChat(datamix.User("Hi"), datamix.Assistant("A long answer.")))
	fmt.Println(v)
	// Output: too-long
}

func ExampleRegistry() {
	spec, _ := filter.ParseSpec([]byte(`{"turns": {"max": 2}}`))
	f, _ := filter.Registry(nil).Build(spec)
	v, _ := f.Check(context.Background(), datamix.NewChat(datamix.User("a"), datamix.Assistant("b"), datamix.User("c")))
	fmt.Println(v)
	// Output: too_many_turns
}

func ExampleMatch() {
	f, err := filter.NoMatch(filter.Pattern{Pattern: `(?i)lorem ipsum`, Reason: "placeholder"})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, _ := f.Check(context.Background(), datamix.NewText("Lorem ipsum dolor"))
	fmt.Println(v)
	// Output: placeholder
}

func BenchmarkFilters(b *testing.B) {
	registry := filter.Registry(words{})
	rs := filtertest.Records()
	for _, text := range builtin {
		spec, err := filter.ParseSpec([]byte(text))
		require.NoError(b, err)
		f, err := registry.Build(spec)
		require.NoError(b, err)
		b.Run(spec.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, r := range rs {
					_, _ = f.Check(b.Context(), r)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rs)), "ns/record")
		})
	}
}

package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// words is a tokenizer whose tokens are words. It notes how much text it looked
// at.
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

func (w words) Spec() (datamix.Spec, bool) { return datamix.NewSpec("words", 1, nil), true }

// limited is words with a limit.
type limited struct{ words }

func (l limited) CountUpTo(text string, limit int) (int, bool) {
	n := 0
	for range strings.FieldsSeq(text) {
		if n++; n > limit {
			return n, false
		}
	}
	return n, n <= limit
}

func verdict(t testing.TB, f datamix.Filter, r *datamix.Record) datamix.Verdict {
	t.Helper()
	v, err := f.Check(t.Context(), r)
	require.NoError(t, err)
	return v
}

func must(f datamix.Filter, err error) datamix.Filter {
	if err != nil {
		panic(err)
	}
	return f
}

// chat returns a chat in which user and assistant speak in turn.
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

// row returns a chat that was read from JSON.
func row(t testing.TB, json string) *datamix.Record {
	t.Helper()
	r, err := (*datamix.Arena)(nil).JSON([]byte(json), datamix.Origin{})
	require.NoError(t, err)
	r.Adapt([]datamix.Message{datamix.User("u"), datamix.Assistant("a")})
	return r
}

var (
	system = datamix.NewChat(datamix.System("s"), datamix.User("u"), datamix.Assistant("a"))
	tool   = datamix.NewChat(datamix.User("u"), datamix.Message{Role: "assistant", ToolCalls: []datamix.ToolCall{{Name: "search", Arguments: `{"q":"ü"}`}}},
		datamix.Message{Role: "tool", Content: "1"}, datamix.Assistant("1"))
	thinker = datamix.NewChat(datamix.User("u"), datamix.Message{Role: "assistant", Reasoning: "secret thought", Content: "a"})
)

type verdictCase struct {
	name string
	f    datamix.Filter
	r    *datamix.Record
	want datamix.Verdict
}

func run(t *testing.T, cases []verdictCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, filter.Err(c.f))
			assert.Equal(t, c.want, verdict(t, c.f, c.r))
		})
	}
}

func TestSizes(t *testing.T) {
	run(t, []verdictCase{
		{"turns", filter.Turns(2, 2), system, ""},
		{"too few turns", filter.Turns(3, 0), system, "too_few_turns"},
		{"too many turns", filter.Turns(0, 3), chat("a", "b", "c", "d"), "too_many_turns"},
		{"turns of a text", filter.Turns(3, 0), datamix.NewText("x"), ""},
		{"bytes", filter.Bytes(2, 2), chat("é"), ""},
		{"too many bytes", filter.Bytes(0, 1), chat("é"), "too_many_bytes"},
		{"too few bytes", filter.Bytes(3, 0), chat("é"), "too_few_bytes"},
		{"chars are code points", filter.Chars(4, 4, nil), chat("日本", "é!"), ""},
		{"too many chars", filter.Chars(0, 3, nil), chat("日本", "é!"), "too_many_chars"},
		{"too few chars", filter.Chars(5, 0, nil), chat("日本", "é!"), "too_few_chars"},
		{"chars of calls and reasoning", filter.Chars(16, 16, nil), tool, "too_many_chars"},
		{"chars of one role", filter.Chars(0, 2, &filter.CharsOptions{Role: "user"}), chat("ab", "abcdef"), ""},
		{"too many of one role", filter.Chars(0, 5, &filter.CharsOptions{Role: "assistant"}), chat("ab", "abcdef"), "too_many_chars"},
		{"chars of the prompt", filter.Chars(3, 0, &filter.CharsOptions{In: filter.InPrompt}), chat("ab", "abcdef"), "too_few_chars"},
		{"each turn", filter.Chars(2, 6, &filter.CharsOptions{Each: true}), chat("ab", "abcdef", "abc"), ""},
		{"one turn too long", filter.Chars(0, 5, &filter.CharsOptions{Each: true}), chat("ab", "abcdef"), "too_many_chars"},
		{"each answer", filter.Chars(3, 0, &filter.CharsOptions{Each: true, Role: "assistant"}), chat("a", "abc", "b", "de"), "too_few_chars"},
		{"chars of a text", filter.Chars(0, 2, nil), datamix.NewText("abc"), "too_many_chars"},
		{"response chars", filter.ResponseChars(3, 0), chat("long enough", "no"), "too_few_response_chars"},
	})
}

func TestHygiene(t *testing.T) {
	run(t, []verdictCase{
		{"full turns", filter.NoEmptyTurns(), tool, ""},
		{"empty answer", filter.NoEmptyTurns(), chat("a", " \n"), "empty_turn"},
		{"no answer", filter.NoEmptyTurns(), chat("a"), "no_assistant_turn"},
		{"no question", filter.NoEmptyTurns(), datamix.NewChat(datamix.Assistant("a")), "no_user_turn"},
		{"no turns", filter.NoEmptyTurns(), datamix.NewChat(), "no_user_turn"},
		{"empty text", filter.NoEmptyTurns(), datamix.NewText(" "), "empty_turn"},
		{"has response", filter.HasResponse(), tool, ""},
		{"prompt alone", filter.HasResponse(), chat("a"), "no_response"},
		{"empty response", filter.HasResponse(), chat("a", "\t"), "no_response"},
		{"response of a text", filter.HasResponse(), datamix.NewText("x"), ""},
		{"ends with assistant", filter.EndsWithAssistant(), chat("a", "b"), ""},
		{"ends with user", filter.EndsWithAssistant(), chat("a", "b", "c"), "no_final_response"},
		{"order with system", filter.RoleOrder(), system, ""},
		{"order with tools", filter.RoleOrder(), tool, ""},
		{"two users", filter.RoleOrder(), datamix.NewChat(datamix.User("a"), datamix.User("b")), "role_order"},
		{"assistant first", filter.RoleOrder(), datamix.NewChat(datamix.Assistant("a")), "role_order"},
		{"late system", filter.RoleOrder(), datamix.NewChat(datamix.User("a"), datamix.System("s"), datamix.Assistant("b")), "role_order"},
		{"system alone", filter.RoleOrder(), datamix.NewChat(datamix.System("a")), "role_order"},
		{"replacement character", filter.ValidUnicode(), chat("a\ufffd", "b"), "replacement_character"},
		{"invalid bytes", filter.ValidUnicode(), chat("a\xff", "b"), "invalid_utf8"},
		{"good text", filter.ValidUnicode(), chat("日本語 😀", "b"), ""},
	})
}

func TestRefusals(t *testing.T) {
	late := chat("x", strings.Repeat("word ", 100)+"I cannot help with that.")
	run(t, []verdictCase{
		{"apology", filter.NoRefusals(nil), chat("x", "I’m sorry, but I can’t do that."), "refusal"},
		{"as a model", filter.NoRefusals(nil), chat("x", "As an AI language model, I cannot feel."), "refusal"},
		{"spread over lines", filter.NoRefusals(nil), chat("x", "Unfortunately I\n\nCANNOT  assist."), "refusal"},
		{"in an earlier turn", filter.NoRefusals(nil), chat("x", "I must decline.", "y", "Fine."), "refusal"},
		{"in an earlier turn, last only", filter.NoRefusals(&filter.RefusalOptions{LastOnly: true}), chat("x", "I must decline.", "y", "Fine."), ""},
		{"sorry without refusal", filter.NoRefusals(nil), chat("x", "I am sorry to hear that. Try this:"), ""},
		{"sorry for the delay", filter.NoRefusals(nil), chat("x", "Dear Ann, I'm sorry, but the train is late."), ""},
		{"recommendation", filter.NoRefusals(nil), chat("x", "I cannot recommend this book enough."), ""},
		{"by the user", filter.NoRefusals(nil), chat("I can't help with that", "Then rest."), ""},
		{"part of a word", filter.NoRefusals(nil), chat("x", "Naomi cannot help it."), ""},
		{"far into the answer", filter.NoRefusals(nil), late, ""},
		{"anywhere in the answer", filter.NoRefusals(&filter.RefusalOptions{Within: -1}), late, "refusal"},
		{"own phrase", filter.NoRefusals(&filter.RefusalOptions{Phrases: []string{"das kann ich nicht"}}), chat("x", "Das kann ich nicht beantworten."), "refusal"},
		{"plain text", filter.NoRefusals(nil), datamix.NewText("I cannot help with that."), ""},
	})
}

func TestSelfIdentification(t *testing.T) {
	mention := &filter.IdentityOptions{AnyMention: true}
	run(t, []verdictCase{
		{"name", filter.NoSelfIdentification(nil), chat("x", "Hi! I'm ChatGPT, happy to help."), "self_identification"},
		{"assistant called", filter.NoSelfIdentification(nil), chat("x", "I'm an AI assistant named Claude."), "self_identification"},
		{"maker", filter.NoSelfIdentification(nil), chat("x", "I was developed by OpenAI."), "self_identification"},
		{"as an AI", filter.NoSelfIdentification(nil), chat("x", "As an AI, I have no body."), "self_identification"},
		{"third person", filter.NoSelfIdentification(nil), chat("x", "OpenAI published the paper."), ""},
		{"third person, any mention", filter.NoSelfIdentification(mention), chat("x", "Openai published the paper."), "self_identification"},
		{"spelling", filter.NoSelfIdentification(mention), chat("x", "Try GPT-3.5."), "self_identification"},
		{"part of a word", filter.NoSelfIdentification(mention), chat("x", "The OpenAIs of the world."), ""},
		{"mention by the user", filter.NoSelfIdentification(mention), chat("Are you ChatGPT?", "No."), ""},
		{"another profession", filter.NoSelfIdentification(nil), chat("x", "She works as an AI engineer. I am Google's neighbour."), ""},
		{"own phrase", filter.NoSelfIdentification(&filter.IdentityOptions{Phrases: []string{"HAL 9000"}}), chat("x", "I am HAL\u00a09000"), "self_identification"},
	})
}

func TestLabelsAndScores(t *testing.T) {
	low, high := 0.5, 0.8
	spanish := row(t, `{"language":"es","score":0.5,"n":7,"text":"hola\nsí","none":null,"list":[1]}`)
	score := func(o filter.ScoreOptions) datamix.Filter { return filter.Score("score", &o) }
	run(t, []verdictCase{
		{"label", filter.Label("language", "en", "es"), spanish, ""},
		{"number as label", filter.Label("n", "7"), spanish, ""},
		{"other label", filter.Label("language", "en"), spanish, "label_language"},
		{"missing label", filter.Label("topic", "x"), spanish, "no_label_topic"},
		{"missing label kept", filter.LabelIn("topic", []string{"x"}, &filter.LabelOptions{Missing: filter.MissingKeep}), spanish, ""},
		{"not label", filter.NotLabel("language", "es"), spanish, "label_language"},
		{"not a missing label", filter.NotLabel("topic", "es"), spanish, ""},
		{"not a missing label, dropped", filter.LabelNotIn("topic", []string{"x"}, &filter.LabelOptions{Missing: filter.MissingDrop}), spanish, "no_label_topic"},
		{"name with spaces", filter.Label("my topic", "x"), spanish, "no_label_my_topic"},
		{"score", score(filter.ScoreOptions{Min: &low, Max: &high}), spanish, ""},
		{"min score", filter.MinScore("score", 0.51), spanish, "score_score"},
		{"max score", filter.MaxScore("score", 0.49), spanish, "score_score"},
		{"no score", filter.MinScore("reward", 0), spanish, "no_score_reward"},
		{"no number", filter.MinScore("language", 0), spanish, "no_score_language"},
		{"no score kept", filter.Score("reward", &filter.ScoreOptions{Min: &low, Missing: filter.MissingKeep}), spanish, ""},
	})
	for _, f := range []datamix.Filter{
		filter.LabelIn("topic", []string{"x"}, &filter.LabelOptions{Missing: filter.MissingError}),
		filter.Score("topic", &filter.ScoreOptions{Min: &low, Missing: filter.MissingError}),
	} {
		_, err := f.Check(t.Context(), spanish)
		require.ErrorContains(t, err, "topic")
		assert.False(t, datamix.Final(&datamix.RecordError{Err: err}), "one record is bad, the run goes on")
	}
}

func TestPatternsAndKeywords(t *testing.T) {
	spanish := row(t, `{"language":"es","n":7,"text":"hola\nsí","none":null,"list":["x y"],"bad":"\ud800"}`)
	match := func(p string, o filter.MatchOptions) datamix.Filter { return must(filter.Match(p, &o)) }
	no := func(o filter.KeywordOptions, list ...string) datamix.Filter { return must(filter.NoKeywords(list, &o)) }
	run(t, []verdictCase{
		{"match", match(`\d+`, filter.MatchOptions{In: "response"}), chat("a", "b 7"), ""},
		{"no match", match(`\d+`, filter.MatchOptions{In: "response"}), chat("a 7", "b"), "match"},
		{"in the prompt", match(`\d+`, filter.MatchOptions{In: "prompt"}), chat("a 7", "b"), ""},
		{"in a call", match(`^search$`, filter.MatchOptions{}), tool, ""},
		{"in reasoning", match(`secret`, filter.MatchOptions{Role: "assistant"}), thinker, ""},
		{"in a column", match(`^hola\n`, filter.MatchOptions{Field: "text"}), spanish, ""},
		{"in a number", match(`^7$`, filter.MatchOptions{Field: "n"}), spanish, ""},
		{"in a list", match(`"x y"`, filter.MatchOptions{Field: "list"}), spanish, ""},
		{"in null", match(`.*`, filter.MatchOptions{Field: "none"}), spanish, "match"},
		{"in no column", match(`.*`, filter.MatchOptions{Field: "absent"}), spanish, "match"},
		{"unwanted", must(filter.NoMatch(`https?://`, &filter.MatchOptions{Reason: "link"})), chat("see http://x.y", "b"), "link"},
		{"by role", must(filter.NoMatch(`s`, &filter.MatchOptions{Role: "system"})), system, "no_match"},
		{"by role in short", must(filter.NoMatch(`s`, &filter.MatchOptions{In: "system"})), system, "no_match"},
		{"text by role", must(filter.NoMatch(`s`, &filter.MatchOptions{Role: "system"})), datamix.NewText("s"), ""},
		{"keyword", must(filter.Keywords([]string{"Lorem ipsum", "dolor"}, nil)), chat("LOREM \n ipsum", "b"), ""},
		{"no keyword", must(filter.Keywords([]string{"lorem"}, nil)), chat("loremipsum", "b"), "keywords"},
		{"part of word", must(filter.Keywords([]string{"lorem"}, &filter.KeywordOptions{PartOfWord: true})), chat("xloremipsum", "b"), ""},
		{"case", no(filter.KeywordOptions{MatchCase: true}, "Bard"), chat("bard", "b"), ""},
		{"case beyond ASCII", no(filter.KeywordOptions{Reason: "word"}, "éTÉ"), chat("Été", "b"), "word"},
		{"in a role", no(filter.KeywordOptions{Role: "user"}, "a"), chat("b", "a"), ""},
		{"shorter keyword inside a longer one", no(filter.KeywordOptions{}, "new york city", "york"), chat("New York citylights", "b"), "no_keywords"},
	})
	_, err := match("x", filter.MatchOptions{Field: "bad"}).Check(t.Context(), spanish)
	require.ErrorContains(t, err, `field "bad"`)
}

func TestCombinations(t *testing.T) {
	spanish := row(t, `{"language":"es"}`)
	short := filter.Func("short", func(r *datamix.Record) bool { return len(r.Response()) < 2 })
	named := filter.NamedFunc("brief", 3, func(r *datamix.Record) bool { return len(r.Response()) < 2 })
	run(t, []verdictCase{
		{"func", short, chat("a", "long"), "short"},
		{"named func", named, chat("a", "long"), "brief"},
		{"not", filter.Not(filter.NoEmptyTurns()), chat("a", "b"), "not_no_empty_turns"},
		{"not func", filter.Not(short), chat("a", "b"), "not_short"},
		{"not dropped", filter.Not(filter.NoEmptyTurns()), chat("a", ""), ""},
		{"any", filter.Any(filter.Label("language", "en"), filter.ValidUnicode()), spanish, ""},
		{"none of any", filter.Any(filter.Label("topic", "en"), filter.Label("language", "fr")), spanish, "label_language"},
		{"all", filter.All(filter.Label("language", "es"), short), spanish, ""},
		{"not all", filter.All(filter.Label("language", "en"), short), spanish, "label_language"},
		{"reason", filter.Reason(filter.Label("language", "en"), "foreign"), spanish, "foreign"},
		{"reason kept", filter.Reason(filter.Label("language", "es"), "foreign"), spanish, ""},
		{"not reason", filter.Not(filter.Reason(filter.Label("language", "es"), "foreign")), spanish, "not_foreign"},
	})
	_, ok := datamix.Describe(filter.Any(filter.NoEmptyTurns(), short))
	assert.False(t, ok, "a function cannot be described")
	s, ok := datamix.Describe(named)
	assert.True(t, ok)
	assert.Equal(t, datamix.Spec{Name: "brief", Version: 3}, s)
	s, _ = datamix.Describe(filter.All(named, filter.NoEmptyTurns()))
	assert.Equal(t, []datamix.Spec{{Name: "brief", Version: 3}, {Name: "no_empty_turns", Version: 1}}, s.Inner)
}

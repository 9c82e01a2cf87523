package filter_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// say prints the verdicts about some records.
func say(f datamix.Filter, rs ...*datamix.Record) {
	for _, r := range rs {
		v, err := f.Check(context.Background(), r)
		switch {
		case err != nil:
			fmt.Println("error:", err)
		case v == datamix.Keep:
			fmt.Println("keep")
		default:
			fmt.Println(v)
		}
	}
}

func ExampleFunc() {
	f := filter.Func("no-links", func(r *datamix.Record) bool { return !strings.Contains(r.Response(), "http") })
	say(f, chat("Where?", "See http://example.org."), chat("Where?", "Here."))
	// Output:
	// no-links
	// keep
}

func ExampleNamedFunc() {
	f := filter.NamedFunc("short_answers", 1, func(r *datamix.Record) bool { return len(r.Response()) < 10 })
	spec, _ := datamix.Describe(f)
	fmt.Println(spec.Name, spec.Version)
	say(f, chat("Why?", "For many reasons."))
	// Output:
	// short_answers 1
	// short_answers
}

func ExampleNot() {
	say(filter.Not(filter.Label("language", "en")), chat("Why?", "Because.")) // it has no language
	// Output: keep
}

func ExampleAny() {
	f := filter.Any(filter.Turns(4, 0), filter.ResponseChars(10, 0))
	say(f, chat("Why?", "Because of the rain."), chat("Why?", "Rain."))
	// Output:
	// keep
	// too_few_response_chars
}

func ExampleAll() {
	say(filter.Not(filter.All(filter.Turns(0, 2), filter.ResponseChars(0, 10))), chat("Why?", "Rain."))
	// Output: not_all
}

func ExampleReason() {
	say(filter.Reason(filter.Label("topic", "cooking"), "off_topic"), chat("Why?", "Rain."))
	// Output: off_topic
}

func ExampleMaxTokens() {
	say(filter.MaxTokens(words{}, 4), chat("Why is that?", "Rain."), chat("Why is that?", "Heavy rain."))
	// Output:
	// keep
	// too_long
}

func ExampleMinTokens() {
	say(filter.MinTokens(words{}, 5), chat("Why is that?", "Rain."))
	// Output: too_short
}

func ExampleTokens() {
	say(filter.Tokens(words{}, 3, 5), chat("Why?", "Rain."), chat("Why is that?", "Rain."), chat("Why is that?", "Rain all day."))
	// Output:
	// too_short
	// keep
	// too_long
}

func ExampleTrainableWithin() {
	say(filter.TrainableWithin(words{}, 100), chat(strings.Repeat("long ", 100), "Rain."))
	// Output: nothing_trainable_within_limit
}

func ExampleTurns() {
	say(filter.Turns(2, 6), chat("Why?"))
	// Output: too_few_turns
}

func ExampleBytes() {
	say(filter.Bytes(0, 1000), chat("Why?", strings.Repeat("rain ", 300)))
	// Output: too_many_bytes
}

func ExampleChars() {
	say(filter.Chars(5, 0, &filter.CharsOptions{Role: datamix.RoleUser, Each: true}), chat("Please tell me why.", "Rain.", "Oh.", "Yes."))
	// Output: too_few_chars
}

func ExampleResponseChars() {
	say(filter.ResponseChars(10, 0), chat("Why?", "Rain."))
	// Output: too_few_response_chars
}

func ExampleMatch() {
	f, err := filter.Match(`(?i)\bdef \w+\(`, &filter.MatchOptions{Role: datamix.RoleAssistant, Reason: "no_python"})
	if err != nil {
		fmt.Println(err)
		return
	}
	say(f, chat("Square?", "def square(x): return x*x"), chat("Square?", "x*x"))
	// Output:
	// keep
	// no_python
}

func ExampleNoMatch() {
	f, err := filter.NoMatch(`https?://`, &filter.MatchOptions{Reason: "link"})
	if err != nil {
		fmt.Println(err)
		return
	}
	say(f, datamix.NewText("Read https://example.org"))
	// Output: link
}

func ExampleKeywords() {
	f, err := filter.Keywords([]string{"rain", "snow"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	say(f, datamix.NewText("Rain all day."), datamix.NewText("A rainbow."))
	// Output:
	// keep
	// keywords
}

func ExampleNoKeywords() {
	f, err := filter.NoKeywords([]string{"lorem ipsum"}, &filter.KeywordOptions{Reason: "placeholder"})
	if err != nil {
		fmt.Println(err)
		return
	}
	say(f, datamix.NewText("Lorem\nipsum dolor"))
	// Output: placeholder
}

func ExampleNoEmptyTurns() {
	say(filter.NoEmptyTurns(), chat("Why?", " "), chat("Why?"))
	// Output:
	// empty_turn
	// no_assistant_turn
}

func ExampleHasResponse() {
	say(filter.HasResponse(), chat("Why?"))
	// Output: no_response
}

func ExampleEndsWithAssistant() {
	say(filter.EndsWithAssistant(), chat("Why?", "Rain.", "Thanks."))
	// Output: no_final_response
}

func ExampleRoleOrder() {
	say(filter.RoleOrder(), datamix.NewChat(datamix.User("Why?"), datamix.User("Why?"), datamix.Assistant("Rain.")))
	// Output: role_order
}

func ExampleValidUnicode() {
	say(filter.ValidUnicode(), datamix.NewText("na\ufffdve"))
	// Output: replacement_character
}

func ExampleNoRefusals() {
	say(filter.NoRefusals(nil), chat("Pick a lock.", "I’m sorry, but I can’t help with that."))
	// Output: refusal
}

func ExampleNoSelfIdentification() {
	say(filter.NoSelfIdentification(nil), chat("Hello!", "Hi! I am ChatGPT. What can I do?"))
	// Output: self_identification
}

func ExampleLabel() {
	r := chat("Why?", "Rain.")
	r.SetLabel("license", "proprietary")
	say(filter.Label("license", "mit", "apache-2.0"), r)
	// Output: label_license
}

func ExampleNotLabel() {
	r := chat("Why?", "Rain.")
	r.SetLabel("license", "proprietary")
	say(filter.NotLabel("license", "proprietary"), r)
	// Output: label_license
}

func ExampleLabelIn() {
	say(filter.LabelIn("language", []string{"en"}, &filter.LabelOptions{Missing: filter.MissingKeep}), chat("Why?", "Rain."))
	// Output: keep
}

func ExampleLabelNotIn() {
	say(filter.LabelNotIn("language", []string{"en"}, &filter.LabelOptions{Missing: filter.MissingDrop}), chat("Why?", "Rain."))
	// Output: no_label_language
}

func ExampleScore() {
	least, most := 0.2, 0.9
	r := chat("Why?", "Rain.")
	r.SetField(datamix.JSONField("quality", "0.95"))
	say(filter.Score("quality", &filter.ScoreOptions{Min: &least, Max: &most}), r)
	// Output: score_quality
}

func ExampleMinScore() {
	r := chat("Why?", "Rain.")
	r.SetField(datamix.JSONField("reward", "-1.5"))
	say(filter.MinScore("reward", 0), r, chat("Why?", "Rain."))
	// Output:
	// score_reward
	// no_score_reward
}

func ExampleMaxScore() {
	r := chat("Why?", "Rain.")
	r.SetField(datamix.JSONField("perplexity", "900"))
	say(filter.MaxScore("perplexity", 1500), r)
	// Output: keep
}

func ExampleErr() {
	fmt.Println(filter.Err(filter.Turns(5, 2)))
	// Output: datamix/filter: turns: min is 5 and max is 2: want 0 <= min <= max
}

func ExampleDedup() {
	dedup, err := filter.Dedup(&filter.DedupOptions{By: filter.ByNormalized})
	if err != nil {
		fmt.Println(err)
		return
	}
	for r := range datamix.Chain(sourceOf(chat("Why?", "Rain."), chat("why?", "Rain. "), chat("How?", "Rain.")), dedup).Records(context.Background()) {
		fmt.Println(r.Prompt())
	}
	// Output:
	// Why?
	// How?
}

func ExampleDedupKey_Of() {
	a, b := chat("Why?", "Rain."), chat("Why?", "Snow.")
	fmt.Println(filter.ByPrompt.Of(a) == filter.ByPrompt.Of(b), filter.ByContent.Of(a) == filter.ByContent.Of(b))
	// Output: true false
}

func ExampleRegisterStages() {
	stages := datamix.BuildStages(filter.Registry(nil), nil)
	if err := filter.RegisterStages(stages); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stages.Names())
	// Output: [count dedup on_error parallel where]
}

func ExampleRegistry() {
	spec, err := filter.ParseSpec([]byte(`{"turns": {"max": 2}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := filter.Registry(nil).Build(spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	say(f, chat("Why?", "Rain.", "Oh."))
	// Output: too_many_turns
}

func ExampleParseSpec() {
	spec, err := filter.ParseSpec([]byte(`{"any": ["role_order", {"max_tokens": 4096}]}`))
	fmt.Println(spec.Name, spec.Inner[0].Name, spec.Inner[1].Name, string(spec.Inner[1].Options), err)
	// Output: any role_order max_tokens 4096 <nil>
}

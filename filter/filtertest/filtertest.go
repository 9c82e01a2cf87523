// Package filtertest is the conformance suite for filters of other makers.
package filtertest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/datamix-go/datamix"
)

// Records returns records of all shapes, made anew: chats with and without
// system turns, tools, empty turns and odd characters, and plain texts.
func Records() []*datamix.Record {
	long := strings.Repeat("many words follow each other ", 200)
	call := datamix.Message{Role: datamix.RoleAssistant, ToolCalls: []datamix.ToolCall{{ID: "1", Name: "add", Arguments: `{"a":1}`}}}
	rs := []*datamix.Record{
		datamix.NewChat(datamix.User("Hello?"), datamix.Assistant("Hello.")),
		datamix.NewChat(datamix.System("Be brief."), datamix.User("Why?"), datamix.Assistant("Because."), datamix.User("Oh."), datamix.Assistant("Yes.")),
		datamix.NewChat(datamix.User("Add."), call, datamix.Message{Role: datamix.RoleTool, Content: "1", ToolCallID: "1"}, datamix.Assistant("1")),
		datamix.NewChat(datamix.User("Say nothing."), datamix.Assistant("  ")),
		datamix.NewChat(datamix.User("No answer")),
		datamix.NewChat(datamix.Assistant("I begin.")),
		datamix.NewChat(),
		datamix.NewChat(datamix.User(long), datamix.Assistant(long)),
		datamix.NewChat(datamix.User("Bad \ufffd bytes"), datamix.Assistant("日本語 ответ \u00a0")),
		datamix.NewChat(datamix.User("Harm?"), datamix.Assistant("I'm sorry, but I can't help with that.")),
		datamix.NewChat(datamix.User("Who are you?"), datamix.Assistant("I am ChatGPT, made by OpenAI.")),
		datamix.NewText(""), datamix.NewText(" \n"), datamix.NewText("A plain text."), datamix.NewText(long),
	}
	for i, r := range rs {
		r.Origin = datamix.Origin{Path: "filtertest", Row: int64(i)}
		if i%3 == 0 {
			r.SetLabel("language", "en")
			r.SetLabel("score", "0.5")
		}
	}
	return rs
}

// Run checks that f judges the same record always the same, from several
// goroutines at once too, that it modifies no record, and that its reasons are
// short and can be counted: no digits that depend on the record, no spaces.
func Run(tb testing.TB, f datamix.Filter) {
	tb.Helper()
	ctx := context.Background()
	judge := func(rs []*datamix.Record) (out []datamix.Verdict) {
		for _, r := range rs {
			v, err := f.Check(ctx, r)
			if err != nil {
				v = "error: " + datamix.Verdict(err.Error())
			}
			out = append(out, v)
		}
		return out
	}
	rs := Records()
	want := judge(rs)
	for i, r := range Records() {
		before, _ := r.AppendBinary(nil)
		after, _ := rs[i].AppendBinary(nil)
		if string(before) != string(after) {
			tb.Errorf("record %d was modified", i)
		}
		if v := want[i]; strings.ContainsAny(string(v), " \n") && !strings.HasPrefix(string(v), "error: ") || len(v) > 60 {
			tb.Errorf("the reason %q is a sentence, want a short name", v)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if got := judge(rs); !slices.Equal(got, want) {
					tb.Errorf("verdicts differ: %q and %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

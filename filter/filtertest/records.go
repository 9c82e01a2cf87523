package filtertest

import (
	"strconv"
	"strings"

	"github.com/datamix-go/datamix"
)

// Records returns records of all shapes, made anew: chats with and without
// system turns, tools, reasoning, loss flags, empty turns and odd characters,
// plain texts, rows of a JSON file with columns of all types, repeated records,
// counted records, and texts of many lengths.
func Records() []*datamix.Record {
	rs := append(chats(), texts()...)
	for i, r := range rs {
		r.Origin = datamix.Origin{Path: "filtertest", Row: int64(i), Offset: -1}
		if i%3 == 0 {
			r.SetLabel("language", "en")
			r.SetLabel("score", "0.5")
		}
	}
	again := rs[0].Copy()
	again.Origin.Pass = 1
	counted := rs[1].Copy()
	counted.SetCounts(datamix.Counts{Total: 5_000, Context: 4_000, Final: 1_000, Trainable: 2_000})
	return append(append(rs, again, counted), rows()...)
}

func chats() []*datamix.Record {
	long := strings.Repeat("many words follow each other ", 200)
	call := datamix.Message{Role: datamix.RoleAssistant, ToolCalls: []datamix.ToolCall{{ID: "1", Name: "add", Arguments: `{"a":1}`}}}
	answer := datamix.Message{Role: datamix.RoleTool, Content: "1", ToolCallID: "1", Name: "add"}
	rs := []*datamix.Record{
		datamix.NewChat(datamix.User("Hello?"), datamix.Assistant("Hello.")),
		datamix.NewChat(datamix.System("Be brief."), datamix.User("Why?"), datamix.Assistant("Because."), datamix.User("Oh."), datamix.Assistant("Yes.")),
		datamix.NewChat(datamix.User("Add."), call, answer, datamix.Assistant("1")),
		datamix.NewChat(datamix.User("Think."), datamix.Message{Role: datamix.RoleAssistant, Reasoning: "One and one.", Content: "Two."}),
		datamix.NewChat(datamix.User("Say nothing."), datamix.Assistant("  ")),
		datamix.NewChat(datamix.User("No answer")),
		datamix.NewChat(datamix.Assistant("I begin.")),
		datamix.NewChat(datamix.Message{Role: "developer", Content: "d"}, datamix.User("u"), datamix.Assistant("a"), datamix.User("the end")),
		datamix.NewChat(datamix.User("learn me"), datamix.Message{Role: datamix.RoleAssistant, Content: "not me", Train: datamix.TrainNo}),
		datamix.NewChat(datamix.Message{Role: datamix.RoleUser, Content: "learn me", Train: datamix.TrainYes}, datamix.Assistant("and me")),
		datamix.NewChat(),
		datamix.NewChat(datamix.User(long), datamix.Assistant(long)),
		datamix.NewChat(datamix.User("Bad \ufffd bytes \xff"), datamix.Assistant("日本語 ответ \u00a0 İſK")),
		datamix.NewChat(datamix.User("Harm?"), datamix.Assistant("I'm sorry, but I can't help with that.")),
		datamix.NewChat(datamix.User("Who are you?"), datamix.Assistant("I am ChatGPT, made by OpenAI.")),
	}
	for n := 1; n < 3000; n *= 3 {
		rs = append(rs, datamix.NewChat(datamix.User(strings.Repeat("ab ", n)), datamix.Assistant(strings.Repeat("ç ", n))))
	}
	return rs
}

func texts() []*datamix.Record {
	rs := []*datamix.Record{datamix.NewText(""), datamix.NewText(" \n"), datamix.NewText("A plain text.")}
	for n := 1; n < 3000; n *= 5 {
		rs = append(rs, datamix.NewText(strings.Repeat("Lines of text.\n", n)))
	}
	return rs
}

// rows returns records as a source makes them, with columns.
func rows() (rs []*datamix.Record) {
	arena := &datamix.Arena{}
	for i, text := range []string{
		`{"id":"a","messages":[],"language":"en","score":0.25,"license":"mit","topic":null}`,
		`{"id":"b","messages":[],"language":"de","score":"0.75","tags":["x",1,{"y":null}],"nested":{"score":1}}`,
		`{"id":"c","messages":[],"language":"caf\u00e9\n","score":12345678901234567890,"flag":true}`,
		`{"id":"d","messages":[],"language":"","score":"high"}`,
	} {
		r, err := arena.JSON([]byte(text), datamix.Origin{Path: "filtertest.jsonl", Row: int64(i), Offset: int64(i * 100)})
		if err != nil {
			panic("filtertest: row " + strconv.Itoa(i) + ": " + err.Error())
		}
		ms := r.NewMessages(2)
		ms[0], ms[1] = datamix.User("Row?"), datamix.Assistant("Row "+strings.Repeat("row ", i*7))
		r.Adapt(ms, "messages")
		rs = append(rs, r)
	}
	return rs
}

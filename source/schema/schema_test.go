package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

func row(t testing.TB, raw string) *datamix.Record {
	t.Helper()
	r, err := (&datamix.Arena{}).JSON([]byte(raw), datamix.Origin{Path: "rows.jsonl"})
	require.NoError(t, err, raw)
	return r
}

// adapt returns the records of a row, each as dump shows it.
func adapt(t testing.TB, a schema.Adapter, raw string) []string {
	t.Helper()
	var out []string
	require.NoError(t, a.Adapt(row(t, raw), func(r *datamix.Record) { out = append(out, dump(r)) }), raw)
	return out
}

// dump shows a record in a line: turns, tools, and behind "+" the columns that
// are Extra.
func dump(r *datamix.Record) string {
	var b strings.Builder
	if r.IsText() {
		fmt.Fprintf(&b, "text=%q", r.Text())
	}
	for i, m := range r.Messages() {
		if i > 0 {
			b.WriteString(" / ")
		}
		fmt.Fprintf(&b, "%s:%s", m.Role, strings.ReplaceAll(m.Content, "\n", "~"))
		for _, x := range [][2]string{{"reason", m.Reasoning}, {"name", m.Name}, {"id", m.ToolCallID}} {
			if x[1] != "" {
				fmt.Fprintf(&b, " %s=%s", x[0], x[1])
			}
		}
		for _, c := range m.ToolCalls {
			fmt.Fprintf(&b, " call %s:%s(%s)", c.ID, c.Name, c.Arguments)
		}
		for _, p := range m.Parts {
			fmt.Fprintf(&b, " [%s %s]", p.Type, p.Text)
		}
		for _, f := range m.Extra {
			fmt.Fprintf(&b, " {%s=%s}", f.Name, f.JSON())
		}
		b.WriteString([]string{"", " yes", " no"}[m.Train])
	}
	if r.Tools() != "" {
		b.WriteString(" tools=" + r.Tools())
	}
	for l, v := range r.Labels() {
		fmt.Fprintf(&b, " #%s=%s", l, v)
	}
	for f := range r.Extra() {
		b.WriteString(" +" + f.Name)
	}
	return b.String()
}

var rows = []struct{ name, schema, raw, want string }{
	// messages
	{"openai", "messages", `{"id":1,"messages":[{"role":"system","content":"s"},{"content":"h\u00e9","role":"user"},{"role":"assistant","content":"a"}]}`,
		"system:s / user:hé / assistant:a +id"},
	{"developer and tool", "messages", `{"messages":[{"role":"developer","content":"d"},{"role":"USER","content":"q"},{"role":"tool","content":"r","tool_call_id":"c1","name":"f"}]}`,
		"developer:d / user:q / tool:r name=f id=c1"},
	{"calls", "messages", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"n\": 9007199254740993}"}},{"function":{"name":"g","arguments":{"b":1,"a":[1,"x"]}}},{"name":"h"}]}]}`,
		`user:q / assistant: call c1:f({"n": 9007199254740993}) call :g({"b":1,"a":[1,"x"]}) call :h({})`},
	{"arguments that are no JSON", "messages", `{"messages":[{"role":"assistant","tool_calls":[{"name":"f","arguments":"{n: 1"},{"name":"g","arguments":""},{"name":"h","arguments":null,"input":{"k":1}}]}]}`,
		`assistant: call :f("{n: 1") call :g({}) call :h({"k":1})`},
	{"legacy function call", "messages", `{"messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}]}`,
		`assistant: call :f({}) / tool:r name=f`},
	{"reasoning", "messages", `{"messages":[{"role":"assistant","content":"a","reasoning_content":"why"},{"role":"assistant","thinking":"t","content":"b"},{"role":"assistant","content":null,"reasoning":"only"}]}`,
		"assistant:a reason=why / assistant:b reason=t / assistant: reason=only"},
	{"loss flags", "messages", `{"messages":[{"role":"user","content":"a","train":true},{"role":"assistant","content":"b","weight":0},{"role":"assistant","content":"c","loss_weight":0.0},{"role":"assistant","content":"d","loss":false,"training":null},{"role":"assistant","content":"e","weight":0.5},{"role":"assistant","content":"f","weight":1}]}`,
		"user:a yes / assistant:b no / assistant:c no / assistant:d no / assistant:e {weight=0.5} yes / assistant:f yes"},
	{"extra keys", "messages", `{"messages":[{"role":"user","content":"a","turn":3,"from":"x","toxic":null}]}`,
		`user:a {turn=3} {toxic=null} {from="x"}`},
	{"null tools and empty names", "messages", `{"messages":[{"role":"assistant","content":"a","tool_calls":null,"name":null,"function_call":null}],"tools":null}`,
		"assistant:a +tools"},
	{"parts", "messages", `{"messages":[{"role":"user","content":[{"type":"text","text":"a "},{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"b"}]},{"role":"assistant","content":["x","y",{"type":"text","text":null,"value":"z"}]}]}`,
		"user:a b [text a ] [image_url ] [text b] / assistant:xyz [text x] [text y] [text z]"},
	{"typed parts", "messages", `{"messages":[{"role":"assistant","loss_weight":1.0,"content":[{"type":"reasoning","value":"r"},{"type":"text","value":"t"},{"type":"tool_call","value":"{\"name\":\"f\",\"arguments\":{\"a\":1}}"},{"type":"tool_call","value":{"name":"g","arguments":{}}}]}]}`,
		`assistant:t reason=r call :f({"a":1}) call :g({}) [reasoning r] [text t] [tool_call ] [tool_call ] yes`},
	{"tool use part", "messages", `{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"tool_use","id":"u","name":"f","input":{"x":1}}],"reasoning":"also"}]}`,
		`assistant: reason=hm call u:f({"x":1}) [thinking hm] [tool_use ] {reasoning="also"}`},
	{"as a string", "messages", `{"messages":"[{\"role\":\"user\",\"content\":\"a\\nb\"}]","tools":" [{\"name\":\"f\"}]"}`,
		`user:a~b tools=[{"name":"f"}]`},
	{"beside a prompt and a text", "messages", `{"prompt":"q","text":"x","messages":[{"role":"user","content":"q"}],"category":"c"}`,
		"user:q +prompt +text +category"},
	{"system column", "messages", `{"system_prompt":"be kind","messages":[{"role":"user","content":"q"}]}`, "system:be kind / user:q"},
	{"system column and turn", "messages", `{"system":"x","messages":[{"role":"system","content":"y"}]}`, "system:y +system"},
	{"empty system", "messages", `{"system":"","messages":[{"role":"user","content":""}],"tools":[]}`, "user: +system +tools"},
	{"white space", "messages", "{ \"messages\" : [ { \"role\" : \"user\" , \"content\" : \"a\" } ] }", "user:a"},

	// sharegpt
	{"sharegpt", "sharegpt", `{"id":"x","conversations":[{"from":"human","value":"q"},{"from":"gpt","value":""},{"from":"chatgpt","value":"b"}],"tools":"[]"}`,
		"user:q / assistant: / assistant:b +id +tools"},
	{"function call turns", "sharegpt", `{"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{\"a\":[1,\"b\"]}}"},{"from":"observation","value":"{\"r\":1}"},{"from":"tool_call","value":"[{\"name\":\"g\",\"arguments\":{}},{\"name\":\"h\"}]"}],"tools":"[{\"name\":\"f\"}]"}`,
		`user:q / assistant: call :f({"a":[1,"b"]}) / tool:{"r":1} / assistant: call :g({}) call :h({}) tools=[{"name":"f"}]`},
	{"conversation of roles", "sharegpt", `{"conversation":[{"role":"user","content":"q","hashed_ip":"1"},{"role":"assistant","content":"a"}],"model":"m","turn":1}`,
		`user:q {hashed_ip="1"} / assistant:a +model +turn`},
	{"weights", "sharegpt", `{"system":"s","conversations":[{"from":"system","value":"t"},{"from":"human","value":"q","weight":null},{"from":"gpt","value":"a","weight":0}]}`,
		"system:t / user:q / assistant:a no +system"},

	// lists of texts
	{"alternating", "strings", `{"conversations":["a","b","c"],"source":"s"}`, "user:a / assistant:b / user:c +source"},
	{"data", "strings", `{"id":"0","data":["a","b"]}`, "user:a / assistant:b +id"},
	{"turns", "turns", `{"question_id":1,"turns":["a","b"],"reference":["x"]}`, "user:a / user:b +question_id +reference"},

	// exchanges
	{"alpaca", "alpaca", `{"instruction":"i","input":"","output":"o"}`, "user:i / assistant:o +input"},
	{"alpaca input", "alpaca", `{"instruction":"i","input":"n","output":"o","text":"rendered: i n o"}`, "user:i~~n / assistant:o +text"},
	{"two answers", "alpaca", `{"instruction":"i","input":null,"response":"r","output":"o"}`, "user:i / assistant:o +input +response"},
	{"empty first answer", "alpaca", `{"instruction":"i","response":"r","output":""}`, "user:i / assistant:r +output"},
	{"history", "alpaca", `{"system":"s","instruction":"i","output":"o","history":[["a","b"],["c","d"]]}`, "system:s / user:a / assistant:b / user:c / assistant:d / user:i / assistant:o"},
	{"context", "alpaca", `{"instruction":"i","context":"c","response":"r","category":"k"}`, "user:i~~c / assistant:r +category"},
	{"number", "alpaca", `{"instruction":"i","input":12,"output":-2.50}`, "user:i~~12 / assistant:-2.50"},
	{"number beside a text", "alpaca", `{"instruction":"i","output":42,"text":"i: 42"}`, "user:i / assistant:42 +text"},
	{"integer answer", "question_answer", `{"question":"q","answer":12345678901234567890}`, "user:q / assistant:12345678901234567890"},
	{"bool answer", "question_answer", `{"question":"q","answer":false}`, "user:q / assistant:false"},
	{"empty output", "alpaca", `{"instruction":"i","output":""}`, "user:i / assistant:"},
	{"question", "question_answer", `{"question":"q","answer":"a","choices":null}`, "user:q / assistant:a +choices"},
	{"question in context", "question_answer", `{"question":"q","context":"CREATE","answer":"SELECT"}`, "user:CREATE~~q / assistant:SELECT"},
	{"system prompt", "question_answer", `{"id":1,"system_prompt":"s","question":"q","response":"a"}`, "system:s / user:q / assistant:a +id"},
	{"generated solution", "question_answer", `{"question":"q","answer":"4","generated_solution":"2+2=4"}`, "user:q / assistant:2+2=4 +answer"},
	{"other case", "question_answer", `{"Type":"t","Question":"q","Best Answer":"b","Correct Answers":"b; c"}`, "user:q / assistant:b +Type +Correct Answers"},
	{"accepted answers", "question_answer", `{"question":"q","answers":["a","b"],"ctxs":[{"text":"t"}]}`, "user:q / assistant:a +ctxs"},
	{"answers with offsets", "question_answer", `{"question":"q","context":"c","answers":{"text":["a"],"answer_start":[1]}}`, "user:c~~q / assistant:a"},
	{"query", "query_response", `{"query":"q","response":"r","type":"t"}`, "user:q / assistant:r +type"},
	{"problem", "problem_solution", `{"problem":"p","solution":"s","answer":"1"}`, "user:p / assistant:s +answer"},
	{"prompt", "prompt_completion", `{"prompt":"p","completion":"c","label":true}`, "user:p / assistant:c +label"},
	{"prompt lists", "prompt_completion", `{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"p"}],"completion":[{"role":"assistant","content":"c"}],"system":"x"}`,
		"system:s / user:p / assistant:c +system"},
	{"humaneval", "prompt_completion", `{"task_id":"t","prompt":"def f():\n","canonical_solution":"    pass","test":"x"}`, "user:def f():~ / assistant:    pass +task_id +test"},
	{"upper case", "user_assistant", `{"USER":"u","ASSISTANT":"a"}`, "user:u / assistant:a"},
	{"adversarial", "vanilla_adversarial", `{"vanilla":"v","adversarial":"","completion":"c"}`, "user:v / assistant:c +adversarial"},
	{"input", "input_output", `{"input":"i","target":"t"}`, "user:i / assistant:t"},
	{"input list", "input_output", `{"input":[{"role":"user","content":"i"}],"output":"o","license":"l"}`, "user:i / assistant:o +license"},
	{"inputs", "input_output", `{"inputs":"i","targets":"t","language":"x"}`, "user:i / assistant:t +language"},
	{"dialogue", "summary", `{"dialogue":"d","summary1":"s","topic1":"t","summary2":"u"}`, "user:d / assistant:s +topic1 +summary2"},
	{"document", "summary", `{"document":"d","summary":"s"}`, "user:d / assistant:s"},
	{"sql", "text_to_sql", `{"db_id":"d","query":"SELECT 1","question":"q"}`, "user:q / assistant:SELECT 1 +db_id"},
	{"mbpp", "mbpp", `{"task_id":1,"text":"t","code":"c","test_list":[]}`, "user:t / assistant:c +task_id +test_list"},

	// the rest
	{"instances", "instances", `{"instruction":"i","instances":[{"input":"n","output":"o"},{"input":"","output":"p"}],"is_classification":false}`,
		"user:i~~n / assistant:o +is_classification"},
	{"bfcl", "bfcl", `{"id":"1","question":[[{"role":"system","content":"s"},{"role":"user","content":"a"}],[],[{"role":"user","content":"b"}]],"function":[{"name":"f"}]}`,
		`system:s / user:a / user:b tools=[{"name":"f"}] +id`},
	{"tool answers", "tool_answers", `{"query":"q","tools":"[{\"name\":\"f\"}]","answers":"[{\"name\":\"f\",\"arguments\":{\"a\":1}}]"}`,
		`user:q / assistant: call :f({"a":1}) tools=[{"name":"f"}]`},
	{"request", "request", `{"doc":{"query":"x"},"request":{"context":"c","continuation":" d"},"label":0}`, "user:c / assistant: d +doc +label"},
	{"choices", "multiple_choice", `{"question":"q","subject":"s","choices":["x","y"],"answer":1}`, "user:q~A. x~B. y / assistant:B +subject"},
	{"choices in columns", "multiple_choice", `{"question":"q","A":"x","B":"y","C":"z","answer":"C"}`, "user:q~A. x~B. y~C. z / assistant:C"},
	{"labelled choices", "multiple_choice", `{"question":"q","choices":{"text":["x","y"],"label":["1","2"]},"answerKey":"2"}`, "user:q~1. x~2. y / assistant:2"},
	{"choices by letter", "multiple_choice", `{"question":"q","options":{"A":"x","B":"y"},"answer":"y","answer_idx":"B"}`, "user:q~A. x~B. y / assistant:B +answer_idx"},
	{"preference lists", "preference", `{"prompt":"p","chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"c"}],"rejected":[],"messages":[]}`,
		"user:p / assistant:c +prompt +rejected +messages"},
	{"preference texts", "preference", `{"system":"s","question":"p","chosen":"[1] c","rejected":"r"}`, "system:s / user:p / assistant:[1] c +rejected"},
	{"preference turns", "preference", `{"conversations":[{"from":"human","value":"p"}],"chosen":{"from":"gpt","value":"c"},"rejected":{"from":"gpt","value":"r"}}`,
		"user:p / assistant:c +rejected"},
	{"preference answers", "preference", `{"prompt":[{"role":"user","content":"p"}],"chosen":[{"role":"assistant","content":"c"}],"rejected":[]}`, "user:p / assistant:c +rejected"},
	// exchanges and transcripts
	{"pairs", "exchanges", `{"source":"s","conversation":[{"input":"q","output":"a"},{"input":"r","output":"b"}]}`, "user:q / assistant:a / user:r / assistant:b +source"},
	{"pairs with a system", "exchanges", `{"conversation":[{"system":"s","human":"q","assistant":"a"},{"system":"","human":"r","assistant":"b"}]}`,
		"system:s / user:q / assistant:a / user:r / assistant:b"},
	{"pairs of texts", "exchanges", `{"system":"s","data":[["q","a"],["r","b"]]}`, "system:s / user:q / assistant:a / user:r / assistant:b"},
	{"hh transcripts", "preference", `{"chosen":"\n\nHuman: q\n\nmore\n\nAssistant: a\nHuman: is one\n\nHuman: r\n\nAssistant: b","rejected":"\n\nHuman: q\n\nAssistant: c"}`,
		"user:q~~more / assistant:a~Human: is one / user:r / assistant:b +rejected"},
	{"hh prompt", "preference", `{"prompt":"\n\nHuman: q\n\nAssistant: a\n\nHuman: r\n\nAssistant:","chosen":" b","rejected":" c"}`,
		"user:q / assistant:a / user:r / assistant:b +rejected"},
	{"preference with an input", "preference", `{"instruction":"i","input":"n","history":[["a","b"]],"system":"s","chosen":"c","rejected":"r"}`,
		"system:s / user:a / assistant:b / user:i~~n / assistant:c +rejected"},
	{"preference responses", "preference", `{"prompt":"p","chosen_response":"c","rejected_response":"r"}`, "user:p / assistant:c +rejected_response"},
	{"glaive", "transcript", `{"system":"SYSTEM: You help. Use them if required -\n{\n \"name\": \"f\"}\n\n{\"name\":\"g}\"}\n","chat":"USER: hi\n\n\nASSISTANT: Sure. <functioncall> {\"name\": \"f\", \"arguments\": '{\"a\": \"it's\"}'} <|endoftext|>\n\n\nFUNCTION RESPONSE: {\"x\": 2}\n\n\nASSISTANT: Two. <|endoftext|>"}`,
		"system:You help. Use them if required - / user:hi / assistant:Sure. call :f({\"a\": \"it's\"}) / tool:{\"x\": 2} / assistant:Two. tools=[{\n \"name\": \"f\"},{\"name\":\"g}\"}]"},
	{"transcript by lines", "transcript", `{"conversation":"### Human: q\n### Assistant: a","id":1}`, "user:q / assistant:a +id"},
	{"broken call", "transcript", `{"chat":"USER: q\n\nASSISTANT: <functioncall> {\"name\": f}"}`, "user:q / assistant:<functioncall> {\"name\": f}"},

	// flags, roles and parts in other spellings
	{"flags in words", "messages", `{"messages":[{"role":"user","content":"q","trainable":"false"},{"role":"assistant","content":"a","train_on_turn":true},{"role":"assistant","content":"b","loss_mask":"0"}]}`,
		"user:q no / assistant:a yes / assistant:b no"},
	{"roles in words", "sharegpt", `{"conversations":[{"from":"Human","value":"q"},{"from":"Function-Call","value":"{\"name\":\"f\"}"},{"from":"Tool Response","value":"r"},{"from":"environment","value":"e"}]}`,
		"user:q / assistant: call :f({}) / tool:r / tool:e"},
	{"tool result", "messages", `{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"42"}]}]}]}`,
		"tool:42 id=t1 [tool_result 42]"},

	// more columns
	{"accepted objects", "question_answer", `{"question":"q","answers":[{"text":"a","pm_score":1},{"text":"b"}]}`, "user:q / assistant:a"},
	{"solution", "question_answer", `{"solution":"s","question":"q","thinking_trajectories":["t"]}`, "user:q / assistant:s +thinking_trajectories"},
	{"camel", "message_pair", `{"role_1":"r","topic":"t","message_1":"q","message_2":"a"}`, "user:q / assistant:a +role_1 +topic"},
	{"definition", "input_output", `{"definition":"d","inputs":"i","targets":"t"}`, "user:d~~i / assistant:t"},
	{"passage and choices", "multiple_choice", `{"article":"p","question":"q","options":["x","y"],"answer":"B"}`, "user:p~~q~A. x~B. y / assistant:B"},
	{"abstract", "summary", `{"article":"d","abstract":"s"}`, "user:d / assistant:s"},
	{"code", "code", `{"code":"x = 1","repo_name":"r","path":"p","language":"Python"}`, `text="x = 1" +repo_name +path +language`},
	{"text", "text", `{"id":"1","text":"t","source":"s","metadata":{}}`, `text="t" +id +source +metadata`},
	{"text of a prompt", "text", `{"prompt":"make it","text":" t","seed_data":"s"}`, `text=" t" +prompt +seed_data`},
	{"content", "text", `{"content":"package x","path":"x.go"}`, `text="package x" +path`},
	{"apibench", "apibench", `{"code":"c","api_call":"f()"}`, `text="c" +api_call`},
	{"prompt alone", "prompt", `{"key":1,"prompt":"p","kwargs":[{}]}`, "user:p +key +kwargs"},
	{"instruction alone", "instruction", `{"instruction":"i","input":"n"}`, "user:i~~n"},
}

func TestSchemas(t *testing.T) {
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			name, a, err := schema.Detect(row(t, c.raw))
			require.NoError(t, err)
			assert.Equal(t, c.schema, name)
			assert.Equal(t, []string{c.want}, adapt(t, a, c.raw))
			if strings.Contains(strings.ToLower(c.raw), c.raw) { // names in lower case are found by name too
				byName, err := schema.ByName(name)
				require.NoError(t, err)
				assert.Equal(t, []string{c.want}, adapt(t, byName, c.raw))
			}
		})
	}
}

func TestEverySchemaHasRows(t *testing.T) {
	for _, name := range schema.Names() {
		if name == "oasst_tree" || name == "oasst_messages" { // see TestTrees and TestJoin
			continue
		}
		assert.True(t, slices.ContainsFunc(rows, func(r struct{ name, schema, raw, want string }) bool { return r.schema == name }), name)
	}
}

func TestRowsOfText(t *testing.T) {
	fields := []datamix.Field{datamix.TextField("", "0"), datamix.TextField("messages", `[{"role":"user","content":"a"}]`), datamix.TextField("tools", "hammer")}
	r, err := (*datamix.Arena)(nil).Row(fields, datamix.Origin{})
	require.NoError(t, err)
	name, a, err := schema.Detect(r)
	require.NoError(t, err)
	assert.Equal(t, "messages", name)
	require.NoError(t, a.Adapt(r, func(r *datamix.Record) { assert.Equal(t, "user:a + +tools", dump(r)) }))
}

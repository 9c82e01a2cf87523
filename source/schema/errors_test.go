package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

func TestAdaptErrors(t *testing.T) {
	for _, c := range []struct{ schema, raw, want string }{
		{"messages", `{"id":1}`, `the row has no column "messages"; it has id (number)`},
		{"messages", `{}`, `the row has no column "messages"; it has none`},
		{"messages", `{"messages":null}`, `the column "messages" is null, want a value`},
		{"messages", `{"messages":3}`, `messages is a number, want a list of messages`},
		{"messages", `{"messages":"hello"}`, `messages is a string, want a list of messages`},
		{"messages", `{"messages":"[{"}`, `messages is a string that is not valid JSON: invalid JSON at byte 2`},
		{"messages", `{"messages":{"role":"user"}}`, `messages is an object, want a list of messages`},
		{"messages", `{"messages":[]}`, `messages is an empty list of messages`},
		{"messages", `{"messages":[{"role":"user","content":"a"},7]}`, `messages[1] is a number, want a message: an object`},
		{"messages", `{"messages":[{"role":"user","content":"a"},"b"]}`, `messages[1] is a string, want a message: an object`},
		{"messages", `{"messages":["a",{"role":"user","content":"a"},null]}`, `messages[2] is null, want a message: an object`},
		{"messages", `{"messages":[{"content":"a"}]}`, `messages[0] has no role: want the key "role" or "from"`},
		{"messages", `{"messages":[{"role":null,"content":"a"}]}`, `messages[0] has no role`},
		{"messages", `{"messages":[{"role":1,"content":"a"}]}`, `messages[0].role is a number, want string`},
		{"sharegpt", `{"conversations":[{"from":"narrator","value":"a"}]}`, `conversations[0].from is "narrator", an unknown role; known: system, developer, user,`},
		{"sharegpt", `{"conversations":[{"from":"narrator","value":"a"}]}`, `map others with the option Roles`},
		{"messages", `{"messages":[{"role":"user","content":5}]}`, `messages[0].content is a number, want string or a list of parts`},
		{"messages", `{"messages":[{"role":"user"}]}`, `messages[0] has no content: want the key "content" or "value"`},
		{"sharegpt", `{"conversations":[{"from":"gpt","value":null}]}`, `conversations[0].value is null, and the turn calls no tool`},
		{"messages", `{"messages":[{"role":"assistant","content":null,"tool_calls":[]}]}`, `messages[0].content is null, and the turn calls no tool`},
		{"messages", `{"messages":[{"role":"user","content":"\ud800"}]}`, `messages[0].content cannot be decoded: invalid JSON at byte 1: lone surrogate`},
		{"messages", `{"messages":[{"role":"user","role":"user","content":"a"}]}`, `messages[0] has the key "role" twice`},
		{"messages", `{"messages":[{"role":"user","x":1,"content":"a","x":2}]}`, `messages[0] has the key "x" twice`},
		{"messages", `{"messages":[{"role":"user","content":"a","name":{}}]}`, `messages[0].name is an object, want string`},
		{"messages", `{"messages":[{"role":"user","content":"a","weight":"high"}]}`, `messages[0].weight is a string, want bool or number`},
		{"messages", `{"messages":[{"role":"user","content":"a","weight":1,"train":false}]}`, `messages[0].weight is 1, but another loss flag of the turn says the contrary`},
		{"messages", `{"messages":[{"role":"user","content":[{"text":"a"}]}]}`, `messages[0].content[0] has no "type"`},
		{"messages", `{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text"}]}]}`, `messages[0].content[1] is a part of type "text" without text`},
		{"messages", `{"messages":[{"role":"user","content":[{"type":"text","text":1}]}]}`, `messages[0].content[0].text is a number, want string`},
		{"messages", `{"messages":[{"role":"user","content":[3]}]}`, `messages[0].content[0] is a number, want an object`},
		{"messages", `{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{}"}}]}]}`, `messages[0].tool_calls[0] is a call without a "name"`},
		{"messages", `{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":1}}]}]}`, `messages[0].tool_calls[0].name is a number, want string`},
		{"messages", `{"messages":[{"role":"assistant","tool_calls":5}]}`, `messages[0].tool_calls is a number, want a call of a tool or a list of calls`},
		{"messages", `{"messages":[{"role":"assistant","function_call":"f"}]}`, `messages[0].function_call is a text that holds no JSON, want a call`},
		{"sharegpt", `{"conversations":[{"from":"function_call","value":"{\"name\":\"f\""}]}`, `conversations[0].value is a call that is not valid JSON: invalid JSON at byte 11`},
		{"sharegpt", `{"conversations":[{"from":"function_call","value":"[]"}]}`, `conversations[0].value holds no call of a tool`},
		{"sharegpt", `{"conversations":[{"from":"function_call"}]}`, `conversations[0].content is missing or null, want a call of a tool`},
		{"sharegpt", `{"conversations":[{"from":"human","value":"a"}],"tools":"[{"}`, `tools is a string that is not valid JSON`},
		{"sharegpt", `{"conversations":[{"from":"human","value":"a"}],"system":["x"]}`, `system is an array, want string`},
		{"exchanges", `{"conversation":[{"input":"a","output":1}]}`, `conversation[0].output is a number, want string`},
		{"exchanges", `{"conversation":[{"input":"a","output":"b"},{"role":"user","content":"c"}]}`, `conversation[1] is an object, want an exchange, as the first element is`},
		{"exchanges", `{"data":[["a","b"],["c"]]}`, `data[1] is an array, want an exchange`},
		{"exchanges", `{"conversation":[{"system":1,"input":"a","output":"b"}]}`, `conversation[0].system is a number, want string`},
		{"transcript", `{"chat":"hello"}`, `chat is a string, want a list of messages`},
		{"transcript", `{"chat":"Assistant: a\n\nHuman: q"}`, `chat is a string, want a list of messages`},
		{"strings", `{"data":["a",2]}`, `data[1] is a number, want a message: an object`},
		{"turns", `{"turns":["a",2]}`, `turns[1] is a number, want string`},

		{"alpaca", `{"instruction":"i"}`, `the row has no column "output" or "response" or "completion"`},
		{"alpaca", `{"instruction":"i","output":null}`, `the column "output" is null, want a value`},
		{"alpaca", `{"instruction":["i"],"output":"o"}`, `instruction is an array, want string`},
		{"alpaca", `{"instruction":"i","input":{"a":5},"output":"o"}`, `input is an object, want string`},
		{"alpaca", `{"instruction":"i","output":"o","history":[["a"]]}`, `history[0] has 1 elements, want the user's text and the assistant's`},
		{"alpaca", `{"instruction":"i","output":"o","history":[["a",1]]}`, `history[0][1] is a number, want string`},
		{"alpaca", `{"instruction":"i","output":"o","history":"x"}`, `history is a string, want a list of exchanges`},
		{"question_answer", `{"question":"q","answers":[]}`, `answers is an empty list of answers`},
		{"question_answer", `{"question":"q","answers":[3]}`, `answers[0] is a number, want string`},
		{"question_answer", `{"question":"q","answers":{"a":"b"}}`, `answers is an object, want string or a list of answers`},
		{"prompt_completion", `{"prompt":[],"completion":"c"}`, `prompt is an empty list of messages`},
		{"prompt_completion", `{"prompt":[{"role":"user"}],"completion":"c"}`, `prompt[0] has no content`},
		{"text", `{"text":1}`, `text is a number, want string`},
		{"text", `{"body":"b"}`, `the row has no column "text" or "raw_content" or "content" or "document"; it has body (string)`},
		{"instances", `{"instruction":"i","instances":[]}`, `instances is an empty list of instances`},
		{"instances", `{"instruction":"i","instances":"x"}`, `instances is a string, want a list of instances`},
		{"instances", `{"instruction":"i","instances":[{"input":"n"}]}`, `instances[0] has no "output"`},
		{"instances", `{"instruction":"i","instances":[{"input":1,"output":"o"}]}`, `instances[0].input is a number, want string`},
		{"bfcl", `{"question":[[]]}`, `question holds no message`},
		{"bfcl", `{"question":[[{"role":"user","content":"a"}],[{"role":"user"}]]}`, `question[1][0] has no content`},
		{"tool_answers", `{"query":"q","tools":"[]","answers":"[]"}`, `answers holds no call of a tool`},
		{"request", `{"request":{"context":"c"}}`, `request has no "continuation"`},
		{"request", `{"request":{"context":"c","continuation":1}}`, `request.continuation is a number, want string`},
		{"preference", `{"chosen":"c","rejected":"r"}`, `chosen holds an answer without its prompt`},
		{"preference", `{"chosen":[],"rejected":[]}`, `chosen is an empty list of messages`},
		{"preference", `{"prompt":"p","chosen":5,"rejected":6}`, `chosen is a number, want string`},
		{"multiple_choice", `{"question":"q","choices":["a","b"],"answer":2}`, `answer is 2, want the index of one of 2 choices`},
		{"multiple_choice", `{"question":"q","choices":["a","b"],"answer":"z"}`, `answer is "z", which is none of the choices`},
		{"multiple_choice", `{"question":"q","choices":[],"answer":0}`, `choices has 0 choices, want 1 to 26`},
		{"multiple_choice", `{"question":"q","choices":{"text":["a"],"label":["A","B"]},"answer":"A"}`, `choices has 2 labels for 1 choices`},
		{"multiple_choice", `{"question":"q","A":"a","answer":"A"}`, `the row has no list of choices: want the column choices or options, or A, B and so on; it has question (string)`},
		{"oasst_tree", `{"prompt":{"role":"prompter","text":"q","deleted":true,"replies":[]}}`, `the first message of the tree is deleted or was rejected in review`},
		{"oasst_tree", `{"prompt":{"role":"prompter","text":"q","replies":[]}}`, `no reply of an assistant is left in the tree`},
		{"oasst_tree", `{"prompt":{"role":"prompter","text":"q","replies":[{"role":"assistant","text":1}]}}`, `prompt.replies[0].text is a number, want string`},
		{"oasst_tree", `{"prompt":{"role":"prompter","text":"q","replies":[{"text":"a"}]}}`, `prompt.replies[0] has no "role"`},
		{"oasst_tree", `{"prompt":{"role":"prompter","text":"q","replies":[{"role":"assistant","text":"a","rank":"x"}]}}`, `prompt.replies[0].rank is a string, want number`},
		{"oasst_tree", `{"text":"q"}`, `the row has no column "prompt" or "role"`},
	} {
		a, err := schema.ByName(c.schema)
		require.NoError(t, err)
		r := row(t, c.raw)
		err = a.Adapt(r, func(*datamix.Record) { t.Error("emitted a bad row: " + c.raw) })
		assert.ErrorContains(t, err, c.want, c.raw)
		for _, f := range r.Fields() {
			assert.Contains(t, extra(r), f.Name, "after an error another adapter must find the row as it was: %s", c.raw)
		}
		assert.Empty(t, r.Messages())
	}
}

func extra(r *datamix.Record) (names []string) {
	for f := range r.Extra() {
		names = append(names, f.Name)
	}
	return names
}

func TestNewErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		options schema.Options
		want    string
	}{
		{"messages", schema.Options{Tree: "all"}, "schema messages: the option tree does not apply to it"},
		{"messages", schema.Options{Instances: "all"}, "the option instances does not apply"},
		{"alpaca", schema.Options{TopK: 3}, "the option top_k does not apply"},
		{"instances", schema.Options{Roles: map[string]string{"x": "user"}}, "the option roles does not apply"},
		{"instances", schema.Options{Instances: "some"}, `unknown instances "some", want first or all`},
		{"oasst_tree", schema.Options{Tree: "worst"}, `unknown tree "worst", want best, top_k or all`},
		{"oasst_tree", schema.Options{Tree: "top_k"}, `the option tree: top_k needs a top_k of at least 1, not 0`},
		{"oasst_tree", schema.Options{TopK: 2}, `the option top_k of 2 needs the option tree to be top_k`},
		{"messages", schema.Options{Roles: map[string]string{"x": "boss"}}, `maps "x" to the unknown role "boss"`},
	} {
		_, err := schema.New(c.name, &c.options)
		assert.ErrorContains(t, err, c.want)
	}
	_, err := schema.ByName("alpacca")
	require.ErrorIs(t, err, datamix.ErrUnknownName)
	assert.ErrorContains(t, err, `"alpacca"; known: oasst_tree, oasst_messages, preference,`)
}

func TestRoles(t *testing.T) {
	a, err := schema.New("sharegpt", &schema.Options{Roles: map[string]string{"Narrator": "human", "gm": "model"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"user:a / assistant:b / tool:c"},
		adapt(t, a, `{"conversations":[{"from":"narrator","value":"a"},{"from":"GM","value":"b"},{"from":"observation","value":"c"}]}`))
}

func TestDetectErrors(t *testing.T) {
	for _, c := range []struct {
		raw  string
		is   error
		want []string
	}{
		{`{"id":1,"ground_truth":[]}`, schema.ErrNoSchema, []string{"the row has id (number), ground_truth (array)", "columns: {user:", "\n  alpaca: instruction, [input|context], output|"}},
		{`{}`, schema.ErrNoSchema, []string{"the row has none"}},
		{`{"message_id":"m","parent_id":null,"role":"prompter","text":"q"}`, schema.ErrNoSchema, nil},
		{`{"message_id":"m","parent_id":null,"role":"prompter","text":"q"}`, schema.ErrNoSchema, []string{"it looks like one message of a conversation"}},
		{`{"message_tree_id":"t","message_id":"m","parent_id":null,"role":"prompter","text":"q"}`, schema.ErrNoSchema, []string{"name the schema oasst_messages"}},
		{`{"text":5}`, schema.ErrNoSchema, nil},
		{`{"prompt":"p","answers":[{"answer":"a","rank":1}]}`, schema.ErrNoSchema, []string{"the row has prompt (string), answers (array)"}},
		{`{"instruction":"i","completions":[{"model":"m","response":"r"}]}`, schema.ErrNoSchema, nil},
		{`{"id":1,"traj":[{"role":"user","content":"q"}]}`, schema.ErrNoSchema, []string{`"traj" looks like a list of messages: ` + "`columns: {messages: traj}`"}},
		{`{"messages":[{"role":"user","content":"a"}],"conversations":[{"from":"human","value":"b"}]}`, schema.ErrAmbiguous,
			[]string{"messages claims messages, sharegpt claims conversations", "columns: {user:"}},
		{`{"text":"t","prompt":"p","completion":"c"}`, schema.ErrAmbiguous, []string{"prompt_completion claims prompt, completion, text claims text"}},
		{`{"question":"q","answer":"a","input":"i","target":"t"}`, schema.ErrAmbiguous, []string{"question_answer claims question, answer, input_output claims input, target"}},
	} {
		_, _, err := schema.Detect(row(t, c.raw))
		require.ErrorIs(t, err, c.is, c.raw)
		for _, want := range c.want {
			assert.ErrorContains(t, err, want)
		}
	}
}

func TestDetectByNullColumns(t *testing.T) {
	for raw, want := range map[string]string{
		`{"messages":null}`:                                "messages",
		`{"prompt":"p","completion":null}`:                 "prompt_completion",
		`{"prompt":"p","Response":null}`:                   "prompt_completion",
		`{"instruction":"i","output":null}`:                "alpaca",
		`{"text":null}`:                                    "text",
		`{"conversations":null,"text":"t"}`:                "text",
		`{"messages":[],"id":1}`:                           "messages",
		`{"messages":"[]"}`:                                "messages",
		`{"TEXT":"t"}`:                                     "text",
		`{"messages":["a"],"conversations":["a"]}`:         "strings",
		`{"prompt":"p","text":"p and c","completion":"c"}`: "prompt_completion",
		`{"instruction":"i","output":"o","prompt":"p"}`:    "alpaca",
	} {
		name, _, err := schema.Detect(row(t, raw))
		require.NoError(t, err, raw)
		assert.Equal(t, want, name, raw)
	}
}

package schema

// tier says how strongly a schema claims a row. Of the schemas that fit, those
// of the first tier win.
type tier int

const (
	exact    tier = iota // columns that mean one thing only; the first that fits wins
	chatList             // a list of messages
	columned             // one exchange in columns
	document             // one text
	lone                 // a prompt that no column answers
)

// definition is one row of the table of schemas.
type definition struct {
	name    string
	columns string // for messages: what the schema reads
	tier    tier
	options []string // the options that apply
	fits    func(v view) []string
	adapter func(*settings) Adapter
}

// definitions is the table of schemas, in the order in which they are tried.
var definitions = []definition{
	{"oasst_tree", "message_tree_id, prompt{replies[]}; or message_id, role, text, replies[]", exact, []string{"tree", "top_k", "roles"},
		fitsTree, func(s *settings) Adapter { return tree{s} }},
	{"oasst_messages", "message_tree_id, message_id, parent_id, role, text: a row for each message; only by name", exact, []string{"tree", "top_k", "roles"},
		func(view) []string { return nil }, func(s *settings) Adapter { return treeRows{tree{s}} }},
	{"preference", "chosen|chosen_response, rejected|rejected_response: messages, transcripts, or texts with a prompt", exact, []string{"roles"},
		fitsPreference, func(s *settings) Adapter { return preference{s} }},
	{"bfcl", "question[[messages]], function[]", exact, []string{"roles"},
		fitsBFCL, func(s *settings) Adapter { return bfcl{s} }},
	{"tool_answers", "query, tools[], answers[] of calls", exact, nil,
		needs("query", "tools", "answers"), func(s *settings) Adapter { return toolAnswers{s} }},
	{"request", "request{context, continuation}", exact, nil,
		fitsRequest, func(s *settings) Adapter { return request{s} }},

	{"exchanges", "conversations|conversation|dialog|messages[{input|human|user, output|assistant}], or these or data[[user, assistant]]", chatList, nil,
		fitsExchanges, newChat("conversations", "conversation", "dialog", "messages", "data")},
	{"messages", "messages[{role, content, ...}]", chatList, []string{"roles"},
		fitsList('{', "messages"), newChat("messages")},
	{"sharegpt", "conversations|conversation|dialog[{from, value}]", chatList, []string{"roles"},
		fitsList('{', "conversations", "conversation", "dialog"), newChat("conversations", "conversation", "dialog")},
	{"strings", "conversations|conversation|dialog|messages|data: texts of user and assistant by turns", chatList, nil,
		fitsList('"', "conversations", "conversation", "dialog", "messages", "data"),
		newChat("conversations", "conversation", "dialog", "messages", "data")},
	{"transcript", "chat|conversation|conversations|dialog: \"Human: ... Assistant: ...\" and the like in one text", chatList, nil,
		fitsTranscript, newChat(transcriptColumns...)},
	{"turns", "turns: texts of the user alone", chatList, nil,
		fitsList('"', "turns"), func(s *settings) Adapter { return &chat{settings: s, columns: []string{"turns"}, userOnly: true} }},

	{"instances", "instruction, instances[{input, output}]", exact, []string{"instances"},
		needs("instruction", "instances"), func(s *settings) Adapter { return instances{s} }},
	{"multiple_choice", "[context|passage|article], question, choices|options or A, B, ..., answer|answerKey|gold|label|target", exact, nil,
		fitsChoice, func(s *settings) Adapter { return choice{s} }},
	exchangeOf("alpaca", []slot{required("instruction"), optional("input", "context")},
		"output", "response", "completion", "answer", "target"),
	exchangeOf("question_answer", []slot{optional("context"), required("question")},
		"generated_solution", "solution", "answer", "best_answer", "correct_answer", "response", "output", "completion", "answers"),
	exchangeOf("query_response", []slot{required("query")}, "response", "answer", "output", "completion"),
	exchangeOf("problem_solution", []slot{required("problem")}, "generated_solution", "solution", "answer"),
	exchangeOf("prompt_completion", []slot{required("prompt")}, "completion", "response", "output", "answer", "canonical_solution"),
	exchangeOf("user_assistant", []slot{required("user")}, "assistant"),
	exchangeOf("vanilla_adversarial", []slot{required("adversarial", "vanilla")}, "completion", "response"),
	exchangeOf("message_pair", []slot{required("message_1")}, "message_2"),
	exchangeOf("input_output", []slot{optional("definition"), required("input", "inputs")}, "output", "target", "outputs", "targets"),
	exchangeOf("summary", []slot{required("dialogue", "document", "article")}, "summary", "summary1", "highlights", "abstract"),
	{"text_to_sql", "db_id, question, query", columned, []string{"roles"},
		needs("question", "query", "db_id"), newPair([]slot{required("question")}, "query")},
	{"mbpp", "text, code, test_list", columned, []string{"roles"},
		needs("text", "code", "test_list"), newPair([]slot{required("text")}, "code")},

	{"apibench", "code, api_call: a text", exact, nil, needs("code", "api_call"), newText("code")},
	{"code", "code, path|repo_name|repository_name|file_path: a text", document, nil, fitsCode, newText("code")},
	{"text", "text|raw_content|content|document", document, nil, fitsText, newText(textColumns...)},
	{"prompt", "prompt without an answer", lone, []string{"roles"}, needs("prompt"), newPair([]slot{required("prompt")})},
	{"instruction", "instruction [input] without an answer", lone, []string{"roles"},
		needs("instruction"), newPair([]slot{required("instruction"), optional("input", "context")})},
}

var textColumns = []string{"text", "raw_content", "content", "document"}

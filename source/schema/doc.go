// Package schema turns the rows of data sets, in whatever columns they have,
// into canonical records: chats and plain texts.
//
// An [Adapter] does this for one schema. [Detect] finds it by the first row of a
// file, [ByName] and [New] by its name, and [FromColumns] makes one for a table
// of which the package knows nothing. A [Func] is an adapter of your own.
//
// # Schemas
//
// Detect tries the schemas in this order. "|" stands between columns of which
// the first that is not empty is taken, "[]" around those that may be missing.
//
//	oasst_tree           message_tree_id, prompt{text, role, replies}; or message_id, role, text, replies
//	oasst_messages       message_tree_id, message_id, parent_id, role, text
//	preference           chosen|chosen_response, rejected|rejected_response: messages, transcripts, or texts beside a prompt
//	bfcl                 question: lists of messages; [function]
//	tool_answers         query, tools, answers: calls
//	request              request{context, continuation}
//
//	exchanges            conversations|conversation|dialog|messages: input|human|user|..., output|assistant|...; these or data: pairs of texts
//	messages             messages: role, content
//	sharegpt             conversations|conversation|dialog: from, value
//	strings              conversations|conversation|dialog|messages|data: texts, user and assistant by turns
//	transcript           chat|conversation|conversations|dialog: a transcript
//	turns                turns: texts of the user
//
//	instances            instruction, instances: input, output
//	multiple_choice      [context|passage|article] question, choices|options or A, B, ...; answer|answerKey|answer_key|answer_idx|gold|label|target
//	alpaca               instruction [input|context], output|response|completion|answer|target [history]
//	question_answer      [context] question, generated_solution|solution|answer|best_answer|correct_answer|response|output|completion|answers
//	query_response       query, response|answer|output|completion
//	problem_solution     problem, generated_solution|solution|answer
//	prompt_completion    prompt, completion|response|output|answer|canonical_solution
//	user_assistant       user, assistant
//	vanilla_adversarial  adversarial|vanilla, completion|response
//	message_pair         message_1, message_2
//	input_output         [definition] input|inputs, output|target|outputs|targets
//	summary              dialogue|document|article, summary|summary1|highlights|abstract
//	text_to_sql          question, query, db_id
//	mbpp                 text, code, test_list
//
//	apibench             code, api_call: the code as a text
//	code                 code, path|repo_name|repository_name|file_path: the code as a text
//	text                 text|raw_content|content|document
//	prompt               prompt
//	instruction          instruction [input|context]
//
// Of the first group the first that fits is the schema, and so are instances,
// multiple_choice and apibench where nothing above them fits. A list of messages wins
// over exchanges in columns, those over a text, and a text over a prompt alone:
// published sets that have messages beside a prompt, or a rendered text beside
// an instruction and its output, are read by the former. Detect gives up, with
// ErrAmbiguous, on two lists of messages that differ, on two exchanges that
// share no column, and on an exchange beside a text that does not hold its
// answer. A prompt is alone only where no column of an answer exists, not even
// with null in it, and no text or list under a name with "answer", "response",
// "completion", "output", "chosen", "solution" or "reply" in it.
//
// A column that is null counts as absent. Names are matched as they are
// spelled; only when nothing fits, case and the difference between a space, "-"
// and "_" are ignored, so that "Question" and "Best Answer" are a question and
// its answer.
//
// # What becomes of a row
//
// All chat schemas but multiple_choice, instances, request, oasst_tree and turns
// take the tools from the column tools|functions (bfcl: function), as JSON or as
// a string that spells it. Lists of messages and exchanges take a system turn
// from the column system|system_prompt, unless the list begins with one.
//
// Several texts of the user are joined with a blank line. A number or bool in
// their columns, or in that of an answer, is the text that spells it in the row:
// 42, -2.50, true. An answer may be a list of accepted answers, of which the first is taken: a text, or an object
// with one under text, answer, value or content. Both sides of an exchange may
// be lists of messages. Of a preference pair the chosen answer is the record;
// an instruction before it has its input and history. Columns that are not part of the chat or the text are the record's
// Extra, among them the rejected answer, a second answer, and the raw "label" of
// rated data.
//
// # Messages
//
// A message has its role under "role" or "from" and its content under "content",
// "value" or "text", in any order: a string, null where the turn calls a tool,
// or a list of typed parts. Text parts make up the content, "reasoning" and
// "thinking" parts the reasoning, "tool_call" and "tool_use" parts the calls;
// each stays available as a part. "reasoning_content", "reasoning" or "thinking"
// beside the content is reasoning too. Calls stand under "tool_calls" or the
// older "function_call", or are the content of a turn of the role function_call.
// Arguments keep their bytes; those that are a string of JSON are taken out of
// the string, missing and empty ones are {}.
//
// "train", "training", "trainable", "train_on_turn", "weight", "loss_weight",
// "loss_mask" or "loss" is the loss flag, as a bool, a number or a string of
// either: 0 and false mean no loss. Weights between are loss, and stay in the message's Extra.
// All other keys stay there too.
//
// Roles are spelled in many ways, in any case and with a space, "-" or "_"
// between words: human, user, prompter and question are user; gpt, assistant,
// chatgpt, bot, bard, bing, model, ai and answer are assistant; tool, function,
// observation, environment, ipython and function_response, tool_response,
// function_output, tool_output and tool_result are tool; system and developer
// stay. Any other role is an error, which Options.Roles prevents. A user turn
// that is one part of the type "tool_result" is the tool's.
//
// # Exchanges and transcripts
//
// The elements of exchanges are whole exchanges: [user, assistant], or an object
// with the user's text under input, human, user, question, prompt, instruction
// or query, the assistant's under output, assistant, gpt, bot, answer, response
// or completion, and perhaps a system text.
//
// A transcript is a chat in one text. Each turn begins with its speaker, behind
// a blank line or, where none does, behind a line break: "Human:" and
// "Assistant:", "User:" and "Assistant:", both also with "### " in front, or
// "USER:", "ASSISTANT:" and "FUNCTION RESPONSE:". Calls that follow
// "<functioncall>" become tool calls, and the functions that a system text
// beside the transcript lists in Glaive's way become the tools.
//
// # Trees
//
// oasst_messages is the same for trees whose messages are a row each, one tree
// behind the other. Detect never takes it, since a row alone tells nothing of the
// others: it has to be named.
//
// oasst_tree leaves out messages that are deleted or were rejected in review,
// with all below them, and user turns that no assistant answers; so every path
// ends with the assistant. Replies are ordered by rank, 0 first. Those without
// a rank come behind those with one, in the order of the file. The language of
// the first message becomes the label "language".
package schema

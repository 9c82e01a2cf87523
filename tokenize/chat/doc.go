// Package chat counts chats as they are trained: rendered by the chat template of a
// model, special tokens and all.
//
//	tok, err := tokenize.File("qwen3/tokenizer.json", nil)
//	form, err := chat.Builtin("qwen3", nil)      // or chat.File("qwen3", nil)
//	counter, err := chat.New(tok, form, nil)     // a datamix.Tokenizer
//	datamix.Count(counter)
//
// A Template is a built-in form by its name (see Names), or any Jinja template:
// the text itself, a tokenizer_config.json, a chat_template.jinja or
// chat_template.json, or the folder that holds them. Jinja templates render as in
// Python's transformers library. Plain chats take paths of their own, which add little
// to counting: built-in forms are code, and what another template does with chats of
// the same roles is found out once.
//
// # What counts
//
// The record is rendered once, the text is tokenised once with special tokens
// parsed, and all numbers are about these tokens:
//
//   - Total is all of them.
//   - Trainable is those that have a byte in a span that carries loss.
//   - Final is those of the last turn's span if the last turn is an assistant's,
//     whether it carries loss or not; otherwise 0.
//   - Context is those that end before the last turn's span, or before the text of
//     a last turn that is no assistant's.
//
// No generation prompt is added. A token that reaches over the edge of a span
// belongs to the span, as in the masks of transformers. Plain text records are
// counted as they are.
//
// # Spans
//
// The span of an assistant turn is what the model writes: its text, with its
// reasoning and tool calls where the template renders them, and the end-of-turn
// token, but no white space after that. The header before it is the prompt's.
//
// A turn carries loss as datamix.Message.Trains says. A turn of another role that
// is flagged to carry loss does so for its text alone.
//
// Where a template has {% generation %} blocks, these are the spans. Each must
// hold the text of the turn that it stands for. For other templates the spans are
// found by rendering signs in place of the texts, or the chat again with marks
// around the texts: without the marks, the result must be the same text. Where a
// template looks into the texts, so that marks change what it does, the part of the text from the generation
// prompt after the turns before to the end of the turn is taken, and must hold the
// turn's text. What fails is not counted as trainable, and counted in
// Counts.MaskFaults.
//
// # What templates see
//
// messages holds for each turn role, content, and where the record has them
// reasoning_content (also as thinking), tool_calls, tool_call_id, name and the
// further keys of the row. Content is the turn's text, parts joined; it is a list of
// parts where one of them is an image, a sound or a film, and for templates that
// take nothing else, which a trial finds out. That of an
// assistant turn with tool calls and no text is none if the template asks somewhere
// whether a content is none, as DeepSeek V3's does, and empty otherwise: what such
// a turn should look like, whether version 4 of transformers trains, which passes
// null values, or version 5, which drops them. Arguments of tool calls are JSON
// values, or text where Options say so. tools and documents are none when there are
// none.
//
// Templates cannot tell the date unless Options have one, so that counts are the
// same every day.
package chat

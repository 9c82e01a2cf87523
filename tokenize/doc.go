// Package tokenize counts and encodes text exactly as the tokenizers of language
// models do.
//
//	tok, err := tokenize.Encoding("cl100k_base")   // or o200k_base, r50k_base, ...
//	tok, err := tokenize.ForModel("gpt-4o")
//	n := tok.Count("How many tokens?")
//
// The encodings are those of OpenAI's tiktoken. Their ranks are embedded: no
// network is ever used. A *Tokenizer is immutable and safe for concurrent use.
//
// Special tokens such as <|endoftext|> in a text are text unless Options say
// otherwise: data sets hold such strings, and taking them for control tokens
// would be wrong and unsafe.
package tokenize

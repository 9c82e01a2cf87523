// Package tokenize counts and encodes text exactly as the tokenizers of language
// models do.
//
//	tok, err := tokenize.Encoding("cl100k_base")   // or o200k_base, r50k_base, ...
//	tok, err := tokenize.ForModel("gpt-4o")
//	tok, err := tokenize.File("llama3/tokenizer.json", nil)   // or tekken.json, or the folder
//	n := tok.Count("How many tokens?")
//
// A *Tokenizer is immutable and safe for concurrent use. No network is ever used:
// the ranks of OpenAI's encodings are embedded.
//
// # What exact means
//
// The reference for encodings is openai/tiktoken 0.14, for tokenizer.json Hugging
// Face's tokenizers 0.23, for tekken.json Mistral's use of tiktoken: the ids are
// theirs for every text. Character classes are those of Unicode 16.0, whatever
// version the Go release has; normalisation is by the older tables that Hugging
// Face's has. Bytes that are no UTF-8 count as U+FFFD each, as they do in a Go
// string that is ranged over.
//
// A file whose pattern none of the scanners here stands for is run by a general
// engine of regular expressions: [Tokenizer.Exact] is false then and
// [Tokenizer.Path] names the pattern. It is tested against the reference too,
// but a pattern may use what the test does not. Models that are no byte pair
// encoding (WordPiece, Unigram) and what has no translation are [ErrUnsupported].
//
// # Special tokens
//
// Special tokens such as <|endoftext|> in a text are text unless [Options] say
// otherwise: data sets hold such strings, and taking them for control tokens
// would be wrong and unsafe. Added tokens of a tokenizer.json that are not special
// are found either way, as the reference does it. What a template puts before and
// after a text (<s>) is added by an option only; so are truncation and padding of
// a file not applied.
//
// # Speed and memory
//
// A goroutine that counts uses up to 4 MiB, which is pooled inside. Counting reuses
// what it has learnt, so that a text counted before, and most of a new one, costs
// about two nanoseconds a byte; see docs/performance.md.
package tokenize

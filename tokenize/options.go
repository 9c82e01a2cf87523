package tokenize

import "errors"

// ErrUnsupported is in the errors about tokenizers that are no byte pair encoding
// of a kind that this package knows, such as WordPiece and Unigram.
var ErrUnsupported = errors.New("datamix/tokenize: unsupported tokenizer")

// Options changes what a tokenizer does. Nil is the defaults.
type Options struct {
	// Special says what special tokens in a text are. The default is AsText.
	Special Special
	// AddSpecialTokens adds the tokens that the tokenizer's template puts
	// before and after a text, such as <s>: as trained, and as the option
	// add_special_tokens of Hugging Face does. Only tokenizer.json files have a
	// template. The default is to add none.
	AddSpecialTokens bool
}

// Special is a policy for the spelling of special tokens in a text.
type Special uint8

const (
	// AsText takes them for the text that they are spelled with, which is safe
	// for data from anywhere.
	AsText Special = iota
	// Parse takes them for the special tokens.
	Parse
)

func (o *Options) orDefault() Options {
	if o == nil {
		return Options{}
	}
	return *o
}

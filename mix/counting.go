package mix

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize"
	"github.com/datamix-go/datamix/tokenize/chat"
)

// TokenizerOptions changes what a tokenizer that is named in a file counts.
type TokenizerOptions struct {
	// ParseSpecial takes what is spelled like a special token in a text
	// ("<|endoftext|>") for that token. The default is to take it for text.
	ParseSpecial bool `json:"parse_special,omitempty"`
	// AddSpecialTokens counts the tokens that a tokenizer.json puts before and after
	// a text, such as <s>, with every text. Records that a chat template renders have
	// those of the template instead.
	AddSpecialTokens bool `json:"add_special_tokens,omitempty"`
}

// TemplateOptions changes what a chat template that is named in a file renders, and
// what is counted of it. All of it is part of what the counts are cached by.
type TemplateOptions struct {
	// Variables are further variables of the template, such as enable_thinking.
	Variables map[string]any `json:"variables,omitempty"`
	// Date is what the template takes for today, as 2026-07-26, with a time of day
	// as RFC 3339 has it. Without one, templates that ask for the date are errors, as
	// counts would change from day to day.
	Date string `json:"date,omitempty"`
	// BOS and EOS are the tokens around texts, in place of those that the template
	// comes with.
	BOS string `json:"bos,omitempty"`
	EOS string `json:"eos,omitempty"`
	// Variant names the template in files that hold several.
	Variant string `json:"variant,omitempty"`
	// TextArguments passes the arguments of tool calls as JSON text, not as values.
	TextArguments bool `json:"text_arguments,omitempty"`
	// TextBOS and TextEOS count one token before and after each plain text, which no
	// template renders; the one after it is trained.
	TextBOS bool `json:"text_bos,omitempty"`
	TextEOS bool `json:"text_eos,omitempty"`
}

// date reads Date; the zero Time stands for none.
func (o *TemplateOptions) date() (time.Time, error) {
	if o == nil || o.Date == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, o.Date); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("the date %q is none such as 2026-07-26 or 2026-07-26T12:00:00Z", o.Date)
}

// checkCounting looks at what is said about the tokenizer and the chat template.
func (r *Recipe) checkCounting() error {
	if r.TokenizerOptions != nil && r.TokenizerName == "" {
		return at("tokenizer_options", "tokenizer_options need a tokenizer that is named")
	}
	if r.TemplateOptions != nil && r.ChatTemplate == "" {
		return at("template_options", "template_options need a chat_template")
	}
	if _, err := r.TemplateOptions.date(); err != nil {
		return at("template_options", "template_options: %v", err)
	}
	return nil
}

// buildTokenizer opens the tokenizer that the recipe names, unless it has one.
func (r *Recipe) buildTokenizer() error {
	if r.Tokenizer != nil || r.TokenizerName == "" {
		return nil
	}
	options := &tokenize.Options{}
	if o := r.TokenizerOptions; o != nil {
		if options.AddSpecialTokens = o.AddSpecialTokens; o.ParseSpecial {
			options.Special = tokenize.Parse
		}
	}
	t, err := r.tokenizer(options)
	if err != nil {
		return err
	}
	r.Tokenizer = t
	return nil
}

// tokenizer opens a tokenizer by the name of an encoding or a model, or by the
// path of a tokenizer.json or tekken.json, relative to the recipe.
func (r *Recipe) tokenizer(options *tokenize.Options) (datamix.Tokenizer, error) {
	name := r.TokenizerName
	path := r.path(name)
	if strings.HasSuffix(name, ".json") || strings.ContainsAny(name, `/\`) {
		return tokenize.File(path, options)
	}
	if slices.Contains(tokenize.Names(), name) {
		return tokenize.EncodingWith(name, options)
	}
	if m, err := tokenize.ForModel(name); err == nil {
		if *options == (tokenize.Options{}) {
			return m, nil
		}
		return tokenize.EncodingWith(m.Name(), options)
	}
	if _, statErr := os.Stat(path); statErr == nil {
		return tokenize.File(path, options)
	}
	_, err := tokenize.Encoding(name)
	return nil, fmt.Errorf("%w; nor is it the path of a tokenizer.json or tekken.json, or of a folder with one", err)
}

// buildTemplate makes the tokenizer count by the recipe's chat template, once.
func (r *Recipe) buildTemplate() error {
	if _, done := r.Tokenizer.(*chat.Counter); done || r.ChatTemplate == "" {
		return nil
	}
	if r.Tokenizer == nil {
		return errors.New("it needs a tokenizer: name one")
	}
	form, err := r.template()
	if err != nil {
		return err
	}
	counting := &chat.CountOptions{}
	if o := r.TemplateOptions; o != nil {
		counting.TextBOS, counting.TextEOS = o.TextBOS, o.TextEOS
	}
	r.Tokenizer, err = chat.New(r.Tokenizer, form, counting)
	return err
}

// template opens a chat template by the name of a built-in form or by a path.
func (r *Recipe) template() (*chat.Template, error) {
	options := &chat.Options{}
	if o := r.TemplateOptions; o != nil {
		now, err := o.date()
		if err != nil {
			return nil, err
		}
		options = &chat.Options{BOS: o.BOS, EOS: o.EOS, Variables: o.Variables, Now: now, TextArguments: o.TextArguments, Variant: o.Variant}
	}
	name := r.ChatTemplate
	if slices.Contains(chat.Names(), name) {
		return chat.Builtin(name, options)
	}
	_, statErr := os.Stat(r.path(name))
	switch {
	case statErr == nil:
		return chat.File(r.path(name), options)
	case strings.ContainsAny(name, `/\`) || filepath.Ext(name) == ".jinja" || filepath.Ext(name) == ".json":
		return nil, fmt.Errorf("%s: %w", name, withoutPath(statErr))
	}
	_, err := chat.Builtin(name, options)
	return nil, fmt.Errorf("%w; nor is it the path of a tokenizer_config.json, a .jinja file or a folder with one", err)
}

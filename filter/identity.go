package filter

import (
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
)

// IdentityOptions are those of NoSelfIdentification. Nil stands for the zero
// IdentityOptions.
type IdentityOptions struct {
	// Phrases are looked for beside the built-in ones, on the terms of Keywords.
	Phrases []string `json:"phrases,omitempty"`
	// AnyMention also drops chats in which an assistant turn merely names a
	// model or maker. The names are the 18 of open-instruct's
	// should_be_filtered_by_keyword, which the Tulu 3 mixture was filtered with:
	// OpenAI, ChatGPT, GPT-3, GPT-3.5 and GPT-4 in their spellings, BingChat,
	// LAION and Open Assistant.
	AnyMention bool `json:"any_mention,omitempty"`
}

// NoSelfIdentification drops chats in which an assistant turn says which model
// it is or who made it ("I am ChatGPT", "developed by OpenAI", "as an AI
// language model"), with the reason "self_identification": answers that a model
// trained on them would repeat. The built-in phrases are English; talk about
// models and makers in the third person passes unless AnyMention is set, and so
// do plain texts.
func NoSelfIdentification(o *IdentityOptions) datamix.Filter {
	opt := valueOf(o)
	list, builtin := identities, identityPhrases
	if opt.AnyMention {
		list, builtin = mentions, mentionPhrases
	}
	p, err := phrasesWith(list, builtin, opt.Phrases)
	if err != nil {
		return brokenf("no_self_identification", "%v", err)
	}
	return newPredicate("no_self_identification", opt, "self_identification", func(r *datamix.Record) bool {
		ms := r.Messages()
		for i := range ms {
			if ms[i].Role == datamix.RoleAssistant && p.found(ms[i].Content) {
				return false
			}
		}
		return true
	})
}

// The names of models and makers. The first ones are known as nothing else;
// mentionNames are open-instruct's.
const (
	modelNames   = "chatgpt|chat gpt|gpt-3|gpt-3.5|gpt-4|gpt-4o|gpt-5|bing chat|bingchat|open assistant|openassistant|deepseek|qwen|tongyi qianwen|mixtral|ernie bot|chatglm"
	otherNames   = "claude|bard|gemini|llama|mistral|copilot|gemma|grok|yi|kimi"
	makers       = "openai|open ai|anthropic|google|google deepmind|deepmind|google ai|meta|meta ai|mistral|mistral ai|microsoft|deepseek|alibaba|alibaba cloud|laion|open assistant|hugging face|stability ai|cohere|xai|baidu|zhipu ai|moonshot ai|lmsys|researchers from large model systems organization"
	mentionNames = "openai|open ai|chatgpt|chat gpt|gpt-3|gpt3|gpt 3|gpt-4|gpt4|gpt 4|gpt-3.5|gpt3.5|gpt 3.5|bingchat|bing chat|laion|open assistant|openassistant"
)

// identityForms are written as expand reads them.
var identityForms = []string{
	"{i am|i'm|call me|my name is|this is} {" + modelNames + "}",
	"{i am|i'm|my name is} {" + otherNames + "}{,|} {an|a|and|trained|created|made|developed|built|by|from}",
	"{i am|i'm} {an ai|an artificial intelligence|a large|a|the} {language model|model|assistant|chatbot|virtual assistant|digital assistant|conversational agent|computer program} {called|named|known as|by|from|trained by|made by|created by|developed by|built by}",
	"{i am|i'm} {an ai|an artificial intelligence|a large language model|an ai language model|an ai assistant|an ai model|an ai chatbot|a language model|a machine learning model|an open-source ai|a virtual assistant}",
	"as {" + modelNames + "}{,|} i",
	asAnAI + "{,|} {i|i'm|my}",
	"as an {ai|artificial intelligence} {language model|chatbot}",
	"as a {large |}language model{,|} {i|i'm|my}",
	"{i was|i am|i'm|i've been|i have been} {created|made|developed|trained|built|designed|trained and developed} by {" + makers + "}",
	asAnAI + "{,|} {created|made|developed|trained|built|designed|powered} by",
}

var (
	identities = sync.OnceValue(func() []string { return expand(identityForms...) })
	mentions   = sync.OnceValue(func() []string { return slices.Concat(expand("{"+mentionNames+"}"), identities()) })

	identityPhrases = sync.OnceValues(func() (*phrases, error) { return newPhrases(identities(), phraseRules{}) })
	mentionPhrases  = sync.OnceValues(func() (*phrases, error) { return newPhrases(mentions(), phraseRules{}) })
)

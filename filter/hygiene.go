package filter

import (
	"regexp"
	"strings"

	"github.com/datamix-go/datamix"
)

// NoEmptyTurns drops chats that have no user or no assistant turn, or a turn
// that says nothing (see Message.Empty), and plain texts of white space alone,
// with the reason "empty_turn".
func NoEmptyTurns() datamix.Filter {
	return newRule("no_empty_turns", nil, "empty_turn", func(r *datamix.Record) bool {
		if r.IsText() {
			return strings.TrimSpace(r.Text()) != ""
		}
		var user, assistant bool
		ms := r.Messages()
		for i := range ms {
			if ms[i].Empty() {
				return false
			}
			user = user || ms[i].Role == datamix.RoleUser
			assistant = assistant || ms[i].Role == datamix.RoleAssistant
		}
		return user && assistant
	})
}

// EndsWithAssistant drops chats whose last turn is not an assistant's, with the
// reason "no_final_response". A plain text passes.
func EndsWithAssistant() datamix.Filter {
	return newRule("ends_with_assistant", nil, "no_final_response", func(r *datamix.Record) bool {
		ms := r.Messages()
		return r.IsText() || len(ms) > 0 && ms[len(ms)-1].Role == datamix.RoleAssistant
	})
}

// RoleOrder drops chats whose turns do not follow each other as trainers expect,
// with the reason "role_order": at most one system (or developer) turn, at the
// start; then a user turn; user and assistant in turn, where tool turns may stand
// between two assistant turns. A plain text passes.
func RoleOrder() datamix.Filter {
	return newRule("role_order", nil, "role_order", func(r *datamix.Record) bool {
		if r.IsText() {
			return true
		}
		ms := r.Messages()
		if len(ms) > 0 && (ms[0].Role == datamix.RoleSystem || ms[0].Role == "developer") {
			ms = ms[1:]
		}
		last := ""
		for i := range ms {
			if !follows(last, ms[i].Role) {
				return false
			}
			last = ms[i].Role
		}
		return last != ""
	})
}

func follows(last, role string) bool {
	switch role {
	case datamix.RoleUser:
		return last == "" || last == datamix.RoleAssistant
	case datamix.RoleAssistant:
		return last == datamix.RoleUser || last == datamix.RoleTool
	case datamix.RoleTool:
		return last == datamix.RoleAssistant || last == datamix.RoleTool
	}
	return false
}

// ValidUnicode drops records with a U+FFFD in a text, the mark of bytes that
// somebody could not decode, with the reason "replacement_character".
func ValidUnicode() datamix.Filter {
	return newRule("valid_unicode", nil, "replacement_character", func(r *datamix.Record) bool {
		for s := range r.Texts() {
			if strings.Contains(s, "\ufffd") {
				return false
			}
		}
		return true
	})
}

// refusal matches how assistants open a refusal. It is looked for in the first
// refusalReach bytes of an answer: further on such words are often quoted.
var refusal = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	`i(?:'m| am) (?:really |so |very )?sorry,? but`,
	`i (?:can(?:'t|not| not)|am (?:unable|not able) to|(?:'m|am) not able to|won't|will not) (?:be able to |help|assist|provide|fulfil?l|comply|answer|do that|generate|create|write|engage|support|share|discuss)`,
	`i(?:'m| am) (?:unable|not able|not comfortable)`,
	`as an? (?:ai|artificial intelligence|(?:ai |large )*language model|ai model|(?:ai )?assistant),? i (?:can|do|am|must|have)`,
	`i must (?:decline|refuse)`,
	`i (?:have to|need to) (?:decline|refuse)`,
	`(?:it|that|this) (?:would be|is) (?:inappropriate|unethical|not appropriate)`,
	`against my (?:programming|guidelines|policy|policies)`,
}, "|") + `)`)

const refusalReach = 300

// NoRefusals drops chats in which an assistant turn opens with a refusal ("I'm
// sorry, but", "As an AI language model, I cannot"), in English, with the reason
// "refusal". Safety data needs refusals: leave the filter out there.
func NoRefusals() datamix.Filter {
	return newRule("no_refusals", nil, "refusal", func(r *datamix.Record) bool {
		return !anyAssistant(r, func(s string) bool { return refusal.MatchString(straight(s[:min(len(s), refusalReach)])) })
	})
}

// straight makes typographic apostrophes plain.
func straight(s string) string { return strings.ReplaceAll(s, "\u2019", "'") }

// makers are names of models and their makers; assistants that use them in the
// first person repeat the model that wrote the data. The list follows what
// allenai/open-instruct looks for (should_be_filtered_by_keyword), extended.
const makers = `openai|chatgpt|gpt-?[2345](?:\.\d)?|bing ?chat|laion|open ?assistant|anthropic|claude|bard|gemini|google deepmind|mistral ai|deepseek|qwen|alibaba cloud|meta ai|llama`

var selfIdentification = regexp.MustCompile(`(?i)\b(?:` +
	`(?:i am|i'm|my name is|call me|this is|as) (?:an? |the )?(?:ai |large |language |model |assistant |chatbot |called |named )*(?:` + makers + `)\b` +
	`|(?:i was|i am|i'm|i've been|been|model) (?:created|made|developed|trained|built|designed) by (?:` + makers + `)\b` +
	`|as an? (?:ai|large) (?:language )?model\b)`)

// NoSelfIdentification drops chats in which an assistant turn says which model
// it is or who made it ("I am ChatGPT", "developed by OpenAI", "as an AI language
// model"), in English, with the reason "self_identification".
func NoSelfIdentification() datamix.Filter {
	return newRule("no_self_identification", nil, "self_identification", func(r *datamix.Record) bool {
		return !anyAssistant(r, func(s string) bool { return selfIdentification.MatchString(straight(s)) })
	})
}

func anyAssistant(r *datamix.Record, match func(string) bool) bool {
	ms := r.Messages()
	for i := range ms {
		if ms[i].Role == datamix.RoleAssistant && match(ms[i].Content) {
			return true
		}
	}
	return false
}

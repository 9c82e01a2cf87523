package filter

import (
	"strings"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// NoEmptyTurns drops chats with a turn that says nothing (see
// datamix.Message.Empty) and plain texts of white space alone, with the reason
// "empty_turn", and chats without a user or without an assistant turn, with the
// reasons "no_user_turn" and "no_assistant_turn".
//
// It is open-instruct's should_be_filtered_by_empty_message, except that a turn
// without content that calls a tool, or thinks, says something, and that
// missing turns count. See EndsWithAssistant for chats that end before the
// answer.
func NoEmptyTurns() datamix.Filter {
	return newRule("no_empty_turns", nil, func(r *datamix.Record) (datamix.Verdict, error) {
		if r.IsText() {
			return verdictIf(blank(r.Text()), "empty_turn"), nil
		}
		var user, assistant bool
		ms := r.Messages()
		for i := range ms {
			if ms[i].Empty() {
				return "empty_turn", nil
			}
			user = user || ms[i].Role == datamix.RoleUser
			assistant = assistant || ms[i].Role == datamix.RoleAssistant
		}
		if !user {
			return "no_user_turn", nil
		}
		return verdictIf(!assistant, "no_assistant_turn"), nil
	})
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// verdictIf returns reason if drop is true.
func verdictIf(drop bool, reason datamix.Verdict) datamix.Verdict {
	if drop {
		return reason
	}
	return datamix.Keep
}

// HasResponse drops chats in which no assistant turn says anything, such as sets
// of prompts alone, and plain texts of white space alone, with the reason
// "no_response".
func HasResponse() datamix.Filter {
	return newPredicate("has_response", nil, "no_response", func(r *datamix.Record) bool {
		if r.IsText() {
			return !blank(r.Text())
		}
		ms := r.Messages()
		for i := range ms {
			if ms[i].Role == datamix.RoleAssistant && !ms[i].Empty() {
				return true
			}
		}
		return false
	})
}

// EndsWithAssistant drops chats whose last turn is not an assistant's, with the
// reason "no_final_response". A plain text passes.
func EndsWithAssistant() datamix.Filter {
	return newPredicate("ends_with_assistant", nil, "no_final_response", func(r *datamix.Record) bool {
		ms := r.Messages()
		return r.IsText() || len(ms) > 0 && ms[len(ms)-1].Role == datamix.RoleAssistant
	})
}

// RoleOrder drops chats whose turns do not follow each other as chat templates
// expect, with the reason "role_order": at most one system (or developer) turn,
// at the start; then a user turn; user and assistant in turn, where tool turns
// may stand between two assistant turns. A plain text passes.
func RoleOrder() datamix.Filter {
	return newPredicate("role_order", nil, "role_order", func(r *datamix.Record) bool {
		if r.IsText() {
			return true
		}
		ms := afterSystem(r.Messages())
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
// somebody could not decode, with the reason "replacement_character", and those
// with bytes that are no UTF-8, which only a stage can have put there, with the
// reason "invalid_utf8".
func ValidUnicode() datamix.Filter {
	return newRule("valid_unicode", nil, func(r *datamix.Record) (v datamix.Verdict, err error) {
		eachText(r, func(s string) bool {
			switch {
			case strings.Contains(s, "\ufffd"):
				v = "replacement_character"
			case !utf8.ValidString(s):
				v = "invalid_utf8"
			}
			return v == datamix.Keep
		})
		return v, nil
	})
}

package filter

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/datamix-go/datamix"
)

// RefusalOptions are those of NoRefusals. Nil stands for the zero
// RefusalOptions.
type RefusalOptions struct {
	// Phrases are looked for beside the built-in ones, on the terms of Keywords.
	Phrases []string `json:"phrases,omitempty"`
	// Within is how many bytes from the start of an answer are looked at; 0
	// stands for 300, a negative number for all. Further on, such words are
	// often quoted or said about others.
	Within int `json:"within,omitempty"`
	// LastOnly looks at the last assistant turn alone.
	LastOnly bool `json:"last_only,omitempty"`
}

const refusalReach = 300

// NoRefusals drops chats in which an assistant turn opens with a refusal
// ("I'm sorry, but I can't", "As an AI language model, I do not have", "goes
// against my guidelines"), with the reason "refusal". The built-in phrases are
// English. A set that teaches a model to refuse needs its refusals: leave the
// filter out there. Plain texts pass.
//
// No peer ships such a filter; Hermes 3 names "removal of refusals" without a
// list. The phrases are this package's own. Of the answers of GPT-4 in XSTest
// (Röttger et al., NAACL 2024) it drops 203 of 211 full refusals and 11 of 230
// full compliances, most of which begin "As an AI, I don't have personal
// opinions"; of 5,000 answers of Alpaca it drops none.
func NoRefusals(o *RefusalOptions) datamix.Filter {
	opt := valueOf(o)
	p, err := phrasesWith(refusals, refusalPhrases, opt.Phrases)
	if err != nil {
		return brokenf("no_refusals", "%v", err)
	}
	reach := opt.Within
	if reach == 0 {
		reach = refusalReach
	}
	return newPredicate("no_refusals", opt, "refusal", func(r *datamix.Record) bool {
		ms := r.Messages()
		for i := len(ms) - 1; i >= 0; i-- {
			if ms[i].Role != datamix.RoleAssistant {
				continue
			}
			if p.found(opening(ms[i].Content, reach)) {
				return false
			}
			if opt.LastOnly {
				return true
			}
		}
		return true
	})
}

// opening returns the first reach bytes of a text, without white space before
// them, and up to the end of a word.
func opening(s string, reach int) string {
	s = strings.TrimSpace(s)
	if reach < 0 || len(s) <= reach {
		return s
	}
	if end := strings.IndexAny(s[reach:], " \n\t"); end >= 0 {
		return s[:reach+end]
	}
	return s
}

// cannot is how a sentence of refusal starts.
const cannot = "i {can't|cannot|can not|won't|will not|am unable to|am not able to|won't be able to|will not be able to|am unable|couldn't|could not}"

// refusalForms are written as expand reads them.
var refusalForms = []string{
	cannot + " {help|assist|provide|fulfill|fulfil|comply|answer|do that|do this|generate|create|write|engage|support|share|discuss|offer|participate|produce|continue with|endorse|promote|condone|respond|satisfy|carry out|complete your|complete this}",
	"{i'm unable to|i'm not able to} {help|assist|provide|fulfill|fulfil|comply|answer|do that|do this|generate|create|write|engage|share|discuss|offer|participate|produce|respond|carry out|complete}",
	"{sorry|apologies|apologize|apologise}{,|} {but |}{i can't|i cannot|i can not|i won't|i will not|i am unable|i'm unable|i am not able|i'm not able|i don't|i do not|as an ai|that's not something i|that is not something i|this is not something i}",
	asAnAI + "{,|} {i {can't|cannot|can not|don't|do not|am not|am unable|won't|will not|have no|lack|must|couldn't|could not}|i'm {not|unable}|it {is|would be} {not|in}appropriate|my {purpose|guidelines|programming}}",
	"i {must|have to|need to} {respectfully |politely |}{decline|refuse}",
	"{i'm|i am} {not comfortable|uncomfortable} {with|providing|writing|helping|discussing|creating|generating|answering|sharing}",
	"i {don't|do not|wouldn't|would not} feel comfortable",
	"{it|that|this} {is|would be|wouldn't be|would not be|isn't|is not} {inappropriate|unethical|irresponsible|appropriate|ethical|responsible|not appropriate|not ethical} {for me to|of me to|to provide|to assist}",
	"against my {programming|guidelines|policy|policies|ethical|ethics|principles|content policy|safety|core values}",
	"{my|openai's|our} {guidelines|programming|policies|policy|content policy} {prohibit|prohibits|prevent|prevents|do not allow|does not allow|doesn't allow|don't allow|restrict|restricts}",
	"{i'm|i am} not {programmed|designed|allowed|permitted} to",
	"{can't|cannot|unable to|not able to} {assist|help} {you |}with {that|this|your} request",
}

// asAnAI is how models speak of themselves.
const asAnAI = "as an {ai|artificial intelligence}{| language model| model| assistant| chatbot| system}"

var (
	refusals       = sync.OnceValue(func() []string { return expand(refusalForms...) })
	refusalPhrases = sync.OnceValues(func() (*phrases, error) { return newPhrases(refusals(), phraseRules{}) })
)

// phrasesWith returns an automaton for built-in phrases and further ones: the
// built-in one itself, of some megabytes, where there are none.
func phrasesWith(list func() []string, builtin func() (*phrases, error), more []string) (*phrases, error) {
	if len(more) == 0 {
		return builtin()
	}
	p, err := newPhrases(slices.Concat(list(), more), phraseRules{})
	if err != nil {
		return nil, fmt.Errorf("phrases: %w", err)
	}
	return p, nil
}

// expand writes out forms: of each {a|b|c} one, in every combination. Braces may
// stand inside braces.
func expand(forms ...string) (out []string) {
	for _, form := range forms {
		open := strings.IndexByte(form, '{')
		if open < 0 {
			out = append(out, form)
			continue
		}
		depth, start := 0, open+1
		for i := open; ; i++ {
			switch form[i] {
			case '{':
				depth++
				continue
			case '}':
				depth--
			}
			if form[i] == '|' && depth == 1 || depth == 0 {
				for _, rest := range expand(form[start:i] + form[closing(form, open)+1:]) {
					out = append(out, form[:open]+rest)
				}
				start = i + 1
			}
			if depth == 0 {
				break
			}
		}
	}
	return out
}

// closing returns where the brace that opens at open is closed.
func closing(form string, open int) int {
	depth := 0
	for i := open; i < len(form); i++ {
		switch form[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(form) - 1
}

package filter

import (
	"fmt"

	"github.com/datamix-go/datamix"
)

// KeywordOptions are those of Keywords and NoKeywords. Nil stands for the zero
// KeywordOptions. At most one of In, Role and Field may be set.
type KeywordOptions struct {
	// In, Role and Field say where to look, as in MatchOptions.
	In    string `json:"in,omitempty"`
	Role  string `json:"role,omitempty"`
	Field string `json:"field,omitempty"`
	// MatchCase tells upper and lower case apart.
	MatchCase bool `json:"match_case,omitempty"`
	// PartOfWord finds keywords inside longer words too: "art" in "party".
	PartOfWord bool `json:"part_of_word,omitempty"`
	// Reason is the reason for drops; "keywords" or "no_keywords" by default.
	Reason string `json:"reason,omitempty"`
}

type keywordOptions struct {
	Keywords stringList `json:"keywords"`
	KeywordOptions
}

// Keywords keeps the records in which at least one of the keywords is found,
// and drops the others with the reason "keywords".
//
// A keyword is a word or a phrase in plain text. It is found where no letter,
// digit or underscore stands right before or after it, as the \b of regular
// expressions has it, without regard to case; a space in it stands for any run
// of white space, and ' for the typographic apostrophe too. The time does not
// depend on the number of keywords. An empty list or keyword, an unknown place,
// or two places are errors.
func Keywords(keywords []string, o *KeywordOptions) (datamix.Filter, error) {
	return newKeywords("keywords", keywords, o, true)
}

// NoKeywords drops the records in which one of the keywords is found, with the
// reason "no_keywords". Otherwise it is like Keywords.
func NoKeywords(keywords []string, o *KeywordOptions) (datamix.Filter, error) {
	return newKeywords("no_keywords", keywords, o, false)
}

func newKeywords(name string, keywords []string, o *KeywordOptions, want bool) (datamix.Filter, error) {
	if o == nil {
		o = &KeywordOptions{}
	}
	s, err := newScope(o.In, o.Role, o.Field)
	if err != nil {
		return nil, fmt.Errorf("datamix/filter: %s: %w", name, err)
	}
	p, err := newPhrases(keywords, phraseRules{matchCase: o.MatchCase, partOfWord: o.PartOfWord})
	if err != nil {
		return nil, fmt.Errorf("datamix/filter: %s: %w", name, err)
	}
	return newFinder(name, keywordOptions{keywords, *o}, o.Reason, s, p.found, want), nil
}

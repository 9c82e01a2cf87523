package filter

import (
	"fmt"
	"regexp"

	"github.com/datamix-go/datamix"
)

// MatchOptions are those of Match and NoMatch. Nil stands for the zero
// MatchOptions. At most one of In, Role and Field may be set.
type MatchOptions struct {
	// In is where to look: InAny (the default), InPrompt or InResponse. In a
	// recipe the name of a usual role may stand here as well.
	In string `json:"in,omitempty"`
	// Role looks at every text of the turns of that role.
	Role string `json:"role,omitempty"`
	// Field looks at a column of the row, whether an adapter took it or not. A
	// column that is no string is looked at as JSON text; one that is missing or
	// null matches nothing.
	Field string `json:"field,omitempty"`
	// Reason is the reason for drops; "match" or "no_match" by default.
	Reason string `json:"reason,omitempty"`
}

type matchOptions struct {
	Pattern string `json:"pattern"`
	MatchOptions
}

// Match keeps the records in which the pattern is found, and drops the others
// with the reason "match".
//
// The syntax is that of package regexp (RE2), which takes time linear in the
// text whatever the pattern; (?i) at the start ignores case. It is some ten times
// slower than Keywords, so prefer that for lists of words. A pattern that does
// not compile, an unknown place, or two places are errors.
func Match(pattern string, o *MatchOptions) (datamix.Filter, error) {
	return newMatch("match", pattern, o, true)
}

// NoMatch drops the records in which the pattern is found, with the reason
// "no_match". Otherwise it is like Match.
func NoMatch(pattern string, o *MatchOptions) (datamix.Filter, error) {
	return newMatch("no_match", pattern, o, false)
}

func newMatch(name, pattern string, o *MatchOptions, want bool) (datamix.Filter, error) {
	if o == nil {
		o = &MatchOptions{}
	}
	if pattern == "" {
		return nil, fmt.Errorf("datamix/filter: %s: it needs a pattern", name)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("datamix/filter: %s: %w", name, err)
	}
	s, err := newScope(o.In, o.Role, o.Field)
	if err != nil {
		return nil, fmt.Errorf("datamix/filter: %s: %w", name, err)
	}
	return newFinder(name, matchOptions{pattern, *o}, o.Reason, s, re.MatchString, want), nil
}

// newFinder returns a filter that keeps the records in which found finds
// something in the scope, or, if want is false, the others.
func newFinder(name string, options any, reason string, s scope, found func(string) bool, want bool) datamix.Filter {
	if reason == "" {
		reason = name
	}
	return newRule(name, options, func(r *datamix.Record) (datamix.Verdict, error) {
		ok, err := s.find(r, found)
		if err != nil || ok == want {
			return datamix.Keep, err
		}
		return datamix.Verdict(reason), nil
	})
}

package filter

import (
	"fmt"
	"regexp"

	"github.com/datamix-go/datamix"
)

// Pattern is a regular expression and where to look for it.
type Pattern struct {
	// Pattern is in the syntax of package regexp (RE2), which takes time linear
	// in the text whatever the pattern.
	Pattern string `json:"pattern"`
	// In says where to look: "any" text of the record (the default), "prompt"
	// (the first user turn), "response" (the last assistant turn), or the role
	// whose turns to look at: "system", "user", "assistant", "tool".
	In string `json:"in,omitempty"`
	// Reason is the reason for drops, "match" or "no_match" by default.
	Reason string `json:"reason,omitempty"`
}

// Match keeps the records in which the pattern is found. A pattern that does not
// compile or an unknown place is an error.
func Match(p Pattern) (datamix.Filter, error) { return newMatch("match", p, true) }

// NoMatch drops the records in which the pattern is found.
func NoMatch(p Pattern) (datamix.Filter, error) { return newMatch("no_match", p, false) }

func newMatch(name string, p Pattern, want bool) (datamix.Filter, error) {
	re, err := regexp.Compile(p.Pattern)
	if err != nil {
		return nil, fmt.Errorf("datamix/filter: %w", err)
	}
	find, err := place(p.In)
	if err != nil {
		return nil, err
	}
	reason := datamix.Verdict(p.Reason)
	if reason == "" {
		reason = datamix.Verdict(name)
	}
	return newRule(name, p, reason, func(r *datamix.Record) bool { return find(r, re.MatchString) == want }), nil
}

// place returns a function that reports whether a text in some place satisfies
// match.
func place(in string) (func(r *datamix.Record, match func(string) bool) bool, error) {
	switch in {
	case "", "any":
		return func(r *datamix.Record, match func(string) bool) bool {
			for s := range r.Texts() {
				if match(s) {
					return true
				}
			}
			return false
		}, nil
	case "prompt":
		return func(r *datamix.Record, match func(string) bool) bool { return match(r.Prompt()) }, nil
	case "response":
		return func(r *datamix.Record, match func(string) bool) bool { return match(r.Response()) }, nil
	case datamix.RoleSystem, datamix.RoleUser, datamix.RoleAssistant, datamix.RoleTool:
		return func(r *datamix.Record, match func(string) bool) bool {
			ms := r.Messages()
			for i := range ms {
				if ms[i].Role == in && match(ms[i].Content) {
					return true
				}
			}
			return false
		}, nil
	}
	return nil, fmt.Errorf("datamix/filter: cannot look in %q; known are any, prompt, response, system, user, assistant, tool", in)
}

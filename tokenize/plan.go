package tokenize

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// plan is how the text of a tokenizer.json is cut into pieces: by one of the
// first four, or else by the steps.
type plan struct {
	family *split.Family
	runs   bool // before each run of spaces
	spaces bool // before each space
	whole  bool // not at all
	steps  []step

	byteLevel  bool     // tokens are spelled with the characters that stand for bytes
	spelled    bool     // so are the pieces
	underlines bool     // U+2581 in tokens and in the text is a space
	patterns   []string // what decides the cut, for the fingerprint
}

// plan reads the normalizer and the pre-tokenizer. It sets what is the
// Tokenizer's of them.
func (f *hfFile) plan(t *Tokenizer) (*plan, error) {
	p := &plan{}
	steps := f.PreTokenizer.sequence()
	for _, s := range append(f.Normalizer.sequence(), steps...) {
		if s.Type == "ByteLevel" {
			if p.byteLevel {
				return nil, fmt.Errorf("%w: two ByteLevel steps", ErrUnsupported)
			}
			p.byteLevel = true
		}
	}
	if !p.byteLevel && f.words(t, p, steps) {
		var err error
		t.rewrites, err = f.rewrites(f.normalizesToUnderlines())
		return p, err
	}
	var err error
	if t.rewrites, err = f.rewrites(false); err != nil {
		return nil, err
	}
	p.spelled = len(steps) == 0 && p.byteLevel
	if f.scanned(t, p, steps) {
		return p, nil
	}
	p.spelled = p.byteLevel
	for i, s := range steps {
		if err := p.step(t, s, i == 0, i == len(steps)-1); err != nil {
			return nil, err
		}
	}
	if len(p.steps) == 0 {
		p.whole = true
	}
	return p, nil
}

// words recognises SentencePiece's words, whose spaces are underlines, and sets
// the plan.
func (f *hfFile) words(t *Tokenizer, p *plan, steps []*hfStep) bool {
	switch {
	case len(steps) == 1 && steps[0].Type == "Metaspace" && steps[0].Replacement == metaspace && (f.Normalizer == nil || f.formsOnly()):
		scheme, err := steps[0].scheme()
		if err != nil {
			return false
		}
		t.prefix = scheme
		t.underlines = true
		p.spaces = isSet(steps[0].Split, true)
	case !f.normalizesToUnderlines():
		return false
	case len(steps) == 0:
	case len(steps) == 1 && steps[0].Type == "Split" && steps[0].Pattern.String != nil && *steps[0].Pattern.String == " " && !steps[0].Invert:
		// There are no spaces left to split at (Gemma).
	default:
		return false
	}
	p.underlines, p.runs = true, !p.spaces
	return true
}

func (f *hfFile) formsOnly() bool {
	for _, s := range f.Normalizer.sequence() {
		if !strings.HasPrefix(s.Type, "NF") {
			return false
		}
	}
	return true
}

// scheme reads which texts get an underline before them.
func (s *hfStep) scheme() (prefix, error) {
	scheme := s.PrependScheme
	if scheme == "" { // files before the option was named so
		scheme = "always"
	}
	if !isSet(s.AddPrefixSpace, true) {
		scheme = "never"
	}
	switch scheme {
	case "first":
		return unlessSpaced1st, nil
	case "always":
		return unlessSpaced, nil
	case "never":
		return noPrefix, nil
	}
	return noPrefix, fmt.Errorf("%w: a Metaspace with the prepend scheme %q", ErrUnsupported, scheme)
}

// scanned recognises what a scanner of ours stands for: patterns that keep the
// whole text, then ByteLevel.
func (f *hfFile) scanned(t *Tokenizer, p *plan, steps []*hfStep) bool {
	if len(steps) == 0 || steps[len(steps)-1].Type != "ByteLevel" {
		return false
	}
	var patterns []string
	spaced := false
	for i, s := range steps {
		if i == len(steps)-1 {
			spaced = isSet(s.AddPrefixSpace, true)
			if spaced && i > 0 {
				return false
			}
			if !isSet(s.UseRegex, true) {
				break
			}
		}
		pattern, behavior, invert, ok := s.regexp()
		if !ok || behavior != "Isolated" && (behavior != "Removed" || !invert) {
			return false
		}
		patterns = append(patterns, pattern)
	}
	if len(patterns) > 0 {
		if p.family = familyOf(patterns); p.family == nil {
			return false
		}
	}
	p.whole = len(patterns) == 0
	p.patterns = patterns
	if spaced {
		t.prefix = unlessSpaced
	}
	return true
}

// step appends a step of the general path.
func (p *plan) step(t *Tokenizer, s *hfStep, first, last bool) error {
	p.patterns = append(p.patterns, fmt.Sprintf("%s %s %v", s.Type, s.Behavior, s.Invert))
	var out step
	switch s.Type {
	case "ByteLevel":
		if isSet(s.AddPrefixSpace, true) {
			out.prefix = " "
		}
		if out.spell = !last; last {
			p.spelled = false
		}
	case "Metaspace":
		scheme, err := s.scheme()
		if err != nil {
			return err
		}
		if s.Replacement == "" {
			return fmt.Errorf("%w: a Metaspace without a replacement", ErrUnsupported)
		}
		if scheme == unlessSpaced1st && (!first || s.Replacement != metaspace) {
			return fmt.Errorf("%w: a Metaspace of %q that treats the first part apart, after another pre-tokenizer or with another replacement than %q", ErrUnsupported, s.Replacement, metaspace)
		}
		if out.underline = s.Replacement; scheme != noPrefix {
			out.prefix = s.Replacement
		}
		if scheme == unlessSpaced1st {
			t.prefix, out.prefix = underlined1st, ""
		}
	case "FixedLength":
		if out.every = s.Length; s.Length <= 0 {
			return fmt.Errorf("%w: a FixedLength of %d", ErrUnsupported, s.Length)
		}
	case "BertPreTokenizer":
		white, err := newCutter(`\s`, "Removed", false)
		if err != nil {
			return err
		}
		p.steps = append(p.steps, step{cut: &white})
	}
	pattern, behavior, invert, ok := s.regexp()
	if ok {
		c, err := newCutter(pattern, behavior, invert)
		if err != nil {
			return err
		}
		p.patterns = append(p.patterns, pattern)
		out.cut = &c
	} else if out == (step{}) && s.Type != "ByteLevel" {
		return fmt.Errorf("%w: the pre-tokenizer %s", ErrUnsupported, s.Type)
	}
	p.steps = append(p.steps, out)
	return nil
}

// regexp returns the pattern that a pre-tokenizer cuts by; ok is false if it cuts
// by none.
func (s *hfStep) regexp() (pattern, behavior string, invert, ok bool) {
	switch s.Type {
	case "ByteLevel":
		return patternGPT2, "Isolated", false, isSet(s.UseRegex, true)
	case "Digits":
		if s.IndividualDigits {
			return patternDigit, "Isolated", false, true
		}
		return patternDigits, "Isolated", false, true
	case "Split":
		switch {
		case s.Pattern.Regex != nil:
			return *s.Pattern.Regex, s.Behavior, s.Invert, true
		case s.Pattern.String != nil && *s.Pattern.String != "":
			return quote(*s.Pattern.String), s.Behavior, s.Invert, true
		}
		return "", "", false, false
	case "Punctuation":
		if s.Behavior == "" {
			return patternPunctuation, "Isolated", false, true
		}
		return patternPunctuation, s.Behavior, false, true
	case "BertPreTokenizer":
		return patternPunctuation, "Isolated", false, true
	case "Whitespace":
		return patternWords, "Removed", true, true
	case "WhitespaceSplit":
		return `\s`, "Removed", false, true
	case "CharDelimiterSplit":
		return quote(s.Delimiter), "Removed", false, s.Delimiter != ""
	case "Metaspace":
		return quote(s.Replacement), "MergedWithNext", false, isSet(s.Split, true)
	}
	return "", "", false, false
}

// quote returns a pattern that matches text itself.
func quote(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`\.+*?()|[]{}^$#-`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

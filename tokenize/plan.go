package tokenize

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/normal"
	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// metaspace stands for a space in SentencePiece's tokens.
const metaspace = "\u2581"

// plan is how the text of a tokenizer.json is cut into pieces.
type plan struct {
	byteLevel bool
	family    *split.Family
	steps     []cutter
	spaced    bool
	whole     bool
	patterns  []string // what decides the cut, for the fingerprint
}

// plan reads the normalizer and the pre-tokenizer. It sets what is the
// Tokenizer's of them.
func (f *hfFile) plan(t *Tokenizer) (*plan, error) {
	p := &plan{}
	if err := f.normalizer(t, p); err != nil {
		return nil, err
	}
	var splits []*hfStep
	for _, s := range f.PreTokenizer.sequence() {
		switch s.Type {
		case "ByteLevel":
			p.byteLevel = true
			if isSet(s.AddPrefixSpace, true) {
				if len(splits) > 0 {
					return nil, fmt.Errorf("%w: a prefix space for every piece", ErrUnsupported)
				}
				t.prefix = unlessSpaced
			}
			if isSet(s.UseRegex, true) {
				splits = append(splits, s)
			}
		case "Split", "Digits":
			splits = append(splits, s)
		case "Metaspace":
			if err := f.metaspace(t, s, p); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("%w: the pre-tokenizer %s", ErrUnsupported, s.Type)
		}
	}
	return p, p.cut(splits)
}

// normalizer reads the normalizer.
func (f *hfFile) normalizer(t *Tokenizer, p *plan) error {
	for _, s := range f.Normalizer.sequence() {
		form, isForm := normal.Named(s.Type)
		switch {
		case isForm:
			t.forms = append(t.forms, form)
		case s.Type == "Prepend" && s.Prepend == metaspace:
			t.prefix, p.spaced = alwaysPrefix, true
		case s.Type == "Replace" && s.Pattern.String != nil && *s.Pattern.String == " " && s.Content == metaspace:
			t.replace = append(t.replace, replacement{metaspace, " "})
			p.spaced = true
		default:
			return fmt.Errorf("%w: the normalizer %s", ErrUnsupported, s.Type)
		}
	}
	if p.spaced && len(t.replace) == 0 {
		return fmt.Errorf("%w: a prefix of %s without a replacement of spaces", ErrUnsupported, metaspace)
	}
	return nil
}

// metaspace reads the pre-tokenizer of that name.
func (f *hfFile) metaspace(t *Tokenizer, s *hfStep, p *plan) error {
	if s.Replacement != metaspace {
		return fmt.Errorf("%w: a Metaspace of %q", ErrUnsupported, s.Replacement)
	}
	scheme := s.PrependScheme
	if scheme == "" { // files before the option was named so
		scheme = "always"
		if !isSet(s.AddPrefixSpace, true) {
			scheme = "never"
		}
	}
	switch scheme {
	case "first":
		t.prefix = unlessSpaced1st
	case "always":
		t.prefix = unlessSpaced
	case "never":
	default:
		return fmt.Errorf("%w: a Metaspace with the prepend scheme %q", ErrUnsupported, scheme)
	}
	if isSet(s.Split, true) {
		return fmt.Errorf("%w: a Metaspace that splits", ErrUnsupported)
	}
	t.underlines, p.spaced = true, true
	return nil
}

// cut finds the scanner that stands for the splits, or sets the general path.
func (p *plan) cut(splits []*hfStep) error {
	if p.spaced {
		if len(splits) > 0 || p.byteLevel {
			return fmt.Errorf("%w: words of SentencePiece that are cut once more", ErrUnsupported)
		}
		return nil
	}
	if !p.byteLevel {
		return fmt.Errorf("%w: its pre-tokenizer is neither ByteLevel nor Metaspace", ErrUnsupported)
	}
	covered := true // every Split keeps the whole text
	for _, s := range splits {
		pattern, behavior, invert := s.regexp()
		p.patterns = append(p.patterns, pattern)
		covered = covered && (behavior == "Isolated" || behavior == "Removed" && invert)
	}
	if len(splits) == 0 {
		p.whole = true
		return nil
	}
	if covered {
		if p.family = familyOf(p.patterns); p.family != nil {
			return nil
		}
	}
	for _, s := range splits {
		c, err := newCutter(s.regexp())
		if err != nil {
			return err
		}
		p.steps = append(p.steps, c)
	}
	return nil
}

// regexp returns the pattern that a pre-tokenizer cuts by.
func (s *hfStep) regexp() (pattern, behavior string, invert bool) {
	switch {
	case s.Type == "ByteLevel":
		return patternGPT2, "Isolated", false
	case s.Type == "Digits" && s.IndividualDigits:
		return patternDigit, "Isolated", false
	case s.Type == "Digits":
		return patternDigits, "Isolated", false
	case s.Pattern.Regex != nil:
		return *s.Pattern.Regex, s.Behavior, s.Invert
	case s.Pattern.String != nil:
		return quote(*s.Pattern.String), s.Behavior, s.Invert
	}
	return "", s.Behavior, s.Invert
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

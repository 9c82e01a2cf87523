package tokenize

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"github.com/datamix-go/datamix/tokenize/internal/normal"
	"github.com/datamix-go/datamix/tokenize/internal/onig"
)

// metaspace stands for a space in SentencePiece's tokens.
const metaspace = "\u2581"

// rewrite is one step of a normaliser.
type rewrite struct {
	name string // what it does, for the fingerprint
	do   func(text string) string
	// anyBytes says that what is no UTF-8 stays what it is and changes nothing
	// beside it, so that it may be replaced later.
	anyBytes bool
	// keepsLength says that a text becomes no shorter, but for U+2581 that
	// becomes a space.
	keepsLength bool
	// lengthens says that a text may become longer, by any text of the file's.
	lengthens bool
}

// rewrites reads the normaliser. With underlines, spaces become U+2581 at its end
// and nowhere else; then it does the opposite, and spaces stand for both.
func (f *hfFile) rewrites(underlines bool) ([]rewrite, error) {
	var out []rewrite
	for _, s := range f.Normalizer.sequence() {
		r, err := s.rewrite(underlines)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// normalizesToUnderlines reports whether the normaliser turns every space into
// U+2581, and nothing in it depends on when.
func (f *hfFile) normalizesToUnderlines() bool {
	replaced := false
	for _, s := range f.Normalizer.sequence() {
		_, isForm := normal.Named(s.Type)
		switch {
		case s.underlines():
			replaced = true
		case isForm && !replaced:
		case s.Type == "Prepend" && s.Prepend == metaspace:
		default:
			return false
		}
	}
	return replaced
}

// underlines reports whether a step replaces spaces by U+2581.
func (s *hfStep) underlines() bool {
	return s.Type == "Replace" && s.Pattern.String != nil && *s.Pattern.String == " " && s.Content == metaspace
}

// rewrite returns what a step of a normaliser does.
func (s *hfStep) rewrite(underlines bool) (rewrite, error) {
	if form, ok := normal.Named(s.Type); ok {
		return rewrite{name: form.Name(), do: form.String, anyBytes: true}, nil
	}
	switch s.Type {
	case "Replace":
		return s.replace(underlines)
	case "Prepend":
		prefix := s.Prepend
		if underlines {
			prefix = strings.ReplaceAll(prefix, metaspace, " ")
		}
		prepend := func(text string) string {
			if text == "" {
				return ""
			}
			return prefix + text
		}
		return rewrite{name: "prepend " + prefix, do: prepend, anyBytes: true, keepsLength: true, lengthens: true}, nil
	case "Lowercase":
		return rewrite{name: s.Type, do: normal.Lower}, nil
	case "BertNormalizer":
		lower := isSet(s.Lowercase, true)
		b := normal.Bert{Clean: isSet(s.CleanText, true), Chinese: isSet(s.ChineseChars, true), Accents: isSet(s.Accents, lower), Lower: lower}
		return rewrite{name: fmt.Sprintf("%s %v", s.Type, b), do: b.String}, nil
	case "Nmt":
		return rewrite{name: s.Type, do: normal.Nmt}, nil
	case "Precompiled":
		c, err := normal.NewCharsmap(s.Charsmap)
		if err != nil {
			return rewrite{}, err
		}
		return rewrite{name: fmt.Sprintf("%s %x", s.Type, sha256.Sum256(s.Charsmap)), do: c.String, lengthens: true}, nil
	case "Strip":
		return rewrite{name: fmt.Sprint(s.Type, s.StripLeft, s.StripRight), do: func(text string) string {
			if s.StripLeft {
				text = strings.TrimLeftFunc(text, unicode.IsSpace)
			}
			if s.StripRight {
				text = strings.TrimRightFunc(text, unicode.IsSpace)
			}
			return text
		}}, nil
	case "StripAccents":
		return rewrite{name: s.Type, do: normal.StripAccents}, nil
	case "ByteLevel":
		return rewrite{name: s.Type, do: byteLevel}, nil
	}
	return rewrite{}, fmt.Errorf("%w: the normalizer %s", ErrUnsupported, s.Type)
}

// replace returns what a Replace does.
func (s *hfStep) replace(underlines bool) (rewrite, error) {
	switch {
	case underlines:
		spaces := func(text string) string { return strings.ReplaceAll(text, metaspace, " ") }
		return rewrite{name: "spaces", do: spaces, anyBytes: true, keepsLength: true}, nil
	case s.Pattern.String != nil && *s.Pattern.String != "":
		from := *s.Pattern.String
		return rewrite{name: fmt.Sprintf("replace %q %q", from, s.Content), lengthens: len(s.Content) > len(from), do: func(text string) string {
			return strings.ReplaceAll(text, from, s.Content)
		}}, nil
	case s.Pattern.Regex != nil:
		re, err := onig.Compile(*s.Pattern.Regex)
		if err != nil {
			return rewrite{}, fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
		return rewrite{name: fmt.Sprintf("replace all %q %q", *s.Pattern.Regex, s.Content), lengthens: len(s.Content) > 1, do: func(text string) string {
			var b strings.Builder
			done := 0
			re.Matches(text, func(from, to int) bool {
				b.WriteString(text[done:from])
				b.WriteString(s.Content)
				done = to
				return true
			})
			if done == 0 && b.Len() == 0 {
				return text
			}
			b.WriteString(text[done:])
			return b.String()
		}}, nil
	}
	return rewrite{}, fmt.Errorf("%w: a Replace without a pattern", ErrUnsupported)
}

package tokenize

import (
	"fmt"

	"github.com/dlclark/regexp2"
)

// cutter is one step of a pre-tokenizer that no scanner of ours stands for: a
// regular expression and what happens to its matches.
type cutter struct {
	re       *regexp2.Regexp
	pattern  string
	behavior string
	invert   bool
}

func newCutter(pattern, behavior string, invert bool) (cutter, error) {
	switch behavior {
	case "Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext":
	default:
		return cutter{}, fmt.Errorf("%w: the behavior %q of a Split", ErrUnsupported, behavior)
	}
	re, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		return cutter{}, fmt.Errorf("%w: the pattern %q: %w", ErrUnsupported, pattern, err)
	}
	return cutter{re, pattern, behavior, invert}, nil
}

// span is a part of a text; match says that the pattern matched it.
type span struct {
	text  string
	match bool
}

// spans returns matches and what lies between them. The engine's only error is
// a timeout, and none is set.
func (c cutter) spans(text string) []span {
	var out []span
	runes := []rune(text)
	from := 0
	m, _ := c.re.FindRunesMatch(runes)
	for ; m != nil; m, _ = c.re.FindNextMatch(m) {
		if m.Index > from {
			out = append(out, span{string(runes[from:m.Index]), c.invert})
		}
		if m.Length > 0 {
			out = append(out, span{string(runes[m.Index : m.Index+m.Length]), !c.invert})
		}
		from = m.Index + m.Length
	}
	if from < len(runes) {
		out = append(out, span{string(runes[from:]), c.invert})
	}
	return out
}

// cut returns the parts of text.
func (c cutter) cut(text string) (dst []string) {
	spans := c.spans(text)
	for i, s := range spans {
		before := i > 0 && len(dst) > 0
		switch {
		case c.behavior == "Removed" && s.match:
		case c.behavior == "Contiguous" && before && spans[i-1].match == s.match,
			c.behavior == "MergedWithPrevious" && before && s.match && !spans[i-1].match,
			c.behavior == "MergedWithNext" && before && !s.match && spans[i-1].match:
			dst[len(dst)-1] += s.text
		default:
			dst = append(dst, s.text)
		}
	}
	return dst
}

// cutAll cuts text by all steps in sequence.
func cutAll(steps []cutter, text string) []string {
	parts := []string{text}
	for _, c := range steps {
		var next []string
		for _, part := range parts {
			next = append(next, c.cut(part)...)
		}
		parts = next
	}
	return parts
}

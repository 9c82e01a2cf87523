package tokenize

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/onig"
)

// cutter cuts text by a regular expression, as a Split does.
type cutter struct {
	re       *onig.Regexp
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
	re, err := onig.Compile(pattern)
	if err != nil {
		return cutter{}, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return cutter{re, pattern, behavior, invert}, nil
}

// span is a part of a text; match says that the pattern matched it.
type span struct {
	from, to int
	match    bool
}

// spans returns matches and what lies between them.
func (c cutter) spans(text string) []span {
	var out []span
	done := 0
	c.re.Matches(text, func(from, to int) bool {
		if from > done {
			out = append(out, span{done, from, c.invert})
		}
		if to > from {
			out = append(out, span{from, to, !c.invert})
		}
		done = to
		return true
	})
	if done < len(text) {
		out = append(out, span{done, len(text), c.invert})
	}
	return out
}

// cut appends the parts of text to dst.
func (c cutter) cut(dst []string, text string) []string {
	spans := c.spans(text)
	merged := spans[:0]
	for i, s := range spans {
		before := len(merged) > 0
		switch {
		case c.behavior == "Contiguous" && before && spans[i-1].match == s.match,
			c.behavior == "MergedWithPrevious" && before && s.match && !merged[len(merged)-1].match,
			c.behavior == "MergedWithNext" && before && !s.match && merged[len(merged)-1].match:
			last := &merged[len(merged)-1]
			last.to, last.match = s.to, s.match
		default:
			merged = append(merged, s)
		}
	}
	for _, s := range merged {
		if c.behavior != "Removed" || !s.match {
			dst = append(dst, text[s.from:s.to])
		}
	}
	return dst
}

// step is one step of the general pre-tokenizer. Its fields are done in order.
type step struct {
	underline string // what spaces become; "" if they stay
	prefix    string // put before every part that does not begin with it
	cut       *cutter
	every     int  // characters of a part
	spell     bool // bytes become the characters that stand for them
}

// do returns what a step makes of parts.
func (s *step) do(parts []string) []string {
	var out []string
	for _, part := range parts {
		if s.underline != "" {
			part = strings.ReplaceAll(part, " ", s.underline)
		}
		if s.prefix != "" && !strings.HasPrefix(part, s.prefix) {
			part = s.prefix + part
		}
		switch {
		case s.cut != nil:
			out = s.cut.cut(out, part)
		case s.every > 0:
			out = inEqualParts(out, part, s.every)
		default:
			out = append(out, part)
		}
	}
	if s.spell {
		for i, part := range out {
			out[i] = byteLevel(part)
		}
	}
	return out
}

// inEqualParts appends parts of n characters each.
func inEqualParts(dst []string, text string, n int) []string {
	from, count := 0, 0
	for i := range text {
		if count == n {
			dst = append(dst, text[from:i])
			from, count = i, 0
		}
		count++
	}
	if from < len(text) {
		dst = append(dst, text[from:])
	}
	return dst
}

// cutAll cuts text by all steps in sequence.
func cutAll(steps []step, text string) []string {
	parts := []string{text}
	for i := range steps {
		parts = steps[i].do(parts)
	}
	return parts
}

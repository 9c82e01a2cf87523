// Package onig runs the regular expressions of tokenizer files as Oniguruma does,
// the engine of Hugging Face's tokenizers: its syntax is that of Ruby, and its
// character classes are of Unicode 16.
//
// A pattern is translated for regexp2, which has the same operators under other
// spellings. What has no translation is an error, never a guess.
package onig

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	re *regexp2.Regexp
}

// ErrSyntax is in the errors about patterns that Compile cannot translate.
var ErrSyntax = errors.New("unsupported pattern")

// Compile translates and compiles a pattern.
func Compile(pattern string) (*Regexp, error) {
	translated, err := translate(pattern)
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrSyntax, pattern, err)
	}
	re, err := regexp2.Compile(translated, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrSyntax, pattern, err)
	}
	return &Regexp{re}, nil
}

// Matches calls yield for the matches in text from left to right, as byte
// offsets, until it returns false. A match may be empty.
func (r *Regexp) Matches(text string, yield func(from, to int) bool) {
	runes, ascii := known(text)
	at, index := 0, 0 // a byte offset, and the number of runes before it
	// The engine's only error is a timeout, and none is set.
	m, _ := r.re.FindRunesMatch(runes)
	for ; m != nil; m, _ = r.re.FindNextMatch(m) {
		from, to := m.Index, m.Index+m.Length
		if !ascii {
			for ; index < m.Index; index++ {
				at += size(text, at)
			}
			for from = at; index < m.Index+m.Length; index++ {
				at += size(text, at)
			}
			to = at
		}
		if !yield(from, to) {
			return
		}
	}
}

func size(text string, at int) int {
	if text[at] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(text[at:])
	return n
}

// known returns the runes of text, those that Go's tables do not know replaced by
// others of the same category.
func known(text string) (runes []rune, ascii bool) {
	runes = []rune(text)
	if len(runes) == len(text) {
		return runes, true
	}
	for i, r := range runes {
		if r >= newer[0].first {
			runes[i] = older(r)
		}
	}
	return runes, false
}

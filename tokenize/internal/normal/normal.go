// Package normal normalises text as Hugging Face's tokenizers do: Unicode's forms,
// with the tables of the old version that they use.
package normal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Form normalises to one of the forms of Unicode.
type Form struct {
	name string
	form norm.Form
}

// Named returns a form by the name that tokenizer.json has for it: NFC, NFD, NFKC
// or NFKD.
func Named(name string) (Form, bool) {
	for i, known := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		if known == name {
			return Form{name, norm.Form(i)}, true
		}
	}
	return Form{}, false
}

// Name returns the name of the form.
func (f Form) Name() string { return f.name }

// String returns the normal form of text, which is text itself wherever that is
// normal already, as ASCII always is.
func (f Form) String(text string) string {
	if isASCII(text) {
		return text
	}
	if strings.IndexFunc(text, isNewer) >= 0 {
		return f.around(text)
	}
	if f.form.IsNormalString(text) {
		return text
	}
	return f.form.String(text)
}

// around normalises what lies between characters that the reference does not
// know: they take part in nothing.
func (f Form) around(text string) string {
	var b strings.Builder
	for text != "" {
		i := strings.IndexFunc(text, isNewer)
		if i < 0 {
			i = len(text)
		}
		b.WriteString(f.form.String(text[:i]))
		_, size := utf8.DecodeRuneInString(text[i:])
		b.WriteString(text[i : i+size])
		text = text[i+size:]
	}
	return b.String()
}

// isNewer reports whether r is unknown to the reference. The frequent scripts
// are told without a search.
func isNewer(r rune) bool {
	switch {
	case r < 0x7fd, r >= 0x1e00 && r < 0x32ff, r >= 0x3300 && r < 0xa7f2, r >= 0xab6a && r < 0x10000:
		return false
	}
	return unicode.Is(newer, r)
}

// StripAccents removes the accents from text; composed characters keep theirs.
func StripAccents(text string) string {
	if isASCII(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && unicode.Is(accents, r) {
			return -1
		}
		return r
	}, text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

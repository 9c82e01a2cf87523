// Package normal normalises text as Hugging Face's tokenizers do: Unicode's forms,
// with the tables of the old version that they use.
package normal

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Form normalises to one of the forms of Unicode.
type Form struct {
	name string
	form norm.Form
	*tables
}

// tables is what tells most texts that are in a form, for code points below
// limit. A character is stable if it is its own normal form and has to do with
// none before it. Others may have a combining class and be as little a reason to
// change a text, as long as these classes do not fall.
type tables struct {
	stable  [limit / 64]uint64
	classes [limit]uint8 // 0 for characters that take a closer look
}

const limit = 0x20000

// Named returns a form by the name that tokenizer.json has for it: NFC, NFD, NFKC
// or NFKD.
func Named(name string) (Form, bool) {
	for i, known := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		if known == name {
			return Form{name, norm.Form(i), tablesOf[i]()}, true
		}
	}
	return Form{}, false
}

// tablesOf makes the tables of each form once.
var tablesOf = [...]func() *tables{
	sync.OnceValue(func() *tables { return newTables(norm.NFC) }),
	sync.OnceValue(func() *tables { return newTables(norm.NFD) }),
	sync.OnceValue(func() *tables { return newTables(norm.NFKC) }),
	sync.OnceValue(func() *tables { return newTables(norm.NFKD) }),
}

func newTables(form norm.Form) *tables {
	t := &tables{}
	var buf [utf8.UTFMax]byte
	for r := rune(0); r < limit; r++ {
		b := buf[:utf8.EncodeRune(buf[:], r)]
		switch p := form.Properties(b); {
		case !form.IsNormal(b) || isNewer(r):
		case p.CCC() == 0 && p.BoundaryBefore():
			t.stable[r/64] |= 1 << (r % 64)
		case p.CCC() > 0 && !combines(form, b):
			t.classes[r] = p.CCC()
		}
	}
	return t
}

// combines reports whether the character may become one with the one before it.
func combines(form norm.Form, char []byte) bool {
	return (form == norm.NFC || form == norm.NFKC) && form.QuickSpan(append([]byte("\u1100"), char...)) != len(char)+3
}

// Name returns the name of the form.
func (f Form) Name() string { return f.name }

// String returns the normal form of text, which is text itself wherever that is
// normal already.
func (f Form) String(text string) string {
	from, to := f.unstable(text, 0)
	if from == len(text) {
		return text
	}
	var b strings.Builder
	done := 0
	for from < len(text) {
		if part := text[from:to]; f.form.IsNormalString(part) && strings.IndexFunc(part, isNewer) < 0 {
			from, to = f.unstable(text, to)
			continue
		}
		b.WriteString(text[done:from])
		b.WriteString(f.around(text[from:to]))
		done = to
		from, to = f.unstable(text, to)
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// unstable returns the next part of text at or after i that takes a closer look:
// from a stable character up to another. Both are the length of text if there is
// none.
func (f Form) unstable(text string, i int) (from, to int) {
	from = i
	class := uint8(0)
	found := false
	if i = ascii(text, i); i > from {
		from = i - 1
	}
	for i < len(text) {
		r, size := rune(text[i]), 1
		if r >= 0xE5 && r <= 0xE9 && len(text)-i >= 3 && text[i+1]&text[i+2]&0xC0 == 0x80 && (text[i+1]|text[i+2])&0x40 == 0 {
			if found { // U+5000 to U+9FFF are stable in every form
				return from, i
			}
			from, class = i, 0
			i += 3
			continue
		}
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if r < limit && f.stable[r/64]>>(r%64)&1 != 0 {
			if found {
				return from, i
			}
			from, class = i, 0
			if i += size; size == 1 && i%8 == 0 {
				if i = ascii(text, i); i > from+1 {
					from = i - 1
				}
			}
			continue
		}
		if r >= limit || f.classes[r] == 0 || f.classes[r] < class {
			found = true
		} else {
			class = f.classes[r]
		}
		i += size
	}
	if found {
		return from, len(text)
	}
	return len(text), len(text)
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

// ascii returns where the groups of eight bytes end that are ASCII throughout,
// counted from from.
func ascii(text string, from int) int {
	for ; from+8 <= len(text); from += 8 {
		w := text[from : from+8]
		if (w[0]|w[1]|w[2]|w[3]|w[4]|w[5]|w[6]|w[7])&utf8.RuneSelf != 0 {
			break
		}
	}
	return from
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
	i := ascii(text, 0)
	for i < len(text) && text[i] < utf8.RuneSelf {
		i++
	}
	return i == len(text)
}

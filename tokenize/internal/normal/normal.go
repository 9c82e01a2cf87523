// Package normal normalises text as Hugging Face's tokenizers do: Unicode's forms,
// with the tables of the old version that they use.
package normal

import (
	"math/bits"
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
// change a text, as long as these classes do not fall; or may become one with a
// character before them, but not with the one that is there.
type tables struct {
	stable  [limit / 64]uint64
	classes [limit]uint8 // 0 for characters that take a closer look
	pairing [limit / 64]uint64
	pairs   [1 << (pairBits - 6)]uint64 // hashes of two characters that become one
	made    [limit / 64]uint64          // characters that others become
	swaps   map[rune]string             // normal forms that begin with a stable character
	unions  map[[2]rune]string          // normal forms of the two characters that become one
}

// noClass stands for the combining class 0 of a character that may become one with
// another.
const noClass = 255

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
	t := &tables{swaps: map[rune]string{}, unions: map[[2]rune]string{}}
	var buf [utf8.UTFMax]byte
	for r := rune(0); r < limit; r++ {
		b := buf[:utf8.EncodeRune(buf[:], r)]
		switch p := form.Properties(b); {
		case isNewer(r):
		case !form.IsNormal(b):
			if !isSyllable(r) { // of which there are too many
				t.swaps[r] = string(form.Bytes(b))
			}
		case p.CCC() == 0 && p.BoundaryBefore():
			t.stable[r/64] |= 1 << (r % 64)
		case r >= firstJamo && r <= lastJamo:
		default:
			if t.classes[r] = p.CCC(); p.CCC() == 0 {
				t.classes[r] = noClass
			}
			if p.CCC() == 0 || combines(form, b) {
				t.pairing[r/64] |= 1 << (r % 64)
			}
		}
	}
	for r, text := range t.swaps {
		if first, _ := utf8.DecodeRuneInString(text); !t.isStable(first) {
			delete(t.swaps, r)
		}
	}
	if form == norm.NFC || form == norm.NFKC {
		t.addPairs(form)
	}
	return t
}

// The vowels and final consonants of Hangul, which become syllables by rule.
const firstJamo, lastJamo = 0x1161, 0x11FF

// isSyllable reports whether r is a syllable of Hangul.
func isSyllable(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }

// addPairs notes the characters that two others become.
func (t *tables) addPairs(form norm.Form) {
	for r := rune(0); r < limit; r++ {
		if norm.NFD.IsNormalString(string(r)) {
			continue
		}
		t.made[r/64] |= 1 << (r % 64)
		if isSyllable(r) {
			continue // by rule
		}
		parts := norm.NFD.String(string(r))
		last, size := utf8.DecodeLastRuneInString(parts)
		head := norm.NFC.String(parts[:len(parts)-size])
		first, size := utf8.DecodeRuneInString(head)
		if size > 0 && size == len(head) {
			h := pairHash(first, last)
			t.pairs[h/64] |= 1 << (h % 64)
			if !isNewer(first) && !isNewer(last) {
				t.unions[[2]rune{first, last}] = form.String(head + string(last))
			}
		}
	}
}

const pairBits = 16

func pairHash(a, b rune) uint32 {
	return (uint32(a)*0x9E3779B1 ^ uint32(b)) * 0x85EBCA6B >> (32 - pairBits)
}

// mayPair reports whether b may become one with a, or with what a is made of.
func (t *tables) mayPair(a, b rune) bool {
	h := pairHash(a, b)
	return t.pairs[h/64]>>(h%64)&1 != 0 || uint32(a) >= limit || t.made[a/64]>>(a%64)&1 != 0
}

func (t *tables) isStable(r rune) bool {
	if uint32(r) >= limit {
		return r < limitIdeographs
	}
	return t.stable[r/64]>>(r%64)&1 != 0
}

// limitIdeographs is where the ideographs from limit on end that are all stable: no
// version of Unicode gives any a normal form but itself, as all of those that have
// one come behind.
const limitIdeographs = 0x2F800

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
		part := text[from:to]
		if at, swap := f.swap(part); swap != "" {
			grow(&b, text)
			b.WriteString(text[done : from+at])
			b.WriteString(swap)
			done = to
		} else if union := f.union(part); union != "" {
			grow(&b, text)
			b.WriteString(text[done:from])
			b.WriteString(union)
			done = to
		} else if !f.form.IsNormalString(part) || strings.IndexFunc(part, isNewer) >= 0 {
			grow(&b, text)
			b.WriteString(text[done:from])
			f.around(&b, part)
			done = to
		}
		from, to = f.unstable(text, to)
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// swap returns the normal form of the character that a part consists of, or that
// begins at the place at behind a stable one and ends it; "" if a part is not so.
func (f Form) swap(part string) (at int, text string) {
	r, size := utf8.DecodeRuneInString(part)
	if f.isStable(r) {
		at = size
		r, size = utf8.DecodeRuneInString(part[at:])
	}
	if at+size < len(part) || size <= 1 {
		return 0, ""
	}
	return at, f.swaps[r]
}

// union returns the normal form of a part that consists of two characters that
// become one; "" if it does not.
func (f Form) union(part string) string {
	if len(part) > 2*utf8.UTFMax {
		return ""
	}
	a, size := utf8.DecodeRuneInString(part)
	b, more := utf8.DecodeRuneInString(part[size:])
	if size+more != len(part) {
		return ""
	}
	return f.unions[[2]rune{a, b}]
}

// unstable returns the next part of text at or after i that takes a closer look:
// from a stable character up to another. Both are the length of text if there is
// none.
func (f Form) unstable(text string, i int) (from, to int) {
	from = i
	class, found := uint8(0), false
	last, lastEnd := rune(0), -1 // the last character of a swap, and where it would stand
	for i < len(text) {
		if !found {
			if end := f.stableEnd(text, i); end > i {
				i = end
				from, class = lastChar(text, i), 0
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case f.isStable(r):
			if found {
				return from, i
			}
			from, class = i, 0
		case found && i == lastEnd && uint32(r) < limit && f.classes[r] == noClass && !f.mayPair(last, r):
			return from, i // the next call takes it for what stands there
		case found && uint32(r) < limit && f.classes[r] == 0 && f.swaps[r] != "":
			return from, i // what it becomes begins with a stable character
		case found:
		case uint32(r) >= limit || f.classes[r] == 0:
			found = true
			if swap := f.swaps[r]; swap != "" && class == 0 {
				last, _ = utf8.DecodeLastRuneInString(swap)
				lastEnd = i + size
			}
		case f.pairing[r/64]>>(r%64)&1 != 0 && f.mayPair(firstRune(text[from:]), r):
			found = true
		case f.classes[r] == noClass:
			from, class = i, 0
		case f.classes[r] < class:
			found = true
		default:
			class = f.classes[r]
		}
		i += size
	}
	if found {
		return from, len(text)
	}
	return len(text), len(text)
}

// stableEnd returns where the stable characters end that begin at i, or some of
// them. Bytes that are not valid UTF-8 are U+FFFD, which is stable.
func (f Form) stableEnd(text string, i int) int {
	for i < len(text) {
		a := text[i]
		switch {
		case a < utf8.RuneSelf:
			i = ascii(text, i+1)
		case a>>4 == 0xE && i+2 < len(text):
			b, c := text[i+1]^0x80, text[i+2]^0x80
			if (b|c) >= 0x40 || f.stable[uint(a&0xF)<<6|uint(b)]>>c&1 == 0 {
				return i
			}
			i += 3
		case a>>5 == 6 && i+1 < len(text):
			b := text[i+1] ^ 0x80
			if b >= 0x40 || f.stable[a&0x1F]>>b&1 == 0 {
				return i
			}
			i += 2
		default:
			return i
		}
	}
	return i
}

// lastChar returns where the character begins that ends at i.
func lastChar(text string, i int) int {
	_, size := utf8.DecodeLastRuneInString(text[:i])
	return i - size
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

// grow makes room for what a text becomes, which mostly is little longer.
func grow(b *strings.Builder, text string) {
	if b.Cap() == 0 {
		b.Grow(len(text) + len(text)/8)
	}
}

// around normalises what lies between characters that the reference does not
// know: they take part in nothing.
func (f Form) around(b *strings.Builder, text string) {
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
}

// ascii returns the place at or after from of the first byte that is not ASCII, the
// length of text if there is none.
func ascii(text string, from int) int {
	for ; from+8 <= len(text); from += 8 {
		w := text[from : from+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		if x &= 0x8080808080808080; x != 0 {
			return from + bits.TrailingZeros64(x)/8
		}
	}
	for from < len(text) && text[from] < utf8.RuneSelf {
		from++
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

func isASCII(text string) bool { return ascii(text, 0) == len(text) }

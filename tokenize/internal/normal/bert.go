package normal

import (
	"strings"
	"unicode"
)

// Bert is the normaliser of BERT.
type Bert struct{ Clean, Chinese, Accents, Lower bool }

// String applies the steps that are set: controls go and white space becomes
// spaces, Chinese characters get spaces around them, accents go, letters become
// small.
func (b Bert) String(text string) string {
	if b.Clean {
		text = strings.Map(func(r rune) rune {
			switch {
			case unicode.Is(controls, r):
				return -1
			case unicode.IsSpace(r):
				return ' '
			}
			return r
		}, text)
	}
	if b.Chinese {
		text = spaceChinese(text)
	}
	if b.Accents && !isASCII(text) {
		nfd, _ := Named("NFD")
		text = strings.Map(func(r rune) rune {
			if unicode.Is(accents, r) && !unicode.Is(kept, r) {
				return -1
			}
			return r
		}, nfd.String(text))
	}
	if b.Lower {
		text = Lower(text)
	}
	return text
}

// spaceChinese puts spaces around Chinese characters.
func spaceChinese(text string) string {
	var b strings.Builder
	done := 0
	for i, r := range text {
		if r < 0x3400 || !isChinese(r) {
			continue
		}
		b.WriteString(text[done:i])
		b.WriteByte(' ')
		b.WriteRune(r)
		b.WriteByte(' ')
		done = i + len(string(r))
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// isChinese reports whether r is in one of the blocks that the reference lists,
// with the gap that it has at U+2B820.
func isChinese(r rune) bool {
	switch {
	case r >= 0x3400 && r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x2A6DF,
		r >= 0x2A700 && r <= 0x2B81F, r >= 0x2B920 && r <= 0x2CEAF, r >= 0x2F800 && r <= 0x2FA1F:
		return true
	}
	return false
}

// Lower is the lower case of each character alone, as Unicode 17 has it, which is
// the version of the reference.
func Lower(text string) string {
	if strings.ContainsRune(text, '\u0130') {
		text = strings.ReplaceAll(text, "\u0130", "i\u0307")
	}
	return strings.Map(lower, text)
}

func lower(r rune) rune {
	switch {
	case r < 0x1C89:
	case r == 0x1C89, r == 0xA7CC, r == 0xA7CE, r == 0xA7D2, r == 0xA7D4, r == 0xA7DA:
		return r + 1
	case r == 0xA7CB:
		return 0x264
	case r == 0xA7DC:
		return 0x19B
	case r >= 0x10D50 && r <= 0x10D65: // Garay
		return r + 0x20
	case r >= 0x16EA0 && r <= 0x16EB8: // Beria Erfe
		return r + 0x1B
	}
	return unicode.ToLower(r)
}

// Nmt is the normaliser of that name, of SentencePiece's translation models: some
// controls go, and what is white space to it becomes spaces.
func Nmt(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x1 && r <= 0x8, r == 0xB, r >= 0xE && r <= 0x1F, r == 0x7F, r == 0x8F, r == 0x9F:
			return -1
		case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, r >= 0x200B && r <= 0x200F, r == 0x2028, r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			return ' '
		}
		return r
	}, text)
}

// Package split cuts text into the pieces that byte pair encoding works on, as
// the regular expressions of the known tokenizer families do, without running
// them.
//
// Each family has two forms. Next walks from one piece to the next and is the
// definition. Starts marks the starts of all pieces of a text at once, from masks
// of 64 bytes; it must mark what Next finds.
//
// Text is valid UTF-8 throughout; Starts reports where it is not.
package split

// Family is one way of cutting. The zero value is GPT-2's.
type Family struct {
	// Name is the name of the family.
	Name string
	// Words is the shape of words and what may join them.
	Words Words
	// Digits is the greatest number of digits of one piece; 0 means any
	// number, with a space before them, as in GPT-2.
	Digits int
	// DigitsCut says that numbers cut the text before the pattern sees it, so
	// that white space before a number is at the end of its text.
	DigitsCut bool
	// Contractions says where 's, 't, 're, 've, 'm, 'll and 'd are cut.
	Contractions Contractions
	// Slash says that slashes may follow the line breaks after punctuation.
	Slash bool
	// DeepSeek says that the family is that of DeepSeek V3, which shares
	// nothing with the rest.
	DeepSeek bool
}

// Words is the shape of words.
type Words uint8

const (
	// Spaced words are letters with one space before them.
	Spaced Words = iota
	// Joined words are letters with any one character before them that is no
	// letter, number or line break.
	Joined
	// Marked words are Joined words of letters and marks.
	Marked
	// Cased words are Joined words of letters and marks that start anew where
	// a capital follows a small letter.
	Cased
)

// Contractions is the place of English contractions in a pattern.
type Contractions uint8

const (
	// NoContractions says that the apostrophe is punctuation.
	NoContractions Contractions = iota
	// SmallContractions are pieces of their own, in small letters only.
	SmallContractions
	// OwnContractions are pieces of their own in either case.
	OwnContractions
	// SuffixContractions belong to the word before them, in either case.
	SuffixContractions
)

// The families.
var (
	GPT2     = Family{Name: "gpt2", Contractions: SmallContractions}
	Digits   = Family{Name: "digits", Contractions: SmallContractions, Digits: 1, DigitsCut: true}
	CL100K   = Family{Name: "cl100k", Words: Joined, Digits: 3, Contractions: OwnContractions}
	Qwen2    = Family{Name: "qwen2", Words: Joined, Digits: 1, Contractions: OwnContractions}
	Qwen35   = Family{Name: "qwen3.5", Words: Marked, Digits: 1, Contractions: OwnContractions}
	O200K    = Family{Name: "o200k", Words: Cased, Digits: 3, Contractions: SuffixContractions, Slash: true}
	Tekken   = Family{Name: "tekken", Words: Cased, Digits: 1, Slash: true}
	DeepSeek = Family{Name: "deepseek-v3", DeepSeek: true}
)

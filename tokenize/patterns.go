package tokenize

import (
	"slices"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// The patterns that split text into pieces before merging, as openai/tiktoken
// (tiktoken_ext/openai_public.py) and the makers of tokenizer.json files spell them.
const (
	patternDigit = `\p{N}`
	// patternPunctuation is of Punctuation: ASCII's, and what Unicode 8 has as
	// punctuation, as the library does which the reference uses.
	patternPunctuation = `[[\p{P}$+<=>^\x60|~\x{166D}\x{111C9}]&&[^\x{61D}\x{9FD}\x{A76}\x{C77}\x{C84}\x{1B4E}\x{1B4F}\x{1B7D}-\x{1B7F}\x{2E43}-\x{2E5D}\x{10D6E}\x{10EAD}` +
		`\x{10F55}-\x{10F59}\x{10F86}-\x{10F89}\x{113D4}-\x{113D8}\x{1144B}-\x{1145D}\x{11660}-\x{1166C}\x{116B9}\x{1183B}\x{11944}-\x{11946}\x{119E2}\x{11A3F}-\x{11A46}` +
		`\x{11A9A}-\x{11A9C}\x{11A9E}-\x{11AA2}\x{11BE1}\x{11C41}-\x{11C45}\x{11C70}\x{11C71}\x{11EF7}\x{11EF8}\x{11F43}-\x{11F4F}\x{11FFF}\x{12FF1}\x{12FF2}\x{16D6D}-\x{16D6F}` +
		`\x{16E97}-\x{16E9A}\x{16FE2}\x{1E5FF}\x{1E95E}\x{1E95F}]]`
	patternDigits = `\p{N}+`
	// patternWords is of Whitespace: the word characters of Unicode's
	// annex 18.
	patternWords  = `[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}\s]+`
	patternGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	patternCL100K = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternQwen35 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternO200K  = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternTekken = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|` +
		`\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternHan      = "[一-龥\u3040-ゟ゠-ヿ]+"
	patternDeepSeek = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
)

// respell brings the spellings of one pattern together: line breaks as they are
// or escaped, contractions with their apostrophe in front, and possessive
// quantifiers where there is nothing to give back.
var respell = strings.NewReplacer(
	"\r", `\r`, "\n", `\n`,
	`'(?i:[sdmt]|ll|ve|re)`, `(?i:'s|'t|'re|'ve|'m|'ll|'d)`,
	`'(?:[sdmt]|ll|ve|re)`, `'s|'t|'re|'ve|'m|'ll|'d`,
	`\p{L}++`, `\p{L}+`, `\p{N}++`, `\p{N}+`, `{1,3}+`, `{1,3}`,
	`[^\r\n\p{L}\p{N}]?+\p{L}`, `[^\r\n\p{L}\p{N}]?\p{L}`,
	`[^\s\p{L}\p{N}]++`, `[^\s\p{L}\p{N}]+`, `[\r\n]*+`, `[\r\n]*`,
)

// familyOf returns the scanner for a sequence of patterns, nil if there is none.
func familyOf(patterns []string) *split.Family {
	for _, known := range []struct {
		family   *split.Family
		patterns []string
	}{
		{&split.GPT2, []string{patternGPT2}},
		{&split.Digits, []string{patternDigit, patternGPT2}},
		{&split.CL100K, []string{patternCL100K}},
		{&split.Qwen2, []string{patternQwen2}},
		{&split.Qwen35, []string{patternQwen35}},
		{&split.O200K, []string{patternO200K}},
		{&split.Tekken, []string{patternTekken}},
		{&split.DeepSeek, []string{`\p{N}{1,3}`, patternHan, patternDeepSeek}},
	} {
		if slices.EqualFunc(patterns, known.patterns, func(a, b string) bool { return respell.Replace(a) == respell.Replace(b) }) {
			return known.family
		}
	}
	return nil
}

package tokenize

import (
	"slices"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// The patterns that split text into pieces before merging, as openai/tiktoken
// (tiktoken_ext/openai_public.py) and the makers of tokenizer.json files spell them.
const (
	patternDigit  = `\p{N}`
	patternDigits = `\p{N}+`
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

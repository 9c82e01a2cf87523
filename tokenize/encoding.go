package tokenize

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tiktoken "github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// The patterns that split text into pieces before merging, as tiktoken has them
// (openai/tiktoken, tiktoken_ext/openai_public.py).
const (
	patternGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	patternCL100K = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternO200K  = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// definition is what makes an encoding: embedded ranks, a pattern and special
// tokens.
type definition struct {
	ranks   string // the file that holds them
	pattern string
	special map[string]int
}

// definitions returns the known encodings by name.
func definitions() map[string]definition {
	r50k := definition{"r50k_base.tiktoken", patternGPT2, map[string]int{tiktoken.ENDOFTEXT: 50256}}
	return map[string]definition{
		"o200k_base": {"o200k_base.tiktoken", patternO200K, map[string]int{
			tiktoken.ENDOFTEXT: 199999, tiktoken.ENDOFPROMPT: 200018}},
		"o200k_harmony": {"o200k_base.tiktoken", patternO200K, harmony()},
		"cl100k_base": {"cl100k_base.tiktoken", patternCL100K, map[string]int{
			tiktoken.ENDOFTEXT: 100257, tiktoken.FIM_PREFIX: 100258, tiktoken.FIM_MIDDLE: 100259,
			tiktoken.FIM_SUFFIX: 100260, tiktoken.ENDOFPROMPT: 100276}},
		"p50k_base": {"p50k_base.tiktoken", patternGPT2, map[string]int{tiktoken.ENDOFTEXT: 50256}},
		"p50k_edit": {"p50k_base.tiktoken", patternGPT2, map[string]int{
			tiktoken.ENDOFTEXT: 50256, tiktoken.FIM_PREFIX: 50281, tiktoken.FIM_MIDDLE: 50282, tiktoken.FIM_SUFFIX: 50283}},
		"r50k_base": r50k,
		"gpt2":      r50k,
	}
}

// harmony is the special tokens of gpt-oss: the ranks are those of o200k_base,
// ids without a name are reserved (openai/tiktoken).
func harmony() map[string]int {
	special := map[string]int{
		"<|startoftext|>": 199998, "<|endoftext|>": 199999, "<|return|>": 200002, "<|constrain|>": 200003,
		"<|channel|>": 200005, "<|start|>": 200006, "<|end|>": 200007, "<|message|>": 200008, "<|call|>": 200012,
		"<|endofprompt|>": 200018,
	}
	taken := map[int]bool{}
	for _, id := range special {
		taken[id] = true
	}
	for id := 200000; id < 201088; id++ {
		if !taken[id] {
			special[fmt.Sprintf("<|reserved_%d|>", id)] = id
		}
	}
	return special
}

// Names returns the encodings that Encoding knows, in order.
func Names() []string { return slices.Sorted(maps.Keys(definitions())) }

// Encoding returns the tokenizer of a tiktoken encoding: cl100k_base,
// o200k_base, o200k_harmony, p50k_base, p50k_edit, r50k_base or its other name
// gpt2. Loading takes some tenths of a second; share the result.
func Encoding(name string) (*Tokenizer, error) {
	d, ok := definitions()[name]
	if !ok {
		return nil, fmt.Errorf("datamix/tokenize: unknown encoding %q; known are %s", name, strings.Join(Names(), ", "))
	}
	ranks, err := loader.NewOfflineLoader().LoadTiktokenBpe(d.ranks)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize: %s: %w", name, err)
	}
	return newTokenizer(name, ranks, d)
}

// ForModel returns the tokenizer of an OpenAI model by its name ("gpt-4o",
// "gpt-4-0314", "gpt-oss-120b"), as tiktoken maps models to encodings.
func ForModel(model string) (*Tokenizer, error) {
	name, ok := encodingOf(model)
	if !ok {
		return nil, fmt.Errorf("datamix/tokenize: unknown model %q; name an encoding: %s", model, strings.Join(Names(), ", "))
	}
	return Encoding(name)
}

func encodingOf(model string) (string, bool) {
	if strings.HasPrefix(model, "gpt-oss") {
		return "o200k_harmony", true
	}
	if name, ok := tiktoken.MODEL_TO_ENCODING[model]; ok {
		return name, true
	}
	for _, prefix := range slices.Sorted(maps.Keys(tiktoken.MODEL_PREFIX_TO_ENCODING)) {
		if strings.HasPrefix(model, prefix) {
			return tiktoken.MODEL_PREFIX_TO_ENCODING[prefix], true
		}
	}
	for _, family := range []string{"o1", "o3", "o4-mini", "gpt-5", "chatgpt-4o-"} {
		if model == family || strings.HasPrefix(model, strings.TrimSuffix(family, "-")+"-") {
			return "o200k_base", true
		}
	}
	return "", false
}

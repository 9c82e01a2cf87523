package tokenize

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	tiktoken "github.com/pkoukk/tiktoken-go"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/tokenize/internal/bpe"
	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// definition is what makes an encoding: embedded ranks, a pattern and special
// tokens.
type definition struct {
	ranks   string // the file that holds them
	pattern string
	family  *split.Family
	special map[string]int
}

// definitions returns the known encodings by name.
func definitions() map[string]definition {
	r50k := definition{"r50k_base.tiktoken", patternGPT2, &split.GPT2, map[string]int{tiktoken.ENDOFTEXT: 50256}}
	return map[string]definition{
		"o200k_base": {"o200k_base.tiktoken", patternO200K, &split.O200K, map[string]int{
			tiktoken.ENDOFTEXT: 199999, tiktoken.ENDOFPROMPT: 200018}},
		"o200k_harmony": {"o200k_base.tiktoken", patternO200K, &split.O200K, harmony()},
		"cl100k_base": {"cl100k_base.tiktoken", patternCL100K, &split.CL100K, map[string]int{
			tiktoken.ENDOFTEXT: 100257, tiktoken.FIM_PREFIX: 100258, tiktoken.FIM_MIDDLE: 100259,
			tiktoken.FIM_SUFFIX: 100260, tiktoken.ENDOFPROMPT: 100276}},
		"p50k_base": {"p50k_base.tiktoken", patternGPT2, &split.GPT2, map[string]int{tiktoken.ENDOFTEXT: 50256}},
		"p50k_edit": {"p50k_base.tiktoken", patternGPT2, &split.GPT2, map[string]int{
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
// gpt2. Special tokens in a text are text; see EncodingWith. The first text that is
// counted loads the ranks and builds the tables, which takes some tens of
// milliseconds and up to 20 MB; share the result.
func Encoding(name string) (*Tokenizer, error) { return EncodingWith(name, nil) }

// EncodingWith is Encoding with options; nil is the defaults.
func EncodingWith(name string, opts *Options) (*Tokenizer, error) {
	d, ok := definitions()[name]
	if !ok {
		return nil, fmt.Errorf("datamix/tokenize: unknown encoding %q; known are %s", name, strings.Join(Names(), ", "))
	}
	o := opts.orDefault()
	if o.AddSpecialTokens {
		return nil, fmt.Errorf("datamix/tokenize: %s: AddSpecialTokens is set, but tiktoken's encodings have no template", name)
	}
	t, err := d.tokenizer(name, o)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize: %s: %w", name, err)
	}
	return t, nil
}

func (d definition) tokenizer(name string, o Options) (*Tokenizer, error) {
	if k, ok := d.known(name, o); ok {
		return d.later(name, k)
	}
	return d.read(name, o)
}

// read reads the ranks.
func (d definition) read(name string, o Options) (*Tokenizer, error) {
	m, err := d.merges()
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{name: name, options: o, engine: newEngine(m.Build), ids: new(ids)}
	t.engine.family = d.family
	t.ids.all(m.Texts)
	if err := t.addTokens(d.specials()); err != nil {
		return nil, err
	}
	t.finish(m, []string{d.pattern})
	return t, nil
}

// later returns a tokenizer that reads the ranks when they are needed. Those of a
// known file can be read.
func (d definition) later(name string, k known) (*Tokenizer, error) {
	merges := sync.OnceValue(func() *bpe.Merges {
		m, err := d.merges()
		if err != nil { // the same bytes were read in a test
			panic(fmt.Sprintf("datamix/tokenize: %s: %v", name, err))
		}
		return m
	})
	t := &Tokenizer{name: name, ids: &ids{texts: new(bpe.Texts)}, longest: k.longest, fingerprint: k.fingerprint}
	t.engine = newEngine(func() *bpe.Vocab { return merges().Build() })
	t.engine.family = d.family
	t.load = sync.OnceFunc(func() { t.ids.all(merges().Texts) })
	if err := t.addTokens(d.specials()); err != nil {
		return nil, err
	}
	t.outline([]string{d.pattern})
	return t, nil
}

// merges reads the ranks.
func (d definition) merges() (*bpe.Merges, error) {
	texts, err := embeddedRanks(d.ranks)
	if err != nil {
		return nil, err
	}
	return bpe.Ranked(texts)
}

// specials returns the special tokens in the order of their texts.
func (d definition) specials() (out []addedToken) {
	for _, text := range slices.Sorted(maps.Keys(d.special)) {
		out = append(out, addedToken{ID: uint32(d.special[text]), Content: text, Special: true})
	}
	return out
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

// Registry returns a registry of the encodings, in which a Spec's fingerprint
// must be that of the encoding here.
func Registry() *datamix.Registry[datamix.Tokenizer] {
	g := &datamix.Registry[datamix.Tokenizer]{}
	for _, name := range Names() {
		_ = g.Add(name, func(s datamix.Spec) (datamix.Tokenizer, error) {
			t, err := Encoding(name)
			if err != nil {
				return nil, err
			}
			if own, _ := t.Spec(); len(s.Options) > 0 && string(own.Options) != string(s.Options) {
				return nil, fmt.Errorf("the spec %s is of another version of it than %s", s.Options, own.Options)
			}
			return t, nil
		})
	}
	return g
}

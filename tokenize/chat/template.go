package chat

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// Options changes what a template renders. Nil is the defaults.
type Options struct {
	// BOS and EOS are the special tokens around texts. They stand for the ones
	// that a built-in form or a tokenizer_config.json has.
	BOS, EOS string
	// Variables are further variables of the template, such as enable_thinking:
	// values that encoding/json can write.
	Variables map[string]any
	// Now is the date that strftime_now tells templates. The zero Time stands for
	// none: strftime_now is not defined then, and templates that need it are
	// errors.
	Now time.Time
	// TextArguments passes the arguments of tool calls as JSON text, as OpenAI's
	// interface does. The default is to pass the value of the JSON text, which is
	// what most templates want; DeepSeek V3's wants text.
	TextArguments bool
	// Variant is the name of the template in files that hold several. The default
	// is "default", and for chats with tools "tool_use" if there is one.
	Variant string
}

func (o *Options) orDefault() Options {
	if o == nil {
		return Options{}
	}
	return *o
}

// Template renders chats. It is immutable and safe for concurrent use.
type Template struct {
	name        string
	jinja       *jinja2.Template
	withTools   *jinja2.Template // for chats with tools; nil for the same
	native      func(*page, *special, []message)
	tokens      special
	vars        map[string]jinja2.Value
	options     Options
	ends        [2]string // the end-of-turn token inside a chat and at its end
	prompt      string    // the generation prompt
	parts       bool      // contents are lists of parts
	traceable   bool      // chats may be written by recipes
	recipes     *recipes
	fingerprint string
}

// special is the special tokens that a form is written with.
type special struct{ bos, eos string }

// version goes up when the same template renders otherwise.
const version = 2

//go:embed forms/*.jinja
var forms embed.FS

// form is a built-in form.
type form struct {
	special
	native func(*page, *special, []message)
}

func builtins() map[string]form {
	return map[string]form{
		"chatml":     {special{"", "<|im_end|>"}, writeChatML},
		"llama2":     {special{"<s>", "</s>"}, nil},
		"llama3":     {special{"<|begin_of_text|>", "<|eot_id|>"}, writeLlama3},
		"llama3.1":   {special{"<|begin_of_text|>", "<|eot_id|>"}, writeLlama31},
		"tulu":       {special{"<|begin_of_text|>", "<|end_of_text|>"}, writeTulu},
		"zephyr":     {special{"<s>", "</s>"}, writeZephyr},
		"mistral-v1": {special{"<s>", "</s>"}, writeMistral1},
		"mistral-v3": {special{"<s>", "</s>"}, writeMistral3},
		"gemma":      {special{"<bos>", "<eos>"}, writeGemma},
		"gemma3":     {special{"<bos>", "<eos>"}, writeGemma3},
		"qwen2.5":    {special{"", "<|im_end|>"}, writeQwen25},
		"qwen3":      {special{"", "<|im_end|>"}, writeQwen3},
	}
}

// Names returns the built-in forms, in order:
//
//	chatml       <|im_start|>role, as SmolLM2 and OLMo have it; no system turn is added
//	gemma        Gemma 1 and 2, which have no system turn
//	gemma3       Gemma 3: the system text stands before the first user turn's
//	llama2       [INST] with <<SYS>>
//	llama3       Llama 3
//	llama3.1     Llama 3.1, with its system turn and tools
//	mistral-v1   Mistral 7B 0.1 and 0.2
//	mistral-v3   Mistral 7B 0.3, with tools; system text goes with the last user turn
//	qwen2.5      ChatML with Qwen's own system turn and tools
//	qwen3        ChatML with reasoning and tools
//	tulu         Tülu 3, OLMo Instruct; for Tülu 2 set EOS to </s>
//	zephyr       Zephyr
func Names() []string { return slices.Sorted(maps.Keys(builtins())) }

// Builtin returns a built-in form by its name: see Names. An unknown name is an
// error that lists them.
func Builtin(name string, opts *Options) (*Template, error) {
	f, ok := builtins()[name]
	if !ok {
		return nil, fmt.Errorf("datamix/tokenize/chat: no template is called %q; built in are %s", name, strings.Join(Names(), ", "))
	}
	o := opts.orDefault()
	if o.BOS == "" {
		o.BOS = f.bos
	}
	if o.EOS == "" {
		o.EOS = f.eos
	}
	source, err := forms.ReadFile("forms/" + name + ".jinja")
	if err != nil {
		return nil, err
	}
	t, err := newTemplate(name, config{templates: map[string]string{defaultName: string(source)}}, o)
	if err != nil {
		return nil, err
	}
	if len(o.Variables) == 0 {
		t.native = f.native
	}
	return t, nil
}

// Parse returns the template of a Jinja text, under a name for reports and
// messages. A text that is no template is an error with its line.
func Parse(source, name string, opts *Options) (*Template, error) {
	return newTemplate(name, config{templates: map[string]string{defaultName: source}}, opts.orDefault())
}

// Name is the name of a built-in form, or what Parse or File were told.
func (t *Template) Name() string { return t.name }

// Fingerprint is a SHA-256 in hexadecimal of everything that decides a rendering:
// the template, its special tokens and options. Equal fingerprints give equal
// texts and spans.
func (t *Template) Fingerprint() string { return t.fingerprint }

func newTemplate(name string, c config, o Options) (*Template, error) {
	t, err := buildTemplate(name, c, o)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize/chat: %s: %w", name, err)
	}
	return t, nil
}

func buildTemplate(name string, c config, o Options) (*Template, error) {
	source, tools, err := c.pick(o.Variant)
	if err != nil {
		return nil, err
	}
	t := &Template{name: name, options: o, recipes: &recipes{}}
	jo := jinja2.Options{Now: o.Now}
	if t.jinja, err = jinja2.Compile(source, jo); err != nil {
		return nil, err
	}
	if tools != "" {
		if t.withTools, err = jinja2.Compile(tools, jo); err != nil {
			return nil, err
		}
	}
	if o.BOS != "" {
		c.tokens.set("bos_token", o.BOS)
	}
	if o.EOS != "" {
		c.tokens.set("eos_token", o.EOS)
	}
	t.tokens = special{c.tokens.get("bos_token"), c.tokens.get("eos_token")}
	if err := t.setVariables(c.tokens); err != nil {
		return nil, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q %q %v %v", version, source, tools, c.tokens, variablesJSON(o.Variables), o.Now.UTC().UnixNano(), o.TextArguments)
	if o.Now.IsZero() {
		h.Write([]byte("no date"))
	}
	t.fingerprint = hex.EncodeToString(h.Sum(nil))
	t.findEnds()
	t.traceable = !strings.Contains(fmt.Sprintf("%s%s%s", source, c.tokens, variablesJSON(o.Variables)), signLead)
	return t, nil
}

func variablesJSON(v map[string]any) []byte {
	b, _ := json.Marshal(v) // setVariables has found errors
	return b
}

// setVariables makes the variables that are the same for every chat.
func (t *Template) setVariables(tokens tokenList) error {
	t.vars = map[string]jinja2.Value{}
	for _, token := range tokens {
		v, err := jinja2.FromJSON(token.json)
		if err != nil {
			return fmt.Errorf("the special token %s: %w", token.name, err)
		}
		t.vars[token.name] = v
	}
	for name, x := range t.options.Variables {
		raw, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("the variable %s: %w", name, err)
		}
		switch name {
		case "messages", "tools", "documents", "add_generation_prompt":
			return fmt.Errorf("the variable %s is the record's, not an option", name)
		}
		v, err := jinja2.FromJSON(string(raw))
		if err != nil {
			return fmt.Errorf("the variable %s: %w", name, err)
		}
		t.vars[name] = v
	}
	return nil
}

// ErrTemplate is in the errors about records that a template refuses.
var ErrTemplate = errors.New("the chat template refuses the record")

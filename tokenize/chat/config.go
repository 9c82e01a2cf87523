package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/datamix-go/datamix/tokenize/chat/internal/jinja2"
)

// The files of a Hugging Face folder that this package knows.
const (
	configFile   = "tokenizer_config.json"
	templateFile = "chat_template.jinja"
	templateJSON = "chat_template.json"
	tokensFile   = "special_tokens_map.json"
	moreFolder   = "additional_chat_templates"

	defaultName = "default"
	toolsName   = "tool_use"
)

// maxConfig bounds the size in bytes of a tokenizer_config.json; those of models
// with many added tokens have 200 KB.
const maxConfig = 64 << 20

// config is what files say about templates and special tokens.
type config struct {
	templates map[string]string
	tokens    tokenList
}

// tokenList is special tokens by name, in the order of the file, as JSON.
type tokenList []specialToken

type specialToken struct{ name, json string }

func (l *tokenList) set(name, text string) {
	raw, _ := json.Marshal(text)
	for i := range *l {
		if (*l)[i].name == name {
			(*l)[i].json = string(raw)
			return
		}
	}
	*l = append(*l, specialToken{name, string(raw)})
}

func (l tokenList) get(name string) string {
	text := ""
	for _, t := range l {
		if t.name == name {
			_ = json.Unmarshal([]byte(t.json), &text) // "" where it is a list
		}
	}
	return text
}

// pick returns the template of a name, and the one for chats with tools where that
// is another.
func (c *config) pick(variant string) (source, tools string, err error) {
	names := make([]string, 0, len(c.templates))
	for n := range c.templates {
		names = append(names, n)
	}
	slices.Sort(names)
	if variant != "" {
		source, ok := c.templates[variant]
		if !ok {
			return "", "", fmt.Errorf("it has no template called %q; it has %s", variant, strings.Join(names, ", "))
		}
		return source, "", nil
	}
	source, ok := c.templates[defaultName]
	if !ok {
		return "", "", fmt.Errorf("it has no template called default; choose by Variant: %s", strings.Join(names, ", "))
	}
	return source, c.templates[toolsName], nil
}

// File returns the template of a file: a tokenizer_config.json, with its special
// tokens; a Jinja text (any name that ends with .jinja, .j2 or .txt) or a
// chat_template.json, with the special tokens of a tokenizer_config.json in the
// same folder, if there is one; or of a folder with such files, in which a
// chat_template.jinja goes before the others, as in transformers.
func File(path string, opts *Options) (*Template, error) {
	name := filepath.Base(path)
	if folder := filepath.Base(filepath.Dir(path)); folder != "." && folder != string(filepath.Separator) {
		name = folder + "/" + name
	}
	c, err := readConfig(path)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize/chat: %s: %w", name, err)
	}
	return newTemplate(name, c, opts.orDefault())
}

func readConfig(path string) (config, error) {
	st, err := os.Stat(path)
	if err != nil {
		return config{}, reason(err)
	}
	folder := filepath.Dir(path)
	if st.IsDir() {
		folder = path
		for _, name := range []string{templateFile, templateJSON, configFile} {
			path = filepath.Join(folder, name)
			if _, err = os.Stat(path); err == nil {
				break
			}
		}
		if err != nil {
			return config{}, fmt.Errorf("the folder has no %s, %s or %s", templateFile, templateJSON, configFile)
		}
	}
	c := config{templates: map[string]string{}}
	raw, err := readFile(path)
	if err != nil {
		return c, err
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jinja", ".jinja2", ".j2", ".txt":
		c.templates[defaultName] = string(raw)
	case ".json":
		if err := c.addJSON(raw); err != nil {
			return c, err
		}
	default:
		return c, errors.New("want a tokenizer_config.json, a chat_template.json or a Jinja text with the ending .jinja")
	}
	return c, c.addFolder(folder, path)
}

// addFolder adds what the files beside say and c does not know yet.
func (c *config) addFolder(folder, path string) error {
	if len(c.templates) == 0 {
		if raw, err := readFile(filepath.Join(folder, templateFile)); err == nil {
			c.templates[defaultName] = string(raw)
		}
	}
	more, _ := filepath.Glob(filepath.Join(folder, moreFolder, "*.jinja")) // the pattern is good
	for _, file := range more {
		name := strings.TrimSuffix(filepath.Base(file), ".jinja")
		if _, known := c.templates[name]; known {
			continue
		}
		raw, err := readFile(file)
		if err != nil {
			return err
		}
		c.templates[name] = string(raw)
	}
	for _, name := range []string{configFile, tokensFile} {
		other := filepath.Join(folder, name)
		if c.tokens != nil || other == path {
			continue
		}
		raw, err := readFile(other)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = c.addTokens(raw)
		}
		if err != nil {
			return fmt.Errorf("%s beside it: %w", name, err)
		}
	}
	if len(c.templates) == 0 {
		return errors.New("the file has no chat_template, and no chat_template.jinja lies beside it")
	}
	return nil
}

// addJSON reads a tokenizer_config.json or a chat_template.json.
func (c *config) addJSON(raw []byte) error {
	var file struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("not a %s: %w", configFile, err)
	}
	if err := c.addTokens(raw); err != nil {
		return err
	}
	if len(file.Template) == 0 || string(file.Template) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(file.Template, &one) == nil {
		c.templates[defaultName] = one
		return nil
	}
	var list []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if json.Unmarshal(file.Template, &list) == nil {
		for _, t := range list {
			c.templates[t.Name] = t.Template
		}
		return nil
	}
	if json.Unmarshal(file.Template, &c.templates) == nil {
		return nil
	}
	return errors.New("chat_template is neither a text nor a list of {name, template}")
}

// addTokens reads the special tokens: texts or objects with a content.
func (c *config) addTokens(raw []byte) error {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	for _, name := range []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"} {
		value, ok := file[name]
		if !ok || string(value) == "null" {
			continue
		}
		text, err := tokenText(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.tokens.set(name, text)
	}
	var list []json.RawMessage
	if json.Unmarshal(file["additional_special_tokens"], &list) == nil && len(list) > 0 {
		texts := make([]string, len(list))
		for i, value := range list {
			text, err := tokenText(value)
			if err != nil {
				return fmt.Errorf("additional_special_tokens: %w", err)
			}
			texts[i] = text
		}
		all, _ := json.Marshal(texts)
		c.tokens = append(c.tokens, specialToken{"additional_special_tokens", string(all)})
	}
	return nil
}

func tokenText(raw json.RawMessage) (string, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var object struct {
		Content *string `json:"content"`
	}
	if err := json.Unmarshal(raw, &object); err != nil || object.Content == nil {
		return "", fmt.Errorf("%s is neither a text nor an object with a content", raw)
	}
	return *object.Content, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	limit := int64(jinja2.MaxSource)
	if strings.EqualFold(filepath.Ext(path), ".json") {
		limit = maxConfig
	}
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", filepath.Base(path), limit)
	}
	return raw, nil
}

// reason is an error of the file system without the path.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

package tokenize

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
)

// maxFile bounds the size in bytes of a tokenizer file; the largest in use have
// 33 MB.
const maxFile = 256 << 20

// File returns the tokenizer of a file: Hugging Face's tokenizer.json with a
// model of byte pair encoding, or Mistral's tekken.json; or of the folder that
// holds one of the two under that name. The tokenizer's name is the file's, with
// the folder that it lies in. Nil options are the defaults.
func File(path string, opts *Options) (*Tokenizer, error) {
	path, err := inFolder(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	name := filepath.Base(path)
	if folder := filepath.Base(filepath.Dir(path)); folder != "." && folder != string(filepath.Separator) {
		name = folder + "/" + name
	}
	return Read(f, name, opts)
}

// inFolder returns the path of the tokenizer file where path is a folder.
func inFolder(path string) (string, error) {
	if st, err := os.Stat(path); err != nil || !st.IsDir() {
		return path, nil
	}
	for _, name := range []string{"tokenizer.json", "tekken.json"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	return "", fmt.Errorf("datamix/tokenize: the folder %s holds no tokenizer.json and no tekken.json", path)
}

// Read returns the tokenizer that r holds, as File does, under a name for
// reports. It reads r to its end.
func Read(r io.Reader, name string, opts *Options) (*Tokenizer, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("datamix/tokenize: %s: %w", name, err)
	}
	t, err := parse(raw, name, opts.orDefault())
	if err == nil {
		return t, nil
	}
	if errors.Is(err, ErrUnsupported) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return nil, fmt.Errorf("datamix/tokenize: %s: %w", name, err)
}

func parse(raw []byte, name string, o Options) (*Tokenizer, error) {
	if len(raw) > maxFile {
		return nil, fmt.Errorf("the file has more than %d bytes", maxFile)
	}
	var probe struct {
		Config json.RawMessage `json:"config"`
		Model  *struct{}       `json:"model"`
	}
	if err := json.Unmarshal(raw, &probe); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	if probe.Model == nil && probe.Config != nil {
		return parseTekken(raw, name, o)
	}
	var f hfFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	if f.Model == nil {
		return nil, errors.New("the file has no model: neither a tokenizer.json nor a tekken.json")
	}
	return f.tokenizer(name, o)
}

// tokenizer builds the tokenizer of a tokenizer.json.
func (f *hfFile) tokenizer(name string, o Options) (*Tokenizer, error) {
	if err := f.Model.check(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(f.Model.Vocab, &f.Model.vocab); err != nil {
		return nil, fmt.Errorf("the model's vocab: %w", err)
	}
	t := &Tokenizer{name: name, options: o}
	p, err := f.plan(t)
	if err != nil {
		return nil, err
	}
	vocab, err := f.vocabulary(t, p)
	if err != nil {
		return nil, err
	}
	t.engine = &engine{workers: newWorkers(), vocab: vocab, family: p.family, runs: p.runs, spaces: p.spaces, whole: p.whole, steps: p.steps, spelled: p.spelled}
	if p.runs && (vocab.Gaps() || vocab.WholesOnly() || crossesSpaces(vocab)) {
		t.engine.runs, t.engine.whole = false, true
	}
	if err := f.template(t); err != nil {
		return nil, err
	}
	if err := t.addTokens(f.numbered()); err != nil {
		return nil, err
	}
	t.finish(p.patterns)
	return t, nil
}

// check refuses what is no byte pair encoding of a known kind.
func (m *hfModel) check() error {
	switch {
	case m.Type != "" && m.Type != "BPE":
		return fmt.Errorf("%w: its model is of the type %s, only BPE is supported", ErrUnsupported, m.Type)
	case m.Type == "" && m.Merges == nil:
		return fmt.Errorf("%w: its model has no merges, only BPE is supported", ErrUnsupported)
	case m.Dropout != nil && *m.Dropout != 0:
		return fmt.Errorf("%w: its merges are dropped at random (dropout %v)", ErrUnsupported, *m.Dropout)
	}
	return nil
}

// vocabulary builds the vocabulary and the texts of the ids.
func (f *hfFile) vocabulary(t *Tokenizer, p *plan) (*bpe.Vocab, error) {
	vocab := f.Model.vocab
	size := 0
	for token, id := range vocab {
		if id >= 1<<20 {
			return nil, fmt.Errorf("token %q has the id %d; ids go up to %d", token, id, 1<<20-1)
		}
		size = max(size, int(id)+1)
	}
	m := &bpe.Merges{Text: make([]string, size), Chars: !p.byteLevel, Whole: f.Model.IgnoreMerges, Unknown: -1, Fuse: f.Model.FuseUnknown}
	t.texts, t.known = make([]string, size), make([]bool, size)
	spaces := f.decodesToSpaces()
	for token, id := range vocab {
		if t.known[id] {
			return nil, fmt.Errorf("the id %d is of several tokens, one of them %q", id, token)
		}
		text, decoded := f.text(token, p, spaces)
		m.Text[id], t.texts[id], t.known[id] = text, decoded, true
	}
	if f.Model.Unknown != nil {
		id, ok := vocab[*f.Model.Unknown]
		if ok {
			m.Unknown = int(id)
		}
	}
	f.baseTokens(t, m)
	if err := f.pairs(m); err != nil {
		return nil, err
	}
	v, err := f.build(m, p)
	if err == nil && v.Gaps() && f.Model.Unknown != nil && m.Unknown < 0 {
		return nil, fmt.Errorf("the vocab lacks the unknown token %q", *f.Model.Unknown)
	}
	return v, err
}

// build builds the vocabulary of the merges.
func (f *hfFile) build(m *bpe.Merges, p *plan) (*bpe.Vocab, error) {
	if !f.Model.affixed() {
		return bpe.FromMerges(m)
	}
	a := bpe.Affixes{Prefix: f.Model.Prefix, Suffix: f.Model.Suffix}
	if p.byteLevel {
		a.Spell, a.Raw = byteLevelSpelling, fromByteLevel
	}
	v, err := bpe.FromAffixed(m, a)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return v, nil
}

// text returns what a token stands for in the text of pieces, "" if it can stand
// for nothing, and in decoded text. Where tokens have affixes it is the token as it
// is spelled; in decoded text a suffix is a space.
func (f *hfFile) text(token string, p *plan, spaces bool) (text, decoded string) {
	if f.Model.affixed() {
		word, ends := strings.CutSuffix(strings.TrimPrefix(token, f.Model.Prefix), f.Model.Suffix)
		if text, ok := fromByteLevel(word); p.byteLevel && ok {
			word = text
		}
		if ends && f.Model.Suffix != "" {
			word += " "
		}
		if p.underlines {
			return strings.ReplaceAll(token, metaspace, " "), strings.ReplaceAll(word, metaspace, " ")
		}
		return token, word
	}
	switch {
	case p.byteLevel:
		if text, ok := fromByteLevel(token); ok {
			return text, text
		}
		return "", token
	case p.underlines && strings.Contains(token, " "):
		return "", token
	case p.underlines:
		text = strings.ReplaceAll(token, metaspace, " ")
		return text, text
	case spaces:
		return token, strings.ReplaceAll(token, metaspace, " ")
	}
	return token, token
}

// decodesToSpaces reports whether the decoder turns U+2581 into spaces.
func (f *hfFile) decodesToSpaces() bool {
	for _, s := range f.Decoder.sequence() {
		if s.Type == "Metaspace" || s.Type == "Replace" && s.Pattern.String != nil && *s.Pattern.String == metaspace && s.Content == " " {
			return true
		}
	}
	return false
}

// baseTokens finds the tokens of single bytes: all of a byte-level vocabulary's
// base, or what characters fall back to.
func (f *hfFile) baseTokens(t *Tokenizer, m *bpe.Merges) {
	fallback := m.Chars || f.Model.affixed() // what is no fallback has affixes there
	for b := range m.Base {
		spelled := byteLevelSpelling(byte(b))
		if fallback {
			spelled = fmt.Sprintf("<0x%02X>", b)
		}
		id, ok := f.Model.vocab[spelled]
		if m.Base[b] = -1; !ok || fallback && !f.Model.ByteFallback {
			continue
		}
		m.Base[b] = int(id)
		if m.Chars {
			m.Text[id], t.texts[id] = string([]byte{byte(b)}), string([]byte{byte(b)})
		}
	}
}

// pairs reads the merges.
func (f *hfFile) pairs(m *bpe.Merges) error {
	vocab := f.Model.vocab
	m.Pairs = make([][3]uint32, len(f.Model.Merges))
	joined := make([]byte, 0, 256)
	for i, pair := range f.Model.Merges {
		joined = append(append(joined[:0], pair[0]...), strings.TrimPrefix(pair[1], f.Model.Prefix)...)
		left, okLeft := vocab[pair[0]]
		right, okRight := vocab[pair[1]]
		merged, ok := vocab[string(joined)]
		if !okLeft || !okRight || !ok {
			return fmt.Errorf("merge %d joins %q and %q: not all of them, and %q, are in the vocab", i, pair[0], pair[1], joined)
		}
		m.Pairs[i] = [3]uint32{left, right, merged}
	}
	return nil
}

// crossesSpaces reports whether some token has a space after another character,
// so that words are not merged apart from each other.
func crossesSpaces(v *bpe.Vocab) (crosses bool) {
	v.Symbols(func(text string, _, _, _ uint32, made bool) {
		crosses = crosses || made && strings.Contains(strings.TrimLeft(text, " "), " ")
	})
	return crosses
}

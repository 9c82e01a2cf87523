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
	defer func() { _ = f.Close() }()
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
	t.engine = &engine{workers: newWorkers(), vocab: vocab, family: p.family, steps: p.steps, whole: p.whole, spaced: p.spaced && !crossesSpaces(vocab)}
	if p.spaced && !t.engine.spaced {
		t.engine.whole = true
	}
	if err := f.template(t); err != nil {
		return nil, err
	}
	if err := t.addTokens(f.AddedTokens); err != nil {
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
	case m.Prefix != nil && *m.Prefix != "":
		return fmt.Errorf("%w: its tokens have the prefix %q inside words", ErrUnsupported, *m.Prefix)
	case m.Suffix != nil && *m.Suffix != "":
		return fmt.Errorf("%w: its tokens have the suffix %q at the end of words", ErrUnsupported, *m.Suffix)
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
	m := &bpe.Merges{Text: make([]string, size), Chars: !p.byteLevel, Whole: f.Model.IgnoreMerges}
	t.texts, t.known = make([]string, size), make([]bool, size)
	for token, id := range vocab {
		var decoded string
		var ok bool
		if p.byteLevel {
			decoded, ok = fromByteLevel(token)
		} else {
			ok = !strings.Contains(token, " ")
			decoded = strings.ReplaceAll(token, metaspace, " ")
		}
		if ok {
			m.Text[id] = decoded
		} else {
			decoded = token
		}
		t.texts[id], t.known[id] = decoded, true
	}
	if err := f.baseTokens(t, m); err != nil {
		return nil, err
	}
	m.Pairs = make([][3]uint32, len(f.Model.Merges))
	joined := make([]byte, 0, 256)
	for i, pair := range f.Model.Merges {
		joined = append(append(joined[:0], pair[0]...), pair[1]...)
		left, okLeft := vocab[pair[0]]
		right, okRight := vocab[pair[1]]
		merged, ok := vocab[string(joined)]
		if !okLeft || !okRight || !ok {
			return nil, fmt.Errorf("merge %d joins %q and %q: not all of them, and %q, are in the vocab", i, pair[0], pair[1], joined)
		}
		m.Pairs[i] = [3]uint32{left, right, merged}
	}
	return bpe.FromMerges(m)
}

// baseTokens finds the tokens of single bytes.
func (f *hfFile) baseTokens(t *Tokenizer, m *bpe.Merges) error {
	missing := 0
	for b := range m.Base {
		spelled := byteLevelSpelling(byte(b))
		if m.Chars {
			spelled = fmt.Sprintf("<0x%02X>", b)
		}
		id, ok := f.Model.vocab[spelled]
		if !ok {
			m.Base[b] = -1
			missing++
			continue
		}
		m.Base[b] = int(id)
		if m.Chars {
			m.Text[id], t.texts[id] = string([]byte{byte(b)}), string([]byte{byte(b)})
		}
	}
	switch {
	case m.Chars && (missing > 0 || !f.Model.ByteFallback):
		return fmt.Errorf("%w: its tokens are characters, and what the vocab lacks does not fall back to bytes", ErrUnsupported)
	case missing == 256:
		return fmt.Errorf("%w: its vocab has no tokens for bytes", ErrUnsupported)
	case missing > 0 && f.Model.Unknown != nil && f.Model.vocab[*f.Model.Unknown] > 0:
		return fmt.Errorf("%w: %d bytes have no token and become %s", ErrUnsupported, missing, *f.Model.Unknown)
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

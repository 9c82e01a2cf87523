package tokenize

import (
	"bytes"
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
	p, ok := partsOf(raw)
	if !ok {
		return nil, fmt.Errorf("not a tokenizer.json: %w", syntaxError(raw, errors.New("it is no JSON object")))
	}
	if !p.hasModel && p.hasConfig {
		return parseTekken(raw, name, o)
	}
	var f hfFile
	if err := json.Unmarshal(p.without(raw), &f); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", syntaxError(raw, err))
	}
	if f.Model == nil {
		return nil, errors.New("the file has no model: neither a tokenizer.json nor a tekken.json")
	}
	if err := f.Model.check(); err != nil {
		return nil, err
	}
	if err := f.large(raw, p); err != nil {
		return nil, err
	}
	return f.tokenizer(name, o)
}

// large reads the vocab and the merges.
func (f *hfFile) large(raw []byte, p hfParts) (err error) {
	if f.vocab, err = readVocab(raw[p.vocab.from:p.vocab.to]); err != nil {
		return err
	}
	if p.merges.to == 0 && len(f.Model.Merges) > 0 && string(f.Model.Merges) != "null" {
		return errors.New("not a tokenizer.json: the model's merges are no list")
	}
	if p.merges.to > 0 {
		f.pairs, err = f.vocab.readMerges(raw[p.merges.from:p.merges.to], f.Model.Prefix)
	}
	return err
}

// tokenizer makes the tokenizer of a tokenizer.json.
func (f *hfFile) tokenizer(name string, o Options) (*Tokenizer, error) {
	t := &Tokenizer{name: name, options: o, ids: new(ids)}
	p, err := f.plan(t)
	if err != nil {
		return nil, err
	}
	m, err := f.merges(t, p)
	if err != nil {
		return nil, err
	}
	t.engine = newEngine(m.Build)
	t.engine.family, t.engine.runs, t.engine.spaces, t.engine.whole, t.engine.steps, t.engine.spelled = p.family, p.runs, p.spaces, p.whole, p.steps, p.spelled
	if p.runs && crossesSpaces(m, t.engine) {
		t.engine.runs, t.engine.whole = false, true
	}
	if err := f.template(t); err != nil {
		return nil, err
	}
	if err := t.addTokens(f.numbered()); err != nil {
		return nil, err
	}
	t.finish(m, p.patterns)
	return t, nil
}

// check refuses what is no byte pair encoding of a known kind.
func (m *hfModel) check() error {
	switch {
	case m.Type != "" && m.Type != "BPE":
		return fmt.Errorf("%w: its model is of the type %s, only BPE is supported", ErrUnsupported, m.Type)
	case m.Type == "" && (m.Merges == nil || string(m.Merges) == "null"):
		return fmt.Errorf("%w: its model has no merges, only BPE is supported", ErrUnsupported)
	case m.Dropout != nil && *m.Dropout != 0:
		return fmt.Errorf("%w: its merges are dropped at random (dropout %v)", ErrUnsupported, *m.Dropout)
	}
	return nil
}

// merges makes what the vocabulary is built of, and the texts of the ids.
func (f *hfFile) merges(t *Tokenizer, p *plan) (*bpe.Merges, error) {
	numbers, err := f.vocab.byID()
	if err != nil {
		return nil, err
	}
	m := &bpe.Merges{Chars: !p.byteLevel, Pairs: f.pairs, Whole: f.Model.IgnoreMerges, Unknown: -1, Fuse: f.Model.FuseUnknown}
	if f.Model.affixed() {
		m.Affixes = &bpe.Affixes{Prefix: f.Model.Prefix, Suffix: f.Model.Suffix}
		if p.byteLevel {
			m.Affixes.Spell, m.Affixes.Raw = byteLevelSpelling, fromByteLevel
		}
	}
	f.baseTokens(m)
	f.texts(t, p, m, numbers)
	if f.Model.Unknown != nil {
		id, ok := f.vocab.id(*f.Model.Unknown)
		if ok {
			m.Unknown = int(id)
		} else if m.Gaps() {
			return nil, fmt.Errorf("the vocab lacks the unknown token %q", *f.Model.Unknown)
		}
	}
	err = m.Check()
	if err != nil && f.Model.affixed() {
		err = fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return m, err
}

// texts sets what tokens stand for in pieces and in decoded text.
func (f *hfFile) texts(t *Tokenizer, p *plan, m *bpe.Merges, numbers []uint32) {
	all, ends := make([]byte, 0, len(f.vocab.all)), make([]uint32, 0, len(numbers))
	fallback := map[uint32]byte{}
	for b, id := range m.Base {
		if m.Chars && id >= 0 {
			fallback[uint32(id)] = byte(b)
		}
	}
	type odd struct {
		id   uint32
		text string
	}
	var odds []odd // tokens that stand for nothing in pieces
	t.ids.grow(len(numbers))
	for id, number := range numbers {
		if number != 0 {
			t.ids.know(uint32(id))
			token, from := f.vocab.spelled(number-1), len(all)
			var ok bool
			if b, is := fallback[uint32(id)]; is {
				all = append(all, b)
			} else if all, ok = f.appendText(all, token, p); !ok {
				all = all[:from]
				odds = append(odds, odd{uint32(id), string(token)})
			}
		}
		ends = append(ends, uint32(len(all)))
	}
	m.Texts = bpe.NewTexts(string(all), ends)
	t.ids.texts = m.Texts
	switch {
	case f.Model.affixed():
		t.ids.texts = m.Texts.Map(func(token string) string { return f.word(token, p) })
	case !p.byteLevel && !p.underlines && f.decodesToSpaces():
		t.ids.texts = m.Texts.Map(underlinesToSpaces)
	}
	for _, o := range odds {
		t.ids.set(o.id, o.text)
	}
}

// appendText appends what a token stands for in the text of pieces; ok is false
// if it can stand for nothing. Where tokens have affixes it is the token as it is
// spelled.
func (f *hfFile) appendText(dst, token []byte, p *plan) (_ []byte, ok bool) {
	affixed := f.Model.affixed()
	switch {
	case p.byteLevel && !affixed:
		return appendFromByteLevel(dst, token)
	case p.underlines && !affixed && bytes.IndexByte(token, ' ') >= 0:
		return dst, false
	case p.underlines:
		for {
			before, after, ok := bytes.Cut(token, []byte(metaspace))
			if dst = append(dst, before...); !ok {
				return dst, true
			}
			dst, token = append(dst, ' '), after
		}
	}
	return append(dst, token...), true
}

// word returns what a token with affixes stands for in decoded text, where a suffix
// is a space.
func (f *hfFile) word(token string, p *plan) string {
	word, ends := strings.CutSuffix(strings.TrimPrefix(token, f.Model.Prefix), f.Model.Suffix)
	if text, ok := fromByteLevel(word); p.byteLevel && ok {
		word = text
	}
	if ends && f.Model.Suffix != "" {
		word += " "
	}
	if p.underlines {
		return underlinesToSpaces(word)
	}
	return word
}

func underlinesToSpaces(text string) string { return strings.ReplaceAll(text, metaspace, " ") }

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
func (f *hfFile) baseTokens(m *bpe.Merges) {
	fallback := m.Chars || f.Model.affixed() // what is no fallback has affixes there
	for b := range m.Base {
		spelled := byteLevelSpelling(byte(b))
		if fallback {
			spelled = fmt.Sprintf("<0x%02X>", b)
		}
		id, ok := f.vocab.id(spelled)
		if m.Base[b] = -1; ok && (!fallback || f.Model.ByteFallback) {
			m.Base[b] = int(id)
		}
	}
}

// crossesSpaces reports whether words may not be merged apart from each other: some
// token has a space after another character, or some text has no token.
func crossesSpaces(m *bpe.Merges, e *engine) (crosses bool) {
	has := func(text string) bool { return strings.Contains(strings.TrimLeft(text, " "), " ") }
	may := m.Whole
	for id := 0; id < m.Texts.Len() && !may; id++ {
		may = has(m.Texts.Of(uint32(id)))
	}
	if m.Gaps() || !may {
		return m.Gaps()
	}
	e.vocab().Tokens(func(text string) { crosses = crosses || has(text) })
	return crosses || e.vocab().WholesOnly()
}

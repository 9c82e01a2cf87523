package tokenize

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// addTokens makes the added tokens known and prepares finding them. Under AsText
// special ones are found too, so that no other is found inside them, and stay
// text.
func (t *Tokenizer) addTokens(tokens []addedToken) error {
	t.added = tokens
	var raw, normalized []addedToken
	for _, a := range tokens {
		if a.ID >= 1<<21 {
			return fmt.Errorf("the added token %q has the id %d; ids go up to %d", a.Content, a.ID, 1<<21-1)
		}
		t.ids.set(a.ID, a.Content)
		a.asText = a.Special && t.options.Special == AsText
		if a.Normalized {
			a.Content = t.normalize(a.Content)
			normalized = append(normalized, a)
		} else {
			raw = append(raw, a)
		}
	}
	t.raw, t.normalized = newMatcher(raw), newMatcher(normalized)
	return nil
}

// numbered returns the added tokens with the ids that Hugging Face's tokenizers
// gives them, whatever the file says: that of the vocab, or the next free one.
// Empty ones and repeated ones are left out.
func (f *hfFile) numbered() []addedToken {
	ids := map[string]uint32{}
	next := uint32(len(f.vocab.ids))
	var out []addedToken
	for _, a := range f.AddedTokens {
		if _, again := ids[a.Content]; again || a.Content == "" {
			continue
		}
		id, ok := f.vocab.id(a.Content)
		if !ok {
			id = next
		}
		next = max(next, id+1)
		a.ID, ids[a.Content] = id, id
		out = append(out, a)
	}
	return out
}

// template reads the tokens before and after a text, where Options ask for them.
func (f *hfFile) template(t *Tokenizer) error {
	for _, s := range f.Decoder.sequence() {
		if s.Type == "Strip" && s.Content == " " && s.Start == 1 || s.Type == "Metaspace" {
			t.trimDecoded = s.Type == "Strip" || t.prefix != noPrefix
		}
	}
	if !t.options.AddSpecialTokens {
		return nil
	}
	for _, s := range f.PostProcessor.sequence() {
		switch s.Type {
		case "ByteLevel": // changes offsets alone
		case "TemplateProcessing":
			before, after, err := s.around()
			if err != nil {
				return err
			}
			t.before, t.after = append(before, t.before...), append(t.after, after...)
		case "RobertaProcessing", "BertProcessing":
			first, err := tokenID(s.BOS)
			if err != nil {
				return err
			}
			last, err := tokenID(s.EOS)
			if err != nil {
				return err
			}
			t.before, t.after = append([]uint32{first}, t.before...), append(t.after, last)
		default:
			return fmt.Errorf("%w: the post-processor %s", ErrUnsupported, s.Type)
		}
	}
	return nil
}

// around returns the tokens of a template before and after the text.
func (s *hfStep) around() (before, after []uint32, err error) {
	seen := false
	for _, piece := range s.Single {
		switch {
		case piece.Sequence != nil && seen:
			return nil, nil, fmt.Errorf("%w: a template that has the text twice", ErrUnsupported)
		case piece.Sequence != nil:
			seen = true
		case piece.SpecialToken != nil:
			token, ok := s.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return nil, nil, fmt.Errorf("the template names the token %q, which its special_tokens lack", piece.SpecialToken.ID)
			}
			if seen {
				after = append(after, token.IDs...)
			} else {
				before = append(before, token.IDs...)
			}
		}
	}
	if !seen {
		return nil, nil, fmt.Errorf("%w: a template without the text", ErrUnsupported)
	}
	return before, after, nil
}

// tokenID reads a pair of a token and its id.
func tokenID(raw json.RawMessage) (uint32, error) {
	var pair []json.RawMessage
	var id uint32
	err := json.Unmarshal(raw, &pair)
	if err == nil && len(pair) == 2 {
		err = json.Unmarshal(pair[1], &id)
	}
	if err != nil || len(pair) != 2 {
		return 0, fmt.Errorf("a post-processor has %s for a token and its id", raw)
	}
	return id, nil
}

// finish fills what follows from the rest.
func (t *Tokenizer) finish(m *bpe.Merges, patterns []string) {
	t.outline(patterns)
	t.longest = t.most(m)
	t.fingerprint = t.hash(m, patterns)
}

// outline fills what follows from all but the vocabulary.
func (t *Tokenizer) outline(patterns []string) {
	e := t.engine
	switch {
	case e.family != nil:
		t.path = "scan:" + e.family.Name
	case e.runs || e.spaces:
		t.path = "words"
	case e.whole:
		t.path = "whole"
	default:
		t.path = "regexp:" + fmt.Sprint(patterns)
	}
	t.plain = t.raw == nil && t.normalized == nil && len(t.rewrites) == 0 && t.prefix == noPrefix && !t.underlines && len(t.before)+len(t.after) == 0
	for _, r := range t.rewrites {
		t.validFirst = t.validFirst || !r.anyBytes
	}
}

// most returns the bytes of text that one token stands for at most, 0 if that has
// no bound: what vanishes, what a normaliser shortens, white space that belongs to
// an added token.
func (t *Tokenizer) most(m *bpe.Merges) int {
	n := m.Texts.Longest()
	for _, r := range t.rewrites {
		if !r.keepsLength {
			return 0
		}
	}
	for _, found := range []*matcher{t.raw, t.normalized} {
		for i := 0; found != nil && i < len(found.byFirst); i++ {
			for _, a := range found.byFirst[i] {
				if a.Lstrip || a.Rstrip {
					return 0
				}
				n = max(n, len(a.Content))
			}
		}
	}
	if t.engine.removes() {
		return 0
	}
	if m.Gaps() {
		return 0
	}
	if t.underlines || len(t.rewrites) > 0 {
		n *= len(metaspace) // U+2581 becomes a space
	}
	return n
}

// hash hashes everything that decides a result.
func (t *Tokenizer) hash(m *bpe.Merges, patterns []string) string {
	h := hasher{Hash: sha256.New()}
	h.merges(m)
	h.text("unicode " + ucd.Version)
	for _, p := range patterns {
		h.text(p)
	}
	for _, found := range []*matcher{t.raw, t.normalized} {
		if found == nil {
			h.text("")
			continue
		}
		for _, list := range found.byFirst {
			for _, a := range list {
				h.text(fmt.Sprintf("%+v", a))
			}
		}
	}
	h.ids(t.ids, m.Texts)
	for _, r := range t.rewrites {
		h.text(r.name)
	}
	h.text(fmt.Sprint(t.prefix, t.underlines, t.before, t.after, t.options, t.trimDecoded, t.engine.runs, t.engine.spaces, t.engine.whole))
	h.flush()
	return hex.EncodeToString(h.Sum(nil))
}

// merges hashes what a vocabulary is built of.
func (h *hasher) merges(m *bpe.Merges) {
	h.texts(m.Texts)
	for _, id := range m.Base {
		h.number(uint32(id + 1))
	}
	h.number(uint32(len(m.Pairs)))
	for _, p := range m.Pairs {
		h.number(p[0])
		h.number(p[1])
		h.number(p[2])
	}
	h.text(fmt.Sprint(m.Chars, m.Ranked, m.Unknown, m.Fuse, m.Whole))
	if m.Affixes != nil {
		h.text(m.Affixes.Prefix)
		h.text(m.Affixes.Suffix)
	}
}

// texts hashes the texts of ids.
func (h *hasher) texts(texts *bpe.Texts) {
	h.number(uint32(texts.Len()))
	for id := range uint32(texts.Len()) {
		h.number(uint32(len(texts.Of(id))))
	}
	h.flush()
	_, _ = io.WriteString(h.Hash, texts.All()) // a hash never fails
}

// ids hashes what ids stand for in decoded text, apart from the texts of pieces.
func (h *hasher) ids(of *ids, pieces *bpe.Texts) {
	if of.texts != pieces {
		h.texts(of.texts)
	}
	h.number(uint32(of.size))
	for _, bits := range of.known {
		h.buf = binary.LittleEndian.AppendUint64(h.buf, bits)
	}
	for _, id := range slices.Sorted(maps.Keys(of.other)) {
		h.number(id)
		h.text(of.other[id])
	}
}

// hasher buffers what is hashed.
type hasher struct {
	hash.Hash
	buf []byte
}

func (h *hasher) text(s string) {
	h.number(uint32(len(s)))
	h.buf = append(h.buf, s...)
}

func (h *hasher) number(n uint32) {
	h.buf = binary.AppendUvarint(h.buf, uint64(n))
	if len(h.buf) > 1<<16 {
		h.flush()
	}
}

func (h *hasher) flush() {
	_, _ = h.Write(h.buf) // a hash never fails
	h.buf = h.buf[:0]
}

package tokenize

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

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
		t.setText(a.ID, a.Content)
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
	next := uint32(len(f.Model.vocab))
	var out []addedToken
	for _, a := range f.AddedTokens {
		if _, again := ids[a.Content]; again || a.Content == "" {
			continue
		}
		id, ok := f.Model.vocab[a.Content]
		if !ok {
			id = next
		}
		next = max(next, id+1)
		a.ID, ids[a.Content] = id, id
		out = append(out, a)
	}
	return out
}

// setText sets what an id stands for in decoded text.
func (t *Tokenizer) setText(id uint32, text string) {
	for int(id) >= len(t.texts) {
		t.texts, t.known = append(t.texts, ""), append(t.known, false)
	}
	t.texts[id], t.known[id] = text, true
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
func (t *Tokenizer) finish(patterns []string) {
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
	t.longest = t.most()
	for _, r := range t.rewrites {
		t.validFirst = t.validFirst || !r.anyBytes
	}
	t.fingerprint = t.hash(patterns)
}

// most returns the bytes of text that one token stands for at most, 0 if that has
// no bound: what vanishes, what a normaliser shortens, white space that belongs to
// an added token.
func (t *Tokenizer) most() int {
	n := t.engine.vocab.Longest()
	for _, r := range t.rewrites {
		if !r.keepsLength {
			return 0
		}
	}
	for _, m := range []*matcher{t.raw, t.normalized} {
		for i := 0; m != nil && i < len(m.byFirst); i++ {
			for _, a := range m.byFirst[i] {
				if a.Lstrip || a.Rstrip {
					return 0
				}
				n = max(n, len(a.Content))
			}
		}
	}
	for _, s := range t.engine.steps {
		if s.cut != nil && s.cut.behavior == "Removed" {
			return 0
		}
	}
	if t.engine.vocab.Gaps() {
		return 0
	}
	if t.underlines || len(t.rewrites) > 0 {
		n *= len(metaspace) // U+2581 becomes a space
	}
	return n
}

// hash hashes everything that decides a result.
func (t *Tokenizer) hash(patterns []string) string {
	h := hasher{Hash: sha256.New()}
	t.engine.vocab.Symbols(func(text string, id, left, right uint32, made bool) {
		h.text(text)
		h.number(id)
		if made {
			h.number(left)
			h.number(right)
		}
	})
	if prefix, suffix := t.engine.vocab.Affixes(); prefix+suffix != "" {
		h.text(prefix)
		h.text(suffix)
	}
	h.text("unicode " + ucd.Version)
	for _, p := range patterns {
		h.text(p)
	}
	for _, m := range []*matcher{t.raw, t.normalized} {
		if m == nil {
			h.text("")
			continue
		}
		for _, list := range m.byFirst {
			for _, a := range list {
				h.text(fmt.Sprintf("%+v", a))
			}
		}
	}
	for id, known := range t.known {
		if known {
			h.number(uint32(id))
			h.text(t.texts[id])
		}
	}
	for _, r := range t.rewrites {
		h.text(r.name)
	}
	h.text(fmt.Sprint(t.prefix, t.underlines, t.before, t.after, t.options, t.trimDecoded, t.engine.runs, t.engine.spaces, t.engine.whole))
	h.flush()
	return hex.EncodeToString(h.Sum(nil))
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

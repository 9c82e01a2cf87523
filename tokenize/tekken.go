package tokenize

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
)

// tekkenFile is Mistral's tekken.json, or its compact form, in which the ranks
// are one string: "! <first rank> <token in base64> ...".
type tekkenFile struct {
	Config struct {
		Pattern  string `json:"pattern"`
		Size     int    `json:"default_vocab_size"`
		Specials int    `json:"default_num_special_tokens"`
		Version  string `json:"version"`
	} `json:"config"`
	Vocab []struct {
		Rank  int    `json:"rank"`
		Bytes string `json:"token_bytes"`
	} `json:"vocab"`
	Ranks   string          `json:"bpe_ranks"`
	Special []tekkenSpecial `json:"special_tokens"`
}

type tekkenSpecial struct {
	Rank int    `json:"rank"`
	Text string `json:"token_str"`
}

// unnamedSpecials are the first special tokens of files up to version 7, which do
// not list them: their ids are their places here (mistral-common).
var unnamedSpecials = []string{"<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
	"[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]"}

func parseTekken(raw []byte, name string, o Options) (*Tokenizer, error) {
	var f tekkenFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("not a tekken.json: %w", err)
	}
	if f.Config.Size <= f.Config.Specials || f.Config.Specials < 0 || f.Config.Size > 1<<20 {
		return nil, fmt.Errorf("a vocabulary of %d tokens with %d special ones", f.Config.Size, f.Config.Specials)
	}
	texts, err := f.texts()
	if err != nil {
		return nil, err
	}
	m, err := bpe.Ranked(texts)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{name: name, options: o, engine: newEngine(m.Build), ids: new(ids)}
	t.engine.family = familyOf([]string{f.Config.Pattern})
	if t.engine.family == nil {
		c, err := newCutter(f.Config.Pattern, "Isolated", false)
		if err != nil {
			return nil, err
		}
		t.engine.steps = []step{{cut: &c}}
	}
	t.ids.all(texts)
	return t, f.finish(t, m)
}

// texts returns the ranks in use: the special tokens have the first ids, and
// the whole has the size that the configuration says.
func (f *tekkenFile) texts() (*bpe.Texts, error) {
	ordinary := f.Config.Size - f.Config.Specials
	codes := make([]string, 0, ordinary)
	if f.Ranks != "" {
		fields := strings.Fields(f.Ranks)
		if len(fields) < 2 || fields[0] != "!" || fields[1] != "0" {
			return nil, errors.New(`bpe_ranks does not begin with "! 0"`)
		}
		codes = append(codes, fields[2:]...)
	}
	for i, v := range f.Vocab {
		if v.Rank != i {
			return nil, fmt.Errorf("entry %d of vocab has the rank %d", i, v.Rank)
		}
		codes = append(codes, v.Bytes)
	}
	if len(codes) < ordinary {
		return nil, fmt.Errorf("%d tokens, but the configuration says %d", len(codes), ordinary)
	}
	ends := make([]uint32, f.Config.Specials, f.Config.Size)
	var all []byte
	for i, code := range codes[:ordinary] {
		from := len(all)
		var err error
		if all, err = base64.StdEncoding.AppendDecode(all, []byte(code)); err != nil || len(all) == from {
			return nil, fmt.Errorf("the token of rank %d is %q, not base64 of some bytes", i, code)
		}
		ends = append(ends, uint32(len(all)))
	}
	return bpe.NewTexts(string(all), ends), nil
}

// finish adds the special tokens. The tokenizer of Mistral never finds them in
// text; with Parse they are found.
func (f *tekkenFile) finish(t *Tokenizer, m *bpe.Merges) error {
	special, err := f.special()
	if err != nil {
		return err
	}
	if t.options.AddSpecialTokens {
		bos := slices.IndexFunc(special, func(a addedToken) bool { return a.Content == "<s>" })
		if bos < 0 {
			return errors.New("AddSpecialTokens: the file names no token <s>")
		}
		t.before = []uint32{special[bos].ID}
	}
	if err := t.addTokens(special); err != nil {
		return err
	}
	t.finish(m, []string{f.Config.Pattern})
	return nil
}

// special returns the special tokens: those listed, those that files of old leave
// out, and for the ids that remain the names that mistral-common gives them.
func (f *tekkenFile) special() ([]addedToken, error) {
	listed := f.Special
	if listed == nil {
		switch f.Config.Version {
		case "", "v1", "v2", "v3", "v7":
		default:
			return nil, fmt.Errorf("a tekken.json of version %s must have special_tokens", f.Config.Version)
		}
		for i, name := range unnamedSpecials[:min(len(unnamedSpecials), f.Config.Specials)] {
			listed = append(listed, tekkenSpecial{i, name})
		}
	}
	out := make([]addedToken, f.Config.Specials)
	for i := range out {
		out[i] = addedToken{ID: uint32(i), Content: fmt.Sprintf("<SPECIAL_%d>", i), Special: true}
	}
	for _, s := range listed {
		if s.Rank < 0 || s.Rank >= f.Config.Specials {
			return nil, fmt.Errorf("the special token %q has the rank %d; there are %d", s.Text, s.Rank, f.Config.Specials)
		}
		out[s.Rank].Content = s.Text
	}
	return out, nil
}

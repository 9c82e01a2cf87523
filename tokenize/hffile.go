package tokenize

import "encoding/json"

// hfFile is a tokenizer.json, as far as it decides tokens. What is large in it, the
// vocab and the merges, is read apart from the rest.
type hfFile struct {
	AddedTokens   []addedToken `json:"added_tokens"`
	Normalizer    *hfStep      `json:"normalizer"`
	PreTokenizer  *hfStep      `json:"pre_tokenizer"`
	PostProcessor *hfStep      `json:"post_processor"`
	Decoder       *hfStep      `json:"decoder"`
	Model         *hfModel     `json:"model"`

	vocab *spellings  // the model's
	pairs [][3]uint32 // its merges
}

// hfModel is the model of a tokenizer.json.
type hfModel struct {
	Type         string          `json:"type"`
	Merges       json.RawMessage `json:"merges"` // nil if there are none; see hfParts
	Dropout      *float64        `json:"dropout"`
	Unknown      *string         `json:"unk_token"`
	Prefix       string          `json:"continuing_subword_prefix"` // "" for null
	Suffix       string          `json:"end_of_word_suffix"`
	FuseUnknown  bool            `json:"fuse_unk"`
	ByteFallback bool            `json:"byte_fallback"`
	IgnoreMerges bool            `json:"ignore_merges"`
}

// affixed reports whether tokens are spelled by their place in a word.
func (m *hfModel) affixed() bool { return m.Prefix != "" || m.Suffix != "" }

// hfStep is a normalizer, pre-tokenizer, post-processor or decoder: all fields
// of the kinds that are known here.
type hfStep struct {
	Type             string    `json:"type"`
	Normalizers      []*hfStep `json:"normalizers"`
	Pretokenizers    []*hfStep `json:"pretokenizers"`
	Processors       []*hfStep `json:"processors"`
	Decoders         []*hfStep `json:"decoders"`
	Pattern          hfPattern `json:"pattern"`
	Behavior         string    `json:"behavior"`
	Invert           bool      `json:"invert"`
	AddPrefixSpace   *bool     `json:"add_prefix_space"`
	UseRegex         *bool     `json:"use_regex"`
	IndividualDigits bool      `json:"individual_digits"`
	Prepend          string    `json:"prepend"`
	Content          string    `json:"content"`
	Replacement      string    `json:"replacement"`
	PrependScheme    string    `json:"prepend_scheme"`
	Split            *bool     `json:"split"`
	StripLeft        bool      `json:"strip_left"`
	StripRight       bool      `json:"strip_right"`
	CleanText        *bool     `json:"clean_text"`
	ChineseChars     *bool     `json:"handle_chinese_chars"`
	Accents          *bool     `json:"strip_accents"`
	Lowercase        *bool     `json:"lowercase"`
	Charsmap         []byte    `json:"precompiled_charsmap"`
	Delimiter        string    `json:"delimiter"`
	Length           int       `json:"length"`
	Start            int       `json:"start"`
	Single           []hfPiece `json:"single"`
	SpecialTokens    map[string]struct {
		IDs []uint32 `json:"ids"`
	} `json:"special_tokens"`
	BOS json.RawMessage `json:"cls"` // of RobertaProcessing and BertProcessing
	EOS json.RawMessage `json:"sep"`
}

// hfPattern is a pattern of a Split or a Replace.
type hfPattern struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

// hfPiece is a part of a template.
type hfPiece struct {
	SpecialToken *struct {
		ID string `json:"id"`
	} `json:"SpecialToken"`
	Sequence *struct {
		ID string `json:"id"`
	} `json:"Sequence"`
}

// sequence returns the steps of a Sequence, or the one step that s is.
func (s *hfStep) sequence() []*hfStep {
	if s == nil {
		return nil
	}
	if s.Type != "Sequence" {
		return []*hfStep{s}
	}
	var out []*hfStep
	for _, list := range [][]*hfStep{s.Normalizers, s.Pretokenizers, s.Processors, s.Decoders} {
		for _, step := range list {
			out = append(out, step.sequence()...)
		}
	}
	return out
}

// isSet returns the value of an optional flag.
func isSet(flag *bool, otherwise bool) bool {
	if flag == nil {
		return otherwise
	}
	return *flag
}

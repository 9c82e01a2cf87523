package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	template "github.com/datamix-go/datamix/tokenize/chat"
)

// letters has one token for each byte, so that limits can be read off the text.
type letters struct{ counted *int }

func (l letters) Count(text string) int {
	if l.counted != nil {
		*l.counted += len(text)
	}
	return len(text)
}

func (l letters) Append(dst []uint32, text string) []uint32 {
	for _, b := range []byte(text) {
		dst = append(dst, uint32(b))
	}
	return dst
}

func (l letters) CountUpTo(text string, limit int) (int, bool) {
	if len(text) > limit {
		_ = l.Count(text[:max(limit, 0)])
		return limit + 1, false
	}
	return l.Count(text), true
}

// TestLimitsAreOfTheRendering holds the filters by tokens against the text that a
// chat template renders.
func TestLimitsAreOfTheRendering(t *testing.T) {
	form, err := template.Builtin("chatml", nil)
	require.NoError(t, err)
	tok, err := template.New(letters{}, form, nil)
	require.NoError(t, err)
	r := chatRecord("Why?", "Because.")
	text, err := form.Render(r)
	require.NoError(t, err)
	n, before := len(text), strings.Index(text, "Because.")
	require.Greater(t, n, len("Why?Because.")+20)
	counted := r.Copy()
	_, err = datamix.CountRecord(tok, counted)
	require.NoError(t, err)
	masked := r.Copy()
	masked.SetMessages([]datamix.Message{datamix.User("Why?"), {Role: "assistant", Content: "Because.", Train: datamix.TrainNo}})
	for name, test := range map[string]struct {
		filter datamix.Filter
		record *datamix.Record
		want   datamix.Verdict
	}{
		"max met":               {filter.MaxTokens(tok, n), r, ""},
		"max passed":            {filter.MaxTokens(tok, n-1), r, "too_long"},
		"max of counted":        {filter.MaxTokens(tok, n-1), counted, "too_long"},
		"min met":               {filter.MinTokens(tok, n), r, ""},
		"min missed":            {filter.MinTokens(tok, n+1), r, "too_short"},
		"both met":              {filter.Tokens(tok, n, n), r, ""},
		"both below":            {filter.Tokens(tok, n+1, n+2), r, "too_short"},
		"both above":            {filter.Tokens(tok, 1, n-1), r, "too_long"},
		"only most met":         {filter.Tokens(tok, 0, n), r, ""},
		"only most":             {filter.Tokens(tok, 0, n-1), r, "too_long"},
		"only least met":        {filter.Tokens(tok, n, 0), r, ""},
		"only least":            {filter.Tokens(tok, n+1, 0), r, "too_short"},
		"trainable within":      {filter.TrainableWithin(tok, before+1), r, ""},
		"trainable beyond":      {filter.TrainableWithin(tok, before), r, "nothing_trainable_within_limit"},
		"trainable, if counted": {filter.TrainableWithin(tok, before), counted, "nothing_trainable_within_limit"},
		"nothing trainable":     {filter.TrainableWithin(tok, n), masked, "nothing_trainable_within_limit"},
		"text":                  {filter.MaxTokens(tok, 4), datamix.NewText("abcd"), ""},
		"text passed":           {filter.MaxTokens(tok, 3), datamix.NewText("abcd"), "too_long"},
		"trainable text":        {filter.TrainableWithin(tok, 1), datamix.NewText("abcd"), ""},
	} {
		assert.Equal(t, test.want, verdict(t, test.filter, test.record), name)
	}
	assert.False(t, r.Counted(), "filters change nothing")
}

func TestRenderingsAreCountedNoFurtherThanNeeded(t *testing.T) {
	form, err := template.Builtin("chatml", nil)
	require.NoError(t, err)
	looked := 0
	tok, err := template.New(letters{&looked}, form, nil)
	require.NoError(t, err)
	fits, stops := filter.MaxTokens(tok, 10_000), filter.MaxTokens(tok, 10)
	reach := filter.TrainableWithin(tok, 1000)
	for _, f := range []datamix.Filter{fits, stops, reach} {
		verdict(t, f, chatRecord("The first record", "tries the tokenizer."))
	}
	looked = 0
	assert.Empty(t, verdict(t, fits, chatRecord("Why?", "Because.")))
	assert.Empty(t, verdict(t, reach, chatRecord("Why?", strings.Repeat("Because. ", 5000))))
	assert.Zero(t, looked)
	assert.NotEmpty(t, verdict(t, stops, chatRecord("Why?", strings.Repeat("Because. ", 5000))))
	assert.Equal(t, 10, looked)
}

func TestRecordsThatATemplateRefuses(t *testing.T) {
	form, err := template.Builtin("gemma", nil)
	require.NoError(t, err)
	tok, err := template.New(letters{}, form, nil)
	require.NoError(t, err)
	r := datamix.NewChat(datamix.System("x"), datamix.User("y"))
	for _, f := range []datamix.Filter{filter.MaxTokens(tok, 9), filter.MinTokens(tok, 9), filter.Tokens(tok, 1, 9), filter.TrainableWithin(tok, 9)} {
		_, err := f.Check(t.Context(), r)
		assert.ErrorIs(t, err, template.ErrTemplate)
	}
}

func chatRecord(question, answer string) *datamix.Record {
	return datamix.NewChat(datamix.User(question), datamix.Assistant(answer))
}

package filter_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

// spaced is a tokenizer that puts a token before each text, so that a text can
// have more tokens than bytes.
type spaced struct{ words }

func (s spaced) Count(text string) int { return 1 + len(text) }

// whole counts records by turns: ten tokens each.
type whole struct{ words }

func (whole) CountRecord(r *datamix.Record) (datamix.Counts, error) {
	r.SetLabel("counted", "yes") // a RecordCounter may note what it likes in its copy
	return datamix.Counts{Total: 10 * len(r.Messages())}, nil
}

func TestTokenVerdicts(t *testing.T) {
	noted := datamix.NewChat(datamix.User("a b c"), datamix.Message{Role: "assistant", Content: "d", Train: datamix.TrainNo}, datamix.User("e"), datamix.Assistant("f"))
	run(t, []verdictCase{
		{"max met", filter.MaxTokens(words{}, 4), chat("a b", "c d"), ""},
		{"max passed", filter.MaxTokens(words{}, 3), chat("a b", "c d"), "too_long"},
		{"min met", filter.MinTokens(words{}, 4), chat("a b", "c d"), ""},
		{"min missed", filter.MinTokens(words{}, 5), chat("a b", "c d"), "too_short"},
		{"between", filter.Tokens(words{}, 4, 4), chat("a b", "c d"), ""},
		{"below", filter.Tokens(words{}, 5, 6), chat("a b", "c d"), "too_short"},
		{"above", filter.Tokens(words{}, 1, 3), chat("a b", "c d"), "too_long"},
		{"calls count", filter.MaxTokens(words{}, 4), tool, "too_long"},
		{"text", filter.MaxTokens(words{}, 1), datamix.NewText("a b"), "too_long"},
		{"by records", filter.MaxTokens(whole{}, 20), chat("a", "b"), ""},
		{"by records passed", filter.MaxTokens(whole{}, 19), chat("a", "b"), "too_long"},
		{"trainable within", filter.TrainableWithin(words{}, 3), chat("a b", "c d"), ""},
		{"trainable beyond", filter.TrainableWithin(words{}, 2), chat("a b", "c d"), "nothing_trainable_within_limit"},
		{"first answer carries no loss", filter.TrainableWithin(words{}, 5), noted, "nothing_trainable_within_limit"},
		{"second answer does", filter.TrainableWithin(words{}, 6), noted, ""},
		{"nothing trainable", filter.TrainableWithin(words{}, 9), chat("a"), "nothing_trainable_within_limit"},
		{"empty answer", filter.TrainableWithin(words{}, 9), chat("a", ""), "nothing_trainable_within_limit"},
		{"trainable text", filter.TrainableWithin(words{}, 1), datamix.NewText("a b"), ""},
		{"trainable by records", filter.TrainableWithin(whole{}, 11), chat("a", "b"), ""},
		{"beyond by records", filter.TrainableWithin(whole{}, 10), chat("a", "b"), "nothing_trainable_within_limit"},
	})
}

// TestTokenLimitsEqualFullCounts holds every shortcut against counting all.
func TestTokenLimitsEqualFullCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		r := randomChat(rng)
		least, most := 1+rng.IntN(20), 20+rng.IntN(20)
		for _, tok := range []datamix.Tokenizer{words{}, limited{}, spaced{}} {
			counted := r.Copy()
			counts, err := datamix.CountRecord(tok, counted)
			require.NoError(t, err)
			want := func(keep bool, reason datamix.Verdict) datamix.Verdict {
				if keep {
					return datamix.Keep
				}
				return reason
			}
			between := want(counts.Total <= most, "too_long")
			if counts.Total < least {
				between = "too_short"
			}
			reach := want(trainableBefore(counted, most), "nothing_trainable_within_limit")
			for _, r := range []*datamix.Record{r, counted} {
				assert.Equal(t, want(counts.Total <= most, "too_long"), verdict(t, filter.MaxTokens(tok, most), r), "%d tokens, at most %d", counts.Total, most)
				assert.Equal(t, want(counts.Total >= least, "too_short"), verdict(t, filter.MinTokens(tok, least), r), "%d tokens, at least %d", counts.Total, least)
				assert.Equal(t, between, verdict(t, filter.Tokens(tok, least, most), r), "%d tokens, %d to %d", counts.Total, least, most)
				assert.Equal(t, want(counts.Total <= most, "too_long"), verdict(t, filter.Tokens(tok, 0, most), r))
				assert.Equal(t, want(counts.Total >= least, "too_short"), verdict(t, filter.Tokens(tok, least, 0), r))
				assert.Equal(t, reach, verdict(t, filter.TrainableWithin(tok, most), r))
			}
		}
	}
}

// trainableBefore reports by full counts whether a token that carries loss is
// among the first limit ones.
func trainableBefore(r *datamix.Record, limit int) bool {
	if r.IsText() {
		return r.Text() != ""
	}
	before := 0
	for _, m := range r.Messages() {
		if m.Trains() && m.Reasoning+m.Content != "" {
			return before < limit
		}
		before += m.Tokens
	}
	return false
}

func randomChat(rng *rand.Rand) *datamix.Record {
	if rng.IntN(8) == 0 {
		return datamix.NewText(strings.Repeat("w ", rng.IntN(40)))
	}
	var ms []datamix.Message
	for range rng.IntN(6) {
		m := datamix.Message{Role: []string{"system", "user", "assistant"}[rng.IntN(3)], Train: datamix.Train(rng.IntN(3))}
		m.Content = strings.Repeat([]string{"w ", "word ", "\n"}[rng.IntN(3)], rng.IntN(12))
		if rng.IntN(6) == 0 {
			m.Reasoning = strings.Repeat("r ", rng.IntN(5))
		}
		ms = append(ms, m)
	}
	return datamix.NewChat(ms...)
}

func TestCountedRecordsAreNotCountedAgain(t *testing.T) {
	looked := 0
	tok := words{&looked}
	max, min, both := filter.MaxTokens(tok, 10), filter.MinTokens(tok, 3000), filter.Tokens(tok, 1, 999)
	r := chat("a", "b")
	r.SetCounts(datamix.Counts{Total: 1000})
	assert.Equal(t, datamix.Verdict("too_long"), verdict(t, max, r))
	assert.Equal(t, datamix.Verdict("too_short"), verdict(t, min, r))
	assert.Equal(t, datamix.Verdict("too_long"), verdict(t, both, r))
	assert.Zero(t, looked)
}

func TestShortRecordsAreNotCounted(t *testing.T) {
	looked := 0
	tok := words{&looked}
	max, min, both := filter.MaxTokens(tok, 100), filter.MinTokens(tok, 100), filter.Tokens(tok, 100, 200)
	reach := filter.TrainableWithin(tok, 6)
	assert.Zero(t, looked)
	for _, f := range []datamix.Filter{max, min, both, reach} {
		verdict(t, f, chat("the first record", "tries the tokenizer"))
	}
	looked = 0
	assert.Empty(t, verdict(t, max, chat("short", "text")))
	assert.Equal(t, datamix.Verdict("too_short"), verdict(t, min, chat("short", "text")))
	assert.Equal(t, datamix.Verdict("too_short"), verdict(t, both, chat("short", "text")))
	assert.Empty(t, verdict(t, reach, chat("short", strings.Repeat("text ", 1000))))
	assert.Zero(t, looked)
}

func TestCountingStopsAtTheLimit(t *testing.T) {
	looked := 0
	f := filter.MaxTokens(words{&looked}, 3)
	verdict(t, f, chat("the first record", "tries the tokenizer"))
	looked = 0
	assert.NotEmpty(t, verdict(t, f, chat("a b c d", strings.Repeat("never looked at ", 100))))
	assert.Equal(t, len("a b c d"), looked)
}

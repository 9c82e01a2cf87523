package filter

import (
	"github.com/datamix-go/datamix"
)

// LimitCounter is a Tokenizer that can stop counting at a limit. MaxTokens,
// MinTokens, Tokens and TrainableWithin use it where a tokenizer has it.
type LimitCounter interface {
	// CountUpTo returns the number of tokens of text and fits = true when it is
	// at most limit, otherwise any number above limit and false.
	CountUpTo(text string, limit int) (n int, fits bool)
}

// RecordLimiter is a datamix.RecordCounter that can compare whole records with
// limits without counting all of them. The filters by tokens use it where a
// tokenizer has it; chat.Counter does. Its methods must not change the record.
type RecordLimiter interface {
	// RecordWithin reports whether the record has at most limit tokens.
	RecordWithin(r *datamix.Record, limit int) (bool, error)
	// TrainableWithin reports whether one of the first limit tokens of the record
	// carries loss.
	TrainableWithin(r *datamix.Record, limit int) (bool, error)
}

// The reasons of the filters by tokens.
const (
	tooLong          datamix.Verdict = "too_long"
	tooShort         datamix.Verdict = "too_short"
	nothingTrainable datamix.Verdict = "nothing_trainable_within_limit"
)

// MaxTokens drops records of more than limit tokens, as datamix.CountRecord
// counts them, with the reason "too_long".
//
// A record that is Counted is judged by its Counts, so that a Count stage with
// the same tokenizer before the filter costs nothing twice. Otherwise counting
// stops at the limit (see LimitCounter), and a record of at most limit bytes
// passes without being counted, because a token stands for at least one byte;
// where a tokenizer breaks that rule, by a normaliser, a prefix or byte
// fallback, which is tried on some texts when the first record comes, all records
// are counted. With a chat template (see RecordLimiter) the record is judged as
// rendered. limit must be at least 1.
func MaxTokens(tok datamix.Tokenizer, limit int) datamix.Filter {
	return tokenRule("max_tokens", tok, limit, limit, func(m *meter) judge {
		return func(r *datamix.Record) (datamix.Verdict, error) {
			fits, err := m.within(r, limit)
			if err != nil || fits {
				return datamix.Keep, err
			}
			return tooLong, nil
		}
	})
}

// MinTokens drops records of fewer than limit tokens, with the reason
// "too_short". It counts no further than limit, and records of fewer than limit
// bytes not at all, on the terms of MaxTokens. limit must be at least 1;
// data-juicer's token_num filter has 10 (with the tokenizer of Pythia).
func MinTokens(tok datamix.Tokenizer, limit int) datamix.Filter {
	return tokenRule("min_tokens", tok, limit, limit, func(m *meter) judge {
		return func(r *datamix.Record) (datamix.Verdict, error) {
			short, err := m.within(r, limit-1)
			if err != nil || !short {
				return datamix.Keep, err
			}
			return tooShort, nil
		}
	})
}

// Tokens is MinTokens and MaxTokens in one, which counts a record once: it
// drops records of fewer than least tokens with the reason "too_short" and of
// more than most with "too_long". 0 stands for no bound.
func Tokens(tok datamix.Tokenizer, least, most int) datamix.Filter {
	g := bounds{least, most}
	if err := g.check(); err != nil {
		return brokenf("tokens", "%v", err)
	}
	return tokenRule("tokens", tok, 1, g, func(m *meter) judge {
		return func(r *datamix.Record) (datamix.Verdict, error) { return m.between(r, g) }
	})
}

// TrainableWithin drops records none of whose trainable tokens lies within the
// first limit tokens, with the reason "nothing_trainable_within_limit": cut to
// a context of that length they would train nothing, and some trainers then
// yield a loss of NaN (huggingface/trl #6025). Records without any trainable
// token are among them, and with a chat template those whose trainable texts were
// not found in the rendering. Only what stands before the first trainable turn is
// counted, on the terms of MaxTokens. limit must be at least 1.
func TrainableWithin(tok datamix.Tokenizer, limit int) datamix.Filter {
	return tokenRule("trainable_within", tok, limit, limit, func(m *meter) judge {
		return func(r *datamix.Record) (datamix.Verdict, error) {
			fits, err := m.trainableWithin(r, limit)
			if err != nil || fits {
				return datamix.Keep, err
			}
			return nothingTrainable, nil
		}
	})
}

type judge = func(r *datamix.Record) (datamix.Verdict, error)

// tokenRule returns a filter that counts with tok. Its Spec holds the
// tokenizer's, so that nobody takes verdicts by another tokenizer for its own;
// without one there is none.
func tokenRule(name string, tok datamix.Tokenizer, limit int, options any, make func(*meter) judge) datamix.Filter {
	switch {
	case tok == nil:
		return brokenf(name, "it needs a tokenizer; name one in the recipe")
	case limit < 1:
		return brokenf(name, "%d tokens: want at least 1", limit)
	}
	f := newRule(name, options, make(newMeter(tok)))
	inner, ok := datamix.Describe(tok)
	f.spec.Inner, f.described = []datamix.Spec{inner}, ok
	f.borrows = datamix.Borrows(tok)
	return f
}

// firstTrainable returns the number of the first turn with a token that carries
// loss, 0 for a plain text.
func firstTrainable(r *datamix.Record) (int, bool) {
	if r.IsText() {
		return 0, r.Text() != ""
	}
	ms := r.Messages()
	for i := range ms {
		if ms[i].Trains() && messageBytes(&ms[i]) > 0 {
			return i, true
		}
	}
	return 0, false
}

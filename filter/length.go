package filter

import (
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// LimitCounter is a Tokenizer that can stop counting at a limit.
type LimitCounter interface {
	// CountUpTo returns the number of tokens of text and fits = true when it is
	// at most limit, otherwise any number above limit and false.
	CountUpTo(text string, limit int) (n int, fits bool)
}

// budget counts tokens up to a limit and no further.
type budget struct {
	tok  datamix.Tokenizer
	up   LimitCounter // tok, where it is one
	left int
}

func newBudget(tok datamix.Tokenizer, limit int) budget {
	up, _ := tok.(LimitCounter)
	return budget{tok, up, limit}
}

// take takes the tokens of text off the budget, and reports whether it was
// enough.
func (b *budget) take(text string) bool {
	if b.up == nil {
		b.left -= b.tok.Count(text)
		return b.left >= 0
	}
	n, fits := b.up.CountUpTo(text, b.left)
	b.left -= n
	return fits
}

// textBytes is the number of bytes of what counts as the record's text, and an
// upper bound of its tokens: a token has at least one byte.
func textBytes(r *datamix.Record) (n int) {
	for s := range r.Texts() {
		n += len(s)
	}
	return n
}

// within reports whether a record has at most limit tokens.
func within(tok datamix.Tokenizer, r *datamix.Record, limit int) (bool, error) {
	if r.Counted() {
		return r.Counts().Total <= limit, nil
	}
	if _, whole := tok.(datamix.RecordCounter); whole {
		c, err := count(tok, r)
		return c.Total <= limit, err
	}
	if textBytes(r) <= limit {
		return true, nil
	}
	b := newBudget(tok, limit)
	for s := range r.Texts() {
		if !b.take(s) {
			return false, nil
		}
	}
	return true, nil
}

// count counts a copy, since a filter must not modify the record.
func count(tok datamix.Tokenizer, r *datamix.Record) (datamix.Counts, error) {
	return datamix.CountRecord(tok, r.Copy())
}

// MaxTokens drops records of more than limit tokens, as datamix.CountRecord
// counts them, with the reason "too_many_tokens". Counting stops at the limit,
// and a record with at most limit bytes of text passes without being counted.
func MaxTokens(tok datamix.Tokenizer, limit int) datamix.Filter {
	return &rule{spec: datamix.NewSpec("max_tokens", 1, limit), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			ok, err := within(tok, r, limit)
			if err != nil || ok {
				return datamix.Keep, err
			}
			return "too_many_tokens", nil
		}}
}

// MinTokens drops records of fewer than limit tokens, with the reason
// "too_few_tokens". Counting stops at the limit.
func MinTokens(tok datamix.Tokenizer, limit int) datamix.Filter {
	return &rule{spec: datamix.NewSpec("min_tokens", 1, limit), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			short, err := within(tok, r, limit-1)
			if err != nil || !short {
				return datamix.Keep, err
			}
			return "too_few_tokens", nil
		}}
}

// TrainableWithin drops records of which no trainable token lies within the
// first limit tokens, with the reason "nothing_trainable_in_reach": cut to a
// context of that length they would train nothing (huggingface/trl #6025).
func TrainableWithin(tok datamix.Tokenizer, limit int) datamix.Filter {
	return &rule{spec: datamix.NewSpec("trainable_within", 1, limit), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			if r.IsText() {
				return verdict(r.Text() != "" && limit > 0, "nothing_trainable_in_reach"), nil
			}
			b := newBudget(tok, limit)
			ms := r.Messages()
			for i := range ms {
				if b.left <= 0 {
					break
				}
				if ms[i].Trains() && !ms[i].Empty() {
					return datamix.Keep, nil
				}
				fits := b.take(ms[i].Reasoning) && b.take(ms[i].Content)
				for _, c := range ms[i].ToolCalls {
					fits = fits && b.take(c.Name) && b.take(c.Arguments)
				}
				if !fits {
					break
				}
			}
			return "nothing_trainable_in_reach", nil
		}}
}

func verdict(keep bool, reason datamix.Verdict) datamix.Verdict {
	if keep {
		return datamix.Keep
	}
	return reason
}

// Turns drops chats with a number of messages outside the range, the system
// message not counted, with the reasons "too_few_turns" and "too_many_turns". A
// plain text passes.
func Turns(g Range) datamix.Filter {
	return newRange("turns", g, func(r *datamix.Record) int {
		n := len(r.Messages())
		if r.IsText() {
			return max(n, g.Min)
		}
		if n > 0 && r.Messages()[0].Role == datamix.RoleSystem {
			n--
		}
		return n
	})
}

// Chars drops records whose texts together have a number of Unicode code points
// outside the range, with the reasons "too_few_chars" and "too_many_chars".
func Chars(g Range) datamix.Filter {
	return newRange("chars", g, func(r *datamix.Record) (n int) {
		for s := range r.Texts() {
			n += utf8.RuneCountInString(s)
		}
		return n
	})
}

// ResponseChars is Chars for the last assistant turn alone, with the reasons
// "too_few_response_chars" and "too_many_response_chars".
func ResponseChars(g Range) datamix.Filter {
	return newRange("response_chars", g, func(r *datamix.Record) int { return utf8.RuneCountInString(r.Response()) })
}

func newRange(name string, g Range, measure func(*datamix.Record) int) datamix.Filter {
	few, many := datamix.Verdict("too_few_"+name), datamix.Verdict("too_many_"+name)
	return &rule{spec: datamix.NewSpec(name, 1, g), described: true,
		check: func(r *datamix.Record) (datamix.Verdict, error) {
			n := measure(r)
			switch {
			case n < g.Min:
				return few, nil
			case g.Max > 0 && n > g.Max:
				return many, nil
			}
			return datamix.Keep, nil
		}}
}

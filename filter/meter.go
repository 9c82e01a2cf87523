package filter

import (
	"slices"
	"sync"

	"github.com/datamix-go/datamix"
)

// meter compares records with limits in tokens, counting as little as it can.
type meter struct {
	tok     datamix.Tokenizer
	upTo    LimitCounter // tok, where it is one
	whole   bool         // tok counts whole records in its own way
	records RecordLimiter
	byBytes func() bool // no text has more tokens than bytes
}

func newMeter(tok datamix.Tokenizer) *meter {
	m := &meter{tok: tok, byBytes: sync.OnceValue(func() bool { return countsByBytes(tok) })}
	m.upTo, _ = tok.(LimitCounter)
	if _, m.whole = tok.(datamix.RecordCounter); m.whole {
		m.records, _ = tok.(RecordLimiter)
	}
	return m
}

// countsByBytes reports whether no text has more tokens than bytes. It is asked
// when the first record is judged, since a tokenizer may build its tables for the
// first text that it counts.
func countsByBytes(tok datamix.Tokenizer) bool {
	if t, ok := tok.(interface{ Expands() bool }); ok {
		return !t.Expands()
	}
	return !slices.ContainsFunc(expanding, func(text string) bool { return tok.Count(text) > len(text) })
}

// expanding holds texts that have more tokens than bytes in tokenizers that put
// tokens around a text ("") or a space before it, that fall back on bytes, take
// invalid bytes for U+FFFD, or normalise: the last ones get longer under NFC,
// NFD or NFKC.
var expanding = []string{
	"", "a", "0", " ", "\n", "\t", "\x00", "\xff", "é", "\u0130", "ß", "日", "\u0958", "\u2adc", "\ufb1d", "\U0001d15e",
	"\ufb01", "\ufb03", "\u1e9b\u0323", "\u3300", "\ufdfa", "\u2126", "\u00bd", "…", "\u2100",
}

// within reports whether a record has at most limit tokens.
func (m *meter) within(r *datamix.Record, limit int) (bool, error) {
	if m.records != nil && !r.Counted() {
		return m.records.RecordWithin(r, limit)
	}
	if n, known, err := m.total(r); known {
		return n <= limit, err
	}
	if m.byBytes() && recordBytes(r) <= limit {
		return true, nil
	}
	_, fits := m.count(r, limit)
	return fits, nil
}

// between judges a record by bounds, counting it at most once.
func (m *meter) between(r *datamix.Record, g bounds) (datamix.Verdict, error) {
	if m.records != nil && !r.Counted() && (g.Min == 0 || g.Max == 0) {
		return m.oneBound(r, g)
	}
	n, known, err := m.total(r)
	if err != nil {
		return datamix.Keep, err
	}
	if known {
		return g.verdict(n, tooShort, tooLong), nil
	}
	size := recordBytes(r)
	switch {
	case m.byBytes() && size < g.Min:
		return tooShort, nil
	case g.Max == 0 || m.byBytes() && size <= g.Max:
		if _, short := m.count(r, g.Min-1); short && g.Min > 0 {
			return tooShort, nil
		}
		return datamix.Keep, nil
	}
	n, fits := m.count(r, g.Max)
	if !fits {
		return tooLong, nil
	}
	return g.verdict(n, tooShort, tooLong), nil
}

// oneBound judges a record by bounds of which one is none.
func (m *meter) oneBound(r *datamix.Record, g bounds) (datamix.Verdict, error) {
	if g.Min > 0 {
		short, err := m.within(r, g.Min-1)
		if err == nil && short {
			return tooShort, nil
		}
		return datamix.Keep, err
	}
	if g.Max == 0 {
		return datamix.Keep, nil
	}
	fits, err := m.within(r, g.Max)
	if err == nil && !fits {
		return tooLong, nil
	}
	return datamix.Keep, err
}

// trainableWithin reports whether one of the first limit tokens carries loss.
func (m *meter) trainableWithin(r *datamix.Record, limit int) (bool, error) {
	if m.records != nil {
		return m.records.TrainableWithin(r, limit)
	}
	first, ok := firstTrainable(r)
	if !ok {
		return false, nil
	}
	return m.prefixWithin(r, first, limit-1)
}

// total returns the number of tokens where it is known already or only a
// RecordCounter can tell it. A copy is counted, since a filter must not modify
// the record.
func (m *meter) total(r *datamix.Record) (n int, known bool, err error) {
	if r.Counted() {
		return r.Counts().Total, true, nil
	}
	if !m.whole {
		return 0, false, nil
	}
	c, err := datamix.CountRecord(m.tok, r.Copy())
	return c.Total, true, err
}

// count counts the texts of a record up to limit tokens; n is exact if they fit.
func (m *meter) count(r *datamix.Record, limit int) (n int, fits bool) {
	if limit < 0 {
		return 0, false
	}
	b := budget{m, limit, 0}
	fits = eachText(r, b.take)
	return b.used, fits
}

// prefixWithin reports whether the turns before the one with number end have at
// most limit tokens.
func (m *meter) prefixWithin(r *datamix.Record, end, limit int) (bool, error) {
	if end == 0 {
		return true, nil
	}
	ms := r.Messages()[:end]
	if m.whole {
		c := r.Copy()
		c.SetMessages(c.Messages()[:end])
		counts, err := datamix.CountRecord(m.tok, c)
		return counts.Total <= limit, err
	}
	size := 0
	for i := range ms {
		size += messageBytes(&ms[i])
	}
	if m.byBytes() && size <= limit {
		return true, nil
	}
	b := budget{m, limit, 0}
	for i := range ms {
		if !eachTextOf(&ms[i], b.take) {
			return false, nil
		}
	}
	return true, nil
}

// budget is a number of tokens that texts use up.
type budget struct {
	m     *meter
	limit int
	used  int
}

// take counts text, and reports whether the budget was enough.
func (b *budget) take(text string) bool {
	if b.m.upTo == nil {
		b.used += b.m.tok.Count(text)
		return b.used <= b.limit
	}
	n, fits := b.m.upTo.CountUpTo(text, b.limit-b.used)
	b.used += n
	return fits
}

package tokenize

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Cut says how a place in a text lies to the tokens of the text.
type Cut struct {
	// At is the place: the number of bytes of the text before it.
	At int
	// Begun is the number of tokens that begin before the place, Ended of those
	// that end before it or at it. They differ by one where the place is inside of
	// a token.
	Begun, Ended int
}

// CountCuts returns the number of tokens of text, as Count does, and fills in the
// cuts, whose places must ascend. Tokens are not cut: the tokens of a part of the
// text, from one cut to another, are those that have a byte in it, the difference
// between Begun of its end and Ended of its beginning.
//
// Where a normaliser changes the text, a place is where the text before it would
// end when it is normalised alone.
func (t *Tokenizer) CountCuts(text string, cuts []Cut) int {
	w := t.engine.acquire()
	defer t.engine.release(w)
	if !utf8.ValidString(text) {
		return t.countInvalid(w, text, cuts)
	}
	return t.countCuts(w, text, cuts)
}

// countInvalid moves the cuts to where they are in the text with U+FFFD.
func (t *Tokenizer) countInvalid(w *worker, text string, cuts []Cut) int {
	moved := slices.Clone(cuts)
	for i, c := range cuts {
		moved[i].At = len(valid(text[:min(max(c.At, 0), len(text))]))
	}
	n := t.countCuts(w, valid(text), moved)
	for i := range cuts {
		cuts[i].Begun, cuts[i].Ended = moved[i].Begun, moved[i].Ended
	}
	return n
}

func (t *Tokenizer) countCuts(w *worker, text string, cuts []Cut) int {
	n := len(t.before)
	cuts = t.eachPart(t.raw, text, cuts, &n, func(part string, first bool, cuts []Cut) {
		if len(cuts) == 0 {
			n += t.countPart(w, part, first)
		} else {
			t.cutPart(w, part, first, cuts, &n)
		}
	})
	settle(cuts, math.MaxInt, n)
	return n + len(t.after)
}

// eachPart calls f for the texts between the tokens that m finds, with the cuts in
// each, relative to it. It counts the tokens in n, where f counts those of the
// texts, and returns the cuts at the end. first is set for what nothing precedes.
func (t *Tokenizer) eachPart(m *matcher, text string, cuts []Cut, n *int, f func(part string, first bool, cuts []Cut)) []Cut {
	pos, first := 0, true
	m.segments(text, func(part string, token *addedToken) bool {
		cuts = settle(cuts, pos, *n)
		inside := 0
		for inside < len(cuts) && cuts[inside].At < pos+len(part) {
			inside++
		}
		if token != nil {
			for i := range cuts[:inside] {
				cuts[i].Begun, cuts[i].Ended = *n+1, *n
			}
			*n++
		} else {
			shift(cuts[:inside], -pos)
			f(part, first, cuts[:inside])
			shift(cuts[:inside], pos)
		}
		cuts, pos, first = cuts[inside:], pos+len(part), false
		return true
	})
	return cuts
}

func shift(cuts []Cut, by int) {
	for i := range cuts {
		cuts[i].At += by
	}
}

// settle fills in the cuts up to a place between two tokens, before which there
// are n, and returns the others.
func settle(cuts []Cut, place, n int) []Cut {
	for len(cuts) > 0 && cuts[0].At <= place {
		cuts[0].Begun, cuts[0].Ended = n, n
		cuts = cuts[1:]
	}
	return cuts
}

// countPart counts a text between added tokens.
func (t *Tokenizer) countPart(w *worker, part string, first bool) (n int) {
	t.normalized.segments(t.normalize(part), func(part string, token *addedToken) bool {
		if token != nil {
			n++
		} else {
			n += t.engine.count(w, t.prefixed(part, first), math.MaxInt)
		}
		first = false
		return true
	})
	return n
}

// cutPart counts a text between added tokens, and fills in the cuts in it.
func (t *Tokenizer) cutPart(w *worker, part string, first bool, cuts []Cut, n *int) {
	moved := t.rewritten(part, cuts, t.normalize)
	rest := t.eachPart(t.normalized, t.normalize(part), moved, n, func(part string, start bool, cuts []Cut) {
		prefixed := func(s string) string { return t.prefixed(s, first && start) }
		inner := t.rewritten(part, cuts, prefixed)
		t.cutPieces(w, prefixed(part), inner, n)
		copyCounts(cuts, inner)
	})
	settle(rest, math.MaxInt, *n)
	copyCounts(cuts, moved)
}

// rewritten returns the cuts at their places in a text that f rewrites: the cuts
// themselves where it does not.
func (t *Tokenizer) rewritten(text string, cuts []Cut, f func(string) string) []Cut {
	whole := f(text)
	if len(whole) == len(text) {
		return cuts
	}
	moved := slices.Clone(cuts)
	for i, c := range moved {
		at := c.At
		for at > 0 && !utf8.RuneStart(text[at]) {
			at--
		}
		moved[i].At = min(len(whole), len(f(text[:at])))
	}
	return moved
}

func copyCounts(to, from []Cut) {
	for i := range to {
		to[i].Begun, to[i].Ended = from[i].Begun, from[i].Ended
	}
}

// cutPieces counts a text as the engine takes it, and fills in the cuts in it.
func (t *Tokenizer) cutPieces(w *worker, text string, cuts []Cut, n *int) {
	e := t.engine
	if e.removes() {
		t.cutWords(w, text, cuts, n)
		return
	}
	if e.family == nil {
		ids := e.appendTo(w, nil, text)
		for i, c := range cuts {
			begun, ended := t.lie(ids, c.At)
			cuts[i].Begun, cuts[i].Ended = *n+begun, *n+ended
		}
		*n += len(ids)
		return
	}
	var ids []uint32
	for from := 0; from < len(text); {
		chunk, starts, _ := w.scanner.Next(text, from) // text is valid
		done, end := 0, from+int(starts[len(starts)-1])
		for len(cuts) > 0 && cuts[0].At < end {
			at := max(cuts[0].At-from, 0)
			i, exact := slices.BinarySearch(starts, uint32(at))
			if !exact {
				i--
			}
			*n += w.counter.Pieces(chunk, starts[done:i+1])
			done = i
			cuts[0].Begun, cuts[0].Ended = *n, *n
			if !exact {
				ids = w.vocab.Append(ids[:0], &w.scratch, chunk[starts[i]:starts[i+1]])
				begun, ended := t.lie(ids, at-int(starts[i]))
				cuts[0].Begun, cuts[0].Ended = *n+begun, *n+ended
			}
			cuts = cuts[1:]
		}
		*n += w.counter.Pieces(chunk, starts[done:])
		from = end
	}
	settle(cuts, math.MaxInt, *n)
}

// cutWords is cutPieces where the pre-tokenizer removes text between the pieces: each
// is looked for behind the one before.
func (t *Tokenizer) cutWords(w *worker, text string, cuts []Cut, n *int) {
	pos := 0
	var ids []uint32
	t.engine.pieces(text, func(piece string) bool {
		near := text[pos:min(len(text), pos+len(piece)+maxRemoved)]
		at := pos + max(0, strings.Index(near, piece))
		cuts = settle(cuts, at, *n)
		ids = w.vocab.Append(ids[:0], &w.scratch, piece)
		for pos = min(len(text), at+len(piece)); len(cuts) > 0 && cuts[0].At < pos; cuts = cuts[1:] {
			begun, ended := t.lie(ids, cuts[0].At-at)
			cuts[0].Begun, cuts[0].Ended = *n+begun, *n+ended
		}
		*n += len(ids)
		return true
	})
	settle(cuts, math.MaxInt, *n)
}

// maxRemoved is how many bytes of text may be removed before a piece that it is
// found behind them.
const maxRemoved = 4096

// lie returns how many of the tokens begin before a place in their text and how
// many end before it or at it.
func (t *Tokenizer) lie(ids []uint32, place int) (begun, ended int) {
	at, known := 0, t.tokens()
	for _, id := range ids {
		if at >= place {
			break
		}
		begun++
		if at += len(known.of(id)); at <= place {
			ended++
		}
	}
	return begun, ended
}

package tokenize

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
	"github.com/datamix-go/datamix/tokenize/internal/split"
)

// engine counts and encodes text between added tokens, normalised already: it
// cuts it into pieces and merges these.
type engine struct {
	vocab func() *bpe.Vocab // builds it in the first call
	// One of these cuts the text; see plan.
	family *split.Family
	runs   bool
	spaces bool
	whole  bool
	steps  []step
	// spelled says that pieces come spelled as tokens are, and may cut
	// characters.
	spelled bool

	workers workers
}

// newEngine returns an engine that builds its vocabulary when it counts.
func newEngine(build func() *bpe.Vocab) *engine {
	return &engine{vocab: sync.OnceValue(build), workers: newWorkers()}
}

func (e *engine) acquire() *worker {
	if w := e.workers.get(); w != nil {
		return w
	}
	w := &worker{vocab: e.vocab()}
	w.counter = bpe.NewCounter(w.vocab)
	if e.family != nil {
		w.scanner = split.NewScanner(e.family)
	}
	return w
}

func (e *engine) release(w *worker) { e.workers.put(w) }

// valid returns text with every byte that is no part of valid UTF-8 replaced by
// U+FFFD, as a range over it has it.
func valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// count returns the number of tokens of text, or a number above limit as soon as
// there are more than that.
func (e *engine) count(w *worker, text string, limit int) (n int) {
	if e.runs || e.spaces {
		return e.countWords(w, valid(text), limit)
	}
	if e.family == nil {
		count := w.counter.Piece
		if e.spelled {
			count = w.counter.Broken
		}
		e.pieces(text, func(piece string) bool {
			n += count(piece)
			return n <= limit
		})
		return n
	}
	for from := 0; from < len(text) && n <= limit; {
		chunk, starts, ok := w.scanner.Next(text, from)
		if !ok {
			return n + e.count(w, valid(text[from:]), limit-n)
		}
		n += w.counter.Pieces(chunk, starts)
		from += int(starts[len(starts)-1])
	}
	return n
}

// countWords is count for words that begin at spaces.
func (e *engine) countWords(w *worker, text string, limit int) (n int) {
	for text != "" && n <= limit {
		starts := append(w.starts[:0], 0)
		for end := 0; end < len(text) && len(starts) <= maxWords; {
			end = wordEnd(text, end, e.spaces)
			starts = append(starts, uint32(end))
		}
		w.starts = starts
		n += w.counter.Pieces(text, starts)
		text = text[starts[len(starts)-1]:]
	}
	return n
}

// maxWords is how many words are counted together.
const maxWords = 512

// wordEnd returns the end of the word at from: where the next run of spaces
// begins, or the next space.
func wordEnd(text string, from int, each bool) int {
	for i := from + 1; i < len(text); i++ {
		at := strings.IndexByte(text[i:], ' ')
		if at < 0 {
			break
		}
		if i += at; each || text[i-1] != ' ' {
			return i
		}
	}
	return len(text)
}

// appendTo appends the ids of text.
func (e *engine) appendTo(w *worker, dst []uint32, text string) []uint32 {
	if e.family == nil {
		e.pieces(text, func(piece string) bool {
			dst = w.vocab.Append(dst, &w.scratch, piece)
			return true
		})
		return dst
	}
	for from := 0; from < len(text); {
		chunk, starts, ok := w.scanner.Next(text, from)
		if !ok {
			return e.appendTo(w, dst, valid(text[from:]))
		}
		for i, at := range starts[1:] {
			dst = w.vocab.Append(dst, &w.scratch, chunk[starts[i]:at])
		}
		from += int(starts[len(starts)-1])
	}
	return dst
}

// removes reports whether the pre-tokenizer leaves out parts of the text.
func (e *engine) removes() bool {
	return slices.ContainsFunc(e.steps, func(s step) bool { return s.cut != nil && s.cut.behavior == "Removed" })
}

// pieces calls yield for the pieces of text, which no family cuts, until it
// returns false.
func (e *engine) pieces(text string, yield func(piece string) bool) {
	text = valid(text)
	switch {
	case text == "":
	case e.runs || e.spaces:
		spacedPieces(text, e.spaces, yield)
	default:
		for _, piece := range cutAll(e.steps, text) {
			if e.spelled {
				piece, _ = fromByteLevel(piece) // steps only cut what they spelled
			}
			if piece != "" && !yield(piece) {
				return
			}
		}
	}
}

// spacedPieces cuts text before each run of spaces, or before each space.
func spacedPieces(text string, each bool, yield func(piece string) bool) {
	for from := 0; from < len(text); {
		end := wordEnd(text, from, each)
		if !yield(text[from:end]) {
			return
		}
		from = end
	}
}

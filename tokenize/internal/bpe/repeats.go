package bpe

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// repeats is a sequence of symbols as a list of blocks, each a number of times: what
// a megabyte of one letter, or of a few that alternate, comes to. All places where
// a pair merges are merged at once, from left to right. That is the order of merging
// pair by pair, as what a merge makes only has part in later merges; where some do
// not come later, the result is checked.
type repeats []repeat

// repeat is a block that stands side by side with itself.
type repeat struct {
	block []uint32
	count int
}

const (
	repeatLen  = 256  // bytes of the shortest piece that is looked at
	maxPeriod  = 32   // bytes that repeat themselves
	maxRepeats = 64   // blocks of a piece
	maxSymbols = 4096 // of all blocks together
)

func (r repeat) first() uint32 { return r.block[0] }
func (r repeat) last() uint32  { return r.block[len(r.block)-1] }

// run reports whether r is one symbol many times.
func (r repeat) run() bool { return len(r.block) == 1 && r.count > 1 }

// mergeRepeats merges a piece of few blocks; ok is false if it has more.
func (v *Vocab) mergeRepeats(sc *Scratch, piece string) (out []uint32, ok bool) {
	list, ok := v.repeatsOf(sc, piece)
	if !ok {
		return nil, false
	}
	list = list.tidy()
	for {
		best := v.best(list)
		if best == None {
			break
		}
		if list = v.mergeAll(list, best); list.size() > maxSymbols {
			return nil, false
		}
	}
	if v.loose != nil && !v.standing(sc, list) {
		return nil, false
	}
	out = sc.out[:0]
	for _, r := range list {
		if r.run() {
			from := len(out)
			out = slices.Grow(out, r.count)[:from+r.count]
			for i := from; i < len(out); i++ {
				out[i] = r.block[0]
			}
			continue
		}
		for range r.count {
			out = append(out, r.block...)
		}
	}
	sc.out = out
	sc.trim()
	return out, true
}

// repeatsOf cuts the base symbols of piece into blocks that repeat themselves.
func (v *Vocab) repeatsOf(sc *Scratch, piece string) (list repeats, ok bool) {
	done := 0 // what is in the list; what follows up to i does not repeat itself
	flush := func(to, count int) {
		if done < to {
			list = append(list, repeat{slices.Clone(v.baseSymbols(sc, piece[done:to])), count})
		}
	}
	for i := 0; i < len(piece); {
		period, size := periodAt(piece, i)
		if period == 0 || v.chars != nil && !utf8.RuneStart(piece[i]) {
			if i++; len(list) > maxRepeats || i > (len(list)+1)*maxRepeats+done {
				return nil, false
			}
			continue
		}
		flush(i, 1)
		done = i
		flush(i+period, size/period)
		i += size / period * period
		done = i
	}
	flush(len(piece), 1)
	return list, len(list) <= maxRepeats
}

// periodAt returns after how many bytes the text repeats itself from i on, and for
// how many bytes it does; 0 if that is not for long.
func periodAt(text string, i int) (period, size int) {
	for period = 1; period <= maxPeriod && i+4*period < len(text); period++ {
		if text[i] != text[i+period] {
			continue
		}
		if n := common(text, i, i+period); n >= max(3*period, 16) {
			return period, n + period
		}
	}
	return 0, 0
}

// common returns how many bytes of text are the same from a and from b on, where a
// is below b.
func common(text string, a, b int) int {
	n := 0
	for ; b+n+8 <= len(text); n += 8 {
		if x := load64(text, a+n) ^ load64(text, b+n); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
	}
	for b+n < len(text) && text[a+n] == text[b+n] {
		n++
	}
	return n
}

// pairs calls f for all pairs of neighbours, each once, until it returns false.
func (list repeats) pairs(f func(left, right uint32) bool) bool {
	for i, r := range list {
		if i > 0 && !f(list[i-1].last(), r.first()) || r.count > 1 && !f(r.last(), r.first()) {
			return false
		}
		for k := 1; k < len(r.block); k++ {
			if !f(r.block[k-1], r.block[k]) {
				return false
			}
		}
	}
	return true
}

// size returns the number of symbols in all blocks.
func (list repeats) size() (n int) {
	for _, r := range list {
		n += len(r.block)
	}
	return n
}

// best returns the first merge of neighbours in the list, None if there is none.
func (v *Vocab) best(list repeats) uint32 {
	best := None
	list.pairs(func(left, right uint32) bool {
		best = min(best, v.pairs.get(left, right))
		return true
	})
	return best
}

// standing reports whether all neighbours may stand side by side.
func (v *Vocab) standing(sc *Scratch, list repeats) bool {
	return list.pairs(func(left, right uint32) bool { return v.follows(sc, left, right) })
}

// mergeAll merges the pair that makes merged wherever it stands.
func (v *Vocab) mergeAll(list repeats, merged uint32) repeats {
	left, right := v.parts[merged][0], v.parts[merged][1]
	var out repeats
	for _, r := range list.rotated(left, right).apart(left, right).joined().gathered(left, right) {
		if !r.run() {
			out = append(out, repeat{mergeBlock(r.block, left, right, merged), r.count})
			continue
		}
		if left != right || r.first() != left {
			out = append(out, r)
			continue
		}
		out = append(out, repeat{[]uint32{merged}, r.count / 2})
		if r.count%2 == 1 {
			out = append(out, repeat{[]uint32{left}, 1})
		}
	}
	return out.tidy()
}

// mergeBlock merges a pair in a block.
func mergeBlock(block []uint32, left, right, merged uint32) []uint32 {
	to := 0
	for i := 0; i < len(block); i++ {
		s := block[i]
		if s == left && i+1 < len(block) && block[i+1] == right {
			s = merged
			i++
		}
		block[to] = s
		to++
	}
	return block[:to]
}

// rotated returns the list with blocks that begin elsewhere, where the pair stands
// between a block and the same block: as many copies as before but one, and the rest
// of that before and behind them.
func (list repeats) rotated(left, right uint32) (out repeats) {
	for _, r := range list {
		n := len(r.block)
		if r.count == 1 || n == 1 || r.last() != left || r.first() != right {
			out = append(out, r)
			continue
		}
		at := n - 1
		for left == right && r.block[at-1] == left { // not all are, in a tidy list
			at--
		}
		out = append(out, repeat{slices.Clone(r.block[:at]), 1},
			repeat{slices.Concat(r.block[at:], r.block[:at]), r.count - 1}, repeat{slices.Clone(r.block[at:]), 1})
	}
	return out
}

// apart returns the list with one copy of a block by itself where the pair stands
// between it and its neighbour.
func (list repeats) apart(left, right uint32) (out repeats) {
	for i, r := range list {
		before := i > 0 && list[i-1].last() == left && r.first() == right
		behind := i+1 < len(list) && r.last() == left && list[i+1].first() == right
		if r.run() && left == right {
			before, behind = false, false // gathered does it
		}
		if before && r.count > 1 {
			out = append(out, repeat{slices.Clone(r.block), 1})
			r.count--
		}
		if behind && r.count > 1 {
			out = append(out, repeat{r.block, r.count - 1})
			r = repeat{slices.Clone(r.block), 1}
		}
		out = append(out, r)
	}
	return out
}

// joined returns the list with single blocks side by side in one, and none empty.
func (list repeats) joined() repeats {
	out := make(repeats, 0, len(list)+4)
	for _, r := range list {
		if len(r.block) == 0 || r.count == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].count == 1 && r.count == 1 {
			out[n-1].block = append(out[n-1].block, r.block...)
			continue
		}
		out = append(out, r)
	}
	return out
}

// tidy returns the list joined, with every block the shortest that repeats itself.
func (list repeats) tidy() repeats {
	var out repeats
	for _, r := range list.joined() {
		if r.count > 1 {
			r = r.shortest()
		}
		if n := len(out); n > 0 && slices.Equal(out[n-1].block, r.block) {
			out[n-1].count += r.count
			continue
		}
		out = append(out, r)
	}
	return out
}

// shortest returns r with the shortest block that repeats itself.
func (r repeat) shortest() repeat {
	n := len(r.block)
	for period := 1; period <= n/2; period++ {
		if n%period == 0 && slices.Equal(r.block[period:], r.block[:n-period]) {
			return repeat{r.block[:period], r.count * (n / period)}
		}
	}
	return r
}

// gathered returns the list with the same symbols beside a run in the run, if the
// pair is of two of them.
func (list repeats) gathered(left, right uint32) repeats {
	if left != right {
		return list
	}
	var out repeats
	for _, r := range list {
		if n := len(out); n > 0 && out[n-1].run() && out[n-1].first() == left {
			for r.count == 1 && len(r.block) > 0 && r.first() == left {
				r.block = r.block[1:]
				out[n-1].count++
			}
		}
		if len(r.block) == 0 {
			continue
		}
		if r.run() && r.first() == left {
			for n := len(out); n > 0 && out[n-1].count == 1 && out[n-1].last() == left; n = len(out) {
				r.count++
				if out[n-1].block = out[n-1].block[:len(out[n-1].block)-1]; len(out[n-1].block) == 0 {
					out = out[:n-1]
				}
			}
			if n := len(out); n > 0 && out[n-1].run() && out[n-1].first() == left {
				out[n-1].count += r.count
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

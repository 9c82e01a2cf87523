package bpe

import "unicode/utf8"

// run is a symbol that stands side by side with itself a number of times.
type run struct {
	symbol uint32
	count  int
}

// maxRuns bounds the texts that are merged run by run: those of few runs, such as
// a line of equals signs or a megabyte of one letter.
const maxRuns = 64

// mergeRuns merges a piece of few runs; ok is false if it has more. All places
// where a pair merges are merged at once, from left to right. That is the order of
// merging pair by pair, as what a merge makes only has part in later merges: piece
// has no text of a loose token.
func (v *Vocab) mergeRuns(sc *Scratch, piece string) (out []uint32, ok bool) {
	list := v.runsOf(sc.runs[:0], piece)
	for len(list) <= maxRuns {
		best := None
		for i, r := range list {
			if r.count > 1 {
				best = min(best, v.pairs.get(r.symbol, r.symbol))
			}
			if i > 0 {
				best = min(best, v.pairs.get(list[i-1].symbol, r.symbol))
			}
		}
		if best == None {
			out = sc.out[:0]
			for _, r := range list {
				for range r.count {
					out = append(out, r.symbol)
				}
			}
			sc.out = out
			sc.trim()
			return out, true
		}
		list = v.mergeAll(sc, list, best)
	}
	return nil, false
}

// runsOf appends the runs of the base symbols of piece, no more than are too many.
func (v *Vocab) runsOf(dst []run, piece string) []run {
	for i := 0; i < len(piece) && len(dst) <= maxRuns; {
		s, size := v.base[piece[i]], 1
		if v.chars != nil {
			var r rune
			r, size = utf8.DecodeRuneInString(piece[i:])
			s = v.chars.of(r)
		}
		dst = add(dst, s, 1)
		i += size
	}
	return dst
}

func add(list []run, symbol uint32, count int) []run {
	if n := len(list); count > 0 && n > 0 && list[n-1].symbol == symbol {
		list[n-1].count += count
	} else if count > 0 {
		list = append(list, run{symbol, count})
	}
	return list
}

// mergeAll merges the pair that makes merged wherever it stands. The result is in
// the scratch, the list before in its spare one.
func (v *Vocab) mergeAll(sc *Scratch, list []run, merged uint32) []run {
	left, right := v.parts[merged][0], v.parts[merged][1]
	out := sc.spare[:0]
	for i := 0; i < len(list); i++ {
		r := list[i]
		switch {
		case r.symbol != left:
			out = add(out, r.symbol, r.count)
		case left == right:
			out = add(out, merged, r.count/2)
			out = add(out, left, r.count%2)
		case i+1 < len(list) && list[i+1].symbol == right:
			out = add(out, left, r.count-1)
			out = add(out, merged, 1)
			list[i+1].count--
			if list[i+1].count == 0 {
				i++
			}
		default:
			out = add(out, r.symbol, r.count)
		}
	}
	sc.runs, sc.spare = out, list
	return out
}

package bpe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func kinds() map[string]vocabulary {
	return map[string]vocabulary{
		"bytes":                       {ordered: true},
		"bytes, merges in any order":  {},
		"bytes that vanish":           {ordered: true, gaps: true},
		"bytes that are unknown":      {ordered: true, gaps: true, unknown: true},
		"bytes unknown together":      {gaps: true, unknown: true, fuse: true},
		"characters":                  {ordered: true, chars: true},
		"characters, in any order":    {chars: true},
		"characters that vanish":      {chars: true, gaps: true},
		"characters that are unknown": {chars: true, gaps: true, unknown: true},
		"characters unknown together": {ordered: true, chars: true, gaps: true, unknown: true, fuse: true},
	}
}

// idsOf returns the ids of symbols.
func (v *Vocab) idsOf(symbols []uint32) (out []uint32) {
	for _, s := range symbols {
		out = append(out, v.ID(s))
	}
	return out
}

// TestMergingIsByteByPairEncoding compares all ways of merging, and counting with
// its cache, with the definition.
func TestMergingIsBytePairEncoding(t *testing.T) {
	for name, kind := range kinds() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, uint64(len(name))))
			for range 25 {
				m := randomMerges(rng, 20+rng.IntN(150), kind)
				v := m.build(t)
				c := NewCounter(v)
				var sc Scratch
				for range 120 {
					piece := randomText(rng, 1+rng.IntN(40))
					want := naive(naiveBase(m, piece), m.Pairs)
					if !assert.Equal(t, want, v.idsOf(v.Merge(&sc, piece)), "%q", piece) {
						return
					}
					require.Equal(t, want, v.idsOf(v.mergeHeap(&sc, v.baseSymbols(&sc, piece))), "%q by the queue", piece)
					if !v.hasGap(piece) && !kind.chars {
						require.Equal(t, want, v.idsOf(v.backtrack(&sc, piece)), "%q by backtracking", piece)
					}
					if !v.hasGap(piece) {
						if out, ok := v.mergeRepeats(&sc, piece); ok {
							require.Equal(t, want, v.idsOf(out), "%q by repeats", piece)
						}
					}
					for range 2 {
						require.Equal(t, len(want), c.Piece(piece), "%q counted", piece)
					}
					require.Equal(t, want, v.Append(nil, &sc, piece))
				}
			}
		})
	}
}

// TestRepeats merges texts of parts that repeat themselves, with others between and
// parts of them at the ends.
func TestRepeats(t *testing.T) {
	for name, kind := range kinds() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(15, uint64(len(name))))
			done := 0
			for range 40 {
				m := randomMerges(rng, 20+rng.IntN(150), kind)
				v := m.build(t)
				var sc Scratch
				for range 60 {
					piece := ""
					for range 1 + rng.IntN(3) {
						part := randomText(rng, 1+rng.IntN(4))
						if len(part) > maxPeriod {
							continue
						}
						whole := strings.Repeat(part, 3+rng.IntN(12))
						if rng.IntN(2) == 0 {
							whole = strings.ToValidUTF8(whole[rng.IntN(len(part)):len(whole)-rng.IntN(len(part))], "")
						}
						piece += whole
					}
					if piece == "" || v.hasGap(piece) {
						continue
					}
					want := naive(naiveBase(m, piece), m.Pairs)
					if out, ok := v.mergeRepeats(&sc, piece); ok {
						done++
						require.Equal(t, want, v.idsOf(out), "%q", piece)
					}
					require.Equal(t, want, v.idsOf(v.Merge(&sc, piece)), "%q", piece)
				}
			}
			require.Greater(t, done, 100)
		})
	}
}

// TestManyPieces counts pieces together, at every place of a text, and compares
// with counting them alone.
func TestManyPieces(t *testing.T) {
	for name, kind := range kinds() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(8, uint64(len(name))))
			v := randomMerges(rng, 150, kind).build(t)
			c, alone := NewCounter(v), NewCounter(v)
			for range 60 {
				text, starts, want := "", []uint32{0}, 0
				for range 1 + rng.IntN(700) {
					piece := randomText(rng, 1+rng.IntN(9))
					text += piece
					starts = append(starts, uint32(len(text)))
					want += alone.Piece(piece)
				}
				require.Equal(t, want, c.Pieces(text, starts))
			}
		})
	}
}

// TestRanks compares tiktoken's ranks, whose merges are implied, with the
// definition, also where a token ranks before what it is made of.
func TestRanks(t *testing.T) {
	for _, ordered := range []bool{true, false} {
		t.Run(fmt.Sprint("ordered ", ordered), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(9, 1))
			for range 40 {
				m := randomMerges(rng, 80, vocabulary{ordered: true})
				texts := slices.Clone(m.Text[256:])
				if !ordered {
					for range 8 {
						i, j := rng.IntN(len(texts)), rng.IntN(len(texts))
						texts[i], texts[j] = texts[j], texts[i]
					}
				}
				texts = slices.Concat(m.Text[:256], texts)
				ranks := map[string]int{}
				for id, text := range texts {
					ranks[text] = id
				}
				ranked, err := Ranked(textsOf(texts))
				require.NoError(t, err)
				v := ranked.Build()
				c := NewCounter(v)
				var sc Scratch
				for range 100 {
					piece := randomText(rng, 30)
					want := naiveRanks(ranks, piece)
					require.Equal(t, want, v.Append(nil, &sc, piece), "%q", piece)
					require.Equal(t, len(want), c.Piece(piece), "%q", piece)
				}
			}
		})
	}
	_, err := Ranked(textsOf([]string{"a"}))
	require.ErrorContains(t, err, "1 of 256")
}

// naiveRanks encodes as openai/tiktoken does.
func naiveRanks(ranks map[string]int, piece string) (ids []uint32) {
	if id, ok := ranks[piece]; ok {
		return []uint32{uint32(id)}
	}
	parts := strings.Split(piece, "")
	parts = parts[:0]
	for i := range len(piece) {
		parts = append(parts, piece[i:i+1])
	}
	for {
		at, best := -1, len(ranks)
		for i := 1; i < len(parts); i++ {
			if rank, ok := ranks[parts[i-1]+parts[i]]; ok && rank < best {
				at, best = i-1, rank
			}
		}
		if at < 0 {
			break
		}
		parts[at] += parts[at+1]
		parts = slices.Delete(parts, at+1, at+2)
	}
	for _, p := range parts {
		ids = append(ids, uint32(ranks[p]))
	}
	return ids
}

// TestWholePieces holds ignore_merges: what no merge makes is a token as a piece,
// not as a part of one, also where a piece has seams.
func TestWholePieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	m := randomMerges(rng, 60, vocabulary{ordered: true})
	whole := []string{"中文中文中文a", "bbbbbbbbbbbbbbbbb", "ж中", "=a=a=", "文文"}
	for _, text := range whole {
		if !slices.Contains(m.Text, text) {
			m.Text = append(m.Text, text)
		}
	}
	m.Whole = true
	v := m.build(t)
	c := NewCounter(v)
	for range 3000 {
		piece := whole[rng.IntN(len(whole))]
		for range rng.IntN(4) {
			piece += []string{whole[rng.IntN(len(whole))], randomText(rng, 4)}[rng.IntN(2)]
		}
		want := len(naive(naiveBase(m, piece), m.Pairs))
		if slices.Contains(m.Text, piece) {
			want = 1
		}
		require.Equal(t, want, c.Piece(piece), "%q", piece)
		require.Equal(t, want, c.Pieces(piece+strings.Repeat(" ", 20), []uint32{0, uint32(len(piece))}), "%q", piece)
	}
}

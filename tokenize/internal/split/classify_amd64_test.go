//go:build amd64 && !purego

package split

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// classified compares the assembly with its Go twin on a text, whose last block is
// filled with zeros, at an alignment.
func classified(t *testing.T, text string, align int) {
	buf := make([]byte, 2*blockSize+align+len(text)+2*blockSize)
	buf = buf[blockSize-int(uintptr(unsafe.Pointer(&buf[0]))%blockSize)+align:]
	copy(buf[blockSize:], text)
	n := (len(text) + blockSize - 1) / blockSize
	padded := unsafe.String(&buf[blockSize], n*blockSize)
	want, got := make([]masks, n), make([]masks, n)
	for i := range got {
		got[i] = masks{letter: 5, cont: 7, control: 9, class: [8]uint64{1, 2, 3, 4, 5, 6, 7, 8}}
	}
	wantOK := classifyGo(padded, want, allKinds())
	require.Equal(t, utf8.ValidString(padded), wantOK, "%q", text)
	if n == 0 {
		return
	}
	ok := classifyAVX2(unsafe.Pointer(unsafe.StringData(padded)), &got[0], n, allKinds(), &scratch{})
	ok = ok && !unfinished(padded)
	require.Equal(t, wantOK, ok, "%q", text)
	if ok {
		require.Equal(t, want, got, "%q", text)
	}
}

// TestClassifyAVX2 compares with the Go twin: every byte in every place, texts of
// random characters and of random bytes of every length from 0 to 300 at every
// alignment.
func TestClassifyAVX2(t *testing.T) {
	if !cpu.AVX2 {
		return // there is nothing to compare with
	}
	for b := range 256 {
		for i := range blockSize {
			var block [blockSize]byte
			block[i] = byte(b)
			classified(t, string(block[:]), 0)
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for length := range 301 {
		for align := range 64 {
			classified(t, chars(rng, length), align)
			classified(t, chars(rng, length)[:length], align)
			if align%8 == 0 {
				broken := []byte(chars(rng, length))
				if len(broken) > 0 {
					broken[rng.IntN(len(broken))] = byte(rng.Uint32())
				}
				classified(t, string(broken), align)
			}
		}
	}
}

// chars returns at least n bytes of random characters, of a few ranges at a time.
func chars(rng *rand.Rand, n int) string {
	ranges := [][2]rune{
		{0, 0x80}, {0x20, 0x7F}, {0x80, 0x250}, {0x370, 0x530}, {0x400, 0x460}, {0x590, 0x700}, {0x900, 0xE80}, {0x1000, 0x2100}, {0x3000, 0x3100},
		{0x4DF0, 0x4E10}, {0x4E00, 0xA000}, {0x9F70, 0xA010}, {0xABF0, 0xD7B0}, {0xD7B0, 0xE010}, {0xFF00, 0x10010}, {0x10000, 0x11000}, {0x1F300, 0x1F700}, {0x10FFF0, 0x110000},
	}
	var b []byte
	for len(b) < n {
		r := ranges[rng.IntN(len(ranges))]
		for range 1 + rng.IntN(20) {
			b = utf8.AppendRune(b, r[0]+rune(rng.IntN(int(r[1]-r[0]))))
		}
	}
	return string(b)
}

// TestClassifyAllCharacters compares every character there is.
func TestClassifyAllCharacters(t *testing.T) {
	if !cpu.AVX2 {
		return
	}
	var b []byte
	for r := rune(0); r < 0x110000; r++ {
		b = utf8.AppendRune(b, r) // U+FFFD for surrogates
		if len(b) >= 1000 {
			classified(t, string(b), int(r)%64)
			b = b[:0]
		}
	}
	classified(t, string(b), 0)
}

// TestClassifyTellsWrongBytes compares all first, second and third bytes that begin
// with one above ASCII.
func TestClassifyTellsWrongBytes(t *testing.T) {
	if !cpu.AVX2 {
		return
	}
	edges := []byte{0, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF}
	for a := 0x80; a < 0x100; a++ {
		for second := range 256 {
			for _, third := range edges {
				for _, fourth := range edges {
					text := []byte{'a', byte(a), byte(second), third, fourth, 'b'}
					if third == 0x80 || second%16 == 15 {
						classified(t, string(text), 0)
					}
				}
			}
		}
	}
}

// TestPositionsBMI compares with the Go twin: words of no bit, few, many and all, for
// every number of them that a chunk may have.
func TestPositionsBMI(t *testing.T) {
	if !cpu.AVX2 {
		return
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for words := range chunkSize/blockSize + 1 {
		for round := range 40 {
			list := make([]uint64, words+1)
			for i := range list {
				switch list[i] = rng.Uint64(); rng.IntN(6) {
				case 0:
					list[i] = 0
				case 1:
					list[i] = ^uint64(0)
				case 2:
					list[i] &= rng.Uint64() & rng.Uint64()
				case 3:
					list[i] &= list[i] << 1 & rng.Uint64() & rng.Uint64()
				}
				if round == 0 {
					list[i] = ^uint64(0)
				}
			}
			var want, got [maxPositions]uint32
			n := positionsGo(list[:words], &want)
			require.Equal(t, n, positionsBMI(&list[0], words, &got[0]))
			require.Equal(t, want[:n], got[:n])
		}
	}
}

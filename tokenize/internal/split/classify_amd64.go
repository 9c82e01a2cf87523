//go:build amd64 && !purego

package split

import (
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// scratch is what the assembly keeps of a chunk between its two loops: of each
// character above ASCII that it looks up the kind, in every byte, and of each block
// which bytes these are.
type scratch struct {
	_ [chunkSize + 2*blockSize]byte
	_ [chunkSize/blockSize + 1]uint64
	_ [4]uint64 // first bytes in the block before of the characters that it does not look up
}

// classifyAVX2 is classifyGo of the blocks at text, with at least 3 bytes before and
// 64 behind. It takes no notice of a character that the end of text cuts.
//
//go:noescape
func classifyAVX2(text unsafe.Pointer, out *masks, blocks int, k *kinds, tmp *scratch) (ok bool)

// classify fills the masks with the classes of the blocks of text, which lies in
// the buffer. It returns false where text is not valid UTF-8.
func (s *Scanner) classify(text string) bool {
	if !cpu.AVX2 {
		return classifyGo(text, s.masks[:len(text)/blockSize], s.kinds)
	}
	_ = s.buf[blockSize+len(text)+blockSize-1]
	return classifyAVX2(unsafe.Pointer(unsafe.StringData(text)), &s.masks[0], len(text)/blockSize, s.kinds, &s.scratch)
}

// positionsBMI is positionsGo of the words at starts, at most as many as a chunk has.
//
//go:noescape
func positionsBMI(starts *uint64, words int, pos *uint32) (n int)

// positions lists the set bits of words and returns how many they are.
func positions(words []uint64, pos *[maxPositions]uint32) (n int) {
	if !cpu.AVX2 || len(words) == 0 || len(words) > chunkSize/blockSize {
		return positionsGo(words, pos)
	}
	return positionsBMI(&words[0], len(words), &pos[0])
}

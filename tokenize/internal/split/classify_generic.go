//go:build !amd64 || purego

package split

type scratch struct{}

// classify fills the masks with the classes of the blocks of text. It returns false
// where text is not valid UTF-8.
func (s *Scanner) classify(text string) bool {
	return classifyGo(text, s.masks[:len(text)/blockSize], s.kinds)
}

// positions lists the set bits of words and returns how many they are.
func positions(words []uint64, pos *[maxPositions]uint32) (n int) { return positionsGo(words, pos) }

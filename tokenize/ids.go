package tokenize

import "github.com/datamix-go/datamix/tokenize/internal/bpe"

// ids is what the ids of tokens stand for in decoded text.
type ids struct {
	texts *bpe.Texts
	other map[uint32]string // of those that texts lacks, or has otherwise
	known []uint64          // a bit for each id
	size  int               // one more than the largest id
}

// grow makes room for ids below size.
func (i *ids) grow(size int) {
	i.size = max(i.size, size)
	for len(i.known)*64 < i.size {
		i.known = append(i.known, 0)
	}
}

// know makes an id known.
func (i *ids) know(id uint32) { i.known[id/64] |= 1 << (id % 64) }

// has reports whether an id is known.
func (i *ids) has(id uint32) bool { return int(id) < i.size && i.known[id/64]>>(id%64)&1 != 0 }

// set sets what an id stands for.
func (i *ids) set(id uint32, text string) {
	i.grow(int(id) + 1)
	i.know(id)
	if int(id) < i.texts.Len() && i.texts.Of(id) == text {
		return
	}
	if i.other == nil {
		i.other = map[uint32]string{}
	}
	i.other[id] = text
}

// of returns what a known id stands for.
func (i *ids) of(id uint32) string {
	if text, ok := i.other[id]; ok {
		return text
	}
	if int(id) < i.texts.Len() {
		return i.texts.Of(id)
	}
	return ""
}

// all makes known every id that has a text.
func (i *ids) all(texts *bpe.Texts) {
	i.texts = texts
	i.grow(texts.Len())
	for id := range uint32(texts.Len()) {
		if texts.Of(id) != "" {
			i.know(id)
		}
	}
}

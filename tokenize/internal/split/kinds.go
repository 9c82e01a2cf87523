package split

import (
	"sync"

	"github.com/datamix-go/datamix/tokenize/internal/ucd"
)

// kinds tells the class of every character, with what DeepSeek V3 calls Han, in one
// byte: bit c says that it is of the ucd.Class c, bit bitHan that it is Han. Of the
// class Other there is no bit.
type kinds struct {
	pages [0x200000 >> 8]uint8 // by the code point over 256; up to what four bytes can spell
	kinds [maxPages << 8]uint8
}

const (
	maxPages = 160
	bitHan   = 1 << ucd.Other
)

func (k *kinds) of(r rune) uint8 { return k.kinds[int(k.pages[r>>8])<<8+int(r&0xff)] }

// allKinds makes the table once.
var allKinds = sync.OnceValue(func() *kinds {
	k := &kinds{}
	numbers, classes := ucd.Pages()
	copy(k.pages[:], numbers)
	for i := range len(classes) {
		if c := ucd.Class(classes[i]); c != ucd.Other {
			k.kinds[i] = 1 << c
		}
	}
	pages := len(classes) >> 8
	copies := map[uint8]uint8{} // of pages that are Han as a whole
	for _, page := range hanPages() {
		first := rune(page << 8)
		whole := isHan(first) && isHan(first+0xff)
		from := k.pages[page]
		to, ok := copies[from]
		if !whole || !ok {
			to = uint8(pages)
			pages++
			for i := range rune(256) {
				kind := k.kinds[int(from)<<8+int(i)]
				if isHan(first + i) {
					kind |= bitHan
				}
				k.kinds[int(to)<<8+int(i)] = kind
			}
		}
		if whole {
			copies[from] = to
		}
		k.pages[page] = to
	}
	return k
})

// hanPages returns the pages that have Han characters.
func hanPages() (pages []int) {
	for page := range 0x100 {
		for r := rune(page << 8); r < rune(page+1)<<8; r++ {
			if isHan(r) {
				pages = append(pages, page)
				break
			}
		}
	}
	return pages
}

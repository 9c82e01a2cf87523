package bpe

// chars is the symbols of characters: pages of 256, of which most have none.
type chars struct {
	pages [0x110000 >> 8]uint16 // in symbols; page 0 is empty
	all   [][256]uint32
}

func newChars() *chars {
	c := &chars{}
	c.page()
	return c
}

// page appends a page without symbols.
func (c *chars) page() {
	c.all = append(c.all, [256]uint32{})
	last := &c.all[len(c.all)-1]
	for i := range last {
		last[i] = None
	}
}

func (c *chars) set(r rune, symbol uint32) {
	p := &c.pages[r>>8]
	if *p == 0 {
		*p = uint16(len(c.all))
		c.page()
	}
	c.all[*p][r&0xFF] = symbol
}

// of returns the symbol of a character, None if it has none.
func (c *chars) of(r rune) uint32 { return c.all[c.pages[r>>8]][r&0xFF] }

//go:build !amd64 || purego

package bpe

type probeKeys struct{}

func (c *Counter) probe(text string, froms, tos []uint32) (sum, missed int) {
	return c.probeGo(text, froms, tos)
}

func (c *Counter) probeWide(text string, froms, tos []uint32) (sum, missed int) {
	return c.probeWideGo(text, froms, tos)
}

// seams notes in ends where the parts of text end that begin at from.
func (c *Counter) seams(text string, from, to uint32) int {
	return c.v.seams.cutGo(text, from, to, &c.ends)
}

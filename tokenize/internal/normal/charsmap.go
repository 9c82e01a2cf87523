package normal

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Charsmap is a precompiled normaliser of SentencePiece: texts by what they
// replace, which a double array of bytes finds.
type Charsmap struct {
	units []uint32
	texts string // each ends with a zero
}

// NewCharsmap reads a precompiled_charsmap: the size of the double array in bytes,
// the array, and the texts.
func NewCharsmap(raw []byte) (*Charsmap, error) {
	if len(raw) < 4 {
		return nil, errors.New("the precompiled_charsmap has no size")
	}
	size := int(binary.LittleEndian.Uint32(raw))
	if raw = raw[4:]; size > len(raw) || size%4 != 0 || size == 0 {
		return nil, errors.New("the precompiled_charsmap is shorter than it says")
	}
	c := &Charsmap{make([]uint32, size/4), string(raw[size:])}
	for i := range c.units {
		c.units[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return c, nil
}

// String replaces what the map knows: user-perceived characters of less than six
// bytes as a whole, by what stands for the shortest beginning of them that the map
// has, and of all others each code point, as Hugging Face's tokenizers do it.
func (c *Charsmap) String(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for clusters := graphemes.FromString(text); clusters.Next(); {
		cluster := clusters.Value()
		if len(cluster) < 6 {
			if to, ok := c.find(cluster); ok {
				b.WriteString(to)
				continue
			}
		}
		for i, r := range cluster {
			if to, ok := c.find(cluster[i : i+len(string(r))]); ok {
				b.WriteString(to)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// find returns what stands for the shortest beginning of text that the map has.
func (c *Charsmap) find(text string) (to string, ok bool) {
	at := offset(c.units[0])
	for i := range len(text) {
		at ^= uint32(text[i])
		if text[i] == 0 || int(at) >= len(c.units) {
			return "", false
		}
		unit := c.units[at]
		if unit&(1<<31|0xFF) != uint32(text[i]) {
			return "", false
		}
		at ^= offset(unit)
		if unit>>8&1 == 0 {
			continue
		}
		if int(at) >= len(c.units) {
			return "", false
		}
		from := int(c.units[at] &^ (1 << 31))
		if from >= len(c.texts) {
			return "", false
		}
		to, _, _ = strings.Cut(c.texts[from:], "\x00")
		return to, true
	}
	return "", false
}

// offset returns where the children of a unit lie, to be xored with the place of
// the unit and a byte (darts-clone).
func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

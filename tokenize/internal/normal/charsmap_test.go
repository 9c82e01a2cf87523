package normal

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallMap maps "a" to "X", by a double array of one key.
func smallMap() []byte {
	units := make([]uint32, 256)
	units[0] = 1 << 10                // its children lie at 1 xor their bytes
	units[1^'a'] = 'a' | 1<<8 | 1<<10 // a key ends here; its value lies at 1 xor this place
	units[1^'a'^1] = 1 << 31          // the value: the text begins at 0
	raw := binary.LittleEndian.AppendUint32(nil, uint32(4*len(units)))
	for _, u := range units {
		raw = binary.LittleEndian.AppendUint32(raw, u)
	}
	return append(raw, "X\x00"...)
}

// TestCharsmap holds what Hugging Face's tokenizers makes of the small map: a mark
// goes with the letter that it stands on, if both have less than six bytes.
func TestCharsmap(t *testing.T) {
	c, err := NewCharsmap(smallMap())
	require.NoError(t, err)
	assert.Equal(t, "bXnXnX Xb", c.String("banana a\u0301b"))
	assert.Equal(t, "X\u0301\u0301\u0301", c.String("a\u0301\u0301\u0301"))
	assert.Equal(t, "", c.String(""))
	assert.Equal(t, "é\r\n\x00", c.String("é\r\n\x00"))
}

func TestDamagedCharsmaps(t *testing.T) {
	whole := smallMap()
	for n := range whole[:len(whole)-2] {
		_, err := NewCharsmap(whole[:n])
		assert.Error(t, err, "%d bytes", n)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		raw := append([]byte(nil), whole...)
		for range 1 + rng.IntN(20) {
			raw[4+rng.IntN(len(raw)-4)] = byte(rng.IntN(256))
		}
		if c, err := NewCharsmap(raw); err == nil {
			c.String("banana \x00 abc ÿ日")
		}
	}
}

func TestBert(t *testing.T) {
	all := Bert{Clean: true, Chinese: true, Accents: true, Lower: true}
	for text, want := range map[string]string{
		"":                      "",
		"Plain, with CAPS":      "plain, with caps",
		"a\x00\tb\u00a0\u200bc": "a b c",
		"É\u0130":               "ei",
		"日本b":                   " 日  本 b",
		"\U0002b830\U0002b920":  "\U0002b830 \U0002b920 ",
		"x \U00010d50\u1c89":    "x \U00010d70\u1c8a",
	} {
		assert.Equal(t, want, all.String(text), "%q", text)
	}
	assert.Equal(t, "É日\x00", Bert{}.String("É日\x00"))
	assert.Equal(t, "a b c", Nmt("a\nb\u200bc\x7f"))
}

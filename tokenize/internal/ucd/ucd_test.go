package ucd

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

// TestAgreesWithGo compares with Go's own tables, which are of an older Unicode:
// every code point that is assigned there must have the same class here, but for
// the few whose category a later version changed.
func TestAgreesWithGo(t *testing.T) {
	assigned := []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co}
	differ := 0
	for r := rune(0); r < 0x110000; r++ {
		if !unicode.In(r, assigned...) {
			continue
		}
		if want := classOf(r); want != Of(r) {
			differ++
		}
	}
	assert.LessOrEqual(t, differ, 5)
	assert.Equal(t, Other, Of(-1))
	assert.Equal(t, Other, Of(0x110000))
}

func classOf(r rune) Class {
	switch {
	case unicode.Is(unicode.White_Space, r):
		return Space
	case unicode.In(r, unicode.Lu, unicode.Lt):
		return Upper
	case unicode.Is(unicode.Ll, r):
		return Lower
	case unicode.Is(unicode.L, r):
		return Letter
	case unicode.Is(unicode.M, r):
		return Mark
	case unicode.Is(unicode.N, r):
		return Number
	case unicode.In(r, unicode.P, unicode.S):
		return Punct
	}
	return Other
}

func TestNewerThanGo(t *testing.T) {
	assert.Equal(t, Upper, Of(0x1C89), "a Cyrillic capital of Unicode 16")
	assert.Equal(t, Letter, Of(0x2EBF0), "an ideograph of Unicode 15.1")
	for _, r := range []rune{0x85, 0xA0, 0x1680, 0x2028, 0x202F, 0x205F, 0x3000} {
		assert.Equal(t, Space, Of(r))
	}
	for _, r := range []rune{0x200B, 0x180E, 0xFEFF, 0x1C, 0x1F} {
		assert.Equal(t, Other, Of(r))
	}
	assert.True(t, Of('a').IsLetter())
	assert.False(t, Of('1').IsLetter())
}

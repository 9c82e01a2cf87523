// Package ucd holds the character classes that the patterns of tokenizers name,
// at a fixed version of Unicode: that of the reference implementations, not that
// of the Go release a program is built with.
package ucd

import _ "embed"

// Version is the version of the Unicode Character Database behind Of.
const Version = "16.0.0"

// Class is what the patterns of tokenizers tell apart.
type Class uint8

// The classes. Every code point has exactly one; white space (the property
// White_Space) goes before the general category.
const (
	Other  Class = iota // control, format, private use, surrogate, unassigned
	Punct               // P and S: punctuation and symbols
	Upper               // Lu and Lt
	Lower               // Ll
	Letter              // Lm and Lo: letters without case
	Mark                // M
	Number              // N
	Space               // White_Space
)

// stages is the two-stage table that generate.py writes: page numbers, then
// pages of 256 classes.
//
//go:embed classes.bin
var stages string

const pageCount = 0x110000 >> 8

// flat is the classes of the first 65536 code points, without a second look.
var flat = func() (t [1 << 16]Class) {
	for r := range t {
		t[r] = staged(rune(r))
	}
	return t
}()

// Pages returns the table behind Of: for each 256 code points the number of a page,
// and the pages, of 256 classes each.
func Pages() (numbers, classes string) { return stages[:pageCount], stages[pageCount:] }

func staged(r rune) Class { return Class(stages[pageCount+int(stages[r>>8])<<8+int(r&0xff)]) }

// Of returns the class of r; code points out of range are Other.
func Of(r rune) Class {
	switch {
	case uint32(r) < 1<<16:
		return flat[r]
	case uint32(r) < 0x110000:
		return staged(r)
	}
	return Other
}

// IsLetter reports whether c is a class of \p{L}.
func (c Class) IsLetter() bool { return c-Upper <= Letter-Upper }

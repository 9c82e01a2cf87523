// Package jsonx scans JSON text without copying it. [OpenObject] and
// [OpenArray] walk over one level and hand out the raw span of every value,
// [Text] decodes a string, [Valid] checks a whole value as strictly as RFC 8259
// asks, [AppendString] and [AppendCompact] write.
//
// Iteration and validation are separate on purpose: a reader that calls Valid
// once per row can then iterate, and iterate again into the values, at the
// speed of a search for quotes. Iteration checks the structure of all it passes
// and the keys it decodes, but not what is inside of strings it passes over:
// control characters, unknown escapes and invalid UTF-8 there are found by
// Valid, and by Text when the string is decoded.
//
// Nothing here recurses deeper than [MaxDepth] or panics on any input. The
// functions are safe for concurrent use as long as nobody changes the bytes; a
// [Members] or an [Elements] belongs to one goroutine.
package jsonx

import "strconv"

// MaxDepth is how many arrays and objects may be nested in each other. It is
// far above what rows of data need and keeps hostile ones from using up the
// stack.
const MaxDepth = 512

// Kind is the type of a JSON value.
type Kind uint8

// The kinds of a JSON value. Invalid is the zero value.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// KindOf tells the kind of a value from its first byte, which must not be white
// space: the spans that Next hands out never start with it. It is Invalid for
// empty text and for a byte that starts no value.
func KindOf(raw []byte) Kind {
	if len(raw) == 0 {
		return Invalid
	}
	switch c := raw[0]; c {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		if c == '-' || isDigit(c) {
			return Number
		}
		return Invalid
	}
}

// SyntaxError says where text stops being the JSON that was asked for, and why.
type SyntaxError struct {
	Offset int    // of the byte at fault, counted from the start of the text given
	Msg    string // what is wrong there
}

// Error names the offset and the reason.
func (e *SyntaxError) Error() string {
	return "invalid JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.Msg
}

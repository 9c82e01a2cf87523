package input

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// ErrEncoding is in the error for text in an encoding that was not named, or
// not the one that was, and for names that are not known.
var ErrEncoding = errors.New("encoding")

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// CheckEncoding returns an error for a name that Open would refuse.
func CheckEncoding(name string) error {
	_, err := charsetOf(name)
	return err
}

// charset is a character encoding.
type charset struct {
	name string
	enc  encoding.Encoding // nil for UTF-8
	wide bool              // a mark of UTF-16 or UTF-32 belongs to it
}

// charsetOf finds an encoding by its name. Those that browsers refuse to decode
// are not known.
func charsetOf(name string) (charset, error) {
	short := strings.ReplaceAll(strings.ToLower(name), "-", "")
	switch short {
	case "", "utf8", "utf8sig":
		return charset{name: name}, nil
	case "utf32", "utf32le":
		return charset{name, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), true}, nil
	case "utf32be":
		return charset{name, utf32.UTF32(utf32.BigEndian, utf32.UseBOM), true}, nil
	case "utf16", "utf16le", "utf16be":
		name = strings.Replace(short, "utf16", "utf-16", 1)
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		e, err = ianaindex.IANA.Encoding(name)
	}
	if err != nil || e == nil || e == encoding.Replacement {
		return charset{}, fmt.Errorf("%w: %q is not known; some that are: utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, shift_jis, euc-jp, gb18030, big5, euc-kr, koi8-r",
			ErrEncoding, name)
	}
	switch standard, _ := htmlindex.Name(e); standard {
	case "utf-8":
		return charset{name: name}, nil
	case "utf-16le":
		return charset{name, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), true}, nil
	case "utf-16be":
		return charset{name, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), true}, nil
	}
	return charset{name: name, enc: e}, nil
}

// checkMark holds a byte order mark at the start of a text against the
// encoding, and returns how many bytes to take off.
func (c charset) checkMark(head []byte) (int, error) {
	mark := Sniff(head)
	switch mark {
	case UTF16LE, UTF16BE, UTF32LE, UTF32BE:
		if c.wide {
			return 0, nil // the decoder's
		}
	default:
		if !bytes.HasPrefix(head, utf8BOM) {
			return 0, nil
		}
		if c.enc == nil {
			return len(utf8BOM), nil
		}
		mark = "utf-8"
	}
	if c.name == "" {
		return 0, fmt.Errorf("%w: the file starts with the byte order mark of %s; set the encoding to %s", ErrEncoding, mark, mark)
	}
	return 0, fmt.Errorf("%w: the file starts with the byte order mark of %s, and the encoding is set to %s", ErrEncoding, mark, c.name)
}

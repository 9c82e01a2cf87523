package input

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrEncoding is in the error for text in an encoding that was not named, and
// for names that are not known.
var ErrEncoding = errors.New("encoding")

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// decode turns text in the named encoding into UTF-8 and takes off a byte order
// mark. Invalid UTF-8 is left for whoever knows the rows.
func decode(r io.Reader, name string) (io.Reader, error) {
	buf := bufio.NewReaderSize(r, bufferSize)
	head, _ := buf.Peek(4)
	if name != "" && !strings.EqualFold(name, "utf-8") && !strings.EqualFold(name, "utf8") {
		e, err := byName(name)
		if err != nil {
			return nil, err
		}
		return transform.NewReader(buf, e.NewDecoder()), nil
	}
	switch {
	case bytes.HasPrefix(head, utf8BOM):
		_, _ = buf.Discard(len(utf8BOM))
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return nil, fmt.Errorf("%w: the file starts with a byte order mark of UTF-16; set the encoding to utf-16le", ErrEncoding)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, fmt.Errorf("%w: the file starts with a byte order mark of UTF-16; set the encoding to utf-16be", ErrEncoding)
	}
	return buf, nil
}

// CheckEncoding returns an error for a name that Open would refuse.
func CheckEncoding(name string) error {
	if name == "" {
		return nil
	}
	_, err := byName(name)
	return err
}

func byName(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "utf-16", "utf16", "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not known; some that are: utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, shift_jis, euc-jp, gb18030, big5, euc-kr, koi8-r", ErrEncoding, name)
	}
	return e, nil
}

package input

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Kind is what the first bytes of a file say that it is.
type Kind string

// The kinds. None is everything that is none of the others: plain text, or
// something that is not known here. Open undoes Gzip, Zstd, Bzip2 and XZ, and
// takes the four with a byte order mark where its options name the encoding; the
// others are a *KindError.
const (
	None     Kind = "none"
	Gzip     Kind = "gzip"
	Zstd     Kind = "zstd"
	Bzip2    Kind = "bzip2"
	XZ       Kind = "xz"
	UTF16LE  Kind = "utf-16le"
	UTF16BE  Kind = "utf-16be"
	UTF32LE  Kind = "utf-32le"
	UTF32BE  Kind = "utf-32be"
	Zip      Kind = "zip"
	SevenZip Kind = "7z"
	LZ4      Kind = "lz4"
	Tar      Kind = "tar"
	Parquet  Kind = "parquet"
	ArrowIPC Kind = "arrow"
)

// SniffLen is how many bytes Sniff looks at, at most.
const SniffLen = 512

// magics are tried in this order: the mark of UTF-32LE begins with that of
// UTF-16LE.
var magics = []struct {
	kind  Kind
	at    int
	bytes string
}{
	{Gzip, 0, "\x1f\x8b"},
	{Zstd, 0, "\x28\xb5\x2f\xfd"},
	{XZ, 0, "\xfd7zXZ\x00"},
	{Zip, 0, "PK\x03\x04"},
	{Zip, 0, "PK\x05\x06"}, // without a file in it
	{SevenZip, 0, "7z\xbc\xaf\x27\x1c"},
	{LZ4, 0, "\x04\x22\x4d\x18"},
	{ArrowIPC, 0, "ARROW1\x00\x00"},
	{Tar, 257, "ustar\x00"},
	{Tar, 257, "ustar  \x00"}, // GNU
	{UTF32LE, 0, "\xff\xfe\x00\x00"},
	{UTF32BE, 0, "\x00\x00\xfe\xff"},
	{UTF16LE, 0, "\xff\xfe"},
	{UTF16BE, 0, "\xfe\xff"},
}

// Sniff tells the kind of a file by its first bytes, of which SniffLen are
// enough. Names play no part. A file that is shorter than the mark of its kind
// is None.
func Sniff(head []byte) Kind {
	for _, m := range magics {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			return m.kind
		}
	}
	switch {
	case isBzip2(head):
		return Bzip2
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18":
		return Zstd // a skippable frame comes first
	case bytes.HasPrefix(head, []byte("PAR1")) && !isText(head[4:min(len(head), SniffLen)]):
		return Parquet
	case isArrowStream(head):
		return ArrowIPC
	}
	return None
}

// isBzip2 looks for the file header and that of a first block or of the end.
// "BZh" alone could be the start of a text.
func isBzip2(head []byte) bool {
	if len(head) < 10 || string(head[:3]) != "BZh" || head[3] < '1' || head[3] > '9' {
		return false
	}
	block := string(head[4:10])
	return block == "1AY&SY" || block == "\x17\x72\x45\x38\x50\x90"
}

// isText reports whether b is not empty and without control characters other
// than tabs and line ends, as no start of a Parquet file is.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return len(b) > 0
}

// isArrowStream looks for the continuation mark of an encapsulated message and
// the length of a schema: the streaming form has no magic of its own.
func isArrowStream(head []byte) bool {
	if len(head) < 8 || string(head[:4]) != "\xff\xff\xff\xff" {
		return false
	}
	n := binary.LittleEndian.Uint32(head[4:])
	return n > 0 && n < 1<<28 && n%8 == 0
}

// KindError says that a file holds no text that can be read as it is.
type KindError struct {
	// Kind is what the file is.
	Kind Kind
	// Within is the compression around it, empty where there is none.
	Within Kind
}

// ErrKind is in the error for a file that holds no text.
var ErrKind = errors.New("not a text file")

// Error says what the file is and what to do.
func (e *KindError) Error() string {
	what := fmt.Sprintf("%v: it is a %s file", ErrKind, e.Kind)
	if e.Within != "" {
		what += " inside " + string(e.Within)
	}
	switch e.Kind {
	case Zip:
		return fmt.Sprintf("%v: it is a zip archive; open it with archive/zip and pass the reader as a file system", ErrKind)
	case Parquet:
		return what + "; read it as Parquet"
	case ArrowIPC:
		return what + "; convert it to Parquet, with pyarrow.parquet.write_table for example"
	case LZ4:
		return what + "; decompress it with lz4 -d, or compress it with zstd instead"
	}
	return what + "; unpack it first"
}

// Unwrap returns ErrKind.
func (e *KindError) Unwrap() error { return ErrKind }

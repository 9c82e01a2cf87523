package input

import "bytes"

// Kind is what the first bytes of a file say that it is.
type Kind string

// The kinds. Plain is everything that is none of the others.
const (
	Plain    Kind = "plain"
	Gzip     Kind = "gzip"
	Zstd     Kind = "zstd"
	Bzip2    Kind = "bzip2"
	XZ       Kind = "xz"
	Zip      Kind = "zip"
	SevenZip Kind = "7z"
	LZ4      Kind = "lz4"
	Tar      Kind = "tar"
	Parquet  Kind = "parquet"
	Arrow    Kind = "arrow"
)

var magics = []struct {
	kind  Kind
	at    int
	bytes string
}{
	{Gzip, 0, "\x1f\x8b"},
	{Zstd, 0, "\x28\xb5\x2f\xfd"},
	{XZ, 0, "\xfd7zXZ\x00"},
	{Zip, 0, "PK\x03\x04"},
	{Zip, 0, "PK\x05\x06"},
	{SevenZip, 0, "7z\xbc\xaf\x27\x1c"},
	{LZ4, 0, "\x04\x22\x4d\x18"},
	{Parquet, 0, "PAR1"},
	{Arrow, 0, "ARROW1\x00\x00"},
	{Tar, 257, "ustar"},
}

// SniffLen is how many bytes Sniff looks at.
const SniffLen = 262

// Sniff tells the kind of a file by its first bytes. Names play no part.
func Sniff(head []byte) Kind {
	for _, m := range magics {
		if len(head) >= m.at+len(m.bytes) && string(head[m.at:m.at+len(m.bytes)]) == m.bytes {
			return m.kind
		}
	}
	switch {
	case len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return Bzip2
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18":
		return Zstd // a skippable frame first
	}
	return Plain
}

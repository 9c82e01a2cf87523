package input

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestEncodings(t *testing.T) {
	for _, test := range []struct{ name, in, encoding, want string }{
		{"plain", "é\r\n", "", "é\r\n"},
		{"mark", "\xef\xbb\xbfé", "UTF-8", "é"},
		{"mark, named as in Python", "\xef\xbb\xbfé", "utf-8-sig", "é"},
		{"mark, by another name of UTF-8", "\xef\xbb\xbfé\xff", "unicode-1-1-utf-8", "é\xff"},
		{"two marks", "\xef\xbb\xbf\xef\xbb\xbfé", "", "\ufeffé"},
		{"one byte", "x", "", "x"},
		{"windows", "caf\xe9 \x80", "windows-1252", "café €"},
		{"latin", "caf\xe9", "latin1", "café"},
		{"latin by its number", "caf\xe9", "ISO-8859-1", "café"},
		{"a name of IANA only", "\x82", "cp437", "é"},
		{"utf-16le", "\xff\xfea\x00\xe9\x00", "utf-16le", "aé"},
		{"utf-16le without mark", "a\x00\xe9\x00", "utf-16le", "aé"},
		{"utf-16be", "\x00a\x00\xe9", "utf-16be", "aé"},
		{"utf-16 by its mark", "\xfe\xff\x00a", "UTF16", "a"},
		{"utf-16 by another name", "\xff\xfea\x00", "ucs-2", "a"},
		{"utf-16, pair of surrogates", "\x3d\xd8\x00\xde", "utf-16", "😀"},
		{"utf-32", "\xff\xfe\x00\x00a\x00\x00\x00", "utf-32", "a"},
		{"utf-32be", "\x00\x00\x00a", "utf-32be", "a"},
		{"japanese", "\x93\xfa\x96\x7b", "shift_jis", "日本"},
		{"chinese", "\xd6\xd0\x81\x30\x81\x30", "gb18030", "中\u0080"},
		{"taiwanese", "\xa4\xa4", "big5", "中"},
		{"korean", "\xc7\xd1", "euc-kr", "한"},
		{"invalid stays for the rows to tell", "a\xffb", "", "a\xffb"},
		{"invalid in another encoding", "\x93", "shift_jis", "\ufffd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, CheckEncoding(test.encoding))
			for _, kind := range []Kind{None, Gzip} {
				got, err := all(t, compress(t, kind, test.in), Options{Encoding: test.encoding})
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
			}
		})
	}
}

func TestEncodingsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ in, encoding, want string }{
		{"\xff\xfea\x00", "", "x: encoding: the file starts with the byte order mark of utf-16le; set the encoding to utf-16le"},
		{"\xfe\xff\x00a", "", "x: encoding: the file starts with the byte order mark of utf-16be; set the encoding to utf-16be"},
		{"\xff\xfe\x00\x00", "", "x: encoding: the file starts with the byte order mark of utf-32le; set the encoding to utf-32le"},
		{"\x00\x00\xfe\xff", "", "x: encoding: the file starts with the byte order mark of utf-32be; set the encoding to utf-32be"},
		{"\xff\xfea\x00", "utf-8", "x: encoding: the file starts with the byte order mark of utf-16le, and the encoding is set to utf-8"},
		{"\xef\xbb\xbfa", "big5", "x: encoding: the file starts with the byte order mark of utf-8, and the encoding is set to big5"},
		{"\xef\xbb\xbfa", "utf-16", "x: encoding: the file starts with the byte order mark of utf-8, and the encoding is set to utf-16"},
		{"", "klingon", `x: encoding: "klingon" is not known; some that are: utf-8, utf-16le`},
		{"", "iso-2022-kr", `x: encoding: "iso-2022-kr" is not known`}, // browsers take it for nothing but U+FFFD
		{"", "utf-7", `x: encoding: "utf-7" is not known`},
	} {
		for _, kind := range []Kind{None, Zstd} {
			_, err := Open(bytes.NewReader(compress(t, kind, test.in)), Options{Encoding: test.encoding, Name: "x"})
			require.ErrorIs(t, err, ErrEncoding)
			assert.ErrorContains(t, err, test.want)
		}
	}
	require.ErrorIs(t, CheckEncoding("klingon"), ErrEncoding)
}

// TestEncodingsInBlocks decodes a long text across all borders of buffers.
func TestEncodingsInBlocks(t *testing.T) {
	text := strings.Repeat("中文 and é\n", 20_000)
	in, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	require.NoError(t, err)
	for _, kind := range []Kind{None, Zstd} {
		got, err := lines(t, compress(t, kind, in), Options{Encoding: "gb18030", BlockSize: 1001})
		require.NoError(t, err)
		assert.True(t, got == text)
	}
	data := compress(t, Gzip, in)
	got, err := lines(t, data[:len(data)-3], Options{Encoding: "gb18030"})
	var fault *FaultError
	require.ErrorAs(t, err, &fault)
	assert.True(t, got == text)
	assert.EqualValues(t, len(text), fault.Offset)
}

func TestFirstInvalid(t *testing.T) {
	for text, want := range map[string]int{
		"": -1, "plain": -1, "é中😀\x00": -1, "\xff": 0, "a\xc3": 1, "é\xa9": 2, "a\xed\xa0\x80": 1, "\xc0\x80": 0, "中\xf5": 3, "\ufffd": -1, "\ufffd\xfe": 3,
	} {
		assert.Equal(t, want, FirstInvalid([]byte(text)), "%q", text)
	}
}

func TestCheckUTF8(t *testing.T) {
	require.NoError(t, CheckUTF8([]byte("é"), 0))
	for text, want := range map[string]string{
		"caf\xe9 au lait\n":     "byte 0xe9 at byte 103 is not valid UTF-8: it looks like windows-1252; set the option encoding",
		"caf\xe9\r\n":           "byte 0xe9 at byte 103 is not valid UTF-8: it looks like windows-1252; set the option encoding",
		"\x93quoted\x94":        "byte 0x93 at byte 100 is not valid UTF-8: it looks like windows-1252; set the option encoding",
		"ab\xe4\xb8\n":          "byte 0xe4 at byte 102 is not valid UTF-8: the line ends inside of a character",
		"\xd6\xd0\xce\xc4":      "byte 0xd6 at byte 100 is not valid UTF-8: it is some other encoding, such as gb18030, shift_jis, euc-kr or windows-1251; set the option encoding",
		"\xed\xa0\xbd\xed\xb8":  "byte 0xed at byte 100 is not valid UTF-8: it is half of a surrogate pair, as broken encoders leave; replace it by U+FFFD",
		"a\xc0\x80":             "byte 0xc0 at byte 101 is not valid UTF-8: it is a NUL as Java writes it",
		"\x1f\x8b\x08\x00":      "byte 0x8b at byte 101 is not valid UTF-8: it looks compressed; if the file was compressed twice, decompress it once",
		"\x28\xb5\x2f\xfd\x00":  "byte 0xb5 at byte 101 is not valid UTF-8: it looks compressed; if the file was compressed twice, decompress it once",
		"\xfd7zXZ\x00\x00":      "byte 0xfd at byte 100 is not valid UTF-8: it looks compressed; if the file was compressed twice, decompress it once",
		"a\x81 no such windows": "byte 0x81 at byte 101 is not valid UTF-8: set the option encoding to the encoding of the file",
	} {
		err := CheckUTF8([]byte(text), 100)
		assert.EqualError(t, err, want, "%q", text)
	}
}

func TestKinds(t *testing.T) {
	tar := func(magic string) string {
		b := make([]byte, 512)
		copy(b[257:], magic)
		return string(b)
	}
	for _, test := range []struct {
		want Kind
		head string
	}{
		{Gzip, "\x1f\x8b"}, {Gzip, "\x1f\x8b\x08\x00"}, {None, "\x1f"}, {None, ""},
		{Zstd, "\x28\xb5\x2f\xfd"}, {Zstd, "\x5f\x2a\x4d\x18"}, {None, "\x28\xb5\x2f"}, {None, "\x60\x2a\x4d\x18"},
		{Bzip2, "BZh91AY&SY"}, {Bzip2, "BZh1\x17\x72\x45\x38\x50\x90"}, {None, "BZh91AY&S"}, {None, "BZh is a text"}, {None, "BZh01AY&SY"},
		{XZ, "\xfd7zXZ\x00"}, {None, "\xfd7zXZ"},
		{Zip, "PK\x03\x04rest"}, {Zip, "PK\x05\x06"}, {None, "PK is a text"},
		{SevenZip, "7z\xbc\xaf\x27\x1c"}, {LZ4, "\x04\x22\x4d\x18"},
		{Tar, tar("ustar\x0000")}, {Tar, tar("ustar  \x00")}, {None, tar("ustard")}, {None, tar("ustar\x00")[:262]},
		{Parquet, "PAR1"}, {Parquet, "PAR1\x15\x04\x15"}, {Parquet, "PAR1text, and\x00"}, {None, "PAR1 is a gene\r\n\tand more"}, {None, "PAR"},
		{ArrowIPC, "ARROW1\x00\x00"}, {ArrowIPC, "\xff\xff\xff\xff\x08\x01\x00\x00"}, {None, "\xff\xff\xff\xff\x00\x00\x00\x00"}, {None, "ARROW1 is a text"},
		{UTF16LE, "\xff\xfe"}, {UTF16LE, "\xff\xfea\x00"}, {UTF16BE, "\xfe\xff"}, {UTF32LE, "\xff\xfe\x00\x00"}, {UTF32BE, "\x00\x00\xfe\xff"},
		{None, "\xef\xbb\xbf{}"}, {None, "{}"},
	} {
		assert.Equal(t, test.want, Sniff([]byte(test.head)), "%q", test.head)
	}
}

func TestOtherKindsAreRefused(t *testing.T) {
	tar := make([]byte, 1024)
	copy(tar[257:], "ustar\x0000")
	for want, data := range map[string][]byte{
		"x: not a text file: it is a zip archive; open it with archive/zip and pass the reader as a file system":      []byte("PK\x03\x04rest"),
		"x: not a text file: it is a parquet file; read it as Parquet":                                                []byte("PAR1\x15\x00"),
		"x: not a text file: it is a arrow file; convert it to Parquet, with pyarrow.parquet.write_table for example": []byte("ARROW1\x00\x00"),
		"x: not a text file: it is a tar file; unpack it first":                                                       tar,
		"x: not a text file: it is a tar file inside gzip; unpack it first":                                           compress(t, Gzip, string(tar)),
		"x: not a text file: it is a 7z file; unpack it first":                                                        []byte("7z\xbc\xaf\x27\x1c"),
		"x: not a text file: it is a lz4 file; decompress it with lz4 -d, or compress it with zstd instead":           []byte("\x04\x22\x4d\x18"),
	} {
		_, err := Open(bytes.NewReader(data), Options{Name: "x"})
		require.ErrorIs(t, err, ErrKind)
		var kind *KindError
		require.ErrorAs(t, err, &kind)
		assert.EqualError(t, err, want)
	}
	got, err := all(t, compress(t, Gzip, "PAR1\x15\x00"), Options{})
	require.NoError(t, err, "a compressed Parquet file is for the caller to tell")
	assert.Equal(t, "PAR1\x15\x00", got)
}

func ExampleOpen() {
	file := strings.NewReader("\xef\xbb\xbf{\"text\": \"one\"}\n{\"text\": \"two\"}\n")
	s, err := Open(file, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	text, err := io.ReadAll(s)
	fmt.Print(string(text))
	fmt.Println(s.Kind(), s.Offset(), err)
	// Output:
	// {"text": "one"}
	// {"text": "two"}
	// none 35 <nil>
}

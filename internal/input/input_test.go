package input

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

const (
	bzip2Hello = "QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi"
	bzip2World = "QlpoOTFBWSZTWQpYBpUAAALBgAAQBASQgCAAIhhoMAToGF3JFOFCQClgGlQ="
)

// lines is text that compresses to several blocks.
var lines = func() string {
	var b strings.Builder
	for i := range 30_000 {
		b.WriteString(strings.Repeat("x", i%37))
		b.WriteString(" line\n")
	}
	return b.String()
}()

var writers = map[Kind]func(io.Writer) io.WriteCloser{
	Gzip: func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	Zstd: func(w io.Writer) io.WriteCloser {
		z, _ := zstd.NewWriter(w)
		return z
	},
	XZ: func(w io.Writer) io.WriteCloser {
		z, _ := xz.NewWriter(w)
		return z
	},
}

func compress(t testing.TB, kind Kind, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := writers[kind](&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func read(t testing.TB, data []byte, o Options) (string, error) {
	t.Helper()
	s, err := Open(bytes.NewReader(data), o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	text, err := io.ReadAll(s)
	return string(text), err
}

func TestCompressionIsFoundByContent(t *testing.T) {
	for kind := range writers {
		t.Run(string(kind), func(t *testing.T) {
			half := len(lines) / 2
			one := compress(t, kind, lines)
			many := append(compress(t, kind, lines[:half]), append(compress(t, kind, ""), compress(t, kind, lines[half:])...)...)
			for _, data := range [][]byte{one, many} {
				assert.Equal(t, kind, Sniff(data))
				got, err := read(t, data, Options{})
				require.NoError(t, err)
				assert.True(t, got == lines)
			}
			empty, err := read(t, compress(t, kind, ""), Options{})
			require.NoError(t, err)
			assert.Empty(t, empty)
		})
	}
}

func TestSkippableZstdFrame(t *testing.T) {
	data := append([]byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc"), compress(t, Zstd, "hello")...)
	got, err := read(t, data, Options{})
	require.NoError(t, err)
	assert.Equal(t, "hello", got)
}

func TestBzip2(t *testing.T) {
	// "hello\n" and, as a second stream, "world\n", by Python's bz2.
	hello, err := base64.StdEncoding.DecodeString(bzip2Hello)
	require.NoError(t, err)
	world, err := base64.StdEncoding.DecodeString(bzip2World)
	require.NoError(t, err)
	got, err := read(t, append(hello, world...), Options{})
	require.NoError(t, err)
	assert.Equal(t, "hello\nworld\n", got)
	_, err = read(t, hello[:len(hello)-4], Options{})
	var fault *FaultError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, Bzip2, fault.Kind)
}

// TestCutShort cuts compressed files at many places: what comes out is a prefix
// of the text, and one fault says that there was more.
func TestCutShort(t *testing.T) {
	for kind := range writers {
		t.Run(string(kind), func(t *testing.T) {
			data := compress(t, kind, lines)
			for _, at := range []int{len(data) - 1, len(data) - 9, len(data) / 2, len(data) / 10, 30} {
				got, err := read(t, data[:at], Options{})
				var fault *FaultError
				require.ErrorAs(t, err, &fault, "cut at %d", at)
				assert.True(t, strings.HasPrefix(lines, got))
				assert.EqualValues(t, len(got), fault.Offset)
				assert.ErrorContains(t, err, "cut short")
			}
		})
	}
}

func TestDamaged(t *testing.T) {
	for kind := range writers {
		data := compress(t, kind, lines)
		data[len(data)/2] ^= 0x55
		_, err := read(t, data, Options{})
		var fault *FaultError
		require.ErrorAs(t, err, &fault, string(kind))
	}
	data := append(compress(t, Gzip, "good\n"), "trailing garbage"...)
	got, err := read(t, data, Options{})
	require.Error(t, err)
	assert.Equal(t, "good\n", got, "what lies before the fault is kept")
}

func TestReaderFails(t *testing.T) {
	cause := errors.New("connection lost")
	s, err := Open(io.MultiReader(strings.NewReader("abc"), failing{cause}), Options{})
	require.NoError(t, err)
	got, err := io.ReadAll(s)
	assert.Equal(t, "abc", string(got))
	require.ErrorIs(t, err, cause)
	assert.EqualError(t, err, "reading failed after 3 bytes: connection lost")
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestOtherKindsAreRefused(t *testing.T) {
	tar := make([]byte, 512)
	copy(tar[257:], "ustar")
	for want, head := range map[string]string{
		"zip archive": "PK\x03\x04rest", "parquet": "PAR1....", "arrow": "ARROW1\x00\x00", "tar": string(tar), "7z": "7z\xbc\xaf\x27\x1c", "lz4": "\x04\x22\x4d\x18",
	} {
		_, err := read(t, []byte(head), Options{})
		require.ErrorIs(t, err, ErrKind)
		assert.ErrorContains(t, err, want)
	}
}

func TestEncodings(t *testing.T) {
	for _, test := range []struct{ name, in, encoding, want string }{
		{"plain", "é\r\n", "", "é\r\n"},
		{"bom", "\xef\xbb\xbfé", "utf-8", "é"},
		{"only a bom", "\xef\xbb\xbf", "", ""},
		{"empty", "", "", ""},
		{"one byte", "x", "", "x"},
		{"latin", "caf\xe9", "windows-1252", "café"},
		{"utf-16le", "\xff\xfea\x00\xe9\x00", "utf-16le", "aé"},
		{"utf-16le without mark", "a\x00\xe9\x00", "utf-16le", "aé"},
		{"utf-16be", "\x00a\x00\xe9", "utf-16be", "aé"},
		{"utf-16 by its mark", "\xfe\xff\x00a", "utf-16", "a"},
		{"japanese", "\x93\xfa\x96\x7b", "shift_jis", "日本"},
		{"invalid stays for the rows to tell", "a\xffb", "", "a\xffb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, []byte(test.in), Options{Encoding: test.encoding})
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	_, err := read(t, []byte("\xff\xfea\x00"), Options{})
	require.ErrorIs(t, err, ErrEncoding)
	assert.ErrorContains(t, err, "utf-16le")
	_, err = read(t, nil, Options{Encoding: "klingon"})
	require.ErrorIs(t, err, ErrEncoding)
	require.ErrorIs(t, CheckEncoding("klingon"), ErrEncoding)
	require.NoError(t, CheckEncoding("utf-16be"))
}

func TestWindowLimit(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(8<<20))
	require.NoError(t, err)
	_, _ = io.WriteString(z, strings.Repeat(lines, 40))
	require.NoError(t, z.Close())
	_, err = read(t, b.Bytes(), Options{MaxWindow: 1 << 20})
	require.Error(t, err)
	_, err = read(t, b.Bytes(), Options{})
	require.NoError(t, err)
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("plain text\n"))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte("BZh91AY&SY"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00"))
	f.Add([]byte("\xfd7zXZ\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Open(bytes.NewReader(data), Options{MaxWindow: 1 << 20})
		if err != nil {
			return
		}
		defer s.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(s, 1<<20))
	})
}

func BenchmarkRead(b *testing.B) {
	text := strings.Repeat(lines, 20)
	for _, kind := range []Kind{Plain, Gzip, Zstd, XZ} {
		data := []byte(text)
		if kind != Plain {
			data = compress(b, kind, text)
		}
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(bytes.NewReader(data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, s)
				s.Close()
			}
		})
	}
}

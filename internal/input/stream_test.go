package input

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

// numbered returns a text of n lines of different lengths.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s line %d\n", strings.Repeat("x", i%37), i%10)
	}
	return b.String()
}

var packed = []Kind{Gzip, Zstd, Bzip2, XZ}

// sample is a compressed file: one member, stream or frame, or three of which
// the second is empty.
type sample struct {
	kind Kind
	text string
	one  []byte
	many []byte
	// ends are the lengths of many behind each of its parts, and texts what it
	// decodes to up to there.
	ends  []int
	texts []string
}

func samples(t testing.TB, kind Kind) sample {
	t.Helper()
	s := sample{kind: kind, text: numbered(1000)}
	if kind == Bzip2 {
		s.text, s.one, s.many = numbered(12000), unbase64(t, bzip2One), unbase64(t, bzip2Many)
	} else {
		s.one = compress(t, kind, s.text)
	}
	half := strings.LastIndexByte(s.text[:len(s.text)/2], '\n') + 1
	s.texts = []string{s.text[:half], s.text[:half], s.text}
	if kind == Bzip2 {
		second := 1 + bytes.Index(s.many[1:], []byte("BZh1"))
		third := second + 1 + bytes.Index(s.many[second+1:], []byte("BZh1"))
		s.ends = []int{second, third, len(s.many)}
		return s
	}
	for _, part := range []string{s.text[:half], "", s.text[half:]} {
		s.many = append(s.many, compress(t, kind, part)...)
		s.ends = append(s.ends, len(s.many))
	}
	return s
}

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	require.NoError(t, err)
	return b
}

func compress(t testing.TB, kind Kind, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case None:
		return []byte(text)
	case Gzip:
		w = gzip.NewWriter(&b)
	case Zstd:
		w, err = zstd.NewWriter(&b, zstd.WithWindowSize(64<<10))
	case XZ:
		// Several blocks: a file can be cut between two.
		w, err = xz.WriterConfig{BlockSize: 6 << 10, DictCap: 64 << 10}.NewWriter(&b)
	}
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// open is Open of data, which must work.
func open(t testing.TB, data []byte, o Options) *Stream {
	t.Helper()
	s, err := Open(bytes.NewReader(data), o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// all reads a stream by Read.
func all(t testing.TB, data []byte, o Options) (string, error) {
	t.Helper()
	text, err := io.ReadAll(open(t, data, o))
	return string(text), err
}

// lines reads a stream by Blocks, and checks what every sequence of blocks must
// keep to: it returns the text, and the error that ended it.
func lines(t testing.TB, data []byte, o Options) (string, error) {
	t.Helper()
	s := open(t, data, o)
	var text strings.Builder
	start := s.Offset()
	var end error
	for b, err := range s.Blocks(context.Background()) {
		require.NoError(t, end, "something follows an error")
		if err != nil {
			end = err
			continue
		}
		require.NotEmpty(t, b.Data)
		require.Equal(t, len(b.Data), cap(b.Data))
		require.Equal(t, start+int64(text.Len()), b.Offset)
		require.EqualValues(t, strings.Count(text.String(), "\n"), b.Line)
		text.Write(b.Data)
	}
	var fault *FaultError
	if errors.As(end, &fault) {
		got := text.String()
		require.True(t, got == "" || strings.HasSuffix(got, "\n"), "half a line before a fault")
		require.Equal(t, start+int64(len(got)), fault.LineOffset)
		require.EqualValues(t, strings.Count(got, "\n"), fault.Line)
		require.GreaterOrEqual(t, fault.Offset, fault.LineOffset)
		require.LessOrEqual(t, fault.CompressedOffset, int64(len(data)))
	}
	return text.String(), end
}

func TestCompressionIsFoundByContent(t *testing.T) {
	for _, kind := range append([]Kind{None}, packed...) {
		t.Run(string(kind), func(t *testing.T) {
			s := sample{kind: None, text: "some\ntext", one: []byte("some\ntext"), many: []byte("some\ntext")}
			if kind != None {
				s = samples(t, kind)
			}
			for _, data := range [][]byte{s.one, s.many} {
				assert.Equal(t, kind, open(t, data, Options{}).Kind())
				for _, size := range []int{0, 1000} {
					for _, read := range []func(testing.TB, []byte, Options) (string, error){all, lines} {
						got, err := read(t, data, Options{BlockSize: size})
						require.NoError(t, err)
						assert.True(t, got == s.text)
					}
				}
			}
		})
	}
}

func TestEmptyFilesHaveNoData(t *testing.T) {
	for name, data := range map[string][]byte{
		"none": nil, "gzip": compress(t, Gzip, ""), "xz": compress(t, XZ, ""), "mark": []byte("\xef\xbb\xbf"),
		"bzip2": unbase64(t, "QlpoORdyRThQkAAAAAA="), "zstd": compress(t, Zstd, ""),
		"zstd with a frame": {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00, 0x01, 0x00, 0x00},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lines(t, data, Options{})
			require.NoError(t, err)
			assert.Empty(t, got)
		})
	}
}

func TestSkippableFrames(t *testing.T) {
	skip := []byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc")
	hello := compress(t, Zstd, "hello\n")
	data := bytes.Join([][]byte{skip, hello, skip, hello, skip}, nil)
	got, err := lines(t, data, Options{})
	require.NoError(t, err)
	assert.Equal(t, "hello\nhello\n", got)
	_, err = lines(t, data[:len(data)-1], Options{})
	assert.ErrorContains(t, err, "the zstd data is cut short")
}

func TestDoubleCompressionIsAnError(t *testing.T) {
	_, err := Open(bytes.NewReader(compress(t, Zstd, string(compress(t, Gzip, "hello")))), Options{})
	require.ErrorIs(t, err, ErrKind)
	assert.ErrorContains(t, err, "it is a gzip file inside zstd; unpack it first")
}

func TestOptionsAreChecked(t *testing.T) {
	for want, o := range map[string]Options{
		"x: Options.MaxWindow is 1, want 1024 or more": {Name: "x", MaxWindow: 1},
		"Options.MaxWindow is":                         {MaxWindow: 1 << 60},
		"Options.Concurrency is -1":                    {Concurrency: -1},
		"Options.BlockSize is -1":                      {BlockSize: -1},
		"x: encoding: \"klingon\" is not known":        {Name: "x", Encoding: "klingon"},
	} {
		_, err := Open(strings.NewReader(""), o)
		assert.ErrorContains(t, err, want)
	}
}

func TestOffsetCounts(t *testing.T) {
	s := open(t, []byte("\xef\xbb\xbfabcdef"), Options{})
	assert.EqualValues(t, 3, s.Offset())
	_, err := io.ReadFull(s, make([]byte, 2))
	require.NoError(t, err)
	assert.EqualValues(t, 5, s.Offset())
	for b, err := range s.Blocks(context.Background()) {
		require.NoError(t, err)
		assert.Equal(t, Block{Data: []byte("cdef"), Offset: 5}, b)
	}
}

func TestClose(t *testing.T) {
	for _, kind := range packed {
		s := open(t, samples(t, kind).one, Options{})
		_, err := s.Read(make([]byte, 1))
		require.NoError(t, err)
		s.Close()
		s.Close()
		_, err = s.Read(make([]byte, 1))
		require.ErrorIs(t, err, fs.ErrClosed)
		for _, err := range s.Blocks(context.Background()) {
			require.ErrorIs(t, err, fs.ErrClosed)
		}
	}
}

// TestDecodersAreReused reads files one behind the other, after files that were
// broken, or not read to their end.
func TestDecodersAreReused(t *testing.T) {
	for _, kind := range packed {
		s := samples(t, kind)
		for i := range 20 {
			switch r, err := Open(bytes.NewReader(s.many), Options{}); i % 4 {
			case 0:
				require.NoError(t, err)
				_, _ = r.Read(make([]byte, 1000))
				r.Close()
			case 1:
				r.Close()
				_, err := lines(t, s.one[:len(s.one)/2], Options{})
				require.Error(t, err)
			default:
				got, err := io.ReadAll(r)
				require.NoError(t, err)
				assert.True(t, string(got) == s.text)
				r.Close()
			}
		}
	}
}

func TestWindowLimit(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(8<<20))
	require.NoError(t, err)
	text := numbered(500_000)
	_, _ = io.WriteString(z, text)
	require.NoError(t, z.Close())
	var x bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 8 << 20}.NewWriter(&x)
	require.NoError(t, err)
	_, _ = io.WriteString(w, "text")
	require.NoError(t, w.Close())
	for _, data := range [][]byte{b.Bytes(), x.Bytes()} {
		_, err = all(t, data, Options{MaxWindow: 1 << 20})
		require.ErrorContains(t, err, "it needs a larger window than is allowed; compress it again without --long, or raise MaxWindow")
		_, err = all(t, data, Options{MaxWindow: 8 << 20})
		require.NoError(t, err)
	}
	got, err := all(t, b.Bytes(), Options{})
	require.NoError(t, err)
	assert.True(t, got == text)
}

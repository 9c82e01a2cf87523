package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// magicLen is how many bytes of a file tell its kind.
var magicLen = map[Kind]int{Gzip: 2, Zstd: 4, Bzip2: 10, XZ: 6}

// TestCutAnywhere cuts compressed files at each of their bytes: what comes out
// are the first lines of the text, and one fault says that there was more.
func TestCutAnywhere(t *testing.T) {
	for _, kind := range packed {
		t.Run(string(kind), func(t *testing.T) {
			s := samples(t, kind)
			// bzip2 has a longer text; parts of xz files begin at multiples of 4.
			step := map[Kind]int{Gzip: 1, Zstd: 1, Bzip2: 29, XZ: 4}[kind]
			for at := magicLen[kind]; at < len(s.one); at += step {
				isCut(t, s, s.one[:at])
			}
			for at := len(s.one) / step * step; at < len(s.many); at += step {
				if !slices.Contains(s.ends, at) {
					isCut(t, s, s.many[:at])
				}
			}
			for i, at := range s.ends {
				got, err := lines(t, s.many[:at], Options{})
				require.NoError(t, err, "a cut between members cannot be told")
				require.True(t, got == s.texts[i])
				for _, more := range []int{1, 2, 3, 5, 9} {
					if at+more < len(s.many) {
						isCut(t, s, s.many[:at+more])
					}
				}
			}
		})
	}
}

func isCut(t *testing.T, s sample, data []byte) {
	t.Helper()
	got, err := lines(t, data, Options{BlockSize: 5000})
	var fault *FaultError
	require.ErrorAs(t, err, &fault, "cut at %d", len(data))
	require.Equal(t, s.kind, fault.Kind)
	require.True(t, strings.HasPrefix(s.text, got))
	require.ErrorContains(t, err, fmt.Sprintf("the %s data is cut short after %d decoded bytes (byte %d of the file); fetch the file again",
		s.kind, fault.Offset, len(data)))
	read, err := all(t, data, Options{})
	require.ErrorAs(t, err, &fault)
	require.EqualValues(t, len(read), fault.Offset)
	require.Equal(t, int64(-1), fault.Line)
	require.True(t, strings.HasPrefix(s.text, read))
	require.Equal(t, strings.LastIndexByte(read, '\n')+1, len(got), "all whole lines, and only these")
}

func TestDamaged(t *testing.T) {
	last := map[Kind]int{Gzip: 6, Zstd: 2, Bzip2: 3, XZ: 10} // from the end, a byte of a checksum
	for _, kind := range packed {
		t.Run(string(kind), func(t *testing.T) {
			s := samples(t, kind)
			broken := bytes.Clone(s.one)
			broken[len(broken)-last[kind]] ^= 0x55
			got, err := lines(t, broken, Options{Name: "x"})
			var fault *FaultError
			require.ErrorAs(t, err, &fault)
			assert.ErrorContains(t, err, "x: the "+string(kind)+" data is damaged after ")
			assert.True(t, strings.HasPrefix(s.text, got))
			for at := magicLen[kind]; at < len(s.one); at += 1 + len(s.one)/50 {
				broken = bytes.Clone(s.one)
				broken[at] ^= 0x55
				got, err := lines(t, broken, Options{BlockSize: 999})
				if err == nil { // a byte that means nothing, as the time in a gzip header
					require.True(t, got == s.text, "byte %d", at)
				} else {
					require.ErrorAs(t, err, &fault, "byte %d", at)
				}
			}
		})
	}
}

func TestWhatFollows(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	for _, kind := range packed {
		s := samples(t, kind)
		for _, test := range []struct {
			name string
			more []byte
			fine bool
		}{
			{"zeros", zeros(512), kind == Gzip || kind == XZ},
			{"zeros and another", append(zeros(512), s.one...), kind == Gzip || kind == XZ},
			{"many zeros", zeros(100 << 10), kind == Gzip || kind == XZ},
			{"three zeros", zeros(3), kind == Gzip},
			{"text", []byte("trailing garbage"), false},
			{"one byte", []byte("x"), false},
			{"zeros and text", append(zeros(512), "x"...), false},
		} {
			t.Run(string(kind)+" "+test.name, func(t *testing.T) {
				got, err := lines(t, append(bytes.Clone(s.one), test.more...), Options{})
				assert.True(t, strings.HasPrefix(got, s.text), "what lies before is kept")
				if test.fine {
					require.NoError(t, err)
					return
				}
				var fault *FaultError
				require.ErrorAs(t, err, &fault)
				assert.EqualValues(t, len(s.text), fault.Offset)
			})
		}
	}
	good := compress(t, Gzip, "good\n")
	_, err := all(t, append(bytes.Clone(good), "garbage"...), Options{})
	assert.EqualError(t, err, fmt.Sprintf("the gzip data ends after 5 decoded bytes (byte %d of the file), and something else follows; take that off or fetch the file again", len(good)))
}

func TestReaderFails(t *testing.T) {
	cause := errors.New("connection lost")
	for _, test := range []struct {
		cause error
		want  string
	}{
		{cause, "reading failed after 9 bytes: connection lost; line 2, from byte 4 on, is incomplete and left out"},
		{io.ErrUnexpectedEOF, "reading ended too early after 9 bytes: unexpected EOF; fetch the file again; line 2, from byte 4 on, is incomplete and left out"},
		{fmt.Errorf("connection lost: %w", io.EOF), "reading failed after 9 bytes: connection lost: EOF; line 2, from byte 4 on, is incomplete and left out"},
	} {
		s, err := Open(io.MultiReader(strings.NewReader("one\ntwo.."), iotest.ErrReader(test.cause)), Options{})
		require.NoError(t, err)
		defer s.Close()
		var got []string
		for b, err := range s.Blocks(context.Background()) {
			if err != nil {
				require.ErrorIs(t, err, test.cause)
				assert.EqualError(t, err, test.want)
				continue
			}
			got = append(got, string(b.Data))
		}
		assert.Equal(t, []string{"one\n"}, got)
	}
}

// TestReaderFailsInCompressedData holds that decoders do not hide what the
// reader said, wherever it said it: also between members they take some errors
// for the end.
func TestReaderFailsInCompressedData(t *testing.T) {
	for _, kind := range packed {
		s := samples(t, kind)
		for _, cause := range []error{errors.New("connection lost"), io.ErrUnexpectedEOF} {
			for _, at := range append(s.ends, 1, 20, len(s.one)/2, len(s.many)-1, len(s.many)) {
				stream, err := Open(io.MultiReader(bytes.NewReader(s.many[:at]), iotest.ErrReader(cause)), Options{})
				require.NoError(t, err)
				got, err := io.ReadAll(stream)
				stream.Close()
				var fault *FaultError
				require.ErrorAs(t, err, &fault)
				require.ErrorIs(t, err, cause, "%s, %d", kind, at)
				assert.ErrorContains(t, err, "reading ")
				assert.True(t, at < magicLen[kind] || strings.HasPrefix(s.text, string(got)))
			}
		}
	}
}

// TestOddReaders reads through readers that return little, or data together with
// an error.
func TestOddReaders(t *testing.T) {
	for _, kind := range packed {
		s := samples(t, kind)
		for name, odd := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "data and error": iotest.DataErrReader, "half": iotest.HalfReader} {
			stream, err := Open(odd(bytes.NewReader(s.many)), Options{})
			require.NoError(t, err)
			got, err := io.ReadAll(stream)
			require.NoError(t, err, name)
			assert.True(t, string(got) == s.text)
			stream.Close()
		}
	}
	s, err := Open(idle{}, Options{})
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Read(make([]byte, 10))
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// idle returns nothing, again and again.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

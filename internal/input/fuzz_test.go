package input

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// FuzzOpen reads anything, which must neither panic nor go on without end, and
// must say the same by Read and by Blocks.
func FuzzOpen(f *testing.F) {
	for _, kind := range packed {
		s := samples(f, kind)
		f.Add(s.one[:min(len(s.one), 4000)], "")
		f.Add(s.many[len(s.many)/2:], "latin1")
		f.Add(compress(f, Gzip, string(s.one)), "")
	}
	f.Add([]byte("\xff\xfea\x00\n\x00"), "utf-16")
	f.Add([]byte("\x5a\x2a\x4d\x18\x01\x00\x00\x00x"), "")
	f.Add([]byte("\x81\x30\x81\x30\n"), "gb18030")
	f.Fuzz(func(t *testing.T, data []byte, encoding string) {
		o := Options{MaxWindow: 1 << 20, BlockSize: 512, MaxRow: 2000, Encoding: encoding}
		s, err := Open(bytes.NewReader(data), o)
		if err != nil {
			return
		}
		defer s.Close()
		const enough = 4 << 20 // a small file can hold a large text
		n, err := io.CopyN(io.Discard, s, enough)
		if n == enough {
			return
		}
		var fault, again *FaultError
		require.True(t, err == io.EOF || errors.As(err, &fault), "%v", err) //nolint:errorlint // it is
		blocks, err := Open(iotest.HalfReader(bytes.NewReader(data)), o)
		require.NoError(t, err)
		defer blocks.Close()
		next := s.Offset() - n
		var line int64
		for b, err := range blocks.Blocks(context.Background()) {
			require.Nil(t, again)
			var long *LongLineError
			switch {
			case errors.As(err, &long):
				require.Equal(t, next, long.Offset)
				require.Equal(t, line, long.Line)
				require.Greater(t, long.Length, long.Limit)
				next += long.Length + 1
				line++
			case err != nil:
				require.ErrorAs(t, err, &again)
			default:
				require.Equal(t, next, b.Offset)
				require.Equal(t, line, b.Line)
				next += int64(len(b.Data))
				line += int64(bytes.Count(b.Data, []byte{'\n'}))
			}
		}
		require.Equal(t, fault == nil, again == nil)
		if fault != nil {
			require.Equal(t, fault.Error(), (&FaultError{Kind: again.Kind, Offset: again.Offset, CompressedOffset: again.CompressedOffset,
				Err: again.Err, reading: again.reading, LineOffset: -1}).Error())
			require.Equal(t, next, again.LineOffset)
			return
		}
		require.LessOrEqual(t, s.Offset(), next)
		require.LessOrEqual(t, next, s.Offset()+1, "a long line at the end need not have a line feed")
	})
}

// FuzzBlocks holds Blocks against a simple way to cut.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree"), uint8(3), uint8(0))
	f.Add([]byte("one\ntwotwotwo\n\nthree\n"), uint8(1), uint8(4))
	f.Add([]byte("\n\n\n"), uint8(200), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, size, limit uint8) {
		if Sniff(text) != None || bytes.HasPrefix(text, utf8BOM) {
			return
		}
		got, err := byBlocks(t, bytes.NewReader(text), Options{BlockSize: int(size), MaxRow: int64(limit)})
		require.NoError(t, err)
		require.Equal(t, byHand(string(text), int(limit)), got)
	})
}

// FuzzFirstInvalid holds it against ranging over a string.
func FuzzFirstInvalid(f *testing.F) {
	f.Add([]byte("é\xe4\xb8"))
	f.Add([]byte("\xef\xbf\xbd\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := -1
		for i, r := range string(b) {
			if r == '\ufffd' && !bytes.HasPrefix(b[i:], []byte("\ufffd")) {
				want = i
				break
			}
		}
		require.Equal(t, want, FirstInvalid(b))
		require.Equal(t, want >= 0, CheckUTF8(b, 0) != nil)
	})
}

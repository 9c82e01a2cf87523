package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byHand says what Blocks has to deliver: a line by number, offset and text, or
// that it is too long.
func byHand(text string, maxRow int) (events []string) {
	offset := 0
	for i, line := range strings.SplitAfter(text, "\n") {
		body, _ := strings.CutSuffix(line, "\n")
		switch {
		case maxRow > 0 && len(body) > maxRow:
			events = append(events, fmt.Sprintf("%d %d long %d", i, offset, len(body)))
		case line != "":
			events = append(events, fmt.Sprintf("%d %d %q", i, offset, line))
		}
		offset += len(line)
	}
	return events
}

// byBlocks says the same by ranging over Blocks. It looks at the blocks after
// the last one, so that it finds memory that was used twice.
func byBlocks(t testing.TB, r io.Reader, o Options) (events []string, final error) {
	t.Helper()
	s, err := Open(r, o)
	require.NoError(t, err)
	defer s.Close()
	type item struct {
		b    Block
		long *LongLineError
	}
	var items []item
	for b, err := range s.Blocks(context.Background()) {
		require.NoError(t, final, "something follows a final error")
		var long *LongLineError
		if errors.As(err, &long) || err == nil {
			items = append(items, item{b, long})
		} else {
			final = err
		}
	}
	for _, i := range items {
		if i.long != nil {
			assert.Equal(t, o.MaxRow, i.long.Limit)
			events = append(events, fmt.Sprintf("%d %d long %d", i.long.Line, i.long.Offset, i.long.Length))
			continue
		}
		line, offset := i.b.Line, i.b.Offset
		for _, text := range bytes.SplitAfter(i.b.Data, []byte{'\n'}) {
			if len(text) > 0 {
				events = append(events, fmt.Sprintf("%d %d %q", line, offset, text))
			}
			line++
			offset += int64(len(text))
		}
	}
	return events, final
}

func TestBlocksAreWholeLines(t *testing.T) {
	for _, text := range []string{
		"", "\n", "\n\n", "a", "a\n", "a\nb", "ab\ncd\n", "\n\nabc\n\n", "one\r\ntwo\r\n\r\nthree", "\r\n\r\n", "abcdefgh\nabcdefghi\nabcdefghij\nx", numbered(40), numbered(40) + "z",
	} {
		want := byHand(text, -1)
		for size := 1; size < len(text)+3; size++ {
			got, err := byBlocks(t, strings.NewReader(text), Options{BlockSize: size})
			require.NoError(t, err)
			require.Equal(t, want, got, "block size %d", size)
		}
	}
}

func TestLongLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(strings.Repeat("y", r.IntN(30)))
			b.WriteString("\n")
		}
		b.WriteString(strings.Repeat("z", r.IntN(30)))
		for _, limit := range []int{1, 2, 7, 15, 16, 17, 29} {
			want := byHand(b.String(), limit)
			for _, size := range []int{1, 3, 8, 16, 64, 0} {
				got, err := byBlocks(t, strings.NewReader(b.String()), Options{BlockSize: size, MaxRow: int64(limit)})
				require.NoError(t, err)
				require.Equal(t, want, got, "block size %d, limit %d, %q", size, limit, b.String())
			}
		}
	}
}

func TestLongLineText(t *testing.T) {
	s := open(t, []byte("a\nabcdef\nb"), Options{MaxRow: 3})
	var texts []string
	for b, err := range s.Blocks(context.Background()) {
		if err != nil {
			texts = append(texts, err.Error())
		} else {
			texts = append(texts, string(b.Data))
		}
	}
	assert.Equal(t, []string{"a\n", "line 2, from byte 2 on, has 6 bytes, and the limit is 3; raise MaxRow, or split the line if a line feed is missing", "b"}, texts)
}

// TestFaultInLongLine has one fault and nothing else for a line that is cut
// short, however long it is.
func TestFaultInLongLine(t *testing.T) {
	data := compress(t, Gzip, "one\n"+strings.Repeat("y", 1000))
	got, err := byBlocks(t, bytes.NewReader(data[:len(data)-4]), Options{MaxRow: 100})
	assert.Equal(t, []string{`0 0 "one\n"`}, got)
	var fault *FaultError
	require.ErrorAs(t, err, &fault)
	assert.EqualValues(t, 1, fault.Line)
	assert.EqualValues(t, 4, fault.LineOffset)
	assert.EqualValues(t, 1004, fault.Offset)
}

// endless makes a text with one very long line in its middle, and watches the
// memory while it is read.
type endless struct {
	left, sent int
	peak       uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'y'
	}
	if e.sent>>24 != (e.sent+n)>>24 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.peak = max(e.peak, m.HeapAlloc)
	}
	e.left -= n
	e.sent += n
	return n, nil
}

func TestLongLineIsNotHeld(t *testing.T) {
	const length, limit = 160 << 20, 1 << 20
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	long := &endless{left: length}
	got, err := byBlocks(t, io.MultiReader(strings.NewReader("first\n"), long, strings.NewReader("\nlast\n")), Options{MaxRow: limit})
	require.NoError(t, err)
	assert.Equal(t, []string{`0 0 "first\n"`, fmt.Sprintf("1 6 long %d", length), fmt.Sprintf("2 %d %q", length+7, "last\n")}, got)
	assert.Positive(t, long.peak)
	assert.Less(t, int64(long.peak)-int64(before.HeapAlloc), int64(16<<20))
}

func TestLongLinesWithinTheLimit(t *testing.T) {
	text := strings.Repeat("y", 3<<20) + "\nx\n" + strings.Repeat("z", 1<<20)
	got, err := byBlocks(t, strings.NewReader(text), Options{})
	require.NoError(t, err)
	assert.Equal(t, byHand(text, 0), got)
	got, err = byBlocks(t, strings.NewReader(text), Options{MaxRow: 1})
	require.NoError(t, err)
	assert.Equal(t, byHand(text, 1), got)
}

func TestBlocksAreRangedOverOnce(t *testing.T) {
	s := open(t, []byte("a\nb\n"), Options{BlockSize: 2})
	for range s.Blocks(context.Background()) {
		break
	}
	for _, err := range s.Blocks(context.Background()) {
		require.ErrorIs(t, err, errRanged)
	}
}

func TestBlocksStopWhenCancelled(t *testing.T) {
	for _, o := range []Options{{BlockSize: 10}, {MaxRow: 1}} {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		s, err := Open(io.MultiReader(strings.NewReader(numbered(2000)), &endless{left: 1 << 40}), o)
		require.NoError(t, err)
		defer s.Close()
		var end error
		for _, err := range s.Blocks(ctx) {
			require.NoError(t, end)
			if long := (*LongLineError)(nil); err != nil && !errors.As(err, &long) {
				end = err
			}
			cancel(cause)
		}
		assert.Equal(t, cause, end)
	}
}

// TestCancelWhileReading ends a read that waits, by closing the reader.
func TestCancelWhileReading(t *testing.T) {
	for _, o := range []Options{{}, {Concurrency: 4}} {
		for _, kind := range []Kind{None, Gzip, Zstd} {
			synctest.Test(t, func(t *testing.T) {
				cause := errors.New("enough")
				ctx, cancel := context.WithCancelCause(context.Background())
				r, w := io.Pipe()
				defer context.AfterFunc(ctx, func() { _ = r.Close() })()
				data := compress(t, kind, numbered(50_000))
				go func() {
					_, _ = w.Write(data[:len(data)/2])
					synctest.Wait() // the stream waits for more
					cancel(cause)
				}()
				s, err := Open(r, o)
				require.NoError(t, err)
				defer s.Close()
				var end error
				for _, err := range s.Blocks(ctx) {
					end = err
				}
				assert.Equal(t, cause, end)
			}) // fails if a goroutine is left
		}
	}
}

// TestNoGoroutineIsLeft leaves streams at several places.
func TestNoGoroutineIsLeft(t *testing.T) {
	for _, kind := range packed {
		data := samples(t, kind).one
		for _, at := range []int{0, 1, 20_000, 1 << 30} {
			synctest.Test(t, func(t *testing.T) {
				for _, in := range [][]byte{data, data[:len(data)/2]} {
					s, err := Open(bytes.NewReader(in), Options{Concurrency: 3, BlockSize: 1000})
					require.NoError(t, err)
					n := 0
					for b := range s.Blocks(t.Context()) {
						if n += len(b.Data); n > at {
							break
						}
					}
					s.Close()
				}
			})
		}
	}
}

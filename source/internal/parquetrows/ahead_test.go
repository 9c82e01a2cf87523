package parquetrows

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type heavyRow struct {
	ID   int64  `parquet:"id"`
	Text string `parquet:"text"`
}

const (
	heavyRows   = 400 // of a row group
	heavyGroups = 3
)

// heavyFile returns a file of row groups with a column that is read ahead.
func heavyFile(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	w := parquet.NewGenericWriter[heavyRow](&file, parquet.PageBufferSize(100_000))
	for i := range heavyRows * heavyGroups {
		_, err := w.Write([]heavyRow{{int64(i), strings.Repeat(fmt.Sprint(i, " "), 1000)}})
		require.NoError(t, err)
		if i%heavyRows == heavyRows-1 {
			require.NoError(t, w.Flush())
		}
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

// farthest remembers the last byte that was read.
type farthest struct {
	r  io.ReaderAt
	at atomic.Int64
}

func (f *farthest) ReadAt(b []byte, off int64) (int, error) {
	f.at.Store(max(f.at.Load(), off+int64(len(b))))
	return f.r.ReadAt(b, off)
}

// TestRowGroupsAreReadAhead: the next row group is being read before the one at
// hand is through, and not from the start of it.
func TestRowGroupsAreReadAhead(t *testing.T) {
	data := heavyFile(t)
	third := int64(len(data)) / heavyGroups
	f := &farthest{r: bytes.NewReader(data)}
	n := 0
	for r, err := range Rows(t.Context(), f, int64(len(data)), Options{}) {
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(n), r.Label("id"))
		switch n++; n {
		case 1:
			f.at.Store(0) // forget the footer
		case heavyRows / 2:
			assert.Less(t, f.at.Load(), third+third/10, "half of the first group")
		case heavyRows - 1:
			require.Eventually(t, func() bool { return f.at.Load() > third+third/10 }, 10*time.Second, time.Millisecond)
		}
	}
	assert.Equal(t, heavyRows*heavyGroups, n)
}

// TestReadingAheadEnds leaves the range at every kind of place.
func TestReadingAheadEnds(t *testing.T) {
	data := heavyFile(t)
	mark := heavyRows / 4 * 3
	before := runtime.NumGoroutine()
	for _, stop := range []int{1, mark - 1, mark, mark + 1, mark + 2, heavyRows, heavyRows + 1, heavyRows * heavyGroups} {
		for _, cancelled := range []bool{false, true} {
			ctx, cancel := context.WithCancelCause(t.Context())
			gone := errors.New("gone")
			n := 0
			for _, err := range Rows(ctx, bytes.NewReader(data), int64(len(data)), Options{}) {
				if cancelled && err != nil {
					require.ErrorIs(t, err, gone)
					break
				}
				require.NoError(t, err)
				if n++; n == stop {
					if !cancelled {
						break
					}
					cancel(gone)
				}
			}
			assert.Equal(t, stop, n)
			cancel(nil)
		}
	}
	for range 1000 { // goroutines that have given control back may still be ending
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}

// TestWantAcrossRowGroups asks for rows at the borders of row groups, and skips
// one.
func TestWantAcrossRowGroups(t *testing.T) {
	data := heavyFile(t)
	last := int64(heavyRows*heavyGroups - 1)
	want := []int64{0, heavyRows - 1, 2 * heavyRows, last}
	asked := int64(0)
	var got []int64
	o := Options{Want: func(row int64) bool {
		assert.Equal(t, asked, row, "rows are asked for once and in order")
		asked++
		return row == 0 || row == heavyRows-1 || row == 2*heavyRows || row == last
	}}
	for r, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), o) {
		require.NoError(t, err)
		got = append(got, r.Origin.Row)
	}
	assert.Equal(t, want, got)
	assert.Equal(t, last+1, asked)
}

package parquetrows

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// lines renders records as JSON objects and collects the errors of bad rows; a
// final error ends it.
func lines(t testing.TB, data []byte, o Options) (rows []string, bad []error, final error) {
	t.Helper()
	for r, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), o) {
		switch {
		case datamix.Final(err):
			return rows, bad, err
		case err != nil:
			bad = append(bad, err)
		default:
			rows = append(rows, render(r))
		}
	}
	return rows, bad, nil
}

func render(r *datamix.Record) string {
	b := []byte{'{'}
	for i, f := range r.Fields() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsonx.AppendString(b, f.Name), ':')
		b = f.AppendJSON(b)
	}
	return string(append(b, '}'))
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return data
}

func wantLines(t testing.TB, name string) []string {
	t.Helper()
	text := strings.TrimSuffix(string(fixture(t, name)), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// The files were written by pyarrow; see testdata/make.py.
func TestRowsOfFilesByPyarrow(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.parquet")
	require.NoError(t, err)
	require.Len(t, paths, 32)
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			want := strings.TrimSuffix(name, ".parquet") + ".jsonl"
			if strings.HasPrefix(name, "chat-") {
				want = "chat.jsonl"
			}
			rows, bad, err := lines(t, fixture(t, name), Options{})
			require.NoError(t, err)
			assert.Equal(t, wantLines(t, want), rows)
			if name == "bad-values.parquet" {
				assert.Len(t, bad, 1)
			} else {
				assert.Empty(t, bad)
			}
		})
	}
}

func TestOriginCountsRowsOfTheFile(t *testing.T) {
	data := fixture(t, "chat-zstd-v2-dict.parquet")
	next := int64(0)
	for r, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), Options{Path: "a/b.parquet"}) {
		require.NoError(t, err)
		assert.Equal(t, datamix.Origin{Path: "a/b.parquet", Row: next, Offset: -1}, r.Origin)
		next++
	}
	assert.Equal(t, int64(40), next)
}

func TestBadRowsNameColumnAndReason(t *testing.T) {
	_, bad, err := lines(t, fixture(t, "bad-values.parquet"), Options{Path: "x.parquet"})
	require.NoError(t, err)
	var got []string
	for _, e := range bad {
		got = append(got, e.Error())
	}
	assert.Equal(t, []string{
		`x.parquet, row 3: read: column "text": a string that is not UTF-8: byte 0xff at 0`,
	}, got)
}

func TestColumns(t *testing.T) {
	data := fixture(t, "chat-gzip-v1-dict.parquet")
	rows, _, err := lines(t, data, Options{Columns: []string{"source", "id"}})
	require.NoError(t, err)
	assert.Equal(t, `{"id":3,"source":"manual"}`, rows[3])

	_, _, err = lines(t, data, Options{Columns: []string{"text"}, Path: "p"})
	require.EqualError(t, err, `p: parquet: no column "text"; the file has id, messages, source`)
}

// A row must read the same whichever others are read.
func TestWantPassesOverRows(t *testing.T) {
	for _, name := range []string{"chat-zstd-v2-dict.parquet", "chat-none-v1-plain.parquet", "nested-legacy.parquet", "nested.parquet"} {
		all, _, err := lines(t, fixture(t, name), Options{})
		require.NoError(t, err)
		for _, every := range []int64{1, 2, 3, 7, 30, 1000} {
			var asked []int64
			var want []string
			for i, row := range all {
				if int64(i)%every == every-1 {
					want = append(want, row)
				}
			}
			got, _, err := lines(t, fixture(t, name), Options{Want: func(row int64) bool {
				asked = append(asked, row)
				return row%every == every-1
			}})
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s: every %d", name, every)
			require.Len(t, asked, len(all))
			for i, row := range asked {
				require.Equal(t, int64(i), row)
			}
		}
	}
}

func TestFilesThatAreNotWhole(t *testing.T) {
	data := fixture(t, "chat-none-v1-plain.parquet")
	const noFooter = "parquet: the file has no Parquet footer: it was cut short or is still being written"
	lying := bytes.Clone(data)
	binary.LittleEndian.PutUint32(lying[len(lying)-8:], 1<<30)
	nonsense := bytes.Clone(data)
	copy(nonsense[len(nonsense)-40:], bytes.Repeat([]byte{0xff}, 24))
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"empty":     {nil, `parquet: not a Parquet file: it starts with "", want "PAR1"`},
		"text":      {[]byte(`{"a": 1}`), `parquet: not a Parquet file: it starts with "{\"a\"", want "PAR1"`},
		"encrypted": {[]byte("PAREwhatever"), "parquet: the file is encrypted, which is not supported: write it without encryption"},
		"tiny":      {data[:7], noFooter},
		"cut":       {data[:len(data)/2], noFooter},
		"lying":     {lying, "parquet: damaged footer: it claims 1073741824 bytes, and the file has 8714"},
		"nonsense":  {nonsense, "parquet: damaged footer"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, _, err := lines(t, test.data, Options{})
			assert.Empty(t, rows)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// Damage in the middle of the data must be an error that names the place, and
// rows before it must be right.
func TestDamagedPage(t *testing.T) {
	whole := fixture(t, "chat-zstd-v2-plain.parquet")
	all, _, err := lines(t, whole, Options{})
	require.NoError(t, err)
	data := bytes.Clone(whole)
	at := len(data) / 3
	copy(data[at:], bytes.Repeat([]byte{0xa5}, 200))
	rows, _, err := lines(t, data, Options{Path: "broken.parquet"})
	require.Error(t, err)
	assert.Regexp(t, `^broken\.parquet: parquet: row group \d+: row \d+: column [a-z.]+: `, err.Error())
	assert.Equal(t, all[:len(rows)], rows)
}

func TestReadFails(t *testing.T) {
	data := fixture(t, "chat-none-v1-plain.parquet")
	fault := errors.New("disk on fire")
	r := faulty{bytes.NewReader(data), int64(len(data)) / 2, fault}
	var final error
	for _, err := range Rows(t.Context(), r, int64(len(data)), Options{}) {
		final = err
	}
	require.ErrorIs(t, final, fault)
	assert.True(t, datamix.Final(final))
}

// faulty fails for reads that touch the bytes from 100 to until.
type faulty struct {
	r     *bytes.Reader
	until int64
	err   error
}

func (f faulty) ReadAt(b []byte, off int64) (int, error) {
	if off >= 100 && off < f.until {
		return 0, f.err
	}
	return f.r.ReadAt(b, off)
}

func TestBreakAndCancel(t *testing.T) {
	data := bigChats(t, 20_000)
	n := 0
	for _, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), Options{}) {
		require.NoError(t, err)
		if n++; n == 10 {
			break
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stop := errors.New("enough")
	var final error
	n = 0
	for _, err := range Rows(ctx, bytes.NewReader(data), int64(len(data)), Options{}) {
		if final = err; err == nil {
			if n++; n == 10 {
				cancel(stop)
			}
		}
	}
	assert.Equal(t, 10, n)
	require.ErrorIs(t, final, stop)
}

func TestRecordsKeepTheirValues(t *testing.T) {
	data := bigChats(t, 3000)
	var kept []*datamix.Record
	var want []string
	for r, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), Options{}) {
		require.NoError(t, err)
		kept, want = append(kept, r), append(want, strings.Clone(render(r)))
	}
	for i, r := range kept {
		require.Equal(t, want[i], render(r))
	}
}

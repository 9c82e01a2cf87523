package source_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/source"
)

// damaged returns files that end in a fault, by name, with the fewest rows that
// are whole in front of it. Row n holds the number n.
func damaged(t testing.TB) map[string]struct {
	content string
	least   int
} {
	t.Helper()
	const rows = 6000
	type row struct {
		Prompt   string `parquet:"prompt"`
		Response string `parquet:"response"`
	}
	var lines, array strings.Builder
	var table strings.Builder
	w := parquet.NewGenericWriter[row](&table, parquet.Compression(&parquet.Zstd))
	for i := range rows {
		filler := fmt.Sprintf("%x", i*7919*104729) // so that it compresses badly
		line := fmt.Sprintf(`{"prompt":"p %s","response":"%d"}`, filler, i)
		fmt.Fprintln(&lines, line)
		fmt.Fprintf(&array, "%s%s", map[bool]string{true: "[", false: ",\n"}[i == 0], line)
		_, err := w.Write([]row{{"p " + filler, fmt.Sprint(i)}})
		require.NoError(t, err)
		if i%1000 == 999 {
			require.NoError(t, w.Flush())
		}
	}
	require.NoError(t, w.Close())
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	squeezed := string(z.EncodeAll([]byte(lines.String()), nil))
	zipped := gz(t, lines.String())
	page := []byte(table.String())
	for i := len(page) / 2; i < len(page)/2+2000; i++ {
		page[i] ^= 0x5a
	}
	middle := array.Len()/2 + strings.Index(array.String()[array.Len()/2:], ",\n")
	return map[string]struct {
		content string
		least   int
	}{
		"cut.jsonl.gz":     {zipped[:len(zipped)/2], 2000},
		"cut.jsonl.zst":    {squeezed[:len(squeezed)-9], 2000},
		"start.jsonl.gz":   {zipped[:12], 0},
		"open.json":        {array.String(), rows},
		"broken.json":      {array.String()[:middle] + "]]" + array.String()[middle:] + "]", 2000},
		"page.parquet":     {string(page), 1000},
		"footless.parquet": {table.String()[:table.Len()-100], 0},
		"empty.parquet":    {"", 0},
	}
}

func TestDamagedFiles(t *testing.T) {
	for name, c := range damaged(t) {
		t.Run(name, func(t *testing.T) {
			fsys := files("a/"+name, c.content, "b.jsonl", `{"prompt":"p","response":"next"}`)
			for _, workers := range []int{1, 2} {
				texts, bad, final := read(source.Files(fsys, "**", &source.Options{Workers: workers}))
				require.Error(t, final, "a fault is final by default")
				assert.Contains(t, final.Error(), "a/"+name)
				assert.GreaterOrEqual(t, len(texts), c.least)
				assert.Empty(t, bad)

				salvaged, bad, final := read(source.Files(fsys, "**", &source.Options{Workers: workers, Salvage: true}))
				require.NoError(t, final)
				require.Len(t, bad, 1, "the fault counts once")
				n := len(salvaged) - 1
				assert.GreaterOrEqual(t, n, c.least)
				assert.Equal(t, "next", salvaged[n], "the next file follows")
				assert.Equal(t, append([]string{}, texts...), salvaged[:n])
				for i, text := range salvaged[:n] {
					require.Equal(t, fmt.Sprint(i), text)
				}
				assert.EqualValues(t, n, bad[0].Origin.Row, "the row that is lost first")
				assert.Equal(t, "a/"+name, bad[0].Origin.Path)
				assert.Equal(t, "read", bad[0].Stage)
			}
		})
	}
}

// TestSalvageDoesNotHideTheMachine holds that what is no damage stays final.
func TestSalvageDoesNotHideTheMachine(t *testing.T) {
	fsys := fstest.MapFS{"a.jsonl": {Data: []byte("{}"), Mode: fs.ModeDir}}
	_, _, final := read(source.Files(fsys, "b.jsonl", &source.Options{Salvage: true}))
	require.ErrorIs(t, final, fs.ErrNotExist)
	_, _, final = read(source.Reader(failing{}, "r.jsonl", &source.Options{Salvage: true}))
	require.ErrorContains(t, final, "the disk is gone")
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

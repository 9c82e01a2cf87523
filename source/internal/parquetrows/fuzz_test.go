package parquetrows

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
	"github.com/datamix-go/datamix/internal/shareddata"
)

// FuzzRows damages a file in one place: whatever comes of it, there is no panic,
// every record is valid JSON, and the sequence ends.
func FuzzRows(f *testing.F) {
	names := []string{"chat-zstd-v2-dict.parquet", "nested-legacy.parquet", "types.parquet", "chat-none-v1-plain.parquet"}
	f.Add(uint8(0), uint16(100), []byte{0xff})
	f.Add(uint8(1), uint16(4000), []byte{0, 1, 2, 3})
	f.Add(uint8(2), uint16(60000), []byte("PAR1"))
	f.Add(uint8(3), uint16(700), []byte{0x80, 0x80})
	f.Fuzz(func(t *testing.T, which uint8, at uint16, damage []byte) {
		data := bytes.Clone(fixture(t, names[int(which)%len(names)]))
		copy(data[int(at)%len(data):], damage)
		n := 0
		for r, err := range Rows(t.Context(), bytes.NewReader(data), int64(len(data)), Options{}) {
			if datamix.Final(err) || n > 10_000 {
				break
			}
			if n++; err == nil {
				require.NoError(t, jsonx.Valid([]byte(render(r))), render(r))
			}
		}
	})
}

func TestCocktailRecipes(t *testing.T) {
	data := sharedFile(t, "cocktail-recipes/cocktail_recipes.parquet")
	rows, bad, err := lines(t, data, Options{})
	require.NoError(t, err)
	assert.Empty(t, bad)
	require.Len(t, rows, 875)
	empty := 0
	for _, row := range rows {
		require.NoError(t, jsonx.Valid([]byte(row)))
		if bytes.Contains([]byte(row), []byte(`"misc":[]`)) {
			empty++
		}
	}
	assert.Equal(t, 376, empty) // as measured in the description of the set
}

func sharedFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := fs.ReadFile(shareddata.FS(t), path)
	require.NoError(t, err)
	return data
}

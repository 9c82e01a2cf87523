package parquetrows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type lz4Row struct {
	ID   int64    `parquet:"id"`
	Kind string   `parquet:"kind,dict"`
	Tags []string `parquet:"tags,list"`
	Text string   `parquet:"text,optional"`
}

// lz4File returns a file of several row groups and pages whose texts compress
// badly, and the rows in it.
func lz4File(t testing.TB, version int) (data []byte, rows []string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var file bytes.Buffer
	w := parquet.NewGenericWriter[lz4Row](&file, parquet.Compression(&parquet.Lz4Raw), parquet.DataPageVersion(version), parquet.PageBufferSize(2000))
	for i := range 1000 {
		var text strings.Builder
		for range rng.IntN(60) {
			text.WriteByte(byte(' ' + rng.IntN(90)))
		}
		row := lz4Row{int64(i), fmt.Sprint("k", i%3), []string{"a", fmt.Sprint(i)}[:i%3], text.String()}
		_, err := w.Write([]lz4Row{row})
		require.NoError(t, err)
		if i%400 == 399 {
			require.NoError(t, w.Flush())
		}
		values := map[string]any{"id": row.ID, "kind": row.Kind, "tags": row.Tags, "text": row.Text}
		if row.Text == "" {
			values["text"] = nil
		}
		want, err := json.Marshal(values)
		require.NoError(t, err)
		rows = append(rows, string(want))
	}
	require.NoError(t, w.Close())
	return file.Bytes(), rows
}

func TestLZ4PagesThatCompressBadly(t *testing.T) {
	for _, version := range []int{1, 2} {
		data, want := lz4File(t, version)
		rows, bad, err := lines(t, data, Options{})
		require.NoError(t, err)
		assert.Empty(t, bad)
		require.Len(t, rows, len(want))
		for i := range want {
			require.JSONEq(t, want[i], rows[i])
		}
	}
}

func TestDamagedLZ4(t *testing.T) {
	data, want := lz4File(t, 1)
	for at := 4; at < len(data)-12; at += 97 {
		bad := bytes.Clone(data)
		bad[at] ^= 0x55
		rows, faults, err := lines(t, bad, Options{})
		if err == nil { // nothing in the file says that a value is another
			require.Equal(t, len(want), len(rows)+len(faults))
		}
	}
}

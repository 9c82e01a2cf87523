package parquetrows

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/stretchr/testify/require"
)

type message struct {
	Role    string `parquet:"role"`
	Content string `parquet:"content"`
}

type chat struct {
	ID       int64     `parquet:"id"`
	Messages []message `parquet:"messages,list"`
	Source   string    `parquet:"source,optional,dict"`
}

// bigChats writes n chats of about 2 KB in row groups of 5,000.
func bigChats(t testing.TB, n int) []byte { return writeChats(t, n, &parquet.Zstd) }

func writeChats(t testing.TB, n int, codec compress.Codec) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[chat](&b, parquet.Compression(codec), parquet.MaxRowsPerRowGroup(5000))
	words := strings.Fields("the quick brown fox jumps over a lazy dog while \"reading\" some\nlines of Go code with naïve café words")
	for i := range n {
		var text strings.Builder
		for j := range 90 {
			text.WriteString(words[(i*31+j*j*7+j)%len(words)])
			fmt.Fprintf(&text, " %d ", (i*i+j)%97)
		}
		c := chat{ID: int64(i), Source: "made"}
		for k := range 4 {
			c.Messages = append(c.Messages, message{[]string{"user", "assistant"}[k%2], fmt.Sprint(k, text.String())})
		}
		_, err := w.Write([]chat{c})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// BenchmarkRows reports bytes of JSON a second.
func BenchmarkRows(b *testing.B) {
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Zstd} {
		data := writeChats(b, 20_000, codec)
		json := 0
		for r, err := range Rows(b.Context(), bytes.NewReader(data), int64(len(data)), Options{}) {
			require.NoError(b, err)
			json += len(render(r)) + 1
		}
		b.Run(codec.String(), func(b *testing.B) {
			b.SetBytes(int64(json))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range Rows(b.Context(), bytes.NewReader(data), int64(len(data)), Options{}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

package source_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bytedance/sonic"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
)

// chatRow is what a program without this library would decode a row into.
type chatRow struct {
	ID       string `json:"id"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
}

// chatRows makes n rows of two turns, about 1 KB each, with newlines, quotes
// and some text that is not ASCII.
func chatRows(n int) [][]byte {
	rows := make([][]byte, n)
	for i := range rows {
		var r chatRow
		r.ID = fmt.Sprintf("row-%d", i)
		for t, role := range []string{"user", "assistant"} {
			text := strings.Repeat(fmt.Sprintf("Line %d of turn %d says \"%d\".\nZeile mit Ümläuten.\n", i, t, i*7), 4+i%7)
			r.Messages = append(r.Messages, struct {
				Role    string `json:"role"`
				Content string `json:"content"`
			}{role, text})
		}
		rows[i], _ = json.Marshal(r)
	}
	return rows
}

const benchRows = 20_000

func drainAll(b *testing.B, src datamix.Source, want int) {
	n := 0
	for _, err := range src.Records(context.Background()) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	require.Equal(b, want, n)
}

// BenchmarkRead reads the same rows in each format, and for comparison decodes
// the lines into a struct with sonic.
func BenchmarkRead(b *testing.B) {
	rows := chatRows(benchRows)
	lines := bytes.Join(rows, []byte("\n"))
	array := append(append([]byte("[\n"), bytes.Join(rows, []byte(",\n"))...), "\n]"...)
	table := []byte("prompt,completion\n")
	for _, raw := range rows {
		var r chatRow
		require.NoError(b, json.Unmarshal(raw, &r))
		cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		table = append(table, cell(r.Messages[0].Content)+","+cell(r.Messages[1].Content)+"\n"...)
	}
	fsys := fstest.MapFS{"a.jsonl": {Data: lines}, "a.json": {Data: array}, "a.csv": {Data: table}}
	b.Run("sonic", func(b *testing.B) {
		b.SetBytes(int64(len(lines)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for line := range bytes.SplitSeq(lines, []byte("\n")) {
				var r chatRow
				if err := sonic.Unmarshal(line, &r); err != nil {
					b.Fatal(err)
				}
				n += len(r.Messages)
			}
			require.Equal(b, 2*benchRows, n)
		}
	})
	for _, workers := range []int{1, 2} {
		for _, name := range []string{"a.jsonl", "a.json", "a.csv"} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) {
				b.SetBytes(int64(len(fsys[name].Data)))
				b.ReportAllocs()
				src := source.Files(fsys, name, &source.Options{Workers: workers})
				for b.Loop() {
					drainAll(b, src, benchRows)
				}
			})
		}
	}
}

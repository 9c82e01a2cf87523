package jsonx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// benchText is about 1.9 kB of prose with a line feed every 60 bytes or so.
func benchText(word string) string {
	var b strings.Builder
	for i := 0; b.Len() < 1900; i++ {
		fmt.Fprintf(&b, "%s %d: %s\n", word, i, strings.Repeat(word+" ", 50/(len(word)+1)))
	}
	return b.String()
}

// benchRows are rows of about 2 kB, most of which is one text.
func benchRows() map[string][]byte {
	rows := map[string][]byte{}
	for name, word := range map[string]string{"ascii": "paragraph", "mixed": "déjà", "cjk": "文章", "quotes": `"word"`} {
		row := []byte(`{"id":"row-000123","text":`)
		row = jsonx.AppendString(row, benchText(word))
		rows[name] = append(row, `,"meta":{"lang":"xx","score":0.75,"tags":["a","b"]},"tokens":431}`...)
	}
	return rows
}

func textOf(raw []byte) []byte {
	o, _ := jsonx.OpenObject(raw)
	for {
		key, value, ok, _ := o.Next()
		if !ok || key == "text" {
			return value
		}
	}
}

func eachRow(b *testing.B, f func(b *testing.B, raw []byte)) {
	rows := benchRows()
	for _, name := range []string{"ascii", "mixed", "cjk", "quotes"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(rows[name])))
			b.ReportAllocs()
			f(b, rows[name])
		})
	}
}

func BenchmarkObject(b *testing.B) {
	eachRow(b, func(b *testing.B, raw []byte) {
		for b.Loop() {
			o, _ := jsonx.OpenObject(raw)
			for {
				_, _, ok, err := o.Next()
				if err != nil {
					b.Fatal(err)
				}
				if !ok {
					break
				}
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	eachRow(b, func(b *testing.B, raw []byte) {
		text := textOf(raw)
		b.SetBytes(int64(len(text)))
		buf := make([]byte, 0, 4096)
		for b.Loop() {
			buf = buf[:0]
			if _, err := jsonx.Text(text, &buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkValid(b *testing.B) {
	eachRow(b, func(b *testing.B, raw []byte) {
		for b.Loop() {
			if err := jsonx.Valid(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppendString(b *testing.B) {
	eachRow(b, func(b *testing.B, raw []byte) {
		s, err := jsonx.Text(textOf(raw), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(s)))
		dst := make([]byte, 0, 4096)
		for b.Loop() {
			dst = jsonx.AppendString(dst[:0], s)
		}
	})
}

func BenchmarkAppendCompact(b *testing.B) {
	eachRow(b, func(b *testing.B, raw []byte) {
		dst := make([]byte, 0, 4096)
		for b.Loop() {
			dst = jsonx.AppendCompact(dst[:0], raw)
		}
	})
}

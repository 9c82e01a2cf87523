package input

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// prose returns about n bytes of lines that compress as text does.
func prose(n int) string {
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	for b.Len() < n {
		for range 20 + r.IntN(100) {
			fmt.Fprintf(&b, "%x ", r.IntN(1+r.IntN(1<<16)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// BenchmarkRead is about 64 MiB of text.
func BenchmarkRead(b *testing.B) {
	text := prose(64 << 20)
	for _, kind := range []Kind{None, Gzip, Zstd} {
		data := compress(b, kind, text)
		b.Run("blocks/"+string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(bytes.NewReader(data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for block, err := range s.Blocks(context.Background()) {
					if err != nil {
						b.Fatal(err)
					}
					n += len(block.Data)
				}
				if s.Close(); n != len(text) {
					b.Fatal(n)
				}
			}
		})
		b.Run("bytes/"+string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			buf := make([]byte, defaultBlockSize)
			for b.Loop() {
				s, err := Open(bytes.NewReader(data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, s, buf); err != nil || n != int64(len(text)) {
					b.Fatal(n, err)
				}
				s.Close()
			}
		})
	}
}

// BenchmarkSmallFiles is about what a file costs apart from its bytes.
func BenchmarkSmallFiles(b *testing.B) {
	text := prose(2 << 10)
	for _, kind := range []Kind{None, Gzip, Zstd, XZ} {
		data := compress(b, kind, text)
		b.Run(string(kind), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(bytes.NewReader(data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range s.Blocks(context.Background()) {
					if err != nil {
						b.Fatal(err)
					}
				}
				s.Close()
			}
		})
	}
}

func BenchmarkFirstInvalid(b *testing.B) {
	line := []byte(strings.Repeat("some text with é and 中 in it ", 70))
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if FirstInvalid(line) >= 0 {
			b.Fatal("it is valid")
		}
	}
}

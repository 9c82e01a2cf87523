package sink_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// benchRecords are chats as an assistant's log has them: some kilobytes, with
// line breaks and quotes, and a column of their own.
func benchRecords(tb testing.TB) (rs []*datamix.Record, bytes int64) {
	word := []string{"the", "model", "answers", "with", "a \"quoted\" phrase", "and", "numbers like 42,", "then\n\n", "naïve", "code: `x := 1`"}
	for i := range 200 {
		var text strings.Builder
		for j := range 150 + i {
			text.WriteString(word[(j*7+i*i)%len(word)])
			text.WriteByte(' ')
		}
		r := row(tb, fmt.Sprintf(`{"id":%d,"messages":[]}`, i), datamix.User(text.String()[:200]), datamix.Assistant(text.String()))
		line, err := encode(nil, r)
		require.NoError(tb, err)
		bytes += int64(len(line))
		rs = append(rs, r)
	}
	return rs, bytes
}

func BenchmarkWrite(b *testing.B) {
	rs, bytes := benchRecords(b)
	for _, c := range []struct {
		name string
		open func(dir string) datamix.Sink
	}{
		{"writer", func(string) datamix.Sink { return sink.Writer(io.Discard, nil) }},
		{"jsonl", func(dir string) datamix.Sink { return sink.JSONL(dir, &sink.Options{Overwrite: true}) }},
		{"gzip", func(dir string) datamix.Sink {
			return sink.JSONL(dir, &sink.Options{Overwrite: true, Compression: sink.Gzip})
		}},
		{"zstd", func(dir string) datamix.Sink {
			return sink.JSONL(dir, &sink.Options{Overwrite: true, Compression: sink.Zstd})
		}},
		{"parquet", func(dir string) datamix.Sink { return sink.Parquet(dir, &sink.Options{Overwrite: true}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(bytes)
			b.ReportAllocs()
			dst := c.open(b.TempDir())
			for b.Loop() {
				for _, r := range rs {
					if err := dst.Write(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
			}
			require.NoError(b, datamix.Abort(dst))
		})
	}
}

func TestWriteDoesNotAllocate(t *testing.T) {
	rs, _ := benchRecords(t)
	for _, o := range []*sink.Options{nil, {Extra: sink.ExtraColumns, Provenance: true}, {As: sink.FormShareGPT}, {As: sink.FormRaw}} {
		w := sink.Writer(io.Discard, o)
		write(t, w, rs) // the buffers grow
		ctx := t.Context()
		per := testing.AllocsPerRun(5, func() {
			for _, r := range rs {
				_ = w.Write(ctx, r)
			}
		})
		assert.Less(t, per/float64(len(rs)), 0.1, "%+v", o)
	}
}

//go:build unix

package sink_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bytedance/sonic"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// chatRow and pairRow are what a program without this library would decode the
// lines into.
type chatRow struct {
	ID       string `json:"id"`
	Source   string `json:"source"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
}

type pairRow struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// workload is a file of JSON Lines and how it is decoded into a struct.
type workload struct {
	name   string
	lines  []byte
	decode func(line []byte) error
}

func into[T any](line []byte) error {
	var v T
	return sonic.Unmarshal(line, &v)
}

// workloads are generated chats of about 1 KB and real ones: chats of all
// lengths, and short pairs of question and answer.
func workloads(b *testing.B) []workload {
	b.Helper()
	var made bytes.Buffer
	for i := range 20_000 {
		text := strings.Repeat(fmt.Sprintf("Line %d says \"%d\".\nZeile mit Ümläuten.\n", i, i*7), 8+i%7)
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint(i), "messages": []map[string]string{
			{"role": "user", "content": text[:len(text)/3]}, {"role": "assistant", "content": text}}})
		require.NoError(b, err)
		made.Write(append(line, '\n'))
	}
	real := func(name string, times int) []byte {
		data, err := fs.ReadFile(shareddata.FS(b), name)
		require.NoError(b, err)
		if !bytes.HasSuffix(data, []byte("\n")) {
			data = append(data, '\n')
		}
		return bytes.Repeat(data, times)
	}
	return []workload{
		{"generated-chats", made.Bytes(), into[chatRow]},
		{"tulu3-chats", real("tulu3-sample/sft_sample.jsonl", 80), into[chatRow]},
		{"gsm8k-pairs", real("gsm8k/train.jsonl", 5), into[pairRow]},
	}
}

// cpuTime returns the time that the process has used its processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReadAdaptWrite reads a file, adapts its rows and writes them as
// messages, with one worker and without counting tokens. Beside its own speed it
// reports the part of the speed at which sonic decodes the same lines into a
// struct, measured in turn in the same run: in processor time, so that other
// programs on the machine matter little, for which it is run with GOMAXPROCS=1; and
// in elapsed time, which on an idle machine shows that a folder is written beside
// the encoding.
func BenchmarkReadAdaptWrite(b *testing.B) {
	for _, w := range workloads(b) {
		fsys := fstest.MapFS{"x.jsonl": {Data: w.lines}}
		src := source.Files(fsys, "x.jsonl", &source.Options{Workers: 1})
		for _, c := range []struct {
			name string
			open func(dir string) datamix.Sink
		}{
			{"stream", func(string) datamix.Sink { return sink.Writer(io.Discard, nil) }},
			{"folder", func(dir string) datamix.Sink { return sink.JSONL(dir, &sink.Options{Overwrite: true}) }},
		} {
			b.Run(w.name+"/"+c.name, func(b *testing.B) {
				b.SetBytes(int64(len(w.lines)))
				b.ReportAllocs()
				dir := b.TempDir()
				var sonicTime, ours, sonicElapsed, elapsed time.Duration
				for b.Loop() {
					b.StopTimer()
					start, begun := cpuTime(b), time.Now()
					for line := range bytes.Lines(w.lines) {
						if err := w.decode(line); err != nil {
							b.Fatal(err)
						}
					}
					sonicTime += cpuTime(b) - start
					sonicElapsed += time.Since(begun)
					b.StartTimer()
					start, begun = cpuTime(b), time.Now()
					dst := c.open(dir)
					for r, err := range src.Records(b.Context()) {
						if err == nil {
							err = dst.Write(b.Context(), r)
						}
						if err != nil {
							b.Fatal(err)
						}
					}
					require.NoError(b, dst.Close())
					ours += cpuTime(b) - start
					elapsed += time.Since(begun)
				}
				b.ReportMetric(100*float64(sonicTime)/float64(ours), "%-of-sonic")
				b.ReportMetric(100*float64(sonicElapsed)/float64(elapsed), "%-of-sonic-elapsed")
			})
		}
	}
}

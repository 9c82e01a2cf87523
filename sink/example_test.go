package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
)

// two is a source of two chats.
var two = datamix.SourceFunc(func(context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		_ = yield(datamix.NewChat(datamix.User("2+2?"), datamix.Assistant("4")), nil) &&
			yield(datamix.NewChat(datamix.System("Be kind."), datamix.User("Hi"), datamix.Assistant("Hello!")), nil)
	}
})

func tempDir() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "sink")
	if err != nil {
		log.Fatal(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

func ExampleJSONL() {
	dir, remove := tempDir()
	defer remove()
	out := sink.JSONL(dir, &sink.Options{Compression: sink.Zstd, RowsPerShard: 1})
	if _, err := datamix.Run(context.Background(), two, out); err != nil {
		log.Fatal(err)
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// README.md
	// manifest.json
	// report.json
	// report.txt
	// train-00000-of-00002.jsonl.zst
	// train-00001-of-00002.jsonl.zst
}

func ExampleParquet() {
	dir, remove := tempDir()
	defer remove()
	if _, err := datamix.Run(context.Background(), two, sink.Parquet(dir, &sink.Options{Prefix: "validation"})); err != nil {
		log.Fatal(err)
	}
	m, err := sink.ReadManifest(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Shards[0].Name, m.Rows)
	// Output: validation-00000-of-00001.parquet 2
}

func ExampleReadManifest() {
	dir, remove := tempDir()
	defer remove()
	if _, err := datamix.Run(context.Background(), two, sink.JSONL(dir, nil)); err != nil {
		log.Fatal(err)
	}
	m, err := sink.ReadManifest(dir)
	fmt.Println(m.Format, m.Form, m.Rows, err)
	// Output: jsonl messages 2 <nil>
}

func ExampleWriter() {
	w := sink.Writer(os.Stdout, &sink.Options{As: sink.FormShareGPT})
	if _, err := datamix.Run(context.Background(), two, w); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}]}
	// {"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello!"}],"system":"Be kind."}
}

func ExampleFile() {
	dir, remove := tempDir()
	defer remove()
	path := filepath.Join(dir, "sample.jsonl")
	if _, err := datamix.Run(context.Background(), two, sink.File(path, &sink.Options{As: sink.FormAlpaca})); err != nil {
		log.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	fmt.Print(string(text))
	// Output:
	// {"instruction":"2+2?","input":"","output":"4"}
	// {"instruction":"Hi","input":"","output":"Hello!","system":"Be kind."}
}

func ExampleTee() {
	var chat, alpaca bytes.Buffer
	out := sink.Tee(sink.Writer(&chat, nil), sink.Writer(&alpaca, &sink.Options{As: sink.FormAlpaca}))
	report, err := datamix.Run(context.Background(), two, out)
	fmt.Println(report.Output.Rows, bytes.Count(chat.Bytes(), []byte("\n")), bytes.Count(alpaca.Bytes(), []byte("\n")), err)
	// Output: 2 2 2 <nil>
}

func ExampleDiscard() {
	report, err := datamix.Run(context.Background(), two, sink.Discard())
	fmt.Println(report.Output.Rows, report.Output.Turns, err)
	// Output: 2 5 <nil>
}

func ExampleFolder_Quarantine() {
	dir, remove := tempDir()
	defer remove()
	bad := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			yield(nil, &datamix.RecordError{Stage: "read", Err: fmt.Errorf("no JSON"), Raw: []byte("oops"), Origin: datamix.Origin{Path: "a.jsonl", Row: 4}})
		}
	})
	out := sink.JSONL(dir, nil)
	src := datamix.Chain(bad, datamix.OnError(datamix.Quarantine(out.Quarantine(), datamix.SkipAtMost(10))))
	if _, err := datamix.Run(context.Background(), src, out); err != nil {
		log.Fatal(err)
	}
	text, _ := os.ReadFile(filepath.Join(dir, sink.QuarantineName))
	fmt.Print(string(text))
	// Output: {"part":"","path":"a.jsonl","row":4,"offset":0,"stage":"read","error":"no JSON","raw":"oops"}
}

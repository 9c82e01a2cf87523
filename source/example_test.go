package source_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

func ExampleFiles() {
	// Any fs.FS will do: os.DirFS, an embedded folder, a zip archive, a bucket.
	data := fstest.MapFS{
		"a/qa.jsonl":   {Data: []byte(`{"question":"2+2?","answer":"4"}` + "\n")},
		"b/alpaca.csv": {Data: []byte("instruction,input,output\nAdd,\"1, 2\",3\n")},
	}
	for r, err := range source.Files(data, "**/*.{jsonl,csv}", nil).Records(context.Background()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s: %q, %q\n", r.ID(), r.Prompt(), r.Response())
	}
	// Output:
	// a/qa.jsonl:0: "2+2?", "4"
	// b/alpaca.csv:0: "Add\n\n1, 2", "3"
}

// Files of which nothing is known are read by a mapping of their columns.
func ExampleFiles_columns() {
	data := fstest.MapFS{"faq.tsv": {Data: []byte("Shipping\tHow long?\tTwo days.\nReturns\tHow?\tBy mail.\n")}}
	faq := source.Files(data, "faq.tsv", &source.Options{
		CSV:     &source.CSVOptions{Names: []string{"topic", "q", "a"}},
		Columns: &schema.Columns{User: schema.ColumnNames{"topic", "q"}, Assistant: schema.ColumnNames{"a"}},
	})
	for r, err := range faq.Records(context.Background()) {
		fmt.Printf("%q %q %v\n", r.Prompt(), r.Response(), err)
	}
	// Output:
	// "Shipping\n\nHow long?" "Two days." <nil>
	// "Returns\n\nHow?" "By mail." <nil>
}

// A row that cannot be read is an error of its own; the others follow.
func ExampleFiles_badRows() {
	data := fstest.MapFS{"x.jsonl": {Data: []byte("{\"text\":\"a\"}\n{\"text\":}\n{\"text\":\"b\"}\n")}}
	for r, err := range source.Files(data, "x.jsonl", nil).Records(context.Background()) {
		var bad *datamix.RecordError
		if errors.As(err, &bad) {
			fmt.Println(bad)
			continue
		}
		fmt.Println(r.Text())
	}
	// Output:
	// a
	// x.jsonl, row 2, byte 13: read: invalid JSON at byte 8: unexpected '}', want a value
	// b
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "datamix")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("train/notes.txt")
	if err == nil {
		_, err = f.Write([]byte("one paragraph\nof two lines\n\nanother\n"))
	}
	if err = errors.Join(err, w.Close(), os.WriteFile(filepath.Join(dir, "notes.zip"), archive.Bytes(), 0o600)); err != nil {
		fmt.Println(err)
		return
	}
	notes := source.File(filepath.Join(dir, "notes.zip"), &source.Options{Text: &source.TextOptions{By: source.ByParagraph}})
	for r, err := range notes.Records(context.Background()) {
		fmt.Printf("%q %v\n", r.Text(), err)
	}
	// Output:
	// "one paragraph\nof two lines" <nil>
	// "another" <nil>
}

func ExampleReader() {
	stdin := strings.NewReader(`{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."}]}`)
	in := source.Reader(stdin, "stdin", nil)
	for r, err := range in.Records(context.Background()) {
		fmt.Println(r.ID(), r.Response(), err)
	}
	for _, err := range in.Records(context.Background()) {
		fmt.Println(err)
	}
	// Output:
	// stdin:0 Hello. <nil>
	// datamix: the source can be read only once
}

func ExampleRecords() {
	rs := source.Records(datamix.NewText("a"), datamix.NewChat(datamix.User("q"), datamix.Assistant("a")))
	for r, err := range rs.Records(context.Background()) {
		fmt.Println(r.Origin.Row, r.IsText(), r.Response(), err)
	}
	// Output:
	// 0 true a <nil>
	// 1 false a <nil>
}

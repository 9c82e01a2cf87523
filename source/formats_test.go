package source_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
	"github.com/datamix-go/datamix/source/sourcetest"
)

func TestFormatByContent(t *testing.T) {
	bom := "\xef\xbb\xbf"
	qa := "question\tanswer\n"
	for _, c := range []struct {
		name, file, content string
		options             *source.Options
		want                []string
		bad                 int
	}{
		{"jsonl", "x", "{\"text\":\"a\"}\n{\"text\":\"b\"}", nil, []string{"a", "b"}, 0},
		{"jsonl with another name", "x.json", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n", nil, []string{"a", "b"}, 0},
		{"jsonl with a name for text", "x.txt", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n", nil, []string{"a", "b"}, 0},
		{"jsonl, crlf, blank lines and a byte order mark", "x.jsonl", bom + "\r\n{\"text\":\"a\"}\r\n\r\n{\"text\":\"b\"}\r\n", nil, []string{"a", "b"}, 0},
		{"jsonl with a bad first row", "x.jsonl", "{\"text\":\"a\n{\"text\":\"b\"}\n", nil, []string{"b"}, 1},
		{"jsonl of one row", "x.jsonl", `{"id":1,"examples":[{"text":"a"}],"text":"b"}`, nil, []string{"b"}, 0},
		{"array", "x", ` [ {"text":"a"} , {"text":"b"} ] `, nil, []string{"a", "b"}, 0},
		{"array over lines", "x.jsonl", "[\n{\"text\":\"a\"},\n{\"text\":\"b\"}\n]", nil, []string{"a", "b"}, 0},
		{"empty array", "x.json", "[]", nil, nil, 0},
		{"objects over lines", "x.json", "{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"\n}\n", nil, []string{"a", "b"}, 0},
		{"objects on a line", "x.jsonl", `{"text":"a"}{"text":"b"}`, nil, []string{"a", "b"}, 0},
		{"one object over lines", "x.json", "{\n \"text\": \"a\"\n}\n", nil, []string{"a"}, 0},
		{"one chat", "x.json", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, nil, []string{"a"}, 0},
		{"array inside of an object", "x.json", `{"canary":"c","examples":[{"input":"q","target":"a"}]}`, nil, []string{"a"}, 0},
		{"array inside, over lines", "x.json", "{\"n\": 2,\n \"rows\": [\n{\"text\":\"a\"},\n{\"text\":\"b\"}]}", nil, []string{"a", "b"}, 0},
		{"array at", "x", `{"train":[{"text":"a"}],"test":[{"text":"b"}]}`, &source.Options{At: "test"}, []string{"b"}, 0},
		{"csv", "x.csv", "prompt,completion\np,a\np,\"b\nc\"\n", nil, []string{"a", "b\nc"}, 0},
		{"csv without a name", "x", "prompt,completion\np,a\np,b\n", nil, []string{"a", "b"}, 0},
		{"tsv", "x.tsv", qa + "q\t\"a\" b\n", nil, []string{`"a" b`}, 0},
		{"tsv without a name", "x", qa + "q, r\ta\nq\tb, c\n", nil, []string{"a", "b, c"}, 0},
		{"tsv with quotes", "x.tsv", qa + "q\t\"a\tb\"\nq\t\"c \"\"d\"\"\"\n", nil, []string{"a\tb", `c "d"`}, 0},
		{"csv by its options", "x", "prompt;completion\np;a\n", &source.Options{CSV: &source.CSVOptions{Comma: ';'}}, []string{"a"}, 0},
		{"csv with semicolons", "x.csv", "prompt;completion\np, q;a\np;\"b;c\"\n", nil, []string{"a", "b;c"}, 0},
		{"csv with bars", "x.csv", "prompt|completion\np|a\n", nil, []string{"a"}, 0},
		{"csv of one column", "x.csv", "text\na;b\nc\n", nil, []string{"a;b", "c"}, 0},
		{"rows under data", "x.json", `{"data":[{"prompt":"p","completion":"a"},{"prompt":"p","completion":"b"}]}`, nil, []string{"a", "b"}, 0},
		{"columns instead of rows", "x.json", `{"prompt":["p","q"],"completion":["a","b"]}`, nil, nil, 1},
		{"ragged rows", "x.csv", "prompt,completion\np\np,a\np,b,c\n", nil, []string{"a"}, 2},
		{"text", "x.txt", "a\r\n\nb", nil, []string{"a", "", "b"}, 0},
		{"text that looks like an array", "x.txt", "[1] a note\n[2] another", nil, []string{"[1] a note", "[2] another"}, 0},
		{"text by its options", "x", "a\nb\n\nc", &source.Options{Text: &source.TextOptions{By: source.ByParagraph}}, []string{"a\nb", "c"}, 0},
		{"text by separator", "x.txt", "a<|sep|>b\n", &source.Options{Text: &source.TextOptions{By: source.BySeparator, Separator: "<|sep|>"}}, []string{"a", "b\n"}, 0},
		{"text by file", "x.md", "# a\nb\n", &source.Options{Text: &source.TextOptions{By: source.ByFile}}, []string{"# a\nb\n"}, 0},
		{"text in another encoding", "x.txt", "caf\xe9", &source.Options{Encoding: "windows-1252"}, []string{"café"}, 0},
		{"empty", "x.json", "", nil, nil, 0},
		{"white space", "x", " \n\r\n", nil, nil, 0},
		{"gzip", "x", gz(t, "{\"text\":\"a\"}"), nil, []string{"a"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts, bad, final := read(source.Files(files(c.file, c.content), c.file, c.options))
			require.NoError(t, final)
			assert.Equal(t, c.want, texts)
			assert.Len(t, bad, c.bad)
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		name, content string
		options       *source.Options
		want          string
	}{
		{"x", "some words", nil, "x: neither the start of the file nor its name tells the format: set the option format to one of [jsonl json csv tsv parquet text]"},
		{"x.json", "words", nil, `x.json: the file starts with 'w', want an array or an object`},
		{"x.jsonl", "[1,2]\n[3,4]\n", nil, "x.jsonl: the lines of the file are arrays, want objects with named columns"},
		{"x.arrow", "ARROW1\x00\x00", nil, "x.arrow: the file is Arrow IPC, which is not supported: convert it to Parquet"},
		{"x.parquet", "no", nil, "x.parquet: the file does not start as Parquet does"},
		{"x.json", `{"a":{},"b":{}}`, &source.Options{Format: source.JSON, At: "c"}, `x.json: the option "at": the file has no "c"; its object has "a", "b"`},
		{"x.json", `[{}]`, &source.Options{At: "c"}, `x.json: the option "at" is "c", but the file does not start with an object`},
		{"x.jsonl", "{\"text\":\"a\"}\n", &source.Options{CSV: &source.CSVOptions{}, Format: ""}, "no schema fits"},
		{"x.json", "{\"text\":\"a\"}\n", &source.Options{Format: source.JSON, Text: nil, CSV: nil, Schema: "nope"}, "unknown name"},
		{"x.csv", "text,text\na,b\n", &source.Options{CSV: &source.CSVOptions{Header: source.HeaderYes}}, `x.csv: the header has the column "text" twice: set the option csv.names`},
		{"x.jsonl", `{"foo":1}`, nil, "x.jsonl: datamix: no schema fits the columns"},
		{"x.tsv", "a\tb\n", &source.Options{CSV: &source.CSVOptions{Comma: ','}}, "the option csv.comma is ',', but the file is tsv"},
		{"x.txt", "a", &source.Options{Encoding: "klingon"}, `the option encoding`},
		{"x.parquet", "", nil, "x.parquet: the file has no bytes, and not even an empty .parquet file is so short"},
		{"x.jsonl.gz", "", nil, "x.jsonl.gz: the file has no bytes"},
		{"x.jsonl.gz", gz(t, gz(t, "{}")), nil, "x.jsonl.gz: not a text file: it is a gzip file inside gzip; unpack it first"},
		{"x.jsonl.gz", "\x1f\x8b\x08", nil, "x.jsonl.gz: the gzip data is cut short"},
	} {
		t.Run(c.name+" "+c.want, func(t *testing.T) {
			texts, bad, final := read(source.Files(files(c.name, c.content), c.name, c.options))
			require.ErrorContains(t, final, c.want)
			assert.Empty(t, texts)
			assert.Empty(t, bad)
		})
	}
}

func TestContradictoryOptions(t *testing.T) {
	adapter := schema.Func(twins)
	for want, o := range map[string]source.Options{
		`the option format: datamix: unknown name: "xml"`:                    {Format: "xml"},
		"the option workers is -1":                                           {Workers: -1},
		"the option max_row is -1":                                           {MaxRow: -1},
		"the option schema_options needs the option schema":                  {SchemaOptions: &schema.Options{}},
		"set only one of the options schema and columns and Options.Adapter": {Schema: "alpaca", Adapter: adapter},
		"the option \"at\" does not apply to the format jsonl":               {Format: source.JSONL, At: "x"},
		"the option csv does not apply to the format json":                   {Format: source.JSON, CSV: &source.CSVOptions{}},
		"the option text does not apply to the format csv":                   {Format: source.CSV, Text: &source.TextOptions{}},
		"the option encoding does not apply to the format parquet":           {Format: source.Parquet, Encoding: "utf-8"},
		`the option csv.names: name 1, "a", is empty or stands twice`:        {CSV: &source.CSVOptions{Names: []string{"a", "a"}}},
		`the option csv.header is "maybe"`:                                   {CSV: &source.CSVOptions{Header: "maybe"}},
		`the option csv.quotes is "maybe"`:                                   {CSV: &source.CSVOptions{Quotes: "maybe"}},
		`the option csv.comma is '"'`:                                        {CSV: &source.CSVOptions{Comma: '"'}},
		"the option csv.comma is ';', and the format tsv has tabs":           {Format: source.TSV, CSV: &source.CSVOptions{Comma: ';'}},
		`the option text.separator needs text.by "separator"`:                {Text: &source.TextOptions{Separator: "x"}},
		`the option text.by "separator" needs a text.separator`:              {Text: &source.TextOptions{By: source.BySeparator}},
		`the option text.by is "word"`:                                       {Text: &source.TextOptions{By: "word"}},
	} {
		for _, src := range []datamix.Source{
			source.Files(files("a.jsonl", `{"text":"a"}`), "a.jsonl", &o), source.File("none", &o), source.Reader(strings.NewReader(""), "r", &o),
		} {
			texts, _, final := read(src)
			require.ErrorContains(t, final, want)
			assert.Empty(t, texts)
		}
	}
}

func TestBadRows(t *testing.T) {
	text := "{\"text\":\"a\"}\n\n{\"text\":}\n{\"text\":\"\xff\"}\n{\"text\":\"a\",\"text\":\"b\"}\n[1]\n{\"prompt\":\"p\",\"response\":\"r\"}\n{\"zip\":1}\n{\"text\":\"b\"}"
	texts, bad, final := read(source.Files(files("x.jsonl", text), "x.jsonl", nil))
	require.NoError(t, final)
	assert.Equal(t, []string{"a", "r", "b"}, texts, "a row of another schema is adapted by itself")
	require.Len(t, bad, 5)
	for i, want := range []struct {
		stage    string
		row, off int64
		err      string
		raw      string
	}{
		{"read", 2, 14, "unexpected '}', want a value", `{"text":}`},
		{"read", 3, 24, "byte 0xff at byte 33 is not valid UTF-8: it looks like windows-1252; set the option encoding", "{\"text\":\"\xff\"}"},
		{"read", 4, 37, `the key "text" stands twice`, `{"text":"a","text":"b"}`},
		{"read", 5, 61, "want an object", "[1]"},
		{"adapt", 7, 95, "", `{"zip":1}`},
	} {
		assert.Equal(t, want.stage, bad[i].Stage)
		assert.Equal(t, datamix.Origin{Path: "x.jsonl", Row: want.row, Offset: want.off}, bad[i].Origin)
		assert.ErrorContains(t, bad[i].Err, want.err)
		assert.Equal(t, want.raw, string(bad[i].Raw))
		assert.Equal(t, want.raw, text[want.off:want.off+int64(len(want.raw))])
	}
	_, bad, _ = read(source.Files(files("x.jsonl", "{\x00\"\x00t\x00\"\x00\n\x00"), "x.jsonl", nil))
	require.NotEmpty(t, bad)
	assert.ErrorContains(t, bad[0], "as in UTF-16: set the option encoding to utf-16le or utf-16be")
	_, bad, _ = read(source.Files(files("x.csv", "question,answer\nq,a\nq\nq,\xe9\n"), "x.csv", nil))
	require.Len(t, bad, 2)
	assert.EqualError(t, bad[0], "x.csv, row 2, byte 20: read: the row has 1 columns, want 2 as in the header")
	assert.ErrorContains(t, bad[1], "byte 0xe9 at byte 24 is not valid UTF-8: it looks like windows-1252; set the option encoding")
}

// TestCutShort cuts files of every format short at many places: whatever is
// left of them never makes more or other records, and no panic.
func TestCutShort(t *testing.T) {
	var rows [][2]string
	for i := range 300 {
		rows = append(rows, [2]string{fmt.Sprintf("p %d", i), strings.Repeat(fmt.Sprintf("r %d, ", i), 4)})
	}
	for name, content := range everyFormat(t, rows) {
		t.Run(name, func(t *testing.T) {
			all, bad, final := read(source.Files(files(name, content), name, nil))
			require.NoError(t, final)
			require.Empty(t, bad)
			require.Len(t, all, len(rows))
			for n := len(content) - 1; n > 40; n -= 1 + len(content)/97 {
				texts, bad, final := read(source.Files(files(name, content[:n]), name, nil))
				require.LessOrEqual(t, len(texts), len(all))
				for i := range texts[:max(0, len(texts)-1)] {
					require.Equal(t, all[i], texts[i])
				}
				if !strings.HasPrefix(name, "text") && !strings.HasSuffix(name, "sv") && len(texts) < len(all) && !strings.ContainsRune("}\n", rune(content[n-1])) {
					require.True(t, final != nil || len(bad) > 0, "a cut at %d of %d is noticed", n, len(content))
				}
			}
		})
	}
}

// everyFormat writes rows as files of each format, two columns where it has
// columns.
func everyFormat(t testing.TB, rows [][2]string) map[string]string {
	t.Helper()
	type pair struct {
		Prompt   string `parquet:"prompt"`
		Response string `parquet:"response"`
	}
	var lines, array, csv, tsv, text strings.Builder
	var pairs []pair
	csv.WriteString("prompt,response\n")
	tsv.WriteString("prompt\tresponse\n")
	for i, r := range rows {
		fmt.Fprintf(&lines, "{\"prompt\":%q,\"response\":%q}\n", r[0], r[1])
		fmt.Fprintf(&array, "%s\n {\"prompt\": %q, \"response\": %q}", map[bool]string{true: "[", false: ","}[i == 0], r[0], r[1])
		fmt.Fprintf(&csv, "%q,%q\n", r[0], r[1])
		fmt.Fprintf(&tsv, "%s\t%s\n", r[0], r[1])
		fmt.Fprintf(&text, "%s\n", r[1])
		pairs = append(pairs, pair{r[0], r[1]})
	}
	array.WriteString("\n]\n")
	var pq bytes.Buffer
	require.NoError(t, parquet.Write(&pq, pairs))
	return map[string]string{"lines.jsonl": lines.String(), "array.json": array.String(), "rows.csv": csv.String(), "rows.tsv": tsv.String(),
		"text.txt": text.String(), "rows.parquet": pq.String(), "lines.jsonl.gz": gz(t, lines.String()), "rows.parquet.gz": gz(t, pq.String())}
}

func TestParquet(t *testing.T) {
	var rows [][2]string
	for i := range 1000 {
		rows = append(rows, [2]string{"p", fmt.Sprint("r", i)})
	}
	all := everyFormat(t, rows)
	fsys := files("rows.parquet", all["rows.parquet"], "packed", all["rows.parquet.gz"])
	for _, workers := range []int{1, 2} {
		sourcetest.Run(t, func() datamix.Source { return source.Files(fsys, "*", &source.Options{Workers: workers}) })
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("a/rows.parquet")
	require.NoError(t, err)
	_, err = io.WriteString(f, all["rows.parquet"])
	require.NoError(t, err)
	require.NoError(t, w.Close())
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	texts, bad, final := read(source.Files(archive, "a", nil))
	require.NoError(t, final)
	assert.Empty(t, bad)
	assert.Len(t, texts, len(rows))
	assert.Equal(t, "r999", texts[999])
	_, _, final = read(source.Files(fsys, "*", &source.Options{CSV: &source.CSVOptions{}}))
	require.Error(t, final)
}

// generated is a reader of one line of n bytes between two good ones, which
// keeps nothing.
func generated(n int64) io.Reader {
	return io.MultiReader(strings.NewReader("{\"text\":\"a\"}\n{\"text\":\""), io.LimitReader(letters{}, n), strings.NewReader("\"}\n{\"text\":\"b\"}\n"))
}

type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestLongLineTakesBoundedMemory(t *testing.T) {
	for _, c := range []struct {
		limit, most int64
	}{{1 << 20, 16 << 20}, {0, 512 << 20}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		texts, bad, final := read(source.Reader(generated(200<<20), "long.jsonl", &source.Options{Workers: 1, MaxRow: c.limit}))
		runtime.ReadMemStats(&after)
		require.NoError(t, final)
		assert.Equal(t, []string{"a", "b"}, texts)
		require.Len(t, bad, 1)
		assert.EqualValues(t, 1, bad[0].Origin.Row)
		assert.ErrorContains(t, bad[0], "that the option max_row allows")
		assert.LessOrEqual(t, len(bad[0].Raw), 4<<10)
		assert.Less(t, int64(after.TotalAlloc-before.TotalAlloc), c.most, "all memory ever taken")
	}
}

// TestMaxRowLosesNothingElse reads rows of which one is longer than MaxRow, out
// of files that are longer than it too.
func TestMaxRowLosesNothingElse(t *testing.T) {
	var rows [][2]string
	for i := range 4000 {
		rows = append(rows, [2]string{fmt.Sprintf("p %d", i), strings.Repeat("r", 80)})
	}
	rows[1000][1] = strings.Repeat("r", 400)
	for name, content := range everyFormat(t, rows) {
		if strings.Contains(name, "parquet") {
			continue
		}
		for _, workers := range []int{1, 2} {
			texts, bad, final := read(source.Files(files(name, content), name, &source.Options{MaxRow: 300, Workers: workers}))
			require.NoError(t, final, name)
			require.Len(t, bad, 1, name)
			assert.EqualValues(t, 1000, bad[0].Origin.Row, name)
			assert.Len(t, texts, len(rows)-1, name)
		}
	}
}

func TestPickDoesNotDecode(t *testing.T) {
	text := "{\"text\":\"a\"}\nbroken\n{\"text\":\"c\"}\nbroken too\n"
	for _, workers := range []int{1, 2} {
		src := source.Files(files("x.jsonl", text, "y.jsonl", text), "*", &source.Options{Workers: workers})
		var ids []string
		for r, err := range src.Pick(context.Background(), func(o datamix.Origin) bool { return o.Row == 2 }) {
			require.NoError(t, err, "nobody looks into rows that are not wanted")
			ids = append(ids, r.ID())
		}
		assert.Equal(t, []string{"x.jsonl:2", "y.jsonl:2"}, ids)
		ctx, cancel := context.WithCancelCause(context.Background())
		cause := errors.New("enough")
		var last error
		for _, err := range src.Pick(ctx, func(datamix.Origin) bool { cancel(cause); return false }) {
			last = err
		}
		require.ErrorIs(t, last, cause, "also where nothing is wanted")
	}
}

func TestLabelsColumnsAndSchema(t *testing.T) {
	fsys := files("x.csv", "frage,antwort,thema\nq,a,x\n")
	src := source.Files(fsys, "x.csv", &source.Options{
		Labels:  map[string]string{"license": "mit", "category": "test"},
		Columns: &schema.Columns{User: schema.ColumnNames{"frage"}, Assistant: schema.ColumnNames{"antwort"}},
	})
	for r, err := range src.Records(context.Background()) {
		require.NoError(t, err)
		assert.Equal(t, "q", r.Prompt(), "the mapping tells that the first row is a header")
		assert.Equal(t, "a", r.Response())
		assert.Equal(t, "mit", r.Label("license"))
		assert.Equal(t, "test", r.Label("category"))
	}
	_, bad, final := read(source.Files(files("x.jsonl", `{"text":"a"}`), "x.jsonl", &source.Options{Schema: "alpaca"}))
	require.NoError(t, final)
	require.Len(t, bad, 1)
	assert.Equal(t, "adapt", bad[0].Stage, "a schema that was named is not replaced by another")
}

func TestSpec(t *testing.T) {
	s, ok := source.Files(files(), "*.jsonl", &source.Options{Schema: "alpaca"}).Spec()
	require.True(t, ok)
	assert.Equal(t, "files", s.Name)
	assert.JSONEq(t, `{"path":"*.jsonl","options":{"schema":"alpaca"}}`, string(s.Options))
	_, ok = source.File("x", &source.Options{Adapter: schema.Func(twins)}).Spec()
	assert.False(t, ok)
}

func TestParquetColumns(t *testing.T) {
	type row struct {
		Prompt   string `parquet:"prompt"`
		Response string `parquet:"response"`
		Vector   string `parquet:"vector"`
	}
	var b bytes.Buffer
	require.NoError(t, parquet.Write(&b, []row{{"p", "r", "long"}}))
	fsys := files("x.parquet", b.String(), "x.jsonl", `{"text":"a"}`)
	only := func(names ...string) *source.Options {
		return &source.Options{Parquet: &source.ParquetOptions{Columns: names}}
	}
	for r, err := range source.Files(fsys, "x.parquet", only("response", "prompt")).Records(context.Background()) {
		require.NoError(t, err)
		assert.Equal(t, "p", r.Prompt())
		assert.Len(t, r.Fields(), 2)
	}
	_, _, final := read(source.Files(fsys, "x.parquet", only("answer")))
	require.ErrorContains(t, final, `no column "answer"; the file has prompt, response, vector`)
	_, _, final = read(source.Files(fsys, "x.jsonl", only("text")))
	require.ErrorContains(t, final, "the option parquet is set, but the file is jsonl")
}

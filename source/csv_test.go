package source

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func quotedCSV(w *window) cutter {
	return &csvCutter{w: w, d: dialect{comma: ',', quoted: true}}
}

func TestCSVRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		d          dialect
		want       [][]string
	}{
		{"empty", "", dialect{comma: ',', quoted: true}, nil},
		{"plain", "a,b\r\nc,d", dialect{comma: ',', quoted: true}, [][]string{{"a", "b"}, {"c", "d"}}},
		{"empty cells and blank lines", ",\n\n\"\",x\n\r\n", dialect{comma: ',', quoted: true}, [][]string{{"", ""}, {"", "x"}}},
		{"quoted", "\"a,b\",\"c\nd\"\n\"say \"\"hi\"\"\",2\r\n", dialect{comma: ',', quoted: true},
			[][]string{{"a,b", "c\nd"}, {`say "hi"`, "2"}}},
		{"carriage return at the end", "\"a\",\"b\"\r", dialect{comma: ',', quoted: true}, [][]string{{"a", "b"}}},
		{"carriage returns in cells stay", "\"a\r\nb\",c\rd\n", dialect{comma: ',', quoted: true}, [][]string{{"a\r\nb", "c\rd"}}},
		{"quotes are text", "\"a\tb\"\n\"\t\n", dialect{comma: '\t'}, [][]string{{`"a`, `b"`}, {`"`, ""}}},
		{"unescape", `a\nb` + "\t" + `c\\nd` + "\n", dialect{comma: '\t', unescape: true}, [][]string{{"a\nb", "c\\\nd"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 1000, func(w *window) cutter { return &csvCutter{w: w, d: c.d} })
			require.NoError(t, err)
			var cells [][]string
			for i, s := range got {
				require.Empty(t, s.Err)
				assert.EqualValues(t, i, s.Num)
				cells = append(cells, c.d.split(nil, []byte(s.Raw)))
			}
			assert.Equal(t, c.want, cells)
		})
	}
}

func TestStrayQuotesCostOneRow(t *testing.T) {
	for _, c := range []struct {
		name, text string
		bad        string
		at         int // which row
		want       []string
	}{
		{"inside of a cell", "a,b\nx \"y\" z,2\nc,d\n", "a quote at byte 6 inside of a cell that does not begin with one", 1,
			[]string{"a,b", "x \"y\" z,2", "c,d"}},
		{"behind a closing quote", "a,b\n\"x\" y,2\nc,d\n", "the cell quoted from byte 4 on goes on behind its closing quote at byte 6", 1,
			[]string{"a,b", "\"x\" y,2", "c,d"}},
		{"not closed, another cell follows", "a,b\n\"x,2\nc,\"d\"\ne,f\n", "the cell quoted from byte 4 on goes on", 1,
			[]string{"a,b", "\"x,2", "c,\"d\"", "e,f"}},
		{"not closed at all", "a,b\n\"x,2\nc,d\ne,f", "the cell quoted from byte 4 on has no closing quote", 1,
			[]string{"a,b", "\"x,2", "c,d", "e,f"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 1000, quotedCSV)
			require.NoError(t, err)
			assert.Equal(t, c.want, raws(got))
			for i, s := range got {
				if i == c.at {
					assert.Contains(t, s.Err, c.bad)
				} else {
					assert.Empty(t, s.Err)
				}
			}
		})
	}
}

func TestAnOpenQuoteIsGivenUpAtMaxRow(t *testing.T) {
	text := "a,b\n\"x,2\n" + strings.Repeat("c,d\n", blockSize)
	got, err := cutAll(t, text, 50, quotedCSV)
	require.NoError(t, err)
	require.Len(t, got, blockSize+2)
	assert.Contains(t, got[1].Err, "the cell quoted from byte 4 on has no closing quote within the 50 bytes")
	assert.Equal(t, "\"x,2", got[1].Raw)
	for _, s := range got[2:] {
		require.Equal(t, "c,d", s.Raw)
	}
}

func TestLongCSVRows(t *testing.T) {
	long := strings.Repeat("x", blockSize+7)
	got, err := cutAll(t, "a,b\n"+long+",2\n\""+long+"\",3\nc,d\n", 20, quotedCSV)
	require.NoError(t, err)
	require.Len(t, got, 4)
	assert.Contains(t, got[1].Err, "longer than the 20 bytes")
	assert.Contains(t, got[2].Err, "max_row allows")
	assert.Equal(t, "c,d", got[3].Raw)
}

func TestQuoting(t *testing.T) {
	for _, c := range []struct {
		name  string
		comma byte
		text  string
		want  bool
	}{
		{"csv without quotes", ',', "a,b\nc,d\n", true},
		{"csv with quotes", ',', "a,\"b,c\"\nd,e\n", true},
		{"csv with one bad row", ',', "a,\"b\"\n\"x\"y,2\n", true},
		{"csv with quotes as text", ',', "a,\"b\" said\n\"x\" y,2\n", false},
		{"tsv without quotes", '\t', "a\tb\n", false},
		{"tsv with quotes as text", '\t', "\"Yes\" is it\tb\n\"No\"\tc\n", false},
		{"tsv with a quoted title", '\t', "\"Hamlet\"\tb\nfoo\tc\n", false},
		{"tsv with a quoted tab", '\t', "\"a\tb\"\tc\nd\te\n", true},
		{"tsv with a doubled quote", '\t', "\"a \"\"b\"\"\"\tc\nd\te\n", true},
		{"tsv all quoted", '\t', "\"a\"\t\"b\"\n\"c\"\t12\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, quoting(c.comma, []byte(c.text), true))
		})
	}
}

func TestHasHeader(t *testing.T) {
	for _, c := range []struct {
		name string
		rows [][]string
		want bool
	}{
		{"usual names", [][]string{{"id", "Question", "x"}, {"1", "why?", "y"}}, true},
		{"index column", [][]string{{"", "text"}, {"0", "a b"}}, true},
		{"only a header", [][]string{{"prompt", "completion"}}, true},
		{"question first", [][]string{{"What is the capital of France?", "Paris"}, {"Who?", "me"}}, false},
		{"numbers", [][]string{{"a", "1"}, {"b", "2"}}, false},
		{"the same cell again", [][]string{{"label", "pos"}, {"label", "neg"}}, false},
		{"unknown names over numbers", [][]string{{"colour", "weight"}, {"red", "1"}, {"blue", "2"}, {"pink", "3"}}, true},
		{"unknown names over names", [][]string{{"colour", "fruit"}, {"red", "plum"}, {"blue", "pear"}, {"pink", "fig"}}, false},
		{"too few rows", [][]string{{"colour", "weight"}, {"red", "1"}}, false},
		{"twice the same name", [][]string{{"text", "text"}, {"a", "b"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, hasHeader(c.rows)) })
	}
}

// FuzzCSV holds the cutter against encoding/csv on input that this one accepts.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\nc,d\n", "\"a\"\"b\",\"c\nd\"\r\n", ",\n,", "\"\"\n\n", "a\rb\r\n", "\"x\"\r", "\"a\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := cutAll(t, string(data), 1<<20, quotedCSV)
		require.NoError(t, err)
		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			return
		}
		d := dialect{comma: ',', quoted: true}
		var cells [][]string
		for _, s := range got {
			require.Empty(t, s.Err, "%q", data)
			row := d.split(nil, []byte(s.Raw))
			for i := range row { // encoding/csv rewrites line ends in cells
				row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
			}
			cells = append(cells, row)
		}
		require.Equal(t, want, cells, "%q", data)
	})
}

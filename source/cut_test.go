package source

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// span is a row as tests compare it.
type span struct {
	Raw string
	Num int64
	Off int64
	Err string
}

// cutAll cuts text into rows, reading it in one piece and again byte by byte.
func cutAll(t *testing.T, text string, limit int64, newCutter func(*window) cutter) ([]span, error) {
	t.Helper()
	all, err := drain(newCutter(newWindow(strings.NewReader(text), limit)), text)
	slow, slowErr := drain(newCutter(newWindow(iotest.OneByteReader(strings.NewReader(text)), limit)), text)
	require.Len(t, slow, len(all), "the same rows whatever the pieces")
	for i := range all {
		require.True(t, all[i] == slow[i], "the same rows whatever the pieces: %.200v and %.200v", all[i], slow[i])
	}
	require.Equal(t, err, slowErr)
	return all, err
}

func drain(c cutter, text string) (spans []span, err error) {
	for n := 0; ; n++ {
		r, ok, err := c.cut()
		if !ok {
			return spans, err
		}
		s := span{Raw: string(r.raw), Num: r.num, Off: r.off}
		if r.err != nil {
			s.Err = r.err.Error()
		}
		spans = append(spans, s)
		if n > len(text)+1 {
			return spans, errors.New("a cutter made more rows than there are bytes")
		}
	}
}

func raws(spans []span) (out []string) {
	for _, s := range spans {
		out = append(out, s.Raw)
	}
	return out
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, text string
		blank      bool
		want       []span
	}{
		{"empty", "", true, nil},
		{"one without end", "a", false, []span{{"a", 0, 0, ""}}},
		{"two", "a\nbc\n", false, []span{{"a", 0, 0, ""}, {"bc", 1, 2, ""}}},
		{"crlf", "a\r\nb\r\n", false, []span{{"a", 0, 0, ""}, {"b", 1, 3, ""}}},
		{"blank ones skipped and counted", "a\n\n \t\r\nb", false, []span{{"a", 0, 0, ""}, {"b", 3, 7, ""}}},
		{"blank ones kept", "a\n\nb", true, []span{{"a", 0, 0, ""}, {"", 1, 2, ""}, {"b", 2, 3, ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 100, func(w *window) cutter { return &lineCutter{w: w, blank: c.blank} })
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestLongLinesAreBadAndTheRestIsRead(t *testing.T) {
	long := strings.Repeat("x", 3*blockSize)
	text := "a\n" + long + "\nb\n" + strings.Repeat("y", 11) + "\nc"
	got, err := cutAll(t, text, 10, func(w *window) cutter { return &lineCutter{w: w} })
	require.NoError(t, err)
	require.Len(t, got, 5)
	assert.Equal(t, span{"a", 0, 0, ""}, got[0])
	assert.Equal(t, "the row is longer than the 10 bytes that the option max_row allows", got[1].Err)
	assert.EqualValues(t, 2, got[1].Off)
	assert.True(t, strings.HasPrefix(long, got[1].Raw), "a sample of the row")
	assert.Equal(t, span{"b", 2, int64(len(long)) + 3, ""}, got[2])
	assert.Contains(t, got[3].Err, "longer than the 10 bytes")
	assert.Equal(t, "c", got[4].Raw)
}

func TestPassages(t *testing.T) {
	para := func(w *window) cutter { return &paragraphCutter{w: w} }
	sep := func(w *window) cutter { return &separatorCutter{w: w, sep: []byte("<end>")} }
	whole := func(w *window) cutter { return &fileCutter{w: w} }
	for _, c := range []struct {
		name, text string
		cutter     func(*window) cutter
		want       []string
	}{
		{"no paragraph", "\n \n\t\n", para, nil},
		{"paragraphs", "\n\na\nb\n\n \nc\r\n\r\nd", para, []string{"a\nb", "c", "d"}},
		{"paragraph with its indent", "a\n\n  b\n", para, []string{"a", "  b"}},
		{"separators", "a<end>b<en<end><end>c", sep, []string{"a", "b<en", "", "c"}},
		{"separator at the end", "a\n<end>\n", sep, []string{"a\n"}},
		{"no separator", "abc", sep, []string{"abc"}},
		{"whole file", "a\nb\n", whole, []string{"a\nb\n"}},
		{"empty file", "", whole, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 100, c.cutter)
			require.NoError(t, err)
			assert.Equal(t, c.want, raws(got))
			for i, s := range got {
				assert.Empty(t, s.Err)
				assert.EqualValues(t, i, s.Num)
				assert.Equal(t, s.Raw, c.text[s.Off:s.Off+int64(len(s.Raw))], "the offset is the row's")
			}
		})
	}
}

func TestLongPassagesAreBadAndTheRestIsRead(t *testing.T) {
	long := strings.Repeat("x\n", blockSize)
	for name, c := range map[string]struct {
		text   string
		cutter func(*window) cutter
	}{
		"paragraph": {"a\n\n" + long + "\nb", func(w *window) cutter { return &paragraphCutter{w: w} }},
		"separator": {"a--" + long + "--b", func(w *window) cutter { return &separatorCutter{w: w, sep: []byte("--")} }},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cutAll(t, c.text, 9, c.cutter)
			require.NoError(t, err)
			require.Len(t, got, 3)
			assert.Equal(t, "a", got[0].Raw)
			assert.Contains(t, got[1].Err, "longer than the 9 bytes")
			assert.EqualValues(t, 3, got[1].Off)
			assert.Equal(t, "b", got[2].Raw)
			assert.EqualValues(t, len(c.text)-1, got[2].Off)
		})
	}
}

// broken is a reader that ends in a fault.
func broken(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(err))
}

func TestRowsInFrontOfAFaultAreKept(t *testing.T) {
	fault := errors.New("gzip: damaged")
	for name, c := range map[string]struct {
		text   string
		cutter func(*window) cutter
		want   []string
	}{
		"lines":      {"a\nb\nc", func(w *window) cutter { return &lineCutter{w: w} }, []string{"a", "b"}},
		"paragraphs": {"a\n\nb\n\nc", func(w *window) cutter { return &paragraphCutter{w: w} }, []string{"a", "b"}},
		"separators": {"a|b|c", func(w *window) cutter { return &separatorCutter{w: w, sep: []byte("|")} }, []string{"a", "b"}},
		"file":       {"abc", func(w *window) cutter { return &fileCutter{w: w} }, nil},
		"array":      {"[1,2,3", func(w *window) cutter { return newJSONCutter(w, nil) }, []string{"1", "2"}},
		"values":     {"{} {} {", func(w *window) cutter { return newJSONCutter(w, nil) }, []string{"{}", "{}"}},
		"csv": {"a,b\nc,d\ne", func(w *window) cutter {
			return &csvCutter{w: w, d: dialect{comma: ',', quoted: true}}
		}, []string{"a,b", "c,d"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := drain(c.cutter(newWindow(broken(c.text, fault), 100)), c.text)
			require.ErrorIs(t, err, fault)
			assert.Equal(t, c.want, raws(got))
		})
	}
}

func TestReaderThatReturnsNothing(t *testing.T) {
	_, err := drain(&lineCutter{w: newWindow(idle{}, 100)}, "")
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

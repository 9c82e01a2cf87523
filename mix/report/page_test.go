package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
	"github.com/datamix-go/datamix/sink"
)

// part returns a part that wrote rows chats, of which number i has size(i)
// tokens, a quarter of them in context.
func part(name string, share float64, rows int, size func(i int) int, labels map[string]string) datamix.PartReport {
	p := datamix.PartReport{Name: name, Unit: datamix.Tokens, Share: share, Labels: labels}
	for i := range rows {
		r := datamix.NewChat(datamix.User(name), datamix.Assistant(fmt.Sprint(i)))
		if i%5 == 0 {
			r = datamix.NewChat(datamix.System("s"), datamix.User(name), datamix.Assistant(fmt.Sprint(i)))
		}
		n := size(i)
		r.SetCounts(datamix.Counts{Total: n, Context: n / 4, Final: n - n/4, Trainable: n - n/4})
		if i >= rows*3/4 && name == "chat" {
			r.Origin.Pass = 1
		}
		p.Output.Count(r)
		p.Sizes.Count(r)
	}
	p.Planned = p.Output.Tokens
	p.Available = p.Output
	p.Epochs = 1
	return p
}

// demo is a report with all there is.
func demo() datamix.Report {
	r := datamix.Report{Parts: []datamix.PartReport{
		part("math", 0.4, 40, func(i int) int { return 60 + i*7%200 }, map[string]string{"category": "Math", "license": "mit", "language": "en", "dataset": "openai/gsm8k"}),
		part("chat", 0.5, 24, func(i int) int { return 20 + i*i*9 }, map[string]string{"category": "General", "license": "CC BY-NC 4.0", "language": "en, de"}),
		part("odd|name <b>", 0.1, 12, func(i int) int { return 5 + i }, nil),
	}}
	ledgers := []datamix.Ledger{
		{Read: 100, Kept: 40, Dropped: map[datamix.Verdict]int64{"too_long": 10, "duplicate": 5}, Unused: 45},
		{Read: 30, Kept: 18, Dropped: map[datamix.Verdict]int64{"duplicate": 12}},
		{Read: 16, Kept: 12, Skipped: 3, Unused: 1},
	}
	r.Parts[0].Name, r.Parts[0].Group = "task/math", "task"
	r.Parts[1].Name, r.Parts[1].Group = "task/talk/chat", "task/talk"
	for i := range r.Parts {
		p := &r.Parts[i]
		p.Ledger = ledgers[i]
		r.Ledger.Add(p.Ledger)
		r.Output.Add(p.Output)
		r.Sizes.Merge(p.Sizes)
	}
	r.Content.AddHash(datamix.HashText("demo"))
	return r
}

func demoPage() report.Page {
	return report.Page{Title: "assistant-v1", Report: demo(), License: "apache-2.0", Recipe: "seed: 42\nparts: [] # ``` fence\n",
		Warnings: []string{"one more *warning*"},
		Manifest: &sink.Manifest{Rows: 76, Shards: []sink.Shard{{Name: "train-00000-of-00001.jsonl", Rows: 76, Tokens: 9000, Bytes: 12345, SHA256: strings.Repeat("ab", 32)}}}}
}

func TestPageGolden(t *testing.T) {
	p := demoPage()
	for _, part := range p.Report.Parts {
		require.NoError(t, part.Ledger.Check())
	}
	golden(t, "page.txt", p.Text())
	golden(t, "page.md", p.Markdown())
	html, err := p.HTML()
	require.NoError(t, err)
	golden(t, "page.html", string(html))
	data, err := p.JSON()
	require.NoError(t, err)
	golden(t, "page.json", string(data))
	golden(t, "card.md", string(p.Card([]byte("configs: []\n"))))
}

// TestHTMLStandsAlone holds that the page loads nothing and runs nothing, and
// that names cannot break out of it.
func TestHTMLStandsAlone(t *testing.T) {
	p := demoPage()
	p.Title = `</title><script>alert("x")</script>`
	p.Recipe = "</pre><script src=//x>"
	p.Report.Parts[0].Name = `"><img src=x onerror=alert(1)>`
	p.Report.Parts[1].Ledger.Dropped = map[datamix.Verdict]int64{"<i>": 1}
	html, err := p.HTML()
	require.NoError(t, err)
	s := string(html)
	assert.NotRegexp(t, `(?i)<(script|img|link|iframe|object|embed|base|i>)`, strings.ReplaceAll(s, "<i style", ""))
	assert.NotRegexp(t, regexp.MustCompile(`(?i)(src|href|srcset|action|data)\s*=`), regexp.MustCompile(`&[#a-z0-9]+;[^<]*`).ReplaceAllString(s, ""))
	assert.NotRegexp(t, `(?i)url\(|@import|https?:`, s)
	assert.NotContains(t, s, "ZgotmplZ", "what html/template writes for values that it refuses")
	assert.NotContains(t, s, "NaN")
	assert.Contains(t, s, "prefers-color-scheme: dark")
	assert.Contains(t, s, `name="viewport"`)
	assert.Equal(t, strings.Count(s, "<section"), strings.Count(s, "</section>"))
	assert.Equal(t, strings.Count(s, "<svg"), strings.Count(s, "</svg>"))
	assert.Equal(t, strings.Count(s, "<div"), strings.Count(s, "</div>"))
}

// TestPagesOfLittle renders reports that lack one thing or another.
func TestPagesOfLittle(t *testing.T) {
	uncounted := datamix.Report{Output: datamix.Tally{Rows: 2}, Ledger: datamix.Ledger{Read: 2, Kept: 2}}
	uncounted.Sizes.Count(datamix.NewChat(datamix.User("q")))
	uncounted.Sizes.Count(datamix.NewText("t"))
	many := datamix.Report{}
	for i := range 70 {
		p := part(fmt.Sprintf("group/part %d", i), 1.0/70, 3, func(int) int { return 1 << (i % 40) }, nil)
		many.Parts = append(many.Parts, p)
		many.Output.Add(p.Output)
		many.Sizes.Merge(p.Sizes)
	}
	for name, r := range map[string]datamix.Report{
		"empty":            {},
		"parts of nothing": {Parts: []datamix.PartReport{{Name: "a", Share: 1}, {Name: "b"}}},
		"uncounted":        uncounted,
		"zero tokens":      {Parts: []datamix.PartReport{part("z", 1, 3, func(int) int { return 0 }, nil)}, Output: datamix.Tally{Rows: 3}},
		"many":             many,
	} {
		t.Run(name, func(t *testing.T) {
			p := report.Page{Report: r}
			html, err := p.HTML()
			require.NoError(t, err)
			data, err := p.JSON()
			require.NoError(t, err)
			require.True(t, json.Valid(data))
			for _, s := range []string{p.Text(), p.Markdown(), string(html), string(data), string(p.Card(nil))} {
				assert.NotContains(t, s, "NaN")
				assert.NotContains(t, s, "Inf")
				assert.NotContains(t, s, "%!")
			}
			again, err := p.HTML()
			require.NoError(t, err)
			require.Equal(t, html, again)
		})
	}
}

// TestCardFrontMatter reads the front matter back as YAML.
func TestCardFrontMatter(t *testing.T) {
	type front struct {
		PrettyName string   `yaml:"pretty_name"`
		License    string   `yaml:"license"`
		Name       string   `yaml:"license_name"`
		Language   []string `yaml:"language"`
		Sources    []string `yaml:"source_datasets"`
		Sizes      []string `yaml:"size_categories"`
		Configs    []string `yaml:"configs"`
	}
	read := func(p report.Page) (f front) {
		_, rest, ok := strings.Cut(string(p.Card([]byte("configs: [x]\n"))), "---\n")
		require.True(t, ok)
		data, _, ok := strings.Cut(rest, "\n---\n")
		require.True(t, ok)
		require.NoError(t, yaml.Unmarshal([]byte(data), &f), data)
		return f
	}
	p := demoPage()
	p.Title = "a: \"b\"\n# 'c' <é>"
	assert.Equal(t, front{PrettyName: p.Title, License: "apache-2.0", Language: []string{"de", "en"}, Sources: []string{"openai/gsm8k"},
		Sizes: []string{"n<1K"}, Configs: []string{"x"}}, read(p))

	p.License = ""
	assert.Equal(t, "other", read(p).License)
	p.License = "my own"
	assert.Equal(t, "my own", read(p).Name)
	p.License, p.Report.Parts = "", p.Report.Parts[:1]
	assert.Equal(t, "mit", read(p).License, "what all parts have")
	p.Report.Parts = nil
	assert.Equal(t, "unknown", read(p).License)
}

func TestCardHeader(t *testing.T) {
	for _, s := range []string{"", "---\n", "text", "---\na: b\n", "---\nlicense: mit\n---\n"} {
		assert.Empty(t, report.CardHeader([]byte(s)), s)
	}
	card := "---\r\n# mark\nlicense: mit\nconfigs:\n- config_name: x\n  data_files: \"a: b\"\ntags: [a]\ndataset_info:\n  features:\n  - name: configs\n---\ntext\n"
	assert.Equal(t, "# mark\nconfigs:\n- config_name: x\n  data_files: \"a: b\"\ndataset_info:\n  features:\n  - name: configs\n", string(report.CardHeader([]byte(card))))
	once := demoPage()
	card2 := once.Card(report.CardHeader([]byte(card)))
	assert.Equal(t, string(card2), string(once.Card(report.CardHeader(card2))), "a card of a card is the same")
}

func TestAttachments(t *testing.T) {
	dir := t.TempDir()
	f := sink.JSONL(dir, nil)
	f.Attach(report.Page{Title: "mine"}.Attachments()...)
	require.NoError(t, f.Write(t.Context(), datamix.NewChat(datamix.User("q"), datamix.Assistant("a"))))
	require.NoError(t, f.WriteReport(demo()))
	require.NoError(t, f.Close())
	for _, name := range []string{"report.md", "report.html", "README.md"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Contains(t, string(data), "mine")
		assert.Contains(t, string(data), "odd")
	}
	card, err := os.ReadFile(filepath.Join(dir, "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(card), "dataset_info:", "Hugging Face datasets needs the columns")
}

func BenchmarkHTML(b *testing.B) {
	p := demoPage()
	for b.Loop() {
		if _, err := p.HTML(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPageHasNoEmptySections holds that what a report has nothing of is left out.
func TestPageHasNoEmptySections(t *testing.T) {
	r := datamix.Report{Output: datamix.Tally{Rows: 3}, Parts: []datamix.PartReport{{Name: "a", Output: datamix.Tally{Rows: 3}}}}
	html, err := (&report.Page{Report: r}).HTML()
	require.NoError(t, err)
	for _, title := range []string{"<h2>Categories", "<summary>Files", "<h2>Repeats", "most off target"} {
		assert.False(t, strings.Contains(string(html), title), title)
	}
	assert.Contains(t, string(html), "<h2>Shares</h2>")
}

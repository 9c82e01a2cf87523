package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

// FuzzCardHeader holds that what is taken from any card can be given to a new one
// and is found there again.
func FuzzCardHeader(f *testing.F) {
	f.Add("---\nconfigs:\n- a: b\nlicense: mit\ndataset_info:\n  features: []\n---\n\n# Title\n")
	f.Add("---\n# mark\nconfigs: [x]\n---\n")
	f.Add("---\r\nconfigs: x\r\n---\r\n")
	f.Fuzz(func(t *testing.T, card string) {
		header := report.CardHeader([]byte(card))
		again := report.CardHeader(report.Page{Title: "t"}.Card(header))
		require.Equal(t, string(header), string(again))
	})
}

// FuzzNames holds that no name breaks out of a page.
func FuzzNames(f *testing.F) {
	f.Add("a|b", "mit, cc-by-4.0", "<script>")
	f.Add("```\n---", "other", "\"'\\")
	f.Fuzz(func(t *testing.T, name, licence, title string) {
		p := report.Page{Title: title, Report: datamix.Report{Parts: []datamix.PartReport{{Name: name, Output: datamix.Tally{Rows: 1},
			Labels: map[string]string{"license": licence, "category": name, "language": title, "dataset": name}}}}}
		html, err := p.HTML()
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(html), "<h1>"))
		require.NotContains(t, strings.ToLower(string(html)), "<script")
		require.NotContains(t, string(html), "ZgotmplZ")
		table := report.Composition(p.Report)
		require.Equal(t, 4, strings.Count(table.Markdown(), "\n"), "each row is a line")
		require.Equal(t, 3, strings.Count(table.String(), "\n"))
	})
}

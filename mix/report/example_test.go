package report_test

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

func tallied() datamix.Report {
	return datamix.Report{Parts: []datamix.PartReport{
		{Name: "gsm8k", Output: datamix.Tally{Rows: 300, Turns: 600, Tokens: 60_000, Context: 20_000, Final: 40_000, Trainable: 40_000},
			Labels: map[string]string{"category": "Math", "license": "mit"}},
		{Name: "oasst", Output: datamix.Tally{Rows: 100, Turns: 500, Tokens: 90_000, Context: 50_000, Final: 40_000, Trainable: 60_000},
			Labels: map[string]string{"category": "Chat", "license": "apache-2.0"}},
	}}
}

func ExampleExampleShares() {
	fmt.Print(report.ExampleShares(tallied(), "category"))
	// Output:
	// Category  Count   Share
	// Math        300   75.0%
	// Chat        100   25.0%
	// Total       400  100.0%
}

func ExampleChatStatistics() {
	fmt.Print(report.ChatStatistics(tallied(), "").Markdown())
	// Output:
	// | Dataset | % of examples | Avg. # turns | Avg. # tokens | Avg. # tokens in context | Avg. # tokens in final response |
	// |:--|--:|--:|--:|--:|--:|
	// | gsm8k | 75.00% | 2.0 | 200.0 | 66.7 | 133.3 |
	// | oasst | 25.00% | 5.0 | 900.0 | 500.0 | 400.0 |
	// | **Total** | **100.00%** | **2.8** | **375.0** | **175.0** | **200.0** |
}

func ExampleTokenShares() {
	fmt.Print(report.TokenShares(tallied(), "category"))
	// Output:
	// Category  Proportion   Tokens   Output   Input
	// Chat           60.0%   90,000   60,000  30,000
	// Math           40.0%   60,000   40,000  20,000
	// Total         100.0%  150,000  100,000  50,000
	// 100,000 output tokens (67%) contribute to the loss; 50,000 input tokens (33%) do not.
}

func ExampleComposition() {
	fmt.Print(report.Composition(tallied()))
	// Output:
	// Category  Dataset  Licence     Count    Share
	// Math      gsm8k    mit           300   75.00%
	// Chat      oasst    apache-2.0    100   25.00%
	// Total                            400  100.00%
}

func ExamplePage() {
	page := report.Page{Title: "assistant-v1", Report: tallied(), License: "apache-2.0"}
	html, err := page.HTML()
	fmt.Println(len(html) > 0, err)
	fmt.Println(len(page.Card(nil)) > 0)
	// Output:
	// true <nil>
	// true
}

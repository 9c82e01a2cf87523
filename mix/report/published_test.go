package report_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

// counted returns a report of parts that only have numbers of rows.
func counted(rows map[string]int64, order ...string) (r datamix.Report) {
	for _, name := range order {
		p := datamix.PartReport{Name: name, Output: datamix.Tally{Rows: rows[name]}}
		r.Parts = append(r.Parts, p)
		r.Output.Add(p.Output)
	}
	return r
}

// TestExampleSharesOfNoRobots prints the table of the card of No Robots from its
// counts.
func TestExampleSharesOfNoRobots(t *testing.T) {
	r := counted(map[string]int64{"Generation": 4560, "Open QA": 1240, "Brainstorm": 1120, "Chat": 850, "Rewrite": 660,
		"Summarize": 420, "Coding": 350, "Classify": 350, "Closed QA": 260, "Extract": 190},
		"Extract", "Coding", "Classify", "Chat", "Generation", "Open QA", "Brainstorm", "Rewrite", "Summarize", "Closed QA")
	table := report.ExampleShares(r, "")
	golden(t, "norobots.txt", table.String())
	golden(t, "norobots.md", table.Markdown())
	golden(t, "norobots.csv", table.CSV())
}

// TestChatStatisticsOfLlama3 prints table 7 of the Llama 3 paper from means and
// shares as it prints them, for a mix of a million chats.
func TestChatStatisticsOfLlama3(t *testing.T) {
	var r datamix.Report
	for _, row := range []struct {
		name                                  string
		share, turns, tokens, context, answer float64
	}{
		{"General English", 52.66, 6.3, 974.0, 656.7, 317.1},
		{"Code", 14.89, 2.7, 753.3, 378.8, 374.5},
		{"Multilingual", 3.01, 2.7, 520.5, 230.8, 289.7},
		{"Exam-like", 8.14, 2.3, 297.8, 124.4, 173.4},
		{"Reasoning and tools", 21.19, 3.1, 661.6, 359.8, 301.9},
		{"Long context", 0.11, 6.7, 38135.6, 37395.2, 740.5},
	} {
		rows := math.Round(row.share * 10_000)
		sum := func(mean float64) int64 { return int64(math.Round(mean * rows)) }
		tally := datamix.Tally{Rows: int64(rows), Turns: sum(row.turns), Tokens: sum(row.tokens), Context: sum(row.context), Final: sum(row.answer)}
		r.Parts = append(r.Parts, datamix.PartReport{Name: row.name, Output: tally})
		r.Output.Add(tally)
	}
	golden(t, "llama3.txt", report.ChatStatistics(r, "").String())
	golden(t, "llama3.md", report.ChatStatistics(r, "").Markdown())
}

// TestTokenSharesOfHermes3 prints table 1 of the Hermes 3 report, with 69 % of
// the tokens of each category as output.
func TestTokenSharesOfHermes3(t *testing.T) {
	var r datamix.Report
	for _, row := range []struct {
		name   string
		tokens int64
	}{
		{"General Instructions", 236}, {"Domain Expert", 50}, {"Math", 26}, {"Roleplaying", 24}, {"Coding", 18},
		{"Tool Use, Agentic, and RAG", 17}, {"Content Generation", 12}, {"Steering and Alignment", 10},
	} {
		// Two parts a category, to be put together by the label.
		for i, n := range []int64{row.tokens * 400_000, row.tokens * 600_000} {
			tally := datamix.Tally{Rows: n / 800, Tokens: n, Trainable: n * 69 / 100}
			r.Parts = append(r.Parts, datamix.PartReport{Name: row.name + string(rune('1'+i)), Output: tally, Labels: map[string]string{"category": row.name}})
			r.Output.Add(tally)
		}
	}
	golden(t, "hermes3.txt", report.TokenShares(r, "category").String())
	golden(t, "hermes3.md", report.TokenShares(r, "category").Markdown())
}

// TestCompositionOfTulu3 prints some rows of table 7 of the Tulu 3 paper with
// the licences of the card.
func TestCompositionOfTulu3(t *testing.T) {
	var r datamix.Report
	for _, row := range []struct {
		category, name, licence string
		rows                    int64
	}{
		{"General", "Tulu 3 Hardcoded", "CC-BY-4.0", 240},
		{"General", "OpenAssistant", "Apache-2.0", 7132},
		{"Knowledge Recall", "FLAN v2", "-", 89982},
		{"Math Reasoning", "Tulu 3 Persona MATH", "ODC-BY-1.0", 149960},
		{"General", "No Robots", "CC-BY-NC-4.0", 9500},
		{"Coding", "Evol CodeAlpaca", "Apache-2.0", 107276},
		{"", "Aya", "", 100000},
	} {
		tally := datamix.Tally{Rows: row.rows}
		r.Parts = append(r.Parts, datamix.PartReport{Name: row.name, Output: tally, Labels: map[string]string{"category": row.category, "license": row.licence}})
		r.Output.Add(tally)
	}
	golden(t, "tulu3.txt", report.Composition(r).String())
	golden(t, "tulu3.md", report.Composition(r).Markdown())
	golden(t, "tulu3_categories.txt", report.ExampleShares(r, "category").String())
}

func TestTablesOfNothing(t *testing.T) {
	for _, r := range []datamix.Report{{}, {Parts: []datamix.PartReport{{Name: "a"}}}} {
		for _, table := range []report.Table{report.ExampleShares(r, ""), report.ChatStatistics(r, "é"), report.TokenShares(r, "x"), report.Composition(r)} {
			for _, s := range []string{table.String(), table.Markdown(), table.CSV()} {
				assert.NotContains(t, s, "NaN")
			}
		}
	}
	table := report.Table{Columns: []string{"a"}, Texts: 1, Rows: [][]string{{"tab\tand\nline"}}}
	require.NotContains(t, table.String(), "tab\tand")
	require.Len(t, table.Rows, 1, "the total is not appended to the rows")
}

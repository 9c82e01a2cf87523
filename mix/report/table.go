package report

import (
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// Table is a table of texts, ready to be shown.
type Table struct {
	// Title stands above the table; empty for none.
	Title string
	// Columns are the heads of the columns.
	Columns []string
	// Texts is the number of columns, from the first, that hold texts rather
	// than numbers and are aligned left.
	Texts int
	// Rows have a cell for each column.
	Rows [][]string
	// Total is the last row, set apart; nil for none.
	Total []string
	// Notes are sentences below the table.
	Notes []string
}

// all returns the rows with the total. Appending to it leaves Rows as they are.
func (t *Table) all() [][]string {
	rows := t.Rows[:len(t.Rows):len(t.Rows)]
	if t.Total == nil {
		return rows
	}
	return append(rows, t.Total)
}

// String returns the table for a terminal.
func (t Table) String() string {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n")
	}
	widths := t.widths()
	line := func(cells []string) {
		var out []string
		for i, c := range cells {
			c = oneLine.Replace(c)
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i < t.Texts {
				out = append(out, c+pad)
			} else {
				out = append(out, pad+c)
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(out, "  "), " ") + "\n")
	}
	line(t.Columns)
	for _, r := range t.all() {
		line(r)
	}
	for _, n := range t.Notes {
		b.WriteString(n + "\n")
	}
	return b.String()
}

var oneLine = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

// widths returns the number of characters of the widest cell of each column.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for _, r := range append(t.all(), t.Columns) {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	return widths
}

// Markdown returns the table as GitHub and the Hub show it.
func (t Table) Markdown() string {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString("## " + escapeMarkdown(t.Title) + "\n\n")
	}
	line := func(cells []string, mark string) {
		for _, c := range cells {
			c = escapeMarkdown(c)
			if c != "" {
				c = mark + c + mark
			}
			b.WriteString("| " + c + " ")
		}
		b.WriteString("|\n")
	}
	line(t.Columns, "")
	for i := range t.Columns {
		if i < t.Texts {
			b.WriteString("|:--")
		} else {
			b.WriteString("|--:")
		}
	}
	b.WriteString("|\n")
	for _, r := range t.Rows {
		line(r, "")
	}
	if t.Total != nil {
		line(t.Total, "**")
	}
	for _, n := range t.Notes {
		b.WriteString("\n" + escapeMarkdown(n) + "\n")
	}
	return b.String()
}

// CSV returns the rows with their head and total, without title and notes.
func (t Table) CSV() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(t.Columns) // a strings.Builder takes everything
	_ = w.WriteAll(t.all())
	return b.String()
}

// escapeMarkdown keeps a text from being taken for Markdown or HTML.
func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }

var markdownEscaper = strings.NewReplacer("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "&", "&amp;",
	"[", "\\[", "\n", " ", "\r", " ")

// percent returns a share, 0 to 1, with so many decimals: "40.0%".
func percent(x float64, decimals int) string { return fmt.Sprintf("%.*f%%", decimals, x*100) }

// points returns a difference of shares in percentage points, "" where it is 0.
func points(x float64) string {
	s := fmt.Sprintf("%+.2f", x*100)
	if s == "+0.00" || s == "-0.00" {
		return "0.00"
	}
	return s
}

// ratio returns a / b, 0 where b is 0.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func thousands(n int64) string { return datamix.Thousands(n) }

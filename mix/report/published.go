package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// ExampleShares returns how many examples each group has and what part of all
// that is, the largest group first: the table of the card of No Robots
// (huggingface.co/datasets/HuggingFaceH4/no_robots). label is as in Groups.
func ExampleShares(r datamix.Report, label string) Table {
	t := Table{Columns: []string{head(label, "Part"), "Count", "Share"}, Texts: 1}
	groups := Groups(r, label)
	byOutput(groups, datamix.Rows)
	all := total(groups)
	for _, g := range groups {
		t.Rows = append(t.Rows, []string{g.Name, thousands(g.Output.Rows), percent(ratio(g.Output.Rows, all.Rows), 1)})
	}
	t.Total = []string{"Total", thousands(all.Rows), percent(ratio(all.Rows, all.Rows), 1)}
	return t
}

// ChatStatistics returns the share of examples of each group and the means per
// chat of turns, tokens, tokens in context and tokens in the final response:
// table 7 of "The Llama 3 Herd of Models" (2024). A turn is a message; the
// context is all turns but the last, the final response is the last turn. The
// last row is over all examples. label is as in Groups.
func ChatStatistics(r datamix.Report, label string) Table {
	t := Table{Columns: []string{"Dataset", "% of examples", "Avg. # turns", "Avg. # tokens", "Avg. # tokens in context", "Avg. # tokens in final response"}, Texts: 1}
	groups := Groups(r, label)
	all := total(groups)
	row := func(name string, o datamix.Tally) []string {
		cells := []string{name, percent(ratio(o.Rows, all.Rows), 2)}
		for _, n := range []int64{o.Turns, o.Tokens, o.Context, o.Final} {
			cells = append(cells, decimal(ratio(n, o.Rows)))
		}
		return cells
	}
	for _, g := range groups {
		t.Rows = append(t.Rows, row(g.Name, g.Output))
	}
	t.Total = row("Total", all)
	return t
}

// TokenShares returns the share and number of tokens of each group, the largest
// first, and how many of them are output, which carries loss, and input, which
// does not: the form of the "Hermes 3 Technical Report" (2024), table 1 and the
// text below it. label is as in Groups.
func TokenShares(r datamix.Report, label string) Table {
	t := Table{Columns: []string{head(label, "Part"), "Proportion", "Tokens", "Output", "Input"}, Texts: 1}
	groups := Groups(r, label)
	byOutput(groups, datamix.Tokens)
	all := total(groups)
	row := func(name string, o datamix.Tally) []string {
		return []string{name, percent(ratio(o.Tokens, all.Tokens), 1), quantity(o.Tokens, all.Tokens),
			quantity(o.Trainable, all.Tokens), quantity(o.Tokens-o.Trainable, all.Tokens)}
	}
	for _, g := range groups {
		t.Rows = append(t.Rows, row(g.Name, g.Output))
	}
	t.Total = row("Total", all)
	input := all.Tokens - all.Trainable
	t.Notes = []string{fmt.Sprintf("%s output tokens (%s) contribute to the loss; %s input tokens (%s) do not.",
		quantity(all.Trainable, all.Tokens), percent(ratio(all.Trainable, all.Tokens), 0),
		quantity(input, all.Tokens), percent(ratio(input, all.Tokens), 0))}
	return t
}

// Composition returns the parts by category with their licences and counts:
// table 7 of "Tulu 3: Pushing Frontiers in Open Language Model Post-Training"
// (2024), whose licences stand on the card of the data set. Categories are the
// parts' label "category", licences their label "license"; a licence that is
// not known shows as "-".
func Composition(r datamix.Report) Table {
	t := Table{Columns: []string{"Category", "Dataset", "Licence", "Count", "Share"}, Texts: 3}
	groups := Groups(r, "category")
	all := total(groups)
	for _, g := range groups {
		name := g.Name
		if len(r.Parts) == 0 {
			name = Unlabelled
		}
		for _, p := range g.Parts {
			licence := LicenceOf(p.Labels)
			if licence == "" {
				licence = "-"
			}
			t.Rows = append(t.Rows, []string{name, p.Name, licence, thousands(p.Output.Rows), percent(ratio(p.Output.Rows, all.Rows), 2)})
			name = "" // a category is named once
		}
	}
	t.Total = []string{"Total", "", "", thousands(all.Rows), percent(ratio(all.Rows, all.Rows), 2)}
	return t
}

// head returns the head of the column of groups.
func head(label, none string) string {
	switch label {
	case "":
		return none
	case "license":
		return "Licence"
	}
	first, size := utf8.DecodeRuneInString(label)
	return string(unicode.ToUpper(first)) + label[size:]
}

// decimal returns x with one decimal and commas: "38,135.6".
func decimal(x float64) string {
	whole, tenth, _ := strings.Cut(strconv.FormatFloat(x, 'f', 1, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil { // beyond what a count can be
		return whole + "." + tenth
	}
	return thousands(n) + "." + tenth
}

// quantity returns a number of tokens in the unit that fits the whole: exact
// below ten million, then in millions, then in billions.
func quantity(n, whole int64) string {
	switch {
	case whole >= 10_000_000_000:
		return decimal(float64(n)/1e9) + "B"
	case whole >= 10_000_000:
		return decimal(float64(n)/1e6) + "M"
	}
	return thousands(n)
}

package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/datamix-go/datamix/sink"
)

// Card returns the dataset card of the mix: README.md with the front matter that
// the Hugging Face Hub reads. header is YAML that goes into the front matter as
// it is: sink.Contents.CardHeader, or what CardHeader finds in an older card; nil
// for none.
//
// The card tells the licence as declared, otherwise that of the parts where they
// all have the same open one, otherwise "other"; the languages and the data sets
// that the parts' labels "language" and "dataset" name; sizes, shares, where
// every row went, warnings and the configuration.
func (p Page) Card(header []byte) []byte {
	var b strings.Builder
	b.WriteString("---\n")
	b.Write(header)
	p.writeFrontMatter(&b)
	b.WriteString("---\n\n")
	fmt.Fprintf(&b, "# %s\n\n%s.\n", escapeMarkdown(p.title()), p.summary())
	p.writeWarnings(&b)
	if t := p.sources(); len(t.Rows) > 0 {
		b.WriteString("\n" + t.Markdown())
	}
	for _, t := range p.tables() {
		b.WriteString("\n" + t.Markdown())
	}
	p.writeRecipe(&b)
	fmt.Fprintf(&b, "\nMade with [datamix](https://github.com/datamix-go/datamix). Content hash, whatever the order of the rows: `%s`\n", p.Report.Content)
	return []byte(b.String())
}

func (p *Page) writeFrontMatter(b *strings.Builder) {
	fmt.Fprintf(b, "pretty_name: %s\n", quoted(p.title()))
	id, name := p.licence()
	fmt.Fprintf(b, "license: %s\n", id)
	if name != "" {
		fmt.Fprintf(b, "license_name: %s\n", quoted(name))
	}
	list := func(key string, values []string) {
		if len(values) > 0 {
			fmt.Fprintf(b, "%s:\n", key)
			for _, v := range values {
				fmt.Fprintf(b, "- %s\n", quoted(v))
			}
		}
	}
	list("language", p.labels("language", languageCode))
	list("source_datasets", p.labels("dataset", datasetID))
	list("task_categories", []string{"text-generation"})
	list("size_categories", []string{sizeCategory(p.Report.Output.Rows)})
	list("tags", []string{"datamix"})
}

// licence returns the licence of the mix as the Hub spells it, and a name where
// that is "other".
func (p *Page) licence() (id, name string) {
	if p.License != "" {
		if l := ReadLicence(p.License); l.Known {
			return l.ID, ""
		}
		return "other", p.License
	}
	ids := map[string]bool{}
	for _, part := range written(p.Report) {
		ls := licencesOf(part.Labels)
		if len(ls) == 0 {
			ids[""] = true
		}
		for _, l := range ls {
			if !l.Known || l.OwnTerms {
				ids[""] = true
			}
			ids[l.ID] = true
		}
	}
	switch {
	case len(ids) == 0, len(ids) == 1 && ids[""]:
		return "unknown", ""
	case len(ids) == 1:
		return slices.Collect(maps.Keys(ids))[0], ""
	}
	return "other", "several, see Licences"
}

var (
	languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)
	datasetID    = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[\w.-]+$`)
)

// labels returns the different values of a label that match form, sorted.
func (p *Page) labels(name string, form *regexp.Regexp) []string {
	found := map[string]bool{}
	for _, part := range written(p.Report) {
		for v := range strings.SplitSeq(part.Labels[name], ",") {
			if v = strings.TrimSpace(v); form.MatchString(v) {
				found[v] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// sources lists the parts with what their labels say.
func (p *Page) sources() Table {
	t := Table{Title: "Sources", Texts: 4, Columns: []string{"Part", "Category", "Licence", "Data set", "Rows", "Share of rows", "Tokens"}}
	orDash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	for _, part := range written(p.Report) {
		t.Rows = append(t.Rows, []string{part.Name, orDash(part.Labels["category"]), orDash(LicenceOf(part.Labels)), orDash(part.Labels["dataset"]),
			thousands(part.Output.Rows), percent(ratio(part.Output.Rows, p.Report.Output.Rows), 2), thousands(part.Output.Tokens)})
	}
	return t
}

// sizeCategory returns the Hub's class of a number of rows.
func sizeCategory(rows int64) string {
	names := []string{"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B", "1B<n<10B", "10B<n<100B", "100B<n<1T"}
	limit := int64(1000)
	for _, n := range names {
		if rows < limit {
			return n
		}
		limit *= 10
	}
	return "n>1T"
}

// quoted returns a string as YAML, which JSON is.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// CardHeader returns what an older card says of how the set is loaded, for the
// header of a new one: the keys configs and dataset_info of its front matter,
// nil where it has none.
func CardHeader(markdown []byte) []byte {
	text := strings.ReplaceAll(string(markdown), "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	front, _, closed := strings.Cut(rest, "\n---\n")
	if !ok || !closed {
		return nil
	}
	var kept []byte
	keeping := false
	for line := range strings.Lines(front + "\n") {
		if key, _, isKey := strings.Cut(line, ":"); isKey && strings.TrimLeft(key, " -#\t") == key {
			keeping = key == "configs" || key == "dataset_info"
		}
		if keeping || strings.HasPrefix(line, "# ") {
			kept = append(kept, line...)
		}
	}
	return kept
}

// Attachments returns the files report.md, report.html and README.md, the card,
// for a sink.Folder to write with its shards. The folder fills in the Manifest,
// and the Report of the run where there is one.
func (p Page) Attachments() []sink.Attachment {
	filled := func(c sink.Contents) Page {
		q := p
		q.Manifest = &c.Manifest
		if c.Report != nil {
			q.Report = *c.Report
		} else {
			q.Report.Output.Rows = c.Manifest.Rows
		}
		return q
	}
	return []sink.Attachment{
		{Name: "report.md", Render: func(c sink.Contents) ([]byte, error) { return []byte(filled(c).Markdown()), nil }},
		{Name: "report.html", Render: func(c sink.Contents) ([]byte, error) { return filled(c).HTML() }},
		{Name: "README.md", Render: func(c sink.Contents) ([]byte, error) { return filled(c).Card(c.CardHeader), nil }},
	}
}

package published

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
)

// String returns the mixture as tables for people: the components with their
// numbers and the evidence of each, then filters, caveats and sources.
func (m *Mixture) String() string {
	var b strings.Builder
	m.writeHead(&b)
	m.writeNumbers(&b)
	m.writeOrigins(&b)
	m.writeFilters(&b)
	if len(m.Caveats) > 0 {
		b.WriteString("\ncaveats\n")
		for _, c := range m.Caveats {
			fmt.Fprintf(&b, "  - %s\n", c)
		}
	}
	b.WriteString("\nsources\n")
	for _, s := range m.Sources {
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(s.Key+": "+s.Title+" "+s.URL))
	}
	return b.String()
}

func (m *Mixture) writeHead(b *strings.Builder) {
	fmt.Fprintf(b, "%s (%s), %s\n", m.Title, m.Name, m.Stage)
	if m.Hub != "" {
		fmt.Fprintf(b, "released as %s", strings.TrimSpace(m.Hub+" "+m.Config))
		if m.Field != "" {
			fmt.Fprintf(b, ", components in the column %s", m.Field)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "licence of the whole: %s\n", m.License)
	if g := m.Budget; g != nil {
		fmt.Fprintf(b, "drawn: %s%s %s [%s %s]\n", about(g.About), datamix.Thousands(int64(g.Value)), g.Unit, g.Evidence, cite(g.Source, g.At))
	}
	_, measure := m.measure()
	fmt.Fprintf(b, "the mix is made by %s: %s of %s\n", measure.Name, strings.ReplaceAll(string(measure.Is), "_", " "), measure.Of)
	for _, c := range m.Columns {
		fmt.Fprintf(b, "  %s: %s%s of %s [%s %s]\n", c.Name, about(c.About), strings.ReplaceAll(string(c.Is), "_", " "), c.Of, c.Evidence, cite(c.Source, c.At))
	}
	b.WriteString("evidence: P read at the publisher's, S read at a third party's, D derived; ~ is rounded, ? not known\n\n")
}

func (m *Mixture) writeNumbers(b *strings.Builder) {
	w := newTable(b, tabwriter.AlignRight)
	at, measure := m.measure()
	head := []string{"component"}
	for _, c := range m.Columns {
		head = append(head, c.Name, "")
	}
	sum, _ := m.sum(at)
	relative := relative(measure)
	if relative {
		head = append(head, "of the mix")
	}
	fmt.Fprintln(w, strings.Join(head, "\t")+"\t")
	for i := range m.Components {
		c := &m.Components[i]
		cells := []string{c.ID}
		for j, n := range c.Values {
			if n == nil {
				cells = append(cells, "?", "")
				continue
			}
			value := m.Columns[j].show(n.Value)
			if n.Step > 0 && (m.Columns[j].Is == Amount || m.Columns[j].Is == Pool) {
				value = "~" + value // rounded
			}
			cells = append(cells, value, string(n.Evidence))
		}
		if relative {
			cells = append(cells, percent(c.Values[at].Value/sum))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t")
	}
	for _, t := range m.Totals {
		cells := []string{"total"}
		for i, c := range m.Columns {
			if i == m.column(t.Column) {
				cells = append(cells, c.show(t.Value), string(t.Evidence))
			} else {
				cells = append(cells, "", "")
			}
		}
		if relative {
			cells = append(cells, "")
		}
		line := strings.Join(cells, "\t") + "\t"
		if t.Off != 0 {
			line += " the column comes to " + m.Columns[m.column(t.Column)].show(round(t.Value+t.Off))
		}
		fmt.Fprintln(w, line)
	}
	w.end()
}

func (m *Mixture) writeOrigins(b *strings.Builder) {
	b.WriteString("\n")
	w := newTable(b, 0)
	fmt.Fprintln(w, "component\tcategory\tlicence\tschema\tdata set")
	for i := range m.Components {
		c := &m.Components[i]
		license := c.License
		if c.UpstreamLicense != "" && !strings.EqualFold(c.UpstreamLicense, license) {
			license += " (upstream " + c.UpstreamLicense + ")"
		}
		place := strings.TrimSpace(strings.Join([]string{c.Hub, c.Config, c.Split}, " "))
		if c.Upstream != "" {
			place += ", from " + c.Upstream
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.ID, orUnknown(c.Category), license, orUnknown(c.Schema), orUnknown(place))
	}
	w.end()
}

// writeFilters writes every filter once, with the components that it is for.
func (m *Mixture) writeFilters(b *strings.Builder) {
	var order []string
	components := map[string][]string{}
	note := func(component string, f *Filter) {
		line := f.Name
		if len(f.Options) > 0 {
			line += " " + compact(f.Options)
		}
		if f.Open != "" {
			line += " (not published: " + f.Open + ")"
		}
		line += fmt.Sprintf(": %s [%s %s]", f.Says, f.Evidence, f.Source)
		if _, seen := components[line]; !seen {
			order = append(order, line)
		}
		components[line] = append(components[line], component)
	}
	for i := range m.Filters {
		note("all", &m.Filters[i])
	}
	for i := range m.Components {
		for j := range m.Components[i].Filters {
			note(m.Components[i].ID, &m.Components[i].Filters[j])
		}
	}
	if len(order) > 0 {
		b.WriteString("\nfilters\n")
	}
	for _, line := range order {
		fmt.Fprintf(b, "  - %s\n    for %s\n", line, strings.Join(components[line], ", "))
	}
}

// show writes a number of the column.
func (c *Column) show(x float64) string {
	if (c.Is == Amount || c.Is == Pool) && whole(x) {
		return thousands(x)
	}
	if c.Is == Share {
		return strconv.FormatFloat(round(x*100), 'f', -1, 64) + " %"
	}
	if c.Is == Average {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// trimmed is a tabwriter for b whose lines end without blanks.
type trimmed struct {
	*tabwriter.Writer
	cells bytes.Buffer
	b     *strings.Builder
}

func newTable(b *strings.Builder, flags uint) *trimmed {
	t := &trimmed{b: b}
	t.Writer = tabwriter.NewWriter(&t.cells, 0, 0, 2, ' ', flags)
	return t
}

func (t *trimmed) end() {
	t.Flush()
	for line := range strings.Lines(t.cells.String()) {
		t.b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

func thousands(x float64) string { return datamix.Thousands(int64(x)) }

func percent(x float64) string { return strconv.FormatFloat(x*100, 'f', 3, 64) + " %" }

// round takes away what binary fractions add to decimal numbers.
func round(x float64) float64 {
	const digits = 1e12
	if math.Abs(x) > 1e3 {
		return x
	}
	return math.Round(x*digits) / digits
}

func about(is bool) string {
	if is {
		return "about "
	}
	return ""
}

func cite(source, at string) string {
	if at == "" {
		return source
	}
	return source + ", " + at
}

func orUnknown(s string) string {
	if s == "" {
		return "?"
	}
	return s
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// Evidence returns the weakest grade among the numbers that make the mix.
func (m *Mixture) Evidence() Evidence {
	at, _ := m.measure()
	order := []Evidence{Primary, Derived, Secondary}
	worst := 0
	for i := range m.Components {
		worst = max(worst, slices.Index(order, m.Components[i].Values[at].Evidence))
	}
	return order[worst]
}

package audit

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/datamix-go/datamix"
)

// Change is what became of a record.
type Change string

// The changes.
const (
	Changed Change = "changed"
	Removed Change = "removed"
	Added   Change = "added"
)

// Example is a record that differs between two sets.
type Example struct {
	Change Change `json:"change"`
	// ID is the record's key, or where it stands: "file:row".
	ID string `json:"id"`
	// Group is the group that it is in, in the new set if it is there.
	Group string `json:"group"`
	// Old and New are what it says, from a little before the first difference.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
}

// String returns the example in two or three lines.
func (e Example) String() string {
	s := fmt.Sprintf("%s %s (%s)\n", e.Change, e.ID, e.Group)
	if e.Old != "" {
		s += "  - " + e.Old + "\n"
	}
	if e.New != "" {
		s += "  + " + e.New + "\n"
	}
	return s
}

// example notes a record to be shown, unless there are enough.
func (m *matcher) example(c Change, older, newer *pair) {
	if m.shown == nil {
		m.shown = map[Change]int{}
		m.want = [2]map[pair]int{{}, {}}
	}
	if m.shown[c] == m.most || isIn(m.want[0], older) || isIn(m.want[1], newer) {
		return
	}
	m.shown[c]++
	for i, p := range []*pair{older, newer} {
		if p != nil {
			m.want[i][*p] = len(m.examples)
		}
	}
	m.examples = append(m.examples, Example{Change: c})
}

func isIn(want map[pair]int, p *pair) bool {
	if p == nil {
		return false
	}
	_, ok := want[*p]
	return ok
}

// snippet is the most characters of a record that are shown, and lead how many
// of them stand before the first difference.
const (
	snippet = 120
	lead    = 30
)

// show reads the sets again for the texts of the examples.
func (m *matcher) show(ctx context.Context, sides [2]*side, o *DiffOptions) error {
	texts := make([][2]string, len(m.examples))
	for i, s := range sides {
		left := len(m.want[i])
		if left == 0 {
			continue
		}
		for r, err := range s.src.Records(datamix.Quiet(ctx)) {
			if err != nil {
				return fmt.Errorf("datamix/mix/audit: reading again: %w", err)
			}
			p := pairOf(r, o.Key, r.ContentHash())
			at, wanted := m.want[i][p]
			if !wanted {
				continue
			}
			delete(m.want[i], p)
			e := &m.examples[at]
			if id, ok := identity(r, o.Key); ok && o.Key != KeyContent {
				e.ID = strings.Clone(id)
			} else {
				e.ID = r.ID()
			}
			e.Group = strings.Clone(valueOf(r, s.audit.o.By))
			texts[at][i] = spoken(r)
			if left--; left == 0 {
				break
			}
		}
	}
	for i := range m.examples {
		e := &m.examples[i]
		from := 0
		if e.Change == Changed {
			from = differs(texts[i][0], texts[i][1])
		}
		e.Old, e.New = cut(texts[i][0], from), cut(texts[i][1], from)
	}
	m.diff.Examples = m.examples
	return nil
}

// spoken returns what a record says, as one text.
func spoken(r *datamix.Record) string {
	if r.IsText() {
		return strings.Clone(r.Text())
	}
	var b strings.Builder
	for i, m := range r.Messages() {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(m.Role + ": ")
		if m.Reasoning != "" {
			b.WriteString("(" + m.Reasoning + ") ")
		}
		b.WriteString(m.Content)
		for _, c := range m.ToolCalls {
			b.WriteString(" " + c.Name + c.Arguments)
		}
	}
	if r.Tools() != "" {
		b.WriteString(" | tools: " + r.Tools())
	}
	return b.String()
}

// differs returns where two texts begin to differ.
func differs(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return n
}

// cut returns some of a text on one line, from a little before a place.
func cut(s string, at int) string {
	start := 0
	if at > snippet-lead {
		start = at - lead
		for start > 0 && !utf8.RuneStart(s[start]) {
			start--
		}
	}
	prefix := ""
	if start > 0 {
		prefix = "…"
	}
	rs := []rune(strings.Join(strings.Fields(s[start:]), " "))
	if len(rs) > snippet {
		return prefix + string(rs[:snippet]) + "…"
	}
	return prefix + string(rs)
}

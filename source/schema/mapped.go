package schema

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// usedColumns is how many columns a mapping may use before listing them
// allocates.
const usedColumns = 8

// mapped adapts rows by a mapping of columns.
type mapped struct {
	columns Columns // with User and Assistant for Prompt and Completion
	labels  []string
	roles   map[string]string
}

// Adapt makes r what the mapping says.
func (m *mapped) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	if err := m.setLabels(r); err != nil {
		return err
	}
	c := &m.columns
	switch {
	case c.Messages != "":
		return m.list(r, emit)
	case len(c.Text) > 0:
		var local [usedColumns]string
		text, used, err := joinColumns(r, c.Text, local[:0])
		if err != nil {
			return err
		}
		if len(used) == 0 {
			return noText(c.Text)
		}
		r.AdaptText(text, used...)
	default:
		if err := m.exchange(r); err != nil {
			return err
		}
	}
	emit(r)
	return nil
}

// list adapts a column of messages.
func (m *mapped) list(r *datamix.Record, emit func(*datamix.Record)) error {
	f, ok, err := present(r, m.columns.Messages)
	if err != nil {
		return err
	}
	if !ok {
		return missing(r, []string{f.Name}, false)
	}
	list := chat{settings: &settings{roles: m.roles}}
	for _, x := range [...]struct {
		names ColumnNames
		into  *[]string
	}{{m.columns.System, &list.system}, {m.tools(), &list.tools}} {
		for _, name := range x.names {
			f, _, err := present(r, name)
			if err != nil {
				return err
			}
			*x.into = []string{f.Name}
		}
	}
	return list.adapt(r, f, emit)
}

func (m *mapped) tools() ColumnNames {
	if m.columns.Tools == "" {
		return nil
	}
	return ColumnNames{m.columns.Tools}
}

// exchange makes r a chat of one exchange.
func (m *mapped) exchange(r *datamix.Record) error {
	var local [usedColumns]string
	used := local[:0]
	b := builder{parser{r: r}, r.NewMessages(3), 0}
	for _, side := range [...]struct {
		role  string
		names ColumnNames
	}{{datamix.RoleSystem, m.columns.System}, {datamix.RoleUser, m.columns.User}, {datamix.RoleAssistant, m.columns.Assistant}} {
		if len(side.names) == 0 {
			continue
		}
		text, more, err := joinColumns(r, side.names, used)
		if err != nil {
			return err
		}
		if len(more) == len(used) && side.role != datamix.RoleSystem {
			return noText(side.names)
		}
		if used = more; text != "" || side.role != datamix.RoleSystem {
			b.add(side.role, text)
		}
	}
	var tools toolList
	for _, name := range m.tools() {
		f, _, err := present(r, name)
		if err == nil {
			tools, err = toolsOf(r, []string{f.Name}, false)
		}
		if err != nil {
			return err
		}
	}
	r.Adapt(b.ms[:b.n:b.n], used...)
	tools.adapt(r)
	return nil
}

// present returns what a name in a mapping stands for: a column, or, where there
// is none of that name, the value that its dots lead to inside of a column. ok
// is false for null, and for what is missing and may be: its name ends in "?".
// A field that is missing has the name alone.
func present(r *datamix.Record, name string) (f datamix.Field, ok bool, err error) {
	if f, found := lookUp(r, name); found {
		return f, !f.IsNull(), nil
	}
	bare, optional := strings.CutSuffix(name, "?")
	if !optional {
		return datamix.Field{Name: name}, false, fmt.Errorf("the row has no column %q; it has %s (write %q for a column that may be missing)", name, columnsOf(r), name+"?")
	}
	f, found := lookUp(r, bare)
	if !found {
		return datamix.Field{Name: bare}, false, nil
	}
	return f, !f.IsNull(), nil
}

// lookUp finds a column, or a value inside of one that is an object or a string
// that spells one.
func lookUp(r *datamix.Record, name string) (datamix.Field, bool) {
	if f, ok := find(r, name, false); ok {
		return f, true
	}
	outer, path, nested := strings.Cut(name, ".")
	if !nested {
		return datamix.Field{}, false
	}
	f, ok := find(r, outer, false)
	if !ok {
		return datamix.Field{}, false
	}
	raw, ok, err := fieldJSON(r, f)
	for _, key := range strings.Split(path, ".") {
		if !ok || err != nil || jsonx.KindOf(raw) != jsonx.Object {
			return datamix.Field{}, false
		}
		if raw, _ = member(raw, key); raw == nil {
			return datamix.Field{}, false
		}
	}
	return datamix.JSONField(name, stringOf(raw)), true
}

// joinColumns joins the texts of the columns that are not empty with a blank
// line, and adds the columns that it found to used. Where it finds none, the
// text is empty and used as long as before.
func joinColumns(r *datamix.Record, names ColumnNames, used []string) (string, []string, error) {
	var text string
	for _, name := range names {
		f, ok, err := present(r, name)
		if err != nil {
			return "", nil, err
		}
		if !ok {
			continue
		}
		piece, err := columnText(r, f)
		if err != nil {
			return "", nil, err
		}
		used = append(used, f.Name)
		text = blankLine(r, text, piece)
	}
	return text, used, nil
}

func noText(names ColumnNames) error {
	return fmt.Errorf("all of the columns %s are null or missing, want a text in one", strings.Join(names, ", "))
}

// columnText returns the text of a string, a number or bool as it stands, or the
// lines of a list of strings.
func columnText(r *datamix.Record, f datamix.Field) (string, error) {
	if f.Kind() != "array" {
		return spelledText(r, f)
	}
	lines, err := textList(r, f.Name, bytesOf(f.JSON()))
	return strings.Join(lines, "\n"), err
}

// setLabels sets the labels of the mapping.
func (m *mapped) setLabels(r *datamix.Record) error {
	values := make([]string, len(m.labels))
	for i, label := range m.labels {
		f, ok, err := present(r, m.columns.Labels[label])
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		switch f.Kind() {
		case "string":
			values[i], err = textOf(r, f)
		case "number", "bool":
			values[i] = f.JSON()
		default:
			return wrongKind(f.Name, bytesOf(f.JSON()), "a string, number or bool for a label")
		}
		if err != nil {
			return err
		}
	}
	for i, label := range m.labels {
		if values[i] != "" {
			r.SetLabel(label, values[i])
		}
	}
	return nil
}

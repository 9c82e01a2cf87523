package schema

import (
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
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
	name, _, err := present(r, m.columns.Messages)
	if err != nil {
		return err
	}
	list := chat{settings: &settings{roles: m.roles}, columns: []string{name}}
	for _, x := range [...]struct {
		names ColumnNames
		into  *[]string
	}{{m.columns.System, &list.system}, {m.tools(), &list.tools}} {
		for _, name := range x.names {
			name, _, err := present(r, name)
			if err != nil {
				return err
			}
			*x.into = []string{name}
		}
	}
	return list.Adapt(r, emit)
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
		name, _, err := present(r, name)
		if err == nil {
			tools, err = toolsOf(r, []string{name}, false)
		}
		if err != nil {
			return err
		}
	}
	r.Adapt(b.ms[:b.n:b.n], used...)
	tools.adapt(r)
	return nil
}

// present returns the column of a name in a mapping. ok is false for null, and
// for a column that is missing and may be: its name ends in "?".
func present(r *datamix.Record, name string) (column string, ok bool, err error) {
	column = name
	f, found := find(r, name, false)
	if !found {
		bare, optional := strings.CutSuffix(name, "?")
		if column = bare; optional {
			f, found = find(r, bare, false)
		}
		if !found && !optional {
			return column, false, fmt.Errorf("the row has no column %q; it has %s (write %q for a column that may be missing)", name, columnsOf(r), name+"?")
		}
	}
	return column, found && !f.IsNull(), nil
}

// joinColumns joins the texts of the columns that are not empty with a blank
// line, and adds the columns that it found to used. Where it finds none, the
// text is empty and used as long as before.
func joinColumns(r *datamix.Record, names ColumnNames, used []string) (string, []string, error) {
	var text string
	for _, name := range names {
		column, ok, err := present(r, name)
		if err != nil {
			return "", nil, err
		}
		if !ok {
			continue
		}
		piece, err := columnText(r, column)
		if err != nil {
			return "", nil, err
		}
		used = append(used, column)
		text = blankLine(text, piece)
	}
	return text, used, nil
}

func noText(names ColumnNames) error {
	return fmt.Errorf("all of the columns %s are null or missing, want a text in one", strings.Join(names, ", "))
}

// columnText returns the text of a column, or the lines of a list of strings.
func columnText(r *datamix.Record, name string) (string, error) {
	f, _ := find(r, name, false)
	if f.Kind() != "array" {
		return fieldText(r, f)
	}
	lines, err := textList(r, f.Name, bytesOf(f.JSON()))
	return strings.Join(lines, "\n"), err
}

// setLabels sets the labels of the mapping.
func (m *mapped) setLabels(r *datamix.Record) error {
	values := make([]string, len(m.labels))
	for i, label := range m.labels {
		name, ok, err := present(r, m.columns.Labels[label])
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		f, _ := find(r, name, false)
		switch f.Kind() {
		case "string":
			values[i], err = r.FieldText(name)
		case "number", "bool":
			values[i] = f.JSON()
		default:
			return wrongKind(name, bytesOf(f.JSON()), "a string, number or bool for a label")
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

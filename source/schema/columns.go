package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Columns maps the columns of a table to the places of a canonical record, for
// tables that no schema fits. Exactly one of Messages, Text, User and Prompt
// must be set. Column names are those of the reader, in their exact spelling.
// A name with dots that is no column leads into one: "translation.en" is the
// value of "en" in the object of the column translation, which stays Extra.
// Tools and a System beside Messages are columns.
//
// Where a place takes several columns, their texts are joined with a blank line
// and empty ones left out. A column must be in every row, though it may be null
// where another of its place is not; a name that ends in "?" is of a column that
// may be missing as well. Numbers and bools are the text that spells them in the
// row, and a list of strings is its lines.
type Columns struct {
	// Messages is a list of messages in any form that the package knows: with
	// role and content, with from and value, with typed parts, or of texts of
	// user and assistant by turns; as JSON or as a string that spells it.
	Messages string `json:"messages,omitempty" yaml:"messages,omitempty"`
	// Text makes a plain text.
	Text ColumnNames `json:"text,omitempty" yaml:"text,omitempty"`
	// System, User and Assistant make a chat of one exchange. Without Assistant
	// it is the user turn alone. System may stand beside Messages too, as one
	// column.
	System    ColumnNames `json:"system,omitempty" yaml:"system,omitempty"`
	User      ColumnNames `json:"user,omitempty" yaml:"user,omitempty"`
	Assistant ColumnNames `json:"assistant,omitempty" yaml:"assistant,omitempty"`
	// Prompt and Completion are other names for User and Assistant.
	Prompt     ColumnNames `json:"prompt,omitempty" yaml:"prompt,omitempty"`
	Completion ColumnNames `json:"completion,omitempty" yaml:"completion,omitempty"`
	// Tools is the list of tools that a chat may call, as JSON or as a string
	// that spells it.
	Tools string `json:"tools,omitempty" yaml:"tools,omitempty"`
	// Roles is the option Roles, for Messages.
	Roles map[string]string `json:"roles,omitempty" yaml:"roles,omitempty"`
	// Labels maps names of labels to columns of strings, numbers or bools. The
	// columns stay among the record's Extra too. Null gives no label.
	Labels map[string]string `json:"labels,omitempty" yaml:"labels,omitempty"`
}

// ColumnNames is one column name or several. In JSON and YAML it is a string or
// a list of strings.
type ColumnNames []string

// UnmarshalJSON reads a string or a list of strings.
func (c *ColumnNames) UnmarshalJSON(data []byte) error {
	return c.unmarshal(func(v any) error { return json.Unmarshal(data, v) })
}

// UnmarshalYAML reads a string or a list of strings.
func (c *ColumnNames) UnmarshalYAML(unmarshal func(any) error) error { return c.unmarshal(unmarshal) }

func (c *ColumnNames) unmarshal(into func(any) error) error {
	var several []string
	if into(&several) == nil {
		*c = several
		return nil
	}
	var one string
	if err := into(&one); err != nil {
		return errors.New("want the name of a column or a list of names")
	}
	*c = ColumnNames{one}
	return nil
}

// MarshalJSON writes one name as a string, several as a list.
func (c ColumnNames) MarshalJSON() ([]byte, error) {
	if len(c) == 1 {
		return json.Marshal(c[0])
	}
	return json.Marshal([]string(c))
}

// FromColumns returns the adapter of a mapping. A mapping that says too little,
// or two things at a time, is an error.
func FromColumns(c Columns) (Adapter, error) {
	m := mapped{columns: c}
	user, assistant, err := c.sides()
	if err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	m.columns.User, m.columns.Assistant = user, assistant
	if m.roles, err = checkRoles(c.Roles); err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	for name := range c.Labels {
		m.labels = append(m.labels, name)
	}
	slices.Sort(m.labels)
	return &m, nil
}

// sides checks the mapping and returns what makes the user's and the
// assistant's turns.
func (c Columns) sides() (user, assistant ColumnNames, err error) {
	var set []string
	for _, x := range []struct {
		name string
		n    int
	}{{"messages", len(c.Messages)}, {"text", len(c.Text)}, {"user", len(c.User)}, {"prompt", len(c.Prompt)}} {
		if x.n > 0 {
			set = append(set, x.name)
		}
	}
	user, assistant = slices.Concat(c.User, c.Prompt), slices.Concat(c.Assistant, c.Completion)
	switch {
	case len(set) == 0:
		return nil, nil, errors.New("nothing says what a record is made of: set messages, text, or user (or prompt)")
	case len(set) > 1:
		return nil, nil, fmt.Errorf("%s exclude each other", strings.Join(set, " and "))
	case len(c.Assistant) > 0 && len(c.Completion) > 0:
		return nil, nil, errors.New("assistant and completion exclude each other")
	case len(assistant) > 0 && len(user) == 0:
		return nil, nil, fmt.Errorf("%s and assistant exclude each other", set[0])
	case c.Messages == "" && len(c.Roles) > 0:
		return nil, nil, errors.New("roles need messages")
	case c.Messages != "" && len(c.System) > 1:
		return nil, nil, errors.New("system takes one column beside messages")
	case len(c.Text) > 0 && (len(c.System) > 0 || c.Tools != ""):
		return nil, nil, errors.New("a text has neither system nor tools")
	}
	for _, names := range []ColumnNames{c.Text, c.System, user, assistant} {
		for i, name := range names {
			if strings.TrimSuffix(name, "?") == "" || slices.Contains(names[:i], name) {
				return nil, nil, fmt.Errorf("the column name %q is empty or stands twice", name)
			}
		}
	}
	for label, name := range c.Labels {
		if label == "" || name == "" {
			return nil, nil, errors.New("a label or its column has no name")
		}
	}
	return user, assistant, nil
}

package sink

import (
	"github.com/parquet-go/parquet-go"
)

// group is a group of columns that keeps their order, where parquet.Group sorts
// them by name.
type group struct {
	parquet.Group
	order []string
}

// named is a node with its name.
type named struct {
	name string
	node parquet.Node
}

func groupOf(columns ...named) group {
	g := group{Group: parquet.Group{}}
	for _, c := range columns {
		g.Group[c.name] = c.node
		g.order = append(g.order, c.name)
	}
	return g
}

// Fields returns the columns in order.
func (g group) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.order))
	for i, name := range g.order {
		fields[i] = byName[name]
	}
	return fields
}

// tableSchema returns the schema of a form: the same for all runs with the same
// options, whatever the records hold.
func tableSchema(o Options) *parquet.Schema {
	text := parquet.String()
	optional := parquet.Optional(text)
	var columns []named
	if o.As == FormText {
		columns = append(columns, named{"text", text})
	} else {
		message := groupOf(
			named{"role", repeating(text)}, named{"content", text},
			named{"reasoning_content", optional}, named{"name", optional},
			named{"tool_calls", optional}, named{"tool_call_id", optional},
			named{"train", parquet.Optional(parquet.Leaf(parquet.BooleanType))},
		)
		columns = append(columns, named{"messages", parquet.List(message)}, named{"tools", optional})
	}
	if o.Extra != ExtraDrop {
		columns = append(columns, named{"extra", optional})
	}
	if o.SourceColumn != NoSource {
		columns = append(columns, named{o.SourceColumn, parquet.Optional(repeating(text))})
	}
	if o.Provenance {
		number := parquet.Int(64)
		columns = append(columns, named{"provenance", parquet.Optional(groupOf(
			named{"part", repeating(text)}, named{"path", repeating(text)},
			named{"row", number}, named{"sub", number}, named{"pass", number},
		))})
	}
	return parquet.NewSchema("record", groupOf(columns...))
}

// repeating marks a column whose values repeat.
func repeating(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.RLEDictionary) }

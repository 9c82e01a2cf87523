package parquetrows

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// kind is what a node of the plan makes.
type kind uint8

const (
	leafKind   kind = iota // a value of a column
	structKind             // an object
	listKind               // an array
	mapKind                // an object with the keys of a map
)

// node is the plan for one part of the schema.
type node struct {
	kind kind
	name string
	key  []byte // name as JSON with a colon
	// def is the definition level from which on the node is not null.
	def int
	// rep and some are those of a list or a map: the repetition level of a
	// further element, and the definition level from which on there is one.
	rep, some int
	// first and last bound the leaves of the node in the row group's columns.
	first, last int
	// children are the members of a struct, the element of a list, the key and
	// the value of a map.
	children []*node
	convert  convert // of a leaf
	text     bool    // the leaf is a string
}

// planner walks the schema, in the order of the file's footer.
type planner struct {
	schema []format.SchemaElement
	next   int // the element that comes next
	leaf   int // the number of the next leaf
}

// plan returns a node for each top-level column that is asked for.
func plan(root *parquet.Column, schema []format.SchemaElement, columns []string) ([]*node, error) {
	p := &planner{schema: schema, next: 1}
	var nodes []*node
	var names []string
	for _, c := range root.Columns() {
		n, err := p.node(c, 0)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name(), err)
		}
		if slices.Contains(names, n.name) {
			return nil, fmt.Errorf("the column %q stands twice in the file", n.name)
		}
		names = append(names, n.name)
		if columns == nil || slices.Contains(columns, n.name) {
			nodes = append(nodes, n)
		}
	}
	for _, c := range columns {
		if !slices.Contains(names, c) {
			return nil, fmt.Errorf("no column %q; the file has %s", c, strings.Join(names, ", "))
		}
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("no column to read; the file has %d", len(names))
	}
	return nodes, nil
}

// node plans the column c inside of one that is not null from definition level
// outer on.
func (p *planner) node(c *parquet.Column, outer int) (*node, error) {
	n, err := p.value(c)
	if err != nil || !c.Repeated() {
		return n, err
	}
	// A repeated field outside of a LIST is a list that is never null.
	n.def = c.MaxDefinitionLevel()
	return &node{
		kind: listKind, name: n.name, key: n.key, def: outer, rep: c.MaxRepetitionLevel(), some: n.def,
		first: n.first, last: n.last, children: []*node{n},
	}, nil
}

// value plans c as if it were not repeated.
func (p *planner) value(c *parquet.Column) (*node, error) {
	element := &p.schema[p.next]
	p.next++
	n := &node{name: c.Name(), key: append(jsonx.AppendString(nil, c.Name()), ':'), def: c.MaxDefinitionLevel(), first: p.leaf}
	if !utf8.ValidString(n.name) {
		return nil, fmt.Errorf("the name %q is not UTF-8", n.name)
	}
	var err error
	switch {
	case c.Leaf():
		p.leaf++
		n.convert, n.text, err = conversion(c, element)
	case isList(c, element):
		err = p.list(n, c)
	case isMap(c, element):
		err = p.mapping(n, c)
	default:
		n.kind = structKind
		n.children, err = p.members(c)
	}
	n.last = p.leaf
	if err == nil && n.first == n.last {
		err = fmt.Errorf("%q is a struct without members", n.name)
	}
	return n, err
}

func (p *planner) members(c *parquet.Column) ([]*node, error) {
	var children []*node
	for _, m := range c.Columns() {
		n, err := p.node(m, c.MaxDefinitionLevel())
		if err != nil {
			return nil, err
		}
		children = append(children, n)
	}
	return children, nil
}

// list plans the group c in which a repeated field holds the elements. By the
// rules of the format for old writers, the field itself is the element when it
// is no group, has several members, or is named "array" or like the list with
// "_tuple"; otherwise its only member is, whatever its name.
func (p *planner) list(n *node, c *parquet.Column) error {
	repeated := c.Columns()[0]
	n.kind, n.rep, n.some = listKind, repeated.MaxRepetitionLevel(), repeated.MaxDefinitionLevel()
	var element *node
	var err error
	if repeated.Leaf() || len(repeated.Columns()) != 1 || repeated.Name() == "array" || repeated.Name() == c.Name()+"_tuple" {
		element, err = p.value(repeated)
	} else {
		p.next++
		element, err = p.node(repeated.Columns()[0], n.some)
	}
	n.children = []*node{element}
	return err
}

// mapping plans the group c in which a repeated group holds keys and values.
func (p *planner) mapping(n *node, c *parquet.Column) error {
	repeated := c.Columns()[0]
	n.kind, n.rep, n.some = mapKind, repeated.MaxRepetitionLevel(), repeated.MaxDefinitionLevel()
	p.next++
	var err error
	n.children, err = p.members(repeated)
	return err
}

func isList(c *parquet.Column, e *format.SchemaElement) bool {
	_, logical := e.LogicalType.Value.(*format.ListType)
	legacy := e.ConvertedType.Valid && e.ConvertedType.V == deprecated.List
	return (logical || legacy) && len(c.Columns()) == 1 && c.Columns()[0].Repeated()
}

// isMap reports whether c is a map whose keys can be those of an object. Others
// are read as what they are made of, an array of pairs.
func isMap(c *parquet.Column, e *format.SchemaElement) bool {
	_, logical := e.LogicalType.Value.(*format.MapType)
	legacy := e.ConvertedType.Valid && (e.ConvertedType.V == deprecated.Map || e.ConvertedType.V == deprecated.MapKeyValue)
	if !logical && !legacy || len(c.Columns()) != 1 || !c.Columns()[0].Repeated() {
		return false
	}
	pair := c.Columns()[0].Columns()
	return len(pair) == 2 && pair[0].Leaf() && !pair[0].Repeated()
}

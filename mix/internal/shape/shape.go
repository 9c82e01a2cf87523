// Package shape holds a YAML or JSON document against a Go type before it is
// decoded, so that every fault is told with its line and in the words of the
// document.
package shape

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is a value that does not fit.
type Error struct {
	// Line counts from 1.
	Line int
	// Path leads to the value, as parts[0].rows; empty for the document.
	Path string
	// Reason says what is wrong and what would fit.
	Reason string
	// Err is the error of a type that decodes itself, nil for others.
	Err error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

func (e *Error) Unwrap() error { return e.Err }

// Check returns an *Error for the first value of a document that a variable of a
// type cannot hold: a key that no field has, a number with a fraction for an
// integer, a text that the type's UnmarshalJSON refuses. Documents that are no
// YAML are an error of the parser, and so are keys that stand twice.
func Check(data []byte, t reflect.Type) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return err
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return fault(doc.Body, "", "a second document begins here; a file holds one")
		}
		body = doc.Body
	}
	if body == nil {
		return &Error{Line: 1, Reason: "it is empty"}
	}
	c := &checker{anchors: map[string]ast.Node{}}
	return c.check(body, t, "")
}

func fault(n ast.Node, path, format string, args ...any) *Error {
	e := &Error{Path: path, Reason: fmt.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil && t.Position != nil {
		e.Line = t.Position.Line
	}
	return e
}

type checker struct {
	anchors map[string]ast.Node
	depth   int
	values  int
}

// maxDepth bounds how deep a document may be, maxValues how many values it may
// have, those behind aliases counted each time.
const (
	maxDepth  = 200
	maxValues = 1 << 20
)

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func (c *checker) check(n ast.Node, t reflect.Type, path string) error {
	if c.depth++; c.depth > maxDepth {
		return fault(n, path, "it is more than %d levels deep", maxDepth)
	}
	defer func() { c.depth-- }()
	if c.values++; c.values > maxValues {
		return fault(n, path, "it has more than %d values", maxValues)
	}
	switch x := n.(type) {
	case *ast.AnchorNode:
		c.anchors[x.Name.GetToken().Value] = x.Value
		return c.check(x.Value, t, path)
	case *ast.AliasNode:
		to, ok := c.anchors[x.Value.GetToken().Value]
		if !ok {
			return fault(n, path, "no anchor is called %q", x.Value.GetToken().Value)
		}
		return c.check(to, t, path)
	case *ast.TagNode:
		return c.check(x.Value, t, path)
	case *ast.NullNode:
		return nil // as if it were absent
	}
	if t.Kind() == reflect.Pointer {
		return c.check(n, t.Elem(), path)
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return unmarshal(n, t, path)
	}
	switch t.Kind() {
	case reflect.Struct:
		return c.mapping(n, path, func(key string) (reflect.Type, error) { return field(t, key) })
	case reflect.Map:
		return c.mapping(n, path, func(string) (reflect.Type, error) { return t.Elem(), nil })
	case reflect.Slice:
		s, ok := n.(*ast.SequenceNode)
		if !ok {
			return fault(n, path, "want a list, got %s", kind(n))
		}
		for i, v := range s.Values {
			if err := c.check(v, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	}
	return scalar(n, t.Kind(), path)
}

// mapping checks the values of an object; types names the type of each.
func (c *checker) mapping(n ast.Node, path string, types func(key string) (reflect.Type, error)) error {
	var values []*ast.MappingValueNode
	switch x := n.(type) {
	case *ast.MappingNode:
		values = x.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{x}
	default:
		return fault(n, path, "want keys with values, got %s", kind(n))
	}
	for _, v := range values {
		if v.Key.IsMergeKey() {
			if err := c.mapping(c.resolve(v.Value), path, types); err != nil {
				return err
			}
			continue
		}
		key := v.Key.GetToken().Value
		t, err := types(key)
		if err != nil {
			return fault(v.Key, path, "%v", err)
		}
		at := key
		if path != "" {
			at = path + "." + key
		}
		if err := c.check(v.Value, t, at); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) resolve(n ast.Node) ast.Node {
	if alias, ok := n.(*ast.AliasNode); ok {
		if to, ok := c.anchors[alias.Value.GetToken().Value]; ok {
			return to
		}
	}
	return n
}

// unmarshal lets a type that decodes itself judge a value.
func unmarshal(n ast.Node, t reflect.Type, path string) error {
	var v any
	if err := yaml.NodeToValue(n, &v); err != nil {
		return nil // an alias in it: the decoder will judge
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fault(n, path, "%v", err)
	}
	if err := reflect.New(t).Interface().(json.Unmarshaler).UnmarshalJSON(text); err != nil {
		e := fault(n, path, "%v", err)
		e.Err = err
		return e
	}
	return nil
}

func scalar(n ast.Node, k reflect.Kind, path string) error {
	text := n.GetToken().Value
	switch k {
	case reflect.String:
		switch n.(type) {
		case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			return nil
		}
		return fault(n, path, "want a text, got %s", kind(n))
	case reflect.Bool:
		if _, ok := n.(*ast.BoolNode); !ok {
			return fault(n, path, "want true or false, got %s", kind(n))
		}
		return nil
	case reflect.Float64:
		x, ok := number(n)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return fault(n, path, "want a number such as 0.5 or 1_000, got %s", kind(n))
		}
		return nil
	case reflect.Interface:
		return nil
	}
	x, ok := number(n)
	switch {
	case !ok || x != math.Trunc(x):
		return fault(n, path, "want a whole number such as 5000000 or 5_000_000, got %s", kind(n))
	case x < 0 && k >= reflect.Uint && k <= reflect.Uint64:
		return fault(n, path, "want a whole number from 0, got %s", text)
	case k == reflect.Int32 && math.Abs(x) > math.MaxInt32, !fits(n, x, k):
		return fault(n, path, "%s is out of range", text)
	}
	return nil
}

// number returns the value of a number, which may have underscores between its
// digits and quotes around it.
func number(n ast.Node) (float64, bool) {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	default:
		return 0, false
	}
	text := strings.TrimSpace(n.GetToken().Value)
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(i), true
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return x, err == nil
}

func fits(n ast.Node, x float64, k reflect.Kind) bool {
	text := strings.ReplaceAll(strings.TrimSpace(n.GetToken().Value), "_", "")
	if k >= reflect.Uint && k <= reflect.Uint64 {
		_, err := strconv.ParseUint(text, 0, 64)
		return err == nil || x < 1<<53 && x == math.Trunc(x)
	}
	_, err := strconv.ParseInt(text, 0, 64)
	return err == nil || math.Abs(x) < 1<<53 && x == math.Trunc(x)
}

// kind says what a value is, for messages.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	}
	text := n.GetToken().Value
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	return strconv.Quote(text)
}

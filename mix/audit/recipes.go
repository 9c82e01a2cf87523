package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/datamix-go/datamix/mix"
)

// FieldChange is one field that differs between two recipes.
type FieldChange struct {
	// Path is the field: "parts[math].share", with a part or stage by its name.
	Path string `json:"path"`
	// Old and New are the values as JSON text; "" where there is none.
	Old string `json:"old"`
	New string `json:"new"`
}

// RecipeDiff are the fields that differ, in their order.
type RecipeDiff []FieldChange

// Recipes compares two recipes field by field, through their groups to any
// depth. Parts and stages are matched by name, wherever they stand; another
// order is a change of its own, of "parts" for example. What a file cannot
// hold, such as filters that are Go values, is not compared.
func Recipes(older, newer *mix.Recipe) (RecipeDiff, error) {
	a, err := fields(older)
	if err != nil {
		return nil, err
	}
	b, err := fields(newer)
	if err != nil {
		return nil, err
	}
	var d RecipeDiff
	d.compare("", a, b)
	return d, nil
}

// fields returns a recipe as JSON does.
func fields(r *mix.Recipe) (any, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("datamix/mix/audit: %w", err)
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

func (d *RecipeDiff) compare(path string, a, b any) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			d.compareObjects(path, x, y)
			return
		}
	case []any:
		if y, ok := b.([]any); ok && named(x) && named(y) {
			d.compareNamed(path, x, y)
			return
		}
	}
	if old, now := text(path, a), text(path, b); old != now {
		*d = append(*d, FieldChange{path, old, now})
	}
}

func (d *RecipeDiff) compareObjects(path string, a, b map[string]any) {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		at := k
		if path != "" {
			at = path + "." + k
		}
		d.compare(at, a[k], b[k])
	}
}

// compareNamed compares lists of objects that have names.
func (d *RecipeDiff) compareNamed(path string, a, b []any) {
	inNew := map[string]any{}
	for _, v := range b {
		inNew[name(v)] = v
	}
	var shared []string
	for _, v := range a {
		n := name(v)
		at := path + "[" + n + "]"
		if other, ok := inNew[n]; ok {
			shared = append(shared, n)
			d.compare(at, v, other)
			delete(inNew, n)
		} else {
			*d = append(*d, FieldChange{at, text(at, v), ""})
		}
	}
	var order []string
	for _, v := range b {
		n := name(v)
		if _, added := inNew[n]; added {
			at := path + "[" + n + "]"
			*d = append(*d, FieldChange{at, "", text(at, v)})
		} else {
			order = append(order, n)
		}
	}
	if !slices.Equal(shared, order) {
		*d = append(*d, FieldChange{path, "in order " + strings.Join(shared, ", "), "in order " + strings.Join(order, ", ")})
	}
}

// named reports whether all values of a list are objects with different names.
func named(list []any) bool {
	seen := map[string]bool{}
	for _, v := range list {
		n := name(v)
		if n == "" || seen[n] {
			return false
		}
		seen[n] = true
	}
	return len(list) > 0
}

func name(v any) string {
	o, _ := v.(map[string]any)
	n, _ := o["name"].(string)
	return n
}

// text returns a value as JSON, "" for none. Shares are percentages.
func text(path string, v any) string {
	if v == nil {
		return ""
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if path == "share" || strings.HasSuffix(path, ".share") {
		var f mix.Fraction
		if f.UnmarshalJSON(data) == nil {
			return f.String()
		}
	}
	return string(data)
}

// String returns one line for each field.
func (d RecipeDiff) String() string {
	if len(d) == 0 {
		return "the recipes are the same\n"
	}
	var b strings.Builder
	for _, c := range d {
		switch {
		case c.Old == "":
			fmt.Fprintf(&b, "+ %s: %s\n", c.Path, c.New)
		case c.New == "":
			fmt.Fprintf(&b, "- %s: %s\n", c.Path, c.Old)
		default:
			fmt.Fprintf(&b, "~ %s: %s -> %s\n", c.Path, c.Old, c.New)
		}
	}
	return b.String()
}

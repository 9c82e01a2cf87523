package shape

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field returns the type of the field that a key names.
func field(t reflect.Type, key string) (reflect.Type, error) {
	fields := Fields(t)
	var known []string
	for _, f := range fields {
		if f.Key == key {
			return f.Type, nil
		}
		known = append(known, f.Key)
	}
	if like := nearest(key, known); like != "" {
		return nil, fmt.Errorf("unknown key %q; did you mean %s?", key, like)
	}
	return nil, fmt.Errorf("unknown key %q; known are %s", key, strings.Join(known, ", "))
}

// Field is one key of an object.
type Field struct {
	Key  string
	Type reflect.Type
	// In is the struct that has the field, Name what it is called there.
	In   reflect.Type
	Name string
	// Optional says that the field is left out where it is zero.
	Optional bool
}

// Fields lists the keys of a struct, those of embedded structs among them, in
// order.
func Fields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			out = append(out, Fields(f.Type)...)
		case !f.IsExported() || name == "-":
		default:
			if name == "" {
				name = f.Name
			}
			out = append(out, Field{name, f.Type, t, f.Name, slices.Contains(strings.Split(options, ","), "omitempty")})
		}
	}
	return out
}

// nearest returns the known key that is at most two edits away from one, empty
// if there is none.
func nearest(key string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := edits(key, k); d < distance && d < len(key) {
			best, distance = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d++
			}
			diagonal = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

package schema

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// fault is what is wrong with a row, and where in it: the column, and within a
// column the way down, such as "messages[3].content".
type fault struct {
	at  string
	msg string
	err error // what msg quotes, if anything
}

func (f *fault) Error() string { return f.at + " " + f.msg }
func (f *fault) Unwrap() error { return f.err }

// in puts a fault found inside of something where that is.
func (f *fault) in(outer string) *fault {
	f.at = outer + f.at
	return f
}

func wrongKind(at string, raw []byte, want string) *fault {
	return &fault{at: at, msg: "is " + kindOf(raw) + ", want " + want}
}

func kindOf(raw []byte) string {
	switch jsonx.KindOf(raw) {
	case jsonx.Null:
		return "null"
	case jsonx.Bool:
		return "a bool"
	case jsonx.Number:
		return "a number"
	case jsonx.String:
		return "a string"
	case jsonx.Array:
		return "an array"
	case jsonx.Object:
		return "an object"
	}
	return "no JSON value"
}

// decodeText decodes a JSON string of the row.
func decodeText(r *datamix.Record, at string, raw []byte) (string, *fault) {
	if jsonx.KindOf(raw) != jsonx.String {
		return "", wrongKind(at, raw, "string")
	}
	s, err := r.DecodeText(raw)
	if err != nil {
		return "", &fault{at, "cannot be decoded: " + err.Error(), err}
	}
	return s, nil
}

func isNull(raw []byte) bool { return jsonx.KindOf(raw) == jsonx.Null }

// bytesOf and stringOf look at the same memory as the other type. Nobody writes
// to either: rows do not change.
func bytesOf(s string) []byte  { return unsafe.Slice(unsafe.StringData(s), len(s)) }
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// find returns the column of that name. With fold, name is in the form of
// folded, and any column that folds to it is meant.
func find(r *datamix.Record, name string, fold bool) (datamix.Field, bool) {
	fields := r.Fields()
	for i := range fields {
		if fields[i].Name == name || fold && folded(fields[i].Name) == name {
			return fields[i], true
		}
	}
	return datamix.Field{}, false
}

// folded spells a column name in lower case with "_" between words.
func folded(name string) string {
	return wordBreaks.Replace(strings.ToLower(strings.TrimSpace(name)))
}

var wordBreaks = strings.NewReplacer(" ", "_", "-", "_")

// firstOf returns the first of the columns that the row has and that is not
// null.
func firstOf(r *datamix.Record, names []string, fold bool) (datamix.Field, bool) {
	for _, name := range names {
		if f, ok := find(r, name, fold); ok && !f.IsNull() {
			return f, true
		}
	}
	return datamix.Field{}, false
}

// missing says that a row has none of the columns, or only null in them.
func missing(r *datamix.Record, names []string, fold bool) error {
	for _, name := range names {
		if f, ok := find(r, name, fold); ok {
			return fmt.Errorf("the column %q is null, want a value", f.Name)
		}
	}
	want := fmt.Sprintf("%q", names[0])
	for _, name := range names[1:] {
		want += fmt.Sprintf(" or %q", name)
	}
	return fmt.Errorf("the row has no column %s; it has %s", want, columnsOf(r))
}

// columnsOf lists the columns of a row with their types.
func columnsOf(r *datamix.Record) string {
	if len(r.Fields()) == 0 {
		return "none"
	}
	var b strings.Builder
	for i, f := range r.Fields() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%s)", f.Name, f.Kind())
	}
	return b.String()
}

// spelledText returns the text of a column that is a string, and that of a number
// or bool as it stands.
func spelledText(r *datamix.Record, f datamix.Field) (string, error) {
	if k := f.Kind(); k == "number" || k == "bool" {
		return f.JSON(), nil
	}
	return fieldText(r, f)
}

// fieldText returns the text of a column that must be a string.
func fieldText(r *datamix.Record, f datamix.Field) (string, error) {
	if k := f.Kind(); k != "string" {
		want := "string"
		if k == "number" || k == "bool" {
			want += " (a mapping of columns takes it as it stands)"
		}
		return "", wrongKind(f.Name, bytesOf(f.JSON()), want)
	}
	return textOf(r, f)
}

// textOf returns the text of a string that is a column of the row or lies inside
// of one.
func textOf(r *datamix.Record, f datamix.Field) (string, error) { return r.DecodeField(f) }

// fieldJSON returns the JSON value of a column: its own, or the one that its
// text spells. ok is false for text that does not begin like an array or an
// object.
func fieldJSON(r *datamix.Record, f datamix.Field) (raw []byte, ok bool, err error) {
	switch f.Kind() {
	case "array", "object":
		return bytesOf(f.JSON()), true, nil
	case "string":
		text, err := textOf(r, f)
		if err != nil {
			return nil, false, err
		}
		text = strings.TrimSpace(text)
		if text == "" || text[0] != '[' && text[0] != '{' {
			return nil, false, nil
		}
		raw = bytesOf(text)
		if err := jsonx.Valid(raw); err != nil {
			return nil, false, &fault{f.Name, "is a string that is not valid JSON: " + err.Error(), err}
		}
		return raw, true, nil
	}
	return nil, false, nil
}

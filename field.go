package datamix

import (
	"encoding/json"
	"fmt"
	"strings"
	"unsafe"

	"github.com/bytedance/sonic"

	"github.com/datamix-go/datamix/internal/jsonx"
)

// Field is one column of a row, or one key of a message: a name and a value
// that is kept as it was read and decoded only on demand.
type Field struct {
	Name  string
	value string
	plain bool // value is text, not JSON
	used  bool // an adapter has taken the value into the record
	valid bool // value was checked to be JSON
}

// JSONField returns a field whose value is the JSON text raw, which must be
// one valid JSON value.
func JSONField(name, raw string) Field { return Field{Name: name, value: raw} }

// TextField returns a field whose value is a string, as in CSV.
func TextField(name, text string) Field { return Field{Name: name, value: text, plain: true} }

// JSON returns the value as JSON text: for a row that was JSON the very bytes
// of the row.
func (f Field) JSON() string {
	if f.plain {
		return string(jsonx.AppendString(nil, f.value))
	}
	return f.value
}

// AppendJSON appends the value as JSON text to dst.
func (f Field) AppendJSON(dst []byte) []byte {
	if f.plain {
		return jsonx.AppendString(dst, f.value)
	}
	return append(dst, f.value...)
}

// Kind returns the JSON type of the value: "null", "bool", "number", "string",
// "array" or "object".
func (f Field) Kind() string {
	if f.plain {
		return "string"
	}
	switch jsonx.KindOf(f.bytes()) {
	case jsonx.Null:
		return "null"
	case jsonx.Bool:
		return "bool"
	case jsonx.Number:
		return "number"
	case jsonx.String:
		return "string"
	case jsonx.Array:
		return "array"
	case jsonx.Object:
		return "object"
	}
	return "invalid"
}

// IsNull reports whether the value is null.
func (f Field) IsNull() bool { return !f.plain && f.value == "null" }

// Text returns the value of a string field. For null it returns "". Other
// types, lone surrogates and invalid UTF-8 are errors.
func (f Field) Text() (string, error) { return f.text(nil) }

func (f Field) text(buf *[]byte) (string, error) {
	if f.plain {
		return f.value, nil
	}
	if f.value == "null" {
		return "", nil
	}
	if k := jsonx.KindOf(f.bytes()); k != jsonx.String {
		return "", fmt.Errorf("field %q is %s, want string", f.Name, article(f.Kind()))
	}
	decode := jsonx.Text
	if f.valid {
		decode = jsonx.ValidText
	}
	s, err := decode(f.bytes(), buf)
	if err != nil {
		return "", fmt.Errorf("field %q: %w", f.Name, err)
	}
	return s, nil
}

// Decode decodes the value into v, with the rules of encoding/json.
func (f Field) Decode(v any) error {
	if err := sonic.ConfigStd.UnmarshalFromString(f.JSON(), v); err != nil {
		return fmt.Errorf("field %q: %w", f.Name, err)
	}
	return nil
}

// scalar returns the value of a string, number or bool as text.
func (f Field) scalar() (string, bool) {
	if f.plain {
		return f.value, true
	}
	switch jsonx.KindOf(f.bytes()) {
	case jsonx.String:
		s, err := jsonx.Text(f.bytes(), nil)
		return s, err == nil
	case jsonx.Number, jsonx.Bool:
		return f.value, true
	}
	return "", false
}

// MarshalJSON returns the value.
func (f Field) MarshalJSON() ([]byte, error) { return json.RawMessage(f.JSON()), nil }

func (f Field) bytes() []byte { return unsafe.Slice(unsafe.StringData(f.value), len(f.value)) }

func cloneFields(fs []Field) []Field {
	if fs == nil {
		return nil
	}
	out := make([]Field, len(fs))
	for i, f := range fs {
		f.Name, f.value = strings.Clone(f.Name), strings.Clone(f.value)
		out[i] = f
	}
	return out
}

func article(kind string) string {
	switch kind {
	case "array", "object":
		return "an " + kind
	case "null":
		return kind
	}
	return "a " + kind
}

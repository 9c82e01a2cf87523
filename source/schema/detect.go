package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// ErrNoSchema is in the error of Detect for a row that no schema fits.
var ErrNoSchema = errors.New("datamix: no schema fits the columns")

// ErrAmbiguous is in the error of Detect for a row that several schemas fit
// equally well.
var ErrAmbiguous = errors.New("datamix: more than one schema fits the columns")

const mapColumns = "name the schema, or map the columns: `columns: {user: [...], assistant: ...}`, `{messages: ...}` or `{text: ...}`"

// Detect finds the schema of a row by its columns and, where names do not
// settle it, the shape of the values. It is meant for the first row of a file;
// the adapter then serves all of them. The package documentation has the order
// in which schemas are tried. The error wraps ErrNoSchema or ErrAmbiguous and
// lists the columns and the schemas.
func Detect(r *datamix.Record) (name string, a Adapter, err error) {
	// Columns that are null count as absent unless nothing fits then, and so does
	// the exact spelling of names.
	for _, v := range []view{{r: r}, {r: r, fold: true}, {r: r, nulls: true}, {r: r, fold: true, nulls: true}} {
		d, err := v.detect()
		if err != nil {
			return "", nil, fmt.Errorf("%w: %w; %s", ErrAmbiguous, err, mapColumns)
		}
		if d != nil {
			return d.name, d.adapter(&settings{fold: v.fold}), nil
		}
	}
	var known strings.Builder
	for _, d := range definitions {
		fmt.Fprintf(&known, "\n  %s: %s", d.name, d.columns)
	}
	return "", nil, fmt.Errorf("%w: the row has %s; %s%s; known schemas:%s", ErrNoSchema, columnsOf(r), hint(r), mapColumns, known.String())
}

// hint says what a row looks like that no schema fits.
func hint(r *datamix.Record) string {
	v := view{r: r}
	if v.column("message_tree_id") != "" && v.column("message_id") != "" {
		return "it looks like one message of a conversation tree: name the schema oasst_messages, which joins the rows of a tree; "
	}
	if v.column("role") != "" && v.column("text", "content", "message_id") != "" {
		return "it looks like one message of a conversation that is spread over several rows, which must be joined into one row first; "
	}
	for _, f := range r.Fields() {
		first, ok := firstElement(v.json(f.Name))
		if !ok || jsonx.KindOf(first) != jsonx.Object {
			continue
		}
		role, _ := member(first, "role")
		from, _ := member(first, "from")
		if role != nil || from != nil || isExchange(first) {
			return fmt.Sprintf("%q looks like a list of messages: `columns: {messages: %s}`; ", f.Name, f.Name)
		}
	}
	return ""
}

// view is how a detection looks at a row.
type view struct {
	r     *datamix.Record
	fold  bool // names in any case
	nulls bool // null columns count
}

// claim is a schema that fits, with the columns for which it does.
type claim struct {
	*definition
	columns []string
}

// detect returns the schema that fits best, nil if none does, or what is
// ambiguous.
func (v view) detect() (*definition, error) {
	var best []claim
	var text *claim
	for i := range definitions {
		d := &definitions[i]
		columns := d.fits(v)
		switch {
		case columns == nil || d.tier == lone && v.answered():
		case d.tier == exact && len(best) == 0:
			return d, nil
		case d.tier == document:
			text = &claim{d, columns}
		case len(best) == 0 || d.tier == best[0].tier:
			best = append(best, claim{d, columns})
		}
	}
	switch {
	case text != nil && (len(best) == 0 || best[0].tier == lone):
		return text.definition, nil
	case len(best) == 0:
		return nil, nil
	}
	for _, other := range best[1:] {
		if best[0].rivals(v, other) {
			return nil, rivalry(best[0], other)
		}
	}
	if text != nil && best[0].tier == columned && best[0].textRivals(v, text.columns[0]) {
		return nil, rivalry(best[0], *text)
	}
	return best[0].definition, nil
}

func rivalry(a, b claim) error {
	return fmt.Errorf("%s claims %s, %s claims %s", a.name, strings.Join(a.columns, ", "), b.name, strings.Join(b.columns, ", "))
}

// rivals reports whether two schemas of a tier fit columns of which none is the
// same, and none of the lists either.
func (c claim) rivals(v view, other claim) bool {
	for _, a := range c.columns {
		if slices.Contains(other.columns, a) {
			return false
		}
	}
	if c.tier == chatList {
		a, _ := find(v.r, c.columns[0], v.fold)
		b, _ := find(v.r, other.columns[0], v.fold)
		return a.JSON() != b.JSON()
	}
	return true
}

// textRivals reports whether a text beside an exchange says something else. It
// does not where it is a rendering of the exchange, and so holds its answer, or
// where it is part of it.
func (c claim) textRivals(v view, column string) bool {
	if slices.Contains(c.columns, column) {
		return false
	}
	text, _ := find(v.r, column, v.fold)
	answer, _ := find(v.r, c.columns[len(c.columns)-1], v.fold)
	whole, err := text.Text()
	part, err2 := spelledText(v.r, answer)
	return err != nil || err2 != nil || !strings.Contains(whole, strings.TrimSpace(part))
}

// column returns the first of the columns that counts, "" if there is none.
func (v view) column(names ...string) string {
	for _, name := range names {
		if f, ok := find(v.r, name, v.fold); ok && (v.nulls || !f.IsNull()) {
			return name
		}
	}
	return ""
}

// json returns the JSON value of a column, nil if it has none.
func (v view) json(name string) []byte {
	f, ok := find(v.r, name, v.fold)
	if !ok {
		return nil
	}
	if f.IsNull() && v.nulls {
		return []byte("null")
	}
	raw, ok, err := fieldJSON(v.r, f)
	if !ok || err != nil {
		return nil
	}
	return raw
}

// needs fits rows that have all of the columns.
func needs(names ...string) func(view) []string {
	return func(v view) []string {
		for _, name := range names {
			if v.column(name) == "" {
				return nil
			}
		}
		return names
	}
}

// fitsList fits rows that have a list in one of the columns, whose first element
// begins with that byte. An empty list fits as well.
func fitsList(first byte, names ...string) func(view) []string {
	return func(v view) []string {
		for _, name := range names {
			raw := v.json(name)
			if jsonx.KindOf(raw) == jsonx.Null && v.nulls && first == '{' {
				return []string{name}
			}
			if jsonx.KindOf(raw) != jsonx.Array {
				continue
			}
			list, _ := jsonx.OpenArray(raw)
			element, ok, err := list.Next()
			if err == nil && (!ok && first == '{' || ok && element[0] == first) {
				return []string{name}
			}
		}
		return nil
	}
}

// fitsExchanges fits rows that have a list in which the first element is a whole
// exchange. Under "data" that is a pair of texts: objects there are the rows of
// a table.
func fitsExchanges(v view) []string {
	for _, name := range []string{"conversations", "conversation", "dialog", "messages", "data"} {
		first, ok := firstElement(v.json(name))
		if ok && isExchange(first) && (name != "data" || jsonx.KindOf(first) == jsonx.Array) {
			return []string{name}
		}
	}
	return nil
}

// firstElement returns the first element of the array raw.
func firstElement(raw []byte) ([]byte, bool) {
	if jsonx.KindOf(raw) != jsonx.Array {
		return nil, false
	}
	list, err := jsonx.OpenArray(raw)
	if err != nil {
		return nil, false
	}
	element, ok, err := list.Next()
	return element, ok && err == nil
}

var transcriptColumns = []string{"chat", "conversation", "conversations", "dialog"}

// fitsTranscript fits rows that have a transcript in one of the columns.
func fitsTranscript(v view) []string {
	for _, name := range transcriptColumns {
		f, ok := find(v.r, name, v.fold)
		if !ok || f.Kind() != "string" {
			continue
		}
		if text, err := fieldText(v.r, f); err == nil && castOf(text) != nil {
			return []string{name}
		}
	}
	return nil
}

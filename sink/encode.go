package sink

import (
	"errors"
	"slices"
	"strconv"
	"unsafe"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// encoder makes JSON rows of records. It belongs to one goroutine.
type encoder struct {
	o       Options
	taken   []string // names of top-level columns that are not the row's
	form    func(e *encoder, dst []byte, r *datamix.Record) ([]byte, error)
	scratch []byte
}

// newEncoder takes resolved options.
func newEncoder(o Options) *encoder {
	e := &encoder{o: o, form: appendMessagesForm}
	switch o.As {
	case FormShareGPT:
		e.form = appendShareGPT
	case FormAlpaca:
		e.form = appendAlpaca
	case FormPromptCompletion:
		e.form = appendPromptCompletion
	case FormText:
		e.form = appendText
	case FormRaw:
		e.form = appendRaw
	}
	e.taken = ownColumns(o.As)
	if o.SourceColumn != NoSource {
		e.taken = append(e.taken, o.SourceColumn)
	}
	if o.Provenance {
		e.taken = append(e.taken, "provenance")
	}
	return e
}

// appendLine appends the record as one line. On an error, a
// *datamix.RecordError, dst comes back as it was.
func (e *encoder) appendLine(dst []byte, r *datamix.Record) ([]byte, error) {
	out, err := e.form(e, dst, r)
	if err != nil {
		return out[:len(dst)], writeError(r, err)
	}
	return append(out, '\n'), nil
}

// writeError says that r cannot be written.
func writeError(r *datamix.Record, err error) error {
	raw, _ := r.Raw()
	return &datamix.RecordError{Stage: "write", Origin: r.Origin, Err: err, Raw: raw}
}

// appendTail appends what stands after the columns of a form, and closes the
// row.
func (e *encoder) appendTail(dst []byte, r *datamix.Record) []byte {
	switch e.o.Extra {
	case ExtraJSON:
		e.scratch = appendExtra(e.scratch[:0], r)
		dst = appendOptional(dst, `,"extra":`, stringOf(e.scratch))
	case ExtraColumns:
		for f := range r.Extra() {
			dst = append(dst, ',')
			dst = appendMember(dst, freeName(f.Name, e.taken, r.Fields()), f)
		}
	}
	if e.o.SourceColumn != NoSource && r.Origin.Source != "" {
		dst = append(dst, ',')
		dst = jsonx.AppendString(dst, e.o.SourceColumn)
		dst = append(dst, ':')
		dst = jsonx.AppendString(dst, r.Origin.Source)
	}
	if e.o.Provenance {
		dst = append(dst, `,"provenance":`...)
		dst = appendProvenance(dst, r.Origin)
	}
	return append(dst, '}')
}

func appendProvenance(dst []byte, o datamix.Origin) []byte {
	dst = append(dst, `{"part":`...)
	dst = jsonx.AppendString(dst, o.Source)
	dst = append(dst, `,"path":`...)
	dst = jsonx.AppendString(dst, o.Path)
	dst = append(dst, `,"row":`...)
	dst = strconv.AppendInt(dst, o.Row, 10)
	dst = append(dst, `,"sub":`...)
	dst = strconv.AppendInt(dst, int64(o.Sub), 10)
	dst = append(dst, `,"pass":`...)
	dst = strconv.AppendInt(dst, int64(o.Pass), 10)
	return append(dst, '}')
}

// appendRaw appends the row as it was read.
func appendRaw(_ *encoder, dst []byte, r *datamix.Record) ([]byte, error) {
	start := len(dst)
	if raw, ok := r.Raw(); ok {
		return oneLine(append(dst, raw...), start), nil
	}
	if r.Changed() {
		if r.IsText() {
			return dst, errors.New("form raw writes rows as they were read, and this record was made or changed since: use form text")
		}
		return dst, errors.New("form raw writes rows as they were read, and this record was made or changed since: use form messages")
	}
	dst = append(dst, '{')
	for i, f := range r.Fields() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendMember(dst, f.Name, f)
	}
	return append(dst, '}'), nil
}

// appendMember appends a field under a name. A value that spans lines, as one of
// an indented document may, is put on one.
func appendMember(dst []byte, name string, f datamix.Field) []byte {
	dst = jsonx.AppendString(dst, name)
	dst = append(dst, ':')
	start := len(dst)
	dst = f.AppendJSON(dst)
	return oneLine(dst, start)
}

// oneLine takes the line breaks out of the JSON value dst[start:].
func oneLine(dst []byte, start int) []byte {
	for _, c := range dst[start:] {
		if c == '\n' || c == '\r' {
			value := slices.Clone(dst[start:])
			return jsonx.AppendCompact(dst[:start], value)
		}
	}
	return dst
}

func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

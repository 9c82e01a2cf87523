package source

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
	"github.com/datamix-go/datamix/source/schema"
)

// start is the start of a file, decompressed, by which its format is told.
type start struct {
	name  string
	head  []byte
	whole bool // head is all of the file
}

var (
	magicParquet = []byte("PAR1")
	magicArrow   = []byte("ARROW1")
	magicStream  = []byte("\xff\xff\xff\xff") // Arrow IPC stream
	magicZip     = []byte("PK\x03\x04")
)

// layout is how a file is to be cut.
type layout struct {
	format Format
	box    bool // JSON: the array is inside of an object
}

// layout finds the format of a file.
func (s start) layout(o *settings) (layout, error) {
	format := o.Format
	if err := unreadable(s.head); err != nil {
		return layout{}, err
	}
	trimmed := bytes.TrimLeft(s.head, " \t\r\n")
	if format == "" {
		var err error
		if format, err = s.guess(trimmed, o); err != nil {
			return layout{}, err
		}
	}
	l := layout{format: format}
	if format == JSON && len(trimmed) > 0 {
		switch {
		case trimmed[0] == '{':
			l.box = o.At != "" || s.isBox(trimmed, o)
		case o.At != "":
			return l, fmt.Errorf("the option \"at\" is %q, but the file does not start with an object", o.At)
		case trimmed[0] != '[':
			return l, fmt.Errorf("the file starts with %q, want an array or an object", trimmed[0])
		}
	}
	return l, s.fits(l.format, o)
}

// unreadable names formats that are known and not read.
func unreadable(head []byte) error {
	switch {
	case bytes.HasPrefix(head, magicArrow), bytes.HasPrefix(head, magicStream):
		return errors.New("the file is Arrow IPC, which is not supported: convert it to Parquet, with pyarrow.parquet.write_table for example")
	case bytes.HasPrefix(head, magicZip):
		return errors.New("the file is a zip archive: open it with archive/zip and pass that file system to Files")
	}
	return nil
}

// fits finds options that do not go with the format that was found.
func (s start) fits(f Format, o *settings) error {
	switch {
	case len(s.head) == 0:
		return nil
	case o.At != "" && f != JSON:
		return fmt.Errorf("the option \"at\" is set, but the file is %s", f)
	case o.CSV != nil && f != CSV && f != TSV:
		return fmt.Errorf("the option csv is set, but the file is %s", f)
	case o.Text != nil && f != Text:
		return fmt.Errorf("the option text is set, but the file is %s", f)
	case o.Parquet != nil && f != Parquet:
		return fmt.Errorf("the option parquet is set, but the file is %s", f)
	case f == TSV && o.csv.Comma != 0 && o.csv.Comma != '\t':
		return fmt.Errorf("the option csv.comma is %q, but the file is tsv: set the option format to csv", o.csv.Comma)
	}
	return nil
}

// guess tells the format by the content, and where that leaves it open by the
// name.
func (s start) guess(trimmed []byte, o *settings) (Format, error) {
	named := formatOfName(s.name)
	switch {
	case bytes.HasPrefix(s.head, magicParquet):
		return Parquet, nil
	case len(trimmed) == 0:
		if named == Text || o.Text != nil {
			return Text, nil
		}
		return JSONL, nil // no rows, whatever it is
	case o.At != "":
		return JSON, nil
	case o.Text != nil:
		return Text, nil
	case o.CSV != nil && named != TSV:
		return s.separated(CSV)
	case trimmed[0] == '{' && startsJSON(trimmed):
		return s.objects(trimmed, o), nil
	case trimmed[0] == '[' && startsJSON(trimmed):
		if line, _, _ := bytes.Cut(trimmed, []byte("\n")); s.arrays(line, trimmed[len(line):]) {
			return "", errors.New("the lines of the file are arrays, want objects with named columns")
		}
		return JSON, nil
	case named == Parquet:
		return "", errors.New("the file does not start as Parquet does")
	case named != "":
		return named, nil
	}
	return s.separated("")
}

// separated tells CSV from TSV where the name does not.
func (s start) separated(otherwise Format) (Format, error) {
	for _, f := range []Format{TSV, CSV} {
		d := dialect{comma: commaOf(f)}
		d.quoted = quoting(d.comma, s.head, s.whole)
		rows, _, bad := d.sampleCells(s.head, s.whole)
		if bad == 0 && sameWidth(rows) {
			return f, nil
		}
	}
	if otherwise != "" {
		return otherwise, nil
	}
	return "", fmt.Errorf("neither the start of the file nor its name tells the format: set the option format to one of %v", formats)
}

func commaOf(f Format) byte {
	if f == TSV {
		return '\t'
	}
	return ','
}

// startsJSON reports whether text that starts with a bracket goes on as JSON
// does, and not as a line of prose such as "[1] See page 4".
func startsJSON(d []byte) bool {
	rest := bytes.TrimLeft(d[1:], " \t\r\n")
	if len(rest) == 0 {
		return true
	}
	if d[0] == '{' {
		return rest[0] == '"' || rest[0] == '}'
	}
	var s jsonScan
	end, state := s.next(rest, 0)
	if state == scanMore || rest[0] == '{' || rest[0] == ']' {
		return true
	}
	after := bytes.TrimLeft(rest[end:], " \t\r\n")
	return len(after) == 0 || after[0] == ',' || after[0] == ']' && jsonx.Valid(rest[:end]) == nil && rest[0] == '"'
}

// arrays reports whether line is an array, and another one follows on the next.
func (s start) arrays(line, rest []byte) bool {
	next := bytes.TrimLeft(rest, " \t\r\n")
	return isValue(line) && len(next) > 0 && next[0] == '['
}

// isValue reports whether line holds one whole array or object and nothing else.
func isValue(line []byte) bool {
	var s jsonScan
	end, state := s.next(line, 0)
	return state == scanDone && len(bytes.TrimSpace(line[end:])) == 0
}

// objects tells lines of objects from objects over several lines. A file is
// JSONL if its first line is one whole object, or its name says so and that
// holds of the second line, or the line is too long to see its end.
func (s start) objects(trimmed []byte, o *settings) Format {
	jsonl := formatOfName(s.name) == JSONL
	line, rest, more := bytes.Cut(trimmed, []byte("\n"))
	if isValue(line) {
		if !jsonl && len(bytes.TrimSpace(rest)) == 0 && s.whole && s.isBox(trimmed, o) {
			return JSON
		}
		return JSONL
	}
	if !jsonl {
		return JSON
	}
	if second, _, _ := bytes.Cut(rest, []byte("\n")); len(second) > 0 && second[0] == '{' && isValue(second) {
		return JSONL
	}
	var first jsonScan
	if _, state := first.next(line, 0); state == scanMore && !more {
		return JSONL
	}
	return JSON
}

// inRecords are keys under which a record has an array of objects itself.
var inRecords = map[string]bool{
	"messages": true, "conversations": true, "conversation": true, "turns": true, "dialog": true, "dialogue": true,
	"tools": true, "functions": true, "function": true, "chosen": true, "rejected": true, "replies": true, "instances": true,
}

// isBox reports whether the object at the start of a file is one around the
// array of records rather than a record: it is the only value in the file, no
// schema fits it, and it has an array of objects under a key that records do
// not have.
func (s start) isBox(trimmed []byte, o *settings) bool {
	var scan jsonScan
	end, state := scan.next(trimmed, 0)
	if state == scanDone {
		if len(bytes.TrimSpace(trimmed[end:])) > 0 || !s.whole || o.fitsRecord(trimmed[:end]) {
			return false
		}
	}
	b := newJSONBox(newWindow(bytes.NewReader(trimmed), int64(len(trimmed))+1), "")
	found, _ := b.next()
	return found && !inRecords[b.found]
}

// fitsRecord reports whether an object can be adapted.
func (s *settings) fitsRecord(raw []byte) bool {
	r, err := (*datamix.Arena)(nil).JSON(raw, datamix.Origin{})
	if err != nil {
		return false
	}
	a := s.adapter
	if a == nil {
		if _, a, err = schema.Detect(r); err != nil {
			return false
		}
	}
	return a.Adapt(r, func(*datamix.Record) {}) == nil
}

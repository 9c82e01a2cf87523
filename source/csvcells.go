package source

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/datamix-go/datamix"
)

// split cuts a row that a csvCutter cut into cells and appends them to dst. The
// cells share memory with raw as far as they can.
func (d dialect) split(dst []string, raw []byte) []string {
	for {
		var cell string
		var more bool
		if d.quoted && len(raw) > 0 && raw[0] == '"' {
			cell, raw, more = d.quotedCell(raw[1:])
		} else {
			n := bytes.IndexByte(raw, d.comma)
			if more = n >= 0; more {
				cell, raw = text(raw[:n]), raw[n+1:]
			} else {
				cell = text(raw)
			}
		}
		if d.unescape {
			cell = strings.ReplaceAll(cell, `\n`, "\n")
		}
		dst = append(dst, cell)
		if !more {
			return dst
		}
	}
}

// quotedCell returns the content of the cell that starts behind a quote, and
// what follows the comma behind it.
func (d dialect) quotedCell(raw []byte) (cell string, rest []byte, more bool) {
	doubled := false
	for i := 0; ; i++ {
		n := bytes.IndexByte(raw[i:], '"')
		if n < 0 {
			return text(raw), nil, false
		}
		if i += n; i+1 < len(raw) && raw[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		cell = text(raw[:i])
		if doubled {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		if i+1 >= len(raw) {
			return cell, nil, false
		}
		return cell, raw[i+2:], true
	}
}

// text returns b as a string without copying it; b must not change any more.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// csvTable makes records of the rows of one file.
type csvTable struct {
	dialect dialect
	names   []string
	why     string // where the number of columns comes from
}

// record makes the record of one row.
func (t *csvTable) record(d *decoder, r row, o datamix.Origin) (*datamix.Record, error) {
	d.cells = t.dialect.split(d.cells[:0], r.raw)
	if len(d.cells) != len(t.names) {
		return nil, fmt.Errorf("the row has %d columns, want %d as in %s", len(d.cells), len(t.names), t.why)
	}
	d.fields = d.fields[:0]
	for i, c := range d.cells {
		d.fields = append(d.fields, datamix.TextField(t.names[i], c))
	}
	return d.arena.Row(d.fields, o)
}

// newTable finds the dialect and the columns of a file of separated values. skip
// says that its first row is the header.
func newTable(s start, f Format, o *settings) (t *csvTable, skip bool, err error) {
	t = &csvTable{dialect: dialect{comma: commaOf(f), unescape: o.csv.Unescape}}
	if o.csv.Comma != 0 {
		t.dialect.comma = byte(o.csv.Comma)
	} else if f == CSV {
		t.dialect.comma = s.comma()
	}
	switch o.csv.Quotes {
	case QuotesCSV:
		t.dialect.quoted = true
	case "", QuotesAuto:
		t.dialect.quoted = quoting(t.dialect.comma, s.head, s.whole)
	}
	rows, _, _ := t.dialect.sampleCells(s.head, s.whole)
	if len(rows) == 0 {
		return t, false, nil
	}
	switch o.csv.Header {
	case HeaderYes:
		skip = true
	case "", HeaderAuto:
		skip = o.isHeader(rows)
	}
	switch {
	case len(o.csv.Names) > 0:
		t.names, t.why = o.csv.Names, "the option csv.names"
	case skip:
		t.names, t.why = named(rows[0]), "the header"
	default:
		t.names, t.why = named(make([]string, len(rows[0]))), "the first row"
	}
	seen := map[string]bool{}
	for _, n := range t.names {
		if seen[n] {
			return nil, false, fmt.Errorf("the header has the column %q twice: set the option csv.names", n)
		}
		seen[n] = true
	}
	return t, skip, nil
}

// named gives the cells of a header without a name one by their number.
func named(header []string) []string {
	names := make([]string, len(header))
	for i, n := range header {
		if names[i] = strings.Clone(n); n == "" {
			names[i] = "col" + strconv.Itoa(i)
		}
	}
	return names
}

// isHeader decides with HeaderAuto.
func (s *settings) isHeader(rows [][]string) bool {
	if len(s.csv.Names) > 0 {
		return slices.Equal(rows[0], s.csv.Names)
	}
	if s.Columns != nil {
		return s.namesColumns(rows[0])
	}
	return hasHeader(rows)
}

// namesColumns reports whether every column of Options.Columns that a row must
// have is in header.
func (s *settings) namesColumns(header []string) bool {
	c := s.Columns
	names := slices.Concat([]string{c.Messages, c.Tools}, c.Text, c.System, c.User, c.Assistant, c.Prompt, c.Completion)
	for _, n := range c.Labels {
		names = append(names, n)
	}
	found := false
	for _, n := range names {
		outer, _, _ := strings.Cut(n, ".")
		switch {
		case n == "":
		case slices.Contains(header, n), slices.Contains(header, outer), slices.Contains(header, strings.TrimSuffix(n, "?")):
			found = true
		case !strings.HasSuffix(n, "?"):
			return false
		}
	}
	return found
}

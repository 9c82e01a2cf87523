package source

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
)

// sampledRows is how many rows of a sample are looked at.
const sampledRows = 1000

// sampleCells reads the rows of the start of a file, and how many of them are
// bad. A row that the sample cuts short is left out.
func (d dialect) sampleCells(head []byte, whole bool) (rows [][]string, raws [][]byte, bad int) {
	c := csvCutter{w: newWindow(bytes.NewReader(head), int64(len(head))+1), d: d}
	for len(rows)+bad < sampledRows {
		r, ok, _ := c.cut()
		if !ok || !whole && len(c.w.rest()) == 0 && c.w.end != nil {
			break
		}
		if r.err != nil {
			bad++
			continue
		}
		rows = append(rows, d.split(nil, r.raw))
		raws = append(raws, r.raw)
	}
	return rows, raws, bad
}

// comma returns what stands between the cells of a file that is called CSV: a
// comma, unless the first row has none and something else cuts all rows into
// the same number of cells.
func (s start) comma() byte {
	rows, _, _ := dialect{comma: ',', quoted: quoting(',', s.head, s.whole)}.sampleCells(s.head, s.whole)
	if len(rows) == 0 || len(rows[0]) > 1 {
		return ','
	}
	for _, comma := range []byte{';', '\t', '|'} {
		d := dialect{comma: comma, quoted: quoting(comma, s.head, s.whole)}
		if rows, _, bad := d.sampleCells(s.head, s.whole); bad == 0 && sameWidth(rows) {
			return comma
		}
	}
	return ','
}

// sameWidth reports whether there are several rows of as many cells, and more
// than one.
func sameWidth(rows [][]string) bool {
	if len(rows) < 2 || len(rows[0]) < 2 {
		return false
	}
	for _, r := range rows {
		if len(r) != len(rows[0]) {
			return false
		}
	}
	return true
}

// quoting decides whether cells are quoted, by the start of the file.
//
// Values separated by commas are, unless there are cells that begin with a
// quote and not one of them is a well-formed quoted cell. Values separated by
// anything else are only if every cell that begins with a quote is well-formed
// and quotes are of use: a quoted cell holds the separator, a newline or a
// quote, or every cell that is not a number is quoted.
func quoting(comma byte, head []byte, whole bool) bool {
	d := dialect{comma: comma, quoted: true}
	_, raws, bad := d.sampleCells(head, whole)
	var s quoteCount
	for _, raw := range raws {
		s.add(d, raw)
	}
	if comma == ',' {
		return s.quoted > 0 || bad == 0
	}
	return bad == 0 && s.quoted > 0 && (s.needed > 0 || s.plain == 0)
}

// quoteCount counts the cells of a sample.
type quoteCount struct {
	quoted int // in quotes
	needed int // of these, those that need them
	plain  int // not in quotes, not empty and no number
}

func (s *quoteCount) add(d dialect, raw []byte) {
	for more := true; more; {
		if len(raw) > 0 && raw[0] == '"' {
			var cell string
			cell, raw, more = d.quotedCell(raw[1:])
			s.quoted++
			if strings.ContainsAny(cell, "\n\""+string(rune(d.comma))) {
				s.needed++
			}
			continue
		}
		cell, rest, found := bytes.Cut(raw, []byte{d.comma})
		if raw, more = rest, found; len(cell) > 0 && !isNumber(text(cell)) {
			s.plain++
		}
	}
}

// columnNames are names by which a first row is known to be a header, in lower
// case: those of the columns that data sets for language models usually have.
var columnNames = map[string]bool{
	"id": true, "text": true, "content": true, "prompt": true, "completion": true, "response": true, "instruction": true,
	"input": true, "inputs": true, "output": true, "outputs": true, "target": true, "targets": true, "question": true, "answer": true,
	"query": true, "label": true, "labels": true, "category": true, "context": true, "source": true, "system": true, "title": true,
	"url": true, "document": true, "summary": true, "dialogue": true, "messages": true, "conversations": true, "role": true,
	"chosen": true, "rejected": true, "score": true, "language": true, "lang": true, "license": true, "type": true, "note": true,
}

// maxNameLen is the length of the longest column name that is taken for one
// without being told.
const maxNameLen = 40

// hasHeader decides whether the first row names the columns.
//
// It does if its cells could be names: different from each other, at most 40
// bytes and four words, no number, made of letters, digits, spaces and _ - . /
// # : ( ), none empty but the first; if no cell stands again in its column; and
// if one cell is a usual column name, or there are three other rows at least
// and a column whose cells in all of them could not be names.
func hasHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	first, others := rows[0], rows[1:]
	seen := map[string]bool{}
	known := false
	for i, c := range first {
		if seen[c] || !couldBeName(c) && (i > 0 || c != "") {
			return false
		}
		seen[c] = true
		known = known || columnNames[strings.ToLower(strings.TrimSpace(c))]
		for _, o := range others {
			if i < len(o) && o[i] == c && c != "" {
				return false
			}
		}
	}
	if known || len(others) < 3 {
		return known
	}
	for i := range first {
		unlike := true
		for _, o := range others {
			unlike = unlike && i < len(o) && !couldBeName(o[i])
		}
		if unlike {
			return true
		}
	}
	return false
}

func couldBeName(s string) bool {
	if len(s) > maxNameLen || isNumber(s) || len(strings.Fields(s)) > 4 {
		return false
	}
	letter := false
	for _, c := range s {
		switch {
		case unicode.IsLetter(c):
			letter = true
		case unicode.IsDigit(c), unicode.IsMark(c), strings.ContainsRune(" _-./#:()", c):
		default:
			return false
		}
	}
	return letter
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil
}

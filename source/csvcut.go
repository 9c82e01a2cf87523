package source

import (
	"bytes"
	"fmt"
)

// dialect is how a file of separated values is written.
type dialect struct {
	comma    byte
	quoted   bool // cells may be quoted as in RFC 4180; otherwise quotes are text
	unescape bool // the two characters \n stand for a newline
}

// csvCutter cuts separated values into rows. Row numbers count data rows; blank
// lines are none.
//
// A row with a quote where none may be is an error, and so is one with a cell
// whose quote is never closed. In the second case the row ends with the line on
// which the cell was opened, and the next row begins behind that line: a
// missing quote costs one row and not the rest of the file.
type csvCutter struct {
	w   *window
	d   dialect
	num int64
}

func (c *csvCutter) cut() (row, bool, error) {
	for {
		r, ok := c.next()
		if !ok {
			return row{}, false, c.w.fault()
		}
		if r.err == nil && len(r.raw) == 0 {
			continue
		}
		r.num = c.num
		c.num++
		return r, true, nil
	}
}

func (c *csvCutter) next() (row, bool) {
	if !c.d.quoted {
		return c.w.line(0)
	}
	var s csvScan
	i := 0
	for {
		d := c.w.rest()
		i = s.next(d[:min(len(d), c.w.max+1)], i, c.d.comma)
		switch {
		case s.state == csvRowEnd:
			return c.w.trimmed(i, 1), true
		case s.state == csvBare || s.state == csvJunk:
			return c.bad(s, i)
		case i > c.w.max && s.inQuotes():
			return c.bad(s, i)
		case i > c.w.max:
			return c.w.line(i)
		}
		if c.w.fill(&i) {
			continue
		}
		if c.w.fault() != nil || len(c.w.rest()) == 0 {
			return row{}, false
		}
		if s.state == csvQuoted {
			return c.bad(s, i)
		}
		n, gap := len(c.w.rest()), 0
		if c.w.rest()[n-1] == '\r' {
			n, gap = n-1, 1
		}
		return c.w.take(n, gap), true
	}
}

// bad cuts off a row that the scan s, having come to i, found at fault.
func (c *csvCutter) bad(s csvScan, i int) (row, bool) {
	opened, here := c.w.offset()+int64(s.open), c.w.offset()+int64(i)
	var err error
	from := s.open
	switch {
	case s.state == csvBare:
		from = i
		err = fmt.Errorf("a quote at byte %d inside of a cell that does not begin with one", here)
	case s.state == csvJunk:
		err = fmt.Errorf("the cell quoted from byte %d on goes on behind its closing quote at byte %d", opened, here-1)
	case i > c.w.max:
		err = fmt.Errorf("the cell quoted from byte %d on has no closing quote within the %d bytes that the option max_row allows", opened, c.w.max)
	default:
		err = fmt.Errorf("the cell quoted from byte %d on has no closing quote", opened)
	}
	r, ok := c.w.line(from)
	r.err = fmt.Errorf("%w; where quotes are plain text, set the option csv.quotes to %q", err, QuotesNone)
	return r, ok
}

// csvScan finds the end of one row of quoted values in text that comes in
// pieces. The zero value stands before a row.
type csvScan struct {
	state csvState
	open  int // offset of the quote that opened the last quoted cell
}

type csvState uint8

const (
	csvCell   csvState = iota // before a cell
	csvPlain                  // inside a cell without quotes
	csvQuoted                 // inside a quoted cell
	csvQuote                  // behind a quote in it
	csvReturn                 // behind that and a carriage return
	csvRowEnd                 // at the newline that ends the row
	csvBare                   // at a quote inside a cell without quotes
	csvJunk                   // at what follows a closing quote
)

func (s *csvScan) inQuotes() bool { return s.state == csvQuoted || s.state == csvQuote }

// next goes on at d[i] and returns where it stopped.
func (s *csvScan) next(d []byte, i int, comma byte) int {
	if s.state == csvCell && i == 0 { // most rows have no quotes
		if n := bytes.IndexByte(d, '\n'); n >= 0 && bytes.IndexByte(d[:n], '"') < 0 {
			s.state = csvRowEnd
			return n
		}
	}
	for i < len(d) {
		if s.state == csvQuoted {
			n := bytes.IndexByte(d[i:], '"')
			if n < 0 {
				return len(d)
			}
			i += n + 1
			s.state = csvQuote
			continue
		}
		if s.step(d[i], i, comma); s.state >= csvRowEnd {
			return i
		}
		i++
	}
	return i
}

// step takes the byte c at i, outside of quotes.
func (s *csvScan) step(c byte, i int, comma byte) {
	switch {
	case c == '\n':
		s.state = csvRowEnd
	case s.state == csvReturn:
		s.state = csvJunk
	case c == '"':
		switch s.state {
		case csvCell:
			s.state, s.open = csvQuoted, i
		case csvQuote: // two quotes stand for one
			s.state = csvQuoted
		default:
			s.state = csvBare
		}
	case c == comma:
		s.state = csvCell
	case s.state == csvQuote && c == '\r':
		s.state = csvReturn
	case s.state == csvQuote:
		s.state = csvJunk
	default:
		s.state = csvPlain
	}
}

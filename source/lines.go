package source

import (
	"bytes"
)

// cutter cuts a file into rows, one after the other. After the last one ok is
// false and err the final error of the file, nil where all was well.
type cutter interface {
	cut() (r row, ok bool, err error)
}

// lineCutter cuts at newlines. Row numbers count physical lines.
type lineCutter struct {
	w     *window
	num   int64
	blank bool // blank lines are rows too
}

func (c *lineCutter) cut() (row, bool, error) {
	for {
		r, ok := c.w.line(0)
		if !ok {
			return row{}, false, c.w.fault()
		}
		r.num = c.num
		c.num++
		if r.err != nil || c.blank || len(bytes.TrimSpace(r.raw)) > 0 {
			return r, true, nil
		}
	}
}

// line cuts the line off of which i bytes are known to hold no end, without its
// "\n" or "\r\n". A line that a fault of the file cuts short is none.
func (w *window) line(i int) (row, bool) {
	for {
		d := w.rest()
		if n := bytes.IndexByte(d[i:], '\n'); n >= 0 {
			return w.trimmed(i+n, 1), true
		}
		i = len(d)
		if w.fill(&i) {
			continue
		}
		if w.fault() != nil || len(w.rest()) == 0 && !w.passing {
			return row{}, false
		}
		return w.trimmed(len(w.rest()), 0), true
	}
}

// trimmed is take for a line that may end in a carriage return.
func (w *window) trimmed(n, gap int) row {
	if d := w.rest(); n > 0 && gap > 0 && d[n-1] == '\r' {
		return w.take(n-1, gap+1)
	}
	return w.take(n, gap)
}

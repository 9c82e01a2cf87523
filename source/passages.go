package source

import "bytes"

// separatorCutter cuts at a separator, which it drops. White space behind the
// last one is no row.
type separatorCutter struct {
	w   *window
	sep []byte
	num int64
}

func (c *separatorCutter) cut() (row, bool, error) {
	i := 0
	for {
		d := c.w.rest()
		if n := bytes.Index(d[i:], c.sep); n >= 0 {
			return c.number(c.w.take(i+n, len(c.sep))), true, nil
		}
		i = max(i, len(d)-len(c.sep)+1) // what follows may begin a separator
		if !c.w.fill(&i) {
			break
		}
	}
	if err := c.w.fault(); err != nil {
		return row{}, false, err
	}
	if d := c.w.rest(); c.w.passing || len(bytes.TrimSpace(d)) > 0 {
		return c.number(c.w.take(len(d), 0)), true, nil
	}
	return row{}, false, nil
}

func (c *separatorCutter) number(r row) row {
	r.num = c.num
	c.num++
	return r
}

// paragraphCutter cuts at blank lines, those of white space only. A paragraph
// ends before the line end of its last line.
type paragraphCutter struct {
	w   *window
	num int64
}

func (c *paragraphCutter) cut() (row, bool, error) {
	var i, end int // scanned; end of the last line that is not blank
	begun, blank := false, true
	for {
		d := c.w.rest()
		n := bytes.IndexByte(d[i:], '\n')
		line := d[i:]
		if n >= 0 {
			line = d[i : i+n]
		}
		blank = blank && len(bytes.TrimSpace(line)) == 0
		i += len(line)
		if !blank {
			begun, end = true, i
		}
		switch {
		case n >= 0 && blank && begun:
			return c.take(end, i+1), true, nil
		case n >= 0 && blank:
			c.w.skip(i + 1)
			i, end = 0, 0
		case n >= 0:
			i++
			blank = true
		default:
			before := i
			if c.w.fill(&i) {
				end = max(0, end-(before-i))
				continue
			}
			if err := c.w.fault(); err != nil || !begun {
				return row{}, false, err
			}
			return c.take(end, i), true, nil
		}
	}
}

// take cuts off the paragraph that ends at end, of which next is the next one's
// first byte.
func (c *paragraphCutter) take(end, next int) row {
	if d := c.w.rest(); end > 0 && d[end-1] == '\r' {
		end--
	}
	r := c.w.take(end, next-end)
	r.num = c.num
	c.num++
	return r
}

// fileCutter makes one row of all of a file, if there is anything in it.
type fileCutter struct{ w *window }

func (c *fileCutter) cut() (row, bool, error) {
	i := len(c.w.rest())
	for c.w.fill(&i) {
		i = len(c.w.rest())
	}
	if err := c.w.fault(); err != nil {
		return row{}, false, err
	}
	if len(c.w.rest()) == 0 && !c.w.passing {
		return row{}, false, nil
	}
	return c.w.take(len(c.w.rest()), 0), true, nil
}

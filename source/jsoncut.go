package source

import (
	"errors"
	"fmt"
)

// jsonCutter cuts a file of JSON values that are not one a line: the elements
// of an array, or values one behind the other. Row numbers count them. An error
// of cut is one of the structure, behind which rows can no longer be told
// apart; what is wrong inside of a value is found by who decodes it.
type jsonCutter struct {
	w     *window
	box   *jsonBox // the objects around the array, nil where there are none
	array bool     // inside an array, otherwise between values without one
	first bool     // in front of the first element
	done  bool
	num   int64
}

// newJSONCutter starts at the first value, an array where there is one. A box
// is given where the array is inside of an object.
func newJSONCutter(w *window, box *jsonBox) *jsonCutter {
	c := &jsonCutter{w: w, box: box}
	if b, ok := w.nextByte(); ok && b == '[' && box == nil {
		w.skip(1)
		c.array, c.first = true, true
	}
	return c
}

var errMissingElement = errors.New("an element is missing in front of this comma or bracket")

func (c *jsonCutter) cut() (row, bool, error) {
	if c.box != nil && !c.array && !c.done {
		found, err := c.box.next()
		if !found {
			c.done = true
			return row{}, false, err
		}
		c.array, c.first = true, true
	}
	if !c.done {
		more, err := c.advance()
		if err != nil || !more {
			c.done = true
			return row{}, false, err
		}
		r, err := c.w.value()
		if err == nil {
			r.num = c.num
			c.num++
			return r, true, nil
		}
		c.done = true
		return row{}, false, err
	}
	return row{}, false, nil
}

// advance moves to the next element, behind the comma in front of it. At the
// end more is false.
func (c *jsonCutter) advance() (more bool, err error) {
	b, ok := c.w.nextByte()
	switch {
	case !ok && c.array:
		return false, c.w.broken("the array is not closed")
	case !ok:
		return false, c.w.fault()
	case !c.array:
		if b == ',' || b == ':' || b == ']' || b == '}' {
			return false, c.w.broken(fmt.Sprintf("unexpected %q between two values", b))
		}
		return true, nil
	case b == ']':
		c.w.skip(1)
		return false, c.close()
	case c.first:
		c.first = false
		return true, nil
	case b == ',':
		c.w.skip(1)
		if _, ok := c.w.nextByte(); !ok {
			return false, c.w.broken("the array is not closed")
		}
		return true, nil
	}
	return false, c.w.broken(fmt.Sprintf("unexpected %q, want ',' or ']' behind an element of the array", b))
}

// close checks what follows the array.
func (c *jsonCutter) close() error {
	if c.box != nil {
		_, err := c.box.next()
		return err
	}
	return c.w.nothingElse("the array")
}

// value cuts the JSON value at the start of rest off.
func (w *window) value() (row, error) {
	if b := w.rest()[0]; b == ',' || b == ']' {
		return row{off: w.offset(), err: errMissingElement}, nil
	}
	var s jsonScan
	i := 0
	for {
		end, state := s.next(w.rest(), i)
		if state == scanDone {
			return w.take(end, 0), nil
		}
		if state == scanBroken {
			return row{}, w.brokenAt(end, fmt.Sprintf("%q closes a bracket that was not opened", w.rest()[end]))
		}
		i = end
		if w.fill(&i) {
			continue
		}
		if s.scalar && w.fault() == nil {
			return w.take(len(w.rest()), 0), nil
		}
		return row{}, w.unfinished("a value", w.rowStart())
	}
}

// pastValue moves behind the value at the start of rest, of which s has seen
// what is in front of it, and keeps nothing of it.
func (w *window) pastValue(s jsonScan) error {
	start := w.offset()
	w.pass()
	i := 0
	for {
		end, state := s.next(w.rest(), i)
		switch state {
		case scanDone:
			w.skip(end)
			return nil
		case scanBroken:
			return w.brokenAt(end, fmt.Sprintf("%q closes a bracket that was not opened", w.rest()[end]))
		}
		i = end
		if !w.fill(&i) {
			return w.unfinished("a value", start)
		}
	}
}

// nextByte skips white space and returns the byte behind it, false at the end.
func (w *window) nextByte() (byte, bool) {
	for {
		d := w.rest()
		n := 0
		for n < len(d) && (d[n] == ' ' || d[n] == '\n' || d[n] == '\r' || d[n] == '\t') {
			n++
		}
		w.skip(n)
		if n < len(d) {
			return d[n], true
		}
		if i := 0; !w.fill(&i) {
			return 0, false
		}
	}
}

// nothingElse checks that only white space follows.
func (w *window) nothingElse(behind string) error {
	if b, more := w.nextByte(); more {
		return w.broken(fmt.Sprintf("unexpected %q behind %s", b, behind))
	}
	return w.fault()
}

// rowStart returns the offset in the file of the row being cut.
func (w *window) rowStart() int64 {
	if w.passing {
		return w.start
	}
	return w.offset()
}

// broken returns the error of a file whose structure ends where the window
// stands, unless the bytes themselves ended in a fault.
func (w *window) broken(reason string) error { return w.brokenAt(0, reason) }

func (w *window) brokenAt(i int, reason string) error {
	if err := w.fault(); err != nil && i == len(w.rest()) {
		return err
	}
	return fmt.Errorf("byte %d: %s", w.offset()+int64(i), reason)
}

// unfinished returns the error of a file that ends inside of something.
func (w *window) unfinished(what string, start int64) error {
	if err := w.fault(); err != nil {
		return err
	}
	return fmt.Errorf("byte %d: the file ends inside of %s that starts at byte %d", w.offset()+int64(len(w.rest())), what, start)
}

package parquetrows

import (
	"fmt"
	"unsafe"

	"github.com/parquet-go/parquet-go"

	"github.com/datamix-go/datamix"
)

// assembler puts rows together again from the values of their columns.
type assembler struct {
	o       *Options
	columns []*node
	cursors []*cursor
	fields  []datamix.Field

	arena *datamix.Arena
	slab  []byte // values of the records of arena
	bad   error  // what makes the row at hand a bad one
}

// row returns the next row as a record, or as the error of a bad row. err is
// final.
func (a *assembler) row(number int64) (r *datamix.Record, rowErr, err error) {
	defer recovered(&err, "damaged page")
	if a.arena == nil || cap(a.slab)-len(a.slab) < blockSize/8 {
		a.arena, a.slab = &datamix.Arena{}, make([]byte, 0, blockSize)
	}
	origin := datamix.Origin{Path: a.o.Path, Row: number, Offset: -1}
	a.bad = nil
	for i, n := range a.columns {
		if err := a.aligned(n); err != nil {
			return nil, nil, err
		}
		f, err := a.field(n)
		if err != nil {
			return nil, nil, err
		}
		a.fields[i] = f
	}
	if a.bad == nil {
		r, a.bad = a.arena.Row(a.fields, origin)
	}
	if a.bad != nil {
		return nil, &datamix.RecordError{Stage: "read", Origin: origin, Err: a.bad}, nil
	}
	return r, nil, nil
}

// aligned checks that every leaf of a column stands at the start of a row: where
// one does not, the columns of the file contradict each other.
func (a *assembler) aligned(n *node) error {
	for _, c := range a.cursors[n.first:n.last] {
		v := c.peek()
		if v == nil {
			return c.fault()
		}
		if v.RepetitionLevel() != 0 {
			return fmt.Errorf("column %s: damaged: more values than fit its neighbours", c.path)
		}
	}
	return nil
}

// skip passes over the next row.
func (a *assembler) skip() (err error) {
	defer recovered(&err, "damaged page")
	for _, n := range a.columns {
		for _, c := range a.cursors[n.first:n.last] {
			if c.peek() == nil {
				return c.fault()
			}
			c.take()
			for v := c.peek(); v != nil && v.RepetitionLevel() > 0; v = c.peek() {
				c.take()
			}
		}
	}
	return nil
}

// field returns the next value of a top-level column.
func (a *assembler) field(n *node) (datamix.Field, error) {
	start := len(a.slab)
	if n.text {
		c := a.cursors[n.first]
		v := c.peek()
		if v.DefinitionLevel() < n.def {
			c.take()
			return datamix.JSONField(n.name, "null"), nil
		}
		s, err := textOf(v)
		if err != nil {
			a.fail(n, err)
		} else {
			a.slab = append(a.slab, s...)
		}
		c.take()
		return datamix.TextField(n.name, a.since(start)), nil
	}
	present, err := a.value(n)
	if err != nil {
		return datamix.Field{}, err
	}
	if !present {
		a.slab = a.slab[:start]
		return datamix.JSONField(n.name, "null"), nil
	}
	return datamix.JSONField(n.name, a.since(start)), nil
}

// since returns what was appended to the slab from start on. Nothing overwrites
// it later: the slab only grows, or is replaced.
func (a *assembler) since(start int) string {
	b := a.slab[start:]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// fail makes the row at hand a bad one.
func (a *assembler) fail(n *node, err error) {
	if a.bad == nil {
		a.bad = fmt.Errorf("column %q: %w", n.name, err)
	}
}

// value appends the next value of n to the slab as JSON; false stands for null,
// for which nothing is appended.
func (a *assembler) value(n *node) (present bool, err error) {
	c := a.cursors[n.first]
	v := c.peek()
	if v == nil {
		return false, c.fault()
	}
	if v.DefinitionLevel() < n.def {
		return false, a.takeAll(n)
	}
	switch n.kind {
	case leafKind:
		dst, err := n.convert(a.slab, v)
		if err != nil {
			a.fail(n, err)
		}
		a.slab = dst
		c.take()
		return true, nil
	case structKind:
		return true, a.object(n)
	case listKind:
		return true, a.repeat(n, v, '[', ']', a.element)
	default:
		return true, a.repeat(n, v, '{', '}', a.entry)
	}
}

// takeAll passes over one value of each leaf of n: what a null or an empty list
// leaves there.
func (a *assembler) takeAll(n *node) error {
	for _, c := range a.cursors[n.first:n.last] {
		if c.peek() == nil {
			return c.fault()
		}
		c.take()
	}
	return nil
}

func (a *assembler) object(n *node) error {
	a.slab = append(a.slab, '{')
	empty := true
	for _, m := range n.children {
		before := len(a.slab)
		if !empty {
			a.slab = append(a.slab, ',')
		}
		a.slab = append(a.slab, m.key...)
		present, err := a.value(m)
		if err != nil {
			return err
		}
		if !present {
			a.slab = a.slab[:before]
			continue
		}
		empty = false
	}
	a.slab = append(a.slab, '}')
	return nil
}

// repeat appends what a list or a map holds. v is the value at hand.
func (a *assembler) repeat(n *node, v *parquet.Value, open, end byte, one func(*node) error) error {
	a.slab = append(a.slab, open)
	if v.DefinitionLevel() < n.some {
		a.slab = append(a.slab, end)
		return a.takeAll(n)
	}
	c := a.cursors[n.first]
	for first := true; ; first = false {
		if !first {
			a.slab = append(a.slab, ',')
		}
		if err := one(n); err != nil {
			return err
		}
		if v := c.peek(); v == nil || v.RepetitionLevel() < n.rep {
			a.slab = append(a.slab, end)
			return nil
		}
	}
}

func (a *assembler) element(n *node) error {
	present, err := a.value(n.children[0])
	if !present {
		a.slab = append(a.slab, "null"...)
	}
	return err
}

// entry appends one pair of a map. Keys that are not text are put in quotes.
func (a *assembler) entry(n *node) error {
	start := len(a.slab)
	present, err := a.value(n.children[0])
	if err != nil {
		return err
	}
	switch {
	case !present:
		a.fail(n, fmt.Errorf("a map with a key that is null"))
	case len(a.slab) > start && a.slab[start] != '"':
		a.slab = append(a.slab, 0, '"')
		copy(a.slab[start+1:], a.slab[start:len(a.slab)-2])
		a.slab[start] = '"'
	}
	a.slab = append(a.slab, ':')
	if present, err = a.value(n.children[1]); !present {
		a.slab = append(a.slab, "null"...)
	}
	return err
}

package parquetrows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// valuesAtOnce is the number of values that a cursor asks a page for.
const valuesAtOnce = 512

// heavyShare is the part of a row group's bytes from which on a column is read
// ahead on a goroutine of its own, if it also has heavyBytes. It bounds the
// goroutines, and with them the pages in memory, by its inverse.
const (
	heavyShare = 1.0 / 16
	heavyBytes = 1 << 20 // about one page
)

// errShort says that a column ends before the row group does.
var errShort = errors.New("damaged: fewer values than rows")

// cursor walks the values of one leaf of one row group.
type cursor struct {
	path   string
	next   func() (parquet.Page, error) // io.EOF at the end
	start  func()                       // begins to read ahead before the first next; nil where nothing is
	close  func()
	page   parquet.Page
	values parquet.ValueReader
	buf    []parquet.Value
	at     int // in buf
	err    error
}

// openCursors returns a cursor for each leaf of the columns, at its place in
// the row group.
func openCursors(ctx context.Context, g parquet.RowGroup, meta []format.ColumnChunk, columns []*node) []*cursor {
	chunks := g.ColumnChunks()
	cursors := make([]*cursor, len(chunks))
	var whole int64
	each(columns, func(leaf int) { whole += meta[leaf].MetaData.TotalUncompressedSize })
	each(columns, func(leaf int) {
		m := &meta[leaf].MetaData
		p := &pages{chunk: chunks[leaf], meta: m}
		c := &cursor{path: strings.Join(m.PathInSchema, "."), buf: make([]parquet.Value, 0, valuesAtOnce)}
		if b := m.TotalUncompressedSize; b >= heavyBytes && float64(b) >= heavyShare*float64(whole) {
			ahead := readAhead(ctx, p)
			c.next, c.start, c.close = ahead.next, ahead.start, ahead.stop
		} else {
			c.next, c.close = p.read, p.close
		}
		cursors[leaf] = c
	})
	return cursors
}

func each(columns []*node, f func(leaf int)) {
	for _, n := range columns {
		for leaf := n.first; leaf < n.last; leaf++ {
			f(leaf)
		}
	}
}

func closeCursors(cursors []*cursor) {
	for _, c := range cursors {
		if c != nil {
			c.drop()
			c.close()
		}
	}
}

// pages reads the pages of a column chunk. It opens the chunk with the first.
type pages struct {
	chunk parquet.ColumnChunk
	meta  *format.ColumnMetaData
	open  parquet.Pages
}

func (p *pages) read() (page parquet.Page, err error) {
	defer recovered(&err, "damaged page")
	if p.open == nil {
		if err := checkHeaders(p.chunk, p.meta); err != nil {
			return nil, err
		}
		p.open = p.chunk.Pages()
	}
	return p.open.ReadPage()
}

func (p *pages) close() {
	if p.open != nil {
		_ = p.open.Close() // it only gives back memory
	}
}

// peek returns the value at hand, nil at the end or after an error, which is in
// c.err. It is valid until the next call of peek after a take.
func (c *cursor) peek() *parquet.Value {
	if c.at < len(c.buf) {
		return &c.buf[c.at]
	}
	if c.err == nil {
		c.err = c.fill()
	}
	if c.at < len(c.buf) {
		return &c.buf[c.at]
	}
	return nil
}

// take passes over the value at hand.
func (c *cursor) take() { c.at++ }

// fill reads more values. The error is io.EOF at the end of the chunk.
func (c *cursor) fill() (err error) {
	defer recovered(&err, "damaged page")
	c.at, c.buf = 0, c.buf[:0]
	for {
		if c.values == nil {
			page, err := c.next()
			if err != nil {
				return err
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.buf[:cap(c.buf)])
		c.buf = c.buf[:n]
		if n > 0 {
			return nil // an end shows again at the next call
		}
		if !errors.Is(err, io.EOF) {
			if err == nil {
				err = io.ErrNoProgress
			}
			return err
		}
		c.drop()
	}
}

// drop gives the page back.
func (c *cursor) drop() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.values = nil, nil
}

// fault returns why there is no value where there should be one.
func (c *cursor) fault() error {
	err := c.err
	if err == nil || errors.Is(err, io.EOF) {
		err = errShort
	}
	return fmt.Errorf("column %s: %w", c.path, err)
}

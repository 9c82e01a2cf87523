package parquetrows

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

var errRuns = errors.New("its runs of levels or dictionary indexes are not what their lengths say")

// checkRuns refuses a data page whose runs of levels or of dictionary indexes
// claim more values than the page has: the Parquet library makes room for what a
// run claims, up to some gigabytes. body is where the page's bytes begin. Pages
// without a dictionary whose levels are compressed (version 1) are not looked
// at: that would take as long as reading them.
func checkRuns(r io.ReaderAt, body int64, h *format.PageHeader, leaf *parquet.Column, codec format.CompressionCodec) error {
	if leaf == nil {
		return nil
	}
	p := runs{values: int64(h.DataPageHeader.V.NumValues), rep: width(leaf.MaxRepetitionLevel()), def: width(leaf.MaxDefinitionLevel())}
	packed := codec != format.Uncompressed
	switch {
	case h.DataPageHeaderV2.Valid:
		v := &h.DataPageHeaderV2.V
		p.values = int64(v.NumValues)
		levels := int64(v.RepetitionLevelsByteLength) + int64(v.DefinitionLevelsByteLength)
		if v.RepetitionLevelsByteLength < 0 || v.DefinitionLevelsByteLength < 0 || levels > int64(h.CompressedPageSize) {
			return errRuns
		}
		b, err := readRange(r, body, levels)
		if err != nil || !runsFit(b[:v.RepetitionLevelsByteLength], p.rep, p.values) || !runsFit(b[v.RepetitionLevelsByteLength:], p.def, p.values) {
			return errors.Join(err, errRuns)
		}
		if !indexed(v.Encoding) {
			return nil
		}
		packed = packed && (!v.IsCompressed.Valid || v.IsCompressed.V)
		return p.dictionary(r, body+levels, int64(h.CompressedPageSize)-levels, packed, codec)
	case !h.DataPageHeader.Valid:
		return nil
	case indexed(h.DataPageHeader.V.Encoding):
		p.within = true
		return p.dictionary(r, body, int64(h.CompressedPageSize), packed, codec)
	case packed:
		return nil
	}
	b, err := readRange(r, body, int64(h.CompressedPageSize))
	if err == nil {
		_, err = p.levels(b)
	}
	return err
}

// runs are those of one data page.
type runs struct {
	values   int64
	rep, def int  // bits of a level
	within   bool // the levels stand before the indexes, each with its length
}

// dictionary checks a page's indexes, and the levels before them.
func (p runs) dictionary(r io.ReaderAt, at, size int64, packed bool, codec format.CompressionCodec) error {
	b, err := readRange(r, at, size)
	if err != nil {
		return err
	}
	if packed {
		if b, err = parquet.LookupCompressionCodec(codec).Decode(nil, b); err != nil {
			return nil // reading the page says so in its own words
		}
	}
	if p.within {
		if b, err = p.levels(b); err != nil {
			return err
		}
	}
	if len(b) > 0 && !runsFit(b[1:], int(b[0]), p.values) {
		return errRuns
	}
	return nil
}

// levels checks the levels of a page of version 1, and returns what is behind.
func (p runs) levels(b []byte) ([]byte, error) {
	for _, bits := range []int{p.rep, p.def} {
		if bits == 0 {
			continue
		}
		if len(b) < 4 {
			return nil, errRuns
		}
		n := int64(binary.LittleEndian.Uint32(b))
		if n > int64(len(b)-4) || !runsFit(b[4:4+n], bits, p.values) {
			return nil, errRuns
		}
		b = b[4+n:]
	}
	return b, nil
}

func width(level int) int { return bits.Len(uint(level)) }

// indexed reports whether a data page has dictionary indexes.
func indexed(e format.Encoding) bool {
	const old = format.PlainDictionary //nolint:staticcheck // what old writers call it
	return e == old || e == format.RLEDictionary
}

func readRange(r io.ReaderAt, at, size int64) ([]byte, error) {
	b := make([]byte, size)
	if n, err := r.ReadAt(b, at); n < len(b) {
		return nil, fmt.Errorf("cannot read it: %w", err)
	}
	return b, nil
}

// runsFit reports whether the runs in b, in Parquet's hybrid of run lengths and
// packed bits, have at most so many values, but for those that fill up the last
// packed eight. Source: parquet-format, Encodings.md, RLE.
func runsFit(b []byte, width int, values int64) bool {
	const eight = 8
	var sum uint64
	for len(b) > 0 {
		head, n := binary.Uvarint(b)
		if n <= 0 {
			return false
		}
		b = b[n:]
		count, size := head>>1, uint64(width+eight-1)/eight
		if head&1 == 1 {
			size = count * uint64(width)
			count *= eight
		}
		if count > uint64(values)+eight || size > uint64(len(b)) {
			return false
		}
		b = b[size:]
		sum += count
	}
	return sum < uint64(values)+eight
}

// leafOf returns the leaf column with an index, nil if there is none.
func leafOf(c *parquet.Column, index int) *parquet.Column {
	if c.Leaf() {
		if c.Index() == index {
			return c
		}
		return nil
	}
	for _, child := range c.Columns() {
		if leaf := leafOf(child, index); leaf != nil {
			return leaf
		}
	}
	return nil
}
